"""Older threads near a draft, for the page on which it is checked.

A room above finds them, since this room knows no index. A finder stores and logs nothing.
"""

from collections.abc import Callable
from typing import cast

from flask import Flask, current_app

from forum.discussions.models import Thread
from forum.policy.standing import Standing

Finder = Callable[[Standing, str, str], list[Thread]]  # takes title and text of the draft


def init_app(app: Flask, finder: Finder) -> None:
    """Set the finder."""
    app.extensions["near_threads"] = finder


def near_threads(standing: Standing, title: str, text: str) -> list[Thread]:
    """Threads of the circle near a draft, nearest first; a few at most."""
    return cast(Finder, current_app.extensions["near_threads"])(standing, title, text)
