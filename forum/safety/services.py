"""Asking guardians, deciding, opening a name, and what comes after."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from flask_babel import gettext as _

from forum.accounts.models import Member
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.authors import release
from forum.authors.models import Author
from forum.circles import queries as circles
from forum.circles.locks import lock_circle
from forum.core.clock import now
from forum.core.db import db, one_at_a_time
from forum.core.errors import InvalidInput, NotFound
from forum.core.keys import key_ring
from forum.core.tokens import keyed_id
from forum.discussions.models import Post
from forum.mail import queries as mail
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Need, OpeningReason, Verdict
from forum.safety import emails, guardians, queries
from forum.safety.matters import HOLD, Advice, Call, Content, Hold, Request, Review, Showing, Vote
from forum.safety.models import Matter
from forum.safety.request_states import Act, State, after

NUMBER = re.compile(r"\+?\d[\d ()./-]{3,}\d", re.ASCII)  # a telephone number among other words
DIGITS_MAX = 16  # with the plus; ITU-T E.164 has 15 digits
WORDS_MAX = 2_000  # characters
REASON_MAX = 300  # characters
SETTLED = {State.NOT_OPENED: Deed.NAME_NOT_OPENED, State.LAPSED: Deed.NAME_REQUEST_LAPSED}


@dataclass(frozen=True, slots=True)
class Asked:
    """Request as typed by a moderator."""

    reason: OpeningReason
    facts: str = field(repr=False)
    tried: str = field(repr=False)
    needs: Sequence[Need]
    order: str = field(default="", repr=False)
    advisor: str = field(default="", repr=False)


def ask(standing: Standing, member_id: UUID, post: Post, asked: Asked, matter_id: UUID) -> bool:
    """Ask guardians to open the name behind a post; False where the circle has asked too often,
    which is logged.

    matter_id: from the form; a form sent again asks nothing twice, but after a month, when some
    requests still have a row, and others none. Raises InvalidInput.
    """
    require(may.ask_guardians(standing))
    lock_circle(standing.circle_id)
    while before := db.session.get(Matter, matter_id):
        if not queries.is_forgotten(before):
            return True
        matter_id = keyed_id("matter", str(matter_id))
    _check(asked)
    able = queries.deciders(standing.circle_id, member_id)
    if len(able) < guardians.FEWEST:
        raise InvalidInput(
            reason=_("Fewer than two guardians can act here, so nothing can be opened.")
        )
    latest = queries.latest_of(standing, post.id)
    if latest and queries.state_for_asker(latest).is_in_hand:
        raise InvalidInput(
            reason=_("The guardians were asked about this post already. It is in hand.")
        )
    immediate = asked.reason is OpeningReason.IMMEDIATE_RISK_TO_LIFE
    asked_often = queries.number_asked(standing.circle_id, counted=True) >= queries.MOST_REQUESTS
    if asked_often and not immediate:
        _log(Deed.NAME_REQUEST_REFUSED, Actor.MODERATOR, asked.reason)
        return False
    _add(matter_id, Content(request=_request(standing, member_id, post, asked, _call(able))))
    return True


def _check(asked: Asked) -> None:
    """Raise InvalidInput unless a request is complete."""
    wrong = {}
    lacks = {"facts": _("Say what makes you think so."), "tried": _("Say what you tried already.")}
    for name, words in (("facts", asked.facts), ("tried", asked.tried)):
        if not words:
            wrong[name] = lacks[name]
        elif len(words) > WORDS_MAX:
            wrong[name] = _("At most %(most)s characters, please.", most=WORDS_MAX)
    if not asked.needs:
        wrong["needs"] = _("Choose the least that helps.")
    for name, words in (("order", asked.order), ("advisor", asked.advisor)):
        if asked.reason is OpeningReason.LEGAL_ORDER and not words:
            wrong[name] = _("A legal order needs its reference, and who advised you.")
        elif len(words) > REASON_MAX:
            wrong[name] = _("At most %(most)s characters, please.", most=REASON_MAX)
    if wrong:
        raise InvalidInput(**wrong)


def _request(
    standing: Standing, member_id: UUID, post: Post, asked: Asked, called: tuple[Call, ...]
) -> Request:
    legal = asked.reason is OpeningReason.LEGAL_ORDER
    return Request(
        circle_id=standing.circle_id,
        post_id=post.id,
        author_id=post.author_id,
        asked_by=member_id,
        asked_at=now(),
        reason=asked.reason,
        facts=asked.facts,
        tried=asked.tried,
        needs=tuple(each for each in Need if each in asked.needs),
        order=asked.order if legal else "",
        advisor=asked.advisor if legal else "",
        calls=called,
    )


def _call(able: Sequence[Member]) -> tuple[Call, ...]:
    """Email these guardians, without content; returns no calls while mail is off."""
    sent = [(member.id, emails.sign_in_soon(member.address)) for member in able]
    return tuple(Call(guardian, email) for guardian, email in sent if email)


def decide(matter_id: UUID, guardian_id: UUID, act: Act, words: str) -> State:
    """Answer a request with yes or no, or open its name alone; returns its state then.

    A second answer of a guardian changes nothing, but for ALONE after their yes. An answer that
    comes too late lets the request lapse. Raises NotFound for whoever cannot act on it, Forbidden
    for ALONE out of its time, InvalidInput (words).
    """
    row, request, able = _open(matter_id, guardian_id)
    before = queries.state(request, able)
    if before is State.LAPSED:
        return _lapse(row, request)
    said = next((vote for vote in request.votes if vote.guardian == guardian_id), None)
    if not before.is_in_hand or (said and not (act is Act.ALONE and said.yes)):
        return before
    if not words and not said:
        raise InvalidInput(words=_("Say why, in a sentence."))
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
    if act is Act.ALONE and before is State.ONE_YES and said is None:
        act = Act.YES  # of two, not alone
    if act is Act.ALONE:
        require(queries.may_open_alone(request, guardian_id, able))
    votes = [vote for vote in request.votes if vote.guardian in able]
    if said is None:
        votes.append(Vote(guardian_id, act is not Act.NO, words))
    request = replace(request, votes=tuple(votes))
    return _go(row, request, after(before, act), alone=act is Act.ALONE)


def _go(row: Matter, request: Request, to: State, *, alone: bool) -> State:
    """Store a request's state; log a closed request, by day and reason alone."""
    if to.is_in_hand:
        row.content = Content(request=request)
        return to
    row.content = Content(request=replace(request, state=to, closed_at=now(), alone=alone))
    opened = Deed.NAME_OPENED_ALONE if alone else Deed.NAME_OPENED
    _log(SETTLED.get(to, opened), Actor.GUARDIAN, request.reason)
    return to


def _lapse(row: Matter, request: Request) -> State:
    row.content = Content(request=replace(request, state=State.LAPSED, closed_at=now()))
    _log(Deed.NAME_REQUEST_LAPSED, Actor.CLOCK, request.reason)
    return State.LAPSED


@dataclass(frozen=True, slots=True)
class Released:
    """Values asked for about the person behind a name: shown once, stored nowhere.

    found: False where nobody can be found any more. Fields that were not asked for are None.
    """

    found: bool
    name: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    telephone: str | None = field(default=None, repr=False)

    @property
    def dialled(self) -> str:
        """First number in the telephone, as a link dials it; "" where none is of a usual length.

        The (0) of +44 (0)20 is for callers at home, and not dialled after a country's code.
        """
        number = NUMBER.search(self.telephone or "")
        words = number[0] if number else ""
        digits = re.sub(r"[^+\d]", "", words.replace("(0)", "") if words[:1] == "+" else words)
        return digits if len(digits) <= DIGITS_MAX else ""


def show(matter_id: UUID, guardian_id: UUID, form_id: UUID) -> Released:
    """Open the name of an approved request, for an approver, once, within an hour.

    form_id: of the form that was pressed; pressed twice, it shows the result twice. Raises NotFound
    for whoever cannot act on it, and Forbidden out of time or a second time. The result is computed
    at each showing, and neither stored nor logged.
    """
    row, request, _able = _open(matter_id, guardian_id)
    moment = now()
    require(request.may_be_shown(guardian_id, moment, form_id))
    if guardian_id not in request.shown_to:
        seen = (*request.shown_to, guardian_id)
        showings = (*request.showings, Showing(guardian_id, form_id, moment))
        row.content = Content(request=replace(request, shown_to=seen, showings=showings))
        db.session.flush()
    return _released(request)


def _released(request: Request) -> Released:
    author = db.session.get(Author, (request.circle_id, request.author_id))
    if author is None:
        return Released(found=False)
    holders = circles.all_hands(request.circle_id)
    place = release.holder(author, [hand for hand, _member_id in holders])
    if place is None:
        return Released(found=False)
    member = db.session.get_one(Member, holders[place][1])
    values = {
        Need.NAME: str(member.name),
        Need.ADDRESS: str(member.address),
        Need.TELEPHONE: str(member.emergency_contact),
    }
    return Released(found=True, **{need: values[need] for need in request.needs})


def hold_back(matter_id: UUID, guardian_id: UUID, reason: str) -> None:
    """Hold the note to the person back for a week, for a reason; the same hold again changes
    nothing. Raises NotFound, Forbidden, and InvalidInput (hold_reason)."""
    row, request, _able = _open(matter_id, guardian_id)
    require(guardian_id in request.approvers and request.may_be_held(now().date()))
    if not reason:
        raise InvalidInput(hold_reason=_("Say why, in a sentence."))
    if len(reason) > REASON_MAX:
        raise InvalidInput(hold_reason=_("At most %(most)s characters, please.", most=REASON_MAX))
    hold = Hold(now().date() + HOLD, reason)
    if hold not in request.holds:
        row.content = Content(request=replace(request, holds=(*request.holds, hold)))


def review(matter_id: UUID, guardian_id: UUID, verdict: Verdict, words: str) -> None:
    """Review an opening, by a guardian who did not approve it; the same review sent again changes
    nothing. Raises NotFound, Forbidden, and InvalidInput (words)."""
    row, request, _able = _open(matter_id, guardian_id)
    if request.review == Review(guardian_id, verdict, words):
        return
    may_review = request.opened_on is not None and guardian_id not in request.approvers
    require(may_review and request.review is None)
    if not words:
        raise InvalidInput(words=_("Say why, in a sentence."))
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
    row.content = Content(request=replace(request, review=Review(guardian_id, verdict, words)))
    _log(Deed.OPENING_REVIEWED, Actor.GUARDIAN, request.reason, about=verdict)


def ask_advice(standing: Standing, words: str, matter_id: UUID) -> None:
    """Ask the guardians for advice, without a name. matter_id: as in `ask`. Raises InvalidInput."""
    require(may.ask_guardians(standing))
    lock_circle(standing.circle_id)
    if db.session.get(Matter, matter_id):
        return
    if not words:
        raise InvalidInput(question=_("Write something first."))
    if len(words) > WORDS_MAX:
        raise InvalidInput(question=_("At most %(most)s characters, please.", most=WORDS_MAX))
    able = queries.deciders(standing.circle_id)
    if not able:
        raise InvalidInput(question=_("No guardian can be asked here."))
    _call(able)
    _add(matter_id, Content(advice=Advice(standing.circle_id, now().date(), words)))


def answer_advice(matter_id: UUID, guardian_id: UUID, words: str, version: str) -> None:
    """Answer a question, or change the answer.

    version: of the answer that the form showed. Raises NotFound, and InvalidInput (answer; version
    where another guardian answered meanwhile).
    """
    one_at_a_time("circle", matter_id)
    if matter_id not in {row_id for row_id, _advice in queries.questions(guardian_id)}:
        raise NotFound
    row = db.session.get_one(Matter, matter_id, populate_existing=True)
    question = row.content.advice
    if question is None:
        raise NotFound
    if not words:
        raise InvalidInput(answer=_("Write something first."))
    if len(words) > WORDS_MAX:
        raise InvalidInput(answer=_("At most %(most)s characters, please.", most=WORDS_MAX))
    if question.answer not in ("", words) and version != question.version:
        raise InvalidInput(
            version=_(
                "Another answer was sent since you opened the page; the moderators may have read "
                "it. Look at both. Sending yours now replaces it."
            )
        )
    row.content = Content(advice=replace(question, answer=words))


def _open(matter_id: UUID, guardian_id: UUID) -> tuple[Matter, Request, list[UUID]]:
    """A request, locked until this unit of work ends, and the guardians who can act on it.

    Raises NotFound, equally for whoever cannot act.
    """
    row = db.session.get(Matter, matter_id)
    request = row.content.request if row else None
    if row is None or request is None:
        raise NotFound
    lock_circle(request.circle_id)
    db.session.refresh(row)
    request = row.content.request or request
    if has_no_circle(row.content):
        raise NotFound
    able = [member.id for member in queries.deciders(request.circle_id, request.asked_by)]
    if guardian_id not in able:
        raise NotFound
    return row, request, able


def _add(matter_id: UUID, content: Content) -> None:
    row = Matter(id=matter_id)
    row.content = content
    db.session.add(row)


def _log(deed: Deed, actor: Actor, reason: OpeningReason, about: str = "") -> None:
    """Note an act in the service's log by its day: an hour would tell when a colleague vanished."""
    day = now().replace(hour=0, minute=0, second=0, microsecond=0)
    note_service(deed, actor, about=about, reason=reason, at=day)


def has_no_circle(content: Content) -> bool:
    """Whether the circle that asked is gone: the key of a circle is destroyed at its end."""
    return not key_ring().present([content.circle_id])


def is_due(content: Content) -> bool:
    """Whether the clock may have to change or delete a row."""
    request, advice = content.request, content.advice
    if has_no_circle(content):
        return True
    if request:
        return request.state.is_in_hand or now().date() >= request.ends_on()
    return advice is not None and queries.is_old(advice)


def settle(row_id: UUID) -> bool:
    """Note when emails left, let an old request lapse, delete what is over or outlived its circle;
    True if the row was deleted. Call inside a unit of work."""
    if (row := db.session.get(Matter, row_id)) is None:
        return False
    request = row.content.request
    lock_circle(request.circle_id if request else row_id)  # as answer_advice does
    db.session.refresh(row)
    if not is_due(row.content):
        return False
    request = row.content.request
    if request and request.state.is_in_hand and not has_no_circle(row.content):
        _settle(row, request)
        return False
    db.session.delete(row)
    return True


def _settle(row: Matter, request: Request) -> None:
    if request.is_over(now()):
        _lapse(row, request)
        return
    waiting = {call.email for call in request.calls if call.left_at is None}
    has_left = len(waiting) < len(request.calls)
    if has_left and request.tried_at is None and mail.were_tried(waiting):
        row.content = Content(request=replace(request, tried_at=now()))


def note_left(email_id: UUID) -> None:
    """Note that the mail server accepted an email, if it called a guardian. Call inside a unit of
    work."""
    for row_id, known in queries.requests():
        if known.state.is_in_hand and any(call.email == email_id for call in known.calls):
            lock_circle(known.circle_id)
            row = db.session.get_one(Matter, row_id, populate_existing=True)
            request = row.content.request or known
            calls = [
                replace(call, left_at=now())
                if call.email == email_id and call.left_at is None
                else call
                for call in request.calls
            ]
            row.content = Content(request=replace(request, calls=tuple(calls)))
