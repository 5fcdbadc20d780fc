"""Page with every component in every state, for developers."""

from flask import Flask, render_template

from forum.web.access import public


def init_app(app: Flask) -> None:
    """Register /styleguide, except in production."""
    if not app.config["PRODUCTION"]:
        app.add_url_rule("/styleguide", "styleguide", styleguide)


@public
def styleguide() -> str:
    """Style guide page."""
    return render_template("styleguide.html")
