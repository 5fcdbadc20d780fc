"""The one signed cookie: Flask's own, but that finding nothing leaves no trace in the browser."""

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class OneCookie(SecureCookieSessionInterface):
    """Sent where something in it changed, and never with a 404: all of those are alike."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if response.status_code == 404:
            session.modified = False
        super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Keep sessions in it."""
    app.session_interface = OneCookie()
