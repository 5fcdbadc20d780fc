"""Themes of the year of an invented circle, so that their page can be looked at."""

from datetime import timedelta

from forum.circles.queries import enter
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.discussions import year_themes
from forum.seeding import stories
from forum.seeding.people import Company, at


def write(companies: list[Company]) -> None:
    """Let the moderator of the first circle write the themes of this year and of the last."""
    first = companies[0]
    with at(now() - timedelta(days=1)):
        standing = enter(first.people[0].id, first.circle_id)
        for ago, words in enumerate(stories.themes()):
            with unit_of_work():
                year_themes.write(standing, now().year - ago, words, "0")
