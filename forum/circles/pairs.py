"""Room for a pair: saying so, asking, and what is answered. A yes opens a circle of the two.

Asked from the list of people alone, by display name, and never from a thread: a pair lists both
names, so accepting from a hidden name would unmask it.
"""

from uuid import UUID

from flask_babel import gettext as _

from forum.accounts import queries as accounts
from forum.circles import queries, services
from forum.circles.locks import lock_circle
from forum.circles.models import NAME_MAX, Circle, Membership
from forum.circles.pair_requests import Pairing, Request, current, pairing, without, write
from forum.circles.pair_states import Act, PairState
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput, NotFound
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import CircleKind


def offer_room(standing: Standing, member_id: UUID) -> None:
    """Say "I have room for one pair" under the member's own name, on the list of people."""
    require(may.have_room(standing))
    places, mine = _places(standing, member_id)
    known = pairing(mine)
    if not known.room:
        write(places, {mine.id: Pairing(True, known.requests)})


def end_room(standing: Standing, member_id: UUID) -> None:
    """Take it off the list; what was asked until then is put off, unknown to who asked."""
    places, mine = _places(standing, member_id)
    known = pairing(mine)
    if known.room:
        put_off = [each.after(Act.NOT_NOW) if _waits(each) else each for each in known.requests]
        write(places, {mine.id: Pairing(False, tuple(each for each in put_off if each))})


def ask(standing: Standing, member_id: UUID, place_id: UUID, request_id: UUID) -> None:
    """Ask somebody who has room. Pressed twice, it is asked once.

    request_id: from the form. Raises InvalidInput (pair) where there is no room any more, and
    NotFound for somebody who is not in the circle.
    """
    places, mine = _places(standing, member_id)
    theirs = places.get(place_id)
    if theirs is None:
        raise NotFound
    require(may.ask_for_pair(standing, mine=theirs.id == mine.id))
    known = pairing(theirs)
    before = known.by(mine.id)
    if not known.room and not known.waits_for(mine.id):
        raise InvalidInput(pair=_("%(name)s has no room for a pair now.", name=theirs.own_name))
    today = now().date().isoformat()
    asked = before.after(Act.ASK) if before else None
    request = asked or Request(request_id, mine.id, mine.own_name, today, PairState.ASKED)
    if request != before:
        write(places, {theirs.id: known.put(mine.id, request)})


def withdraw(standing: Standing, member_id: UUID, place_id: UUID) -> None:
    """Withdraw the member's own request to somebody."""
    places, mine = _places(standing, member_id)
    theirs = places.get(place_id)
    if theirs is None:
        raise NotFound
    known = pairing(theirs)
    if request := known.by(mine.id):
        write(places, {theirs.id: known.put(mine.id, request.after(Act.WITHDRAW))})


def put_off(standing: Standing, member_id: UUID, request_id: UUID) -> None:
    """Answer a request with "Not now". Nobody is told."""
    places, mine = _places(standing, member_id)
    known = pairing(mine)
    if request := known.asked(request_id):
        write(places, {mine.id: known.put(request.asker, request.after(Act.NOT_NOW))})


def accept(standing: Standing, member_id: UUID, request_id: UUID, each: int) -> UUID:
    """Open a circle of the two, and take the room off the list; returns its id.

    Call `member_names.name_all` afterwards. Pressed twice, it opens one. each: limit of pairs per
    account. Raises InvalidInput (pair) where the request is over, or the pair cannot begin.
    """
    places, mine = _places(standing, member_id)
    if queries.members(request_id, Membership.member_id == member_id):
        return request_id
    require(may.have_room(standing))
    request = pairing(mine).asked(request_id)
    theirs = places.get(request.asker) if request else None
    if request is None or theirs is None:
        raise InvalidInput(pair=_("This request is over."))
    _check_free(theirs, mine, each)
    zone = db.session.get_one(Circle, standing.circle_id).timezone
    circle = services.found(_name(theirs, mine), zone, request_id, CircleKind.PAIR)
    for one in (theirs, mine):
        services.join(circle, one.member_id, one.own_name)
    both = (theirs.id, mine.id)
    write(places, {one.id: without(pairing(one), both) for one in (theirs, mine)})
    return request_id


def _places(standing: Standing, member_id: UUID) -> tuple[dict[UUID, Membership], Membership]:
    """Memberships of the locked circle, by id, and the member's own."""
    lock_circle(standing.circle_id)
    places = current(standing.circle_id)
    return places, places[queries.own_place(standing, member_id).id]


def _waits(request: Request) -> bool:
    return request.state is PairState.ASKED


def _check_free(theirs: Membership, mine: Membership, each: int) -> None:
    """Raise InvalidInput (pair) where one of the two cannot begin a pair."""
    suspended = accounts.account(theirs.member_id).is_suspended
    free = [
        may.open_circle(queries.looked_after(one.member_id, CircleKind.PAIR), each)
        for one in (theirs, mine)
    ]
    if suspended or not all(free):
        raise InvalidInput(pair=_("This pair cannot begin at the moment."))


def _name(theirs: Membership, mine: Membership) -> str:
    """The two names, cut to the length of a circle's name; either of them may change it."""
    return str(_("%(one)s and %(two)s", one=theirs.own_name, two=mine.own_name))[:NAME_MAX].strip()
