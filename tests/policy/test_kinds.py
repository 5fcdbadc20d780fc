"""Rules that go by the kind of a circle, as tables to be checked by eye."""

from dataclasses import replace

import pytest

from forum.policy import may
from forum.policy.terms import CircleKind, Role
from tests.policy.test_may import Post, standing

GROUP, PAIR, ONE_OFF = CircleKind


@pytest.mark.parametrize(
    ("kind", "members", "complete", "joins"),
    [
        (GROUP, 19, False, True),
        (GROUP, 20, False, False),
        (PAIR, 1, False, True),
        (PAIR, 2, False, False),
        (PAIR, 2, True, False),
        (PAIR, 1, True, False),  # one has left: nobody reads what was told to them
        (ONE_OFF, 4, False, True),
        (ONE_OFF, 5, False, False),
    ],
)
def test_each_kind_has_its_room(kind, members, complete, joins):
    assert may.join(members, kind, complete=complete) is joins


def test_all_look_after_a_small_circle():
    assert [may.role_on_joining(kind) for kind in (GROUP, PAIR, ONE_OFF)] == [
        Role.MEMBER,
        Role.MODERATOR,
        Role.MODERATOR,
    ]


@pytest.mark.parametrize("kind", [PAIR, ONE_OFF])
def test_nobody_gives_or_lays_down_a_role_in_a_small_circle(kind):
    one = replace(standing(b"ray", role=Role.MODERATOR), kind=kind)

    assert not may.give_role(one, Role.MEMBER, Role.FACILITATOR)
    assert not may.step_down(one, moderators=2)
    assert not may.remove(one, Role.MODERATOR)


@pytest.mark.parametrize(
    ("kind", "voices", "decided"),
    [(GROUP, 1, False), (GROUP, 2, True), (PAIR, 1, True), (PAIR, 0, False), (ONE_OFF, 1, False)],
)
def test_either_of_a_pair_decides_on_closing_alone(kind, voices, decided):
    assert may.decide_closing(2, 2, voices, voices, kind) is decided


MEMBER, MODERATOR, FACILITATOR = Role.MEMBER, Role.MODERATOR, Role.FACILITATOR


@pytest.mark.parametrize(
    ("kind", "role", "members", "of", "moderators", "vouches", "alone"),
    [
        (GROUP, MODERATOR, 9, MEMBER, 1, True, True),
        (GROUP, MODERATOR, 9, MODERATOR, 2, True, True),
        (GROUP, MEMBER, 9, MEMBER, 1, False, False),
        (GROUP, FACILITATOR, 9, MEMBER, 1, False, False),
        (GROUP, MEMBER, 9, MODERATOR, 2, False, False),  # the other moderator does
        (GROUP, MEMBER, 9, MODERATOR, 1, True, False),  # nobody else moderates
        (GROUP, FACILITATOR, 9, MEMBER, 0, True, False),
        (GROUP, MEMBER, 2, MODERATOR, 1, False, False),  # there is no second one
        (ONE_OFF, MODERATOR, 3, MODERATOR, 3, True, False),  # nobody was given the role
        (ONE_OFF, MODERATOR, 2, MODERATOR, 2, False, False),
        (PAIR, MODERATOR, 2, MODERATOR, 2, False, False),
    ],
)
def test_who_vouches_for_whom(kind, role, members, of, moderators, vouches, alone):
    one = replace(standing(b"ray", role=role), kind=kind, members=members)

    assert may.vouch(one, of, moderators) is vouches
    assert may.vouches_alone(one) is alone


@pytest.mark.parametrize(
    ("kind", "role", "allowed"),
    [
        (GROUP, MODERATOR, True),
        (GROUP, FACILITATOR, False),
        (GROUP, MEMBER, False),
        (ONE_OFF, MODERATOR, True),
        (PAIR, MODERATOR, False),  # either of two would act on the other
    ],
)
def test_neither_of_a_pair_restricts_pins_or_asks_guardians(kind, role, allowed):
    """Fails when one of a pair can have the other's name opened, or choose what is read first."""
    one = replace(standing(b"ray", role=role), kind=kind)

    assert may.restrict(one) is allowed
    assert may.pin(one, Post()) is allowed
    assert may.ask_guardians(one) is allowed
