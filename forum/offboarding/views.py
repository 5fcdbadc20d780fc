"""Views for exporting texts, leaving a circle, and deleting the account."""

from io import BytesIO
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import ObjectDeletedError

from forum.circles.access import in_circle
from forum.circles.member_names import try_bylines
from forum.circles.models import Membership
from forum.circles.queries import circle, held_places, left_places, moderators
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.mail.layout import whom_to_ask
from forum.offboarding import export, queries, services
from forum.offboarding.forms import CopyForm, DeleteForm, LeaveForm
from forum.offboarding.plans import Withdrawal
from forum.policy.standing import Standing
from forum.policy.terms import Role
from forum.web import limits
from forum.web.access import fresh_password, hidden_posts, public, without_factor
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import chosen_language, spoken_on

bp = Blueprint("offboarding", __name__)

EXPORTS = "3 per day"
COPIES = "10 per hour"  # from a network


@bp.get("/account/words")
@hidden_posts
def words() -> str:
    """Contents of an export, before it is made."""
    return render_template("offboarding/words.html")


@bp.post("/account/words")
@hidden_posts
def take_along() -> ResponseReturnValue:
    """Send the export; nothing is stored."""
    limits.take("exports", EXPORTS, current_user.id)
    copy = export.words_of(current_user.id, chosen_language())
    with unit_of_work():
        services.note_export(current_user.id)
    return _sent(copy)


@bp.route("/account/copy/<link:secret>", methods=["GET", "POST"])
@public
@keeps_text
def copy_by_link(secret: str) -> ResponseReturnValue:
    """Send an export under a password, to somebody who cannot sign in. GET changes nothing."""
    form = CopyForm()
    try:
        member_id = services.copy_owner(secret)
        if form.validate_on_submit():
            limits.take_from_network("copy", COPIES)
            password = form.password.data or ""
            copy = export.openly_of(member_id, chosen_language(), password)
            with unit_of_work():
                services.take_copy(secret)
            return _sent(copy)
    except NotFound:
        return render_template("offboarding/copy_is_gone.html", whom=whom_to_ask()), 410
    page = render_template("offboarding/copy.html", form=form)
    return page, 422 if form.errors else 200


def _sent(copy: export.Copy) -> Response:
    return send_file(
        BytesIO(copy.content),
        mimetype="application/zip",
        as_attachment=True,
        download_name=copy.name,
        etag=False,
    )


@bp.get("/circles/<uuid:circle_id>/leave")
@in_circle
def leave(standing: Standing) -> str:
    """Effects of leaving, and the form."""
    return _leave_page(standing, _leave_form(standing, LeaveForm(formdata=None)))


@bp.post("/circles/<uuid:circle_id>/leave")
def go(circle_id: UUID) -> ResponseReturnValue:
    """Leave the circle at once; a second press changes nothing."""
    try:
        return _go(circle_id)
    except NotFound:
        left = Membership.circle_id == circle_id, ~Membership.removed
        if not left_places(current_user.id, *left):
            raise
        return _gone()


@in_circle
def _go(standing: Standing) -> ResponseReturnValue:
    form = _leave_form(standing, LeaveForm())
    if not form.validate():
        return _leave_page(standing, form), 422
    with unit_of_work():
        services.leave(
            current_user.id, standing.circle_id, words_go=form.words_go, invented=form.withdrawal
        )
    try_bylines()
    return _gone()


def _gone() -> ResponseReturnValue:
    flash(_("You have left. For 7 days you can undo this here."))
    return redirect(url_for("accounts.overview"), 303)


@bp.post("/account/left/<uuid:left_id>/undo")
def undo(left_id: UUID) -> ResponseReturnValue:
    """Undo leaving a circle; a second press changes nothing."""
    back = Membership.id == left_id, Membership.left_on.is_(None)
    for place in held_places(current_user.id, *back):
        return _back(place.circle_id)
    place = queries.left_place(current_user.id, left_id)
    circle_id = place.circle_id
    try:
        with unit_of_work():
            services.undo(place)
    except (NotFound, ObjectDeletedError):  # back by an earlier press, or purged meanwhile
        if not held_places(current_user.id, *back):
            raise NotFound from None
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
        return redirect(url_for("accounts.overview"), 303)
    try_bylines()
    return _back(circle_id)


def _back(circle_id: UUID) -> ResponseReturnValue:
    with spoken_on("discussions.index"):
        flash(
            _(
                "You are back. Posts, drafts and read marks deleted in the meantime do not come "
                "back."
            )
        )
    return redirect(url_for("discussions.index", circle_id=circle_id), 303)


@bp.post("/account/left/<uuid:left_id>/words")
def take_away(left_id: UUID) -> ResponseReturnValue:
    """Withdraw posts under the own name in a circle already left."""
    _take_away(left_id, own=True)
    flash(_("Your posts there will be withdrawn within a week."))
    return redirect(url_for("accounts.overview"), 303)


@bp.post("/account/left/<uuid:left_id>/invented/<any(slowly, now):pace>")
def take_invented_away(left_id: UUID, pace: str) -> ResponseReturnValue:
    """Withdraw posts under a pseudonym, slowly or at the next slot."""
    withdrawal = Withdrawal(pace)
    _take_away(left_id, invented=withdrawal)
    slowly = _("Those posts will be withdrawn a little at a time, over three months.")
    flash(slowly if withdrawal is Withdrawal.SLOWLY else _("Those posts will be withdrawn soon."))
    return redirect(url_for("accounts.overview"), 303)


def _take_away(left_id: UUID, *, own: bool = False, invented: Withdrawal = Withdrawal.NONE) -> None:
    place = queries.left_place(current_user.id, left_id)
    try:
        with unit_of_work():
            services.take_words_away(place, own=own, invented=invented)
    except ObjectDeletedError:  # purged meanwhile
        raise NotFound from None


@bp.get("/account/delete")
@fresh_password
def delete() -> str:
    """Effects of deleting the account, and the form."""
    return render_template("offboarding/delete.html", form=_delete_form(DeleteForm(formdata=None)))


@bp.post("/account/delete")
@fresh_password
def delete_account() -> ResponseReturnValue:
    """Leave every circle; the account is deleted after the grace days."""
    form = _delete_form(DeleteForm())
    if not form.validate():
        return render_template("offboarding/delete.html", form=form), 422
    with unit_of_work():
        services.delete_account(current_user.id, words_go=form.words_go, invented=form.withdrawal)
    try_bylines()
    with spoken_on("accounts.sign_in"):
        flash(_("You have left. For 7 days you can sign in and keep your account."))
    return redirect(url_for("accounts.sign_in"), 303)


@bp.post("/account/keep")
@without_factor
def keep() -> ResponseReturnValue:
    """Cancel the account's deletion."""
    with unit_of_work():
        services.keep_account(current_user.id)
    flash(_("Your account is kept. You can go back to the circles you left, below."))
    return redirect(url_for("accounts.overview"), 303)


def _leave_form(standing: Standing, form: LeaveForm) -> LeaveForm:
    names = queries.names(standing)
    form.offer(own=bool(names.own), invented=[names.invented] if names.invented else [])
    return form


def _leave_page(standing: Standing, form: LeaveForm) -> str:
    last = standing.role is Role.MODERATOR and moderators(standing.circle_id) == 1
    return render_template(
        "offboarding/leave.html",
        standing=standing,
        circle=circle(standing),
        form=form,
        is_last=last,
    )


def _delete_form(form: DeleteForm) -> DeleteForm:
    names = queries.all_names(current_user.id)
    form.offer(
        own=any(each.own for each in names),
        invented=[each.invented for each in names if each.invented],
    )
    return form


@bp.app_template_global()
def left_circles() -> list[queries.Left]:
    """Circles that the current member left recently."""
    return queries.left(current_user.id)


@bp.app_template_global()
def account_goes_on() -> object:
    """Day of the current account's scheduled deletion; None without one."""
    return queries.goes_on(current_user.id)
