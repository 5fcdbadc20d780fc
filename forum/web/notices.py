"""What the next page says once. It travels in the cookie, sealed: it may hold a name."""

from flask import Flask, flash, get_flashed_messages, session

from forum.core import tokens

PLACE = "notice"
WAITING = "_flashes"  # where Flask keeps them in the cookie
MOST = 3  # of them at once: a browser throws away a cookie over 4 KB, and the session with it


def init_app(app: Flask) -> None:
    """Let templates ask for it."""
    app.jinja_env.globals["notices"] = notices


def say(words: str) -> None:
    """Have the next page say these words, beside at most two others: a cookie has no more room."""
    flash(tokens.sealed(words, PLACE))
    session[WAITING] = session[WAITING][-MOST:]


def notices() -> list[str]:
    """What there is to say now, in order; it is not said again."""
    kept = get_flashed_messages()
    return [words for each in kept if (words := tokens.opened(str(each), PLACE))]
