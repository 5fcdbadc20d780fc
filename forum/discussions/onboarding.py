"""The first steps of whoever is new in a circle, and of whoever has just opened one.

Nothing is kept of them: a step is done once what it asks for is there, and for members they end
with their first week. Only what the everyday name wrote counts. Were a hidden name to count too,
a screen that others look at would tell that its member wrote behind one.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import bindparam, exists, or_, select

from forum.authors.models import Author
from forum.authors.queries import everyday_keys
from forum.circles import invitations
from forum.core.db import db
from forum.discussions import read_marks
from forum.discussions.models import ReadMark, Reply, Thread
from forum.policy import may
from forum.policy.standing import Standing


class Step(StrEnum):
    """What somebody does first."""

    NAME = "name"
    READ = "read"
    HELLO = "hello"
    OPEN = "open"
    TELL = "tell"
    INVITE = "invite"


_NAMED = Author.holder_key.in_(bindparam("names", expanding=True))
_DONE = select(
    exists().where(_NAMED).label(Step.NAME),
    exists().where(ReadMark.reader.in_(bindparam("readers", expanding=True))).label(Step.READ),
    exists()
    .where(
        _NAMED,
        or_(
            exists().where(Thread.author_id == Author.id, ~Thread.withdrawn),
            exists().where(Reply.author_id == Author.id, ~Reply.withdrawn),
        ),
    )
    .label(Step.HELLO),
)


def first_steps(standing: Standing, to_read: Sequence[Thread]) -> dict[Step, bool]:
    """The steps in their order, and whether each is done; none once all are, or where none are due.

    to_read: the threads that the circle's page lists and that can be read. Costs one statement,
    however many they are.
    """
    steps: dict[Step, bool] = {}
    if may.see_invitations(standing) and standing.members == 1:
        steps = _of_a_founder(standing, to_read)
    elif not standing.settled:
        steps = _of_a_newcomer(standing, to_read)
    return {} if all(steps.values()) or not standing.writable else steps


def _of_a_founder(standing: Standing, to_read: Sequence[Thread]) -> dict[Step, bool]:
    invited = bool(invitations.pending(standing))
    return {Step.OPEN: True, Step.TELL: bool(to_read), Step.INVITE: invited}


def _of_a_newcomer(standing: Standing, to_read: Sequence[Thread]) -> dict[Step, bool]:
    readers = read_marks.readers(standing, [each.id for each in to_read])
    known = {"names": everyday_keys(standing), "readers": readers}
    done = db.session.execute(_DONE, known).one()
    steps = {Step.NAME: done.name, Step.READ: done.read, Step.HELLO: done.hello}
    if not to_read:
        del steps[Step.READ]
    return steps
