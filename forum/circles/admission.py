"""States of a group link and of somebody who asks to join by it, and every path between them.

Only these events change a state; each service names its event and asks `after` first. What is over
or has joined leaves no row, so that a refusal, a lapse and an invented link are alike.
"""

from collections.abc import Mapping
from enum import StrEnum

from forum.core.errors import NotFound


class LinkState(StrEnum):
    """State of a circle's group link."""

    OPEN = "open"  # whoever has it may ask to join
    FULL = "full"  # as many wait as may, the circle has no room, or it takes nobody at the moment
    OVER = "over"  # never made, or ended: no row


class LinkEvent(StrEnum):
    """Event in the life of a group link."""

    MAKE = "make"  # a moderator
    FILL = "fill"  # the last who may wait asks, or the last place is given
    CLEAR = "clear"  # somebody who waits is answered, or a place is free again
    END = "end"  # any moderator
    USE_UP = "use_up"  # the last of the places that it names is given
    LAPSE = "lapse"  # its days are over, or its circle is closed


class ApplicantState(StrEnum):
    """State of somebody who asks to join."""

    UNCONFIRMED = "unconfirmed"  # their address is not confirmed yet: no moderator sees them
    WAITING = "waiting"  # for a moderator, who sees name and address
    LET_IN = "let_in"  # an invitation of theirs lives; moderators no longer see name and address
    JOINED = "joined"  # no row
    OVER = "over"  # refused, lapsed or cancelled: no row


class ApplicantEvent(StrEnum):
    """Event in the life of a request to join."""

    CONFIRM = "confirm"  # their address, by the link sent there
    YES = "yes"  # a moderator, who vouches for them
    NO = "no"  # a moderator
    JOIN = "join"
    CANCEL = "cancel"  # a moderator, after a yes; or whoever vouched is gone
    LAPSE = "lapse"


LINK_PATHS: Mapping[tuple[LinkState, LinkEvent], LinkState] = {
    (LinkState.OVER, LinkEvent.MAKE): LinkState.OPEN,
    (LinkState.OPEN, LinkEvent.FILL): LinkState.FULL,
    (LinkState.OPEN, LinkEvent.END): LinkState.OVER,
    (LinkState.OPEN, LinkEvent.USE_UP): LinkState.OVER,
    (LinkState.OPEN, LinkEvent.LAPSE): LinkState.OVER,
    (LinkState.FULL, LinkEvent.CLEAR): LinkState.OPEN,
    (LinkState.FULL, LinkEvent.END): LinkState.OVER,
    (LinkState.FULL, LinkEvent.USE_UP): LinkState.OVER,
    (LinkState.FULL, LinkEvent.LAPSE): LinkState.OVER,
}
APPLICANT_PATHS: Mapping[tuple[ApplicantState, ApplicantEvent], ApplicantState] = {
    (ApplicantState.UNCONFIRMED, ApplicantEvent.CONFIRM): ApplicantState.WAITING,
    (ApplicantState.UNCONFIRMED, ApplicantEvent.LAPSE): ApplicantState.OVER,
    (ApplicantState.WAITING, ApplicantEvent.YES): ApplicantState.LET_IN,
    (ApplicantState.WAITING, ApplicantEvent.NO): ApplicantState.OVER,
    (ApplicantState.WAITING, ApplicantEvent.LAPSE): ApplicantState.OVER,
    (ApplicantState.LET_IN, ApplicantEvent.JOIN): ApplicantState.JOINED,
    (ApplicantState.LET_IN, ApplicantEvent.CANCEL): ApplicantState.OVER,
    (ApplicantState.LET_IN, ApplicantEvent.LAPSE): ApplicantState.OVER,
}


def begins(*, proved: bool) -> ApplicantState:
    """State of somebody who has just asked. proved: the address is known to be theirs, or nothing
    can be sent there.
    """
    return ApplicantState.WAITING if proved else ApplicantState.UNCONFIRMED


def after(state: ApplicantState, event: ApplicantEvent) -> ApplicantState:
    """State after an event. Raises NotFound where no path leads on: somebody else was first."""
    if (state, event) not in APPLICANT_PATHS:
        raise NotFound
    return APPLICANT_PATHS[state, event]


def link_after(state: LinkState, event: LinkEvent) -> LinkState:
    """State of a group link after an event. Raises NotFound where no path leads on."""
    if (state, event) not in LINK_PATHS:
        raise NotFound
    return LINK_PATHS[state, event]
