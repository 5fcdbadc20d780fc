"""Rules on a post of Pru's, by its state and by who asks, as a table to be checked by eye.

Columns: Pru, its author; Ray, a member; Fay, a facilitator; Mo, a moderator; Nan, a moderator of
the circle next door. x: may, -: may not.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from forum.policy import may
from forum.policy.terms import AuthorMode, CircleKind, Hidden, ReplyManner, Role, SupportWanted
from tests.policy.test_may import ELSEWHERE, THREAD, Author, Post, standing

#                  state                               pru  ray  fay  mo  nan
TABLE = """
read             | shown                             |   x    x    x    x   -
read             | withdrawn                         |   x    x    x    x   -
acknowledge      | shown                             |   x    x    x    x   -
acknowledge      | hidden for a patient              |   -    -    -    -   -
acknowledge      | withdrawn                         |   -    -    -    -   -
acknowledge      | shown, read-only                  |   -    -    -    -   -
keep_company     | shown                             |   -    x    x    x   -
keep_company     | masked                            |   -    x    x    x   -
keep_company     | locked                            |   -    x    x    x   -
keep_company     | no reply needed                   |   -    x    x    x   -
keep_company     | hidden for a patient              |   -    -    -    -   -
keep_company     | withdrawn                         |   -    -    -    -   -
keep_company     | shown, read-only                  |   -    -    -    -   -
thank            | shown                             |   x    x    x    x   -
thank            | masked                            |   x    x    x    x   -
thank            | hidden for a patient              |   -    -    -    -   -
thank            | withdrawn                         |   -    -    -    -   -
thank            | shown, read-only                  |   -    -    -    -   -
edit             | shown                             |   x    -    -    -   -
edit             | masked                            |   x    -    -    -   -
edit             | hidden for a patient              |   x    -    -    -   -
edit             | withdrawn                         |   -    -    -    -   -
edit             | shown, read-only                  |   x    -    -    -   -
amend            | shown                             |   x    -    -    -   -
amend            | hidden for a patient              |   x    -    -    -   -
amend            | withdrawn                         |   -    -    -    -   -
amend            | shown, read-only                  |   -    -    -    -   -
undo_withdrawal  | shown                             |   -    -    -    -   -
undo_withdrawal  | withdrawn                         |   x    -    -    -   -
undo_withdrawal  | withdrawn, masked                 |   -    -    -    -   -
edit_in_thread   | shown                             |   x    -    -    -   -
edit_in_thread   | masked                            |   -    -    -    -   -
flag             | shown                             |   x    x    x    x   -
flag             | hidden for a patient              |   -    -    -    -   -
flag             | hidden by a moderator             |   -    -    -    -   -
flag             | withdrawn                         |   -    -    -    -   -
pin              | shown                             |   -    -    -    x   -
pin              | masked                            |   -    -    -    x   -
pin              | hidden by a moderator             |   -    -    -    -   -
pin              | withdrawn                         |   -    -    -    -   -
see_to           | shown                             |   -    -    -    x   x
see_to           | hidden for a patient              |   -    -    -    x   x
see_to           | withdrawn                         |   -    -    -    x   x
hide             | shown                             |   -    -    -    x   x
hide             | hidden for a patient              |   -    -    -    -   -
hide             | withdrawn                         |   -    -    -    -   -
ask_change       | shown                             |   -    -    -    x   x
ask_change       | hidden for a patient              |   -    -    -    x   x
ask_change       | hidden by a moderator             |   -    -    -    x   x
ask_change       | withdrawn                         |   -    -    -    -   -
keep_hidden      | shown                             |   -    -    -    -   -
keep_hidden      | hidden for a patient              |   -    -    -    x   x
keep_hidden      | hidden by a moderator             |   -    -    -    -   -
keep_hidden      | hidden for a patient, withdrawn   |   -    -    -    -   -
show_again       | shown                             |   -    -    -    -   -
show_again       | hidden for a patient              |   -    -    -    x   x
show_again       | hidden for a patient, two days    |   -    -    x    x   x
show_again       | hidden by a moderator             |   -    -    -    x   x
show_again       | hidden by a moderator, two days   |   -    -    -    x   x
take_away        | hidden for a patient, six days    |   -    -    -    -   -
take_away        | hidden for a patient, seven days  |   -    -    -    x   x
take_away        | hidden by a moderator, seven days |   -    -    -    -   -
reply_in_words   | shown                             |   x    x    x    x   x
reply_in_words   | locked                            |   -    -    -    -   -
reply_in_words   | hidden for a patient              |   -    -    -    -   -
reply_in_words   | withdrawn                         |   -    -    -    -   -
reply_in_words   | no reply needed                   |   x    -    -    -   -
"""
# Nan is let in by rules that go by a role alone: the door of the circle, which gives nobody a
# standing next door, comes before each of them (tests/proofs/test_a1_route_matrix.py).
DAYS = {"two days": 2, "six days": 6, "seven days": 7}
POST = {
    "masked": {"author": Author(THREAD)},
    "hidden for a patient": {"hidden": Hidden.PATIENT},
    "hidden by a moderator": {"hidden": Hidden.MODERATOR},
    "withdrawn": {"withdrawn": True},
    "locked": {"locked": True},
    "no reply needed": {"reply_manner": ReplyManner.NO_REPLY_NEEDED},
}
CAST = (
    standing(b"pru"),
    standing(b"ray"),
    standing(b"fay", role=Role.FACILITATOR),
    standing(b"mo", role=Role.MODERATOR),
    standing(b"nan", circle_id=ELSEWHERE, role=Role.MODERATOR),
)


@dataclass(frozen=True)
class Thread(Post):
    support_wanted: tuple = (SupportWanted.EMOTIONAL_SUPPORT,)
    reply_manner: ReplyManner = ReplyManner.ANY


def rows():
    for line in TABLE.strip().splitlines():
        rule, state, cells = (cell.strip() for cell in line.split("|"))
        yield rule, state, cells.split()


@pytest.mark.parametrize(("rule", "state", "cells"), list(rows()), ids=lambda each: str(each))
def test_post_is_open_to_whom_the_table_says(rule, state, cells):
    post, parts = Thread(), state.split(", ")
    for part in parts:
        post = replace(post, **POST.get(part, {}))
    days = sum(DAYS.get(part, 0) for part in parts) * timedelta(days=1)
    arguments = {"show_again": {"waits": days}, "take_away": {"hidden_for": days}}.get(rule, {})

    for who, cell in zip(CAST, cells, strict=True):
        asks = replace(who, writable="read-only" not in parts)
        assert getattr(may, rule)(asks, post, **arguments) is (cell == "x"), who.hand.who


@pytest.mark.parametrize(
    ("state", "opens"),
    [
        ({}, True),
        ({"hidden": Hidden.PATIENT}, False),
        ({"hidden": Hidden.MODERATOR}, False),
        ({"withdrawn": True}, False),
    ],
)
def test_only_a_shown_post_is_open(state, opens):
    assert may.is_open(replace(Post(), **state)) is opens


@pytest.mark.parametrize(
    ("who", "mode", "moderators", "kind", "waits"),
    [
        ("pru", AuthorMode.OWN_NAME, 2, CircleKind.GROUP, True),
        ("pru", AuthorMode.OWN_NAME, 1, CircleKind.GROUP, False),
        ("pru", AuthorMode.OWN_NAME, 2, CircleKind.PAIR, False),
        ("pru", AuthorMode.PSEUDONYM, 2, CircleKind.GROUP, False),
        ("pru", AuthorMode.THREAD_PSEUDONYM, 2, CircleKind.GROUP, False),
        ("mo", AuthorMode.OWN_NAME, 2, CircleKind.GROUP, False),
    ],
    ids=["own", "nobody else", "a pair", "pseudonym", "masked", "another's"],
)
def test_a_moderator_leaves_what_they_said_by_their_own_name(who, mode, moderators, kind, waits):
    """Fails when they decide on it alone, or when what they decide tells whose a post is not."""
    asks = replace(standing(who.encode(), role=Role.MODERATOR), moderators=moderators, kind=kind)
    shown, hidden = (Post(author=Author(mode), hidden=each) for each in (None, Hidden.PATIENT))

    is_own_name = who == "pru" and mode is AuthorMode.OWN_NAME
    assert may.own_by_name(asks, shown.author) is is_own_name
    assert may.waits_for_another(asks, shown) is waits
    assert may.see_to(asks, shown) is (not waits and kind is not CircleKind.PAIR)
    assert may.show_again(asks, hidden, None) is not waits
