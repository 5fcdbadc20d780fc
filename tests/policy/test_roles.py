"""Rules that go by a member's role, as a table to be checked by eye.

Columns: member, facilitator, moderator; x: may, -: may not. A rule stands once for every state of
the circle, or of a matter in it, that its answer depends on: see GIVEN.
"""

from dataclasses import replace
from datetime import timedelta
from inspect import getmembers, isfunction
from pathlib import Path

import pytest

from forum.policy import may
from forum.policy.terms import CircleKind, FlagReason, Role
from tests.policy.test_may import standing

#                  given                               member  facilitator  moderator
TABLE = """
keep_safe        | always                            |   -         -           x
see_invitations  | always                            |   -         -           x
see_invitations  | pair that has been two            |   -         -           -
see_invitations  | pair                              |   -         -           x
admit_groups     | always                            |   -         -           x
admit_groups     | pair                              |   -         -           -
admit_groups     | one conversation                  |   -         -           -
change_settings  | always                            |   -         -           x
change_settings  | pair                              |   -         -           x
change_ways      | always                            |   -         -           x
change_ways      | pair                              |   -         -           -
change_ways      | one conversation                  |   -         -           -
restrict         | always                            |   -         -           x
restrict         | pair                              |   -         -           -
restrict         | one conversation                  |   -         -           x
ask_guardians    | always                            |   -         -           x
ask_guardians    | pair                              |   -         -           -
ask_guardians    | one conversation                  |   -         -           x
read_flag        | a worry                           |   -         -           x
read_flag        | another reason                    |   x         x           x
see_year         | always                            |   -         -           x
see_year         | pair                              |   -         -           -
see_year         | one conversation                  |   -         -           -
message_moderators | always                          |   x         x           x
message_moderators | pair                            |   -         -           -
message_moderators | one conversation                |   -         -           -
share_own_details | always                           |   -         -           -
share_own_details | pair                             |   x         x           x
share_own_details | one conversation                 |   x         x           x
have_room        | always                            |   x         x           x
have_room        | rules changed since               |   -         -           -
have_room        | read-only                         |   -         -           -
have_room        | pair                              |   -         -           -
have_room        | one conversation                  |   -         -           -
ask_for_pair     | somebody else                     |   x         x           x
ask_for_pair     | oneself                           |   -         -           -
ask_for_pair     | somebody else, read-only          |   -         -           -
ask_for_pair     | somebody else, pair               |   -         -           -
see_rota         | always                            |   x         x           x
see_rota         | pair                              |   -         -           -
see_rota         | one conversation                  |   -         -           -
invite           | always                            |   -         -           x
invite           | read-only                         |   -         -           -
invite           | pair, one there                   |   -         -           x
invite           | pair, two there                   |   -         -           -
invite           | pair that has been two, one there |   -         -           -
invite           | one conversation, four there      |   -         -           x
invite           | one conversation, five there      |   -         -           -
set_rhythm       | always                            |   -         x           x
set_rhythm       | pair                              |   -         -           -
set_rhythm       | one conversation                  |   -         -           -
look_after_rounds | always                           |   -         x           x
look_after_rounds | pair                             |   -         -           -
look_after_rounds | one conversation                 |   -         -           -
write_themes     | always                           |   -         x           x
write_themes     | read-only                        |   -         -           -
write_themes     | pair                             |   -         -           -
write_themes     | one conversation                 |   -         -           -
post             | always                            |   x         x           x
post             | rules changed since               |   -         -           -
post             | read-only                         |   -         -           -
turn_rota        | always                            |   x         x           x
turn_rota        | rules changed since               |   -         -           -
turn_rota        | read-only                         |   -         -           -
turn_rota        | pair                              |   -         -           -
turn_rota        | one conversation                  |   -         -           -
answer_first     | 23 hours, on turn                 |   -         -           -
answer_first     | a day, on turn                    |   x         x           x
answer_first     | a day                             |   -         -           -
answer_first     | two days                          |   -         x           -
answer_first     | three days                        |   -         x           x
answer_first     | pair, three days                  |   -         -           -
answer_first     | one conversation, three days      |   -         -           -
look | waits for its author, somebody else           |   -         -           x
look             | waits a day, somebody else        |   -         -           x
look             | waits two days, somebody else     |   -         x           x
look             | waits two days, oneself           |   -         -           x
look | waits since now, no moderator, somebody else  |   -         x           x
look | waits since now, no moderator, oneself        |   -         -           x
look | waits for its author, no moderator, somebody else |   -         -           x
take_on          | one moderator                     |   -         -           -
take_on          | no moderator                      |   x         x           x
take_on          | no moderator, nobody there        |   -         -           -
vote_on_closing  | open, two moderators              |   -         -           x
vote_on_closing  | open, one moderator               |   x         x           x
vote_on_closing  | open, no moderator                |   x         x           x
vote_on_closing  | closing, two moderators           |   -         -           -
vote_on_closing  | closing, one moderator            |   -         -           -
vote_on_closing  | closing, no moderator             |   x         x           x
vote_on_closing  | open, two moderators, pair        |   -         -           x
vote_on_closing  | open, one moderator, one conversation | -       -           -
vote_on_closing  | closing, no moderator, one conversation | -     -           -
hear_of_vote     | open, two moderators, asked       |   -         -           x
hear_of_vote     | open, one moderator, asked        |   x         x           x
hear_of_vote     | open, one moderator               |   -         -           -
hear_of_vote     | closing, no moderator, asked      |   x         x           x
hear_of_vote     | closing, one moderator, asked     |   -         -           -
call_off_closing | closing, one conversation         |   -         -           -
call_off_closing | closing, pair                     |   -         -           x
keep_conversation | one conversation, rests          |   x         x           x
keep_conversation | one conversation, goes on        |   -         -           -
keep_conversation | pair, rests                      |   -         -           -
keep_conversation | rests                            |   -         -           -
call_off_closing | open                              |   -         -           -
call_off_closing | closing                           |   -         -           x
"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
GIVEN = {  # a part of the second column: changes to the standing, further arguments
    "always": ({}, {}),
    "read-only": ({"writable": False}, {}),
    "rules changed since": ({"agreed": False}, {}),
    "on turn": ({"on_turn": True}, {}),
    "no moderator": ({"moderators": 0}, {}),
    "one moderator": ({"moderators": 1}, {}),
    "two moderators": ({"moderators": 2}, {}),
    "asked": ({"voted": True}, {}),
    "pair": ({"kind": CircleKind.PAIR}, {}),
    "pair that has been two": ({"kind": CircleKind.PAIR, "complete": True}, {}),
    "one conversation": ({"kind": CircleKind.ONE_OFF}, {}),
    "rests": ({}, {"resting": True}),
    "goes on": ({}, {"resting": False}),
    "somebody else": ({}, {"mine": False}),
    "oneself": ({}, {"mine": True}),
    "one there": ({"members": 1}, {}),
    "two there": ({"members": 2}, {}),
    "four there": ({"members": 4}, {}),
    "five there": ({"members": 5}, {}),
    "nobody there": ({"members": 0}, {}),  # a standing of nobody: how an index sees a circle
    "open": ({}, {"closing": False}),
    "closing": ({}, {"closing": True}),
    "23 hours": ({}, {"waited": 23 * HOUR}),
    "a day": ({}, {"waited": DAY}),
    "two days": ({}, {"waited": 2 * DAY}),
    "three days": ({}, {"waited": 3 * DAY}),
    "waits for its author": ({}, {"waits": None}),
    "waits since now": ({}, {"waits": 0 * DAY}),
    "waits a day": ({}, {"waits": DAY}),
    "waits two days": ({}, {"waits": 2 * DAY}),
    "a worry": ({}, {"reason": FlagReason.WORRY}),
    "another reason": ({}, {"reason": FlagReason.PATIENT}),
}


def rows():
    for line in TABLE.strip().splitlines():
        rule, given, cells = (cell.strip() for cell in line.split("|"))
        yield rule, given, cells.split()


@pytest.mark.parametrize(("rule", "given", "cells"), list(rows()), ids=lambda each: str(each))
def test_role_may_what_the_table_allows(rule, given, cells):
    state, arguments = {}, {}
    for part in given.split(", "):
        state |= GIVEN[part][0]
        arguments |= GIVEN[part][1]
    if rule == "take_on":
        arguments |= {"moderators": state.get("moderators", 1)}

    for role, cell in zip(Role, cells, strict=True):
        who = replace(standing(b"ray", role=role), **state)
        assert getattr(may, rule)(who, **arguments) is (cell == "x"), role


@pytest.mark.parametrize(
    ("moderators", "members", "voices", "moderators_voices", "decided"),
    [
        (2, 8, 1, 1, False),
        (2, 8, 2, 2, True),
        (3, 8, 2, 2, True),
        (2, 8, 8, 1, False),  # members alone close no circle that two moderators keep
        (1, 8, 4, 1, False),
        (1, 8, 5, 1, True),
        (1, 8, 5, 0, True),
        (0, 7, 3, 0, False),
        (0, 7, 4, 0, True),
        (1, 1, 1, 1, True),
    ],
)
def test_two_moderators_or_more_than_half_decide(
    moderators, members, voices, moderators_voices, decided
):
    assert may.decide_closing(moderators, members, voices, moderators_voices) is decided


def test_every_rule_has_rows_in_a_table():
    """Fails for a rule that could be broken without a red test here."""
    rules = {name for name, _ in getmembers(may, isfunction) if not name.startswith("_")}
    tables = [path.read_text() for path in Path(__file__).parent.glob("test_*.py")]

    tested = {
        rule
        for rule in rules
        if any(f"may.{rule}" in text or f"\n{rule} " in text for text in tables)
    }
    assert rules == tested
