"""Members' names: the everyday name in a circle, and the display name in all.

A membership identifies a member, an author row their posts. A transaction writing both would link
the two: PostgreSQL stores the writing transaction in every row (`xmin`). So a changed name goes to
the membership first, marked as pending, and to the author row in a transaction of its own.
"""

from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from forum.accounts import services as accounts
from forum.authors import services as authors
from forum.authors.models import Author
from forum.authors.pseudonyms import FORMER, suggested, well_formed
from forum.authors.queries import everyday
from forum.circles import answering_rota, pair_requests, queries
from forum.circles.locks import draw_revision, lock_circle
from forum.circles.models import Circle, Invitation, Membership
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.core.keys import key_ring
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode


def suggestions(count: int = 2) -> list[str]:
    """Random pseudonyms, drawn from all and stored nowhere.

    Taken names are included: otherwise, repeated requests would reveal which are taken, and which
    was chosen when a newcomer joined.
    """
    return suggested(count, ())


def choose(standing: Standing, mode: AuthorMode, name: str) -> Author:
    """Choose an everyday name, once, in a transaction that names no member.

    name: the pseudonym, in that mode. Raises InvalidInput (pseudonym).
    """
    require(mode in may.everyday_modes(standing))
    lock_circle(standing.circle_id)
    if mode is AuthorMode.OWN_NAME:
        return authors.choose_own_name(standing)
    if not queries.name_is_free(standing.circle_id, name := well_formed(name)):
        raise InvalidInput(pseudonym=_("That name is taken in this circle. Try another."))
    return authors.choose_pseudonym(standing, name)


def take_own_name(member_id: UUID, circle_id: UUID) -> None:
    """Take a newcomer's own name as everyday name in a small circle, which does not ask.

    In a transaction of its own. A suspended account gets none: nobody else's pages depend on it.
    Raises Forbidden in a group, where each chooses.
    """
    try:
        standing = queries.enter(member_id, circle_id)
    except NotFound:
        return
    require(standing.kind.is_small)
    if not everyday(standing):
        with unit_of_work():
            choose(standing, AuthorMode.OWN_NAME, "")


def rename(member_id: UUID, name: str) -> None:
    """Change the display name in every circle. Call `write_bylines` afterwards to update posts.

    Raises InvalidInput (name) if a member of one of the circles has a similar name.
    """
    name = accounts.checked_name(name)
    for standing in queries.standings(member_id):
        lock_circle(standing.circle_id)
        mine = queries.own_place(standing, member_id)
        if not queries.name_is_free(standing.circle_id, name, but_for=mine.id):
            circle = db.session.get_one(Circle, standing.circle_id).name
            problem = _(
                "Someone in %(circle)s has a very similar name. Change yours slightly.",
                circle=circle,
            )
            raise InvalidInput(name=problem)
        for each in db.session.scalars(select(Invitation).filter_by(circle_id=mine.circle_id)):
            if each.inviter == mine.own_name:
                each.inviter = name
        pair_requests.rename(mine, name)
        mine.own_name, mine.name_pending = name, True
        mine.name_digest = authors.name_digest(standing.circle_id, name)
    for left in queries.left_places(member_id):  # leaving can be undone; names are checked then
        left.own_name, left.name_digest = name, authors.name_digest(left.circle_id, name)
    accounts.rename(member_id, name)


def try_bylines() -> None:
    """Run `write_bylines` after a committed change; on failure the worker repeats it within a
    minute.
    """
    try:
        write_bylines()
    except Exception as error:  # the page's own change is committed
        db.session.rollback()
        current_app.logger.error("bylines: failed with %s", type(error).__name__)


def write_bylines() -> int:
    """Copy pending names to their author rows; returns their number.

    Each takes two transactions: one writes the author row and names no member, the next marks the
    membership as done. Called by pages after their unit of work, and by the worker each minute.
    """
    pending = select(Membership.id, Membership.circle_id).where(Membership.name_pending)
    rows = db.session.execute(pending.order_by(Membership.id)).all()
    written, failure = 0, None
    for place_id, home in rows:
        try:
            written += key_ring().keeps(home) and _write_byline(home, place_id)
        except Exception as error:  # a damaged row may fail in any way, and stops no other
            db.session.rollback()
            failure = failure or error
    if failure:
        raise failure
    return written


def _write_byline(circle_id: UUID, place_id: UUID) -> bool:
    place = db.session.get(Membership, (circle_id, place_id))
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
        if again := db.session.get(Membership, (circle_id, place_id)):
            again.name_pending = _byline(again) != name  # changed again meanwhile
    return True


def _byline(place: Membership) -> str:
    return FORMER if place.left_on else place.own_name
