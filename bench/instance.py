"""A throw-away instance with a fixed clock, and members and circles to fill it."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from config import Config, TestConfig
from forum import create_app
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles import services
from forum.circles.queries import enter
from forum.core.db import unit_of_work
from forum.core.planner_statistics import create_tables
from forum.policy.standing import Standing
from forum.policy.terms import Role

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class BenchConfig(TestConfig):
    """An installation with production's timeouts."""

    SEARCH_PATIENCE = Config.SEARCH_PATIENCE


class MeaningConfig(BenchConfig):
    """BenchConfig with the optional part, where installed."""

    MEANING = Config.MEANING


class Instance:
    """An installation in a folder. meaning: with the optional part, where installed."""

    def __init__(self, folder: Path, *, meaning: bool = False) -> None:
        self.folder = folder
        config = (MeaningConfig if meaning else BenchConfig)(folder / "instance")
        self.app = create_app(config, clock=lambda: NOON)
        with self.app.app_context():
            create_tables()
            self.member_id = self.member("Bench")
            self.circle_id = self.circle("Bench", self.member_id)

    def member(self, name: str) -> UUID:
        """A new member."""
        with unit_of_work():
            return register(f"{name.lower()}@example.org", f"Dr {name}", "no password").id

    def circle(self, name: str, member_id: UUID) -> UUID:
        """A new circle whose moderator writes by name."""
        with unit_of_work():
            home = services.found(name)
            services.join(home, member_id, "Dr Bench", Role.MODERATOR)
        with unit_of_work():
            choose_own_name(enter(member_id, home.id))
        return home.id

    def standing(self) -> Standing:
        """The first member's standing in the first circle."""
        return enter(self.member_id, self.circle_id)
