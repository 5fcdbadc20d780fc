"""Room for a pair, and requests: sealed in the memberships of those who have it and are asked.

With each change all memberships of a circle are sealed anew, in one length: no row, size or time
reveals who has room, who asks or who is asked.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Self
from uuid import UUID

from sqlalchemy import select

from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.models import Membership
from forum.circles.pair_states import WAITING, Act, PairState, after
from forum.circles.queries import Place
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.fences import fence
from forum.core.stored_json import StoredAsJson

LIFE = timedelta(days=14)  # of a request
STEP = 512  # bytes: stored lengths are multiples of it


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody's question whether two would talk for a while.

    asker: their membership. on: UTC day, as ISO 8601. circle: that "Yes" opened.
    """

    id: UUID
    asker: UUID
    name: str = field(repr=False)
    on: str
    state: PairState
    circle: UUID | None = None

    @property
    def has_lapsed(self) -> bool:
        """True once nobody answers it any more."""
        return now().date() - date.fromisoformat(self.on) > LIFE

    def after(self, act: Act) -> Self | None:
        """The request after an act; None where it is over. Raises LookupError without a path.

        Asked again it lives anew, whatever was answered: else its end would reveal "Not now".
        """
        state = after(self.state, act)
        if state is None:
            raise LookupError(f"no path from {self.state} by {act}")
        again = self.state is PairState.DROPPED and act is Act.ASK
        on = now().date().isoformat() if again else self.on
        return None if state is PairState.NOTHING else replace(self, state=state, on=on)


@dataclass(frozen=True, slots=True)
class Pairing(StoredAsJson):
    """A member's room for a pair, and the requests to them."""

    room: bool = False
    requests: tuple[Request, ...] = ()

    def asked(self, request_id: UUID) -> Request | None:
        """Request of this id that waits for the member."""
        return next((each for each in self.waiting if each.id == request_id), None)

    @property
    def waiting(self) -> list[Request]:
        """Requests that wait for the member, by the names of who asks."""
        found = [each for each in self.requests if self.room and each.state is PairState.ASKED]
        return sorted(found, key=lambda each: (each.name.casefold(), each.id))

    def by(self, asker: UUID) -> Request | None:
        """Request by this membership, in whatever state."""
        return next((each for each in self.requests if each.asker == asker), None)

    def accepted(self, request_id: UUID) -> Request | None:
        """Request of this id to which the member has said yes."""
        said = (each for each in self.requests if each.state is PairState.TALKING)
        return next((each for each in said if each.id == request_id), None)

    def waits_for(self, asker: UUID) -> bool:
        """True if a request by this membership waits, as its asker sees it."""
        request = self.by(asker)
        return request is not None and request.state in WAITING

    def with_asked(self, request: Request) -> Self:
        """The pairing once somebody asks, for the first time or again. Pressed twice, it is asked
        once."""
        before = self.by(request.asker)
        if before and before.state is PairState.TALKING:
            return self if before.id == request.id else self.put(request.asker, request)
        return self.put(request.asker, before.after(Act.ASK) if before else request)

    def with_withdrawn(self, asker: UUID) -> Self:
        """The pairing after a member withdraws their request; without a request, unchanged."""
        request = self.by(asker)
        if request is None or request.state is PairState.TALKING:
            return self
        return self.put(asker, request.after(Act.WITHDRAW))

    def but(self, dropped: Collection[Request]) -> Self:
        """The pairing without these requests."""
        return replace(self, requests=tuple(x for x in self.requests if x not in dropped))

    def put(self, asker: UUID, request: Request | None) -> Self:
        """The pairing with this request in place of the asker's."""
        others = tuple(each for each in self.requests if each.asker != asker)
        return replace(self, requests=others if request is None else (*others, request))


def pairing(place: Membership) -> Pairing:
    """Room and requests of a membership, without what has lapsed."""
    if not (stored := place.pairing):
        return Pairing()
    found = Pairing.from_json(stored)
    living = tuple(each for each in found.requests if not each.has_lapsed)
    return replace(found, requests=living)


def waiting(place: Place) -> list[Request]:
    """Requests waiting for the member in any circle."""
    return pairing(place.membership).waiting if place.membership else []


def current(circle_id: UUID) -> dict[UUID, Membership]:
    """Current memberships of a circle, by id, for `write`."""
    rows = select(Membership).filter_by(circle_id=circle_id, left_on=None)
    return {each.id: each for each in db.session.scalars(rows.order_by(Membership.id))}


def write(places: Mapping[UUID, Membership], changed: Mapping[UUID, Pairing]) -> None:
    """Store changed pairings, by membership, and seal those of all other members anew."""
    texts = {
        place_id: changed.get(place_id, pairing(place)).to_json()
        for place_id, place in places.items()
    }
    longest = max(map(len, texts.values()), default=0)
    size = -(-(longest + 1) // STEP) * STEP - 1  # the seal adds a byte
    for place_id, place in places.items():
        place.pairing = texts[place_id].ljust(size)


def forget(place: Membership) -> None:
    """Drop the room and all requests of somebody who leaves, to them and by them."""
    lock_circle(place.circle_id)
    places = current(place.circle_id) | {place.id: place}
    if not any(each.pairing for each in places.values()):
        return
    known = {each.id: pairing(each).put(place.id, None) for each in places.values()}
    write(places, known | {place.id: Pairing()})


def drop_suspended() -> int:
    """Drop requests by members whose accounts are suspended; returns their number.

    To those who were asked they go like withdrawn ones: to answer them would reveal it.
    """
    dropped = 0
    for circle_id in queries.with_suspended_members():
        with fence("pairs.dropped"):
            dropped += _drop_suspended(circle_id)
    return dropped


def _drop_suspended(circle_id: UUID) -> int:
    gone = queries.suspended_places(circle_id)
    if not any(_by_any(pairing(each), gone) for each in current(circle_id).values()):
        return 0  # nothing to write, minute after minute
    with unit_of_work():
        lock_circle(circle_id)
        places = current(circle_id)
        known = {place_id: pairing(each) for place_id, each in places.items()}
        dropped = {place_id: _by_any(each, gone) for place_id, each in known.items()}
        write(places, {place_id: known[place_id].but(dropped[place_id]) for place_id in places})
        return sum(map(len, dropped.values()))


def _by_any(known: Pairing, askers: Collection[UUID]) -> list[Request]:
    return [each for each in known.requests if each.asker in askers]


def rename(place: Membership, name: str) -> None:
    """Write a changed display name into the requests of its member."""
    places = current(place.circle_id)
    if not any(each.pairing for each in places.values()):
        return
    write(places, {each.id: _renamed(pairing(each), place.id, name) for each in places.values()})


def _renamed(known: Pairing, asker: UUID, name: str) -> Pairing:
    request = known.by(asker)
    return known.put(asker, replace(request, name=name)) if request else known


def let_in(place: Membership) -> None:
    """Seal a newcomer's membership, or one restored, in the length of all others."""
    places = current(place.circle_id)
    if any(each.pairing for each in places.values()):
        write(places, {})
