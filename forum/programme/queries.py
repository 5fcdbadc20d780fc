"""What the programme lead may know: numbers, settings, and whom they invited themselves."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from forum.accounts import links
from forum.accounts.models import Member, Purpose
from forum.circles.counts import living
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.discussions.counts import recent, waiting_for_a_look
from forum.mail import queries as mail

STEP = 5  # exact counts would tell of single people
SPAN = timedelta(days=30)
NOT_LOOKED = timedelta(days=3)  # in which nobody of a circle looked at a post that is hidden


@dataclass(frozen=True, slots=True)
class Numbers:
    """How large the forum is and how its mail fares; no count is exact but the last."""

    accounts: int
    circles: int
    posts: int  # that appeared within SPAN
    letters_waiting: int
    letters_failed: int  # at most: a single one must be seen
    not_looked_at: int  # exact: hidden posts of the whole service that have waited for NOT_LOOKED


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings as they stand, none of them secret."""

    site_name: str
    site_url: str  # what every link in a mail begins with
    mail_is_on: bool
    own_device_allowed: bool
    operator: str

    @property
    def local(self) -> bool:
        """Whether links lead nowhere but to this machine."""
        host = urlsplit(self.site_url).hostname or ""
        return host in ("", "::1") or host.startswith("127.") or host.split(".")[-1] == "localhost"


@dataclass(frozen=True, slots=True)
class Pending:
    """A service invitation that nobody has used yet."""

    id: UUID
    address: str = field(repr=False)  # of mail; "" where the link was copied
    days_left: int  # a day begun counts


def check_set_up(secret: str) -> None:
    """Raises NotFound unless this link is living and nobody has an account yet."""
    links.find(secret, Purpose.SET_UP)
    if db.session.scalar(select(Member.id).limit(1)):
        raise NotFound


def numbers() -> Numbers:
    """What there is to count without opening anything. A circle without its key does not count."""
    circles, posts, hidden = living(), recent(SPAN), waiting_for_a_look(NOT_LOOKED)
    members = select(func.count()).select_from(Member).filter_by(is_programme_lead=False)
    return Numbers(
        accounts=rounded(db.session.scalar(members) or 0),
        circles=rounded(len(circles)),
        posts=rounded(sum(posts[circle_id] for circle_id in circles)),
        letters_waiting=rounded(mail.waiting()),
        letters_failed=-(-mail.failed() // STEP) * STEP,
        not_looked_at=sum(hidden[circle_id] for circle_id in circles),
    )


def settings() -> Settings:
    """The settings of this installation."""
    config = current_app.config
    return Settings(
        site_name=config["SITE_NAME"],
        site_url=config["SITE_URL"],
        mail_is_on=mail.is_on(),
        own_device_allowed=config["OWN_DEVICE_ALLOWED"],
        operator=config["OPERATOR"],
    )


def pending() -> list[Pending]:
    """The service invitations that are still open, those that end soonest first."""
    return [
        Pending(each.id, each.payload.get("address", ""), _days(each.expires_at - now()))
        for each in links.waiting(Purpose.OPEN_CIRCLE)
    ]


def rounded(count: int) -> int:
    """To the nearest five."""
    return (count + STEP // 2) // STEP * STEP


def _days(span: timedelta) -> int:
    return -(-span // timedelta(days=1))
