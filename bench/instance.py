"""A throw-away instance with one circle and a member to write in it."""

from datetime import UTC, datetime
from pathlib import Path

from config import TestConfig
from forum import create_app
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles.queries import enter
from forum.circles.services import found, join
from forum.core.db import db, unit_of_work
from forum.policy.standing import Standing
from forum.policy.terms import Role

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Instance:
    """An installation in a folder, with its clock standing still."""

    def __init__(self, folder: Path) -> None:
        self.app = create_app(TestConfig(folder / "instance"), clock=lambda: NOON)
        with self.app.app_context():
            db.create_all()
            with unit_of_work():
                self.member_id = register("bench@example.org", "Dr Bench", "no password").id
                home = found("Bench")
                self.circle_id = home.id
                join(home, self.member_id, "Dr Bench", Role.MODERATOR)
            standing = self.standing()
            with unit_of_work():
                choose_own_name(standing)

    def standing(self) -> Standing:
        """What the member is in the circle."""
        return enter(self.member_id, self.circle_id)
