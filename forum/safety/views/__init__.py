"""Pages of guardians."""

from flask import Blueprint
from flask_login import current_user

from forum.safety import guardians as people

bp = Blueprint("safety", __name__)


def guardian_names() -> list[str]:
    """Names of the guardians, for whoever is signed in; nobody's for others."""
    return people.names() if current_user.is_authenticated else []


bp.add_app_template_global(guardian_names, "guardian_names")
bp.add_app_template_global(people.suffice, "guardians_suffice")

# Each adds its pages to the blueprint above.
from forum.safety.views import danger, guardian, guardians, waiting_items  # noqa: E402

__all__ = ["bp", "danger", "guardian", "guardians", "waiting_items"]
