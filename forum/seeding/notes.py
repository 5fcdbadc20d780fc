"""Learning notes of invented members, so that My learning can be looked at."""

from datetime import timedelta

from forum.accounts.queries import account
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.learning import services
from forum.learning.appraisal_records import suggested_title
from forum.learning.note_content import NoteContent
from forum.learning.schemes import scheme_of_zone
from forum.seeding import stories
from forum.seeding.people import Company

WRITERS = 3  # of the first circle: those whose sign-ins a demo prints


def keep(companies: list[Company]) -> None:
    """Write notes for the first members of the first circle, oldest first."""
    today = now().date()
    for person in companies[0].people[:WRITERS]:
        chosen = scheme_of_zone(account(person.id).timezone)
        for days, minutes, learned, will_change in reversed(stories.learned()):
            day = today - timedelta(days=days)
            content = NoteContent(
                learned=learned,
                will_change=will_change,
                title=suggested_title(day),
                day=day,
                minutes=minutes,
                scheme=chosen.key,
                kind=chosen.filled_in,
            )
            with unit_of_work():
                services.write(person.id, content)
