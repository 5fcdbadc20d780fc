"""States of a pair, from nothing to gone, and every path between them."""

from enum import StrEnum


class PairState(StrEnum):
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
    (PairState.NOTHING, Act.ASK): PairState.ASKED,
    (PairState.ASKED, Act.ASK): PairState.ASKED,
    (PairState.ASKED, Act.WITHDRAW): PairState.NOTHING,
    (PairState.ASKED, Act.NOT_NOW): PairState.PUT_OFF,
    (PairState.ASKED, Act.LAPSE): PairState.NOTHING,
    (PairState.ASKED, Act.YES): PairState.TALKING,
    (PairState.PUT_OFF, Act.ASK): PairState.PUT_OFF,
    (PairState.PUT_OFF, Act.WITHDRAW): PairState.DROPPED,
    (PairState.PUT_OFF, Act.NOT_NOW): PairState.PUT_OFF,
    (PairState.PUT_OFF, Act.LAPSE): PairState.NOTHING,
    (PairState.DROPPED, Act.ASK): PairState.PUT_OFF,
    (PairState.DROPPED, Act.WITHDRAW): PairState.DROPPED,
    (PairState.DROPPED, Act.LAPSE): PairState.NOTHING,
    (PairState.TALKING, Act.YES): PairState.TALKING,
    (PairState.TALKING, Act.CLOSE): PairState.CLOSING,
    (PairState.CLOSING, Act.CLOSE): PairState.CLOSING,
    (PairState.CLOSING, Act.CALL_OFF): PairState.TALKING,
    (PairState.CLOSING, Act.END): PairState.GONE,
}
WAITING = frozenset({PairState.ASKED, PairState.PUT_OFF})  # as who asked sees it


def after(state: PairState, act: Act) -> PairState | None:
    """State that an act leads to; None where there is no path."""
    return PATHS.get((state, act))
