from datetime import timedelta

import pytest

from forum.policy import may

MINUTES = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("can_act", "belongs", "asked", "answer"),
    [
        (True, False, False, True),
        (False, False, False, False),
        (True, True, False, False),
        (True, False, True, False),
    ],
)
def test_who_acts_as_guardian(can_act, belongs, asked, answer):
    assert may.act_as_guardian(can_act=can_act, belongs=belongs, asked=asked) is answer


@pytest.mark.parametrize(
    ("immediate", "refused", "left", "answer"),
    [
        (True, False, 15 * MINUTES, True),
        (True, False, 14 * MINUTES, False),
        (True, False, -1 * MINUTES, False),  # a clock set back
        (True, False, None, False),
        (True, True, 15 * MINUTES, False),
        (False, False, 15 * MINUTES, False),
    ],
)
def test_when_one_guardian_opens_alone(immediate, refused, left, answer):
    assert may.open_alone(immediate=immediate, refused=refused, left=left) is answer
