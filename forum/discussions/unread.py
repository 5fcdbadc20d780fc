"""Unread posts of a member over all their circles, computed at each visit and never stored.

A read mark holds the ids of the posts seen and, read to the end, a keyed digest of the thread's
`last_change_id`. While the digest fits nothing is unread, and the posts are not compared. A count
or an hour would miss masked posts, which appear between older posts. A post waiting for its slot
changes no thread; from the slot until the worker's next run a circle is `behind`, and all its
threads are compared.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, case, select

from forum.authors.models import Author
from forum.circles.locks import lock_circle
from forum.circles.talk_settings import counted_days
from forum.core.clock import now
from forum.core.db import db
from forum.core.randomness import new_id
from forum.discussions import post_figures, read_marks
from forum.discussions.models import Quote, Reply, Thread
from forum.discussions.post_figures import FiguresByPost, in_hex, joined, packed, split, stamp
from forum.policy import may
from forum.policy.facts import AuthorFacts
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Follows

LOOKED_AT = 200  # threads compared, latest activity first: each needs a key of its own
EVERY = 2**31 - 1  # more than a database holds
QUIET = timedelta(days=10)  # without a post, until members are asked to write
A_MINUTE = 5  # blocks of text (see models.BLOCK) read in a minute

Row = Any  # of _THREADS

# Statements are built once.
# Columns of tables, not of objects: the session prepares these at half the cost.
_T, _R, _Q, _A = (each.__table__.c for each in (Thread, Reply, Quote, Author))
_NAME = (*(_A.mode, in_hex(_A.scope_id).label("scope"), _A.key_version, _A.holder_key),)


def _threads(*only: ColumnElement[bool]) -> Select[Any]:
    """The threads with the latest activity, with their readable posts and the opening's author."""
    lately = (
        select(  # the index's columns only
            *(_T.id, _T.circle_id, _T.author_id, _T.stirred, _T.blocks),
            *(_T.appears_at, _T.moved_at, _T.withdrawn, _T.hidden),
        )
        .where(
            _T.circle_id.in_(bindparam("circles", expanding=True)),
            *(_T.appears_at <= bindparam("now"), _T.moved_at >= bindparam("since")),
            *only,
        )
        .order_by(_T.moved_at.desc(), _T.id)
        .limit(bindparam("most"))
        .subquery()
    )
    quotes = case((_Q.id.is_(None), "-"), else_="q")
    posts = (
        select(joined(packed(_R.appears_at, quotes, _R.blocks, _R.id)))
        .select_from(Reply.__table__)
        .outerjoin(Quote.__table__, (_Q.circle_id == _R.circle_id) & (_Q.reply_id == _R.id))
        .where(
            *(_R.circle_id == lately.c.circle_id, _R.thread_id == lately.c.id),
            _R.appears_at <= bindparam("now"),
            *(~_R.withdrawn, _R.hidden.is_(None)),
        )
        .scalar_subquery()
    )
    others = (
        *(_R.circle_id == lately.c.circle_id, _R.thread_id == lately.c.id),
        *(
            _R.author_id != lately.c.author_id,
            _R.appears_at <= bindparam("now"),
            ~_R.withdrawn,
            _R.hidden.is_(None),
        ),
    )
    opening = packed(lately.c.appears_at, "-", lately.c.blocks, lately.c.id)
    closed = lately.c.withdrawn | lately.c.hidden.is_not(None)
    return (
        select(
            *(in_hex(lately.c.id).label("id"), in_hex(lately.c.circle_id).label("circle_id")),
            *(
                in_hex(lately.c.stirred).label("last_change_id"),
                stamp(lately.c.moved_at).label("moved"),
            ),
            *(stamp(lately.c.appears_at).label("appears"), posts.label("replies")),
            case((closed, None), else_=opening).label("opening"),
            select(_R.id).where(*others).exists().label("is_answered"),
            *_NAME,
        )
        .join(
            Author.__table__, (_A.circle_id == lately.c.circle_id) & (_A.id == lately.c.author_id)
        )
        .order_by(lately.c.moved_at.desc())
    )


_LATELY = _threads()
_AMONG = _threads(_T.id.in_(bindparam("threads", expanding=True)))
_QUOTED = (
    select(in_hex(_Q.reply_id).label("reply_id"), *_NAME)
    .join(Author.__table__, (_A.circle_id == _Q.circle_id) & (_A.id == _Q.author_id))
    .where(
        _Q.circle_id.in_(bindparam("circles", expanding=True)),
        _Q.reply_id.in_(bindparam("replies", expanding=True)),
    )
)


@dataclass(frozen=True, slots=True)
class News:
    """A thread with posts new to the reader.

    last_change_id: the thread's, in hex, when compared. fresh: the new posts. answers: ids in hex
    of new replies to the reader, oldest first.
    """

    circle_id: UUID
    thread_id: UUID
    last_change_id: str
    fresh: FiguresByPost = field(repr=False)
    answers: tuple[str, ...]

    @property
    def last(self) -> str:
        """Moment of the latest new post, as in PostFigures.stamp."""
        return max(self.fresh.values()).stamp

    @property
    def when(self) -> datetime:
        """Moment of the latest new post, UTC."""
        return _moment(self.last)

    @property
    def first(self) -> str:
        """Moment of the oldest new post, as in PostFigures.stamp."""
        return min(self.fresh.values()).stamp

    @property
    def minutes(self) -> int:
        """Reading time of the new posts, at least 1 minute."""
        return max(1, round(sum(post.blocks for post in self.fresh.values()) / A_MINUTE))


@dataclass(frozen=True, slots=True)
class Look:
    """Result of `look`.

    news: longest waiting first. to_masks: threads with new replies to the reader's masks, of before
    `slots`. unanswered: ids of threads the reader is asked to answer first, longest waiting first.
    quiet: circles without a post for QUIET. is_all: whether every thread active since the reader
    joined was compared.
    """

    news: list[News]
    to_masks: list[tuple[UUID, UUID]]  # ids of circle and thread
    unanswered: list[UUID]
    quiet: frozenset[UUID]
    is_all: bool


@dataclass(frozen=True, slots=True)
class _Name:
    """An author row's facts. See policy.facts.AuthorFacts."""

    mode: AuthorMode
    scope_id: UUID
    key_version: int
    holder_key: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """A thread with its standing, read mark and new posts."""

    row: Row
    name: AuthorFacts  # the presenter's
    standing: Standing
    mark: read_marks.MarkRow | None
    fresh: FiguresByPost


def look(
    standings: Sequence[Standing],
    threads: Collection[UUID] | None = None,
    *,
    masks: bool = True,
    answers: bool = True,
    own: bool = False,
    slots: Mapping[UUID, datetime] | None = None,
    most: int | None = LOOKED_AT,
) -> Look:
    """Find posts new to a member in their circles, or in `threads` alone.

    Posts from before they joined are not new; in a circle followed less closely only answers to the
    member count, or none. masks: count answers to the member's masks; onlookers could see in
    them whose a mask is. answers: find answers in fully followed circles too. own: count openings
    under the member's own names; what is missing would reveal whose a pseudonym is.
    slots: the latest slot of each circle, see Look.to_masks: an answer by name comes at any hour,
    and what a mask's holder is told of it must not. most: threads to compare; None for all.
    """
    lately = _lately(standings, threads, most)
    fresh = [place for place in _places(standings, lately, own=own) if place.fresh]
    quoted = _quoted(
        [place for place in fresh if answers or _follows(place) is not Follows.EVERYTHING]
    )
    found, to_masks = list[News](), list[tuple[UUID, UUID]]()
    for place in fresh:
        row, circle_id = place.row, place.standing.circle_id
        answering = _answering(place, quoted)
        to_mask = [post for post, name in answering if name.mode.masked]
        named = dict.fromkeys(post for post, name in answering if masks or not name.mode.masked)
        if _is_before(place, to_mask, (slots or {}).get(circle_id)):
            to_masks.append((circle_id, UUID(row.id)))
        if _is_followed(place, named):
            replies = tuple(sorted(named, key=lambda post: (place.fresh[post].stamp, post)))
            found.append(News(circle_id, UUID(row.id), row.last_change_id, place.fresh, replies))
    return Look(
        news=sorted(found, key=lambda each: (each.first, each.thread_id)),
        to_masks=to_masks,
        unanswered=_unanswered(standings, lately),
        quiet=_quiet(standings, lately),
        is_all=most is None or len(lately) < most,
    )


def mark_all_read(standings: Sequence[Standing], told: Collection[News]) -> str:
    """Mark all this news as read; returns a random word for `undo`."""
    by_circle = {standing.circle_id: standing for standing in standings}
    word = new_id().hex[-12:]
    _lock(by_circle)
    marks = read_marks.to_change({each.thread_id.hex: by_circle[each.circle_id] for each in told})
    for each in told:
        standing, thread_id = by_circle[each.circle_id], each.thread_id
        mark = marks.get(thread_id.hex) or read_marks.new_mark(standing, thread_id)
        read_marks.press(mark, word, [*each.fresh], UUID(each.last_change_id))
    return word


def undo(standings: Sequence[Standing], word: str) -> None:
    """Make posts unread again which were marked as read under `word`."""
    _lock(standing.circle_id for standing in standings)
    marks = read_marks.to_change(_with_standings(standings, _lately(standings, None, None)))
    for mark in marks.values():
        read_marks.undo_press(mark, word)


def _lock(circle_ids: Iterable[UUID]) -> None:
    """Lock circles, in one order: pressed twice, or beside the night's work, no mark is made twice
    or lost."""
    for circle_id in sorted(circle_ids):
        lock_circle(circle_id)


def _lately(
    standings: Sequence[Standing], threads: Collection[UUID] | None, most: int | None
) -> Sequence[Row]:
    """Threads active since the member joined, or within QUIET if longer, latest first."""
    if not standings:
        return []
    since = min(now() - QUIET, *map(_start, standings))
    circles = [standing.circle_id for standing in standings]
    known = {"circles": circles, "now": now(), "since": since, "most": most or EVERY}
    if threads is None:
        return db.session.execute(_LATELY, known).all()
    return db.session.execute(_AMONG, known | {"threads": [*threads]}).all()


def _with_standings(standings: Sequence[Standing], rows: Iterable[Row]) -> dict[str, Standing]:
    """Thread id in hex -> the member's standing in its circle."""
    by_circle = {standing.circle_id.hex: standing for standing in standings}
    return {row.id: by_circle[row.circle_id] for row in rows}


def _places(standings: Sequence[Standing], lately: Sequence[Row], *, own: bool) -> Iterator[_Place]:
    """Threads changed since the member read them to the end."""
    starts = {standing.circle_id: _stamp(_start(standing)) for standing in standings}
    standing_in = _with_standings(standings, lately)
    marks = read_marks.marks(standing_in)
    current = read_marks.current(marks, {row.id: row.last_change_id for row in lately})
    for row in lately:
        standing, mark = standing_in[row.id], marks.get(row.id)
        if standing.behind or row.id not in current:
            seen = read_marks.seen(standing, mark)
            fresh = post_figures.fresh(_posts(row), seen, starts[standing.circle_id])
            name = _name(row)
            if not own and row.id in fresh and _is_own(standing, name):
                del fresh[row.id]
            yield _Place(row, name, standing, mark, fresh)


def _is_own(standing: Standing, name: AuthorFacts) -> bool:
    """Whether a name is the member's own everyday name. A mask is new to its holder as to all."""
    return not name.mode.masked and standing.hand.holds(name)


def _posts(row: Row) -> list[str]:
    return split(row.opening, row.replies)


def _quoted(places: Collection[_Place]) -> dict[str, AuthorFacts]:
    """Author rows quoted by new replies, by reply id in hex."""
    posts = ((post_id, post) for place in places for post_id, post in place.fresh.items())
    replies = [UUID(post_id) for post_id, post in posts if post.quotes]
    known = {"circles": [*{place.standing.circle_id for place in places}], "replies": replies}
    rows = db.session.execute(_QUOTED, known) if replies else ()
    return {row.reply_id: _name(row) for row in rows}


def _answering(place: _Place, quoted: Mapping[str, AuthorFacts]) -> list[tuple[str, AuthorFacts]]:
    """New replies with the member's own name each answers: a quoted author, or the presenter."""
    replies, presenter = place.fresh.keys() - {place.row.id}, place.name
    found = [(post_id, quoted[post_id]) for post_id in place.fresh if post_id in quoted]
    if replies and place.standing.hand.holds(presenter):
        answering = [(post_id, presenter) for post_id in replies]
    else:
        answering = []
    return [each for each in found if place.standing.hand.holds(each[1])] + answering


def _is_before(place: _Place, posts: Iterable[str], slot: datetime | None) -> bool:
    """Whether a post of these was visible before a slot; False without a slot."""
    return slot is not None and any(place.fresh[post].stamp < _stamp(slot) for post in posts)


def _name(row: Row) -> AuthorFacts:
    return _Name(row.mode, UUID(row.scope), row.key_version, row.holder_key)


def _is_followed(place: _Place, answered: Collection[str]) -> bool:
    match _follows(place):
        case Follows.EVERYTHING:
            return True
        case Follows.ANSWERS:
            return bool(answered)
        case _:
            return False


def _follows(place: _Place) -> Follows:
    own: Follows | None = place.mark and place.mark.follows
    return own or place.standing.follows


def _unanswered(standings: Sequence[Standing], lately: Sequence[Row]) -> list[UUID]:
    """Threads without a word by anybody but their presenter, in circles that do not rest."""
    standing_in, moment = _with_standings(standings, lately), now()
    alone = [row for row in lately if row.opening and not row.is_answered]
    asked = {standing_in[row.id].circle_id: standing_in[row.id] for row in alone}
    resting = {key.hex for key, each in asked.items() if counted_days(each).rests_on(moment)}
    return [
        UUID(row.id)
        for row in sorted(alone, key=lambda row: str(row.appears))
        if row.circle_id not in resting
        and may.answer_first(standing_in[row.id], moment - _moment(row.appears))
    ]


def _quiet(standings: Sequence[Standing], lately: Sequence[Row]) -> frozenset[UUID]:
    """Circles that spoke, and not for QUIET; none if LOOKED_AT threads cannot cover the period."""
    ago = _stamp(now() - QUIET)
    if len(lately) == LOOKED_AT and lately[-1].moved > ago:
        return frozenset()
    said = {row.circle_id for row in lately if max(row.appears, *_posts(row)) > ago}
    spoke = {row.circle_id for row in lately}  # since the member joined: a new circle is not quiet
    return frozenset(
        each.circle_id
        for each in standings
        if each.circle_id.hex in spoke.difference(said) and not each.kind.is_small
    )


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC)


def _start(standing: Standing) -> datetime:
    return datetime.combine(standing.since, time(), UTC)
