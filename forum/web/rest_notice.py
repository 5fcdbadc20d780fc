"""Notice of a rest of the service, on every page of those who are signed in."""

from datetime import datetime

from flask import Flask
from flask_babel import format_datetime
from flask_login import current_user

from forum.core.service_state import Rest, coming_rest

MINUTE = "EEEE d MMMM, HH:mm"


def init_app(app: Flask) -> None:
    """Let templates ask for the notice."""
    app.jinja_env.globals |= {"rest_to_show": coming_rest, "rest_hours": rest_hours}


def rest_hours(rest: Rest) -> dict[str, str]:
    """Beginning and end of a rest, in the reader's time zone and language."""
    return {"begins": _written(rest.begins), "ends": _written(rest.ends)}


def _written(moment: datetime) -> str:
    return str(format_datetime(moment.astimezone(current_user.zone), MINUTE, rebase=False))
