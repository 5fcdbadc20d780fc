"""Clocked work on requests: see services.settle."""

from forum.core.db import unit_of_work
from forum.core.fences import fence
from forum.safety import queries, services

NAME = "safety.settled"


def settle() -> int:
    """Settle what is due, each row apart; returns the number of rows deleted. Where nothing is due,
    nothing is written."""
    due = [row.id for row, content in queries.readable(NAME) if services.is_due(content)]
    gone = 0
    for row_id in due:
        with fence(NAME), unit_of_work():
            gone += services.settle(row_id)
    return gone
