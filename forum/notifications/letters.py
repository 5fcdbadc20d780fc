"""The one letter that tells of news: in the same words for all, and of nothing in particular."""

from uuid import UUID

from flask import current_app, render_template
from flask_babel import gettext as _

from forum.accounts.models import Member
from forum.audit import queries as audit
from forum.audit.models import SERVICE
from forum.core import tokens
from forum.mail.services import queue
from forum.web.urls import full_url

STOP = "/letters/stop/"  # before the token by which letters are stopped
SETTINGS = "/account/mail"
PLACE = "stop letters"


def digest(member: Member) -> UUID | None:
    """Queue it for a member; gives the letter's id, None where mail is off."""
    head = audit.head(SERVICE)
    words = {
        "site": current_app.config["SITE_NAME"],
        "home": full_url("/"),
        "settings": full_url(SETTINGS),
        "stop": full_url(STOP + tokens.hidden_id(member.id, PLACE)),
    }
    return queue(
        member.address,
        _("Something is new"),
        render_template("notifications/digest.txt", **words),
        html=render_template("notifications/digest.html", **words),
        unsubscribe=words["stop"],
        log_mark=f"{head.length} {head.short}",
        whose=member.id,
    )


def whose(token: str) -> UUID | None:
    """The member who stops letters by this token; None for what is no token of ours."""
    return tokens.id_of(token, PLACE)
