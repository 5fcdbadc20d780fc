"""Contents of sealed rows: requests to open a name, and questions for advice."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from forum.core.stored_json import StoredAsJson
from forum.core.tokens import version_token
from forum.policy.terms import Need, OpeningReason, Verdict
from forum.safety.request_states import State

PADDED = 16_384  # bytes to whose multiple a content is padded: its length tells little
LIFE = timedelta(days=1)  # of a request in hand
SHOWN_FOR = timedelta(minutes=60)  # after a decision, once to each who approved
SHOWN_AGAIN = timedelta(minutes=2)  # to a form pressed twice: browsers show the last answer
TO_HOLD = timedelta(hours=4)  # after an opening, at least: to hold the note to the person back
HOLD = timedelta(days=7)  # of the note to the person, for one reason
ASKED_AGAIN = timedelta(days=2)  # before a hold ends, whether to hold back again
HELD_AT_MOST = timedelta(weeks=12)  # court orders aside
TOLD_FOR = timedelta(days=365)  # the note to the person
KEPT = timedelta(days=30)  # what was not opened, and advice


@dataclass(frozen=True, slots=True)
class Vote:
    """A guardian's yes or no. guardian: an account."""

    guardian: UUID
    yes: bool
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """Email that called a guardian. left_at: moment at which the mail server accepted it."""

    guardian: UUID
    email: UUID
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Reason for which the note to the person is held back until a day (UTC)."""

    until: date
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Review:
    """Review by a guardian who did not approve."""

    guardian: UUID
    verdict: Verdict
    words: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Showing:
    """First showing of a result to an approver. form: id of the form that was pressed."""

    guardian: UUID
    form: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class Request(StoredAsJson):
    """Request of a moderator to open the name behind a post. Never holds who that is.

    asked_by: an account. order, advisor: of a legal order. calls: emails to guardians, none
    while mail is off; tried_at: when one had left and all had been tried. state: WAITING while in
    hand, since votes are counted anew at each act. shown_to: approvers who have seen the result;
    showings: with which form, and when.
    """

    circle_id: UUID
    post_id: UUID
    author_id: UUID
    asked_by: UUID
    asked_at: datetime
    reason: OpeningReason
    facts: str = field(repr=False)
    tried: str = field(repr=False)
    needs: tuple[Need, ...]
    order: str = field(default="", repr=False)
    advisor: str = field(default="", repr=False)
    calls: tuple[Call, ...] = ()
    tried_at: datetime | None = None
    votes: tuple[Vote, ...] = ()
    state: State = State.WAITING
    closed_at: datetime | None = None
    alone: bool = False
    shown_to: tuple[UUID, ...] = ()
    showings: tuple[Showing, ...] = ()
    holds: tuple[Hold, ...] = ()
    review: Review | None = None

    @property
    def approvers(self) -> frozenset[UUID]:
        """Accounts whose yes opened it."""
        return frozenset(vote.guardian for vote in self.votes if vote.yes)

    @property
    def opened_on(self) -> date | None:
        """UTC day of the opening; None before."""
        is_open = self.state is State.OPENED and self.closed_at is not None
        return self.closed_at.date() if is_open and self.closed_at else None

    def is_over(self, moment: datetime) -> bool:
        """Whether a request in hand has lapsed by now."""
        return self.state.is_in_hand and moment - self.asked_at >= LIFE

    def others_called_at(self, guardian: UUID, able: Collection[UUID]) -> datetime | None:
        """Moment from which somebody besides this guardian could say no: an email to another who
        can act had left, and all had been tried."""
        others = [
            call.left_at
            for call in self.calls
            if call.left_at and call.guardian in able and call.guardian != guardian
        ]
        return max(self.tried_at, min(others)) if self.tried_at and others else None

    def may_be_shown(self, guardian: UUID, moment: datetime, form: UUID | None = None) -> bool:
        """Whether an approver may see the result: once, within SHOWN_FOR of the decision.

        A form pressed again within SHOWN_AGAIN counts as one press. A clock set back before the
        decision shows nothing.
        """
        if self.opened_on is None or self.closed_at is None:
            return False
        in_time = timedelta() <= moment - self.closed_at <= SHOWN_FOR
        if not in_time or guardian not in self.approvers:
            return False
        return guardian not in self.shown_to or any(
            (each.guardian, each.form) == (guardian, form)
            and timedelta() <= moment - each.at <= SHOWN_AGAIN
            for each in self.showings
        )

    @property
    def told_from(self) -> date | None:
        """UTC day from which the person finds the note; None while nothing was opened.

        The day after the opening, and after TO_HOLD, or after the last hold; after HELD_AT_MOST at
        the latest, but for a legal order.
        """
        if self.opened_on is None or self.closed_at is None:
            return None
        next_day = (self.closed_at + TO_HOLD).date() + timedelta(days=1)
        day = max([next_day, *(hold.until for hold in self.holds)])
        if self.reason is OpeningReason.LEGAL_ORDER:
            return day
        return min(day, self.opened_on + HELD_AT_MOST)

    def may_be_held(self, today: date) -> bool:
        """Whether the note can be held back further: nobody has been told, and time is left."""
        if self.opened_on is None or self.told_from is None or today >= self.told_from:
            return False
        left = self.told_from < self.opened_on + HELD_AT_MOST
        return left or self.reason is OpeningReason.LEGAL_ORDER

    def is_asked_again(self, today: date) -> bool:
        """Whether the hold on the note ends soon, and it can be held back further."""
        day = self.told_from
        soon = day is not None and day - today <= ASKED_AGAIN
        return soon and bool(self.holds) and self.may_be_held(today)

    def is_told(self, today: date) -> bool:
        """Whether the person finds the note today."""
        day = self.told_from
        return day is not None and day <= today < day + TOLD_FOR

    def ends_on(self) -> date:
        """UTC day on which the row goes, once it is closed."""
        if self.told_from:
            return self.told_from + TOLD_FOR
        return self.forgotten_on

    @property
    def forgotten_on(self) -> date:
        """UTC day from which no moderator reads the request and no limit counts it."""
        return (self.asked_at + KEPT).date()


@dataclass(frozen=True, slots=True)
class Advice(StoredAsJson):
    """Question of a circle's moderators to guardians, without a name."""

    circle_id: UUID
    asked_on: date
    words: str = field(repr=False)
    answer: str = field(default="", repr=False)

    @property
    def version(self) -> str:
        """Token of the answer, for the form of a change."""
        return version_token(self.answer)


@dataclass(frozen=True, slots=True)
class Content(StoredAsJson):
    """Content of a row: one of the two."""

    request: Request | None = None
    advice: Advice | None = None

    @property
    def circle_id(self) -> UUID:
        """Circle that asked."""
        if self.request:
            return self.request.circle_id
        if self.advice:
            return self.advice.circle_id
        raise ValueError("a content is a request or a question")

    def padded(self) -> str:
        """JSON with blanks after it, to a multiple of PADDED bytes."""
        text = self.to_json()
        return text + " " * (-len(text.encode()) % PADDED)
