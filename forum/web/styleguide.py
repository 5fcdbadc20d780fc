"""Every part of the pages in every state, for whoever changes one. Not where people live."""

from flask import Flask, render_template

from forum.web.access import public


def init_app(app: Flask) -> None:
    """Answer at /styleguide, but not in production."""
    if not app.config["PRODUCTION"]:
        app.add_url_rule("/styleguide", "styleguide", styleguide)


@public
def styleguide() -> str:
    """The page."""
    return render_template("styleguide.html")
