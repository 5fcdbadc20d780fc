"""What members tell the moderators, and what moderators do. Nobody learns who anyone is by it."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from forum.audit import services as audit
from forum.audit.deeds import Actor, Deed
from forum.circles.queries import circle
from forum.circles.services import hold
from forum.circles.slots import next_slot
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.discussions import services as discussions
from forum.discussions.models import Post, Reply, Thread
from forum.discussions.queries import thread as thread_of
from forum.moderation import queries
from forum.moderation.models import WORDS_MAX, Flag, Outcome
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import FlagReason, Hidden, Mark

LAPSE = timedelta(hours=72)  # until a hidden post shows again, if no moderator agrees
ONCE_IN = timedelta(days=7)  # a member may hide one post by a flag
LIVE = (None, Outcome.KEPT_HIDDEN)


def raise_flag(
    standing: Standing, post: Post, reason: FlagReason, words: str, places: Collection[int] = ()
) -> bool:
    """Have the moderators look at a post; gives whether it is hidden until they do.

    Where a patient could be recognised it is hidden at once, by one flag of a member a week.
    places: the paragraphs that show it, from 0. Flagged again, it is the same flag, unless nobody
    looked in time.
    """
    hold(standing.circle_id)
    require(may.flag(standing, post))
    _check(words)
    mark = standing.hand.mark(Mark.FLAG, post.revision)
    if before := db.session.scalar(select(Flag).filter_by(mark=mark)):
        if before.outcome is not Outcome.LAPSED:
            return False
        db.session.delete(before)
        db.session.flush()
    hides = reason is FlagReason.PATIENT and not queries.hid_lately(standing, ONCE_IN)
    flag = Flag(
        circle_id=standing.circle_id,
        mark=mark,
        post_id=post.id,
        author_id=post.author_id,
        about=post.revision,
        raised_on=now().date(),
        hides=hides,
    )
    flag.reason, flag.words, flag.signed, flag.answer = reason, words, "", ""
    if hides:
        flag.lapses_at = next_slot(now() + LAPSE, *circle(standing).rota)
        discussions.hide(standing, post, Hidden.PATIENT, places)
        _note(standing, Deed.POST_HIDDEN, post, Actor.MEMBER)
    db.session.add(flag)
    return hides


def write(standing: Standing, words: str, *, signed: bool) -> None:
    """Write to the moderators about no post. signed: whether one's own name stands on it."""
    _check(words)
    if not words:
        raise InvalidInput(words=_("Write something first."))
    letter = Flag(circle_id=standing.circle_id, raised_on=now().date(), mark=b"")
    letter.about = letter.id
    letter.mark = standing.hand.mark(Mark.FLAG, letter.id)
    letter.reason, letter.words, letter.answer = FlagReason.OTHER, words, ""
    letter.signed = standing.own_name if signed else ""
    db.session.add(letter)


def see(standing: Standing, flag: Flag) -> None:
    """Not be told again what came of one's own flag."""
    require(queries.is_own(standing, flag) and flag.outcome is not None)
    flag.told = True


def answer(standing: Standing, letter: Flag, words: str) -> None:
    """Answer a letter; whoever wrote it reads it at their next visit, and nobody learns who."""
    require(may.keep_safe(standing) and letter.post_id is None)
    _check(words)
    if not words:
        raise InvalidInput(words=_("Write something first."))
    letter.answer = words
    _settle([letter], Outcome.ANSWERED)


def keep_hidden(standing: Standing, post: Post) -> None:
    """Agree that a patient could be recognised: it stays hidden until its author changes it."""
    require(may.keep_hidden(standing, post))
    _settle(_live(standing, post), Outcome.KEPT_HIDDEN)
    _note(standing, Deed.POST_KEPT_HIDDEN, post)


def hide(standing: Standing, post: Post) -> None:
    """Hide a post, until a moderator lets it show again."""
    require(may.hide(standing, post))
    discussions.hide(standing, post, Hidden.MODERATOR)
    _settle(_live(standing, post), Outcome.ACTED)
    _note(standing, Deed.POST_HIDDEN, post)


def show_again(standing: Standing, post: Post) -> None:
    """Let a hidden post show again as it is."""
    require(may.show_again(standing, post))
    discussions.show_again(standing, post)
    _settle(_live(standing, post), Outcome.SHOWN)
    _note(standing, Deed.POST_SHOWN, post)


def see_no_need(standing: Standing, post: Post) -> None:
    """Close the flags on a post that is shown, and leave it so."""
    require(may.hide(standing, post))
    _settle(_live(standing, post), Outcome.SHOWN)


def take_away(standing: Standing, post: Post) -> None:
    """Withdraw a post whose author left it hidden for a week."""
    flags = _live(standing, post)
    require(may.take_away(standing, post, queries.waiting_since(flags)))
    _note(standing, Deed.POST_REMOVED, post)
    discussions.take_away(standing, post)
    _settle(flags, Outcome.GONE)


def lock(standing: Standing, post: Post, *, locked: bool) -> None:
    """Take no further answers in a post's thread, or take them again."""
    require(may.keep_safe(standing))
    thread = _thread(standing, post)
    if thread.locked is not locked:
        discussions.lock(standing, thread, locked=locked)
        _note(standing, Deed.THREAD_LOCKED if locked else Deed.THREAD_UNLOCKED, thread)
    if locked:
        _settle(_live(standing, post), Outcome.ACTED)


def mute(standing: Standing, post: Post, *, muted: bool) -> None:
    """Ask whoever wrote a post to pause in its thread, under every name they have there."""
    require(may.keep_safe(standing))
    discussions.mute(standing, _thread(standing, post), post.author, muted=muted)
    _note(standing, Deed.NAME_MUTED if muted else Deed.NAME_UNMUTED, post)
    if muted:
        _settle(_live(standing, post), Outcome.ACTED)


def settle_mended(post_id: UUID) -> None:
    """Tell those who flagged a post that its author changed it."""
    rows = select(Flag).where(Flag.post_id == post_id, Flag.hides)
    _settle([each for each in db.session.scalars(rows) if each.outcome in LIVE], Outcome.MENDED)


def _live(standing: Standing, post: Post) -> list[Flag]:
    return [each for each in queries.of_post(standing, post.id) if each.outcome in LIVE]


def _settle(flags: Collection[Flag], outcome: Outcome) -> None:
    for each in flags:
        each.outcome, each.settled_on = outcome, now().date()
        each.lapses_at, each.told = None, False


def _thread(standing: Standing, post: Post) -> Thread:
    thread_id = post.thread_id if isinstance(post, Reply) else post.id
    return thread_of(standing, thread_id)


def _note(standing: Standing, deed: Deed, post: Post, actor: Actor = Actor.MODERATOR) -> None:
    """Tell the circle's log; of a flag no more than the day."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    at = today if actor is Actor.MEMBER else None
    audit.note(standing.circle_id, deed, actor, about=post.author.name, at=at)


def _check(words: str) -> None:
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
