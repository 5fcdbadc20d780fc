"""Pages of guardians."""

from datetime import timedelta

from flask import Blueprint
from flask_login import current_user

from forum.core import last_runs
from forum.policy.standing import Standing
from forum.safety import guardians as people
from forum.safety import queries
from forum.safety.forms import REASONS, SEEN
from forum.safety.matters import Request

bp = Blueprint("safety", __name__)
DRILL_EVERY = timedelta(days=182)


def guardian_names() -> list[str]:
    """Names of the guardians, for whoever is signed in; nobody's for others."""
    return people.names() if current_user.is_authenticated else []


bp.add_app_template_global(guardian_names, "guardian_names")


def name_openings(standing: Standing) -> list[Request]:
    """Openings of names of this member in a circle, of which they are told today."""
    return [request for _standing, request in queries.told([standing])]


def drill_is_due() -> bool:
    """Whether guardians can act, and had no drill for half a year."""
    age = last_runs.since_drill()
    return people.suffice() and (age is None or age > DRILL_EVERY)


bp.add_app_template_global(drill_is_due, "drill_is_due")
bp.add_app_template_global(people.suffice, "guardians_suffice")
bp.add_app_template_global(queries.openings_of_last_year, "openings_of_last_year")
bp.add_app_template_global(queries.most_asked, "requests_of_one_circle")
bp.add_app_template_global(name_openings, "name_openings")
bp.add_app_template_global(lambda: REASONS, "opening_reasons")
bp.add_app_template_global(lambda: SEEN, "what_was_seen")

# Each adds its pages to the blueprint above.
from forum.safety.views import danger, guardian, guardians, waiting_items  # noqa: E402

__all__ = ["bp", "danger", "guardian", "guardians", "waiting_items"]
