"""Whether a post's text is shown: the states of a post, and every transition between them.

A post is shown; hidden, with a reason and a day; changed: still hidden, with a new text waiting for
review; or gone. Only this module writes `hidden` and `withdrawn`.
"""

import json
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import Forbidden
from forum.core.tokens import version_token
from forum.discussions import drafts
from forum.discussions.models import Hiding, MarkedPassages, Post, Quote
from forum.policy.standing import Standing
from forum.policy.terms import Hidden


class PostState(StrEnum):
    """State of a post."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    CHANGED = "changed"  # by its author while hidden: it waits for a look
    GONE = "gone"


class Act(StrEnum):
    """Acts on a post."""

    HIDE = "hide"  # a member who flags it because of a patient, or a moderator
    ASK = "ask"  # a moderator: it stays hidden until its author changes it
    CHANGE = "change"  # its author
    SHOW = "show"  # whoever may look
    WITHDRAW = "withdraw"  # its author, or a moderator where nobody mends it
    UNDO = "undo"  # its author, within UNDO_FOR


PATHS: Mapping[tuple[PostState, Act], PostState] = {
    (PostState.SHOWN, Act.HIDE): PostState.HIDDEN,
    (PostState.SHOWN, Act.CHANGE): PostState.SHOWN,
    (PostState.SHOWN, Act.WITHDRAW): PostState.GONE,
    (PostState.HIDDEN, Act.ASK): PostState.HIDDEN,
    (PostState.HIDDEN, Act.CHANGE): PostState.CHANGED,
    (PostState.HIDDEN, Act.SHOW): PostState.SHOWN,
    (PostState.HIDDEN, Act.WITHDRAW): PostState.GONE,
    (PostState.CHANGED, Act.ASK): PostState.HIDDEN,
    (PostState.CHANGED, Act.CHANGE): PostState.CHANGED,
    (PostState.CHANGED, Act.SHOW): PostState.SHOWN,
    (PostState.CHANGED, Act.WITHDRAW): PostState.GONE,
    (PostState.GONE, Act.UNDO): PostState.SHOWN,
}
UNDO_FOR = timedelta(minutes=10)  # after a withdrawal by name
GENERATION = timedelta(minutes=20)  # two of them live: a text is erased after 20 to 40 minutes
LABELS = 3  # of generations: two that live, and the one to be erased


def state(post: Post, hiding: Hiding | None) -> PostState:
    """The state of a post. hiding: its row, if hidden."""
    if post.withdrawn:
        return PostState.GONE
    if post.hidden is None:
        return PostState.SHOWN
    return PostState.CHANGED if hiding and hiding.changed else PostState.HIDDEN


def hiding(post: Post) -> Hiding | None:
    """The hiding of a post; None if the post is not hidden."""
    return db.session.get(Hiding, (post.circle_id, post.id))


def hidings(circle_id: UUID) -> list[Hiding]:
    """All hidings in a circle, longest hidden first."""
    rows = select(Hiding).filter_by(circle_id=circle_id).order_by(Hiding.since, Hiding.id)
    return list(db.session.scalars(rows))


def asked(standing: Standing, post_ids: Collection[UUID]) -> dict[UUID, str]:
    """Changes requested by moderators and not made yet, by post id; "" for a changed post that
    waits for a moderator. Other posts are absent."""
    these = Hiding.circle_id == standing.circle_id, Hiding.id.in_(post_ids)
    rows = db.session.scalars(select(Hiding).where(*these)) if post_ids else ()
    return {row.id: "" if row.changed else row.asked for row in rows if row.asked or row.changed}


def decision(post: Post) -> str:
    """Token of a hidden post's text and of what moderators decided about it, for stale forms."""
    row = hiding(post)
    known = (row.asked, str(row.waits_since), str(row.changed)) if row else ()
    return version_token(post.revision, *known)


def hide(post: Post, why: Hidden, places: Collection[int] = ()) -> None:
    """Hide a post's text, also in quotations; no text is lost.

    places: indexes from 0 of paragraphs in which somebody could be recognised.
    """
    _go(post, Act.HIDE)
    post.hidden = why
    row = Hiding(id=post.id, circle_id=post.circle_id, author_id=post.author_id)
    row.why, row.since, row.waits_since = why, now().date(), now().date()
    if why is Hidden.MODERATOR:
        row.waits_since = None  # a moderator has looked
    row.asked, row.before = "", json.dumps(post.content)
    db.session.add(row)
    _withhold_quotes(post, withheld=True)
    if why is Hidden.PATIENT:
        marked = MarkedPassages(id=post.id, circle_id=post.circle_id)
        marked.places = sorted({*places})
        db.session.add(marked)


def ask(post: Post, words: str) -> None:
    """Keep a post hidden until its author changes it. words: the change requested, or ""."""
    _go(post, Act.ASK)
    row = db.session.get_one(Hiding, (post.circle_id, post.id))
    row.asked, row.before = words, json.dumps(post.content)
    row.changed, row.waits_since = False, None


def note_change(post: Post, on: date) -> bool:
    """Queue a changed hidden post for review; returns whether the post is hidden.

    on: UTC day of the change, or of a mask's slot. An earlier wait keeps its day.
    """
    _go(post, Act.CHANGE)
    if post.hidden is None:
        return False
    row = db.session.get_one(Hiding, (post.circle_id, post.id))
    row.changed, row.waits_since = True, row.waits_since or on
    db.session.execute(delete(MarkedPassages).where(*_of(MarkedPassages, post)))
    return True


def show(post: Post) -> bool:
    """Show a hidden post with its present text; returns whether its author changed the text."""
    before = _go(post, Act.SHOW)
    post.hidden = None
    _forget_hiding(post)
    _withhold_quotes(post, withheld=False)
    return before is PostState.CHANGED


def end(post: Post) -> None:
    """Mark a post as withdrawn, leaving only its place; the caller deletes the text."""
    _go(post, Act.WITHDRAW)
    post.withdrawn, post.hidden = True, None
    _forget_hiding(post)


def set_aside(post: Post) -> None:
    """Mark a shown post as withdrawn, its text and quotations kept sealed until `erasable`.

    Excerpts in drafts go for good. No moment is kept, but the label of a generation.
    """
    _go(post, Act.WITHDRAW)
    post.withdrawn, post.undo_window = True, _generation()
    _withhold_quotes(post, withheld=True)
    drafts.forget_quotes(post)


def bring_back(post: Post) -> None:
    """Show a post again whose withdrawal can still be undone."""
    if post.undo_window is None:
        raise Forbidden
    _go(post, Act.UNDO)
    post.withdrawn, post.undo_window = False, None
    _withhold_quotes(post, withheld=False)


def erasable() -> int:
    """Label of the generation whose texts are to be erased now."""
    return (_generation() + 1) % LABELS


def _generation() -> int:
    """Label of the present generation, from 0: which third of the hour, and no more."""
    return int(now().timestamp() // GENERATION.total_seconds()) % LABELS


def forget_quotes(post: Post) -> None:
    """Delete all quotations of a post, in drafts too."""
    db.session.execute(delete(Quote).where(*_quoting(post)))
    drafts.forget_quotes(post)


def _go(post: Post, act: Act) -> PostState:
    """The state before an act. Raises Forbidden without a transition."""
    before = state(post, hiding(post))
    if (before, act) not in PATHS:
        raise Forbidden
    return before


def _of(table: type[Hiding] | type[MarkedPassages], post: Post) -> tuple[ColumnElement[bool], ...]:
    """Conditions: the row under a post's id."""
    return table.circle_id == post.circle_id, table.id == post.id


def _forget_hiding(post: Post) -> None:
    for table in (Hiding, MarkedPassages):
        db.session.execute(delete(table).where(*_of(table, post)))


def _quoting(post: Post) -> tuple[ColumnElement[bool], ...]:
    """Conditions: quotations of a post."""
    return Quote.circle_id == post.circle_id, Quote.post_id == post.id


def _withhold_quotes(post: Post, *, withheld: bool) -> None:
    theirs = update(Quote).where(*_quoting(post))
    db.session.execute(theirs.values(withheld=withheld))
