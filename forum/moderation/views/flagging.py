"""Flagging a post. Addresses hide its id: a browser's history would show who flagged it."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.core.errors import Busy, Forbidden, InvalidInput, NotFound, TooMany
from forum.discussions import post_queries
from forum.discussions.composer import paragraphs
from forum.discussions.models import Post
from forum.moderation import queries, services
from forum.moderation.forms import FlagForm
from forum.moderation.services import Raised
from forum.moderation.views import bp
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import FlagReason
from forum.web import limits
from forum.web.errors import again_after
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import spoken_on
from forum.web.support import emergency_numbers
from forum.web.typed_texts import nudge

FLAGS_MOST = "10 per day"


@bp.get("/circles/<uuid:circle_id>/flags/<hidden:post_id>")
@in_circle
def flag(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """The form for a flag on a post."""
    post = post_queries.post(standing, post_id)
    return _page(standing, post, _form(post))


@bp.post("/circles/<uuid:circle_id>/flags/<hidden:post_id>")
@keeps_text
@in_circle
def send(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Flag a post; it is hidden at once if a patient could be recognised."""
    post = post_queries.post(standing, post_id)
    form = _form(post)
    if not form.validate():
        return _page(standing, post, form), 422
    reason = FlagReason(form.reason.data)
    try:
        with unit_of_work():
            words = form.words.data or ""
            # first: past the limit, an answer of its own would tell of the same flag before
            limits.require_room("flags", FLAGS_MOST, current_user.id)
            raised = services.raise_flag(standing, post, reason, words, form.marked())
            # counted in vain, presses at an open screen would tell of flags before
            if raised is not Raised.AGAIN:
                limits.take("flags", FLAGS_MOST, current_user.id)
    except InvalidInput as error:
        form.refuse(error)
        return _page(standing, post, form), 422
    except Forbidden:
        return _too_late(standing, post, form)
    except TooMany as error:
        form.form_errors.append(
            _("You have flagged many posts today. Your text is still here: try again tomorrow.")
        )
        return _page(standing, post, form), 429, again_after(error)
    except Busy as error:
        form.form_errors.append(_("Not sent. Your text is still here: try again in a few minutes."))
        return _page(standing, post, form), 503, again_after(error)
    with spoken_on("discussions.show"):
        flash(
            _said(reason, hidden=raised is Raised.HIDES)
            if standing.moderators
            else _nobody_looks(reason)
        )
        nudge(form, rural=circle(standing).rural)
    thread_id = getattr(post, "thread_id", post.id)
    url = url_for("discussions.show", circle_id=standing.circle_id, thread_id=thread_id)
    return redirect(url, 303)


@bp.post("/circles/<uuid:circle_id>/flags/<uuid:flag_id>/seen")
@in_circle
def seen(standing: Standing, flag_id: UUID) -> ResponseReturnValue:
    """Mark the outcome of the member's own flag as seen."""
    found = queries.flag(standing, flag_id)
    if not queries.is_own(standing, found):
        raise NotFound
    with unit_of_work():
        services.see(standing, found)
    return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)


def _too_late(standing: Standing, post: Post, form: FlagForm) -> ResponseReturnValue:
    """Answer for a post that is closed by now: the words come back, unless they were sent."""
    reason, words = FlagReason(form.reason.data), form.words.data or ""
    if words and not queries.is_sent(standing, post, reason, words):
        return _page(standing, post, form), 409
    with spoken_on("discussions.index"):
        flash(_("This post is already hidden, withdrawn or deleted."))
    return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)


def _form(post: Post) -> FlagForm:
    form = FlagForm()
    form.offer(len(paragraphs(post.body)))
    return form


def _page(standing: Standing, post: Post, form: FlagForm) -> str:
    return render_template(
        "moderation/flag.html",
        standing=standing,
        circle=circle(standing),
        post=post,
        form=form,
        open=may.flag(standing, post),
        parts=paragraphs(post.body),
    )


def _nobody_looks(reason: FlagReason) -> str:
    """Sentence where the circle has no moderator."""
    said = _(
        "Thank you. This circle has no moderator now, so nobody looks until someone takes it on."
    )
    return f"{said} {_now()}" if reason is FlagReason.WORRY else str(said)


def _worried() -> str:
    """Sentence for whoever is worried about the writer of a post."""
    thanks = _(
        "Thank you. The moderators will look, and we will show you the outcome on the circle page."
    )
    return f"{thanks} {_now()}"


def _now() -> str:
    """Sentence on what cannot wait."""
    if known := emergency_numbers():
        return str(
            _(
                "If they may be in danger now, do not wait for us: ring them, or %(number)s.",
                number=known[0],
            )
        )
    return str(
        _(
            "If they may be in danger now, do not wait for us: ring them, or your local "
            "emergency number."
        )
    )


def _said(reason: FlagReason, *, hidden: bool) -> str:
    if reason is FlagReason.WORRY:
        return _worried()
    if hidden:
        return str(_("Thank you. The post is hidden until a moderator has looked."))
    if reason is FlagReason.PATIENT:
        return str(
            _(
                "Thank you. The moderators will look. The post is still visible, because you have "
                "already hidden one this week. If it cannot wait, message the moderators."
            )
        )
    return str(
        _(
            "Thank you. The moderators will look, and we will show you the outcome on the "
            "circle page."
        )
    )
