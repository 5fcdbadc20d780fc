"""Pages of a circle, apart from its threads."""

from flask import Blueprint

bp = Blueprint("circles", __name__)

# Each adds its pages to the blueprint above.
from forum.circles.views import (  # noqa: E402
    closing,
    following,
    inviting,
    joining,
    log,
    names,
    opening,
    people,
    rota,
    settings,
)

__all__ = [
    "bp",
    "closing",
    "following",
    "inviting",
    "joining",
    "log",
    "names",
    "opening",
    "people",
    "rota",
    "settings",
]
