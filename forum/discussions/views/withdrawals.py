"""Withdrawing one's own post: asked once, undone within ten minutes, or kept before its slot."""

from datetime import datetime
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import ObjectDeletedError

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core import tokens
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden, InvalidInput, NotFound
from forum.discussions import post_queries, posts, visibility
from forum.discussions.models import Thread
from forum.discussions.views import bp
from forum.discussions.views.own_posts import PATH, require_holder, require_own
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.access import ask_for_hidden, shows_hidden
from forum.web.flash import flash
from forum.web.language import spoken_on


@bp.post(f"{PATH}/withdraw")
@in_circle
def withdraw(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Withdraw the member's own post; a masked post at the next slot, unless sent with "now"."""
    try:
        return _withdraw(standing, post_id, request.form.get("token", ""))
    except (NotFound, ObjectDeletedError):  # taken back before its slot by an earlier press
        db.session.rollback()
        if not _began(post_id, request.form.get("token", "")):
            raise NotFound from None
        return _withdrawn_now(standing)


def _withdraw(standing: Standing, post_id: UUID, shown: str) -> ResponseReturnValue:
    """Withdraw once. shown: when its page was shown, sealed; pressed twice, Undo counts from it."""
    post = post_queries.any_post(standing, post_id)
    if post.author.mode.masked and not shows_hidden():
        return ask_for_hidden()
    require_holder(standing, post)
    masked, is_gone = post.author.mode.masked, post.withdrawn
    thread_id = post.id if isinstance(post, Thread) else getattr(post, "thread_id", None)
    with unit_of_work():
        is_gone = is_gone or post.withdrawn  # read anew: another press may have come first
        if not is_gone:
            posts.withdraw(standing, post, at_once=request.form.get("do") == "now")
        waits, can_undo = post.withdrawal_pending, post.undo_window is not None
    token = shown if is_gone else tokens.sealed(now().isoformat(), _place_of_undo(post_id))
    if can_undo and _began(post_id, token):
        circle_id = standing.circle_id
        url = url_for(".withdrawn", circle_id=circle_id, post_id=post_id, token=token)
        return redirect(url, 303)
    return _withdrawn_now(standing, None if masked else thread_id, waits=waits and not is_gone)


def _withdrawn_now(
    standing: Standing, thread_id: UUID | None = None, *, waits: bool = False
) -> ResponseReturnValue:
    """Flash that a post is withdrawn, or at which slot. thread_id: None to lead to Your posts."""
    with spoken_on("discussions.show" if thread_id else "discussions.own_posts"):
        said = _("Your post will be withdrawn %(when)s.", when=post_queries.slot_in_words(standing))
        flash(said if waits else _("Your post is withdrawn."))
    if thread_id is None:
        return redirect(url_for(".own_posts", circle_id=standing.circle_id), 303)
    return redirect(url_for(".show", circle_id=standing.circle_id, thread_id=thread_id), 303)


@bp.get(f"{PATH}/withdraw")
@in_circle
def withdrawing(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Ask once whether to withdraw the member's own post."""
    post = post_queries.any_post(standing, post_id)
    if post.author.mode.masked and not shows_hidden():
        return ask_for_hidden()
    require_own(standing, post)
    return render_template(
        "discussions/withdraw.html",
        circle=circle(standing),
        post=post,
        waits=post.author.mode.masked and post_queries.is_visible(post),
        can_undo=not post.author.mode.masked and may.is_open(post),
        slot=post_queries.slot_in_words(standing),
        token=tokens.sealed(now().isoformat(), _place_of_undo(post_id)),
    )


@bp.get(f"{PATH}/withdrawn/<token>")
@in_circle
def withdrawn(standing: Standing, post_id: UUID, token: str) -> ResponseReturnValue:
    """Confirm a withdrawal, and offer to undo it for ten minutes.

    token: the time of the withdrawal, sealed; it is stored nowhere.
    """
    post = post_queries.any_post(standing, post_id)
    if post.author.mode.masked and not shows_hidden():
        return ask_for_hidden()  # whosever it is
    require_holder(standing, post)
    until = _undo_until(post_id, token) if post.undo_window is not None else None
    return render_template(
        "discussions/withdrawn.html",
        circle=circle(standing),
        post=post,
        thread_id=getattr(post, "thread_id", post.id),
        token=token,
        until=format_time(until.astimezone(current_user.zone), "HH:mm", rebase=False)
        if until
        else "",
    )


@bp.post(f"{PATH}/undo")
@in_circle
def undo(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Bring back the member's own post within ten minutes of its withdrawal by name."""
    post = post_queries.any_post(standing, post_id)
    if post.author.mode.masked and not shows_hidden():
        return ask_for_hidden()  # whosever it is
    require_holder(standing, post)
    token = request.form.get("token", "")
    try:
        if post.withdrawn:  # or else pressed twice
            require(_undo_until(post_id, token) is not None)
            with unit_of_work():
                posts.undo_withdrawal(standing, post)
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
        circle_id = standing.circle_id
        page = url_for(".withdrawn", circle_id=circle_id, post_id=post_id, token=token)
        return redirect(page, 303)
    except Forbidden:
        with spoken_on("discussions.own_posts"):
            flash(_("Ten minutes are over, so this cannot be undone. The post stays withdrawn."))
        return redirect(url_for(".own_posts", circle_id=standing.circle_id), 303)
    with spoken_on("discussions.show"):
        flash(_("Your post is back, and so are the quotes of it."))
    return redirect(url_for(".post", circle_id=standing.circle_id, post_id=post_id), 303)


@bp.post(f"{PATH}/keep")
@in_circle
def keep_post(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Cancel the pending withdrawal of the member's own post."""
    post = post_queries.any_post(standing, post_id)
    if not shows_hidden():
        return ask_for_hidden()
    require_holder(standing, post)
    try:
        with unit_of_work():
            posts.call_off(standing, post)
        flash(_("Your post stays."))
    except Forbidden:  # past its slot, or not pending
        flash(_("Too late, or it stays already: see below."))
    return redirect(url_for(".own_posts", circle_id=standing.circle_id), 303)


def _place_of_undo(post_id: UUID) -> str:
    return f"undo|{post_id}|{current_user.id}"


def _began(post_id: UUID, token: str) -> datetime | None:
    """The moment that a token of this member's own post holds; None for any other token."""
    began = tokens.opened(token, _place_of_undo(post_id)) if token else None
    return datetime.fromisoformat(began) if began else None


def _undo_until(post_id: UUID, token: str) -> datetime | None:
    """Until when a withdrawal can be undone; None once it cannot."""
    began = _began(post_id, token)
    until = began + visibility.UNDO_FOR if began else now()
    return until if until > now() else None
