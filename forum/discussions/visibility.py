"""Whether a post's words are shown: the states of a post, and every path between them.

A post is shown; hidden, for a reason and since a day; changed, that is hidden still, with other
words that wait for a look; or gone. Only this module writes `hidden` and `withdrawn`.
"""

import json
from collections.abc import Collection, Mapping
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select, update

from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import Forbidden
from forum.discussions import drafts
from forum.discussions.models import Hiding, MarkedPassages, Post, Quote, Reply
from forum.policy.terms import Hidden


class State(StrEnum):
    """How a post stands."""

    SHOWN = "shown"
    HIDDEN = "hidden"
    CHANGED = "changed"  # by its author while hidden: it waits for a look
    GONE = "gone"


class Act(StrEnum):
    """What somebody does to a post."""

    HIDE = "hide"  # a member who flags it because of a patient, or a moderator
    ASK = "ask"  # a moderator: it stays hidden until its author changes it
    CHANGE = "change"  # its author
    SHOW = "show"  # whoever may look
    WITHDRAW = "withdraw"  # its author, or a moderator where nobody mends it


PATHS: Mapping[tuple[State, Act], State] = {
    (State.SHOWN, Act.HIDE): State.HIDDEN,
    (State.SHOWN, Act.CHANGE): State.SHOWN,
    (State.SHOWN, Act.WITHDRAW): State.GONE,
    (State.HIDDEN, Act.ASK): State.HIDDEN,
    (State.HIDDEN, Act.CHANGE): State.CHANGED,
    (State.HIDDEN, Act.SHOW): State.SHOWN,
    (State.HIDDEN, Act.WITHDRAW): State.GONE,
    (State.CHANGED, Act.ASK): State.HIDDEN,
    (State.CHANGED, Act.CHANGE): State.CHANGED,
    (State.CHANGED, Act.SHOW): State.SHOWN,
    (State.CHANGED, Act.WITHDRAW): State.GONE,
}


def state(post: Post, hiding: Hiding | None) -> State:
    """The state of a post. hiding: its row, where it is hidden."""
    if post.withdrawn:
        return State.GONE
    if post.hidden is None:
        return State.SHOWN
    return State.CHANGED if hiding and hiding.changed else State.HIDDEN


def hiding(post_id: UUID) -> Hiding | None:
    """The row that says since when a post is hidden; None for a post that is not."""
    return db.session.get(Hiding, post_id)


def hidings(circle_id: UUID) -> list[Hiding]:
    """Every hidden post's row in a circle, the longest hidden first."""
    rows = select(Hiding).filter_by(circle_id=circle_id).order_by(Hiding.since, Hiding.id)
    return list(db.session.scalars(rows))


def asked(post_ids: Collection[UUID]) -> dict[UUID, str]:
    """The changes that moderators asked for, by post id; posts without a request are absent."""
    rows = db.session.scalars(select(Hiding).where(Hiding.id.in_(post_ids))) if post_ids else ()
    return {row.id: row.asked for row in rows if row.asked}


def hide(post: Post, why: Hidden, places: Collection[int] = ()) -> None:
    """Stop showing a post's words, in quotations too; nothing of it is lost.

    places: of the paragraphs in which somebody could be recognised, from 0.
    """
    _go(post, Act.HIDE)
    post.hidden = why
    row = Hiding(id=post.id, circle_id=post.circle_id, author_id=post.author_id)
    row.why, row.since, row.waits_since = why, now().date(), now().date()
    if why is Hidden.MODERATOR:
        row.waits_since = None  # a moderator has looked
    row.asked, row.before = "", json.dumps(post.told)
    db.session.add(row)
    _withhold_quotes(post, withheld=True)
    if why is Hidden.PATIENT:
        marked = MarkedPassages(id=post.id, circle_id=post.circle_id)
        marked.places = sorted({*places})
        db.session.add(marked)


def ask(post: Post, words: str) -> None:
    """Keep a post hidden until its author changes it. words: what to change; "" for none."""
    _go(post, Act.ASK)
    row = db.session.get_one(Hiding, post.id)
    row.asked, row.before = words, json.dumps(post.told)
    row.changed, row.waits_since = False, None


def note_change(post: Post, on: date) -> bool:
    """Have a hidden post wait for a look once its author changed it; gives whether it is hidden.

    on: the UTC day, for a mask that of its slot. The longest wait counts.
    """
    _go(post, Act.CHANGE)
    if post.hidden is None:
        return False
    row = db.session.get_one(Hiding, post.id)
    row.changed, row.waits_since = True, row.waits_since or on
    db.session.execute(delete(MarkedPassages).where(MarkedPassages.id == post.id))
    return True


def show(post: Post) -> bool:
    """Show a hidden post's words again, as they are now; gives whether its author changed them."""
    before = _go(post, Act.SHOW)
    post.hidden = None
    _forget_hiding(post)
    _withhold_quotes(post, withheld=False)
    return before is State.CHANGED


def end(post: Post) -> None:
    """Have a post be gone, its place alone left; its words are for the caller to take."""
    _go(post, Act.WITHDRAW)
    post.withdrawn, post.hidden = True, None
    _forget_hiding(post)


def forget_quotes(post: Post) -> None:
    """Take the words of a post out of all that quotes it, drafts included."""
    db.session.execute(delete(Quote).where(Quote.post_id == post.id))
    drafts.forget_quotes(post.thread_id if isinstance(post, Reply) else post.id, post.id)


def _go(post: Post, act: Act) -> State:
    """The state that an act ends. Raises Forbidden where no path leads on."""
    before = state(post, hiding(post.id))
    if (before, act) not in PATHS:
        raise Forbidden
    return before


def _forget_hiding(post: Post) -> None:
    for table in (Hiding, MarkedPassages):
        db.session.execute(delete(table).where(table.id == post.id))


def _withhold_quotes(post: Post, *, withheld: bool) -> None:
    theirs = update(Quote).where(Quote.post_id == post.id)
    db.session.execute(theirs.values(withheld=withheld))
