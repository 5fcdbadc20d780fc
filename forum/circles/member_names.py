"""What a member does with their names: the everyday one in a circle, and their own in all.

A membership says who a member is, an author row what they wrote. A transaction that wrote both
would tie the two: PostgreSQL keeps in every row which transaction wrote it (`xmin`). So a changed
name is written on the membership first, marked as pending, and on the author row in a transaction
of its own.
"""

from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from forum.accounts import services as accounts
from forum.authors import services as authors
from forum.authors.models import Author
from forum.authors.pseudonyms import FORMER, suggested, well_formed
from forum.circles import answering_rota, queries
from forum.circles.locks import draw_revision, lock_circle
from forum.circles.models import Circle, Invitation, Membership
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput
from forum.core.keys import key_ring
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode


def suggestions(count: int = 2) -> list[str]:
    """Invented names, drawn anew each time from all there are, and kept nowhere.

    Somebody may have one of them already: who asked often enough would see which never come, and
    so which name came to be taken when a newcomer chose theirs.
    """
    return suggested(count, ())


def choose(standing: Standing, mode: AuthorMode, name: str) -> Author:
    """Take an everyday name, once. To be done in a transaction of its own, which names no member.

    name: the invented one, where the mode is that. Raises InvalidInput (pseudonym).
    """
    require(mode in may.everyday_modes(standing))
    lock_circle(standing.circle_id)
    if mode is AuthorMode.OWN_NAME:
        return authors.choose_own_name(standing)
    if not queries.name_is_free(standing.circle_id, name := well_formed(name)):
        raise InvalidInput(pseudonym=_("That name is taken here."))
    return authors.choose_pseudonym(standing, name)


def rename(member_id: UUID, name: str) -> None:
    """Change one's own name in every circle. `write_bylines` is to follow, which puts it on all
    that was written under it there.

    Raises InvalidInput (name) where somebody in one of the circles has a name like it.
    """
    name = accounts.checked_name(name)
    for standing in queries.standings(member_id):
        lock_circle(standing.circle_id)
        mine = queries.own_place(standing, member_id)
        if not queries.name_is_free(standing.circle_id, name, but_for=mine.id):
            circle = db.session.get_one(Circle, standing.circle_id).name
            said = _("Somebody in %(circle)s goes by a name like that.", circle=circle)
            raise InvalidInput(name=said)
        for each in db.session.scalars(select(Invitation).filter_by(circle_id=mine.circle_id)):
            if each.inviter == mine.own_name:
                each.inviter = name
        mine.own_name, mine.name_pending = name, True
        mine.name_digest = authors.name_digest(standing.circle_id, name)
    for left in queries.left_places(member_id):  # that may be come back to; taken names wait
        left.own_name, left.name_digest = name, authors.name_digest(left.circle_id, name)
    accounts.rename(member_id, name)


def try_bylines() -> None:
    """Do `write_bylines` for a page whose own work is committed: the worker does it within the
    minute where this fails."""
    try:
        write_bylines()
    except Exception as error:  # the page has done what was asked
        db.session.rollback()
        current_app.logger.error("bylines: failed with %s", type(error).__name__)


def write_bylines() -> int:
    """Put pending names on the author rows they belong to; gives how many there were.

    Each takes two transactions: one writes the author row and names no member, the next marks the
    membership as done. Pages call it after their unit of work, and the worker each minute.
    """
    pending = select(Membership.id, Membership.circle_id).where(Membership.name_pending)
    rows = db.session.execute(pending.order_by(Membership.id)).all()
    return sum(_write_byline(place_id) for place_id, home in rows if key_ring().keeps(home))


def _write_byline(place_id: UUID) -> bool:
    place = db.session.get(Membership, place_id)
    if place is None:
        return False
    standing, name, has_left = queries.former_standing(place), _byline(place), bool(place.left_on)
    with unit_of_work():
        lock_circle(standing.circle_id)
        if has_left:
            answering_rota.leave(standing)
        authors.rename(standing, name)
        draw_revision(standing)
    with unit_of_work():
        lock_circle(standing.circle_id)
        if again := db.session.get(Membership, place_id):
            again.name_pending = _byline(again) != name  # it may have changed meanwhile
    return True


def _byline(place: Membership) -> str:
    return FORMER if place.left_on else place.own_name
