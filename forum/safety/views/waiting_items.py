"""Rows of home for guardians."""

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from forum.circles.queries import Place
from forum.core.db import db
from forum.discussions.for_you import Rank, Slots, WaitingItem
from forum.safety.models import Guardian


def waiting_items(_places: Sequence[Place], _slots: Slots) -> list[WaitingItem]:
    """Rows for this account, in one statement."""
    row = db.session.scalar(select(Guardian).filter_by(member_id=current_user.id))
    if row is None or row.accepted:
        return []
    title = _("You are asked to be a guardian")
    about = _("By the programme lead of this service")
    return [WaitingItem(Rank.MESSAGE, title, url_for("safety.guardian"), about=about)]
