"""Measurements, on throw-away instances."""
