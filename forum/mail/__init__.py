"""Outgoing emails: sealed until sent, then deleted."""
