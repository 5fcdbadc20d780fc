"""Reads of requests and of questions for advice. All rows are opened: they are few."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, true

from forum.accounts.models import Member
from forum.audit import queries as audit
from forum.audit.actions import Deed
from forum.audit.models import SERVICE
from forum.authors.models import Author
from forum.circles import queries as circles
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.fences import left_out
from forum.core.keys import key_ring
from forum.discussions import post_queries
from forum.discussions.models import Post
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import OpeningReason
from forum.safety import guardians
from forum.safety.matters import KEPT, LIFE, Advice, Content, Request
from forum.safety.models import Guardian, Matter
from forum.safety.request_states import State, of_votes

LATELY = timedelta(days=7)  # during which home tells a moderator what came of a request
MOST_REQUESTS = 3  # of a circle in 30 days, risk to life not counted
OPENINGS = frozenset({Deed.NAME_OPENED, Deed.NAME_OPENED_ALONE})


def requests() -> list[tuple[UUID, Request]]:
    """All requests of circles that have a key, latest first."""
    found = [(row.id, content.request) for row, content in _of_circles()]
    known = [(row_id, request) for row_id, request in found if request]
    return sorted(known, key=lambda each: (each[1].asked_at, each[0]), reverse=True)


def advice() -> list[tuple[UUID, Advice]]:
    """All questions for advice of circles that have a key, latest first."""
    found = [(row.id, content.advice) for row, content in _of_circles()]
    known = [(row_id, question) for row_id, question in found if question]
    return sorted(known, key=lambda each: (each[1].asked_on, each[0]), reverse=True)


def _of_circles() -> list[tuple[Matter, Content]]:
    """Readable rows of circles that have a key.

    With a circle its memberships are gone: whoever belonged to it would pass for a stranger.
    """
    found = readable()
    there = key_ring().present({content.circle_id for _row, content in found})
    return [(row, content) for row, content in found if content.circle_id in there]


def rows() -> list[Matter]:
    """All rows."""
    return list(db.session.scalars(select(Matter).order_by(Matter.id)))


def readable(job: str = "") -> list[tuple[Matter, Content]]:
    """Rows with their contents; damaged rows are left out, and logged for a job."""
    found = []
    for row in rows():
        with left_out(job):
            found.append((row, row.content))
    return found


def has_any() -> bool:
    """Whether a request or question has a row."""
    return db.session.scalar(select(Matter.id).limit(1)) is not None


@dataclass(frozen=True, slots=True)
class ForHome:
    """Facts for an account's home. accepted: as a guardian; None where not asked.

    requests: of the account's circles, latest first.
    """

    accepted: bool | None
    requests: list[Request] = field(repr=False)


def for_home(member_id: UUID, standings: Sequence[Standing]) -> ForHome:
    """Facts for the home of an account: one statement, whether or not guardians were asked."""
    accepted = select(Guardian.accepted).where(Guardian.member_id == member_id).scalar_subquery()
    facts = select(accepted.label("accepted")).subquery()
    rows = db.session.execute(select(facts, Matter).outerjoin(Matter, true())).all()
    here, found = {each.circle_id for each in standings}, []
    for row in rows:
        with left_out():
            request = row.Matter and row.Matter.content.request
            found += [request] if request and request.circle_id in here else []
    return ForHome(rows[0].accepted, sorted(found, key=_latest_first))


def _latest_first(request: Request) -> float:
    return -request.asked_at.timestamp()


def lately_asked(member_id: UUID, known: Iterable[Request]) -> list[Request]:
    """Requests among the known, asked by an account within LATELY."""
    since = now() - LATELY
    return [each for each in known if each.asked_by == member_id and each.asked_at > since]


def is_forgotten(row: Matter) -> bool:
    """Whether moderators see the row's request as gone."""
    request = row.content.request
    return request is not None and now().date() >= request.forgotten_on


def is_old(question: Advice) -> bool:
    """Whether a question for advice is to be deleted."""
    return now().date() - question.asked_on >= KEPT


def deciders(circle_id: UUID, asked_by: UUID | None = None) -> list[Member]:
    """Guardians who can act on matters of a circle, by name."""
    acting = [member for _row, member in guardians.acting()]
    return _able(acting, circles.ever_members(circle_id), asked_by)


def _able(acting: list[Member], belong: set[UUID], asked_by: UUID | None = None) -> list[Member]:
    return [
        member
        for member in acting
        if may.act_as_guardian(
            can_act=True, belongs=member.id in belong, asked=member.id == asked_by
        )
    ]


def state(request: Request, can_act: Iterable[UUID]) -> State:
    """State today: of a request in hand from the votes of guardians who can still act."""
    if not request.state.is_in_hand:
        return request.state
    if request.is_over(now()):
        return State.LAPSED
    able = {*can_act}
    votes = [vote.yes for vote in request.votes if vote.guardian in able]
    return of_votes(votes.count(True), votes.count(False))


def state_for_asker(request: Request) -> State:
    """State as moderators of the circle read it: an opened request looks in hand for a day, and
    then lapsed."""
    if request.state is State.NOT_OPENED:
        return State.NOT_OPENED
    return State.WAITING if now() - request.asked_at < LIFE else State.LAPSED


def may_open_alone(request: Request, guardian_id: UUID, able: Iterable[UUID]) -> bool:
    """Whether this guardian may open the name alone now: see may.open_alone."""
    known = {*able}
    called_at = request.others_called_at(guardian_id, known)
    return may.open_alone(
        immediate=request.reason is OpeningReason.IMMEDIATE_RISK_TO_LIFE,
        refused=any(not vote.yes for vote in request.votes if vote.guardian in known),
        left=now() - called_at if called_at else None,
    )


@dataclass(frozen=True, slots=True)
class Duty:
    """Request as it stands for one guardian.

    decides, shows, holds, reviews: what this guardian can do about it now. asks_again: whether to
    hold the note to the person back once more.
    """

    id: UUID
    request: Request = field(repr=False)
    state: State
    decides: bool
    alone: bool
    shows: bool
    holds: bool
    reviews: bool
    asks_again: bool

    @property
    def waits(self) -> bool:
        """Whether this guardian has work to do."""
        return self.decides or self.shows or self.reviews or self.asks_again

    @property
    def review_by(self) -> datetime | None:
        """Moment by which an opening is to be reviewed."""
        return self.request.closed_at and self.request.closed_at + timedelta(hours=72)


def duty(request_id: UUID, member_id: UUID) -> Duty:
    """A request for one guardian. Raises NotFound, also for whoever cannot act on it."""
    for each in duties(member_id):
        if each.id == request_id:
            return each
    raise NotFound


def duties(member_id: UUID) -> list[Duty]:
    """Requests on which an account can act, or could and has; latest first."""
    acting = [member for _row, member in guardians.acting()]
    if member_id not in {member.id for member in acting}:
        return []
    known = requests()
    belong = circles.ever_members_of({each.circle_id for _row_id, each in known})
    found = []
    for row_id, each in known:
        able = [member.id for member in _able(acting, belong[each.circle_id], each.asked_by)]
        if member_id in able:
            found.append(_duty(row_id, each, member_id, able))
    return found


def _duty(row_id: UUID, request: Request, member_id: UUID, able: list[UUID]) -> Duty:
    found = state(request, able)
    voted = any(vote.guardian == member_id for vote in request.votes)
    said_no = any(vote.guardian == member_id and not vote.yes for vote in request.votes)
    approved = member_id in request.approvers
    is_open = request.opened_on is not None
    return Duty(
        id=row_id,
        request=request,
        state=found,
        decides=found.is_in_hand and not voted,
        alone=found.is_in_hand and not said_no and may_open_alone(request, member_id, able),
        shows=request.may_be_shown(member_id, now()),
        holds=approved and request.may_be_held(now().date()),
        reviews=is_open and not approved and request.review is None,
        asks_again=approved and request.is_asked_again(now().date()),
    )


def questions(member_id: UUID) -> list[tuple[UUID, Advice]]:
    """Questions for advice of circles to which a guardian never belonged, latest first."""
    if member_id not in {member.id for _row, member in guardians.acting()}:
        return []
    known = advice()
    belong = circles.ever_members_of({each.circle_id for _row_id, each in known})
    return [(row_id, each) for row_id, each in known if member_id not in belong[each.circle_id]]


def post_of(request: Request) -> Post | None:
    """The post of a request, whatever state it is in; None once it is gone."""
    return post_queries.find(Standing.of_no_one(request.circle_id), request.post_id)


def latest_of(standing: Standing, post_id: UUID) -> Request | None:
    """Latest request about a post of the circle, before its `forgotten_on`."""
    today = now().date()
    for _row_id, request in requests():
        if (request.circle_id, request.post_id) == (standing.circle_id, post_id):
            return request if today < request.forgotten_on else None
    return None


def advice_of(standing: Standing) -> list[Advice]:
    """Questions of the circle's moderators, latest first."""
    require(may.ask_guardians(standing))
    return [each for _row_id, each in advice() if each.circle_id == standing.circle_id]


def number_asked(circle_id: UUID, *, counted: bool) -> int:
    """Requests of a circle in 30 days. counted: those alone that count for MOST_REQUESTS."""
    today = now().date()
    return sum(
        request.circle_id == circle_id
        and today < request.forgotten_on
        and not (counted and request.reason is OpeningReason.IMMEDIATE_RISK_TO_LIFE)
        for _row_id, request in requests()
    )


def most_asked() -> int:
    """Largest number of requests of one circle in 30 days, where it is above MOST_REQUESTS; else
    0."""
    today = now().date()
    each = Counter(request.circle_id for _id, request in requests() if today < request.forgotten_on)
    most = max(each.values(), default=0)
    return most if most > MOST_REQUESTS else 0


def told(standings: Sequence[Standing]) -> list[tuple[Standing, Request]]:
    """Openings of names of this member that show them a note today."""
    return told_of(standings, [request for _row_id, request in requests()])


def told_of(
    standings: Sequence[Standing], known: Iterable[Request]
) -> list[tuple[Standing, Request]]:
    """Openings of names of this member, among the known requests, that show them a note today.

    Each of the circle's openings is compared, for every reader alike, and names are read by one
    statement even where nothing was opened.
    """
    today, by_circle = now().date(), {each.circle_id: each for each in standings}
    found = [
        (by_circle[request.circle_id], request)
        for request in known
        if request.circle_id in by_circle and request.is_told(today)
    ]
    ids = [request.author_id for _standing, request in found]
    theirs = Author.circle_id.in_(by_circle), Author.id.in_(ids)
    names = {each.id: each for each in db.session.scalars(select(Author).where(*theirs))}
    return [
        (standing, request)
        for standing, request in found
        if request.author_id in names and standing.hand.holds(names[request.author_id])
    ]


def openings_of_last_year() -> tuple[int, int]:
    """Last calendar year (UTC), and how often a name was opened in it."""
    year = now().year - 1
    since, until = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    return year, audit.remembered_number_of(SERVICE, OPENINGS, since, until)
