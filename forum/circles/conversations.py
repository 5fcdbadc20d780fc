"""One conversation: ends by itself unless all members keep it.

    talking --30 days after its last word--> resting --all press "Keep it"--> kept
                                                │
                                                └──30 days more──> gone, with its key

Resting and kept it is read only. A stored `closes_on` marks resting, `kept` keeping.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, func, select

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.models import Circle, ClosingVoice, Membership
from forum.core.clock import now
from forum.core.db import db
from forum.core.keys import key_ring
from forum.policy import may, require
from forum.policy.facts import Hand
from forum.policy.standing import Standing
from forum.policy.terms import CircleKind, Mark

RESTS_AFTER = timedelta(days=30)  # since its last word
GONE_AFTER = timedelta(days=60)  # since its last word
TO_KEEP = timedelta(days=30)  # in which it can be kept, at least: the worker may have stood still


class ConversationState(StrEnum):
    """State of one conversation, until its erasure."""

    TALKING = "talking"
    RESTING = "resting"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Ending:
    """State of one conversation, as seen by one member.

    on: last day on which a resting one can be read. mine: this member has pressed "Keep it".
    """

    state: ConversationState
    on: date | None
    mine: bool


def state(circle: Circle) -> ConversationState:
    """State of one conversation."""
    if circle.kept:
        return ConversationState.KEPT
    return ConversationState.RESTING if circle.closes_on else ConversationState.TALKING


def ending(standing: Standing) -> Ending:
    """State of one conversation for a member, without who else has pressed, or how many."""
    circle = queries.circle(standing)
    return Ending(
        state(circle), circle.closes_on, _mark(standing.hand, circle.id) in _voices(circle)
    )


def keep(standing: Standing) -> bool:
    """Press "Keep it"; returns True once all have. Pressed twice, it counts once, by the last too.

    Raises Forbidden while the conversation goes on.
    """
    lock_circle(standing.circle_id)
    circle = queries.circle(standing)
    if state(circle) is ConversationState.KEPT:
        return True
    require(may.keep_conversation(standing, resting=state(circle) is ConversationState.RESTING))
    mark = _mark(standing.hand, circle.id)
    if mark not in _voices(circle):
        db.session.add(ClosingVoice(circle_id=circle.id, mark=mark, asked_on=now().date()))
        db.session.flush()
    return _keep_if_all(circle)


def awake() -> list[UUID]:
    """Ids of conversations that go on talking."""
    talking = select(Circle.id).where(
        Circle.kind == CircleKind.ONE_OFF, Circle.closes_on.is_(None), ~Circle.kept
    )
    found = db.session.scalars(talking.order_by(Circle.id))
    return [each for each in found if key_ring().keeps(each)]


def rest(circle_id: UUID, last_word: datetime | None) -> bool:
    """Let a conversation rest if it is due; returns True if so.

    last_word: UTC; None where nobody wrote, and then the day of the latest joining counts. Days
    are counted in the circle's time zone, and the last one is whole.
    """
    lock_circle(circle_id)
    circle = db.session.get_one(Circle, circle_id, populate_existing=True)
    today = circle.today
    spoke = last_word.astimezone(circle.zone).date() if last_word else _joined(circle_id)
    if (
        state(circle) is not ConversationState.TALKING
        or spoke is None
        or today - spoke < RESTS_AFTER
    ):
        return False
    circle.closes_on = max(spoke + GONE_AFTER, today + TO_KEEP)
    on = circle.closes_on.isoformat()
    audit.note(circle_id, Deed.CLOSING_BEGUN, Actor.CLOCK, reason=on)
    return True


def is_kept_at_last(circle_id: UUID) -> bool:
    """Keep a conversation that is due to go if all who are in it today have pressed.

    Somebody who had not may have left meanwhile.
    """
    lock_circle(circle_id)
    circle = db.session.get_one(Circle, circle_id, populate_existing=True)
    is_one = circle.kind is CircleKind.ONE_OFF
    return is_one and state(circle) is ConversationState.RESTING and _keep_if_all(circle)


def _keep_if_all(circle: Circle) -> bool:
    hands = [hand for hand, _ in queries.hands(circle.id)]
    pressed = _voices(circle)
    if not hands or not all(_mark(hand, circle.id) in pressed for hand in hands):
        return False
    circle.closes_on, circle.kept = None, True
    db.session.execute(delete(ClosingVoice).filter_by(circle_id=circle.id))
    return True


def _voices(circle: Circle) -> set[bytes]:
    return set(db.session.scalars(select(ClosingVoice.mark).filter_by(circle_id=circle.id)))


def _mark(hand: Hand, circle_id: UUID) -> bytes:
    return hand.mark(Mark.VOICE, circle_id)


def _joined(circle_id: UUID) -> date | None:
    return db.session.scalar(
        select(func.max(Membership.joined_on)).filter_by(circle_id=circle_id, left_on=None)
    )
