"""Refusal of every request while root keys or lock of this host are wrong.

Whoever typed a text gets it back with the token sent: the next press may reach another host.
Nothing is sealed or signed here, and no cookie is set.
"""

from flask import Flask, current_app, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from sqlalchemy.exc import SQLAlchemyError

from forum.core import host_locks
from forum.core.errors import Busy
from forum.core.keys import BadKeys, key_ring
from forum.web import errors, resubmission

OPEN = frozenset({"static", "healthz"})  # the second asks for itself


def init_app(app: Flask) -> None:
    """Refuse requests before anything is read for them."""

    @app.before_request
    def check_host() -> ResponseReturnValue | None:
        if request.endpoint in OPEN or not must_rest():
            return None
        g._login_user = AnonymousUserMixin()  # as Flask-Login keeps it: nobody is looked up
        submission = resubmission.refused()
        if submission and submission.is_text:
            token = request.form.get("csrf_token", "")
            shown = render_template("errors/busy.html", kept=submission, token=token)
        else:
            shown, _ = errors.page(503)
        return make_response(shown, 503, errors.again_after(Busy()))


def must_rest() -> bool:
    """True while this host serves nothing; the reason is logged, and shown by /readyz."""
    try:
        require_service()
    except BadKeys as error:
        current_app.logger.error("%s", error)
        return True
    except (LostLock, SQLAlchemyError) as error:
        current_app.logger.error("this host cannot serve: %s", type(error).__name__)
        return True
    return False


class LostLock(Exception):
    """Lock of all hosts lost, with its connection to the database."""


def require_service() -> None:
    """Check that this host may serve. Raises BadKeys and LostLock."""
    if host_locks.is_lost(current_app.config["LOCKS_URL"]):
        raise LostLock
    key_ring().require_fitting()
