"""Data export, leaving a circle, deleting an account."""
