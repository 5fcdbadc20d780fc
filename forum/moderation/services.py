"""What members tell the moderators, and what moderators do. Nobody learns who anyone is by it."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles.locks import lock_circle
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.randomness import new_id
from forum.discussions import posts as discussions
from forum.discussions import visibility
from forum.discussions.models import Post, Reply, Thread
from forum.discussions.queries import thread as thread_of
from forum.moderation import queries
from forum.moderation.models import WORDS_MAX, Flag, Outcome
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import FlagReason, Hidden, Mark, Role

ONCE_IN = timedelta(days=7)  # a member may hide one post by a flag
LIVE = (None, Outcome.KEPT_HIDDEN)


def raise_flag(
    standing: Standing, post: Post, reason: FlagReason, words: str, places: Collection[int] = ()
) -> bool:
    """Have the moderators look at a post; gives whether it is hidden until they do.

    Where a patient could be recognised it is hidden at once, by one flag of a member a week.
    places: the paragraphs that show it, from 0. Flagged again, it is the same flag.
    """
    lock_circle(standing.circle_id)
    require(may.flag(standing, post))
    _check(words)
    mark = standing.hand.mark(Mark.FLAG, post.revision)
    if db.session.scalar(select(Flag.id).filter_by(mark=mark)):
        return False
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
        discussions.hide(standing, post, Hidden.PATIENT, places)
        _note(standing, Deed.POST_HIDDEN, post, Actor.MEMBER)
    db.session.add(flag)
    return hides


def write(standing: Standing, words: str, *, signed: bool, message_id: UUID | None = None) -> None:
    """Write to the moderators about no post.

    signed: whether one's own name stands on it. message_id: of the form that was sent; sent twice,
    it is one message.
    """
    _check(words)
    if not words:
        raise InvalidInput(words=_("Write something first."))
    if message_id and db.session.get(Flag, message_id):
        return
    letter = Flag(
        id=message_id or new_id(), circle_id=standing.circle_id, raised_on=now().date(), mark=b""
    )
    letter.about = letter.id
    letter.mark = standing.hand.mark(Mark.FLAG, letter.id)
    letter.reason, letter.words, letter.answer = FlagReason.OTHER, words, ""
    letter.signed = standing.own_name if signed else ""
    db.session.add(letter)


def see(standing: Standing, flag: Flag) -> None:
    """Not be told again what came of one's own flag."""
    require(queries.is_own(standing, flag) and flag.outcome is not None)
    flag.told = True


def answer(standing: Standing, letter: Flag, words: str, version: str = "") -> None:
    """Answer a message; its writer reads the answer at their next visit, and nobody learns who.

    version: `Flag.version` as the page showed it. Raises InvalidInput (words) for no text, and with
    the other text where somebody answered since; sent again, this one is added to it.
    """
    require(may.keep_safe(standing) and letter.post_id is None)
    _check(words)
    if not words:
        raise InvalidInput(words=_("Write something first."))
    if letter.answer == words:
        return
    if letter.answer and version != letter.version:
        raise InvalidInput(
            words=_(
                "Answered meanwhile: “%(words)s” Send yours again to add it.", words=letter.answer
            )
        )
    letter.answer = "\n\n".join(filter(None, (letter.answer, words)))
    _settle([letter], Outcome.ANSWERED)


def keep_hidden(standing: Standing, post: Post, asked: str = "") -> None:
    """Agree that a patient could be recognised: the post stays hidden until its author changes it.

    asked: the change to be made, which its author alone reads. Raises InvalidInput (asked).
    """
    require(may.keep_hidden(standing, post))
    if len(asked) > WORDS_MAX:
        raise InvalidInput(asked=_("At most %(most)s characters, please.", most=WORDS_MAX))
    visibility.ask(post, asked)
    _settle(_live(standing, post), Outcome.KEPT_HIDDEN)
    _note(standing, Deed.POST_KEPT_HIDDEN, post)


def hide(standing: Standing, post: Post) -> None:
    """Hide a post, until a moderator lets it show again."""
    require(may.hide(standing, post))
    discussions.hide(standing, post, Hidden.MODERATOR)
    _settle(_live(standing, post), Outcome.ACTED)
    _note(standing, Deed.POST_HIDDEN, post)


def show_again(standing: Standing, post: Post, seen: str | None = None) -> None:
    """Let a hidden post show again as it is; all flags on it are settled together.

    seen: the post's revision that was looked at. Raises InvalidInput (post) where it is another
    by now.
    """
    require(may.show_again(standing, post, queries.waits(post)))
    if seen not in (None, str(post.revision)):
        raise InvalidInput(post=_("Its author changed it meanwhile. Please look again."))
    changed = discussions.show_again(standing, post)
    _settle(_live(standing, post), Outcome.MENDED if changed else Outcome.SHOWN)
    moderates = standing.role is Role.MODERATOR
    _note(standing, Deed.POST_SHOWN, post, Actor.MODERATOR if moderates else Actor.FACILITATOR)


def see_no_need(standing: Standing, post: Post) -> None:
    """Close the flags on a post that is shown, and leave it so."""
    require(may.hide(standing, post))
    _settle(_live(standing, post), Outcome.SHOWN)


def take_away(standing: Standing, post: Post) -> None:
    """Withdraw a post that has been hidden for a week."""
    require(may.take_away(standing, post, queries.hidden_for(post)))
    discussions.take_away(standing, post)
    _note(standing, Deed.POST_REMOVED, post)
    _settle(_live(standing, post), Outcome.GONE)


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


def _live(standing: Standing, post: Post) -> list[Flag]:
    return [each for each in queries.of_post(standing, post.id) if each.outcome in LIVE]


def _settle(flags: Collection[Flag], outcome: Outcome) -> None:
    for each in flags:
        each.outcome, each.settled_on, each.told = outcome, now().date(), False


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
