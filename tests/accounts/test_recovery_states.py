"""Every state of a recovery and every path, as a table to be checked by eye."""

import pytest

from forum.accounts.recovery_states import (
    CAN_BE_STOPPED,
    FOR_AN_ADDRESS,
    LASTS,
    PATHS,
    Act,
    RecoveryState,
    after,
)

# A dot: there is no path, and nothing changes.
TABLE = """
              | moderator | member  | stop    | confirm | refuse  | reset | address       | cancel  | change | time
nothing       | waiting   | half    | .       | .       | .       | done  | address_asked | .       | .      | .
half          | waiting   | waiting | stopped | .       | .       | done  | address_asked | .       | .      | nothing
waiting       | .         | .       | stopped | .       | .       | done  | .             | .       | .      | ready
ready         | .         | .       | stopped | done    | stopped | done  | .             | .       | .      | nothing
stopped       | .         | .       | .       | .       | .       | done  | .             | .       | .      | nothing
address_asked | .         | .       | stopped | .       | .       | done  | .             | nothing | .      | address_due
address_due   | .         | .       | stopped | .       | .       | done  | .             | nothing | done   | nothing
done          | .         | .       | .       | .       | .       | done  | .             | .       | .      | nothing
"""  # noqa: E501
COLLEAGUES, LEAD = {Act.MODERATOR, Act.MEMBER}, {Act.CONFIRM}


def rows():
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in TABLE[1:-1].split("\n")]
    for state, *cells in lines:
        for act, cell in zip(head[1:], cells, strict=True):
            yield RecoveryState(state), Act(act), None if cell == "." else RecoveryState(cell)


@pytest.mark.parametrize(("state", "act", "then"), list(rows()))
def test_each_act_leads_where_the_table_says(state, act, then):
    assert after(state, act) is then


def test_the_table_is_whole():
    table = list(rows())

    assert {(state, act) for state, act, _ in table} == {
        (state, act) for state in RecoveryState for act in Act
    }
    assert {*PATHS} == {(state, act) for state, act, then in table if then}
    assert {*LASTS} == {state for state, act in PATHS if act is Act.TIME}


def ways(state, done=()):
    """Acts of every way from a state to DONE that takes each path once, at most."""
    for (before, act), then in PATHS.items():
        if before is state and (before, act) not in done:
            if then is RecoveryState.DONE:
                yield {*(each for _, each in done), act}
            yield from ways(then, (*done, (before, act)))


def test_no_way_in_needs_fewer_than_two_people_and_a_day():
    """Fails when somebody alone, the operator aside, can take another's second factor off."""
    for acts in ways(RecoveryState.NOTHING):
        by_operator = Act.RESET in acts or acts >= {Act.ADDRESS, Act.TIME, Act.CHANGE}
        assert by_operator or (acts >= LEAD | {Act.TIME} and acts & COLLEAGUES)
    assert [state for (state, act), then in PATHS.items() if act is Act.CONFIRM] == [
        RecoveryState.READY
    ]


def test_its_owner_can_stop_it_until_it_is_done():
    vouched = {RecoveryState.HALF, RecoveryState.WAITING, RecoveryState.READY}

    assert vouched | FOR_AN_ADDRESS == CAN_BE_STOPPED
