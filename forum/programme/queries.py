"""Figures, settings and pending invitations for the programme lead."""

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

LEAD = "lead"  # payload key of a link: id of a lead who hands over, or ""
STEP = 5  # exact counts would reveal single people
SPAN = timedelta(days=30)
NOT_LOOKED = timedelta(days=3)  # without a review of a hidden post


@dataclass(frozen=True, slots=True)
class Numbers:
    """Size of the forum and state of its mail; every count is rounded, except the last."""

    accounts: int
    circles: int
    posts: int  # appeared within SPAN
    letters_waiting: int
    letters_failed: int  # rounded up, so that a single failure shows
    not_looked_at: int  # exact: hidden posts of the service without a review for NOT_LOOKED


@dataclass(frozen=True, slots=True)
class Settings:
    """Current settings, without secrets."""

    site_name: str
    site_url: str  # start of every link in an email
    mail_is_on: bool
    mail_is_stuck: bool  # on, and emails wait for hours
    own_device_allowed: bool
    operator: str

    @property
    def local(self) -> bool:
        """True if links work on this machine alone."""
        host = urlsplit(self.site_url).hostname or ""
        return host in ("", "::1") or host.startswith("127.") or host.split(".")[-1] == "localhost"


@dataclass(frozen=True, slots=True)
class Pending:
    """Unused service invitation."""

    id: UUID
    address: str = field(repr=False)  # mail address; "" for a copied link
    days_left: int  # rounded up


def check_set_up(secret: str) -> None:
    """Raise NotFound unless the set-up link is valid and no account exists."""
    links.find(secret, Purpose.SET_UP)
    if db.session.scalar(select(Member.id).limit(1)):
        raise NotFound


def check_lead_link(secret: str) -> UUID | None:
    """Account that hands over through a valid link, or None where a lead is added.

    Raises NotFound for any other link, and if the account has lost the role.
    """
    payload = links.find(secret, Purpose.SET_UP).payload
    if LEAD not in payload:
        raise NotFound
    if not payload[LEAD]:
        return None
    member = db.session.get(Member, UUID(payload[LEAD]))
    if member is None or not member.is_programme_lead:
        raise NotFound
    return member.id


def lead_addresses() -> list[str]:
    """Mail addresses of all programme leads, sorted."""
    leads = db.session.scalars(select(Member).filter_by(is_programme_lead=True))
    return sorted(each.address for each in leads)


def numbers() -> Numbers:
    """Counts that need no decryption. Circles without a key are left out."""
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
    """Settings of this installation."""
    config = current_app.config
    return Settings(
        site_name=config["SITE_NAME"],
        site_url=config["SITE_URL"],
        mail_is_on=mail.is_on(),
        mail_is_stuck=mail.is_stuck(),
        own_device_allowed=config["OWN_DEVICE_ALLOWED"],
        operator=config["OPERATOR"],
    )


def pending() -> list[Pending]:
    """Valid service invitations, earliest expiry first."""
    return [
        Pending(each.id, each.payload.get("address", ""), _days(each.expires_at - now()))
        for each in links.waiting(Purpose.OPEN_CIRCLE)
    ]


def rounded(count: int) -> int:
    """Count rounded to the nearest multiple of STEP."""
    return (count + STEP // 2) // STEP * STEP


def _days(span: timedelta) -> int:
    return -(-span // timedelta(days=1))
