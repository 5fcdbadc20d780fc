"""Buttons below a post: thank, quote, flag, moderate.

A post's id travels in the form, and hidden in the address that follows: beside a masked reply
quoting or a post flagged, a browser's history would show who did it.
"""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from forum.circles.access import in_circle
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import Forbidden, NotFound
from forum.discussions import post_queries, posts, thread_queries
from forum.discussions.models import Reply, Thread
from forum.discussions.views import bp
from forum.discussions.views.replies import quoting
from forum.discussions.views.threads import THANKED, place_of
from forum.policy.standing import Standing


@bp.post("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/posts")
@in_circle
def act(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Do what the pressed button names, or lead to its page."""
    thread = thread_queries.thread(standing, thread_id)
    for name, act_on in BUTTONS.items():
        if post_id := tokens.id_of_short(request.form.get(name, "")):
            return redirect(act_on(standing, thread, post_id), 303)
    return redirect(url_for(".show", circle_id=standing.circle_id, thread_id=thread_id), 303)


def _thank(standing: Standing, thread: Thread, post_id: UUID) -> str:
    reply = post_queries.post(standing, post_id)
    if not isinstance(reply, Reply) or reply.thread_id != thread.id:
        raise NotFound
    with suppress(Forbidden), unit_of_work():  # hidden or withdrawn meanwhile: its place says so
        posts.thank(standing, reply)
        session[THANKED] = tokens.sealed(str(post_id), THANKED)
    return place_of(thread, post_queries.order(standing, thread), post_id)


def _flag(standing: Standing, _thread: Thread, post_id: UUID) -> str:
    return url_for("moderation.flag", circle_id=standing.circle_id, post_id=post_id)


def _moderate(standing: Standing, _thread: Thread, post_id: UUID) -> str:
    return url_for("moderation.care", circle_id=standing.circle_id, post_id=post_id)


BUTTONS: dict[str, Callable[[Standing, Thread, UUID], str]] = {
    "thank": _thank,
    "quote": quoting,
    "flag": _flag,
    "moderate": _moderate,
}
