"""Tamper-evident logs of actions in a circle or in the service."""
