"""Every state of a pair and every path, as a table to be checked by eye."""

import pytest

from forum.circles.pair_states import PATHS, WAITING, Act, PairState, after

# A dot: there is no path.
TABLE = """
          | ask     | withdraw | not_now | yes     | lapse   | close   | call_off | end
nothing   | asked   | .        | .       | .       | .       | .       | .        | .
asked     | asked   | nothing  | put_off | talking | nothing | .       | .        | .
put_off   | put_off | dropped  | put_off | .       | nothing | .       | .        | .
dropped   | put_off | dropped  | .       | .       | nothing | .       | .        | .
talking   | .       | .        | .       | talking | .       | closing | .        | .
closing   | .       | .        | .       | .       | .       | closing | talking  | gone
gone      | .       | .        | .       | .       | .       | .       | .        | .
"""


def rows():
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in TABLE[1:-1].split("\n")]
    for state, *cells in lines:
        for act, cell in zip(head[1:], cells, strict=True):
            yield PairState(state), Act(act), None if cell == "." else PairState(cell)


@pytest.mark.parametrize(("state", "act", "then"), list(rows()))
def test_each_act_leads_where_the_table_says(state, act, then):
    assert after(state, act) is then


def test_the_table_is_whole():
    table = list(rows())

    assert {(state, act) for state, act, _ in table} == {(s, a) for s in PairState for a in Act}
    assert {*PATHS} == {(state, act) for state, act, then in table if then}


def test_every_state_is_reached_and_only_gone_is_final():
    reached = {PairState.NOTHING}
    for _ in PairState:
        reached |= {then for (state, _), then in PATHS.items() if state in reached}

    assert reached == {*PairState}
    assert {*PairState} - {state for state, _ in PATHS} == {PairState.GONE}


def test_who_asked_sees_no_difference_in_not_now():
    for act in (Act.ASK, Act.WITHDRAW):
        seen = [after(state, act) in WAITING for state in (PairState.ASKED, PairState.PUT_OFF)]
        assert len({*seen}) == 1
