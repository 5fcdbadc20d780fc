"""The template filter that draws a link as a QR code."""

from flask import Flask

from forum.markup.drawings import qr_code


def init_app(app: Flask) -> None:
    """Add the template filter `qr_code`."""
    app.jinja_env.filters["qr_code"] = qr_code
