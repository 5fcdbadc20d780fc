"""Page "Someone may be in danger": what moderators can do about the person behind a post."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.discussions import post_queries, restrictions, thread_queries
from forum.discussions.models import Post, Thread
from forum.discussions.posts import thread_of
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.safety.views import bp
from forum.web.flash import flash

PATH = "/circles/<uuid:circle_id>/posts/<uuid:post_id>/danger"


@bp.get(PATH)
@in_circle
def danger(standing: Standing, post_id: UUID) -> str:
    """Steps from the least to the last, with whom to ring first."""
    require(may.restrict(standing))
    post = post_queries.post(standing, post_id)
    return _page(standing, post)


@bp.post(f"{PATH}/help-panel")
@in_circle
def show_help(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Show the help panel above the post's thread for seven days, or take it away."""
    require(may.restrict(standing))
    post, shown = post_queries.post(standing, post_id), request.form.get("shown") == "yes"
    with unit_of_work():
        restrictions.show_help(standing, _thread(standing, post), shown=shown)
    if shown:
        flash(_("The help panel stands above the thread for seven days."))
    else:
        flash(_("The help panel is gone."))
    return redirect(url_for(".danger", circle_id=standing.circle_id, post_id=post_id), 303)


def _thread(standing: Standing, post: Post) -> Thread:
    return thread_queries.thread(standing, thread_of(post))


def _page(standing: Standing, post: Post) -> str:
    return render_template(
        "safety/danger.html",
        standing=standing,
        circle=circle(standing),
        post=post,
        thread=_thread(standing, post),
    )
