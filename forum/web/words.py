"""The words of the pages: British English, ready to be said in other languages."""

from flask import Flask
from flask_babel import Babel


def init_app(app: Flask) -> None:
    """Let templates and code say their words through gettext."""
    Babel(app, default_locale="en_GB", default_timezone="UTC")
