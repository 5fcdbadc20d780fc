"""Reading pages: a thread, and a post's place in it."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.authors.queries import names_of_pair
from forum.circles import queries as circles
from forum.circles.access import in_circle
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import Busy, Forbidden
from forum.discussions import (
    phrases,
    post_queries,
    posts,
    read_marks,
    retention,
    reveals,
    round_pages,
    thread_queries,
    visibility,
)
from forum.discussions.forms import KINDS, ROUND_KINDS
from forum.discussions.models import Reply, Thread
from forum.discussions.round_pages import RoundPage
from forum.discussions.titles import NOTES
from forum.discussions.views import bp
from forum.policy import may
from forum.policy.standing import Standing
from forum.web import help_panels
from forum.web.after_response import after_response
from forum.web.flash import flash
from forum.web.paging import page_asked, slice_of

THANKED = "thanked"  # key in the session: the reply just thanked for, sealed
FEW = 6  # replies that need no link to the next new one
MARK_WAIT = 150  # milliseconds a read mark waits for the write lock


class ReplyRow(NamedTuple):
    """A reply on a thread's page. code: its short id. quoted: what it answers word for word."""

    reply: post_queries.Shown
    code: str
    mine: bool
    is_new: bool
    quoted: post_queries.ShownQuote | None
    is_thanked: bool


@bp.get("/circles/<uuid:circle_id>/threads/<uuid:thread_id>")
@in_circle
def show(standing: Standing, thread_id: UUID) -> str:
    """A thread, first reply first: alike for all readers but for a link on their everyday posts."""
    thread = thread_queries.thread(standing, thread_id)
    order = post_queries.order(standing, thread)
    page = page_asked()
    shown, last = slice_of(order.ids, page, thread_queries.POSTS_EACH)
    known = read_marks.known(standing, thread)
    replies = post_queries.replies(standing, shown)
    authors = {each.author_id: each.author for each in replies}  # each name is opened once
    round_ = round_pages.on_thread_page(standing, thread, order)
    rows = _rows(standing, replies, known.seen, order)
    hidden = [each.id for each in replies if each.hidden] + [thread.id] * bool(thread.hidden)
    answer = render_template(
        "discussions/show.html",
        standing=standing,
        circle=circles.circle(standing),
        thread=thread,
        wish=phrases.wish_of(thread),
        notes=[NOTES[note] for note in thread.content_notes],
        hidden_words=partial(phrases.hidden, pair=names_of_pair(standing) if hidden else ()),
        asked=visibility.asked(standing, hidden),
        kinds=KINDS | ROUND_KINDS,
        opens=bool(round_.answer) if round_ else _opens(standing, thread),
        round=round_,
        look_back=_look_back(standing, thread, known, round_),
        revealed=reveals.revealed(thread),
        rows=rows,
        fresh=[row.code for row in rows if row.is_new] if len(rows) > FEW else (),
        writers={author_id: author.name for author_id, author in authors.items()},
        days={each.appears_at for each in replies},
        reply_languages={each.language for each in replies},
        short_ids={post_id: tokens.short_id(post_id) for post_id in (thread.id, *hidden)},
        thanked_now=_thanked_now(),
        slot=post_queries.slot_in_words(standing),
        acknowledged=thread_queries.is_acknowledged(standing, thread),
        seen=known.seen,
        goes_on_day=retention.goes_on(standing, thread),
        held_until=retention.held_until(standing, thread),
        goes_on=_goes_on(thread, known, order, shown),
        page=page,
        last=last,
    )
    if request.method == "GET":  # a HEAD shows nothing
        _remember(standing, thread, known, [thread.id, *shown], order)
    return answer


def _rows(
    standing: Standing,
    replies: Sequence[post_queries.Shown],
    seen: Collection[UUID],
    order: post_queries.Order,
) -> list[ReplyRow]:
    quoting = order.quoting.intersection(each.id for each in replies)
    quotes = post_queries.quotes(standing, quoting)
    rows = list[ReplyRow]()
    for reply in replies:
        mine = may.edit_in_thread(standing, reply)
        is_new = not mine and reply.id not in seen
        quoted = quotes.get(reply.id) if quotes else None
        is_thanked = bool(order.thanked) and reply.id in order.thanked
        code = tokens.short_id(reply.id)
        rows.append(ReplyRow(reply, code, mine, is_new, quoted, is_thanked))
    return rows


@bp.get("/circles/<uuid:circle_id>/posts/<short:post_id>")
@bp.get("/circles/<uuid:circle_id>/posts/<uuid:post_id>")
@in_circle
def post(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Redirect to a post's place in its thread.

    Links are built from the rule by UUID, which stands nearest.
    """
    found = post_queries.post(standing, post_id)
    if isinstance(found, Thread):
        return redirect(url_for(".show", circle_id=standing.circle_id, thread_id=found.id), 303)
    assert isinstance(found, Reply)  # noqa: S101  # for the type checker: Post has two subclasses
    thread = thread_queries.thread(standing, found.thread_id)
    place = place_of(thread, post_queries.order(standing, thread), found.id)
    return redirect(place.partition("#")[0] if help_panels.is_waiting() else place, 303)


def place_of(thread: Thread, order: post_queries.Order, reply_id: UUID) -> str:
    """Address of a reply: the page of its thread, and the anchor."""
    page = order.ids.index(reply_id) // thread_queries.POSTS_EACH + 1
    return url_for(
        ".show",
        circle_id=thread.circle_id,
        thread_id=thread.id,
        page=page if page > 1 else None,
        _anchor=f"post-{tokens.short_id(reply_id)}",
    )


@bp.post("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/acknowledge")
@in_circle
def acknowledge(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Record "read, and with you"."""
    thread = thread_queries.thread(standing, thread_id)
    when = post_queries.slot_in_words(standing)
    with suppress(Forbidden):  # hidden, withdrawn or closing meanwhile: the thread's page says so
        with unit_of_work():
            posts.acknowledge(standing, thread)
        flash(
            _(
                "Thank you. From %(when)s the thread will say that someone has read this and is "
                "with them.",
                when=when,
            )
        )
    return redirect(url_for(".show", circle_id=standing.circle_id, thread_id=thread_id), 303)


def _thanked_now() -> str:
    """The reply thanked for by the last request, by its short id, once; "" without any."""
    known = tokens.opened(session.pop(THANKED, ""), THANKED)
    return tokens.short_id(UUID(known)) if known else ""


def _goes_on(
    thread: Thread, known: read_marks.Known, order: post_queries.Order, shown: Sequence[UUID]
) -> str:
    """Address of the first new reply further down or on another page; "" on a first visit."""
    if thread.id not in known.seen:
        return ""
    first = next((reply_id for reply_id in order.ids if reply_id not in known.seen), None)
    if first is None or first == shown[0]:
        return ""
    return place_of(thread, order, first)


def _look_back(
    standing: Standing, thread: Thread, known: read_marks.Known, round_: RoundPage | None
) -> str:
    """The offer to look back, to a presenter by name who wants to be asked; else ""."""
    if read_marks.ASKED_NO_MORE in known.seen:
        return ""
    return round_.look_back if round_ else round_pages.look_back_by_name(standing, thread)


def _opens(standing: Standing, thread: Thread) -> bool:
    """Whether the page offers a reply: in a masked thread alike for every reader.

    The masked presenter answers from "Your words", out of onlookers' sight.
    """
    who = Standing.of_no_one(standing.circle_id) if thread.author.mode.masked else standing
    return may.reply_in_words(who, thread) and may.is_open(thread)


def _remember(
    standing: Standing,
    thread: Thread,
    known: read_marks.Known,
    shown: list[UUID],
    order: post_queries.Order,
) -> None:
    """Move the reader's mark after the response is sent, if the page showed new posts."""
    seen = known.seen | set(shown)
    last_change_id = thread.last_change_id if seen.issuperset(order.ids) else None
    if seen == known.seen and last_change_id == known.last_change_id:
        return
    after_response(partial(_move_mark, standing, thread.id, seen, last_change_id))


def _move_mark(
    standing: Standing, thread_id: UUID, seen: frozenset[UUID], last_change_id: UUID | None
) -> None:
    with suppress(Busy), unit_of_work(MARK_WAIT):  # if busy, the thread stays unread
        read_marks.mark_read(standing, thread_id, seen, last_change_id)
