"""A round's timeline as a pure function of events: the phase of any moment, and the next change.

No state is stored. `timeline` walks from the appearance of the opening through moves, holds and
ends of phases, in order; beyond the given moment it forecasts, assuming a reply in every phase.

Each phase entered, and each extension, is a numbered step. A post stores the step in which it was
sent, and `counts` has the number of posts by step: so a later post never changes an earlier phase.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from forum.policy.terms import Kind
from forum.rounds.counted_days import DAY, NOTHING, CountedDays
from forum.rounds.definitions import CLOSED, OPEN, REOPENED, Phase, Round
from forum.rounds.moves import MORE, PAUSED_FOR, RIGHTS, Move, MoveKind, in_order

PostCounts = Mapping[
    tuple[int, Kind], int
]  # (step, kind) -> visible posts, withdrawn ones included


class ClockState(StrEnum):
    """States of a round's clock."""

    RUNNING = "running"
    PAUSED = "paused"  # by the presenter
    HELD = "held"  # the opening is hidden, the thread locked, or the circle read-only
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Hold:
    """A period of stopped clocks: opening hidden, thread locked, or circle read-only.

    Holds may overlap. until: None while ongoing. Pass finished holds too.
    """

    since: datetime
    until: datetime | None = None

    def covers(self, moment: datetime) -> bool:
        """True from the first moment until before the last."""
        return self.since <= moment and (self.until is None or moment < self.until)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in a phase and state. ends: None without an automatic end.

    run: number of the round in this thread, visit: number of phases entered, step: number for
    filing posts.
    """

    run: int
    visit: int
    step: int
    round: Round
    phase: Phase
    state: ClockState
    begins: datetime
    ends: datetime | None
    lengthened: bool = False

    def is_like(self, other: "Span") -> bool:
        """True if only the times differ."""
        return (self.step, self.state) == (other.step, other.state)


@dataclass(frozen=True, slots=True)
class Timeline:
    """All spans of a thread, contiguous from its beginning; the last has no end.

    moment: boundary between facts and forecasts. asked: ideas requested by the presenter.
    withdrawn: those of `counts` that are. paused: by the presenter, under a hold too.
    """

    moment: datetime
    spans: tuple[Span, ...]
    days: CountedDays = field(repr=False)
    counts: PostCounts = field(repr=False)
    asked: bool = False
    withdrawn: PostCounts = field(default_factory=dict, repr=False)
    paused: bool = False

    @property
    def now(self) -> Span:
        """The span of the moment."""
        return self.at(self.moment)

    def at(self, moment: datetime) -> Span:
        """The span of any moment; before the beginning, the first."""
        begun = [span for span in self.spans if span.begins <= moment]
        return begun[-1] if begun else self.spans[0]

    @property
    def coming(self) -> tuple[Span, ...]:
        """The spans after the present one."""
        return tuple(span for span in self.spans if span.begins > self.moment)

    @property
    def phase_ends(self) -> datetime | None:
        """The slot ending the present phase; None without a running clock."""
        return self.now.ends if self.now.state is ClockState.RUNNING else None

    @property
    def silent(self) -> bool:
        """True if the present phase was extended and still has no reply."""
        return self.now.lengthened and self.written(*self.now.phase.words) == 0

    @property
    def stands_still(self) -> bool:
        """True while no clock runs: paused, held, or the circle rests."""
        stopped = self.now.state in (ClockState.PAUSED, ClockState.HELD)
        return stopped or self.days.rests_on(self.moment)

    def written(self, *kinds: Kind) -> int:
        """Number of posts of these kinds in the present phase."""
        return self._number(self.counts, *kinds)

    def standing(self, kind: Kind) -> int:
        """Number of posts of a kind in the present phase, without those withdrawn."""
        return self.written(kind) - self._number(self.withdrawn, kind)

    @property
    def steps(self) -> set[int]:
        """Steps in which posts of the present phase are filed."""
        return {span.step for span in self.spans if span.visit == self.now.visit}

    def _number(self, counts: PostCounts, *kinds: Kind) -> int:
        return sum(counts.get((step, kind), 0) for step in self.steps for kind in kinds)

    def look_backs(self, last_word: datetime | None = None) -> tuple[datetime, ...]:
        """Slots at which the presenter is offered a look-back.

        last_word: moment of the last post, for a thread without closing. Empty while a round runs.
        """
        now = self.now
        if now.state is ClockState.CLOSED:
            base = now.begins
        elif now.phase is OPEN:
            base = max(last_word or now.begins, now.begins)
        else:
            return ()
        weeks = now.round.look_backs
        return tuple(self.days.end(base, each * 7 * DAY, weekends=True) for each in weeks)

    def next_due(
        self, last_word: datetime | None = None, report_on: date | None = None
    ) -> datetime | None:
        """The next slot of the clock: end of a phase or pause, look-back or report due. Excludes
        pending moves."""
        due = [self.now.ends, *self.look_backs(last_word)]
        if report_on:
            due.append(self.days.morning_of(report_on))
        return min((each for each in due if each and each > self.moment), default=None)


def timeline(
    begun: datetime,
    round_: Round,
    days: CountedDays,
    moment: datetime,
    moves: Iterable[Move] = (),
    counts: PostCounts | None = None,
    holds: Sequence[Hold] = (),
) -> Timeline:
    """The timeline of a thread at a moment.

    begun: appearance of its opening. round_: with its initial lengths. moves, holds: ignored if
    after the moment. counts: of visible posts.
    """
    moment = max(moment, begun)
    walk = _Walk(round_, days, counts or {}, holds)
    walk.enter(round_.first, begun)
    walk.go(moment, [move for move in moves if begun <= move.acts_at <= moment])
    asked, paused = walk.asked, walk.pause is not None
    walk.forecast()
    return Timeline(moment, tuple(walk.spans), days, counts or {}, asked, paused=paused)


@dataclass(slots=True)
class _Clock:
    """Counted time towards an end. since: last start, None while stopped."""

    need: timedelta
    days: CountedDays
    weekends: bool = False
    used: timedelta = NOTHING
    since: datetime | None = None
    due: datetime | None = None

    def run(self, at: datetime) -> None:
        """Start, unless running."""
        if self.since is None:
            self.since = at
            self._set_due()

    def stop(self, at: datetime) -> None:
        """Stop."""
        if self.since:
            self.used += self.days.elapsed(self.since, at, weekends=self.weekends)
        self.since = self.due = None

    def add(self, more: timedelta) -> None:
        """Postpone the end."""
        self.need += more
        self._set_due()

    def _set_due(self) -> None:
        if self.since:
            self.due = self.days.end(self.since, self.need, self.used, weekends=self.weekends)


class _Walk:
    """A round's state during the walk."""

    def __init__(
        self, round_: Round, days: CountedDays, counts: PostCounts, holds: Sequence[Hold]
    ) -> None:
        self.round, self.days, self.counts, self.holds = round_, days, counts, holds
        self.spans: list[Span] = []
        self.begins: datetime | None = None
        self.phase = CLOSED
        self.run, self.visit, self.step = 0, -1, -1
        self.steps: list[int] = []  # of the present visit
        self.held = self.lengthened = self.asked = False
        self.clock: _Clock | None = None
        self.pause: _Clock | None = None

    # Time

    def go(self, until: datetime, moves: Sequence[Move]) -> None:
        """Walk up to a moment: at each event, apply moves first, then due ends."""
        acts = sorted({move.acts_at for move in moves} | self._edges(until))
        for at in acts:
            self._run_to(at, including=False)
            self._act(at, [move for move in moves if move.acts_at == at])
        self._run_to(until, including=True)

    def forecast(self) -> None:
        """Walk to the last span, assuming a reply in every phase."""
        while (due := self._due()) is not None:
            self._end(due, is_known=False)
        self._cut(None)

    def _run_to(self, until: datetime, *, including: bool) -> None:
        while (due := self._due()) and (due < until or (including and due == until)):
            self._end(due, is_known=True)

    def _edges(self, until: datetime) -> set[datetime]:
        edges = {edge for hold in self.holds for edge in (hold.since, hold.until) if edge}
        return {edge for edge in edges if self.begins and self.begins < edge <= until}

    def _due(self) -> datetime | None:
        clock = self.pause or self.clock
        return clock.due if clock else None

    # What is due

    def _end(self, at: datetime, *, is_known: bool) -> None:
        """End the phase, or extend it if nobody wrote; an ended pause closes the round."""
        if self.pause:
            self.close(at)
        elif is_known and self._is_empty() and self.phase.lengthens and not self.lengthened:
            self._lengthen(at)
        elif is_known and self._is_empty() and self.phase.closes_empty:
            self.close(at)
        else:
            self._next(at)

    def _is_empty(self) -> bool:
        return not any(self.counts.get((s, kind)) for s in self.steps for kind in self.phase.words)

    def _lengthen(self, at: datetime) -> None:
        self._cut(at)
        self.lengthened = True
        self._count_step()
        if self.clock:
            self.clock.add((self.phase.days or 0) * DAY)

    # Moves

    def _act(self, at: datetime, moves: Sequence[Move]) -> None:
        """Apply all moves of a moment, each against the phase before the moment: a step taken by an
        earlier move is not repeated."""
        self._cut(at)
        self._hold(at)
        visit, given = self.visit, False
        for move in in_order(moves):
            if move.kind not in RIGHTS[move.by]:
                continue
            if move.kind is MoveKind.MORE_TIME:
                given = given or self._more(visit)
            else:
                self._apply(move, at, is_aimed_here=visit == self.visit)
        self._sync(at)

    def _apply(self, move: Move, at: datetime, *, is_aimed_here: bool) -> None:
        if not self._takes(move, is_aimed_here=is_aimed_here):
            return
        match move.kind:
            case MoveKind.END:
                self.close(at)
            case MoveKind.PAUSE:
                self.pause = _Clock(PAUSED_FOR, self.days, weekends=True)
            case MoveKind.CHANGE if move.to:
                self._change(move.to, at)
            case MoveKind.NEXT_STEP | MoveKind.COME_BACK:
                self._next(at)
            case MoveKind.OPEN_OFFERING:
                self.asked = self.asked or self.round.waits_to_be_asked(self.phase)
            case MoveKind.RESUME:
                self.pause = None
            case MoveKind.REOPEN:
                self.enter(REOPENED, at)

    def _takes(self, move: Move, *, is_aimed_here: bool) -> bool:
        """False for a move without effect: too late, or of no use in this phase."""
        closed = self.phase is CLOSED
        match move.kind:
            case MoveKind.REOPEN:
                return closed
            case MoveKind.RESUME:
                return self.pause is not None
            case MoveKind.CHANGE:
                return is_aimed_here and not closed
            case MoveKind.END:
                return self.clock is not None
            case MoveKind.COME_BACK if not self.phase.early:
                return False
        return is_aimed_here and self.clock is not None and not self.pause

    def _more(self, visit: int) -> bool:
        """Extend a phase, at most once a slot, whoever asks."""
        if self.clock and visit == self.visit:
            self.clock.add(MORE)
            return True
        return False

    def _change(self, to: Round, at: datetime) -> None:
        self._cut(at)
        self.round, self.asked = to, False
        self.run += 1
        self.enter(to.first, at)

    # Phases

    def enter(self, phase: Phase, at: datetime) -> None:
        """Begin a phase."""
        self._cut(at)
        self.phase, self.lengthened, self.pause = phase, False, None
        self.visit += 1
        self.steps = []
        self._count_step()
        self.clock = _Clock(phase.days * DAY, self.days) if phase.days else None
        self._hold(at)
        self._sync(at)

    def close(self, at: datetime) -> None:
        """Close the round."""
        self.enter(CLOSED, at)

    def _next(self, at: datetime) -> None:
        following = self.round.after(self.phase, asked=self.asked)
        self.enter(following, at) if following else self.close(at)

    def _count_step(self) -> None:
        self.step += 1
        self.steps.append(self.step)

    # Clocks and spans

    def _hold(self, at: datetime) -> None:
        self.held = any(hold.covers(at) for hold in self.holds)

    def _sync(self, at: datetime) -> None:
        """Start the clock due now, and stop its counterpart."""
        active = None if self.held else self.pause or self.clock
        for clock in (self.clock, self.pause):
            if clock and clock is not active:
                clock.stop(at)
        if active:
            active.run(at)

    def _cut(self, at: datetime | None) -> None:
        """End the running span now; drop an empty span, and merge a span equal to its
        predecessor."""
        if self.begins is not None and (at is None or at > self.begins):
            span = self._span(self.begins, at)
            if self.spans and self.spans[-1].is_like(span):
                span = replace(self.spans.pop(), ends=at)
            self.spans.append(span)
        self.begins = at

    def _span(self, begins: datetime, ends: datetime | None) -> Span:
        facts = self.run, self.visit, self.step, self.round, self.phase, self._state()
        return Span(*facts, begins, ends, self.lengthened)

    def _state(self) -> ClockState:
        if self.phase is CLOSED:
            return ClockState.CLOSED
        if self.held:
            return ClockState.HELD
        return ClockState.PAUSED if self.pause else ClockState.RUNNING
