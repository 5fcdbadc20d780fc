"""Guardians, and what they do when a life is at stake."""
