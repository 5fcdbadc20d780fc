"""The programme lead's pages: beginning, inviting, keeping the service running; no content."""
