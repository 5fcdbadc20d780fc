"""States of a request to open a name, and every transition between them."""

from collections.abc import Mapping
from enum import StrEnum

from forum.core.errors import Forbidden


class State(StrEnum):
    """State of a request; the first four are in hand."""

    WAITING = "waiting"
    ONE_YES = "one_yes"
    ONE_NO = "one_no"
    SPLIT = "split"  # one yes, one no
    OPENED = "opened"
    NOT_OPENED = "not_opened"
    LAPSED = "lapsed"

    @property
    def is_in_hand(self) -> bool:
        """Whether guardians may still decide."""
        return self in IN_HAND


class Act(StrEnum):
    """Act of a guardian, or of the clock, on a request."""

    YES = "yes"
    NO = "no"
    ALONE = "alone"  # one guardian, where may.open_alone permits
    LAPSE = "lapse"  # the clock, a day after it was asked


IN_HAND = frozenset({State.WAITING, State.ONE_YES, State.ONE_NO, State.SPLIT})
PATHS: Mapping[tuple[State, Act], State] = {
    (State.WAITING, Act.YES): State.ONE_YES,
    (State.WAITING, Act.NO): State.ONE_NO,
    (State.WAITING, Act.ALONE): State.OPENED,
    (State.WAITING, Act.LAPSE): State.LAPSED,
    (State.ONE_YES, Act.YES): State.OPENED,
    (State.ONE_YES, Act.NO): State.SPLIT,
    (State.ONE_YES, Act.ALONE): State.OPENED,
    (State.ONE_YES, Act.LAPSE): State.LAPSED,
    (State.ONE_NO, Act.YES): State.SPLIT,
    (State.ONE_NO, Act.NO): State.NOT_OPENED,
    (State.ONE_NO, Act.LAPSE): State.LAPSED,
    (State.SPLIT, Act.YES): State.OPENED,
    (State.SPLIT, Act.NO): State.NOT_OPENED,
    (State.SPLIT, Act.LAPSE): State.LAPSED,
}


def after(state: State, act: Act) -> State:
    """State that follows an act. Raises Forbidden without a transition."""
    if (state, act) not in PATHS:
        raise Forbidden
    return PATHS[state, act]


def of_votes(yes: int, no: int) -> State:
    """State in hand of a request with these votes of guardians who can still act, one of each at
    most: a second would have closed it."""
    if yes and no:
        return State.SPLIT
    if yes:
        return State.ONE_YES
    return State.ONE_NO if no else State.WAITING
