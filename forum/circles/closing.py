"""Closing a circle for all: asked by enough, read-only for a month, then its key is destroyed."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import delete, select

from forum.audit import services as audit
from forum.audit.deeds import Actor, Deed
from forum.audit.models import Entry
from forum.circles import queries
from forum.circles.models import Circle, ClosingVoice
from forum.circles.services import hold
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.keys import ring
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Mark, Role

NOTICE = timedelta(days=30)  # from enough asking to the end
VOICE_LIFE = timedelta(days=14)  # for which somebody's asking counts


@dataclass(frozen=True, slots=True)
class Closing:
    """How it stands. asked: whether anybody asks; mine: whether this member does."""

    on: date | None
    asked: bool
    mine: bool
    may_ask: bool
    may_call_off: bool
    by_moderators: bool  # whether a second moderator decides, and not more than half of all


def how_it_stands(standing: Standing) -> Closing:
    """What a member sees of it. How many ask is told to nobody."""
    on = queries.circle(standing).closes_on
    moderators, voices = queries.moderators(standing.circle_id), _voices(standing)
    mark = standing.hand.mark(Mark.VOICE, standing.circle_id)
    return Closing(
        on=on,
        asked=bool(voices),
        mine=any(voice.mark == mark for voice in voices),
        may_ask=may.ask_to_close(standing, moderators, closing=on is not None),
        may_call_off=may.call_off_closing(standing, closing=on is not None),
        by_moderators=moderators >= 2,
    )


def ask(standing: Standing) -> bool:
    """Ask that the circle be closed; whether enough do now. Raises Forbidden."""
    hold(standing.circle_id)
    circle, moderators = queries.circle(standing), queries.moderators(standing.circle_id)
    require(may.ask_to_close(standing, moderators, closing=circle.closes_on is not None))
    mark = standing.hand.mark(Mark.VOICE, standing.circle_id)
    voices = _voices(standing)
    if mark not in {voice.mark for voice in voices}:
        db.session.execute(delete(ClosingVoice).where(ClosingVoice.mark == mark))  # one that aged
        moderates = standing.role is Role.MODERATOR
        voice = ClosingVoice(circle_id=standing.circle_id, mark=mark, moderates=moderates)
        voice.asked_on = now().date()
        db.session.add(voice)
        voices.append(voice)
        if len(voices) == 1:
            _note(standing, Deed.CLOSING_ASKED)
    theirs = sum(voice.moderates for voice in voices)
    if not may.close(moderators, queries.members(circle.id), len(voices), theirs):
        return False
    circle.closes_on = (now() + NOTICE).date()
    _drop_voices(standing)
    _note(standing, Deed.CLOSING_BEGUN, reason=circle.closes_on.isoformat())
    return True


def take_back(standing: Standing) -> None:
    """Ask no longer."""
    mark = standing.hand.mark(Mark.VOICE, standing.circle_id)
    db.session.execute(delete(ClosingVoice).where(ClosingVoice.mark == mark))


def call_off(standing: Standing) -> None:
    """Have the circle go on. Raises Forbidden."""
    hold(standing.circle_id)
    circle = queries.circle(standing)
    require(may.call_off_closing(standing, closing=circle.closes_on is not None))
    circle.closes_on = None
    _note(standing, Deed.CLOSING_CALLED_OFF)


def close_due() -> int:
    """Destroy the key of every circle whose day has come, and what is left of those before.

    The key goes first: from then on nothing of it can be read, in backups of the database either.
    """
    due = select(Circle.id).where(Circle.closes_on <= now().date())
    closing = list(db.session.scalars(due))
    for circle_id in closing:
        ring().destroy_circle(circle_id)
    gone = ring().destroyed().intersection(db.session.scalars(select(Circle.id)))
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


def _voices(standing: Standing) -> list[ClosingVoice]:
    since = (now() - VOICE_LIFE).date()
    rows = select(ClosingVoice).filter_by(circle_id=standing.circle_id)
    return list(db.session.scalars(rows.where(ClosingVoice.asked_on > since)))


def _drop_voices(standing: Standing) -> None:
    db.session.flush()
    db.session.execute(delete(ClosingVoice).filter_by(circle_id=standing.circle_id))


def _note(standing: Standing, deed: Deed, reason: str = "") -> None:
    moderates = standing.role is Role.MODERATOR
    actor = Actor.MODERATOR if moderates else Actor.MEMBER
    audit.note(standing.circle_id, deed, actor, reason=reason)
