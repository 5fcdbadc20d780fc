"""Views for inviting, and for pending invitations."""

from collections.abc import Sequence
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from forum.circles import applicants, group_links, invitations, queries
from forum.circles.access import in_circle
from forum.circles.forms import GroupLinkForm, InviteForm
from forum.circles.invitations import ToCopy
from forum.circles.views import bp
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import Forbidden, InvalidInput, TooMany
from forum.mail.queries import is_on
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web import limits
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text
from forum.web.number_words import spelt

INVITES_PER_MODERATOR = "60 per day"  # requests, each with INVITATIONS_PER_REQUEST at most
ANSWERS = {"yes": True, "no": False}
TO_SHOW = "to_show"  # cookie field, sealed: secrets to be shown on the next page only


@bp.get("/circles/<uuid:circle_id>/invite")
@in_circle
def invite(standing: Standing) -> str:
    """Pending invitations and a form for more; once, after their creation, links to copy."""
    require(may.see_invitations(standing))
    if links := _shown_once(standing.circle_id):
        return render_template("circles/links.html", standing=standing, links=links)
    return _page(standing, InviteForm(formdata=None))


@bp.post("/circles/<uuid:circle_id>/invite")
@keeps_text
@in_circle
def send(standing: Standing) -> ResponseReturnValue:
    """Create a link to copy for each name, or mail an invitation to each address."""
    require(may.see_invitations(standing))
    form = InviteForm()
    if form.validate():
        try:
            limits.take("invite", INVITES_PER_MODERATOR, current_user.id)
            if form.by.data == "mail" and is_on():
                _refuse_half(form.for_whom.data, "for_whom")
                _mail(standing, form)
            else:
                _refuse_half(form.addresses.data if is_on() else "", "addresses")
                _copy(standing, form)
            return redirect(url_for(".invite", circle_id=standing.circle_id), 303)
        except InvalidInput as error:
            form.refuse(error)
        except TooMany:
            form.form_errors.append(_("You have made many invitations today. Try again tomorrow."))
    return _page(standing, form), 422


@bp.post("/circles/<uuid:circle_id>/invitations/<uuid:invitation_id>/send-again")
@in_circle
def send_again(standing: Standing, invitation_id: UUID) -> ResponseReturnValue:
    """Renew an invitation; a copied link is shown again."""
    require(may.see_invitations(standing))
    limits.take("invite", INVITES_PER_MODERATOR, current_user.id)
    with unit_of_work():
        version = request.form.get("version", "")
        secret = invitations.send_again(standing, invitation_id, version)
    if secret:
        _show_next(standing.circle_id, [secret])
    else:
        flash(_("Sent again. The new link lasts 14 days; the old one no longer works."))
    return redirect(url_for(".invite", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/invitations/<uuid:invitation_id>/take-back")
@in_circle
def cancel_invitation(standing: Standing, invitation_id: UUID) -> ResponseReturnValue:
    """Cancel an invitation."""
    with unit_of_work():
        invitations.cancel(standing, invitation_id)
    flash(_("Invitation cancelled. Its link no longer works."))
    return redirect(url_for(".invite", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/group-link")
@in_circle
def make_group_link(standing: Standing) -> ResponseReturnValue:
    """Make the circle's group link."""
    require(may.admit_groups(standing))
    form = GroupLinkForm()
    try:
        limits.take("invite", INVITES_PER_MODERATOR, current_user.id)
        with unit_of_work():
            group_links.make(standing, form.number)
        return redirect(url_for(".invite", circle_id=standing.circle_id), 303)
    except InvalidInput as error:
        form.refuse(error)
    return _page(standing, InviteForm(formdata=None), form), 422


@bp.post("/circles/<uuid:circle_id>/group-link/end")
@in_circle
def end_group_link(standing: Standing) -> ResponseReturnValue:
    """End the circle's group link."""
    with unit_of_work():
        group_links.end(standing)
    flash(_("The group link has ended. You can still answer those who wait."))
    return redirect(url_for(".invite", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/waiting/<uuid:applicant_id>")
@in_circle
def answer(standing: Standing, applicant_id: UUID) -> ResponseReturnValue:
    """Say yes or no to somebody who asks to join."""
    require(may.admit_groups(standing))
    says_yes = ANSWERS.get(request.form.get("answer", ""))
    if says_yes is None:
        abort(400)
    try:
        with unit_of_work():
            act = applicants.let_in if says_yes else applicants.refuse
            done = act(standing, applicant_id)
        flash(_answered(done=done, says_yes=says_yes))
    except InvalidInput as error:
        flash(error.fields["applicant"])
    except Forbidden:
        if standing.writable:
            raise
        flash(invitations.read_only())
    return redirect(url_for(".invite", circle_id=standing.circle_id), 303)


def _answered(*, done: bool, says_yes: bool) -> str:
    if not done:
        return str(_("This was answered already, or the seven days were over."))
    if says_yes:
        return str(_("Yes. They can join now; we no longer show their name and address here."))
    return str(_("No. All that they typed is deleted."))


def _page(standing: Standing, form: InviteForm, group_form: GroupLinkForm | None = None) -> str:
    room = queries.room(standing.circle_id)
    return render_template(
        "circles/invite.html",
        standing=standing,
        form=form,
        pending=invitations.pending(standing),
        room=room,
        invited=may.MOST_MEMBERS[standing.kind] - room,
        fewest=may.FLOOR,
        most_to_know=invitations.MOST_TO_KNOW,
        read_only=invitations.read_only(),
        group_form=group_form or _places(room),
        **_at_the_door(standing),
        mail_is_on=is_on(),
        most_people=may.MOST_MEMBERS[standing.kind],
        most_addresses=invitations.INVITATIONS_PER_REQUEST,
    )


def _at_the_door(standing: Standing) -> dict[str, object]:
    """Values for the template of this name; nothing where no group link may be."""
    if not may.admit_groups(standing):
        return {}
    link, waiting = group_links.shown(standing), applicants.waiting(standing)
    return {"group_link": link, "waiting": waiting}


def _places(room: int) -> GroupLinkForm:
    form = GroupLinkForm(formdata=None)
    form.places.data = str(room)
    return form


def _refuse_half(typed: str | None, field: str) -> None:
    """Refuse a press by which the second list would lose an entry. Raises InvalidInput."""
    if (typed or "").strip():
        said = _(
            "This list would be lost: each button takes its own. Empty it, or press its button "
            "first."
        )
        raise InvalidInput(**{field: said})


def _copy(standing: Standing, form: InviteForm) -> None:
    whom = invitations.names(form.for_whom.data or "") or [""]
    with unit_of_work():
        secrets = invitations.create_links(standing, form.words.data or "", whom, created_id())
    _show_next(standing.circle_id, secrets)


def _mail(standing: Standing, form: InviteForm) -> None:
    to = invitations.addresses(form.addresses.data or "")
    with unit_of_work():
        sent = invitations.invite_by_email(
            standing, to, form.words.data or "", names_inviter=form.names_inviter.data
        )
    if sent:
        number = spelt(len(sent)).capitalize()
        flash(
            ngettext(
                "One invitation is on its way.",
                "%(number)s invitations are on their way.",
                len(sent),
                number=number,
            )
        )
    if len(sent) < len(to):
        flash(
            _(
                "Some addresses already have an invitation or belong to this circle, so we did "
                "not send another."
            )
        )


def _show_next(circle_id: UUID, secrets: Sequence[str]) -> None:
    session[TO_SHOW] = tokens.sealed(" ".join(secrets), f"invite|{circle_id}")


def _shown_once(circle_id: UUID) -> list[ToCopy]:
    secrets = tokens.opened(session.pop(TO_SHOW, None), f"invite|{circle_id}") or ""
    return invitations.to_copy(secrets.split())
