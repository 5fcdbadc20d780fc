"""Page of a member's own posts in a thread, to copy before it goes."""

from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from forum.circles.access import in_circle
from forum.discussions import post_queries, retention, thread_queries
from forum.discussions.posts import thread_of
from forum.discussions.views import bp
from forum.policy.standing import Standing
from forum.web.access import hidden_posts


@bp.get("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/copy")
@hidden_posts
@in_circle
def copy_own(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """The member's posts in a thread under every name, oldest first: as typed, nobody else's."""
    thread = thread_queries.thread(standing, thread_id)
    own = post_queries.own(standing).values()
    mine = [each for each in own if thread_of(each) == thread.id]
    return render_template(
        "discussions/copy_own.html",
        thread=thread,
        goes_on=retention.goes_on(standing, thread),
        posts=[post_queries.as_it_will_be(each) for each in reversed(mine)],
    )
