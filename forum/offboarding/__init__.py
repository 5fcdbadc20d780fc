"""Going well: with one's words, from a circle, or for good."""
