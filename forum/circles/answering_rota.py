"""Answering rota: whose turn it is to answer first, for some weeks each.

Skips, swaps and extensions leave no trace: the rota has a list and no history. A turn belongs to an
everyday name. Members learn of their own turn when they visit; the name's holder is never looked
up, so a turn falls to the name of somebody who is gone as to any other: one that passed it would
show whose the name was, or who is suspended. Nobody else learns whose turn it is: beside a
reflection that waits it would show who is silent, and a first reply under an invented name would be
tied to a person.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func, select

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.authors import queries as authors
from forum.authors.models import Author
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.models import Circle, Turn
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.core.tokens import version_token
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Mark
from forum.web.dates import on_day
from forum.web.number_words import spelt

WEEK = timedelta(weeks=1)
WEEKS_MAX = 8  # of one turn
NAME_FIRST = _l("First choose the name you write under in this circle.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A name on the rota, as listed on the page."""

    id: UUID
    name: str = field(repr=False)


def listed(standing: Standing) -> list[Listed]:
    """Names on the rota by the alphabet: their order would reveal whose turn it is."""
    rows = db.session.execute(
        select(Turn.id, Author)
        .join(Author, (Author.circle_id == Turn.circle_id) & (Author.id == Turn.author_id))
        .where(Turn.circle_id == standing.circle_id)
    )
    found = [Listed(turn_id, author.name) for turn_id, author in rows]
    return sorted(found, key=lambda each: (each.name.casefold(), each.id))


def asked(circle: Circle) -> str:
    """Sentence on how many are asked to reply first, and until when; "" without a turn."""
    if not (circle.turn and circle.turn_ends_on):
        return ""
    said = ngettext(
        "One of us is asked to reply first, until %(day)s.",
        "%(number)s of us are asked to reply first, until %(day)s.",
        1,
        number=spelt(1),
        day=on_day(circle.turn_ends_on),
    )
    return str(said)


def has_turn(standing: Standing) -> bool:
    """True if the member's name is on the rota."""
    mine = select(Turn.id).filter_by(circle_id=standing.circle_id, mark=_mark(standing))
    return db.session.scalar(mine) is not None


def version(standing: Standing) -> str:
    """Token of the rota as it stands: its order, how long a turn is and when it ends.

    Made of keyed marks: of ids, which a page carries, anyone could try each order.
    """
    circle = queries.circle(standing)
    order = [turn.mark.hex() for turn in _turns(standing.circle_id)]
    return version_token(*order, circle.turn_weeks, circle.turn_ends_on)


def check_version(standing: Standing, shown: str) -> None:
    """Lock the rota, and see that it stands as a page showed it. Raises InvalidInput (do).

    So a button that is pressed twice, or by two people, moves the rota once.
    """
    lock_circle(standing.circle_id)
    if shown != version(standing):
        raise InvalidInput(
            do=_("This was changed while you were here. Below is the newest version.")
        )


def set_rhythm(standing: Standing, weeks: int) -> None:
    """Set the length of turns in weeks; 0 ends the rota."""
    require(may.set_rhythm(standing))
    lock_circle(standing.circle_id)
    circle = queries.circle(standing)
    if (circle.turn_weeks or 0) == weeks:
        return
    circle.turn_weeks = weeks or None
    circle.turn_ends_on = _today(circle) + weeks * WEEK if weeks else None
    _store_current_turn(circle)
    audit.note(standing.circle_id, Deed.SETTINGS_CHANGED, Actor.MODERATOR, reason="rota")


def put_on(standing: Standing) -> None:
    """Add the member's everyday name at the end of the rota. Raises InvalidInput without such a
    name.
    """
    require(may.turn_rota(standing))
    lock_circle(standing.circle_id)
    name = authors.everyday(standing)
    if name is None:
        raise InvalidInput(name=str(NAME_FIRST))
    if has_turn(standing):
        return
    last = select(func.max(Turn.place)).filter_by(circle_id=standing.circle_id)
    turn = Turn(circle_id=standing.circle_id, author_id=name.id, mark=_mark(standing))
    turn.place = (db.session.scalar(last) or 0) + 1
    db.session.add(turn)
    _store_current_turn(queries.circle(standing))


def take_off(standing: Standing, turn_id: UUID | None = None) -> None:
    """Remove a name from the rota: the member's own, or any as facilitator or moderator."""
    lock_circle(standing.circle_id)
    mine = Turn.mark == _mark(standing) if turn_id is None else Turn.id == turn_id
    turn = db.session.scalar(select(Turn).where(mine, Turn.circle_id == standing.circle_id))
    if turn is None and turn_id is None:
        return  # pressed twice
    if turn is None:
        raise NotFound
    require(turn.mark == _mark(standing) or may.set_rhythm(standing))
    db.session.delete(turn)
    _store_current_turn(queries.circle(standing))


def skip(standing: Standing) -> None:
    """Exchange the current turn with the next."""
    require(may.turn_rota(standing))
    lock_circle(standing.circle_id)
    _swap(standing, 0, 1)


def take_turn(standing: Standing) -> None:
    """Exchange the current turn with the member's own: of another, it would reveal whose it is now.

    Nothing happens to a member who is not on the rota.
    """
    require(may.turn_rota(standing))
    lock_circle(standing.circle_id)
    places = [turn.mark for turn in _turns(standing.circle_id)]
    if _mark(standing) in places:
        _swap(standing, 0, places.index(_mark(standing)))


def extend(standing: Standing) -> None:
    """Extend the current turn by a week."""
    require(may.turn_rota(standing))
    lock_circle(standing.circle_id)
    circle = queries.circle(standing)
    if circle.turn_ends_on is None:
        raise NotFound
    circle.turn_ends_on = min(circle.turn_ends_on, _today(circle) + WEEKS_MAX * WEEK) + WEEK


def turn_due() -> int:
    """Begin the next turn in circles where the current one is over; returns the number of circles.

    Catches up on turns missed while the worker was stopped.
    """
    over = Circle.turn_ends_on <= (now() + timedelta(hours=14)).date()  # somewhere on Earth
    turned = 0
    for circle_id in db.session.scalars(select(Circle.id).where(over)).all():
        with fence("rota.turned"), unit_of_work():
            lock_circle(circle_id)
            if key_ring().keeps(circle_id):
                turned += _turn(db.session.get_one(Circle, circle_id))
    return turned


def leave(standing: Standing) -> None:
    """Remove a leaver's own name from the rota.

    A pseudonym stays: removing it together with the person would reveal the holder.
    """
    for turn in _turns(standing.circle_id):
        name = db.session.get_one(Author, (turn.circle_id, turn.author_id))
        if turn.mark == _mark(standing) and name.mode is AuthorMode.OWN_NAME:
            db.session.delete(turn)
            _store_current_turn(db.session.get_one(Circle, standing.circle_id))


def _turn(circle: Circle) -> bool:
    if circle.turn_ends_on is None or circle.turn_ends_on > _today(circle):
        return False
    turns = _turns(circle.id)
    while circle.turn_ends_on <= _today(circle):
        circle.turn_ends_on += (circle.turn_weeks or 1) * WEEK
        turns = turns[1:] + turns[:1]
    _renumber(turns)
    _store_current_turn(circle)
    return True


def _swap(standing: Standing, one: int, other: int) -> None:
    turns = _turns(standing.circle_id)
    if max(one, other) < len(turns):
        turns[one], turns[other] = turns[other], turns[one]
        _renumber(turns)
        _store_current_turn(queries.circle(standing))


def _turns(circle_id: UUID) -> list[Turn]:
    statement = select(Turn).filter_by(circle_id=circle_id).order_by(Turn.place, Turn.id)
    return list(db.session.scalars(statement))


def _renumber(turns: list[Turn]) -> None:
    for place, turn in enumerate(turns, 1):
        turn.place = place


def _store_current_turn(circle: Circle) -> None:
    """Store the mark of the current turn on the circle's row, which every page reads."""
    db.session.flush()
    turns = _turns(circle.id) if circle.turn_weeks else []
    circle.turn = turns[0].mark if turns else None


def _mark(standing: Standing) -> bytes:
    return standing.hand.mark(Mark.TURN, standing.circle_id)


def _today(circle: Circle) -> date:
    return now().astimezone(circle.zone).date()
