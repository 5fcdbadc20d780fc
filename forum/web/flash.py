"""Messages for the next page, each shown once; sealed in the cookie, because some hold names."""

import flask
from flask import Flask, get_flashed_messages, session

from forum.core import tokens

PLACE = "notice"
WAITING = "_flashes"  # Flask's key for messages in the session
MOST = 3  # messages in the cookie; browsers drop a cookie over 4 KB, and the session with it


def init_app(app: Flask) -> None:
    """Add the template function `flashes()`."""
    app.jinja_env.globals["flashes"] = flashes


def flash(words: str) -> None:
    """Show a message on the next page, with the MOST newest at most."""
    flask.flash(tokens.sealed(words, PLACE))
    session[WAITING] = session[WAITING][-MOST:]


def flashes() -> list[str]:
    """Messages to show now, oldest first; each is returned once."""
    kept = get_flashed_messages()
    return [words for each in kept if (words := tokens.opened(str(each), PLACE))]
