"""Views of a circle, except its threads."""

from flask import Blueprint

bp = Blueprint("circles", __name__)

# Each module adds its views to the blueprint above.
from forum.circles.views import (  # noqa: E402
    asking,
    closing,
    following,
    inviting,
    joining,
    log,
    names,
    opening,
    pairs,
    people,
    retention,
    rota,
    settings,
    ways_to_talk,
)

__all__ = [
    "asking",
    "bp",
    "closing",
    "following",
    "inviting",
    "joining",
    "log",
    "names",
    "opening",
    "pairs",
    "people",
    "retention",
    "rota",
    "settings",
    "ways_to_talk",
]
