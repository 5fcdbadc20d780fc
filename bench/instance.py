"""A throw-away instance with one circle and a member to write in it."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from config import TestConfig
from forum import create_app
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles.queries import enter
from forum.circles.services import found, join
from forum.core.chance import new_id
from forum.core.db import db, unit_of_work
from forum.discussions import services
from forum.discussions.models import BODY_MAX, TITLE_MAX
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, ReplyKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Instance:
    """An installation in a folder, with its clock standing still."""

    def __init__(self, folder: Path) -> None:
        self.app = create_app(TestConfig(folder / "instance"), clock=lambda: NOON)
        self.app.logger.setLevel(logging.WARNING)
        with self.app.app_context():
            db.create_all()
            with unit_of_work():
                self.member_id = register("bench@example.org", "Dr Bench", "a long way round").id
                home = found("Bench")
                self.circle_id = home.id
                join(home, self.member_id, "Dr Bench")
            standing = self.standing()
            with unit_of_work():
                choose_own_name(standing)

    def standing(self) -> Standing:
        """What the member is in the circle."""
        return enter(self.member_id, self.circle_id)


def posted(instance: Instance, title: str, text: str) -> list[UUID]:
    """Post one text as a thread, what is too long for it as replies; gives the posts' ids."""
    standing = instance.standing()
    title, text = title.strip() or text.strip(), text.strip() or title.strip()
    if not text:
        return []  # there is nothing to say, nor to find
    first, *rest = parts(text)
    with unit_of_work():
        thread = services.present(standing, AuthorMode.OWN_NAME, cut(title, TITLE_MAX), first)
    ids = [thread.id]
    for part in rest:
        ids.append(new_id())
        with unit_of_work():
            db.session.refresh(thread)
            services.reply(standing, thread, ids[-1], AuthorMode.OWN_NAME, ReplyKind.ANSWER, part)
    db.session.expunge_all()
    return ids


def cut(title: str, most: int) -> str:
    """A title of at most `most` characters, cut at a word."""
    title = " ".join(title.split())
    if len(title) <= most:
        return title
    return title[: most + 1].rpartition(" ")[0] or title[:most]


def parts(text: str) -> list[str]:
    """A text in pieces of at most BODY_MAX characters, cut at a paragraph where there is one."""
    pieces = []
    while len(text) > BODY_MAX:
        at = max(text.rfind("\n\n", 1, BODY_MAX), 0) or max(text.rfind(" ", 1, BODY_MAX), 0)
        pieces.append(text[: at or BODY_MAX].rstrip())
        text = text[at or BODY_MAX :].lstrip()
    return [*pieces, text] if text else pieces
