"""Whatever happens to a round, its phases tile time, never run backwards, and the past stays."""

import itertools
import os
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from forum.policy.terms import Part
from forum.rounds.catalogue import shipped
from forum.rounds.counted_days import Rest, Weekends
from forum.rounds.definitions import CLOSED, OPEN, REOPENED, Phase
from forum.rounds.moves import Move, MoveKind
from forum.rounds.timeline import ClockState, Hold, timeline
from tests.rounds.circles import EVERY_DAY, days

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ROUNDS = list(shipped().newest_rounds().values())
ZONES = [ZoneInfo("Europe/London"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kolkata")]
SIZE = settings(max_examples=400 if os.environ.get("PROOF") else 50)
LATE = (Weekends(date(2026, 3, 20), counted=True), Weekends(date(2026, 11, 1), counted=False))


@st.composite
def histories(draw):
    """What timeline takes, but for the moment, and a moment in which to look."""
    zone = draw(st.sampled_from(ZONES))
    begun_on = draw(st.sampled_from([date(2026, 3, 24), date(2026, 10, 20), date(2028, 2, 20)]))
    begun = datetime.combine(begun_on, time(draw(st.integers(0, 23))), zone).astimezone(UTC)
    rests = [
        Rest(begun_on + first * DAY, begun_on + (first + long) * DAY)
        for first, long in draw(
            st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=2)
        )
    ]
    circle = days(
        zone=zone,
        times=draw(st.sampled_from([(7,), (7, 19), (1, 6, 13, 20)])),
        rests=rests,
        weekends=draw(st.sampled_from([(), EVERY_DAY, LATE])),
    )
    within = st.integers(0, 60 * 24).map(lambda hours: begun + hours * HOUR)
    slots = within.map(circle.next_slot)
    moves = draw(st.lists(st.builds(
        Move,
        st.sampled_from(MoveKind),
        st.one_of(slots, within),
        st.sampled_from(Part),
        st.one_of(st.none(), st.sampled_from(ROUNDS)),
    ), max_size=8))  # fmt: skip
    holds = [
        Hold(since, draw(st.one_of(st.none(), st.just(since + 30 * HOUR))))
        for since in draw(st.lists(within, max_size=2))
    ]
    words = {
        (step, kind): 1
        for step in draw(st.sets(st.integers(0, 14)))
        for each in ROUNDS
        for phase in each.phases
        for kind in phase.words
    }
    given_ = begun, draw(st.sampled_from(ROUNDS)), circle
    return given_, (moves, words, holds), draw(within), draw(within)


def at(history, moment):
    (begun, round_, circle), rest, *_ = history
    return timeline(begun, round_, circle, moment, *rest)


@SIZE
@given(histories())
def test_phases_tile_time_without_gap_or_overlap(history):
    (begun, *_), _, moment, _ = history

    spans = at(history, moment).spans

    assert spans[0].begins == begun
    for before, after in itertools.pairwise(spans):
        assert before.begins < before.ends == after.begins
    assert spans[-1].ends is None


@SIZE
@given(histories())
def test_phases_never_run_backwards(history):
    *_, moment, _ = history

    spans = at(history, moment).spans

    for before, after in itertools.pairwise(spans):
        assert (before.run, before.visit, before.step) <= (after.run, after.visit, after.step)
        if before.run == after.run and {after.phase.key, before.phase.key} <= ordered(after.round):
            assert place(after) >= place(before)


def ordered(round_):
    return {phase.key for phase in round_.phases}


def place(span):
    return [phase.key for phase in span.round.phases].index(span.phase.key)


@SIZE
@given(histories())
def test_what_has_been_is_never_told_otherwise(history):
    *_, one, other = history
    early, late = sorted([one, other])

    then, now = at(history, early), at(history, late)

    for before, after in zip(then.spans, now.spans, strict=False):
        if before.ends is None or before.ends > early:
            assert (before.begins, before.step, before.state) == (
                after.begins, after.step, after.state,
            )  # fmt: skip
            break
        assert before == after


@SIZE
@given(histories())
def test_stepping_from_slot_to_slot_tells_every_phase(history):
    """What is told of the past at its end is what was told at each slot as it went by."""
    (begun, _, circle), _, moment, _ = history
    line, slot = at(history, moment), circle.next_slot(begun)

    while slot <= min(line.moment, begun + 25 * DAY):
        told = at(history, slot).now
        found = line.at(slot)
        assert (told.step, told.state, told.phase) == (found.step, found.state, found.phase)
        slot = circle.next_slot(slot)


@SIZE
@given(histories())
def test_a_phase_ends_when_it_was_foretold_unless_something_is_done(history):
    (begun, round_, circle), _, moment, _ = history
    spoken = {
        (step, kind): 1 for step in range(9) for phase in round_.phases for kind in phase.words
    }
    foretold = timeline(begun, round_, circle, begun, (), spoken)

    slot, told = begun, [foretold.at(begun)]
    while slot <= moment:
        now = timeline(begun, round_, circle, slot, (), spoken).now
        if now.step != told[-1].step:
            assert slot == told[-1].ends
            told.append(now)
        slot = circle.next_slot(slot)

    assert told == list(foretold.spans[: len(told)])


@SIZE
@given(histories())
def test_phases_begin_in_the_morning_and_never_in_a_rest_but_by_a_move(history):
    (begun, round_, circle), (_, words, holds), moment, _ = history

    spans = timeline(begun, round_, circle, moment, (), words, holds).spans

    for before, span in itertools.pairwise(spans):
        if before.step != span.step:
            assert span.begins == circle.next_morning(span.begins - timedelta(seconds=1))
            assert not circle.rests_on(span.begins)


@SIZE
@given(histories())
def test_the_next_due_slot_is_to_come_and_nothing_happens_before(history):
    (begun, round_, circle), (moves, words, holds), moment, _ = history
    done = [move for move in moves if move.acts_at <= moment]
    over = [Hold(each.since, each.until) for each in holds if each.since <= moment]
    line = timeline(begun, round_, circle, moment, done, words, over)
    if line.now.state is ClockState.HELD:
        return

    due = line.next_due()

    assert due is None or due > line.moment
    until = min(
        due or moment + 40 * DAY,
        *(each.until for each in over if each.until and each.until > moment),
        moment + 40 * DAY,
    )
    before = timeline(begun, round_, circle, max(until - HOUR, line.moment), done, words, over)
    assert before.now.step == line.now.step


@SIZE
@given(histories(), st.sampled_from(ROUNDS))
def test_a_definition_that_changes_under_a_thread_leaves_it_readable(history, other):
    (begun, _, circle), _, moment, _ = history
    changed = replace(other, phases=other.phases[:1] and (replace(other.phases[0], follows=None),))

    spans = at(((begun, changed, circle), *history[1:]), moment).spans

    assert spans[0].begins == begun
    assert spans[-1].ends is None


@SIZE
@given(histories())
def test_every_phase_is_one_that_its_round_has(history):
    *_, moment, _ = history

    for span in at(history, moment).spans:
        assert isinstance(span.phase, Phase)
        assert span.phase in (*span.round.phases, OPEN, CLOSED, REOPENED)
        assert (span.phase == CLOSED) == (span.state is ClockState.CLOSED)
