"""Trial content: invented forums, and texts imported from a file."""
