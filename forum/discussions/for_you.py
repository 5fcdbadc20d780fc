"""Rows of home that wait for one member, over all their circles.

Rooms above add sources, since this room does not know theirs. What waits under a mask is one
row alike for all reasons, without circle, thread, day or kind, and it appears at a slot.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from flask import Flask, current_app
from flask_babel import gettext as _

from forum.circles.mask_schedule import last_slot
from forum.circles.queries import Place
from forum.core.clock import now
from forum.web.urls import address


class Rank(IntEnum):
    """Kinds of rows, in the order of the page."""

    CANNOT_WAIT = 1  # for a patient or somebody else
    ACCOUNT = 2  # about to be deleted
    CLOSING = 3  # of a circle
    HIDDEN = 4  # a post of one's own, until it is changed
    ANSWER = 5  # to a post of one's own, by name
    UNDER_A_MASK = 6
    MESSAGE = 7
    TURN = 8  # to reply first
    MODERATION = 9
    PAIR = 10  # asked for by a colleague
    DRAFT = 11  # whose day has come
    LOOK_BACK = 12  # at what was told some weeks ago
    VOTE = 13
    ERASURE = 14  # of texts of a circle
    RULES = 15


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """A row. typed: whether title and line are members' words. who: names. act, second: address
    and label of a button. end: a day. languages: RFC 5646 tags of title and line, "" where unknown.
    """

    rank: Rank
    title: str = field(repr=False)
    url: str
    about: str = field(default="", repr=False)
    who: str = field(default="", repr=False)
    line: str = field(default="", repr=False)
    note: str = field(default="", repr=False)
    end: str = ""
    act: tuple[str, str] | None = None
    second: tuple[str, str] | None = None
    typed: bool = False
    languages: tuple[str, str] = ("", "")


def under_a_mask() -> WaitingItem:
    """The row for whatever waits under the member's masks: one, with the same words for all."""
    title, url = _("Something under Your posts"), address("discussions.with_masks")
    return WaitingItem(Rank.UNDER_A_MASK, title, url, about=_("Opens with your password."))


Slots = Mapping[UUID, datetime]  # the latest slot of each circle
Source = Callable[[Sequence[Place], Slots], list[WaitingItem]]


def init_app(app: Flask) -> None:
    """Make room for sources."""
    app.extensions["for_you"] = []


def add_source(app: Flask, source: Source) -> None:
    """Add the rows of a room. source: runs a constant number of statements, however many circles
    there are and whatever waits."""
    app.extensions["for_you"].append(source)


def slots(places: Sequence[Place]) -> dict[UUID, datetime]:
    """The latest slot of each circle, computed once for circles with equal times."""
    moment, known, found = now(), dict[tuple[object, ...], datetime](), dict[UUID, datetime]()
    for home in (place.circle for place in places):
        key = home.slots, home.timezone, home.slots_from, home.slots_before, home.timezone_before
        if key not in known:
            known[key] = last_slot(moment, *home.mask_schedule)
        found[home.id] = known[key]
    return found


def of_rooms(places: Sequence[Place], latest: Slots) -> list[WaitingItem]:
    """Rows of all sources."""
    sources: list[Source] = current_app.extensions["for_you"]
    return [item for source in sources for item in source(places, latest)]


def in_order(items: Sequence[WaitingItem]) -> list[WaitingItem]:
    """Rows by rank, with one at most for all that waits under masks."""
    found = sorted(items, key=lambda each: each.rank)
    under = [each for each in found if each.rank is Rank.UNDER_A_MASK]
    return [each for each in found if each not in under[1:]]
