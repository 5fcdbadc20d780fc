"""Retention: the states of a thread's end of life, and every transition between them.

A thread stays; is told, for 30 days, that it goes; is held back by a moderator; is going, its texts
erased and those of flags not yet; or has gone. Only this module writes `ending` and `ends_on`.
All is done by the clock and alike for every presenter, so that no row reveals whose a thread is.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles.locks import draw_revision, lock_circle
from forum.circles.mask_schedule import last_slot
from forum.circles.models import Circle
from forum.circles.queries import circle
from forum.circles.retention_settings import NOTICE, months_after, still_on
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden, InvalidInput
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.discussions import courses, drafts, posts, visibility
from forum.discussions.models import (
    Acknowledgement,
    Draft,
    Hiding,
    MarkedPassages,
    Muted,
    NameNote,
    Quote,
    ReadMark,
    Reply,
    ThankYou,
    Thread,
)
from forum.discussions.post_queries import in_thread
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Ending
from forum.rounds.definitions import OPEN
from forum.rounds.timeline import ClockState

HELD_FOR = timedelta(days=90)  # by one press of a moderator
REASON_MAX = 300  # characters
DAY = timedelta(days=1)


class Act(StrEnum):
    """Acts on a thread's end of life."""

    TELL = "tell"  # the clock
    SPARE = "spare"  # the clock: a new word, another setting
    HOLD = "hold"  # a moderator
    RELEASE = "release"  # a moderator, or the clock
    ERASE = "erase"  # the clock
    FINISH = "finish"  # the clock, once the texts of flags are erased


# No ending: the thread stays.
PATHS: Mapping[tuple[Ending | None, Act], Ending | None] = {
    (None, Act.TELL): Ending.TOLD,
    (None, Act.HOLD): Ending.HELD,
    (Ending.TOLD, Act.SPARE): None,
    (Ending.TOLD, Act.HOLD): Ending.HELD,
    (Ending.TOLD, Act.ERASE): Ending.GOING,
    (Ending.HELD, Act.HOLD): Ending.HELD,
    (Ending.HELD, Act.RELEASE): None,  # it is told anew, with all of the notice
    (Ending.GOING, Act.FINISH): Ending.GONE,
}


# Days on which told threads of some circles go, the next first, with the longest silence of each.
_DAYS = (
    select(Thread.circle_id, Thread.ends_on, func.min(Thread.moved_at).label("quiet_since"))
    .where(Thread.circle_id.in_(bindparam("circles", expanding=True)))
    .where(Thread.ending == Ending.TOLD, Thread.ends_on.is_not(None))
    .group_by(Thread.circle_id, Thread.ends_on)
    .order_by(Thread.ends_on)
)


def goes_on(standing: Standing, thread: Thread) -> date | None:
    """The day on which a thread goes, for its readers; None unless it is told and nobody wrote
    since."""
    if thread.ending is not Ending.TOLD or not thread.ends_on:
        return None
    home = circle(standing)
    return still_on(thread.ends_on, thread.moved_at, home.retention_months, home.zone)


def next_days(homes: Iterable[Circle]) -> dict[UUID, date]:
    """The next day on which a thread goes, by circle, as `goes_on` of its threads. One statement,
    if threads go in any of these circles."""
    letting = {each.id: each for each in homes if each.retention_months}
    found: dict[UUID, date] = {}
    for row in db.session.execute(_DAYS, {"circles": [*letting]}) if letting else ():
        home = letting[row.circle_id]
        day = still_on(row.ends_on, row.quiet_since, home.retention_months, home.zone)
        if day:
            found.setdefault(home.id, day)
    return found


def held_until(standing: Standing, thread: Thread) -> date | None:
    """The last day of a moderator's hold; None without one."""
    is_held = thread.ending is Ending.HELD and circle(standing).retention_months
    return thread.ends_on if is_held else None


def held(standing: Standing) -> list[Thread]:
    """A circle's threads that moderators hold back, those that go on soonest first; none where no
    thread goes."""
    if not circle(standing).retention_months:
        return []
    here = Thread.circle_id == standing.circle_id, Thread.ending == Ending.HELD
    return list(db.session.scalars(select(Thread).where(*here).order_by(Thread.ends_on, Thread.id)))


def may_be_held(standing: Standing, thread: Thread) -> bool:
    """Whether a moderator may hold the thread back now."""
    there = (thread.ending, Act.HOLD) in PATHS
    return may.keep_safe(standing) and there and bool(circle(standing).retention_months)


def hold(standing: Standing, thread: Thread, reason: str) -> None:
    """Keep a thread for 90 days from today, whatever its circle chose. Raises InvalidInput
    (hold_reason)."""
    require(may.keep_safe(standing))
    if not reason:
        raise InvalidInput(hold_reason=_("Give a reason: the moderators can read it here."))
    if len(reason) > REASON_MAX:
        raise InvalidInput(hold_reason=_("At most %(most)s characters, please.", most=REASON_MAX))
    home = _locked(standing)
    require(may_be_held(standing, thread))
    ends_on = _today(home) + HELD_FOR
    if (thread.ending, thread.ends_on, thread.hold_reason) == (Ending.HELD, ends_on, reason):
        return
    if thread.ending is Ending.HELD and thread.ends_on == ends_on:
        raise InvalidInput(
            hold_reason=_(
                "Held back today already: “%(words)s” To give another reason, end that first.",
                words=thread.hold_reason,
            )
        )
    _go(thread, Act.HOLD, ends_on)
    thread.hold_reason = reason
    _set_next(home)
    audit.note(home.id, Deed.THREAD_HELD, Actor.MODERATOR, about=thread.author.name)


def release(standing: Standing, thread: Thread) -> None:
    """End a hold; once told again, the thread has all of its notice."""
    require(may.keep_safe(standing))
    home = _locked(standing)
    _go(thread, Act.RELEASE)
    audit.note(home.id, Deed.THREAD_RELEASED, Actor.MODERATOR, about=thread.author.name)


def circles_to_tell() -> set[UUID]:
    """Ids of circles with a thread that is told or held back, or in which threads go at all."""
    ending = select(Thread.circle_id).where(Thread.ending.in_((Ending.TOLD, Ending.HELD)))
    going = select(Circle.id).where(Circle.retention_months.is_not(None))
    return {*db.session.scalars(ending.union(going))}


def tell(standing: Standing) -> int:
    """Tell a circle's threads whose time comes, and let go of notices and holds that are over.

    Returns the number of threads whose state changed. To be called at each slot.
    """
    home, today = circle(standing), _today(circle(standing))
    concerned: list[ColumnElement[bool]] = [Thread.ending.in_((Ending.TOLD, Ending.HELD))]
    if home.retention_months:
        silent = Thread.moved_at <= now() - timedelta(days=28 * home.retention_months) + NOTICE
        concerned.append(Thread.ending.is_(None) & silent)
    here = select(Thread.id).where(Thread.circle_id == home.id, or_(*concerned))
    ids = db.session.scalars(here).all()
    ripe = [each for each in ids if _act_of_today(standing, _thread(standing, each), today)]
    if not ripe and home.erasure_on == _next_erasure(home.id):
        return 0
    with unit_of_work():
        home = _locked(standing)
        for thread_id in ripe:
            _take_step(standing, _thread(standing, thread_id), today)
        _set_next(home)
    return len(ripe)


def erase_due() -> int:
    """Erase all threads whose day has come, each in a transaction of its own; gives their number.

    No event is announced: the worker's same run then builds each index once, not once a thread.
    """
    told = Thread.ending == Ending.TOLD, Thread.ends_on <= now().date() + DAY
    due = db.session.execute(select(Thread.id, Thread.circle_id).where(*told)).all()
    db.session.rollback()
    done = 0
    for thread_id, circle_id in due:
        with fence("discussions.gone"):
            done += _erase(thread_id, circle_id)
    return done


def begin_again() -> None:
    """Give every told thread all of its notice anew, after a restore: a moderator may have held one
    back since the backup was made."""
    for thread in db.session.scalars(select(Thread).where(Thread.ending == Ending.TOLD)).all():
        if key_ring().keeps(thread.circle_id):
            home = circle(Standing.of_no_one(thread.circle_id))
            thread.ends_on = _today(home) + NOTICE
            _set_next(home)


def going() -> dict[UUID, list[Thread]]:
    """Threads with erased texts whose flags are still there, by circle."""
    found: dict[UUID, list[Thread]] = {}
    for thread in db.session.scalars(select(Thread).where(Thread.ending == Ending.GOING)):
        found.setdefault(thread.circle_id, []).append(thread)
    return found


def finish(thread: Thread) -> None:
    """The last step: nothing of a thread is left but its place."""
    _go(thread, Act.FINISH)


def _act_of_today(standing: Standing, thread: Thread, today: date) -> Act | None:
    """The clock's act on a thread today; None for a thread that stays as it is."""
    due_on = _due_on(standing, thread)
    match thread.ending:
        case None if due_on and due_on - NOTICE <= today:
            return Act.TELL
        case Ending.TOLD if due_on is None or (thread.ends_on and due_on > thread.ends_on):
            return Act.SPARE
        case Ending.HELD if thread.ends_on and thread.ends_on <= today:
            return Act.RELEASE
    return None


def _take_step(standing: Standing, thread: Thread, today: date) -> None:
    act = _act_of_today(standing, thread, today)
    if act is Act.TELL:
        due_on = _due_on(standing, thread) or today
        _go(thread, act, max(due_on, today + NOTICE))
        circle(standing).erasure_told_on = now().date()
    elif act:
        _go(thread, act)


def _due_on(standing: Standing, thread: Thread) -> date | None:
    """The first local day on which a thread may go; None while it is open, or kept for good."""
    home, closed = circle(standing), _closed_at(standing, thread)
    if not (home.retention_months and closed):
        return None
    return months_after(closed.astimezone(home.zone).date(), home.retention_months)


def _closed_at(standing: Standing, thread: Thread) -> datetime | None:
    """Moment of a thread's closing or last post, whichever is later; None while its round runs.

    Just talk has no closing, and a thread without replies no further phase.
    """
    if not thread.course or thread.locked or thread.withdrawn:
        return thread.moved_at
    span = courses.timeline_now(standing, thread).now
    if span.state is ClockState.CLOSED:
        return max(span.begins, thread.moved_at)
    return thread.moved_at if span.phase is OPEN and span.state is ClockState.RUNNING else None


def _erase(thread_id: UUID, circle_id: UUID) -> bool:
    """Erase a thread's texts; False for a thread that stays, or that another process took."""
    if not key_ring().keeps(circle_id):
        return False
    with unit_of_work():
        standing = Standing.of_no_one(circle_id)
        home, thread = _locked(standing), db.session.get(Thread, (circle_id, thread_id))
        if thread is None or not _is_ripe(standing, home, thread):
            return False
        draw_revision(standing)
        _go(thread, Act.ERASE, _today(home))
        _erase_texts(thread)
        if home.pinned_thread_id == thread.id:
            home.pinned_thread_id = None
        db.session.flush()
        _set_next(home)
        audit.note(home.id, Deed.THREAD_ERASED, Actor.CLOCK)
    return True


def _is_ripe(standing: Standing, home: Circle, thread: Thread) -> bool:
    """Whether a thread goes now: after the first slot of its day.

    What waited for that slot shows by then, and keeps the thread: a hidden reply, or a round that
    opens again. At midnight the thread would have to stay for whatever waits, and show it.
    """
    if thread.ending is not Ending.TOLD or thread.ends_on is None or home.is_behind:
        return False
    due_on = _due_on(standing, thread)
    slot_on = last_slot(now(), *home.mask_schedule).astimezone(home.zone).date()
    return due_on is not None and due_on <= thread.ends_on <= slot_on


def _erase_texts(thread: Thread) -> None:
    """Delete a thread's replies with all that hangs on them, and empty its opening.

    Drafts of replies end with the next day, for whoever is writing one. Author rows stay, so that
    no hidden name is drawn a second time.
    """
    home = thread.circle_id
    answers = in_thread(thread)
    replies = list(db.session.scalars(select(Reply.id).where(*answers)))
    ids = [thread.id, *replies]
    for start in range(0, len(ids), 500):  # as many values as every database takes
        some = ids[start : start + 500]
        quotes = Quote.circle_id == home, Quote.reply_id.in_(some) | Quote.post_id.in_(some)
        db.session.execute(delete(Quote).where(*quotes))
        for table in (ThankYou, Hiding, MarkedPassages, Draft):  # a draft of a change to a post
            db.session.execute(delete(table).where(table.circle_id == home, table.id.in_(some)))
    drafts.end_soon(thread)
    for of_thread in (Muted, ReadMark, Acknowledgement):
        there = of_thread.circle_id == home, of_thread.thread_id == thread.id
        db.session.execute(delete(of_thread).where(*there))
    _forget_notes(thread)
    db.session.execute(delete(Reply).where(*answers))
    if not thread.withdrawn:
        visibility.end(thread)
    posts.erase(thread)
    thread.locked, thread.lock_reason, thread.course, thread.hold_reason = False, "", "", ""
    thread.help_until = ""


def _forget_notes(thread: Thread) -> None:
    """Delete notes to names that were drawn for a thread, and on what could not wait in it."""
    here = select(NameNote).where(NameNote.circle_id == thread.circle_id)
    for note in db.session.scalars(here):
        if note.of_thread == thread.id.hex or note.author.scope_id == thread.id:
            db.session.delete(note)


def _thread(standing: Standing, thread_id: UUID) -> Thread:
    return db.session.get_one(Thread, (standing.circle_id, thread_id))


def _locked(standing: Standing) -> Circle:
    lock_circle(standing.circle_id)
    return db.session.get_one(Circle, standing.circle_id, populate_existing=True)


def _go(thread: Thread, act: Act, ends_on: date | None = None) -> None:
    """Change a thread's state. Raises Forbidden without a transition."""
    if (thread.ending, act) not in PATHS:
        raise Forbidden
    thread.ending, thread.ends_on = PATHS[thread.ending, act], ends_on
    if thread.ending is not Ending.HELD and thread.hold_reason:
        thread.hold_reason = ""


def _set_next(home: Circle) -> None:
    """Note in the circle's row when a thread goes next, and since when digests tell of it."""
    db.session.flush()
    home.erasure_on = _next_erasure(home.id)
    if home.erasure_on is None:
        home.erasure_told_on = None
    elif home.erasure_told_on is None:  # switched off, and on again before a slot
        home.erasure_told_on = now().date()


def _next_erasure(circle_id: UUID) -> date | None:
    """The first day on which a told thread goes."""
    told = Thread.circle_id == circle_id, Thread.ending == Ending.TOLD
    return db.session.scalar(select(func.min(Thread.ends_on)).where(*told))


def _today(home: Circle) -> date:
    return now().astimezone(home.zone).date()
