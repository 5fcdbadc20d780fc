"""Course of a thread's round: stored choice, moves and holds; computed phase and permissions.

A course is one sealed, padded column of its thread. A presenter's move changes it without a row or
a moment of its own: moves are stored with the slot of their effect. Just talk has no course.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Self
from uuid import UUID

from sqlalchemy import func, select

from forum.authors.queries import held, own_names
from forum.circles.talk_settings import counted_days, stops
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.core.errors import Forbidden
from forum.discussions.awaited_slots import AwaitedSlot
from forum.discussions.models import Quote, Reply, Thread
from forum.discussions.post_queries import in_thread
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Kind, Part, ReplyKind, RoundKind
from forum.rounds.catalogue import OPEN_KEY, ChosenRound
from forum.rounds.counted_days import CountedDays
from forum.rounds.definitions import CLOSED, OPEN, Phase, Round
from forum.rounds.moves import Move, MoveKind
from forum.rounds.permissions import (
    Asker,
    Written,
    facilitates,
    kinds_at,
    unfolds_at,
    verdict,
    within_quota,
)
from forum.rounds.sentences import Sentence, refusal
from forum.rounds.templates import Template
from forum.rounds.timeline import Hold, PostCounts, Timeline, timeline
from forum.web.round_catalogue import catalogue, newest_template

PADDED_TO = 1024  # bytes of JSON: as many as some eighteen moves take
TAPS: frozenset[Kind] = frozenset(  # kinds without a body, or with a page of their own
    {ReplyKind.ACKNOWLEDGEMENT, RoundKind.CONCERN, RoundKind.SIT_WITH}
)
USUAL: tuple[Kind, ...] = (  # a reply sent without a kind takes the first of these that is open
    *(ReplyKind.ANSWER, ReplyKind.REFLECTION, ReplyKind.OWN_EXPERIENCE, ReplyKind.QUESTION),
    *(ReplyKind.IDEA, RoundKind.TAKEAWAY, RoundKind.STORY, ReplyKind.RETURN),
    *(ReplyKind.LOOK_BACK, RoundKind.ACTION, ReplyKind.SUMMARY, RoundKind.THANKS),
)


class NotOpenNow(Forbidden):
    """A reply not open in the present phase of its round. The text is kept.

    awaited: the slot at which the reply's kind opens, if known.
    """

    def __init__(self, sentences: list[Sentence], awaited: AwaitedSlot | None) -> None:
        super().__init__()
        self.sentences, self.awaited = sentences, awaited


@dataclass(frozen=True, slots=True)
class StoredMove:
    """A move as stored. to: the next round, of MoveKind.CHANGE alone."""

    kind: MoveKind
    acts_at: datetime
    by: Part
    to: ChosenRound | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A thread's round, the moves made in it, and the times in which its clock stood.

    kept: replies that came too early, and the moment from which each is folded. sat: questions that
    the presenter sits with, and the moment from which each shows it.
    """

    chosen: ChosenRound
    moves: tuple[StoredMove, ...] = ()
    holds: tuple[Hold, ...] = ()
    kept: tuple[tuple[UUID, datetime], ...] = ()
    sat: tuple[tuple[UUID, datetime], ...] = ()

    def to_json(self) -> str:
        """JSON to store, padded."""
        told = {
            "round": self.chosen.to_json(),
            "moves": [
                [each.kind, _stamp(each.acts_at), each.by, each.to and each.to.to_json()]
                for each in self.moves
            ],
            "holds": [
                [_stamp(each.since), each.until and _stamp(each.until)] for each in self.holds
            ],
            "kept": [[each.hex, _stamp(since)] for each, since in self.kept],
            "sat": [[each.hex, _stamp(since)] for each, since in self.sat],
        }
        text = json.dumps(told, separators=(",", ":"))
        return text.ljust(-(-len(text) // PADDED_TO) * PADDED_TO)

    @classmethod
    def from_json(cls, stored: str) -> Self:
        """Parse stored JSON."""
        told = json.loads(stored)
        moves = (
            StoredMove(
                MoveKind(kind), _moment(at), Part(by), ChosenRound.from_json(to) if to else None
            )
            for kind, at, by, to in told["moves"]
        )
        holds = (
            Hold(_moment(since), _moment(until) if until else None)
            for since, until in told["holds"]
        )
        kept, sat = (
            tuple((UUID(each), _moment(since)) for each, since in told.get(name, ()))
            for name in ("kept", "sat")
        )
        return cls(ChosenRound.from_json(told["round"]), tuple(moves), tuple(holds), kept, sat)

    def with_move(self, move: StoredMove) -> Self:
        """The course with one more move; a move that is there already is not repeated.

        The last way chosen counts alone. A move to come leaves those of others alone: see
        `moves_at`.
        """
        if move in self.moves:
            return self
        before = self.moves
        if move.kind is MoveKind.CHANGE:
            before = tuple(
                each
                for each in before
                if each.kind is not MoveKind.CHANGE or each.acts_at < move.acts_at
            )
        return replace(self, moves=(*before, move))

    def moves_at(self, moment: datetime) -> list[StoredMove]:
        """Moves as they count at a moment, in the order of pressing.

        An end drops earlier presses that were to act after it, once it acts: dropped as it is
        stored, they would show a hidden presenter's end before its slot.
        """
        ends = [
            (index, each.acts_at)
            for index, each in enumerate(self.moves)
            if each.kind is MoveKind.END and each.acts_at <= moment
        ]
        return [
            each
            for index, each in enumerate(self.moves)
            if not any(index < end and each.acts_at > ended for end, ended in ends)
        ]

    def held(self, moment: datetime) -> Self:
        """The course with its clock stopped from a moment on."""
        if any(each.until is None for each in self.holds):
            return self
        return replace(self, holds=(*self.holds, Hold(moment)))

    def released(self, moment: datetime) -> Self:
        """The course with its clock running again from a moment on."""
        over = (each if each.until else Hold(each.since, moment) for each in self.holds)
        return replace(self, holds=tuple(over))


def new_course_json(round_: Round | None) -> str:
    """Course to store with a new thread. round_: with its circle's lengths; None for Just talk."""
    if round_ is None or round_.key == OPEN_KEY:
        return ""
    return Course(ChosenRound.of(round_)).to_json()


def course(thread: Thread) -> Course:
    """The course of a thread; for Just talk without a move, a new one."""
    if stored := thread.course:
        return _parsed(stored)
    return Course(ChosenRound.of(catalogue().newest_rounds()[OPEN_KEY]))


@lru_cache(maxsize=1024)
def _parsed(stored: str) -> Course:
    """Course of stored JSON, cached: a page parses it several times."""
    return Course.from_json(stored)


def timeline_now(standing: Standing, thread: Thread, counts: PostCounts | None = None) -> Timeline:
    """The timeline of a thread now. counts: of visible replies, withdrawn ones included; None to
    read them, and how many of them are withdrawn."""
    known, withdrawn = reply_counts(thread) if counts is None else (counts, {})
    timeline = course_timeline(standing, course(thread), thread.appears_at, known)
    return replace(timeline, withdrawn=withdrawn)


def course_timeline(
    standing: Standing, stored: Course, begins: datetime, counts: PostCounts
) -> Timeline:
    """The timeline of a course now. begins: when its opening appeared."""
    known, days = catalogue(), counted_days(standing)
    at = max(now(), begins)
    moves = [
        Move(each.kind, each.acts_at, each.by, known.round(each.to) if each.to else None)
        for each in stored.moves_at(at)
    ]
    holds = (*stored.holds, *stops(standing))
    return timeline(begins, known.round(stored.chosen), days, at, moves, counts, holds)


@dataclass(frozen=True, slots=True)
class Way:
    """A thread's template, its round, the phase of today, and its topics."""

    template: Template
    round: Round
    phase: Phase
    topics: tuple[str, ...] = ()


def ways(standing: Standing) -> dict[UUID, Way]:
    """The way of each visible thread of a circle."""
    rows = db.session.execute(
        select(Reply.thread_id, Reply.step, Reply.kind, func.count())
        .where(Reply.circle_id == standing.circle_id, Reply.appears_at <= now())
        .where(Reply.step.is_not(None))
        .group_by(Reply.thread_id, Reply.step, Reply.kind)
    )
    counts: dict[UUID, list[tuple[tuple[int | None, Kind], int]]] = {}
    for thread_id, step, kind, number in rows:
        counts.setdefault(thread_id, []).append(((step, kind), number))
    there = select(Thread).where(Thread.circle_id == standing.circle_id)
    found = {}
    for thread in db.session.scalars(there.where(Thread.appears_at <= now())):
        known = counted(counts.get(thread.id, ()))
        span = timeline_now(standing, thread, known).now if thread.course else None
        just_talk = catalogue().newest_rounds()[OPEN_KEY]
        found[thread.id] = Way(
            newest_template(thread.template),
            span.round if span else just_talk,
            span.phase if span else just_talk.first,
            tuple(thread.topics or ()),
        )
    return found


def reply_counts(thread: Thread) -> tuple[PostCounts, PostCounts]:
    """Number of visible replies by step and kind: in all, and of those withdrawn."""
    return reply_counts_of([thread])[thread.id]


def reply_counts_of(threads: Collection[Thread]) -> dict[UUID, tuple[PostCounts, PostCounts]]:
    """Numbers as of `reply_counts`, by thread. One statement, without threads too."""
    gone = func.count().filter(Reply.withdrawn)
    circles = {each.circle_id for each in threads}
    rows = db.session.execute(
        select(Reply.thread_id, Reply.step, Reply.kind, func.count(), gone)
        .where(Reply.circle_id.in_(circles), Reply.thread_id.in_([each.id for each in threads]))
        .where(Reply.appears_at <= now())
        .group_by(Reply.thread_id, Reply.step, Reply.kind)
    ).all()
    found: dict[UUID, tuple[PostCounts, PostCounts]] = {}
    for thread in threads:
        here = [row for row in rows if row[0] == thread.id]
        in_all = counted(((step, kind), number) for _, step, kind, number, _ in here)
        withdrawn = counted(((step, kind), number) for _, step, kind, _, number in here)
        found[thread.id] = in_all, withdrawn
    return found


def counted(rows: Iterable[tuple[tuple[int | None, Kind], int]]) -> dict[tuple[int, Kind], int]:
    """Sums by step and kind; a reply without a step was written before any round began."""
    found: dict[tuple[int, Kind], int] = {}
    for (step, kind), number in rows:
        found[step or 0, kind] = found.get((step or 0, kind), 0) + number
    return found


def asker(standing: Standing, thread: Thread, mode: AuthorMode) -> Asker:
    """A member in relation to a thread, writing in a mode."""
    parts = may.parts(standing, thread, mode, facilitates=leads(standing))
    return Asker(parts, wished(thread), withdrawn=thread.withdrawn)


def wished(thread: Thread) -> frozenset[Kind]:
    """Kinds of reply that the presenter wished for."""
    return frozenset(may.wished_kinds(thread.support_wanted, thread.reply_manner))


def leads(standing: Standing) -> bool:
    """Whether the member's role leads rounds in this circle."""
    return facilitates(standing.role, has_facilitator=standing.led)


def kinds(
    standing: Standing, thread: Thread, mode: AuthorMode, at: Timeline | None = None
) -> frozenset[Kind]:
    """Kinds of reply open to a member now, quotas aside. at: the thread's timeline, if known."""
    if not thread.course:
        return frozenset(may.reply_kinds(standing, thread))
    if thread.locked or not may.is_open(thread):
        return may.ALWAYS
    return kinds_at((at or timeline_now(standing, thread)).now, asker(standing, thread, mode))


def usual(opened: Iterable[Kind]) -> Kind:
    """The kind of a reply sent without one."""
    there = {*opened}
    return next((kind for kind in USUAL if kind in there), ReplyKind.REFLECTION)


def admit(
    standing: Standing, thread: Thread, mode: AuthorMode, wanted: Kind | None
) -> tuple[Kind, int | None]:
    """The kind under which a reply is posted now, and the step in which it is filed.

    wanted: the kind chosen; None for the usual one. Raises Forbidden, and NotOpenNow where the
    thread's round refuses it today. A line of company is refused by no round.
    """
    if wanted is ReplyKind.ACKNOWLEDGEMENT:
        require(may.keep_company(standing, thread))
        return wanted, timeline_now(standing, thread).now.step if thread.course else None
    if not thread.course:
        kind = wanted or usual(may.reply_kinds(standing, thread))
        require(kind in may.reply_kinds(standing, thread) - {ReplyKind.ACKNOWLEDGEMENT})
        return kind, None
    require(not thread.locked and may.is_open(thread))
    timeline, who = timeline_now(standing, thread), asker(standing, thread, mode)
    kind = wanted or usual(kinds_at(timeline.now, who))
    require(kind not in TAPS)
    found = verdict(timeline, who, kind, written(standing, thread, mode))
    if not found.allowed:
        awaited = AwaitedSlot(found.opens_at, kind, mode) if found.opens_at else None
        raise NotOpenNow(refusal(timeline, found), awaited)
    return kind, timeline.now.step


def fits_again(standing: Standing, thread: Thread, reply: Reply) -> bool:
    """Whether a withdrawn reply can come back beside what its name wrote meanwhile.

    What others wrote takes no room from it, and neither does a phase that came since.
    """
    timeline = timeline_now(standing, thread) if thread.course else None
    if timeline is None or reply.step not in timeline.steps:
        return True
    mode = reply.author.mode
    mine = written(standing, thread, mode)
    if not any(each.kind == reply.kind and each.step in timeline.steps for each in mine):
        return True
    return within_quota(timeline, reply.kind, mine).quota is None


def full(
    standing: Standing, thread: Thread, timeline: Timeline, opened: Collection[Kind]
) -> Sentence | None:
    """Reason why the member's everyday name can write no more of the only kind open now; else None.

    Further names in the thread have their own quota.
    """
    [kind, *others] = opened or (None,)
    if kind is None or others or timeline.now.phase.quota(kind) is None:
        return None
    found = [
        verdict(timeline, asker(standing, thread, mode), kind, written(standing, thread, mode))
        for mode in sorted(own_names(standing, thread.id).keys() & may.everyday_modes(standing))
    ]
    refusals = [each for each in found if each.quota]
    return refusal(timeline, refusals[0])[0] if found and len(refusals) == len(found) else None


def written(standing: Standing, thread: Thread, mode: AuthorMode) -> list[Written]:
    """Replies under the member's name of a mode in a thread, visible or waiting for their slot.

    Without those withdrawn, which leave room for another. Empty for the circle's voice, which is a
    new name with each post.
    """
    lasting = mode in (AuthorMode.OWN_NAME, AuthorMode.PSEUDONYM)
    scope = standing.circle_id if lasting else thread.id
    row = None if mode is AuthorMode.CIRCLE_VOICE else held(standing, mode, scope)
    if row is None:
        return []
    mine = *in_thread(thread), Reply.author_id == row.id, ~Reply.withdrawn
    rows = db.session.execute(
        select(Reply.id, Reply.kind, Reply.step, Reply.appears_at).where(*mine)
    ).all()
    asked = [each.id for each in rows if each.kind is ReplyKind.QUESTION]
    settled = _answered(thread, asked) | sat_with(thread)
    return [
        Written(each.kind, each.step or 0, each.appears_at, settled=each.id in settled)
        for each in rows
    ]


def _answered(thread: Thread, ids: list[UUID]) -> set[UUID]:
    """Ids of replies that a visible reply of the presenter quotes."""
    if not ids:
        return set()
    theirs = (
        select(Quote.post_id)
        .join(Reply, (Reply.circle_id == Quote.circle_id) & (Reply.id == Quote.reply_id))
        .where(*in_thread(thread), Reply.author_id == thread.author_id)
        .where(Reply.appears_at <= now(), Quote.post_id.in_(ids))
    )
    return {*db.session.scalars(theirs)}


def looked_back(thread: Thread, since: datetime) -> bool:
    """Whether the presenter looked back since a moment, visibly or from the next slot on."""
    theirs = Reply.author_id == thread.author_id, Reply.kind == ReplyKind.LOOK_BACK
    found = select(Reply.id).where(*in_thread(thread), *theirs)
    # a named reply keeps its hour alone: the one in which the offer began counts
    return db.session.scalar(found.where(Reply.appears_at >= since).limit(1)) is not None


def sat_with(thread: Thread) -> set[UUID]:
    """Questions that the presenter of a thread sits with."""
    moment = now()
    return {reply_id for reply_id, since in course(thread).sat if since <= moment}


def folded(thread: Thread, timeline: Timeline) -> set[UUID]:
    """Replies that are folded now: kept for a phase that asks for ideas, or else for closing."""
    return {
        reply_id
        for reply_id, since in course(thread).kept
        if since <= timeline.moment and not _has_opened(thread, timeline, since)
    }


def _has_opened(thread: Thread, timeline: Timeline, since: datetime) -> bool:
    """Whether a phase that takes early advice began after a moment."""
    begun = (span for span in timeline.spans if since < span.begins <= timeline.moment)
    return any(_takes_advice(thread, span.phase) for span in begun)


def _takes_advice(thread: Thread, phase: Phase) -> bool:
    opened = phase.kinds(Part.RESPONDER) | (wished(thread) if phase.by_wish else frozenset())
    return ReplyKind.IDEA in opened or phase.key == "closing" or phase is CLOSED


def opens_for_advice(thread: Thread, timeline: Timeline) -> datetime | None:
    """Slot at which a reply kept for later opens; None where it would open at once."""
    if _takes_advice(thread, timeline.now.phase) or timeline.now.phase is OPEN:
        return None
    return unfolds_at(timeline, ReplyKind.IDEA, wished(thread))


def at_once(days: CountedDays) -> datetime:
    """The moment to store for what takes effect now: the hour, or a second after a slot in it.

    A finer moment would reveal when somebody was here; an earlier one would undo what the slot did.
    """
    moment, found = now(), this_hour()
    while (slot := days.next_slot(found - timedelta.resolution)) <= moment:
        found = slot + timedelta(seconds=1)
    return found


def hold(standing: Standing, thread: Thread, *, held: bool) -> None:
    """Stop or start the clock of a thread's round, as its opening hides or the thread is locked."""
    if not thread.course:
        return
    stored, moment = course(thread), at_once(counted_days(standing))
    changed = stored.held(moment) if held else stored.released(moment)
    thread.course = changed.to_json()


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)
