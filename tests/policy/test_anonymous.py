"""A standing of nobody: the worker's, which holds no name."""

from uuid import uuid4

import pytest

from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Mark, Role


def test_a_standing_of_nobody_has_no_hand_and_no_right():
    nobody = Standing.of_no_one(uuid4(), 7)

    for ask in (
        lambda hand: hand.key(AuthorMode.OWN_NAME, uuid4(), 1),
        lambda hand: hand.mark(Mark.DRAFT, uuid4()),
        lambda hand: hand.marks(Mark.DRAFT, [uuid4().bytes]),
    ):
        with pytest.raises(LookupError, match="anonymous"):
            ask(nobody.hand)
    assert nobody.role is Role.MEMBER
    assert (nobody.moderators, nobody.writable, nobody.agreed, nobody.settled) == (
        1,
        True,
        True,
        True,
    )
    assert not any((nobody.behind, nobody.led, nobody.on_turn, nobody.voted))
