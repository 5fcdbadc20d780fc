"""Reads of flags. None reveals a sender: a hand recognises only its own flags."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, select

from forum.circles import applicants
from forum.circles.invitations import Pending, pending
from forum.circles.models import Circle
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.fences import left_out
from forum.core.tokens import keyed_id, version_token
from forum.discussions import name_notes, post_queries, retention, thread_queries, visibility
from forum.discussions.models import Hiding, NameNote, Post, Thread
from forum.moderation.comparisons import Comparison, compared
from forum.moderation.models import Flag, Outcome
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import FlagReason, Hidden, Mark

WAITING = timedelta(days=1)  # without a reply, until the desk lists a reflection
REPLIED = timedelta(days=30)  # for which the desk lists a message after a reply
NEW = timedelta(days=7)  # of a note to a hidden name
LIVE = (None, Outcome.KEPT_HIDDEN)
DECIDED = 20  # flags listed after their decision; rows go after jobs.KEPT_FOR
SOON = 3  # days until an invitation lapses


@dataclass(frozen=True, slots=True)
class Flagged:
    """A post at the desk, with its flags, and its hiding if hidden."""

    post: Post
    flags: list[Flag]
    hiding: Hiding | None = None

    @property
    def reasons(self) -> list[FlagReason]:
        """Reasons of the flags, each once; a worry about the writer comes first."""
        found = dict.fromkeys(flag.reason for flag in self.flags if flag.reason)
        return sorted(found, key=lambda reason: reason is not FlagReason.WORRY)

    @property
    def is_worried_about(self) -> bool:
        """Whether a worry about its writer is pending, whatever has become of the post."""
        return any(each.reason is FlagReason.WORRY and each.outcome is None for each in self.flags)

    @property
    def waits(self) -> bool:
        """Whether the post waits for review; else for its author."""
        if self.hiding:
            return self.hiding.waits_since is not None or self.is_worried_about
        return any(flag.outcome is None for flag in self.flags)

    @property
    def changed(self) -> bool:
        """Whether its author changed the post since the last review."""
        return self.hiding is not None and self.hiding.changed

    @property
    def comparison(self) -> Comparison | None:
        """The text last reviewed beside the present one; None where the former is unknown."""
        return _comparison(self.post, self.hiding)

    @property
    def is_put_aside(self) -> bool:
        """Whether a moderator hid the post, and nobody is waited for."""
        hid = self.hiding is not None and self.hiding.why is Hidden.MODERATOR
        return hid and not self.waits and not (self.hiding and self.hiding.asked)

    @property
    def since(self) -> date:
        """First day of the present wait, for review or for the author."""
        if self.hiding:
            return self.hiding.waits_since or self.hiding.since
        return min(flag.raised_on for flag in self.flags)


@dataclass(frozen=True, slots=True)
class Desk:
    """All matters pending for a circle's moderators, and what they have decided.

    locked, paused: threads and names stopped by a moderator. held: threads that do not go for now.
    decided: flags settled, latest first. answered: messages replied to in REPLIED days, latest
    first, so that a second moderator finds what came of them.
    """

    flagged: list[Flagged]
    messages: list[Flag]
    unanswered: list[Thread]
    lapsing: list[Pending]
    asking: int  # people who wait to be let in
    locked: list[Thread]
    paused: list[thread_queries.Paused]
    held: list[Thread]
    decided: list[Flag]
    answered: list[Flag]
    from_names: list[name_notes.Answer]  # to notes of moderators

    @property
    def urgent(self) -> list[Flag]:
        """Messages that cannot wait."""
        return [each for each in self.messages if each.thread_id]

    @property
    def letters(self) -> list[Flag]:
        """Other messages."""
        return [each for each in self.messages if not each.thread_id]

    @property
    def changed(self) -> list[Flagged]:
        """Hidden posts that their authors changed, and that wait for a look."""
        return [each for each in self.flagged if each.waits and each.changed]

    @property
    def to_check(self) -> list[Flagged]:
        """Further posts waiting for a moderator."""
        return [each for each in self.flagged if each.waits and not each.changed]

    @property
    def with_authors(self) -> list[Flagged]:
        """Posts that wait for their authors."""
        return [each for each in self.flagged if not each.waits and not each.is_put_aside]

    @property
    def put_aside(self) -> list[Flagged]:
        """Posts that moderators hid without asking for a change."""
        return [each for each in self.flagged if each.is_put_aside]


@dataclass(frozen=True, slots=True)
class Notices:
    """Notices about flags on a circle's page, equal for all members but for their own posts.

    mine: posts under their everyday name that are hidden until they change them. asked: the same,
    because a moderator asks for a change rather than because of a patient. changed: those
    that they changed, and that wait for a look. masked: whether a post that hides its name is to be
    changed, so that all are asked whether it may be theirs. message: whether the moderators wrote
    to their everyday name; urgent_message: whether what cannot wait was said to it.
    masked_message: whether they wrote to a hidden name, of whomever. told: flags of their own,
    with what came of them. urgent: messages that cannot wait, for moderators. waiting: posts, other
    letters and people who ask to join, for moderators. looks: posts at which a facilitator may
    look. answers: to notes of moderators within NEW, for moderators. under_masks: days since which
    something waits under masks of this hand, for its own eyes.
    """

    mine: list[UUID] = field(default_factory=list)
    asked: list[UUID] = field(default_factory=list)
    changed: list[UUID] = field(default_factory=list)
    masked: bool = False
    message: bool = False
    urgent_message: bool = False
    masked_message: bool = False
    told: list[Flag] = field(default_factory=list)
    urgent: int = 0
    waiting: int = 0
    looks: int = 0
    under_masks: list[date] = field(default_factory=list, repr=False)
    answers: int = 0


@dataclass(slots=True)
class _Matters:
    """Rows of a circle, by id: flags that are live or news to somebody, hidden posts, notes."""

    flags: dict[UUID, Flag] = field(default_factory=dict)
    hidings: dict[UUID, Hiding] = field(default_factory=dict)
    notes: dict[UUID, NameNote] = field(default_factory=dict)
    asking: int = 0  # people who ask to join


def notices(standing: Standing) -> Notices:
    """Notices for this member on the circle's page."""
    return notices_of([standing])[standing.circle_id]


def notices_of(standings: Sequence[Standing]) -> dict[UUID, Notices]:
    """Notices for this member, by circle."""
    matters = _open_matters([standing.circle_id for standing in standings])
    return {each.circle_id: _notices(each, matters[each.circle_id]) for each in standings}


def _notices(standing: Standing, matters: _Matters) -> Notices:
    flags, hidings, notes = (
        [*rows.values()] for rows in (matters.flags, matters.hidings, matters.notes)
    )
    for_patient = [each for each in hidings if each.why is Hidden.PATIENT]
    for_author = [each for each in hidings if each.why is Hidden.PATIENT or each.asked]
    own = [each for each in for_author if _is_everyday(standing, each)]
    urgent = {flag.id for flag in flags if flag.outcome is None and flag.thread_id}
    waiting = {flag.post_id or flag.id for flag in flags if flag.outcome is None} - urgent
    waiting |= {each.id for each in hidings if each.waits_since}
    return Notices(
        mine=[each.id for each in own if each.why is Hidden.PATIENT and not each.changed],
        asked=[each.id for each in own if each.why is not Hidden.PATIENT and not each.changed],
        changed=[each.id for each in own if each.changed],
        masked=any(each.author.mode.masked and not each.changed for each in for_patient),
        message=name_notes.waits(standing, [each for each in notes if not each.of_thread]),
        urgent_message=name_notes.waits(standing, [each for each in notes if each.of_thread]),
        masked_message=name_notes.for_masks(notes),
        told=[flag for flag in flags if _is_news(flag) and is_own(standing, flag)],
        urgent=len(urgent) if may.keep_safe(standing) else 0,
        waiting=len(waiting) + matters.asking if may.keep_safe(standing) else 0,
        looks=0 if may.keep_safe(standing) else len(_to_look_at(standing, hidings)),
        answers=_new_answers(notes) if may.keep_safe(standing) else 0,
        under_masks=[
            *(each.since for each in for_author if not each.changed and _is_masked(standing, each)),
            *(each.written_on for each in notes if _is_new(each) and _is_masked(standing, each)),
        ],
    )


def _open_matters(circles: Collection[UUID]) -> dict[UUID, _Matters]:
    """Open matters of circles, in one statement.

    All are few, so that each flag comes with each hidden post and each note.
    """
    rows = db.session.execute(_MATTERS, {"circles": [*circles]})
    found = {circle_id: _Matters() for circle_id in circles}
    for circle_id, flag_row, hiding_row, note_row, asking in rows:
        matters = found[circle_id]
        matters.asking = asking
        matters.flags.update({flag_row.id: flag_row} if flag_row else {})
        matters.hidings.update({hiding_row.id: hiding_row} if hiding_row else {})
        matters.notes.update({note_row.id: note_row} if note_row else {})
    return found


def is_own(standing: Standing, flag: Flag) -> bool:
    """Whether this member raised the flag."""
    return flag.mark == standing.hand.mark(Mark.FLAG, flag.about)


def own_messages(standing: Standing) -> list[Flag]:
    """The member's messages to the moderators, latest first.

    Requests for a note are left out: each names a name, and is listed at the desk alone.
    """
    about_none = Flag.post_id.is_(None), Flag.author_id.is_(None)
    rows = select(Flag).where(Flag.circle_id == standing.circle_id, *about_none)
    found = db.session.scalars(rows.order_by(Flag.raised_on.desc(), Flag.id))
    return [flag for flag in found if is_own(standing, flag)]


def flag(standing: Standing, flag_id: UUID) -> Flag:
    """A flag of the circle. Raises NotFound."""
    found = db.session.get(Flag, (standing.circle_id, flag_id))
    if found is None:
        raise NotFound
    return found


def message(standing: Standing, message_id: UUID) -> Flag:
    """A message to the moderators, as `flag`. Raises NotFound, for a flag on a post too."""
    found = flag(standing, message_id)
    if found.post_id is not None:
        raise NotFound
    return found


def of_post(standing: Standing, post_id: UUID) -> list[Flag]:
    """All flags on a post, oldest first."""
    rows = select(Flag).where(Flag.circle_id == standing.circle_id, Flag.post_id == post_id)
    return list(db.session.scalars(rows.order_by(Flag.raised_on, Flag.id)))


def version(flags: Collection[Flag]) -> str:
    """Token of the pending flags on a post, for stale forms."""
    pending = [each for each in flags if each.outcome in LIVE]
    return version_token(*(f"{each.id} {each.words}" for each in pending))


def flag_id(post: Post, reason: FlagReason) -> UUID:
    """Id that a flag's mark is computed from: of a reason for a text as it stands."""
    return keyed_id("a flag", str(post.revision), reason)


def own_flag(standing: Standing, post: Post, reason: FlagReason) -> Flag | None:
    """This member's flag on a text as it stands, for a reason."""
    abouts = flag_id(post, reason), post.revision  # one a text, until a release ago
    marks = [standing.hand.mark(Mark.FLAG, about) for about in abouts]
    mine = Flag.circle_id == standing.circle_id, Flag.mark.in_(marks)
    rows = db.session.scalars(select(Flag).where(*mine))
    return next((each for each in rows if each.reason is reason), None)


def is_sent(standing: Standing, post: Post, reason: FlagReason, words: str) -> bool:
    """Whether this member's flag on a text as it stands has these words already."""
    flag = own_flag(standing, post, reason)
    return flag is not None and has_words(flag, words)


def has_words(flag: Flag, words: str) -> bool:
    """Whether a flag has these paragraphs already.

    Whole ones: at an open screen somebody could guess words letter by letter.
    """
    return not words or f"\n\n{words}\n\n" in f"\n\n{flag.words}\n\n"


def is_worried_about(standing: Standing, post: Post) -> bool:
    """Whether a flag for worry about a post's author is pending."""
    return any(
        each.reason is FlagReason.WORRY and each.outcome is None
        for each in of_post(standing, post.id)
    )


def circles_with_worries(circles: Collection[UUID]) -> set[UUID]:
    """Circles with a worry about a colleague, a request for a note, or a message that cannot wait,
    pending since yesterday or longer."""
    waits = Flag.outcome.is_(None), Flag.raised_on < now().date()
    found = set[UUID]()
    for each in db.session.scalars(select(Flag).where(Flag.circle_id.in_(circles), *waits)):
        with left_out("moderation.worries"):
            if each.reason is FlagReason.WORRY or each.thread_id:
                found.add(each.circle_id)
    return found


def hid_lately(standing: Standing, span: timedelta) -> bool:
    """Whether a flag of this member hid a post of the circle within `span`."""
    since = (now() - span).date()
    rows = select(Flag).where(
        Flag.circle_id == standing.circle_id, Flag.hides, Flag.raised_on > since
    )
    return any(is_own(standing, each) for each in db.session.scalars(rows))


def desk(standing: Standing) -> Desk:
    """Matters pending for the moderators: posts to review, messages, ageing threads and
    invitations."""
    require(may.keep_safe(standing))
    lately = Flag.settled_on > (now() - REPLIED).date()
    rows = db.session.scalars(
        select(Flag)
        .where(Flag.circle_id == standing.circle_id, is_live() | Flag.post_id.is_not(None) | lately)
        .order_by(Flag.raised_on, Flag.id)
    ).all()
    live = [each for each in rows if each.outcome in LIVE]
    settled = sorted(
        (each for each in rows if each.outcome not in LIVE), key=_settled, reverse=True
    )
    by_post = defaultdict[UUID, list[Flag]](list)
    for each in live:
        if each.post_id:
            by_post[each.post_id].append(each)
    return Desk(
        flagged=_flagged(standing, by_post),
        messages=[each for each in live if each.post_id is None],
        unanswered=thread_queries.unanswered(standing, WAITING),
        lapsing=_lapsing(standing),
        asking=len(applicants.waiting(standing)) if may.admit_groups(standing) else 0,
        locked=thread_queries.locked(standing),
        paused=thread_queries.paused(standing),
        held=retention.held(standing),
        decided=[each for each in settled if each.post_id][:DECIDED],
        answered=[each for each in settled if not each.post_id][:DECIDED],
        from_names=name_notes.answers_of(standing),
    )


def _lapsing(standing: Standing) -> list[Pending]:
    """Invitations about to expire; none in a pair that has been two, which invites nobody."""
    if not may.see_invitations(standing):
        return []
    return [each for each in pending(standing) if each.days_left <= SOON]


def to_look_at(standing: Standing) -> list[Flagged]:
    """Hidden posts open to this member's review, longest waiting first."""
    hidings = {each.id: each for each in visibility.hidings(standing.circle_id)}
    found = _to_look_at(standing, hidings.values())
    posts = post_queries.posts(standing, [each.id for each in found], closed=True)
    return [Flagged(posts[each.id], [], each) for each in found if each.id in posts]


def waits(post: Post) -> timedelta | None:
    """Time for which a hidden post has waited for review; None while waiting for its author."""
    hiding = visibility.hiding(post)
    return _waited(hiding) if hiding else None


def hidden_for(post: Post) -> timedelta:
    """Time for which a post has been hidden; zero if it is shown."""
    hiding = visibility.hiding(post)
    return now().date() - hiding.since if hiding else timedelta()


def is_changed(post: Post) -> bool:
    """Whether its author changed a hidden post since the last review."""
    hiding = visibility.hiding(post)
    return hiding is not None and hiding.changed


def comparison(post: Post) -> Comparison | None:
    """A hidden post's text at the last review beside the present one; None if unknown."""
    return _comparison(post, visibility.hiding(post))


def _comparison(post: Post, hiding: Hiding | None) -> Comparison | None:
    if hiding is None or not hiding.before:
        return None
    words: dict[str, str] = json.loads(hiding.before)
    now_ = {"title": getattr(post, "title", ""), "body": post.body}
    return compared(*(_whole(each) for each in (words, now_)))


def _whole(words: Mapping[str, str]) -> str:
    return "\n\n".join(filter(None, (words.get("title", ""), words["body"])))


def is_live() -> ColumnElement[bool]:
    """Condition: the flag is pending, or its post stays hidden until changed."""
    return Flag.outcome.is_(None) | (Flag.outcome == Outcome.KEPT_HIDDEN)


def _settled(flag: Flag) -> tuple[date, UUID]:
    return flag.settled_on or flag.raised_on, flag.id


def _flagged(standing: Standing, by_post: dict[UUID, list[Flag]]) -> list[Flagged]:
    """Posts of the desk: waiting for review first, longest waiting first."""
    hidings = {each.id: each for each in visibility.hidings(standing.circle_id)}
    posts = post_queries.posts(standing, {*by_post, *hidings}, closed=True)
    found = [Flagged(post, by_post.get(one, []), hidings.get(one)) for one, post in posts.items()]
    shown = [each for each in found if each.is_worried_about or not each.post.withdrawn]
    return sorted(shown, key=lambda each: (not each.waits, each.since, each.post.id))


def _to_look_at(standing: Standing, hidings: Iterable[Hiding]) -> list[Hiding]:
    return [
        each
        for each in hidings
        if each.why is Hidden.PATIENT
        and each.waits_since
        and may.look(standing, _waited(each), mine=may.own_by_name(standing, each.author))
    ]


def _waited(hiding: Hiding) -> timedelta | None:
    return now().date() - hiding.waits_since if hiding.waits_since else None


def _is_everyday(standing: Standing, hiding: Hiding) -> bool:
    return not hiding.author.mode.masked and standing.hand.holds(hiding.author)


def _is_new(note: NameNote) -> bool:
    """Whether a note is told on home: it stays longer on its own page, read or not."""
    return now().date() - note.written_on < NEW


def _new_answers(notes: Collection[NameNote]) -> int:
    """Number of answers that moderators read since NEW."""
    return sum(now().date() - each.on < NEW for each in name_notes.answers(notes))


def _is_masked(standing: Standing, row: Hiding | NameNote) -> bool:
    return row.author.mode.masked and standing.hand.holds(row.author)


def _is_news(flag: Flag) -> bool:
    return flag.outcome is not None and not flag.told


def _matters() -> Select[UUID, Flag, Hiding, NameNote, int]:
    """The statement of `_open_matters`, built once: building costs as much as running."""
    flag = (Flag.circle_id == Circle.id) & (~Flag.told | is_live())
    return (
        select(Circle.id, Flag, Hiding, NameNote, applicants.number_waiting())
        .select_from(Circle)
        .outerjoin(Flag, flag)
        .outerjoin(Hiding, Hiding.circle_id == Circle.id)
        .outerjoin(NameNote, (NameNote.circle_id == Circle.id) & name_notes.is_kept())
        .where(Circle.id.in_(bindparam("circles", expanding=True)))
        .order_by(Flag.raised_on, Flag.id, Hiding.since, Hiding.id)
    )


_MATTERS = _matters()
