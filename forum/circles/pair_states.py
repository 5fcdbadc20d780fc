"""States of a pair, from nothing to gone, and every path between them."""

from enum import StrEnum


class State(StrEnum):
    """Relation between somebody who asks for a pair and somebody who has room for one."""

    NOTHING = "nothing"
    ASKED = "asked"
    PUT_OFF = "put_off"  # "Not now", which only the one who was asked knows
    DROPPED = "dropped"  # put off, and then withdrawn by who had asked
    TALKING = "talking"  # a circle of the two
    CLOSING = "closing"  # which can be read only
    GONE = "gone"


class Act(StrEnum):
    """An act of one of the two, or of the clock."""

    ASK = "ask"
    WITHDRAW = "withdraw"  # by who asked
    NOT_NOW = "not_now"
    YES = "yes"
    LAPSE = "lapse"  # by the clock
    CLOSE = "close"
    CALL_OFF = "call_off"
    END = "end"  # by the clock


# Nobody can be asked twice within a request's life: what was put off stays so when it is withdrawn
# and asked again, and looks to who asks like a request that waits.
PATHS = {
    (State.NOTHING, Act.ASK): State.ASKED,
    (State.ASKED, Act.ASK): State.ASKED,
    (State.ASKED, Act.WITHDRAW): State.NOTHING,
    (State.ASKED, Act.NOT_NOW): State.PUT_OFF,
    (State.ASKED, Act.LAPSE): State.NOTHING,
    (State.ASKED, Act.YES): State.TALKING,
    (State.PUT_OFF, Act.ASK): State.PUT_OFF,
    (State.PUT_OFF, Act.WITHDRAW): State.DROPPED,
    (State.PUT_OFF, Act.NOT_NOW): State.PUT_OFF,
    (State.PUT_OFF, Act.LAPSE): State.NOTHING,
    (State.DROPPED, Act.ASK): State.PUT_OFF,
    (State.DROPPED, Act.WITHDRAW): State.DROPPED,
    (State.DROPPED, Act.LAPSE): State.NOTHING,
    (State.TALKING, Act.YES): State.TALKING,
    (State.TALKING, Act.CLOSE): State.CLOSING,
    (State.CLOSING, Act.CLOSE): State.CLOSING,
    (State.CLOSING, Act.CALL_OFF): State.TALKING,
    (State.CLOSING, Act.END): State.GONE,
}
WAITING = frozenset({State.ASKED, State.PUT_OFF})  # as who asked sees it


def after(state: State, act: Act) -> State | None:
    """State that an act leads to; None where there is no path."""
    return PATHS.get((state, act))
