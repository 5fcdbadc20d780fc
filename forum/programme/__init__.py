"""Programme lead's pages: set-up, invitations, running of the service; no content."""
