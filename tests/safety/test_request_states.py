import pytest

from forum.core.errors import Forbidden
from forum.safety.request_states import IN_HAND, PATHS, Act, State, after, of_votes

TABLE = """
           yes     no          alone   lapse
waiting    one_yes one_no      opened  lapsed
one_yes    opened  split       opened  lapsed
one_no     split   not_opened  -       lapsed
split      opened  not_opened  -       lapsed
opened     -       -           -       -
not_opened -       -           -       -
lapsed     -       -           -       -
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CASES = [
    (State(row[0]), Act(act), to) for row in ROWS for act, to in zip(HEAD, row[1:], strict=True)
]


@pytest.mark.parametrize(("state", "act", "to"), CASES)
def test_each_act_leads_where_the_table_says(state, act, to):
    if to == "-":
        with pytest.raises(Forbidden):
            after(state, act)
    else:
        assert after(state, act) is State(to)


def test_the_table_names_every_state_and_act():
    assert {(state, act) for state, act, _to in CASES} == {(s, a) for s in State for a in Act}
    assert {state for state, _act in PATHS} == IN_HAND


@pytest.mark.parametrize(
    ("yes", "no", "state"),
    [(0, 0, "waiting"), (1, 0, "one_yes"), (0, 1, "one_no"), (1, 1, "split"), (2, 0, "one_yes")],
)
def test_a_state_is_counted_from_votes(yes, no, state):
    assert of_votes(yes, no) is State(state)
