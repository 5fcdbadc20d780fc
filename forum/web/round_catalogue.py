"""Catalogue of ways to tell and to talk, read once at start.

An operator's own files lie in `rounds` and `templates` of the instance folder. A file that cannot
be used keeps the forum from starting, and the error names its line.
"""

from pathlib import Path
from typing import cast

from flask import Flask, current_app, has_app_context

from forum.rounds.catalogue import Catalogue, shipped
from forum.rounds.catalogue import catalogue as read
from forum.rounds.definition_files import Refused
from forum.rounds.templates import DEFAULT, Template

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


def newest_template(key: str) -> Template:
    """The newest version of a template, an operator's included; the default for an unknown key."""
    known = catalogue() if has_app_context() else shipped()
    found = {each.key: each for each in known.newest_templates()}
    return found.get(key, found[DEFAULT])
