"""Threads and replies as rows of a list, read by columns: no long text is opened for a list."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, bindparam, select

from forum.authors.models import Author
from forum.circles.models import Circle
from forum.circles.retention_settings import still_on
from forum.core.clock import now, zone
from forum.core.db import db
from forum.core.keys import key_ring
from forum.discussions import post_queries, thread_queries
from forum.discussions.models import ENDED, Reply, Thread
from forum.discussions.reply_preferences import Wish, wish
from forum.policy.standing import Standing
from forum.policy.terms import ContentNote, Ending, Hidden, Kind, ReplyManner

_AUTHOR = Author.__table__.c
_CIRCLE = Circle.__table__.c
_THREAD = Thread.__table__.c
_ROWS = (
    select(
        *(_THREAD.id, _THREAD.circle_id, _THREAD.appears_at, _THREAD.withdrawn, _THREAD.hidden),
        *(_THREAD.later_at.label("change_at"), _THREAD.locked, _THREAD.author_id),
        *(_THREAD.ending, _THREAD.ends_on, _THREAD.moved_at),
        *(_CIRCLE.retention_months, _CIRCLE.timezone),
        _AUTHOR.name.label("author_name"),
        *(_THREAD.title, _THREAD.gist, _THREAD.support_wanted),  # sealed, like the next
        *(_THREAD.reply_manner, _THREAD.content_notes, _THREAD.language),
    )
    .join(
        Author.__table__,
        (_AUTHOR.circle_id == _THREAD.circle_id) & (_AUTHOR.id == _THREAD.author_id),
    )
    .join(Circle.__table__, _CIRCLE.id == _THREAD.circle_id)
    .where(
        _THREAD.circle_id.in_(bindparam("circles", expanding=True)),
        *(_THREAD.id.in_(bindparam("ids", expanding=True)), _THREAD.appears_at <= bindparam("now")),
    )
)
_REPLIES = (
    select(Reply, Author)
    .join(Reply.author)
    .where(
        Reply.circle_id.in_(bindparam("circles", expanding=True)),
        *(Reply.id.in_(bindparam("ids", expanding=True)), Reply.appears_at <= bindparam("now")),
        *(~Reply.withdrawn, Reply.hidden.is_(None)),
    )
)


@dataclass(frozen=True, slots=True)
class Listing:
    """A thread in a list. gist: its first words. language: RFC 5646 tag, or "". asks: for
    answers."""

    circle_id: UUID
    id: UUID
    title: str = field(repr=False)
    author: str = field(repr=False)
    appears_at: datetime
    wish: Wish
    notes: Sequence[ContentNote]
    gist: str = field(repr=False)
    language: str
    withdrawn: bool
    hidden: Hidden | None
    asks: bool
    is_gone: bool = False  # its circle's time for it is over
    goes_on: date | None = None  # the day on which it goes

    @property
    def is_shown(self) -> bool:
        """Whether its text is to be seen."""
        return self.hidden is None and not self.withdrawn


@dataclass(frozen=True, slots=True)
class Answer:
    """A new reply to the reader: by whom, of what kind, its first words and their language."""

    id: UUID
    thread_id: UUID
    author: str = field(repr=False)
    kind: Kind
    appears_at: datetime
    gist: str = field(repr=False)
    language: str


def listings(standings: Collection[Standing], ids: Collection[UUID]) -> dict[UUID, Listing]:
    """Threads readable in these circles, by id."""
    return listings_and(standings, ids, (), {})[0]


def listings_and(
    standings: Collection[Standing],
    ids: Collection[UUID],
    columns: Sequence[ColumnElement[Any]],
    known: Mapping[str, Any],
) -> tuple[dict[UUID, Listing], Row[Any] | None]:
    """Threads as of `listings`, and a row with further columns, alike for all; None without a
    thread. known: values of these columns."""
    if not ids:
        return {}, None
    circles = [standing.circle_id for standing in standings]
    asked = _ROWS.add_columns(*columns) if columns else _ROWS
    values = {"circles": circles, "ids": [*ids], "now": now()}
    rows = db.session.execute(asked, values | {**known}).all()
    due = [row.id for row in rows if row.change_at and row.change_at <= now()]
    changed = thread_queries.threads_as_of_now(standings, due) if due else {}
    openers: dict[UUID, _Openers] = {}
    for circle_id in {row.circle_id for row in rows}:
        openers[circle_id] = _Openers(circle_id)
    found = {
        row.id: _changed(changed[row.id], row)
        if row.id in changed
        else openers[row.circle_id].open(row)
        for row in rows
    }
    return found, rows[0] if rows else None


def answers(standings: Collection[Standing], ids: Iterable[str]) -> dict[str, Answer]:
    """Replies by id in hex, without the reader's own under their everyday names."""
    known = {standing.circle_id: standing for standing in standings}
    wanted = [UUID(each) for each in ids]
    values = {"circles": [*known], "ids": wanted, "now": now()}
    rows = db.session.execute(_REPLIES, values) if wanted else ()
    found = {}
    for reply, author in rows:
        is_own = not author.mode.masked and known[reply.circle_id].hand.holds(author)
        shown = post_queries.as_of_now(reply)
        if not is_own and not shown.withdrawn:
            facts = (author.name, reply.kind, reply.appears_at, shown.gist, shown.language)
            found[reply.id.hex] = Answer(reply.id, reply.thread_id, *facts)
    return found


class _Openers:
    """Functions that open a circle's sealed columns, made once for all of its rows."""

    def __init__(self, circle_id: UUID) -> None:
        key = key_ring().circle(circle_id)  # once for all columns
        self._title = Thread.title.opener("thread", circle_id, key)
        self._gist = Thread.gist.opener("thread", circle_id, key)
        self._language = Thread.language.opener("thread", circle_id, key)
        self._support = Thread.support_wanted.opener("thread", circle_id, key)
        self._manner = Thread.reply_manner.opener("thread", circle_id, key)
        self._notes = Thread.content_notes.opener("thread", circle_id, key)
        self._name = Author.name.opener("author", circle_id, key)
        self._names: dict[UUID, str] = {}

    def open(self, row: Row[Any]) -> Listing:
        """A row of _ROWS, opened."""
        manner = self._manner(row.id, row.reply_manner)
        is_shown = row.hidden is None and not row.withdrawn
        return Listing(
            row.circle_id,
            row.id,
            self._title(row.id, row.title),
            self._name_of(row),
            row.appears_at,
            wish(self._support(row.id, row.support_wanted), manner),
            self._notes(row.id, row.content_notes) if is_shown else (),
            self._gist(row.id, row.gist) if is_shown and row.gist else "",
            self._language(row.id, row.language) if is_shown and row.language else "",
            row.withdrawn,
            row.hidden,
            asks=not row.locked and manner is not ReplyManner.NO_REPLY_NEEDED,
            is_gone=row.ending in ENDED,
            goes_on=_goes_on(row),
        )

    def _name_of(self, row: Row[Any]) -> str:
        if row.author_id not in self._names:
            self._names[row.author_id] = self._name(row.author_id, row.author_name)
        return self._names[row.author_id]


def _goes_on(row: Row[Any]) -> date | None:
    if row.ending is not Ending.TOLD or not row.ends_on:
        return None
    return still_on(row.ends_on, row.moved_at, row.retention_months, zone(row.timezone))


def _changed(thread: Thread, row: Row[Any]) -> Listing:
    """A thread whose due change the worker has not stored yet. row: of _ROWS."""
    is_shown = thread.hidden is None and not thread.withdrawn
    return Listing(
        thread.circle_id,
        thread.id,
        thread.title,
        thread.author.name,
        thread.appears_at,
        wish(thread.support_wanted, thread.reply_manner),
        thread.content_notes if is_shown else (),
        thread.gist if is_shown else "",
        thread.language if is_shown else "",
        thread.withdrawn,
        thread.hidden,
        asks=not thread.locked and thread.reply_manner is not ReplyManner.NO_REPLY_NEEDED,
        is_gone=thread.is_gone,
        goes_on=_goes_on(row),
    )
