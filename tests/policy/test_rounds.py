"""Reply kinds by phase and part of each round, as a table to be checked by eye.

Acknowledgement and concern are open everywhere and left out. "wish" stands for the kinds opened by
the presenter's answer to "What would help?".
"""

from dataclasses import dataclass

import pytest

from forum.discussions.reply_preferences import MEANT, Wish
from forum.policy import may
from forum.policy.terms import AuthorMode, Part, ReplyKind, ReplyManner, RoundKind, kind_of
from forum.rounds.catalogue import shipped
from forum.rounds.definitions import CLOSED, OPEN, REOPENED
from tests.policy.test_may import Author, Post, standing

PRESENTER, RESPONDER, FACILITATOR = Part

# round          phase        responder                 presenter               facilitator
TABLE = """
open             open       | wish                      | answer look_back        |
questions_first  asking     | question/2                | answer sit_with         |
questions_first  open_reply | wish                      | answer                  |
questions_first  closing    | takeaway/1                | answer takeaway/1       | summary
balint_style     clarifying | question/2                | answer sit_with         |
balint_style     reflecting | reflection                |                         |
balint_style     returning  |                           | answer return           |
balint_style     closing    |                           | answer return           | thanks
inviting_change  asking     | question/open             | answer sit_with         |
inviting_change  offering   | own_experience idea       | answer                  |
inviting_change  closing    | takeaway/1                | answer takeaway/1       | summary
action_learning  asking     | question/open             | answer sit_with         |
action_learning  noticing   | reflection/1              | answer                  |
action_learning  actions    |                           | answer action/2         | summary
theme            stories    | story/1/3                 | answer story/1/3        |
theme            resonance  | reflection own_experience | answer reflection own_experience |
theme            closing    | takeaway/1                | answer takeaway/1 summary | summary
any              reopened   | wish                      | answer                  |
any              closed     |                           | look_back               |
"""
WISHED = {
    Wish.HEAR_ME_OUT: "reflection own_experience question",
    Wish.ASK_ME: "question",
    Wish.BEEN_THERE: "own_experience",
    Wish.ADVICE: "reflection own_experience question idea resource",
    Wish.NO_REPLY: "",
}
ALWAYS = {ReplyKind.ACKNOWLEDGEMENT, RoundKind.CONCERN}


@dataclass(frozen=True)
class Thread(Post):
    support_wanted: tuple = ()
    reply_manner: ReplyManner = ReplyManner.ANY


def rows():
    for line in TABLE.strip().splitlines():
        where, *cells = line.split("|")
        key, phase = where.split()
        yield key, phase, [cell.split() for cell in cells]


def phase_of(key, phase):
    ours = {each.key: each for each in (OPEN, REOPENED, CLOSED)}
    return ours.get(phase) or shipped().newest_rounds()[key].phase(phase)


def wished(wish):
    support, manner = MEANT[wish]
    return may.wished_kinds([support], manner)


def spelled(phase, kind):
    """Reply kind with its limits, as in the table."""
    quota = phase.quota(kind)
    if not quota:
        return str(kind)
    limits = [quota.per_name, quota.in_all, "open" if quota.open_days else None]
    return "/".join(map(str, [kind, *filter(None, limits)]))


@pytest.mark.parametrize("wish", Wish)
@pytest.mark.parametrize(("key", "phase", "cells"), list(rows()), ids=lambda each: str(each)[:20])
def test_each_part_gets_its_phases_kinds(wish, key, phase, cells):
    at = phase_of(key, phase)
    for part, cell in zip((RESPONDER, PRESENTER, FACILITATOR), cells, strict=True):
        own = {part, RESPONDER} if part is FACILITATOR else {part}
        told = set(" ".join([*cell, *(cells[0] if part is FACILITATOR else ())]).split())
        if "wish" in told:
            told = (told - {"wish"}) | set(WISHED[wish].split())

        opened = may.kinds_in_phase(own, at, wished(wish))

        assert {spelled(at, kind) for kind in opened - ALWAYS} == told
        assert opened >= ALWAYS


def test_the_table_covers_every_phase():
    told = {(key, phase) for key, phase, _ in rows()}

    found = {
        (each.key, phase.key)
        for each in shipped().newest_rounds().values()
        for phase in each.phases
    }
    assert told == found | {("open", "open"), ("any", "reopened"), ("any", "closed")}


@pytest.mark.parametrize("wish", Wish)
def test_wishes_open_their_reply_kinds(wish):
    support, manner = MEANT[wish]
    thread = Thread(support_wanted=(support,), reply_manner=manner)

    assert may.reply_kinds(standing(b"ray"), thread) == wished(wish)
    assert set(wished(wish)) - {ReplyKind.ACKNOWLEDGEMENT} == {
        kind_of(each) for each in WISHED[wish].split()
    }


@pytest.mark.parametrize("wish", Wish)
def test_every_phase_opens_a_reply_to_responders(wish):
    """An acknowledgement everywhere, and more where the phase asks for words."""
    only_a_line = {("balint_style", "returning"), ("balint_style", "closing"),
                   ("action_learning", "actions")}  # fmt: skip
    for each in shipped().newest_rounds().values():
        for phase in each.phases:
            opened = may.kinds_in_phase({RESPONDER}, phase, wished(wish))
            silent = wish is Wish.NO_REPLY and phase.by_wish
            assert ReplyKind.ACKNOWLEDGEMENT in opened
            assert bool(opened - ALWAYS) != (silent or (each.key, phase.key) in only_a_line)


@pytest.mark.parametrize("part", Part)
def test_a_paused_round_opens_acknowledgement_and_concern(part):
    assert may.kinds_in_phase({part}, None, wished(Wish.ADVICE)) == ALWAYS


def test_a_withdrawn_opening_takes_concerns_alone():
    asking = phase_of("questions_first", "asking")

    assert may.kinds_in_phase({RESPONDER}, asking, [], withdrawn=True) == {RoundKind.CONCERN}


@pytest.mark.parametrize(
    ("who", "mode", "facilitates", "parts"),
    [
        (b"pru", AuthorMode.OWN_NAME, False, {PRESENTER}),
        (b"pru", AuthorMode.OWN_NAME, True, {PRESENTER}),
        (b"ray", AuthorMode.OWN_NAME, False, {RESPONDER}),
        (b"fay", AuthorMode.PSEUDONYM, True, {RESPONDER, FACILITATOR}),
        (b"fay", AuthorMode.THREAD_PSEUDONYM, True, {RESPONDER}),
        (b"fay", AuthorMode.CIRCLE_VOICE, True, {RESPONDER}),
    ],
)
def test_a_part_never_reveals_the_author(who, mode, facilitates, parts):
    assert may.parts(standing(who), Post(author=Author()), mode, facilitates=facilitates) == parts


def test_kind_of_finds_kinds_by_value():
    assert kind_of("story") is RoundKind.STORY
    assert kind_of("idea") is ReplyKind.IDEA
    assert not set(RoundKind) & set(ReplyKind)
    with pytest.raises(ValueError, match="gossip"):
        kind_of("gossip")
