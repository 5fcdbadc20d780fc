"""Permissions of each part in a thread at a moment: kinds of reply, quotas, opening times."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from forum.policy import may
from forum.policy.terms import Kind, Part, Role, RoundKind
from forum.rounds.counted_days import DAY
from forum.rounds.definitions import CLOSED, OPEN, REOPENED, Phase, Quota
from forum.rounds.moves import RIGHTS, MoveKind
from forum.rounds.timeline import ClockState, Span, Timeline

LATE = (CLOSED, REOPENED)  # phases in which a presenter may still write an action
DRAFT_LIVES = timedelta(days=14)  # after the day on which it could be posted


class Reason(StrEnum):
    """Reasons for a closed kind of reply."""

    PHASE = "phase"  # this phase asks for something else
    PAUSED = "paused"
    HELD = "held"  # the thread is locked, its opening hidden, or the circle read-only
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    PER_NAME = "per_name"  # this name wrote as many as each may
    OPEN_QUESTION = "open_question"  # this name's last question waits for its answer
    IN_ALL = "in_all"  # all names together wrote as many as there is room for


@dataclass(frozen=True, slots=True)
class Asker:
    """A member in relation to a thread.

    parts: from may.parts. wished: kinds wished for by the presenter, from may.wished_kinds.
    withdrawn: whether the opening is.
    """

    parts: frozenset[Part]
    wished: frozenset[Kind]
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A reply under a name in the thread, visible or waiting for its slot.

    at: its moment of appearing. settled: a question answered or set aside.
    """

    kind: Kind
    step: int
    at: datetime
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a reply may be posted now. opens_at: when it may, if known."""

    allowed: bool
    reason: Reason | None = None
    opens_at: datetime | None = None
    quota: Quota | None = None

    @property
    def kept_until(self) -> datetime | None:
        """Expiry of a draft waiting for its day."""
        return self.opens_at + DRAFT_LIVES if self.opens_at else None


ALLOWED = Verdict(True)


def kinds_at(span: Span, asker: Asker) -> frozenset[Kind]:
    """The kinds open to a member in a span, quotas aside."""
    still = span.state in (ClockState.PAUSED, ClockState.HELD)
    phase: Phase | None = None if still else span.phase
    kinds = may.kinds_in_phase(asker.parts, phase, asker.wished, withdrawn=asker.withdrawn)
    return kinds | {RoundKind.ACTION} if phase and takes_late_actions(span, asker) else kinds


def takes_late_actions(span: Span, asker: Asker) -> bool:
    """Whether the presenter may still write an action once the days for actions are over.

    Only in a round that ends with actions: nobody is late.
    """
    over = span.round.reports and span.phase in LATE and not asker.withdrawn
    return over and Part.PRESENTER in asker.parts


def kinds_now(line: Timeline, asker: Asker, of_name: Sequence[Written] = ()) -> frozenset[Kind]:
    """Kinds a member may post now under a name, for the reply buttons.

    of_name: as in verdict.
    """
    kinds = kinds_at(line.now, asker)
    return frozenset(kind for kind in kinds if verdict(line, asker, kind, of_name).allowed)


def verdict(line: Timeline, asker: Asker, kind: Kind, of_name: Sequence[Written] = ()) -> Verdict:
    """Whether a kind of reply may be posted now; if not, the reason and opening time.

    of_name: all replies under its name; empty for the circle's voice, which is new with each post.
    Quotas count in the present phase only; that of actions in the whole round.
    """
    if kind not in kinds_at(line.now, asker):
        return Verdict(False, _reason(line.now, asker), opens_at(line, asker, kind))
    return within_quota(line, kind, of_name)


def within_quota(line: Timeline, kind: Kind, of_name: Sequence[Written]) -> Verdict:
    """Whether a name has room for one more reply of a kind, whatever else is open today."""
    late = kind is RoundKind.ACTION and line.now.phase in LATE
    phases = line.now.round.phases if late else (line.now.phase,)
    quota = next((found for each in phases if (found := each.quota(kind))), None)
    if quota is None or kind in may.ALWAYS:
        return ALLOWED
    steps = {
        span.step
        for span in line.spans
        if (span.run == line.now.run if late else span.visit == line.now.visit)
    }
    here = [each for each in of_name if each.kind == kind and each.step in steps]
    return _within(line, quota, here)


def opens_at(line: Timeline, asker: Asker, kind: Kind) -> datetime | None:
    """The first coming slot forecast to open a kind to a member, or None."""
    return next((span.begins for span in line.coming if kind in kinds_at(span, asker)), None)


def unfolds_at(line: Timeline, kind: Kind, wished: Collection[Kind]) -> datetime | None:
    """Slot at which a reply postponed by a presenter or facilitator opens.

    With the phase of its kind, else at closing. None while the clock is stopped, or with no phase
    to come: the reply opens at once.
    """
    asker = Asker(frozenset({Part.RESPONDER}), frozenset(wished))
    if found := opens_at(line, asker, kind):
        return found
    ends = [span.begins for span in line.coming if span.phase.key in ("closing", CLOSED.key)]
    return min(ends, default=None)


def moves_open(line: Timeline, part: Part) -> tuple[MoveKind, ...]:
    """Moves open to a part now, in the order of its row."""
    return tuple(kind for kind in _moves(line) if kind in RIGHTS[part])


def facilitates(role: Role, *, has_facilitator: bool) -> bool:
    """True for facilitators; for moderators in a circle without a facilitator."""
    return role is Role.FACILITATOR or (role is Role.MODERATOR and not has_facilitator)


def _within(line: Timeline, quota: Quota, here: Sequence[Written]) -> Verdict:
    """Whether a further reply stays within a quota. here: replies of the name in this phase."""
    if quota.in_all and line.standing(quota.kind) >= quota.in_all:
        return Verdict(False, Reason.IN_ALL, quota=quota)
    if quota.per_name and len(here) >= quota.per_name:
        return Verdict(False, Reason.PER_NAME, quota=quota)
    waiting = [each.at for each in here if not each.settled]
    if quota.open_days and waiting:
        opens = line.days.end_of(max(waiting), quota.open_days * DAY)
        if opens > line.moment:
            is_here = line.at(opens).visit == line.now.visit  # else the phase is over by then
            return Verdict(False, Reason.OPEN_QUESTION, opens if is_here else None, quota)
    return ALLOWED


def _reason(span: Span, asker: Asker) -> Reason:
    if asker.withdrawn:
        return Reason.WITHDRAWN
    states = {
        ClockState.PAUSED: Reason.PAUSED,
        ClockState.HELD: Reason.HELD,
        ClockState.CLOSED: Reason.CLOSED,
    }
    return states.get(span.state, Reason.PHASE)


def _moves(line: Timeline) -> list[MoveKind]:
    now = line.now
    if now.state is ClockState.CLOSED:
        return [MoveKind.REOPEN]
    if now.phase is OPEN:
        return [MoveKind.CHANGE]
    if line.paused:  # no step is taken until it goes on
        return [MoveKind.RESUME, MoveKind.CHANGE, MoveKind.END]
    moves = [MoveKind.MORE_TIME, MoveKind.NEXT_STEP]
    if now.phase.early:
        moves.append(MoveKind.COME_BACK)
    if now.round.waits_to_be_asked(now.phase) and not line.asked:
        moves.append(MoveKind.OPEN_OFFERING)
    return [*moves, MoveKind.PAUSE, MoveKind.CHANGE, MoveKind.END]
