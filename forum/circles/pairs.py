"""Room for a pair: saying so, asking, and what is answered. A yes opens a circle of the two.

Asked from the list of people alone, by display name, and never from a thread: a pair lists both
names, so accepting from a hidden name would unmask it.
"""

from dataclasses import replace
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import ngettext

from forum.accounts import queries as accounts
from forum.circles import queries, services
from forum.circles.locks import lock_circle
from forum.circles.models import NAME_MAX, Circle, Membership
from forum.circles.pair_requests import Pairing, Request, current, pairing, write
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
    """Take the member off the list of those with room; open requests are put off, unknown to their
    askers."""
    places, mine = _places(standing, member_id)
    known = pairing(mine)
    if known.room:
        put_off = [each.after(Act.NOT_NOW) if _waits(each) else each for each in known.requests]
        write(places, {mine.id: Pairing(False, tuple(each for each in put_off if each))})


def ask(standing: Standing, member_id: UUID, place_id: UUID, request_id: UUID, each: int) -> None:
    """Ask somebody who has room. Pressed twice, it is asked once.

    request_id: from the form. each: limit of pairs per account. Raises InvalidInput (pair) where
    there is no room any more or the limit is reached, and NotFound for somebody who is not in the
    circle.
    """
    places, mine = _places(standing, member_id)
    theirs = places.get(place_id)
    if theirs is None:
        raise NotFound
    require(may.ask_for_pair(standing, mine=theirs.id == mine.id))
    known = pairing(theirs)
    if not known.room and not known.waits_for(mine.id):
        raise InvalidInput(pair=_("%(name)s has no room for a pair now.", name=theirs.own_name))
    _check_own_limit(member_id, each)
    today = now().date().isoformat()
    asked = known.with_asked(Request(request_id, mine.id, mine.own_name, today, PairState.ASKED))
    if asked != known:
        write(places, {theirs.id: asked})


def withdraw(standing: Standing, member_id: UUID, place_id: UUID) -> None:
    """Withdraw the member's own request to somebody."""
    places, mine = _places(standing, member_id)
    theirs = places.get(place_id)
    if theirs is None:
        raise NotFound
    known = pairing(theirs)
    withdrawn = known.with_withdrawn(mine.id)
    if withdrawn != known:
        write(places, {theirs.id: withdrawn})


def put_off(standing: Standing, member_id: UUID, request_id: UUID) -> None:
    """Answer a request with "Not now". Nobody is notified."""
    places, mine = _places(standing, member_id)
    known = pairing(mine)
    if request := known.asked(request_id):
        write(places, {mine.id: known.put(request.asker, request.after(Act.NOT_NOW))})


def accept(standing: Standing, member_id: UUID, request_id: UUID, each: int) -> UUID | None:
    """Open a circle of the two; returns its id, or None where the request is over.

    Call `member_names.take_own_name` for both afterwards. Pressed twice, it opens one. It is over
    alike whatever the reason: withdrawn, or an asker who is suspended or has no pair left to begin;
    then it looks to the asker like a request that waits. each: limit of pairs per account. Raises
    InvalidInput (pair) where the member's own limit is reached.
    """
    places, mine = _places(standing, member_id)
    known = pairing(mine)
    if begun := known.accepted(request_id):
        return begun.circle if _is_in(begun.circle, member_id) else None
    require(may.have_room(standing))
    request = known.asked(request_id)
    if request is None:
        return None
    _check_own_limit(member_id, each)
    theirs = places.get(request.asker)
    if theirs is None or not _can_begin(theirs, each):
        write(places, {mine.id: known.put(request.asker, request.after(Act.NOT_NOW))})
        return None
    circle_id = _open(standing, theirs, mine)
    accepted = replace(request, state=PairState.TALKING, circle=circle_id)
    told = replace(known.put(request.asker, accepted), room=False)
    # The asker's room stays: both names going from the list at once would show who paired.
    write(places, {mine.id: told, theirs.id: pairing(theirs).put(mine.id, None)})
    return circle_id


def _is_in(circle_id: UUID | None, member_id: UUID) -> bool:
    here = Membership.circle_id == circle_id, Membership.member_id == member_id
    return bool(circle_id and queries.members(circle_id, *here))


def _open(standing: Standing, theirs: Membership, mine: Membership) -> UUID:
    """Found a circle of the two, under an id that no form knows; returns it."""
    zone = db.session.get_one(Circle, standing.circle_id).timezone
    circle = services.found(_name(theirs, mine), zone, kind=CircleKind.PAIR)
    for one in (theirs, mine):
        services.join(circle, one.member_id, one.own_name)
    return circle.id


def _places(standing: Standing, member_id: UUID) -> tuple[dict[UUID, Membership], Membership]:
    """Memberships of the locked circle, by id, and the member's own."""
    lock_circle(standing.circle_id)
    places = current(standing.circle_id)
    return places, places[queries.own_place(standing, member_id).id]


def _waits(request: Request) -> bool:
    return request.state is PairState.ASKED


def _check_own_limit(member_id: UUID, each: int) -> None:
    """Raise InvalidInput (pair) where the member has as many pairs as one may have."""
    if not may.open_circle(queries.looked_after(member_id, CircleKind.PAIR), each):
        raise InvalidInput(
            pair=ngettext(
                "You are already in %(num)s pair, which is the most for one person.",
                "You are already in %(num)s pairs, which is the most for one person.",
                each,
            )
        )


def _can_begin(theirs: Membership, each: int) -> bool:
    pairs = queries.looked_after(theirs.member_id, CircleKind.PAIR)
    return not accounts.account(theirs.member_id).is_suspended and may.open_circle(pairs, each)


def _name(theirs: Membership, mine: Membership) -> str:
    """The two names, cut to the length of a circle's name; either of them may change it."""
    return str(_("%(one)s and %(two)s", one=theirs.own_name, two=mine.own_name))[:NAME_MAX].strip()
