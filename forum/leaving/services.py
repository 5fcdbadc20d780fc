"""What those do who go. Masked posts are never touched by it: see "Your words" for those."""

from datetime import UTC, datetime, time
from uuid import UUID

from flask_babel import format_date
from sqlalchemy import delete

from forum.accounts import letters
from forum.accounts import services as accounts
from forum.accounts.models import Happened
from forum.accounts.queries import account
from forum.authors.queries import everyday_rows
from forum.circles import queries as circles
from forum.circles import services as circle_services
from forum.circles.models import Circle, Membership
from forum.circles.slots import next_slot
from forum.core.chance import chance
from forum.core.clock import now
from forum.core.db import db
from forum.leaving import queries
from forum.leaving.models import Farewell


def leave(member_id: UUID, circle_id: UUID, *, words_go: bool) -> None:
    """Leave a circle: reading stops at once. words_go: whether what was written under everyday
    names goes too, each name at a slot of its own within the days of grace."""
    standing = circles.enter(member_id, circle_id)
    place = circles.own_place(standing, member_id)
    circle_services.leave(member_id, circle_id)
    if words_go:
        take_words_away(place)


def undo(place: Membership) -> None:
    """Be back where one left. Raises NotFound and InvalidInput as `rejoin` does."""
    circle_services.rejoin(place)
    keep_words(place)


def take_words_away(place: Membership) -> None:
    """Have what somebody who left wrote under everyday names go. Asked twice, it is the same."""
    home = db.session.get_one(Circle, place.circle_id)
    known = {each.author_id for each in _farewells(place)}
    for row in everyday_rows(circles.former_standing(place)):
        if row.id not in known:
            goes_at = chance().choice(_slots(home, place))
            going = Farewell(circle_id=place.circle_id, author_id=row.id, goes_at=goes_at)
            db.session.add(going)


def keep_words(place: Membership) -> None:
    """Have what has not gone yet stay."""
    for each in _farewells(place):
        db.session.delete(each)


def delete_account(member_id: UUID, *, words_go: bool) -> None:
    """Leave every circle, and have the account deleted after the days of grace."""
    for circle_id in sorted(each.circle.id for each in circles.places(member_id)):
        leave(member_id, circle_id, words_go=words_go)  # in one order, as whoever holds several
    on = (now() + queries.grace()).date()
    accounts.ask_to_go(member_id, on)
    letters.account_goes(
        account(member_id).address, str(format_date(on, "EEEE d MMMM", rebase=False))
    )


def keep_account(member_id: UUID) -> None:
    """Keep an account that was about to go. Circles are come back to one by one."""
    accounts.keep(member_id)


def note_export(member_id: UUID) -> None:
    """Remember for its owner that somebody took a copy of their words."""
    accounts.note(member_id, Happened.WORDS_TAKEN_ALONG)


def forget(member_id: UUID) -> None:
    """Delete an account whose day has come, unless a place of it is still kept for undoing."""
    if not circles.has_any_place(member_id):
        accounts.forget(member_id)


def _farewells(place: Membership) -> list[Farewell]:
    names = [row.id for row in everyday_rows(circles.former_standing(place))]
    return queries.farewells(names)


def _slots(home: Circle, place: Membership) -> list[datetime]:
    """The slots between now and the end of the days of grace; the next one where none is left."""
    left_on = place.left_on or now().date()
    end = datetime.combine(left_on + queries.grace(), time(), UTC)
    found = [next_slot(now(), *home.rota)]
    while (slot := next_slot(found[-1], *home.rota)) < end:
        found.append(slot)
    return found


def drop(going: Farewell) -> None:
    """A name whose words are gone needs no farewell any longer."""
    db.session.execute(delete(Farewell).where(Farewell.id == going.id))
