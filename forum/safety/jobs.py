"""Clocked work on requests: see services.settle."""

from forum.core.db import unit_of_work
from forum.safety import queries, services


def settle() -> int:
    """Settle what is due; returns the number of rows deleted. Without rows nothing is written."""
    if not queries.rows():
        return 0
    with unit_of_work():
        return services.settle()
