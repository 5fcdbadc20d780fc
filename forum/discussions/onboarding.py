"""First steps of a new member, and of the founder of a new circle.

No progress is stored: a step is done once its result exists, and a member's steps end with their
first week. Only posts under the everyday name count. Counting masked posts would show onlookers
whether a member wrote behind a mask.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, exists, or_, select

from forum.authors.models import Author
from forum.authors.queries import everyday_keys
from forum.circles import invitations
from forum.core.db import db
from forum.discussions import read_marks
from forum.discussions.models import Post, ReadMark, Reply, Thread
from forum.policy import may
from forum.policy.standing import Standing


class Step(StrEnum):
    """First steps, by key."""

    NAME = "name"
    READ = "read"
    HELLO = "hello"
    OPEN = "open"
    TELL = "tell"
    INVITE = "invite"


_HERE: Any = bindparam("first_steps_of")  # a circle
_NAMED = (Author.circle_id == _HERE, Author.holder_key.in_(bindparam("names", expanding=True)))
_MARKED = (ReadMark.circle_id == _HERE, ReadMark.reader.in_(bindparam("readers", expanding=True)))


def _written(kind: type[Post]) -> tuple[ColumnElement[bool], ...]:
    """Conditions: a post under a name of the row around it, and not withdrawn."""
    by_them = kind.circle_id == Author.circle_id, kind.author_id == Author.id
    return *by_them, ~kind.withdrawn


DONE = (  # columns for a statement that a page runs anyhow: see first_steps
    exists().where(*_NAMED).label(Step.NAME),
    exists().where(*_MARKED).label(Step.READ),
    exists()
    .where(*_NAMED, or_(*(exists().where(*_written(kind)) for kind in (Thread, Reply))))
    .label(Step.HELLO),
)
_DONE = select(*DONE)


def first_steps(
    standing: Standing, to_read: Sequence[UUID], done: Row[Any] | None = None
) -> dict[Step, bool]:
    """Steps in order, and whether each is done; empty once all are done or none are due.

    to_read: ids of readable threads listed on the circle's page. done: DONE, as a row that was read
    already; else it costs a single statement, however many.
    """
    steps: dict[Step, bool] = {}
    if may.see_invitations(standing) and standing.members == 1:
        steps = _of_a_founder(standing, to_read)
    elif not standing.settled:
        steps = _of_a_newcomer(standing, to_read, done)
    return {} if all(steps.values()) or not standing.writable else steps


def _of_a_founder(standing: Standing, to_read: Sequence[UUID]) -> dict[Step, bool]:
    invited = bool(invitations.pending(standing))
    return {Step.OPEN: True, Step.TELL: bool(to_read), Step.INVITE: invited}


def known(standing: Standing, to_read: Sequence[UUID]) -> dict[str, Any]:
    """Values of DONE."""
    readers = read_marks.readers(standing, to_read)
    keys = {"names": everyday_keys(standing), "readers": readers}
    return {"first_steps_of": standing.circle_id, **keys}


def _of_a_newcomer(
    standing: Standing, to_read: Sequence[UUID], done: Row[Any] | None
) -> dict[Step, bool]:
    row = done or db.session.execute(_DONE, known(standing, to_read)).one()
    steps = {Step.NAME: row.name, Step.READ: row.read, Step.HELLO: row.hello}
    if not to_read:
        del steps[Step.READ]
    return steps
