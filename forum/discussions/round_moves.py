"""Moves of a thread's round by its presenter and by facilitators."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _

from forum.circles.locks import lock_circle
from forum.circles.talk_settings import circle_rounds
from forum.core.clock import now
from forum.core.errors import InvalidInput
from forum.discussions import courses, post_queries
from forum.discussions.courses import StoredMove
from forum.discussions.models import Thread
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Part, ReplyKind
from forum.rounds.catalogue import ChosenRound
from forum.rounds.definitions import Round
from forum.rounds.moves import IMMEDIATE_MOVES, MoveKind, takes_effect
from forum.rounds.offers import ways_on
from forum.rounds.permissions import moves_open
from forum.rounds.timeline import Timeline
from forum.web.round_catalogue import catalogue

MOVES_MAX = 100  # stored in a thread
MINUTE = timedelta(minutes=1)


def parts(standing: Standing, thread: Thread, *, own: bool) -> list[Part]:
    """Parts in which a member may move a thread's round.

    own: on a page that only its presenter opens. In the thread a hidden presenter has no part but
    a facilitator's, as every facilitator has: an onlooker sees no difference.
    """
    presents = standing.hand.holds(thread.author)
    if presents and (own or not thread.author.mode.masked):
        return [Part.PRESENTER]
    return [Part.FACILITATOR] if courses.leads(standing) and not own else []


def move(
    standing: Standing, thread: Thread, kind: MoveKind, to: str = "", *, own: bool = False
) -> datetime:
    """Make a move; gives the moment of its effect. Pressed twice, it is made once.

    to: key of the next round, of MoveKind.CHANGE. own: as in `parts`. Raises InvalidInput (move)
    where the round is elsewhere by now, or the member has no part in it.
    """
    require(may.post(standing))
    lock_circle(standing.circle_id)
    timeline, course = courses.timeline_now(standing, thread), courses.course(thread)
    part = next(iter(parts(standing, thread, own=own)), None)
    if part is None or kind not in moves_open(timeline, part) or thread.withdrawn:
        last = course.moves[-1] if course.moves else None
        # behind a hidden name, the order of presses would show when the presenter's was
        if part and last and last.kind is kind and not thread.author.mode.masked:
            return last.acts_at
        raise InvalidInput(move=_("The round has moved on. This is how it stands now."))
    if len(course.moves) >= MOVES_MAX:
        raise InvalidInput(move=_("This round has been moved very often. Please begin a new one."))
    hidden = part is Part.PRESENTER and thread.author.mode.masked
    at_once = kind in IMMEDIATE_MOVES and not hidden
    acts_at = (
        courses.at_once(timeline.days)
        if at_once
        else takes_effect(kind, now(), timeline.days, hidden=hidden)
    )
    chosen = (
        ChosenRound.of(_next_round(standing, timeline, to)) if kind is MoveKind.CHANGE else None
    )
    thread.course = course.with_move(StoredMove(kind, acts_at, part, chosen)).to_json()
    return acts_at


def keep_for_later(
    standing: Standing, thread: Thread, reply_id: UUID, *, own: bool = False
) -> None:
    """Fold a reply that came too early, until the phase that asks for it.

    own: as in `parts`; a hidden presenter's takes effect at the next slot. Raises InvalidInput
    (move) where today's phase takes it, or the member has no part in the round.
    """
    require(may.post(standing))
    lock_circle(standing.circle_id)
    timeline, course = courses.timeline_now(standing, thread), courses.course(thread)
    part = next(iter(parts(standing, thread, own=own)), None)
    found = post_queries.replies(standing, [reply_id])
    if part is None or reply_id not in post_queries.order(standing, thread).ids or not found:
        raise InvalidInput(move=_("The round has moved on. This is how it stands now."))
    [reply] = found
    if courses.opens_for_advice(thread, timeline) is None or reply.author.id == thread.author_id:
        raise InvalidInput(move=_("Today's phase asks for it, so it stays open."))
    hidden = part is Part.PRESENTER and thread.author.mode.masked
    since = timeline.days.next_slot(now()) if hidden else courses.at_once(timeline.days)
    before = dict(course.kept)
    if len(before) >= MOVES_MAX or before.get(reply_id, since + MINUTE) <= since:
        return
    # a hidden presenter's waits for its slot: a facilitator's at once must not find it there
    thread.course = replace(course, kept=tuple((before | {reply_id: since}).items())).to_json()


def sit_with(standing: Standing, thread: Thread, reply_id: UUID, *, own: bool = False) -> None:
    """Say that the presenter sits with a question; in any phase, and under a lock too.

    own: as in `parts`; a hidden presenter's shows at the next slot. Pressed twice, it is said once.
    Raises InvalidInput (move) where the member does not present, or the question has gone.
    """
    require(may.post(standing))
    lock_circle(standing.circle_id)
    timeline, course = courses.timeline_now(standing, thread), courses.course(thread)
    asked = thread.course and reply_id in post_queries.order(standing, thread).ids
    found = post_queries.replies(standing, [reply_id]) if asked else []
    if Part.PRESENTER not in parts(standing, thread, own=own) or thread.withdrawn or not found:
        raise InvalidInput(move=_("The round has moved on. This is how it stands now."))
    [reply] = found
    if reply.kind is not ReplyKind.QUESTION or reply.author.id == thread.author_id:
        raise InvalidInput(move=_("You can only sit with a colleague's question."))
    if reply_id in {each for each, _since in course.sat} or len(course.sat) >= MOVES_MAX:
        return
    hidden = thread.author.mode.masked
    since = timeline.days.next_slot(now()) if hidden else courses.at_once(timeline.days)
    thread.course = replace(course, sat=(*course.sat, (reply_id, since))).to_json()


def rounds_to_change_to(standing: Standing, timeline: Timeline) -> list[Round]:
    """Rounds that "Talk another way" offers."""
    return ways_on(catalogue(), circle_rounds(standing), timeline.now.round)


def _next_round(standing: Standing, timeline: Timeline, key: str) -> Round:
    for each in rounds_to_change_to(standing, timeline):
        if each.key == key:
            return each
    raise InvalidInput(move=_("Choose another way to talk."))
