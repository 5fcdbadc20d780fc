"""Reads of threads: headings, the order of replies, and what moderators look after. Each takes a
standing first, so none can forget the reader."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select

from forum.authors.models import Author
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.discussions.models import ENDED, Acknowledgement, Muted, Reply, Thread
from forum.discussions.post_queries import among, as_of_now, here, language_of, readable, unhidden
from forum.policy.standing import Standing
from forum.policy.terms import Hidden, ReplyManner

POSTS_EACH = 50  # replies on one page of a thread
FIRST_FEW = 12  # threads among which a newcomer's first reading is found
_T = Thread.__table__.c
# Statements of a thread's page, built once: building costs as much as running.
_ONE_THREAD = select(Thread).where(*readable(Thread), Thread.id == bindparam("thread_id"))
_HEADS = select(
    *(Thread.id, Thread.circle_id, Thread.appears_at, Thread.change_at, Thread.withdrawn),
    *(Thread.hidden, Thread.locked, Thread.ending),
    *(_T.title, _T.reply_manner, _T.language),  # sealed
).where(
    Thread.circle_id.in_(bindparam("circles", expanding=True)),
    Thread.id.in_(bindparam("ids", expanding=True)),
)
_ACKNOWLEDGED = (
    select(Acknowledgement.id)
    .where(*readable(Acknowledgement), Acknowledgement.thread_id == bindparam("thread_id"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Head:
    """A thread's heading in a list."""

    circle_id: UUID
    id: UUID
    title: str = field(repr=False)
    withdrawn: bool
    hidden: Hidden | None
    asks: bool  # for answers
    language: str  # RFC 5646 tag; "" where the text does not tell
    is_gone: bool = False  # its circle's time for it is over


@dataclass(frozen=True, slots=True)
class Paused:
    """A name asked to pause in a thread. reply_id: of a reply by it; None for a presenter."""

    name: Author
    head: Head
    reply_id: UUID | None


def thread(standing: Standing, thread_id: UUID) -> Thread:
    """The thread. Raises NotFound alike for absent, not yet due and not the reader's."""
    found = db.session.scalar(_ONE_THREAD, here(standing) | {"thread_id": thread_id})
    if found is None:
        raise NotFound
    return as_of_now(found)


def first_story(standing: Standing) -> Thread | None:
    """The circle's oldest thread not withdrawn, or None."""
    told = select(Thread).where(*readable(Thread), ~Thread.withdrawn)
    first = told.order_by(Thread.appears_at, Thread.id).limit(1)
    return db.session.scalar(first, here(standing))


def first_reading(standing: Standing) -> Thread | None:
    """The oldest readable thread without a content note; where all have one, the oldest; or None.

    Among the first few alone: notes are sealed, so no statement can look for them.
    """
    told = select(Thread).where(*readable(Thread), *unhidden(Thread))
    first = told.order_by(Thread.appears_at, Thread.id).limit(FIRST_FEW)
    found = [each for each in db.session.scalars(first, here(standing)) if not each.is_gone]
    return next((each for each in found if not each.content_notes), next(iter(found), None))


def is_only_story(standing: Standing, thread: Thread) -> bool:
    """Whether the circle has no further thread."""
    others = select(Thread.id).where(Thread.circle_id == standing.circle_id, Thread.id != thread.id)
    return db.session.scalar(others.limit(1)) is None


def is_acknowledged(standing: Standing, thread: Thread) -> bool:
    """Whether any member acknowledged the thread; the number is nobody's to know."""
    known = here(standing) | {"thread_id": thread.id}
    return db.session.scalar(_ACKNOWLEDGED, known) is not None


def heads(standings: Collection[Standing], ids: Collection[UUID]) -> dict[UUID, Head]:
    """Headings of the threads readable in these circles, by id.

    Read by columns, as in `replies`.
    """
    by_circle = {standing.circle_id: standing for standing in standings}
    known = {"circles": [*by_circle], "ids": [*ids]}
    rows = db.session.execute(_HEADS, known) if ids else ()
    return {row.id: _head(by_circle[row.circle_id], row) for row in rows if row.appears_at <= now()}


def _head(standing: Standing, row: Row[Any]) -> Head:
    if row.change_at and row.change_at <= now():
        whole = thread(standing, row.id)
        title, manner, gone = whole.title, whole.reply_manner, whole.withdrawn
        language = whole.language
    else:
        title = Thread.title.opener(Thread.__tablename__, row.circle_id)(row.id, row.title)
        opener = Thread.reply_manner.opener(Thread.__tablename__, row.circle_id)
        manner, gone = opener(row.id, row.reply_manner), row.withdrawn
        language = language_of(Thread, row.circle_id, row.id, row.language)
    asks = not row.locked and manner is not ReplyManner.NO_REPLY_NEEDED
    ended = row.ending in ENDED
    return Head(row.circle_id, row.id, title, gone, row.hidden, asks, language, ended)


def unanswered(standing: Standing, span: timedelta, most: int = 20) -> list[Thread]:
    """Reflections without a reply by a colleague to be read for `span`, oldest first, at most
    `most`; none asking for no reply."""
    in_it = Reply.circle_id == Thread.circle_id, Reply.thread_id == Thread.id
    there = *in_it, Reply.appears_at <= now(), Reply.hidden.is_(None)
    by_others = ~Reply.withdrawn, Reply.author_id != Thread.author_id
    answered = select(Reply.id).where(*there, *by_others).exists()
    since = Thread.appears_at <= now() - span
    waiting = select(Thread).where(*readable(Thread), *unhidden(Thread), since, ~answered)
    oldest = waiting.order_by(Thread.appears_at, Thread.id)
    found = map(as_of_now, db.session.scalars(oldest, here(standing)))
    no_reply = ReplyManner.NO_REPLY_NEEDED
    asked = (each for each in found if not each.withdrawn and each.reply_manner is not no_reply)
    return list(islice(asked, most))


def muted(thread: Thread) -> list[Author]:
    """Names asked to pause in a thread."""
    here = select(Muted).filter_by(circle_id=thread.circle_id, thread_id=thread.id)
    return [each.author for each in db.session.scalars(here)]


def locked(standing: Standing) -> list[Thread]:
    """Threads in which replies are turned off, by random id."""
    rows = select(Thread).where(*readable(Thread), Thread.locked, ~Thread.withdrawn)
    return list(db.session.scalars(rows.order_by(Thread.id), here(standing)))


def paused(standing: Standing) -> list[Paused]:
    """Names paused by moderators, each with a readable post of theirs in the thread."""
    names = select(Muted).filter_by(circle_id=standing.circle_id).order_by(Muted.id)
    rows = list(db.session.scalars(names))
    if not rows:
        return []
    ids = {row.thread_id for row in rows}
    known = heads([standing], ids)
    said = select(Reply.thread_id, Reply.author_id, Reply.id).where(
        *readable(Reply), Reply.thread_id.in_(ids)
    )
    posts = {(at, by): reply_id for at, by, reply_id in db.session.execute(said, here(standing))}
    return [
        Paused(row.author, known[row.thread_id], posts.get((row.thread_id, row.author_id)))
        for row in rows
        if row.thread_id in known
    ]


def thread_ids(standings: Collection[Standing]) -> dict[str, Standing]:
    """Visible threads of these circles, by id in hex, with the member's standing in each."""
    by_circle = {standing.circle_id: standing for standing in standings}
    began = Thread.circle_id.in_(by_circle), Thread.appears_at <= now()
    rows = db.session.execute(select(Thread.id, Thread.circle_id).where(*began))
    return {thread_id.hex: by_circle[circle_id] for thread_id, circle_id in rows}


def openings(standings: Collection[Standing], ids: Collection[UUID]) -> dict[UUID, Thread]:
    """Threads with a readable opening in several circles of a member, by id."""
    return {each.id: each for each in among(standings, Thread, ids, closed=False)} if ids else {}


def threads_as_of_now(standings: Collection[Standing], ids: Collection[UUID]) -> dict[UUID, Thread]:
    """Threads by id, also withdrawn and hidden ones, with the changes that are due."""
    return {each.id: each for each in among(standings, Thread, ids, closed=True)}
