"""Catalogue of ways to tell and to talk, read once at start.

An operator's own files lie in `rounds` and `templates` of the instance folder. A file that cannot
be used keeps the forum from starting, and the error names its line.
"""

from pathlib import Path
from typing import cast

from flask import Flask, current_app

from forum.rounds.catalogue import Catalogue
from forum.rounds.catalogue import catalogue as read
from forum.rounds.definition_files import Refused

NAME = "round_catalogue"


def init_app(app: Flask) -> None:
    """Read the catalogue. Ends the program where a file cannot be used."""
    try:
        app.extensions[NAME] = read(Path(app.config["INSTANCE"]))
    except Refused as error:
        raise SystemExit(str(error)) from None


def catalogue() -> Catalogue:
    """The catalogue of this application."""
    return cast(Catalogue, current_app.extensions[NAME])
