"""A sealed Whoosh index for each circle, and how posts are ranked in it."""
