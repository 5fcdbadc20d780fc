"""Closing a circle: by vote, read-only for a month, then its key is destroyed."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.audit.models import Entry
from forum.circles import conversations, queries, talk_settings
from forum.circles.locks import lock_circle
from forum.circles.models import VOICE_LIFE, Circle, ClosingVoice, Membership
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.policy import may, require
from forum.policy.facts import Hand
from forum.policy.standing import Standing
from forum.policy.terms import Mark, Role

NOTICE = timedelta(days=30)  # from a successful vote to closing


@dataclass(frozen=True, slots=True)
class Closing:
    """State of closing, as seen by one member.

    on: last day on which it can be read; None if not closing. asked: a vote for the opposite state
    is open, also of somebody who is gone: else its end would reveal whose it was. mine:
    this member has voted. may_ask: they may vote. may_call_off: they may end the closing alone.
    by_moderators: a second moderator decides on closing, rather than a majority of members.
    """

    on: date | None
    asked: bool
    mine: bool
    may_ask: bool
    may_call_off: bool
    by_moderators: bool


@dataclass(frozen=True, slots=True)
class Votes:
    """Valid votes: of current members, in their current roles. is_open: any vote, valid or not."""

    marks: frozenset[bytes]
    moderators: int
    is_open: bool


def closing_state(standing: Standing) -> Closing:
    """State of closing for a member, without the number of votes."""
    on, votes = queries.circle(standing).closes_on, _votes(standing)
    return Closing(
        on=on,
        asked=votes.is_open,
        mine=_mark(standing) in votes.marks,
        may_ask=may.vote_on_closing(standing, closing=on is not None),
        may_call_off=may.call_off_closing(standing, closing=on is not None),
        by_moderators=standing.moderators >= 2,
    )


def ask(standing: Standing, *, closes: bool | None = None) -> bool:
    """Vote to close the circle, or to call closing off; returns True if the vote succeeds.

    closes: which of them the page offered; a vote that was decided meanwhile changes nothing. None
    for the one that is open now. Raises Forbidden.
    """
    lock_circle(standing.circle_id)
    circle = queries.circle(standing)
    closing = circle.closes_on is not None
    if closes is closing:
        return False
    require(may.vote_on_closing(standing, closing=closing))
    before, mark = _votes(standing), _mark(standing)
    if mark not in before.marks:
        _drop_expired(standing.circle_id)
        voice = ClosingVoice(circle_id=standing.circle_id, mark=mark, asked_on=now().date())
        db.session.add(voice)
        db.session.flush()
        if not before.is_open:
            _note(standing, Deed.CALLING_OFF_ASKED if closing else Deed.CLOSING_ASKED)
    votes, members = _votes(standing), queries.members(circle.id)
    moderators = queries.moderators(circle.id)
    voices = len(votes.marks), votes.moderators
    if not may.decide_closing(moderators, members, *voices, circle.kind):
        return False
    if closing:
        _call_off(standing)
    else:
        circle.closes_on = circle.today + NOTICE
        talk_settings.stop_rounds(circle)
        _drop_voices(standing.circle_id)
        _note(standing, Deed.CLOSING_BEGUN, reason=circle.closes_on.isoformat())
    return True


def take_back(standing: Standing) -> None:
    """Withdraw the member's vote."""
    _drop_voice(standing)


def call_off(standing: Standing) -> None:
    """Call closing off as a moderator. Raises Forbidden."""
    lock_circle(standing.circle_id)
    closing = queries.circle(standing).closes_on is not None
    require(may.call_off_closing(standing, closing=closing))
    _call_off(standing)


def begin_empty(circle_id: UUID) -> bool:
    """Begin to close a circle whose last membership is gone: nobody is left to vote on it."""
    lock_circle(circle_id)
    circle = db.session.get_one(Circle, circle_id)
    there = select(Membership.id).where(Membership.circle_id == circle_id).limit(1)
    if circle.closes_on is not None or db.session.scalar(there) is not None:
        return False
    circle.closes_on = circle.today + NOTICE
    audit.note(circle_id, Deed.CLOSING_BEGUN, Actor.CLOCK, reason=circle.closes_on.isoformat())
    return True


def begin_again() -> None:
    """Restart the notice period of every closing circle after a restore, and log this.

    Closing may have been called off after the backup was made.
    """
    closing = db.session.scalars(select(Circle).where(Circle.closes_on.is_not(None)))
    for circle in closing.all():
        if key_ring().keeps(circle.id):
            circle.closes_on = circle.today + NOTICE
            on = circle.closes_on.isoformat()
            audit.note(circle.id, Deed.CLOSING_RESTORED, Actor.OPERATOR, reason=on)


def call_off_all() -> None:
    """Call off every closing that a restored backup brought back, and log this."""
    closing = db.session.scalars(select(Circle).where(Circle.closes_on.is_not(None)))
    for circle in closing.all():
        if key_ring().keeps(circle.id):
            circle.closes_on = None
            talk_settings.start_rounds(circle)
            _drop_voices(circle.id)
            audit.note(circle.id, Deed.CLOSING_CALLED_OFF, Actor.OPERATOR)


def close_due() -> int:
    """Close circles whose last day is over, and delete all rows of circles without a key; returns
    their number.
    """
    might = select(Circle.id).where(
        Circle.closes_on <= now().date()
    )  # no zone is further than a day ahead
    closed = 0
    for circle_id in db.session.scalars(might).all():
        with fence("circles.closed"):
            closed += _close_if_due(circle_id)
    gone = _left_over()
    for circle_id in gone:  # by a worker that was killed, or before a restore
        with fence("circles.closed"), unit_of_work():
            erase(circle_id)
    return closed + len(gone)


def _left_over() -> list[UUID]:
    """Circles that have rows though their key was destroyed."""
    destroyed, found = sorted(key_ring().destroyed()), list[UUID]()
    for start in range(0, len(destroyed), queries.BATCH_SIZE):
        some = Circle.id.in_(destroyed[start : start + queries.BATCH_SIZE])
        found += db.session.scalars(select(Circle.id).where(some))
    return found


def _close_if_due(circle_id: UUID) -> bool:
    """Destroy the key of a circle that is still due, and delete its rows; returns True if so.

    Under the circle's lock: whoever presses "Keep it" or calls closing off meanwhile comes before,
    and counts, or finds no circle. Destroying the key first makes the circle unreadable at once,
    database backups included.
    """
    with unit_of_work():
        lock_circle(circle_id)
        circle = db.session.get(Circle, circle_id, populate_existing=True)
        if circle is None or circle.closes_on is None or circle.today <= circle.closes_on:
            return False
        if key_ring().keeps(circle_id) and conversations.is_kept_at_last(circle_id):
            return False
        key_ring().destroy_circle(circle_id)
        erase(circle_id)
        audit.note_service(Deed.CIRCLE_CLOSED, Actor.CLOCK)
        return True


def erase(circle_id: UUID) -> None:
    """Delete every row of a circle in all tables, referencing rows first."""
    for table in reversed(db.metadata.sorted_tables):
        if "circle_id" in table.columns:
            db.session.execute(delete(table).where(table.columns.circle_id == circle_id))
    db.session.execute(delete(Entry).where(Entry.chain == circle_id))
    db.session.execute(delete(Circle).where(Circle.id == circle_id))


def _votes(standing: Standing) -> Votes:
    rows = select(ClosingVoice.mark).filter_by(circle_id=standing.circle_id)
    voices = set(db.session.scalars(rows.where(ClosingVoice.asked_on > _since())))
    if not voices:
        return Votes(frozenset(), 0, is_open=False)
    roles = {
        _mark_of(hand, standing.circle_id): role for hand, role in queries.hands(standing.circle_id)
    }
    theirs = voices & roles.keys()
    moderators = sum(roles[mark] is Role.MODERATOR for mark in theirs)
    return Votes(frozenset(theirs), moderators, is_open=True)


def _mark(standing: Standing) -> bytes:
    return _mark_of(standing.hand, standing.circle_id)


def _mark_of(hand: Hand, circle_id: UUID) -> bytes:
    return hand.mark(Mark.VOICE, circle_id)


def _call_off(standing: Standing) -> None:
    circle = queries.circle(standing)
    circle.closes_on = None
    talk_settings.start_rounds(circle)
    _drop_voices(standing.circle_id)
    _note(standing, Deed.CLOSING_CALLED_OFF)


def _drop_voice(standing: Standing) -> None:
    mine = ClosingVoice.circle_id == standing.circle_id, ClosingVoice.mark == _mark(standing)
    db.session.execute(delete(ClosingVoice).where(*mine))


def _drop_expired(circle_id: UUID) -> None:
    here = ClosingVoice.circle_id == circle_id, ClosingVoice.asked_on <= _since()
    db.session.execute(delete(ClosingVoice).where(*here))


def _since() -> date:
    """Last day whose votes have run out."""
    return (now() - VOICE_LIFE).date()


def _drop_voices(circle_id: UUID) -> None:
    db.session.flush()
    db.session.execute(delete(ClosingVoice).filter_by(circle_id=circle_id))


def _note(standing: Standing, deed: Deed, reason: str = "") -> None:
    moderates = standing.role is Role.MODERATOR
    actor = Actor.MODERATOR if moderates else Actor.MEMBER
    audit.note(standing.circle_id, deed, actor, reason=reason)
