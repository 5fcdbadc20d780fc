"""Closing a circle for all: asked by enough, read-only for a month, then its key is destroyed."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.audit.models import Entry
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.models import VOICE_LIFE, Circle, ClosingVoice
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.policy import may, require
from forum.policy.facts import Hand
from forum.policy.standing import Standing
from forum.policy.terms import Mark, Role

NOTICE = timedelta(days=30)  # from enough asking to the end


@dataclass(frozen=True, slots=True)
class Closing:
    """How it stands for one member.

    on: the day on which it closes; None: it does not. asked: whether anybody asks for the other
    state: to close, or to call that off. mine: whether this member does. may_ask: whether they
    may. may_call_off: whether they alone may call it off. by_moderators: whether a second
    moderator decides on closing, and not more than half of all.
    """

    on: date | None
    asked: bool
    mine: bool
    may_ask: bool
    may_call_off: bool
    by_moderators: bool


@dataclass(frozen=True, slots=True)
class Votes:
    """The voices that count, of the members of today in their roles of today."""

    marks: frozenset[bytes]
    moderators: int


def how_it_stands(standing: Standing) -> Closing:
    """How closing stands for a member. How many ask is told to nobody."""
    on, votes = queries.circle(standing).closes_on, _votes(standing)
    return Closing(
        on=on,
        asked=bool(votes.marks),
        mine=_mark(standing) in votes.marks,
        may_ask=may.vote_on_closing(standing, closing=on is not None),
        may_call_off=may.call_off_closing(standing, closing=on is not None),
        by_moderators=standing.moderators >= 2,
    )


def ask(standing: Standing) -> bool:
    """Ask that the circle be closed, or, where it closes, that this be called off; gives whether
    enough ask now. Raises Forbidden."""
    lock_circle(standing.circle_id)
    circle = queries.circle(standing)
    closing = circle.closes_on is not None
    require(may.vote_on_closing(standing, closing=closing))
    before, mark = _votes(standing), _mark(standing)
    if mark not in before.marks:
        db.session.execute(delete(ClosingVoice).where(ClosingVoice.mark == mark))  # one that aged
        voice = ClosingVoice(circle_id=standing.circle_id, mark=mark, asked_on=now().date())
        db.session.add(voice)
        db.session.flush()
        if not before.marks:
            _note(standing, Deed.CALLING_OFF_ASKED if closing else Deed.CLOSING_ASKED)
    votes, members = _votes(standing), queries.members(circle.id)
    moderators = queries.moderators(circle.id)
    if not may.decide_closing(moderators, members, len(votes.marks), votes.moderators):
        return False
    if closing:
        _call_off(standing)
    else:
        circle.closes_on = (now() + NOTICE).date()
        _drop_voices(standing.circle_id)
        _note(standing, Deed.CLOSING_BEGUN, reason=circle.closes_on.isoformat())
    return True


def take_back(standing: Standing) -> None:
    """Ask no longer."""
    db.session.execute(delete(ClosingVoice).where(ClosingVoice.mark == _mark(standing)))


def call_off(standing: Standing) -> None:
    """Have the circle go on, as a moderator. Raises Forbidden."""
    lock_circle(standing.circle_id)
    closing = queries.circle(standing).closes_on is not None
    require(may.call_off_closing(standing, closing=closing))
    _call_off(standing)


def begin_again() -> None:
    """Give every closing that a restored copy brings back its whole notice anew, since it may have
    been called off after the copy was made; the circle's log says so."""
    closing = db.session.scalars(select(Circle).where(Circle.closes_on.is_not(None)))
    for circle in closing.all():
        if key_ring().keeps(circle.id):
            circle.closes_on = (now() + NOTICE).date()
            on = circle.closes_on.isoformat()
            audit.note(circle.id, Deed.CLOSING_RESTORED, Actor.OPERATOR, reason=on)


def close_due() -> int:
    """Destroy the key of every circle whose day has come, and what is left of those before.

    The key goes first: from then on nothing of it can be read, in backups of the database either.
    """
    due = select(Circle.id).where(Circle.closes_on <= now().date())
    closing = list(db.session.scalars(due))
    for circle_id in closing:
        key_ring().destroy_circle(circle_id)
    gone = key_ring().destroyed().intersection(db.session.scalars(select(Circle.id)))
    for circle_id in gone:
        with unit_of_work():
            erase(circle_id)
            if circle_id in closing:
                audit.note_service(Deed.CIRCLE_CLOSED, Actor.CLOCK)
    return len(gone)


def erase(circle_id: UUID) -> None:
    """Delete every row of a circle, of whatever table: those that point at others first."""
    for table in reversed(db.metadata.sorted_tables):
        if "circle_id" in table.columns:
            db.session.execute(delete(table).where(table.columns.circle_id == circle_id))
    db.session.execute(delete(Entry).where(Entry.chain == circle_id))
    db.session.execute(delete(Circle).where(Circle.id == circle_id))


def _votes(standing: Standing) -> Votes:
    since = (now() - VOICE_LIFE).date()
    rows = select(ClosingVoice.mark).filter_by(circle_id=standing.circle_id)
    voices = set(db.session.scalars(rows.where(ClosingVoice.asked_on > since)))
    if not voices:
        return Votes(frozenset(), 0)
    roles = {
        _mark_of(hand, standing.circle_id): role for hand, role in queries.hands(standing.circle_id)
    }
    theirs = voices & roles.keys()
    moderators = sum(roles[mark] is Role.MODERATOR for mark in theirs)
    return Votes(frozenset(theirs), moderators)


def _mark(standing: Standing) -> bytes:
    return _mark_of(standing.hand, standing.circle_id)


def _mark_of(hand: Hand, circle_id: UUID) -> bytes:
    return hand.mark(Mark.VOICE, circle_id)


def _call_off(standing: Standing) -> None:
    queries.circle(standing).closes_on = None
    _drop_voices(standing.circle_id)
    _note(standing, Deed.CLOSING_CALLED_OFF)


def _drop_voices(circle_id: UUID) -> None:
    db.session.flush()
    db.session.execute(delete(ClosingVoice).filter_by(circle_id=circle_id))


def _note(standing: Standing, deed: Deed, reason: str = "") -> None:
    moderates = standing.role is Role.MODERATOR
    actor = Actor.MODERATOR if moderates else Actor.MEMBER
    audit.note(standing.circle_id, deed, actor, reason=reason)
