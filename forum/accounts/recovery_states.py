"""States of help for somebody who lost every second factor, or their mail address, and every path
between them.
"""

from datetime import timedelta
from enum import StrEnum

DAY = timedelta(days=1)


class RecoveryState(StrEnum):
    """State of an account's recovery."""

    NOTHING = "nothing"
    HALF = "half"  # the first of two members vouched
    WAITING = "waiting"  # vouched for; a day in which its owner can stop it
    READY = "ready"  # for the programme lead
    STOPPED = "stopped"  # by its owner or the lead; vouching changes nothing for a while
    ADDRESS_ASKED = "address_asked"  # another mail address; a day in which its owner can stop it
    ADDRESS_DUE = "address_due"  # for the worker, which writes the address
    DONE = "done"  # second factors off, or address changed; hidden posts and drafts are closed


class Act(StrEnum):
    """An act of colleagues, of the account's owner, of those who run the service, or of the clock.

    MEMBER is by somebody who has not vouched yet.
    """

    MODERATOR = "moderator"
    MEMBER = "member"
    STOP = "stop"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    RESET = "reset"  # the operator's command
    ADDRESS = "address"  # the operator's command, too
    CANCEL = "cancel"  # of the operator, and of the worker where the address is taken by now
    CHANGE = "change"  # by the worker
    TIME = "time"


# Nobody gets past WAITING but by the clock, and past READY but by the lead: no act of one person
# leads from NOTHING to DONE, RESET aside.
PATHS = {
    (RecoveryState.NOTHING, Act.MODERATOR): RecoveryState.WAITING,
    (RecoveryState.NOTHING, Act.MEMBER): RecoveryState.HALF,
    (RecoveryState.NOTHING, Act.RESET): RecoveryState.DONE,
    (RecoveryState.HALF, Act.MODERATOR): RecoveryState.WAITING,
    (RecoveryState.HALF, Act.MEMBER): RecoveryState.WAITING,
    (RecoveryState.HALF, Act.STOP): RecoveryState.STOPPED,
    (RecoveryState.HALF, Act.RESET): RecoveryState.DONE,
    (RecoveryState.HALF, Act.ADDRESS): RecoveryState.ADDRESS_ASKED,  # one colleague holds up nobody
    (RecoveryState.HALF, Act.TIME): RecoveryState.NOTHING,
    (RecoveryState.WAITING, Act.STOP): RecoveryState.STOPPED,
    (RecoveryState.WAITING, Act.RESET): RecoveryState.DONE,
    (RecoveryState.WAITING, Act.TIME): RecoveryState.READY,
    (RecoveryState.READY, Act.STOP): RecoveryState.STOPPED,
    (RecoveryState.READY, Act.CONFIRM): RecoveryState.DONE,
    (RecoveryState.READY, Act.REFUSE): RecoveryState.STOPPED,
    (RecoveryState.READY, Act.RESET): RecoveryState.DONE,
    (RecoveryState.READY, Act.TIME): RecoveryState.NOTHING,
    (RecoveryState.NOTHING, Act.ADDRESS): RecoveryState.ADDRESS_ASKED,
    (RecoveryState.ADDRESS_ASKED, Act.STOP): RecoveryState.STOPPED,
    (RecoveryState.ADDRESS_ASKED, Act.CANCEL): RecoveryState.NOTHING,
    (RecoveryState.ADDRESS_ASKED, Act.RESET): RecoveryState.DONE,
    (RecoveryState.ADDRESS_ASKED, Act.TIME): RecoveryState.ADDRESS_DUE,
    (RecoveryState.ADDRESS_DUE, Act.STOP): RecoveryState.STOPPED,
    (RecoveryState.ADDRESS_DUE, Act.CANCEL): RecoveryState.NOTHING,
    (RecoveryState.ADDRESS_DUE, Act.RESET): RecoveryState.DONE,
    (RecoveryState.ADDRESS_DUE, Act.CHANGE): RecoveryState.DONE,
    (RecoveryState.ADDRESS_DUE, Act.TIME): RecoveryState.NOTHING,
    (RecoveryState.STOPPED, Act.RESET): RecoveryState.DONE,
    (RecoveryState.STOPPED, Act.TIME): RecoveryState.NOTHING,
    (RecoveryState.DONE, Act.RESET): RecoveryState.DONE,
    (RecoveryState.DONE, Act.TIME): RecoveryState.NOTHING,
}
LASTS = {  # until TIME
    RecoveryState.HALF: 7 * DAY,
    RecoveryState.WAITING: DAY,
    RecoveryState.READY: 7 * DAY,
    RecoveryState.STOPPED: 7 * DAY,
    RecoveryState.ADDRESS_ASKED: DAY,
    RecoveryState.ADDRESS_DUE: 7 * DAY,
    RecoveryState.DONE: 7 * DAY,
}
FOR_AN_ADDRESS = frozenset({RecoveryState.ADDRESS_ASKED, RecoveryState.ADDRESS_DUE})
CAN_BE_STOPPED = frozenset(state for state, act in PATHS if act is Act.STOP)


def after(state: RecoveryState, act: Act) -> RecoveryState | None:
    """State that an act leads to; None where there is no path."""
    return PATHS.get((state, act))
