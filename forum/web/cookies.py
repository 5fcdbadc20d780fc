"""Flask's session cookie, signed by HMAC-SHA-256, except that a 404 sets none."""

from hashlib import sha256

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface, SessionMixin


class OneCookie(SecureCookieSessionInterface):
    """Session cookie sent on changes, but never with a 404, so that all 404 responses are equal."""

    digest_method = staticmethod(sha256)  # Flask's own is SHA-1

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if response.status_code == 404:
            session.modified = False
        super().save_session(app, session, response)


def init_app(app: Flask) -> None:
    """Store sessions in the cookie."""
    app.session_interface = OneCookie()
