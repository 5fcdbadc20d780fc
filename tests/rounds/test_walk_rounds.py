"""A round as it goes from day to day: phases, moves, pauses, closings."""

from datetime import date, timedelta

import pytest

from forum.policy.terms import Part, ReplyKind, RoundKind
from forum.rounds.counted_days import Rest
from forum.rounds.moves import Move, MoveKind, takes_effect
from forum.rounds.phase_rows import phase_row
from forum.rounds.timeline import ClockState, Hold, timeline
from tests.rounds.circles import EVERY_DAY, MONDAY, days, local, may, newest, talk

ASK, REFLECT, STORY = ReplyKind.QUESTION, ReplyKind.REFLECTION, RoundKind.STORY
FACILITATOR = Part.FACILITATOR


def phases(line):
    """Each span as "phase:day it begins", in May 2026."""
    return " ".join(
        f"{span.phase.key}{'+' * span.lengthened}{'' if span.state is ClockState.RUNNING else '!'}"
        f":{(span.begins.date() - date(2026, 4, 30)).days}"
        for span in line.spans
    )


def move(kind, day, hour=7, by=Part.PRESENTER, to=None):
    return Move(MoveKind(kind), may(day, hour), by, newest(to) if to else None)


# Phases by themselves


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("open", "open:11"),
        ("questions_first", "asking:11 open_reply:14 closing:21 closed!:24"),
        ("balint_style", "clarifying:11 reflecting:14 returning:19 closing:23 closed!:26"),
        ("inviting_change", "asking:11 closing:18 closed!:21"),
        ("action_learning", "asking:11 noticing:16 actions:18 closed!:20"),
        ("theme", "stories:11 resonance:16 closing:23 closed!:26"),
    ],
)
def test_a_round_that_begins_foretells_its_phases(key, expected):
    assert phases(talk(key, at=MONDAY)) == expected


@pytest.mark.parametrize(
    ("day", "hour", "minute", "phase"),
    [
        (11, 7, 0, "asking"),
        (14, 6, 59, "asking"),
        (14, 7, 0, "open_reply"),
        (20, 19, 0, "open_reply"),
        (21, 7, 0, "closing"),
        (24, 7, 0, "closed"),
        (31, 7, 0, "closed"),
    ],
)
def test_a_phase_holds_until_the_slot_at_which_the_next_begins(day, hour, minute, phase):
    assert talk(at=may(day, hour, minute)).now.phase.key == phase


@pytest.mark.parametrize(
    ("key", "words", "expected"),
    [
        ("questions_first", [], "asking:11 open_reply:14 closing:21 closed!:24"),
        (
            "balint_style",
            [],
            "clarifying:11 reflecting:14 reflecting+:19 returning:24 closing:28 closed!:31",
        ),
        (
            "balint_style",
            [(1, REFLECT)],
            "clarifying:11 reflecting:14 returning:19 closing:23 closed!:26",
        ),
        (
            "balint_style",
            [(0, ASK), (2, REFLECT)],
            "clarifying:11 reflecting:14 reflecting+:19 returning:24 closing:28 closed!:31",
        ),
        ("action_learning", [], "asking:11 noticing:16 noticing+:18 actions:20 closed!:22"),
        ("theme", [], "stories:11 stories+:16 closed!:21"),
        (
            "theme",
            [(1, STORY)],
            "stories:11 stories+:16 resonance:21 resonance+:28 closing:35 closed!:38",
        ),
        (
            "theme",
            [(0, STORY), (1, ReplyKind.OWN_EXPERIENCE)],
            "stories:11 resonance:16 closing:23 closed!:26",
        ),
    ],
)
def test_only_some_phases_wait_once_for_a_word(key, words, expected):
    assert phases(talk(key, at=local("2026-06-30"), words=words)) == expected


def test_words_of_another_kind_are_not_what_a_phase_waits_for():
    answered = talk("balint_style", at=may(20), words=[(1, ReplyKind.ACKNOWLEDGEMENT)])

    assert answered.now.lengthened


def test_a_phase_that_lengthened_itself_stands_on_the_desk_until_a_word_comes():
    assert not talk("balint_style", at=may(18)).silent
    assert talk("balint_style", at=may(19)).silent
    assert not talk("balint_style", at=may(20), words=[(2, REFLECT)]).silent
    assert not talk("balint_style", at=may(24)).silent


def test_a_word_that_comes_late_changes_no_phase_that_was():
    before = talk("balint_style", at=may(20))
    after = talk("balint_style", at=may(20), words=[(before.now.step, REFLECT)])

    assert before.now.lengthened
    assert after.spans == before.spans


def test_what_was_sent_before_the_slot_was_in_time():
    sent_in = talk("balint_style", at=may(19, 6, 59)).now.step  # it waits for seven to appear

    assert talk("balint_style", at=may(19), words=[(sent_in, REFLECT)]).now.phase.key == "returning"


def test_lengths_of_the_circle_hold():
    longer = newest("questions_first").with_lengths({"asking": 5, "closing": 1})

    assert phases(timeline(MONDAY, longer, days(), MONDAY)) == (
        "asking:11 open_reply:16 closing:23 closed!:24"
    )


def test_rest_days_hold_up_everything():
    rests = (Rest(date(2026, 5, 13), date(2026, 5, 16)),)

    line = talk(at=may(13, 12), rests=rests)

    assert phases(line) == "asking:11 open_reply:18 closing:25 closed!:28"
    assert line.stands_still


# Moves


@pytest.mark.parametrize(
    ("kind", "hidden", "acts_at"),
    [
        (MoveKind.END, False, (11, 12)),
        (MoveKind.PAUSE, False, (11, 12)),
        (MoveKind.END, True, (11, 19)),
        (MoveKind.PAUSE, True, (11, 19)),
        (MoveKind.NEXT_STEP, False, (12, 7)),
        (MoveKind.CHANGE, False, (12, 7)),
        (MoveKind.COME_BACK, True, (12, 7)),
        (MoveKind.MORE_TIME, False, (11, 19)),
        (MoveKind.OPEN_OFFERING, True, (11, 19)),
        (MoveKind.RESUME, False, (11, 19)),
        (MoveKind.REOPEN, True, (11, 19)),
    ],
)
def test_a_move_acts_at_its_time(kind, hidden, acts_at):
    assert takes_effect(kind, may(11, 12), days(), hidden=hidden) == may(*acts_at)


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        ([move("more_time", 12, 19)], "asking:11 open_reply:17 closing:24 closed!:27"),
        ([move("more_time", 14)], "asking:11 open_reply:17 closing:24 closed!:27"),
        ([move("next_step", 12)], "asking:11 open_reply:12 closing:19 closed!:22"),
        ([move("next_step", 14)], "asking:11 open_reply:14 closing:21 closed!:24"),
        ([move("end", 12, 10)], "asking:11 closed!:12"),
        ([move("pause", 12, 7), move("resume", 15, 7)],
         "asking:11 asking!:12 asking:15 open_reply:17 closing:24 closed!:27"),
        ([move("pause", 12, 10), move("resume", 12, 19)],
         "asking:11 asking!:12 asking:12 open_reply:15 closing:22 closed!:25"),
        ([move("change", 13, to="inviting_change")], "asking:11 asking:13 closing:20 closed!:23"),
        ([move("change", 13, to="open")], "asking:11 open:13"),
        ([move("end", 12, 10), move("reopen", 13, 19)],
         "asking:11 closed!:12 reopened:13 closed!:21"),
        ([move("come_back", 12)], "asking:11 open_reply:14 closing:21 closed!:24"),
    ],
)  # fmt: skip
def test_a_move_does_what_it_says(moves, expected):
    assert phases(talk(at=may(16), moves=moves)) == expected


def test_coming_back_early_ends_the_reading():
    line = talk("balint_style", at=may(20), moves=[move("come_back", 16)])

    assert phases(line) == "clarifying:11 reflecting:14 returning:16 closing:20 closed!:23"


def test_ideas_come_only_if_asked_for():
    asked = [move("open_offering", 13, 19)]

    line = talk("inviting_change", at=may(14), moves=asked)

    assert phases(line) == "asking:11 offering:18 closing:22 closed!:25"
    assert line.asked
    assert [each.phase.key for each in phase_row(line)] == ["asking", "offering", "closing"]


def test_ideas_asked_for_with_the_next_step_come_next():
    both = [move("next_step", 13), move("open_offering", 13)]

    assert talk("inviting_change", at=may(13), moves=both).now.phase.key == "offering"


@pytest.mark.parametrize("weekends", [EVERY_DAY, ()])
def test_a_pause_of_28_days_closes_gently(weekends):
    line = talk(at=may(16), moves=[move("pause", 12, 10)], weekends=weekends)

    assert line.now.state is ClockState.PAUSED
    assert line.now.ends == line.spans[-1].begins == local("2026-06-10")
    assert line.spans[-1].state is ClockState.CLOSED


def test_a_round_paused_at_the_end_of_a_phase_goes_on_at_the_next_morning():
    line = talk(at=may(16), moves=[move("pause", 14), move("resume", 15, 19)])

    assert phases(line).startswith("asking:11 asking!:14 asking:15 open_reply:16")


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        # several at one slot: End, Pause, Talk another way, Next step, More time
        ([move("more_time", 12), move("next_step", 12)], "asking:11 open_reply:12"),
        ([move("next_step", 12), move("pause", 12)], "asking:11 asking!:12"),
        ([move("pause", 12), move("end", 12)], "asking:11 closed!:12"),
        ([move("change", 12, to="theme"), move("next_step", 12)], "asking:11 stories:12"),
        ([move("more_time", 12), move("change", 12, to="theme")], "asking:11 stories:12"),
        # two people at once
        ([move("next_step", 12), move("next_step", 12, by=FACILITATOR)], "asking:11 open_reply:12"),
        ([move("next_step", 12, by=FACILITATOR), move("more_time", 12)], "asking:11 open_reply:12"),
        ([move("pause", 12), move("next_step", 12, by=FACILITATOR)], "asking:11 asking!:12"),
        ([move("end", 12, by=FACILITATOR), move("more_time", 12)], "asking:11 closed!:12"),
        ([move("change", 12, to="theme"), move("change", 12, to="open")], "asking:11 open:12"),
        # a move in a closed round, or by one who may not
        ([move("end", 12), *(move(kind, 13) for kind in ("more_time", "next_step", "pause"))],
         "asking:11 closed!:12"),
        ([move("end", 12), move("change", 13, to="theme")], "asking:11 closed!:12"),
        ([move("pause", 12, by=FACILITATOR), move("end", 12, by=Part.RESPONDER)],
         "asking:11 open_reply:14 closing:21 closed!:24"),
        ([move("reopen", 12), move("resume", 12), move("open_offering", 12)],
         "asking:11 open_reply:14 closing:21 closed!:24"),
        ([move("change", 12)], "asking:11 open_reply:14 closing:21 closed!:24"),
    ],
)  # fmt: skip
def test_moves_of_one_slot_act_in_their_order(moves, expected):
    for order in (moves, moves[::-1]):
        assert phases(talk(at=may(13), moves=order)).startswith(expected)


def test_two_who_give_more_time_at_one_slot_give_it_once():
    twice = [move("more_time", 12), move("more_time", 12, by=FACILITATOR)]
    later = [move("more_time", 12), move("more_time", 12, 19, by=FACILITATOR)]

    assert talk(at=may(13), moves=twice).phase_ends == may(17)
    assert talk(at=may(13), moves=later).phase_ends == may(20)


def test_a_move_that_waits_for_its_slot_changes_nothing_before():
    assert talk(at=may(12), moves=[move("end", 12, 19)]) == talk(at=may(12))


def test_a_move_at_the_end_of_a_phase_acts_before_it_ends():
    ends_now = talk("balint_style", at=may(19), moves=[move("more_time", 19)])

    assert ends_now.now.phase.key == "reflecting"
    assert ends_now.phase_ends == may(22)


def test_a_phase_that_is_moved_on_from_does_not_lengthen_itself():
    line = talk("balint_style", at=may(16), moves=[move("next_step", 16)])

    assert line.now.phase.key == "returning"


# Standing still


@pytest.mark.parametrize(
    "holds",
    [
        [Hold(may(12, 13), may(15, 13))],
        [Hold(may(12, 13), may(14, 7)), Hold(may(13, 7), may(15, 13))],
    ],
    ids=["one", "two that overlap"],
)
def test_clocks_stand_while_the_opening_is_hidden_or_the_thread_locked(holds):
    line = talk(at=may(16), holds=holds)

    assert phases(line) == "asking:11 asking!:12 asking:15 open_reply:17 closing:24 closed!:27"


def test_nothing_is_foretold_while_clocks_stand():
    line = talk(at=may(13), holds=[Hold(may(12, 13))])

    assert line.now.state is ClockState.HELD
    assert (line.phase_ends, line.next_due(), line.coming) == (None, None, ())
    assert [place.ends for place in phase_row(line)] == [None, None, None]


def test_a_pause_stands_still_too_while_the_thread_is_locked():
    line = talk(at=may(20), moves=[move("pause", 12)], holds=[Hold(may(13), may(18))])

    assert line.spans[-1].begins == local("2026-06-14")


def test_a_round_may_begin_while_clocks_stand():
    line = talk(at=may(13), holds=[Hold(may(1), may(12, 12))])

    assert phases(line) == "asking!:11 asking:12 open_reply:16 closing:23 closed!:26"


def test_a_held_round_can_be_ended_and_stepped_on():
    held = [Hold(may(12))]

    assert talk(at=may(13), holds=held, moves=[move("end", 12, 12)]).now.state is ClockState.CLOSED
    stepped = talk(at=may(13), holds=held, moves=[move("next_step", 13)]).now
    assert (stepped.phase.key, stepped.state) == ("open_reply", ClockState.HELD)


# After


def test_look_backs_come_four_and_twelve_weeks_after_closing():
    line = talk(at=may(25))

    assert line.look_backs() == (local("2026-06-21"), local("2026-08-16"))
    assert line.next_due() == local("2026-06-21")
    assert talk(at=local("2026-06-21")).next_due() == local("2026-08-16")
    assert talk(at=local("2026-08-16")).next_due() is None
    assert talk(at=may(23)).look_backs() == ()


def test_just_talk_counts_from_its_last_word():
    line = talk("open", at=may(30))

    assert line.look_backs() == (local("2026-06-08"), local("2026-08-03"))
    assert line.look_backs(may(20, 13)) == (local("2026-06-18"), local("2026-08-13"))
    assert line.next_due(may(20, 13)) == local("2026-06-18")


def test_a_round_that_was_opened_again_counts_from_its_last_closing():
    line = talk(at=local("2026-06-30"), moves=[move("reopen", 27)])

    assert line.now.begins == local("2026-06-03")
    assert line.look_backs()[0] == local("2026-07-01")


def test_the_day_of_a_report_is_due():
    line = talk("action_learning", at=may(21), words=[(1, REFLECT)])

    assert line.next_due(report_on=date(2026, 6, 1)) == local("2026-06-01")


@pytest.mark.parametrize(
    ("at", "moves", "due"),
    [
        (may(11), [], may(14)),
        (may(14), [], may(21)),
        (may(13), [move("pause", 12, 10)], local("2026-06-10")),
        (may(13), [move("more_time", 13, 19)], may(14)),
    ],
)
def test_the_worker_is_told_the_next_slot_that_matters(at, moves, due):
    assert talk(at=at, moves=moves).next_due() == due


def test_the_row_tells_what_is_over_what_is_now_and_what_comes():
    row = phase_row(talk(at=may(15)))

    assert [(each.phase.name, each.when, each.ends) for each in row] == [
        ("Questions", "over", may(14)),
        ("Answers", "now", may(21)),
        ("Closing", "next", may(24)),
    ]


def test_a_change_of_talk_begins_a_row_of_its_own():
    row = phase_row(talk(at=may(15), moves=[move("change", 13, to="balint_style")]))

    assert [(each.phase.key, each.when) for each in row] == [
        ("clarifying", "now"),
        ("reflecting", "next"),
        ("returning", "later"),
        ("closing", "later"),
    ]


@pytest.mark.parametrize(
    ("moves", "keys"),
    [
        ([move("end", 12)], ["asking"]),
        ([move("end", 12), move("reopen", 13)], ["asking", "reopened"]),
        ([move("change", 12, to="open")], []),
    ],
)
def test_the_row_of_a_round_that_is_over(moves, keys):
    assert [each.phase.key for each in phase_row(talk(at=may(15), moves=moves))] == keys


def test_before_the_opening_appears_a_round_stands_at_its_beginning():
    line = talk(at=MONDAY - timedelta(days=1))

    assert line.now.phase.key == "asking"
    assert line.moment == MONDAY
