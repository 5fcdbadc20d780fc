"""Flags, messages to the moderators, and moderators' acts. None of them reveals a member."""

from collections.abc import Collection
from datetime import timedelta
from enum import Enum
from uuid import UUID

from flask_babel import gettext as _

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles.locks import lock_circle
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.events import record
from forum.core.randomness import new_id
from forum.core.tokens import keyed_id
from forum.discussions import name_notes, pinning, restrictions, retention, visibility
from forum.discussions import posts as discussions
from forum.discussions.models import Post, Reply, Thread
from forum.discussions.thread_queries import thread as thread_of
from forum.moderation import queries
from forum.moderation.events import NoteAsked
from forum.moderation.models import REASON_MAX, WORDS_MAX, Flag, Outcome
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import FlagReason, Hidden, Mark, Role

HIDE_INTERVAL = timedelta(days=7)  # between two posts hidden by flags of a member


class Raised(Enum):
    """Effect of a flag."""

    HIDES = "the post is hidden until reviewed"
    WAITS = "the post stays until reviewed"
    AGAIN = "the same flag was waiting already"


def raise_flag(
    standing: Standing, post: Post, reason: FlagReason, words: str, places: Collection[int] = ()
) -> Raised:
    """Flag a post for review.

    A post in which a patient could be recognised is hidden at once, by at most a single flag of a
    member in HIDE_INTERVAL. places: indexes from 0 of the paragraphs concerned. A member has a
    single flag for each reason: new words are added to a pending flag, and a settled flag opens
    again.
    """
    lock_circle(standing.circle_id)
    require(may.flag(standing, post))
    _check(words)
    is_worried_about = queries.is_worried_about(standing, post)  # before this flag opens again
    flag = queries.own_flag(standing, post, reason) or _new_flag(standing, post, reason)
    hides = reason is FlagReason.PATIENT and not queries.hid_lately(standing, HIDE_INTERVAL)
    if flag.raised_on and flag.outcome in queries.LIVE:
        if flag.outcome is None and queries.has_words(flag, words) and not hides:
            return Raised.AGAIN
        flag.words = _with(flag, words)
    else:
        flag.hides = bool(flag.hides) and flag.raised_on > (now() - HIDE_INTERVAL).date()
        if not flag.hides:  # else the day stays from which the interval counts
            flag.raised_on = now().date()
        flag.words, flag.answer = words, ""
        flag.outcome = flag.settled_on = None
    if hides:  # the interval begins today, though the flag may be older
        flag.raised_on, flag.hides = now().date(), True
        restrictions.hide(standing, post, Hidden.PATIENT, places)
        _note(standing, Deed.POST_HIDDEN, post, Actor.MEMBER)
    if reason is FlagReason.WORRY and not is_worried_about:
        record(NoteAsked(standing.circle_id))
    db.session.add(flag)
    return Raised.HIDES if hides else Raised.WAITS


def _new_flag(standing: Standing, post: Post, reason: FlagReason) -> Flag:
    about = queries.flag_id(post, reason)
    flag = Flag(circle_id=standing.circle_id, post_id=post.id, author_id=post.author_id)
    flag.about, flag.mark = about, standing.hand.mark(Mark.FLAG, about)
    flag.reason, flag.signed = reason, ""
    return flag


def _with(flag: Flag, more: str) -> str:
    """Words of a flag with more of them, unless it has those.

    Of any length together: refused, long words at an open screen would tell of a flag before.
    """
    if queries.has_words(flag, more):
        return flag.words
    return "\n\n".join(filter(None, (flag.words, more)))


def write(
    standing: Standing,
    words: str,
    *,
    signed: bool,
    message_id: UUID | None = None,
    thread: Thread | None = None,
) -> bool:
    """Send a message to the moderators; returns whether it was sent now.

    signed: with the member's own name. message_id: drawn with the form; a repeated request is
    ignored. thread: in which something cannot wait.
    """
    _check(words)
    if not words:
        raise InvalidInput(words=_("Write something first."))
    if message_id and db.session.get(Flag, (standing.circle_id, message_id)):
        return False
    message = Flag(
        id=message_id or new_id(), circle_id=standing.circle_id, raised_on=now().date(), mark=b""
    )
    message.about = message.id
    message.mark = standing.hand.mark(Mark.FLAG, message.id)
    message.reason, message.words, message.answer = FlagReason.OTHER, words, ""
    message.signed = standing.own_name if signed else ""
    message.of_thread = thread.id.hex if thread else ""
    db.session.add(message)
    return True


def raise_concern(
    standing: Standing, thread: Thread, words: str, *, signed: bool, message_id: UUID | None = None
) -> bool:
    """Say that something cannot wait, to a thread's presenter and the moderators alone, at once;
    returns whether it was sent now.

    Open to every reader of the thread, in any phase, and under a lock or a withdrawn opening.
    signed, message_id: as in `write`. Raises InvalidInput (words).
    """
    require(may.read(standing, thread))
    if not write(standing, words, signed=signed, message_id=message_id, thread=thread):
        return False
    sign = f"\n\n{standing.own_name}" if signed else ""
    name_notes.tell_presenter(standing, thread, words + sign)
    record(NoteAsked(standing.circle_id))
    return True


def ask_for_note(standing: Standing, post: Post) -> bool:
    """Ask that a moderator writes to the name of one's own post; it is sent now. Asked again, it
    is one letter until answered; returns whether it was asked for now."""
    require(standing.hand.holds(post.author))
    message_id = keyed_id("a note asked for", str(post.id))
    if asked := db.session.get(Flag, (standing.circle_id, message_id)):
        if asked.outcome is None:
            return False
        asked.raised_on, asked.outcome, asked.settled_on = now().date(), None, None
        record(NoteAsked(standing.circle_id))  # answered, and asked for again
        return True
    letter = Flag(id=message_id, circle_id=standing.circle_id, raised_on=now().date(), mark=b"")
    letter.about, letter.author_id = letter.id, post.author_id
    letter.mark = standing.hand.mark(Mark.FLAG, letter.id)
    letter.reason, letter.words, letter.answer = FlagReason.WORRY, "", ""
    letter.signed = post.author.name
    db.session.add(letter)
    record(NoteAsked(standing.circle_id))
    return True


def write_to(standing: Standing, post: Post, words: str, note_id: UUID | None = None) -> None:
    """Write to whoever holds the name of a post. Raises InvalidInput (words)."""
    require(may.restrict(standing))
    name_notes.write(standing, post.author, words, note_id)


def see(standing: Standing, flag: Flag) -> None:
    """Mark the outcome of the member's own flag as seen; of one raised again since, nothing."""
    require(queries.is_own(standing, flag))
    flag.told = flag.told or flag.outcome is not None


def answer(standing: Standing, message: Flag, words: str, version: str = "") -> None:
    """Answer a message; its writer reads the answer at the next visit, and stays unknown.

    version: `Flag.version` as displayed. Raises InvalidInput (words) for an empty text, and with
    the present answer if somebody answered since; sent again, the text is appended.
    """
    require(may.keep_safe(standing) and message.post_id is None)
    _check(words)
    if not words:
        raise InvalidInput(words=_("Write something first."))
    if message.author is not None:  # to the name that asked: its holder alone reads it
        asked_on = message.raised_on.isoformat()  # asked again, it is answered again
        note_id = keyed_id("an answer to a letter", str(message.id), asked_on, words)
        name_notes.write(standing, message.author, words, note_id)
        _settle([message], Outcome.ANSWERED)
        message.told = True
        return
    if message.answer == words:
        return
    if message.answer and version != message.version:
        raise InvalidInput(
            words=_(
                "Another moderator has just replied: “%(words)s” Send yours again to add it.",
                words=message.answer,
            )
        )
    message.answer = "\n\n".join(filter(None, (message.answer, words)))
    _settle([message], Outcome.ANSWERED)


def ask_change(standing: Standing, post: Post, asked: str = "", version: str | None = None) -> None:
    """Hide a post, or keep it hidden, until its author changes it.

    asked: the change requested, read by the author alone; may be left empty for a post that a flag
    has hidden. version: `visibility.decision` as displayed. Raises InvalidInput (asked), with the
    present request if another moderator asked since; sent again, the new one replaces it.
    """
    require(may.ask_change(standing, post))
    if len(asked) > WORDS_MAX:
        raise InvalidInput(asked=_("At most %(most)s characters, please.", most=WORDS_MAX))
    if not asked and not may.keep_hidden(standing, post):
        raise InvalidInput(asked=_("Say what should change."))
    if _is_asked(standing, post, asked):
        return  # pressed twice
    row = visibility.hiding(post)
    if row and row.asked and not row.changed and version not in (None, visibility.decision(post)):
        raise InvalidInput(
            asked=_(
                "Another moderator has just asked: “%(words)s” Send yours again to replace it.",
                words=row.asked,
            )
        )
    if may.hide(standing, post):
        restrictions.hide(standing, post, Hidden.MODERATOR)
        db.session.flush()
        _note(standing, Deed.POST_HIDDEN, post)
    visibility.ask(post, asked)
    _settle(_about_text(standing, post), Outcome.KEPT_HIDDEN)
    _note(standing, Deed.POST_KEPT_HIDDEN, post)


def _is_asked(standing: Standing, post: Post, asked: str) -> bool:
    """Whether this change is asked for already, and nothing has come since."""
    row = visibility.hiding(post)
    is_same = row is not None and row.asked == asked and row.waits_since is None
    return is_same and not _about_text(standing, post)


def hide(standing: Standing, post: Post) -> None:
    """Hide a post until a moderator shows it again."""
    require(may.hide(standing, post))
    restrictions.hide(standing, post, Hidden.MODERATOR)
    _settle(_about_text(standing, post), Outcome.ACTED)
    _note(standing, Deed.POST_HIDDEN, post)


def show_again(standing: Standing, post: Post, version: str | None = None) -> None:
    """Show a hidden post with its present text, and settle all flags about it.

    version: `visibility.decision` as reviewed. Raises InvalidInput (post) if the text changed
    since, or another moderator decided.
    """
    require(may.show_again(standing, post, queries.waits(post)))
    if version not in (None, visibility.decision(post)):
        raise InvalidInput(
            post=_(
                "Its author has just changed this post, or another moderator has decided on it. "
                "Please look again."
            )
        )
    changed = restrictions.show_again(standing, post)
    _settle(_about_text(standing, post), Outcome.MENDED if changed else Outcome.SHOWN)
    moderates = standing.role is Role.MODERATOR
    _note(standing, Deed.POST_SHOWN, post, Actor.MODERATOR if moderates else Actor.FACILITATOR)


def see_no_need(standing: Standing, post: Post, version: str | None = None) -> None:
    """Settle the flags on a visible post, except worries about its writer, without hiding it.

    version: as in `see_to`. Raises InvalidInput (post) if a flag came since.
    """
    require(may.hide(standing, post))
    lock_circle(standing.circle_id)
    _settle_as_shown(standing, post, _about_text(standing, post), version)


def see_to(standing: Standing, post: Post, version: str | None = None) -> None:
    """Settle worries about a post's writer, as no act on the post does.

    version: `queries.version` of its flags as displayed. Raises InvalidInput (post) if a flag came
    since.
    """
    require(may.see_to(standing, post))
    lock_circle(standing.circle_id)
    _settle_as_shown(standing, post, _worries(standing, post), version)


def _settle_as_shown(
    standing: Standing, post: Post, flags: Collection[Flag], version: str | None
) -> None:
    """Settle flags without need for a change; none are left where the button was pressed twice."""
    if flags and version not in (None, queries.version(queries.of_post(standing, post.id))):
        raise InvalidInput(
            post=_("A flag on this post has come since, or was settled. Please look again.")
        )
    _settle(flags, Outcome.SHOWN)


def take_away(standing: Standing, post: Post) -> None:
    """Withdraw a post hidden for a week."""
    require(may.take_away(standing, post, queries.hidden_for(post)))
    discussions.take_away(standing, post)
    _note(standing, Deed.POST_REMOVED, post)
    _settle(_about_text(standing, post), Outcome.GONE)


def lock(standing: Standing, post: Post, reason: str) -> str:
    """Close a post's thread to replies; returns the reason that stands: another moderator's, if
    theirs came first. reason: read by all, also in the log.

    Raises InvalidInput (reason).
    """
    require(may.restrict(standing))
    if not reason:
        raise InvalidInput(reason=_("Give a reason: everyone in the thread will read it."))
    if len(reason) > REASON_MAX:
        raise InvalidInput(reason=_("At most %(most)s characters, please.", most=REASON_MAX))
    thread = _thread(standing, post)
    if not thread.locked:
        restrictions.lock(standing, thread, locked=True, reason=reason)
        _note(standing, Deed.THREAD_LOCKED, thread, words=reason)
    _settle(_about_text(standing, post), Outcome.ACTED)
    return thread.lock_reason


def unlock(standing: Standing, post: Post) -> None:
    """Open a post's thread to replies again."""
    require(may.keep_safe(standing))
    thread = _thread(standing, post)
    if thread.locked:
        restrictions.lock(standing, thread, locked=False)
        _note(standing, Deed.THREAD_UNLOCKED, thread)


def hold_back(standing: Standing, post: Post, reason: str) -> None:
    """Keep a post's thread for 90 days from today, though its circle lets it go. Raises
    InvalidInput (hold_reason)."""
    retention.hold(standing, _thread(standing, post), reason)


def release(standing: Standing, post: Post) -> None:
    """Hold a post's thread back no longer."""
    retention.release(standing, _thread(standing, post))


def pin(standing: Standing, post: Post, *, pinned: bool) -> None:
    """Show a post's thread first on the circle's page, or no longer."""
    thread = _thread(standing, post)
    pinning.pin(standing, thread.id if pinned else None, instead_of=thread.id)


def mute(standing: Standing, post: Post, *, muted: bool) -> None:
    """Ask a post's author to pause in its thread, under all their names."""
    require(may.restrict(standing) if muted else may.keep_safe(standing))
    if restrictions.mute(standing, _thread(standing, post), post.author, muted=muted):
        _note(standing, Deed.NAME_MUTED if muted else Deed.NAME_UNMUTED, post)
    if muted:
        _settle(_about_text(standing, post), Outcome.ACTED)


def _live(standing: Standing, post: Post) -> list[Flag]:
    return [each for each in queries.of_post(standing, post.id) if each.outcome in queries.LIVE]


def _worries(standing: Standing, post: Post) -> list[Flag]:
    return [each for each in _live(standing, post) if each.reason is FlagReason.WORRY]


def _about_text(standing: Standing, post: Post) -> list[Flag]:
    return [each for each in _live(standing, post) if each.reason is not FlagReason.WORRY]


def _settle(flags: Collection[Flag], outcome: Outcome) -> None:
    for each in flags:
        each.outcome, each.settled_on, each.told = outcome, now().date(), False


def _thread(standing: Standing, post: Post) -> Thread:
    thread_id = post.thread_id if isinstance(post, Reply) else post.id
    return thread_of(standing, thread_id)


def _note(
    standing: Standing, deed: Deed, post: Post, actor: Actor = Actor.MODERATOR, *, words: str = ""
) -> None:
    """Append to the circle's log; a member's flag with the day alone."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    at = today if actor is Actor.MEMBER else None
    audit.note(standing.circle_id, deed, actor, about=post.author.name, words=words, at=at)


def _check(words: str) -> None:
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
