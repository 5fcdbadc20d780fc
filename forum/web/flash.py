"""Messages for the next page, each shown once: sealed in the cookie, since one may hold a name."""

import flask
from flask import Flask, get_flashed_messages, session

from forum.core import tokens

PLACE = "notice"
WAITING = "_flashes"  # where Flask keeps them in the cookie
MOST = 3  # of them at once: a browser throws away a cookie over 4 KB, and the session with it


def init_app(app: Flask) -> None:
    """Give templates `flashes()`."""
    app.jinja_env.globals["flashes"] = flashes


def flash(words: str) -> None:
    """Show a message on the next page, beside at most two others: a cookie has no more room."""
    flask.flash(tokens.sealed(words, PLACE))
    session[WAITING] = session[WAITING][-MOST:]


def flashes() -> list[str]:
    """Messages to show now, in order; each is given once."""
    kept = get_flashed_messages()
    return [words for each in kept if (words := tokens.opened(str(each), PLACE))]
