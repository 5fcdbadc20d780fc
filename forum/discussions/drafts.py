"""Drafts: texts not yet posted, stored under a key of the writer's hand and without a name."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput, NotFound
from forum.core.tokens import version_token
from forum.discussions import awaited_slots, decisions, post_queries
from forum.discussions.awaited_slots import AwaitedSlot
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.decisions import Decision
from forum.discussions.models import Draft, Post, Reply, Thread
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import Mark


class IdTaken(InvalidInput):
    """The draft's id belongs to another text by now; this text needs a new id."""


KEPT = timedelta(days=14)
MAX_DRAFTS = 50  # of a member in a circle


def save(
    standing: Standing,
    draft_id: UUID,
    words: Reflection | ReplyWords,
    thread: Thread | None,
    *,
    tab: str = "",
    amends: bool = False,
    awaited: AwaitedSlot | None = None,
) -> Draft:
    """Store a text as a draft, or replace the stored draft, for 14 days from now.

    awaited: the slot at which a thread's round takes the reply: the 14 days count from there.

    draft_id: the id of the future post, or of the post to be changed (`amends`). thread: the thread
    answered by a reply. tab: a random identifier of the sending browser tab.

    Raises IdTaken if the id is another member's or already posted; InvalidInput beyond MAX_DRAFTS
    in the circle, or if the post to be changed was withdrawn, or the thread has gone.
    """
    _check_open(standing, draft_id, amends=amends)
    if thread is not None and thread.is_gone:
        raise InvalidInput(began=story_gone())
    mark = standing.hand.mark(Mark.DRAFT, draft_id)
    kept = db.session.get(Draft, (standing.circle_id, draft_id))
    if kept is None:
        if len(_own_ids(standing)) >= MAX_DRAFTS:
            raise _too_many(words)
        kept = Draft(id=draft_id, circle_id=standing.circle_id, mark=mark, amends=amends)
        kept.thread_id = thread.id if thread else None
        db.session.add(kept)
    elif kept.mark != mark:
        raise IdTaken(began=_("We show this text on a page of its own. Press the button again."))
    kept.words, kept.tab = words.to_json(), tab
    awaited = awaited or awaited_slots.of_draft(kept)  # saved again, it keeps its day
    kept.kept_until = (max(now(), awaited.at if awaited else now()) + KEPT).date()
    kept.awaited_slot = awaited_slots.to_text(awaited and awaited.under(words.mode))
    return kept


def decide(standing: Standing, draft_id: UUID, made: Iterable[Decision]) -> None:
    """Store decisions about details with the member's own draft. Raises NotFound."""
    draft(standing, draft_id).decisions = decisions.to_json(made)


def draft(standing: Standing, draft_id: UUID) -> Draft:
    """The member's own draft. Raises NotFound."""
    kept = db.session.get(Draft, (standing.circle_id, draft_id))
    if kept is None or not _holds(standing, kept):
        raise NotFound
    return kept


def find(standing: Standing, draft_id: UUID) -> Draft | None:
    """The member's own draft, or None."""
    with suppress(NotFound):
        return draft(standing, draft_id)
    return None


def own(*standings: Standing) -> list[Draft]:
    """All drafts of the member in these circles, most recently saved day first.

    Two statements, without drafts too: a hidden draft adds no cost.
    """
    here = Draft.circle_id.in_([standing.circle_id for standing in standings])
    found = select(Draft).where(here, Draft.id.in_(_own_ids(*standings) or [UUID(int=0)]))
    return list(db.session.scalars(found.order_by(Draft.kept_until.desc(), Draft.id)))


def shown(*standings: Standing) -> list[Draft]:
    """Drafts of the member under no hidden name, which a page may list to any onlooker."""
    return [each for each in own(*standings) if not _hides(each)]


def of_thread(standing: Standing, thread: Thread) -> list[Draft]:
    """The member's drafts of new replies to a thread, most recently saved day first."""
    asked = select(Draft).filter_by(circle_id=thread.circle_id, thread_id=thread.id, amends=False)
    rows = db.session.scalars(asked.order_by(Draft.kept_until.desc(), Draft.id))
    return [each for each in rows if _holds(standing, each)]


def words(draft: Draft) -> Reflection | ReplyWords:
    """Parse a draft's content."""
    kind = Reflection if draft.thread_id is None else ReplyWords
    return kind.from_json(draft.words)


def version(draft: Draft) -> str:
    """Version token of a draft."""
    return version_token(draft.words)


def is_of_page(draft: Draft, began: str | None, tab: str | None) -> bool:
    """Whether a page displayed this version of the draft, or saved it. See check_began."""
    return began == version(draft) or bool(tab and tab == draft.tab)


def check_began(
    standing: Standing,
    draft_id: UUID,
    words: Reflection | ReplyWords,
    began: str | None,
    tab: str | None = "",
) -> None:
    """Refuse to overwrite a draft changed in another window: raises IdTaken (began).

    began: `version` of the draft displayed by the page, "" without a draft. tab: the sending
    browser tab, which may have missed the answer to its last save.
    """
    kept = db.session.get(Draft, (standing.circle_id, draft_id))
    if began is None or kept is None or kept.mark != standing.hand.mark(Mark.DRAFT, draft_id):
        return
    if not is_of_page(kept, began, tab) and words.to_json() != kept.words:
        said = _(
            "This draft was also changed in another window, and that version is saved. Press again "
            "to save this one as well."
        )
        raise IdTaken(began=said)


def check_there(standing: Standing, draft_id: UUID, began: str | None) -> None:
    """Refuse to save without a press, from a page of a draft, once the draft is gone: raises
    IdTaken (began).

    Saved anew, a hidden reply posted meanwhile would be listed in the open, as a draft without a
    name.
    """
    if began and find(standing, draft_id) is None:
        said = _(
            "This draft was posted or deleted in another window. Save it to keep this text as well."
        )
        raise IdTaken(began=said)


def discard(standing: Standing, draft_id: UUID) -> None:
    """Delete the member's own draft. Raises NotFound."""
    db.session.delete(draft(standing, draft_id))


def forget_quotes(post: Post) -> None:
    """Remove the excerpt of a withdrawn post from all drafts in its thread, whoever wrote them."""
    thread_id = post.thread_id if isinstance(post, Reply) else post.id
    there = select(Draft).filter_by(circle_id=post.circle_id, thread_id=thread_id)
    for kept in db.session.scalars(there):
        held = words(kept)
        if isinstance(held, ReplyWords) and held.quoted and held.quoted.post_id == post.id:
            kept.words, kept.tab = replace(held, quoted=None).to_json(), ""


def end_soon(thread: Thread) -> None:
    """Let a gone thread's drafts of replies end with tomorrow, for whoever is writing one.

    Drafts of changes to its posts go at once, as the posts do.
    """
    here = Draft.circle_id == thread.circle_id, Draft.thread_id == thread.id
    db.session.execute(delete(Draft).where(*here, Draft.amends))
    tomorrow = now().date() + timedelta(days=1)
    db.session.execute(update(Draft).where(*here).values(kept_until=tomorrow))
    for kept in db.session.scalars(select(Draft).where(*here)):
        held = words(kept)
        if isinstance(held, ReplyWords) and held.quoted:
            kept.words, kept.tab = replace(held, quoted=None).to_json(), ""


def story_gone() -> str:
    """Sentence for a draft whose thread was erased."""
    return str(
        _(
            "The story has gone, so this can be neither posted nor saved. Your text is below: copy "
            "it if you need it."
        )
    )


def circles_to_purge() -> set[UUID]:
    """Ids of circles with a draft whose time is over."""
    over = select(Draft.circle_id).where(Draft.kept_until < now().date())
    return {*db.session.scalars(over.distinct())}


def purge(standing: Standing) -> int:
    """Delete the circle's drafts whose time is over; gives their number.

    One that is to hide its name stays while the circle has too few people for that: the writer was
    told that it is saved until then.
    """
    rows = db.session.scalars(
        select(Draft).where(Draft.circle_id == standing.circle_id, Draft.kept_until < now().date())
    )
    over = [each for each in rows if not _waits(standing, each)]
    for each in over:
        db.session.delete(each)
    return len(over)


def _check_open(standing: Standing, post_id: UUID, *, amends: bool) -> None:
    """Refuse a draft of a text posted already (IdTaken) or withdrawn (InvalidInput)."""
    post = post_queries.find(standing, post_id)
    if not amends and post is not None:
        raise IdTaken(
            began=_("This has already been posted. Press again to save this text as a new draft.")
        )
    if amends and (post is None or post.withdrawn or post.withdrawal_pending):
        raise InvalidInput(began=_("This post is withdrawn. Copy your text if you need it."))


def _own_ids(*standings: Standing) -> list[UUID]:
    """Ids of the member's drafts, read without the sealed texts of the circle's drafts."""
    hands = {standing.circle_id: standing.hand for standing in standings}
    asked = select(Draft.id, Draft.mark, Draft.circle_id).where(Draft.circle_id.in_(hands))
    return [
        draft_id
        for draft_id, mark, circle_id in db.session.execute(asked)
        if mark == hands[circle_id].mark(Mark.DRAFT, draft_id)
    ]


def _too_many(words: Reflection | ReplyWords) -> InvalidInput:
    said = _(
        "You have %(most)s drafts in this circle, the most it can hold. Post or delete one first.",
        most=MAX_DRAFTS,
    )
    return InvalidInput(**{"title" if isinstance(words, Reflection) else "body": said})


def _waits(standing: Standing, draft: Draft) -> bool:
    """Whether a new post under a hidden name still lacks the members it needs."""
    is_reply = draft.thread_id is not None
    answered = draft.thread_id and db.session.get_one(Thread, (draft.circle_id, draft.thread_id))
    if answered and answered.is_gone:
        return False
    is_open = draft.amends or may.crowd_suffices(standing.members, reply=is_reply)
    return not is_open and _hides(draft)


def _hides(draft: Draft) -> bool:
    mode = words(draft).mode
    return mode is not None and mode.masked


def _holds(standing: Standing, draft: Draft) -> bool:
    return draft.mark == standing.hand.mark(Mark.DRAFT, draft.id)
