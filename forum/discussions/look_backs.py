"""Look-backs offered to a presenter: some weeks after a round closed, or after the last word where
nothing closes, and on an action's day; before them, once, to keep what a closed round taught.

An offer is computed from the thread, and rests once the presenter looked back, or wants to be asked
no more. Home offers by an everyday name alone; a hidden presenter finds theirs on Your posts.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    select,
    tuple_,
    union,
)

from forum.authors.models import Author
from forum.authors.queries import everyday_keys
from forum.circles.mask_schedule import last_slot
from forum.circles.queries import circle
from forum.circles.talk_settings import counted_days as _days
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.discussions import actions, awaited_slots, courses, read_marks
from forum.discussions.awaited_slots import DueDraft
from forum.discussions.courses import Course
from forum.discussions.models import Draft, Reply, Thread
from forum.discussions.post_queries import in_thread
from forum.policy.standing import Standing
from forum.policy.terms import Kind, ReplyKind, RoundKind, kind_of
from forum.rounds.catalogue import OPEN_KEY
from forum.rounds.counted_days import DAY, CountedDays
from forum.rounds.definitions import OPEN, Phase
from forum.rounds.timeline import ClockState, Timeline
from forum.web.round_catalogue import catalogue

ON_HOME = timedelta(days=14)  # for which an offer stands there
LEARNING = timedelta(days=14)  # for which the offer to keep what was learned stands
LOOKED_AT = timedelta(weeks=30)  # since the last word of a thread, in which home looks for offers
ACTED = actions.WITHIN + ON_HOME  # since an action was told or changed: its day may be so far off
THREADS = 120  # looked at for home, latest first: of one's own, and again of everybody's
REMEMBERED = 2048  # rounds whose offers are remembered

_T, _R, _A, _D = (each.__table__.c for each in (Thread, Reply, Author, Draft))
_THERE = _R.appears_at <= bindparam("now")
_FILED = func.aggregate_strings(  # step and kind of each visible reply
    case((_THERE, cast(func.coalesce(_R.step, 0), String) + " " + _R.kind)), ","
)
_LOOKED_BACK = func.max(
    case(((_R.author_id == _T.author_id) & (_R.kind == ReplyKind.LOOK_BACK), _R.appears_at))
)
_LAST_WORD = func.max(  # of anybody, a look-back aside
    case((_THERE & (_R.kind != ReplyKind.LOOK_BACK), _R.appears_at))
)
_ANSWERED = func.max(  # by somebody else, in words
    case(
        (_THERE & (_R.author_id != _T.author_id) & ~_R.withdrawn & _R.hidden.is_(None), 1), else_=0
    )
)
_CIRCLES: Any = bindparam("circles", expanding=True)
_BY = (_A.circle_id == _T.circle_id) & (_A.id == _T.author_id)
_DRAFTED = (_D.circle_id == _T.circle_id) & (_D.thread_id == _T.id)
_ACTS = (  # an action whose day may be near
    select(_R.id)
    .where(_R.circle_id == _T.circle_id, _R.thread_id == _T.id)
    .where(_R.author_id == _T.author_id, _R.kind == RoundKind.ACTION)
    .where((_R.appears_at >= bindparam("acted")) | (_R.edited_on >= bindparam("acted_on")))
    .exists()
)


def _rows(chosen: ColumnElement[bool], replies: ColumnElement[bool]) -> Select[Any]:
    """Threads with the figures of their replies for rounds. chosen, replies: conditions of both.

    Replies are read once for all threads: a query for each thread took longer than all else at
    home. Work does not depend on earlier visits, so a move to come shows in no clock.
    """
    told = (
        select(_R.circle_id, _R.thread_id)
        .add_columns(_FILED.label("filed"), _LOOKED_BACK.label("looked_back"))
        .add_columns(_LAST_WORD.label("last_word"), _ANSWERED.label("is_answered"))
        .join(Thread.__table__, (_T.circle_id == _R.circle_id) & (_T.id == _R.thread_id))
        .where(replies)
        .group_by(_R.circle_id, _R.thread_id)
        .subquery()
    )
    return (
        select(_T.id, _T.circle_id, _T.author_id, _T.appears_at, _T.course)
        .add_columns(told.c.filed, told.c.looked_back, told.c.last_word, told.c.is_answered)
        .outerjoin(told, (told.c.circle_id == _T.circle_id) & (told.c.thread_id == _T.id))
        .where(chosen)
    )


def _lately(*only: ColumnElement[bool]) -> Select[Any]:
    """Keys of the threads open to a member that moved last."""
    found = (
        select(_T.circle_id, _T.id)
        .join(Author.__table__, _BY)
        .where(
            _T.circle_id.in_(_CIRCLES),
            *(_T.appears_at <= bindparam("now"), ~_T.withdrawn, _T.hidden.is_(None), ~_T.locked),
            *only,
        )
        .order_by(_T.moved_at.desc(), _T.id)
        .limit(bindparam("most"))
        .subquery()
    )
    return select(found.c.circle_id, found.c.id)


_MOVED = _T.moved_at >= bindparam("since")
_OWN = _A.holder_key.in_(bindparam("keys", expanding=True))
_IDS: Any = bindparam("ids", expanding=True)
_AMONG = _rows(
    _T.circle_id.in_(_CIRCLES) & _T.id.in_(_IDS),
    _R.circle_id.in_(_CIRCLES) & _R.thread_id.in_(_IDS),
)
_LATEST = union(_lately(_MOVED), _lately(_MOVED | _ACTS, _OWN)).cte()
_OF_HOME = (  # everybody's, and a member's own by an everyday name, which no others crowd out:
    # a row for each draft of a reply in a round, whoever holds it
    _rows(
        tuple_(_T.circle_id, _T.id).in_(select(_LATEST.c.circle_id, _LATEST.c.id)),
        tuple_(_R.circle_id, _R.thread_id).in_(select(_LATEST.c.circle_id, _LATEST.c.id)),
    )
    .add_columns(_A.holder_key, _D.id.label("draft_id"), _D.mark, _D.opening.label("awaited_slot"))
    .join(Author.__table__, _BY)
    .outerjoin(Draft.__table__, _DRAFTED & ~_D.amends & _T.course.is_not(None))
    .order_by(_T.moved_at.desc(), _T.id)
)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer to look back. report_on: the day of the action that it asks about. learning: it
    offers a learning note instead."""

    due: datetime
    report_on: date | None = None
    learning: bool = False


@dataclass(frozen=True, slots=True)
class OnHome:
    """An offer on a member's home."""

    circle_id: UUID
    thread_id: UUID
    told_at: datetime
    offer: Offer


RunningPhase = tuple[Phase, datetime]  # a phase whose clock runs, and its end
_Hour = tuple[Any, ...]  # see _hours


@dataclass(frozen=True, slots=True)
class Home:
    """Rounds as home shows them.

    offers: latest first. drafts: the member's, whose day has come. phases: of the latest threads
    in a round, alike for every member of their circles; by end, earliest first. still: threads
    whose round stands still: nobody is asked to reply.
    """

    offers: list[OnHome]
    drafts: list[DueDraft]
    phases: list[RunningPhase]
    still: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class _Closed:
    """A closed round: since when, its weeks after, and whether it asks about actions and about
    learning. Just talk counts as closed with its last word, and asks about neither."""

    at: datetime
    look_backs: tuple[datetime, ...]
    reports: bool = False
    teaches: bool = False


@dataclass(frozen=True, slots=True)
class _Walked:
    """A round today. closed: None while it runs. phases: see awaited_slots. running: None while no
    clock runs."""

    closed: _Closed | None
    phases: awaited_slots.Phases = None, None
    running: RunningPhase | None = None
    still: bool = False


_remembered: OrderedDict[tuple[Any, ...], _Walked] = OrderedDict()


def offer(standing: Standing, thread: Thread, timeline: Timeline | None = None) -> Offer | None:
    """The offer of today, the latest that is due; None once the presenter looked back.

    timeline: the thread's, if known. Whether they want to be asked is another question: see
    `read_marks`.
    """
    if thread.course and timeline is None:
        timeline = courses.timeline_now(standing, thread)
    if timeline is None or timeline.now.phase is OPEN:
        return _after_talk(standing, thread, timeline)
    closed = _closed(timeline)
    if closed is None:
        return None
    days = actions.days_of([thread.circle_id], [thread.id]) if closed.reports else {}
    latest = _latest(closed, days.get(thread.id, ()), timeline.days)
    return None if latest is None or courses.looked_back(thread, latest.due) else latest


def _after_talk(standing: Standing, thread: Thread, timeline: Timeline | None) -> Offer | None:
    """The offer in Just talk. timeline: None where its thread has talked in no other way."""
    theirs = (Reply.author_id == thread.author_id) & (Reply.kind == ReplyKind.LOOK_BACK)
    spoken = (Reply.appears_at <= now()) & (Reply.kind != ReplyKind.LOOK_BACK)
    last_word, looked_back = db.session.execute(
        select(
            func.max(case((spoken, Reply.appears_at))), func.max(case((theirs, Reply.appears_at)))
        ).where(*in_thread(thread))
    ).one()
    closed = (
        _closed(timeline, last_word)
        if timeline
        else _just_talk(standing, max(thread.appears_at, last_word or thread.appears_at))
    )
    latest = _latest(closed, (), _days(standing)) if closed else None
    return None if latest is None or (looked_back and looked_back >= latest.due) else latest


def _just_talk(standing: Standing, last_word: datetime) -> _Closed:
    """Just talk as closed with its last word."""
    days, weeks = _days(standing), catalogue().newest_rounds()[OPEN_KEY].look_backs
    ends = (days.end(last_word, each * 7 * DAY, weekends=True) for each in weeks)
    return _Closed(last_word, tuple(ends))


def on_home(standings: Sequence[Standing]) -> Home:
    """Offers to a member by their everyday names, and the phases in which threads are.

    Two statements, and one more where a closed round asks about actions. A round is walked again
    only once it, its circle, the slot or the hour has changed.
    """
    by_circle = {each.circle_id: each for each in standings}
    moment, keys = now(), [key for each in standings for key in everyday_keys(each)]
    known = {"circles": [*by_circle], "keys": keys, "now": moment, "since": moment - LOOKED_AT}
    known |= {"acted": moment - ACTED, "acted_on": (moment - ACTED).date(), "most": THREADS}
    found_rows: Sequence[Any] = db.session.execute(_OF_HOME, known).all() if standings else []
    rows = [*{row.id: row for row in found_rows}.values()]
    hours, own_keys = _hours(by_circle, rows), set(keys)
    walked = {row.id: _walked(by_circle[row.circle_id], row, hours[row.circle_id]) for row in rows}
    mine = [row for row in rows if row.holder_key in own_keys]
    found = [
        OnHome(row.circle_id, row.id, row.appears_at, latest)
        for row, latest in _wanted(by_circle, mine, hours)
        if latest.due > moment - ON_HOME
    ]
    offers = sorted(found, key=lambda each: (each.offer.due, each.thread_id), reverse=True)
    drafts = awaited_slots.due(
        by_circle, found_rows, {id_: each.phases for id_, each in walked.items()}
    )
    latest_of_all = [walked[row.id] for row in rows[:THREADS]]  # the others are one's own
    phases = sorted((each.running for each in latest_of_all if each.running), key=_end)
    still = frozenset(row.id for row in rows[:THREADS] if walked[row.id].still)
    return Home(offers, drafts, phases, still)


def _end(each: RunningPhase) -> datetime:
    return each[1]


def still(standings: Sequence[Standing], threads: Sequence[UUID]) -> set[UUID]:
    """Ids of the threads whose round stands still. One statement, if there are threads."""
    by_circle = {each.circle_id: each for each in standings}
    known = {"circles": [*by_circle], "ids": [*threads], "now": now()}
    rows = db.session.execute(_AMONG, known).all() if threads else []
    hours = _hours(by_circle, rows)
    return {
        row.id for row in rows if _walked(by_circle[row.circle_id], row, hours[row.circle_id]).still
    }


def offers(standing: Standing, threads: Iterable[Thread]) -> dict[UUID, Offer]:
    """The wanted offer of each of a presenter's threads of a circle, by thread.

    As many statements as on home, however many threads.
    """
    known = {"circles": [standing.circle_id], "ids": [each.id for each in threads], "now": now()}
    rows, here = db.session.execute(_AMONG, known).all(), {standing.circle_id: standing}
    return {row.id: latest for row, latest in _wanted(here, rows, _hours(here, rows))}


def _wanted(
    standings: Mapping[UUID, Standing], rows: Iterable[Row[Any]], hours: Mapping[UUID, _Hour]
) -> list[tuple[Row[Any], Offer]]:
    """Rows of threads with the offer of each, where one is due and its presenter wants to be asked:
    to look back, or else to keep what was learned."""
    due = list(_due(standings, rows, hours))
    answers = read_marks.answers({row.id: standings[row.circle_id] for row, _ in due})
    found = list[tuple[Row[Any], Offer]]()
    for row, some in due:
        answered = answers[row.id]
        if read_marks.LEARNING_OFFERED in answered:
            some = [each for each in some if not each.learning]
        if some and read_marks.ASKED_NO_MORE not in answered:
            found.append((row, some[0]))
    return found


def _due(
    standings: Mapping[UUID, Standing], rows: Iterable[Row[Any]], hours: Mapping[UUID, _Hour]
) -> Iterator[tuple[Row[Any], list[Offer]]]:
    """Rows of threads with the offers that are due: to look back first, then to keep learning."""
    rounds = [
        (row, _walked(standings[row.circle_id], row, hours[row.circle_id]).closed) for row in rows
    ]
    asking = [row.id for row, closed in rounds if closed and closed.reports]
    days = actions.days_of(standings, asking) if asking else {}
    for row, closed in rounds:
        if closed is None:
            continue
        latest = _latest(closed, days.get(row.id, ()), _days(standings[row.circle_id]))
        asks = latest and (row.looked_back is None or row.looked_back < latest.due)
        there = [latest] if latest and asks else []
        if closed.teaches and row.is_answered and closed.at <= now() < closed.at + LEARNING:
            there.append(Offer(closed.at, learning=True))
        if there:
            yield row, there


def _latest(closed: _Closed, days: Iterable[date], counted: CountedDays) -> Offer | None:
    """The latest offer that is due. days: of actions; none is asked about before the closing."""
    reports = (Offer(max(counted.morning_of(day), closed.at), day) for day in days)
    due = [each for each in (*map(Offer, closed.look_backs), *reports) if each.due <= now()]
    return max(due, key=lambda each: each.due, default=None)


def _closed(timeline: Timeline, last_word: datetime | None = None) -> _Closed | None:
    if timeline.now.phase is OPEN:
        return _Closed(timeline.now.begins, timeline.look_backs(last_word))
    if timeline.now.state is not ClockState.CLOSED:
        return None
    reports = timeline.now.round.reports
    return _Closed(timeline.now.begins, timeline.look_backs(), reports, teaches=True)


def _hours(standings: Mapping[UUID, Standing], rows: Iterable[Row[Any]]) -> dict[UUID, _Hour]:
    """Hours, slots and settings of each circle of these rows, on which its rounds depend."""
    found, moment, hour = dict[UUID, _Hour](), now(), this_hour()
    for circle_id in {row.circle_id for row in rows}:
        home = circle(standings[circle_id])
        slot = last_slot(moment, *home.mask_schedule)
        today = moment.astimezone(home.zone).date()  # begins inside an hour in half-hour zones
        found[circle_id] = home.talk, home.slots, home.timezone, today, hour, slot
    return found


def _walked(standing: Standing, row: Any, hour: _Hour) -> _Walked:
    """A thread's round of today, remembered until the next slot or hour while nothing changes."""
    key = row.id, row.course, row.filed, row.last_word, *hour
    if known := _remembered.get(key):
        return known
    stored = Thread.course.opener(Thread.__tablename__, row.circle_id)(row.id, row.course)
    here = Course.from_json(stored) if stored else None
    last_word = max(row.appears_at, row.last_word or row.appears_at)
    counts = _post_counts(row.filed)
    walked = courses.course_timeline(standing, here, row.appears_at, counts) if here else None
    if walked is None:
        known = _Walked(_just_talk(standing, last_word))
    else:
        ends = walked.phase_ends
        running = (walked.now.phase, ends) if ends and not walked.stands_still else None
        phases = _phase(walked), _phase(replace(walked, moment=max(hour[-1], row.appears_at)))
        known = _Walked(_closed(walked, last_word), phases, running, still=walked.stands_still)
    _remembered[key] = known
    while len(_remembered) > REMEMBERED:
        _remembered.popitem(last=False)
    return known


def _phase(timeline: Timeline) -> Phase | None:
    return None if timeline.stands_still else timeline.now.phase


def _post_counts(filed: str | None) -> dict[tuple[int, Kind], int]:
    """Number of replies by step and kind, from the text of _FILED."""
    pairs = (each.split(" ") for each in (filed or "").split(",") if each)
    return courses.counted(((int(step), kind_of(kind)), 1) for step, kind in pairs)
