"""May this be posted now; and if not, why, and when does it open?"""

from dataclasses import replace

import pytest

from forum.policy import may as rules
from forum.policy.terms import Part, ReplyKind, ReplyManner, Role, RoundKind, SupportWanted
from forum.rounds.moves import Move, MoveKind, takes_effect
from forum.rounds.permissions import (
    Asker,
    Reason,
    Written,
    facilitates,
    kinds_now,
    moves_open,
    unfolds_at,
    verdict,
)
from forum.rounds.timeline import ClockState, Hold
from tests.rounds.circles import MONDAY, days, local, may, newest, talk

ASK, ANSWER, IDEA = ReplyKind.QUESTION, ReplyKind.ANSWER, ReplyKind.IDEA
ACKNOWLEDGE, CONCERN = ReplyKind.ACKNOWLEDGEMENT, RoundKind.CONCERN
ADVICE = rules.wished_kinds([SupportWanted.PROFESSIONAL_ADVICE], ReplyManner.ADVICE_WELCOME)
RAY = Asker(frozenset({Part.RESPONDER}), ADVICE)
PRU = Asker(frozenset({Part.PRESENTER}), ADVICE)
FAY = Asker(frozenset({Part.RESPONDER, Part.FACILITATOR}), ADVICE)
PAUSED = [Move(MoveKind.PAUSE, may(12))]
ENDED = [Move(MoveKind.END, may(12))]
OTHER = newest("open")


@pytest.mark.parametrize(
    ("asker", "kind", "day", "moves", "reason", "opens"),
    [
        (RAY, ASK, 11, [], None, None),
        (RAY, IDEA, 11, [], Reason.PHASE, 14),
        (RAY, IDEA, 14, [], None, None),
        (RAY, RoundKind.TAKEAWAY, 11, [], Reason.PHASE, 21),
        (RAY, ReplyKind.OFFER, 11, [], Reason.PHASE, None),
        (RAY, ANSWER, 11, [], Reason.PHASE, None),
        (PRU, ANSWER, 11, [], None, None),
        (PRU, RoundKind.SIT_WITH, 11, [], None, None),
        (PRU, ASK, 11, [], Reason.PHASE, None),
        (PRU, ReplyKind.LOOK_BACK, 11, [], Reason.PHASE, 24),
        (FAY, ReplyKind.SUMMARY, 21, [], None, None),
        (FAY, ReplyKind.SUMMARY, 11, [], Reason.PHASE, 21),
        (RAY, ReplyKind.SUMMARY, 21, [], Reason.PHASE, None),
        (RAY, ASK, 13, PAUSED, Reason.PAUSED, None),
        (PRU, ANSWER, 13, PAUSED, Reason.PAUSED, None),
        (RAY, ASK, 13, ENDED, Reason.CLOSED, None),
        (RAY, IDEA, 25, [], Reason.CLOSED, None),
        (PRU, ReplyKind.LOOK_BACK, 25, [], None, None),
    ],
)
def test_a_reply_is_posted_or_told_its_day(asker, kind, day, moves, reason, opens):
    found = verdict(talk(at=may(day), moves=moves), asker, kind)

    assert (found.allowed, found.reason) == (reason is None, reason)
    if found.reason is Reason.PHASE:
        assert found.opens_at == (may(opens) if opens else None)


def test_a_kept_draft_lives_two_weeks_beyond_its_day():
    assert verdict(talk(at=may(11)), RAY, IDEA).kept_until == may(28)
    assert verdict(talk(at=may(25)), RAY, IDEA).kept_until is None


@pytest.mark.parametrize("kind", [ACKNOWLEDGE, CONCERN])
@pytest.mark.parametrize("asker", [RAY, PRU, FAY, Asker(RAY.parts, frozenset())])
@pytest.mark.parametrize("key", ["open", "questions_first", "balint_style", "inviting_change",
                                 "action_learning", "theme"])  # fmt: skip
def test_company_and_danger_are_refused_by_nothing(key, asker, kind):
    many = [Written(kind, step, may(11)) for step in range(8)] * 9
    for day in range(11, 40):
        for moves, holds in ([], []), (PAUSED, []), (ENDED, []), ([], [Hold(may(12))]):
            line = talk(key, at=may(day), moves=moves, holds=holds)
            assert verdict(line, asker, kind, many).allowed
            assert kind in kinds_now(line, asker, many)


def test_the_presenters_words_wait_only_while_they_read():
    line = talk("balint_style", at=may(15))

    found = verdict(line, PRU, ANSWER)

    assert (found.reason, found.opens_at) == (Reason.PHASE, may(19))
    assert verdict(line, PRU, ReplyKind.RETURN).opens_at == may(19)


def test_a_withdrawn_reflection_takes_nothing_but_a_concern():
    gone = Asker(RAY.parts, ADVICE, withdrawn=True)

    assert kinds_now(talk(at=may(11)), gone) == {CONCERN}
    assert verdict(talk(at=may(11)), gone, ASK).reason is Reason.WITHDRAWN
    assert verdict(talk(at=may(11)), gone, IDEA).opens_at is None


# Quotas


def asked(number, step=0, at=MONDAY, settled=False):
    return [Written(ASK, step, at, settled)] * number


@pytest.mark.parametrize(
    ("of_name", "reason"),
    [(asked(0), None), (asked(1), None), (asked(2), Reason.PER_NAME), (asked(3), Reason.PER_NAME)],
)
def test_each_name_asks_two(of_name, reason):
    found = verdict(talk(at=may(12)), RAY, ASK, of_name)

    assert found.reason == reason
    assert (ASK in kinds_now(talk(at=may(12)), RAY, of_name)) is (reason is None)


def test_the_circles_voice_is_of_one_post_and_has_no_quota():
    assert verdict(talk(at=may(12)), RAY, ASK, ()).allowed


def test_questions_of_another_phase_do_not_count():
    again = talk(at=may(14), moves=[Move(MoveKind.CHANGE, may(13), to=talk(at=may(11)).now.round)])

    assert again.now.phase.key == "asking"
    assert verdict(again, RAY, ASK, asked(2, step=0)).allowed
    assert not verdict(again, RAY, ASK, asked(2, step=1)).allowed


def test_questions_before_and_after_a_pause_count_together():
    paused = talk(at=may(14), moves=[*PAUSED, Move(MoveKind.RESUME, may(13))])

    assert verdict(paused, RAY, ASK, asked(2)).reason is Reason.PER_NAME


@pytest.mark.parametrize(
    ("of_name", "opens"),
    [
        (asked(1), may(13)),
        (asked(1, settled=True), None),
        (asked(4, settled=True), None),
        ([*asked(1, settled=True), *asked(1, at=may(12))], may(14)),
        (asked(1, at=may(10)), None),
    ],
    ids=["open", "answered", "many answered", "the last is open", "two days ago"],
)
def test_one_open_question_a_name(of_name, opens):
    found = verdict(talk("inviting_change", at=may(12, 8)), RAY, ASK, of_name)

    assert (found.reason, found.opens_at) == (
        (Reason.OPEN_QUESTION, opens) if opens else (None, None)
    )


def test_two_days_that_end_with_the_phase_open_nothing():
    found = verdict(talk("inviting_change", at=may(17)), RAY, ASK, asked(1, at=may(17)))

    assert (found.reason, found.opens_at) == (Reason.OPEN_QUESTION, None)


def act(step):
    return Written(RoundKind.ACTION, step, may(20))


@pytest.mark.parametrize(
    ("asker", "moves", "of_name", "reason"),
    [
        (PRU, [], (), None),
        (PRU, [], (act(2),), None),
        (PRU, [], (act(2), act(3)), Reason.PER_NAME),
        (PRU, [Move(MoveKind.REOPEN, may(26))], (), None),
        (
            PRU,
            [Move(MoveKind.REOPEN, may(26)), Move(MoveKind.PAUSE, may(26, 9))],
            (),
            Reason.PAUSED,
        ),
        (RAY, [], (), Reason.CLOSED),
        (FAY, [], (), Reason.CLOSED),
    ],
)
def test_an_action_is_never_late(asker, moves, of_name, reason):
    line = talk("action_learning", at=may(27), moves=moves, words=[(1, ReplyKind.REFLECTION)])

    assert verdict(line, asker, RoundKind.ACTION, of_name).reason is reason


def test_only_rounds_of_actions_take_one_late():
    assert verdict(talk(at=may(27)), PRU, RoundKind.ACTION).reason is Reason.CLOSED


def test_two_days_of_a_question_stand_still_with_the_weekend():
    friday = local("2026-05-15")
    line = talk("inviting_change", at=local("2026-05-18"), begun=friday, weekends=())

    assert verdict(line, RAY, ASK, asked(1, at=friday)).opens_at == local("2026-05-19")


@pytest.mark.parametrize(("told", "reason"), [(2, None), (3, Reason.IN_ALL)])
def test_three_visible_stories_are_enough(told, reason):
    line = talk("theme", at=may(12), words=[(0, RoundKind.STORY)] * told)

    found = verdict(line, RAY, RoundKind.STORY)

    assert found.reason == reason
    assert not reason or found.quota.full_sentence.startswith("Three are enough for one round;")


@pytest.mark.parametrize(("withdrawn", "is_open"), [(False, True), (True, False)])
def test_whoever_withdrew_their_opening_adds_no_late_action(withdrawn, is_open):
    """Fails when a presenter writes on in a thread whose story they took back."""
    line = talk("action_learning", at=may(25), moves=[Move(MoveKind.END, may(12))])

    assert (RoundKind.ACTION in kinds_now(line, replace(PRU, withdrawn=withdrawn))) is is_open


# For later


def test_advice_put_by_opens_with_its_phase_else_at_closing():
    assert unfolds_at(talk(at=may(12)), IDEA, ADVICE) == may(14)
    assert unfolds_at(talk("balint_style", at=may(15)), IDEA, ADVICE) == may(23)
    assert unfolds_at(talk("action_learning", at=may(12)), IDEA, ADVICE) == may(20)
    assert unfolds_at(talk(at=may(25)), IDEA, ADVICE) is None


# Moves


@pytest.mark.parametrize(
    ("key", "day", "moves", "row"),
    [
        ("questions_first", 11, [], "more_time next_step pause change end"),
        ("balint_style", 15, [], "more_time next_step come_back pause change end"),
        ("inviting_change", 11, [], "more_time next_step open_offering pause change end"),
        (
            "inviting_change",
            12,
            [Move(MoveKind.OPEN_OFFERING, may(12))],
            "more_time next_step pause change end",
        ),
        ("questions_first", 13, PAUSED, "resume change end"),
        ("balint_style", 16, [Move(MoveKind.PAUSE, may(15))], "resume change end"),
        ("inviting_change", 13, PAUSED, "resume change end"),
        ("questions_first", 13, ENDED, "reopen"),
        ("open", 11, [], "change"),
    ],
)
def test_the_presenters_row_holds_what_can_be_done(key, day, moves, row):
    line = talk(key, at=may(day), moves=moves)

    assert list(moves_open(line, Part.PRESENTER)) == row.split()
    assert not moves_open(line, Part.RESPONDER)
    assert set(moves_open(line, Part.FACILITATOR)) == set(row.split()) & {
        "more_time", "next_step", "end",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["questions_first", "balint_style", "inviting_change"])
def test_a_lock_offers_a_paused_round_nothing_that_its_pause_refuses(key):
    line = talk(key, at=may(13), moves=PAUSED, holds=[Hold(may(12, 19))])

    assert line.now.state is ClockState.HELD
    assert list(moves_open(line, Part.PRESENTER)) == ["resume", "change", "end"]


@pytest.mark.parametrize("key", ["questions_first", "balint_style", "inviting_change", "theme"])
def test_every_button_does_something(key):
    """A move that its row offers changes what comes; a button without effect would be a lie."""
    for day in range(11, 30):
        pressed, seen = may(day, 12), may(day + 1, 12)
        row = moves_open(talk(key, at=pressed), Part.PRESENTER)
        for kind in row:
            acts_at = takes_effect(kind, pressed, days(), hidden=False)
            if acts_at == talk(key, at=pressed).phase_ends:
                continue  # the next step comes by itself that morning
            made = Move(kind, acts_at, to=OTHER if kind is MoveKind.CHANGE else None)
            before, after = talk(key, at=seen), talk(key, at=seen, moves=[made])
            assert (after.spans, after.asked) != (before.spans, before.asked), (day, kind)


@pytest.mark.parametrize(
    ("role", "has_facilitator", "leads"),
    [
        (Role.FACILITATOR, True, True),
        (Role.MODERATOR, True, False),
        (Role.MODERATOR, False, True),
        (Role.MEMBER, False, False),
    ],
)
def test_moderators_lead_where_there_is_no_facilitator(role, has_facilitator, leads):
    assert facilitates(role, has_facilitator=has_facilitator) is leads
