"""Page "Someone may be in danger": what moderators can do about the person behind a post."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, TooMany
from forum.discussions import post_queries, restrictions, thread_queries
from forum.discussions.models import Post, Thread
from forum.discussions.posts import thread_of
from forum.mail.queries import is_on
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.safety import guardians as people
from forum.safety import queries, services
from forum.safety.forms import AdviceForm, RequestForm
from forum.safety.request_states import State
from forum.safety.services import Asked
from forum.safety.views import bp
from forum.web import limits
from forum.web.errors import again_after
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text

PATH = "/circles/<uuid:circle_id>/posts/<uuid:post_id>/danger"
REQUESTS_MOST = "20 per day"  # of an account: those refused for their number are logged


@bp.get(PATH)
@in_circle
def danger(standing: Standing, post_id: UUID) -> str:
    """Steps from the least to the last, with whom to ring first."""
    require(may.ask_guardians(standing))
    return _page(standing, post_queries.post(standing, post_id))


@bp.post(f"{PATH}/help-panel")
@in_circle
def show_help(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Show the help panel above the post's thread for seven days, or take it away."""
    require(may.ask_guardians(standing))
    post, shown = post_queries.post(standing, post_id), request.form.get("shown") == "yes"
    with unit_of_work():
        restrictions.show_help(standing, _thread(standing, post), shown=shown)
    if shown:
        flash(_("The help panel stands above the thread for seven days."))
    else:
        flash(_("The help panel is gone."))
    return _back(standing, post_id)


@bp.post(f"{PATH}/advice")
@keeps_text
@in_circle
def ask_advice(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Ask the guardians something, without a name and without the post."""
    require(may.ask_guardians(standing))
    post, form = post_queries.post(standing, post_id), AdviceForm()
    if form.validate():
        try:
            limits.take("advice", REQUESTS_MOST, current_user.id)
            with unit_of_work():
                services.ask_advice(standing, form.question.data or "", created_id())
            if is_on():  # else the page's first line is that nobody is called
                flash(_("Sent to the guardians. Their answer will stand on this page."))
            return _back(standing, post_id)
        except InvalidInput as error:
            form.refuse(error)
        except TooMany as error:
            form.form_errors.append(_("You have sent many messages today. Try again tomorrow."))
            return _page(standing, post, advice=form), 429, again_after(error)
    return _page(standing, post, advice=form), 422


@bp.post(f"{PATH}/request")
@keeps_text
@in_circle
def ask_guardians(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Ask the guardians to open the name behind the post."""
    require(may.ask_guardians(standing))
    post, form = post_queries.post(standing, post_id), RequestForm()
    if not form.validate():
        return _page(standing, post, form), 422
    try:
        limits.take("requests to open a name", REQUESTS_MOST, current_user.id)
        with unit_of_work():
            done = services.ask(standing, current_user.id, post, _asked(form), created_id())
    except InvalidInput as error:
        form.refuse(error)
        return _page(standing, post, form), 422
    except TooMany as error:
        form.form_errors.append(_("You have sent many messages today. Try again tomorrow."))
        return _page(standing, post, form), 429, again_after(error)
    if done:
        if is_on():  # else the page's first line is that nobody is called
            flash(_("The guardians are asked. It is in hand."))
        return _back(standing, post_id)
    form.form_errors.append(
        _(
            "This circle has asked three times in 30 days. Only “Someone may die now” is still "
            "open. The programme lead can be written to."
        )
    )
    return _page(standing, post, form), 409


def _asked(form: RequestForm) -> Asked:
    return Asked(
        reason=form.reason.data,
        facts=form.facts.data or "",
        tried=form.tried.data or "",
        needs=form.needs.data or (),
        order=form.order.data or "",
        advisor=form.advisor.data or "",
    )


def _thread(standing: Standing, post: Post) -> Thread:
    return thread_queries.thread(standing, thread_of(post))


def _back(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    return redirect(url_for(".danger", circle_id=standing.circle_id, post_id=post_id), 303)


def _page(
    standing: Standing,
    post: Post,
    form: RequestForm | None = None,
    *,
    advice: AdviceForm | None = None,
) -> str:
    able = [member.id for member in queries.deciders(standing.circle_id, current_user.id)]
    return render_template(
        "safety/danger.html",
        standing=standing,
        circle=circle(standing),
        post=post,
        thread=_thread(standing, post),
        form=form or RequestForm(formdata=None),
        advice=advice or AdviceForm(formdata=None),
        answers=queries.advice_of(standing),
        suffice=len(able) >= people.FEWEST,
        can_ask=bool(able),
        mail_is_on=is_on(),
        said=_said(standing, post),
    )


def _said(standing: Standing, post: Post) -> str:
    """Sentence for the asking moderator about the latest request; "" for everybody else."""
    found = queries.latest_of(standing, post.id)
    if found is None or found.asked_by != current_user.id:
        return ""
    match queries.state_for_asker(found):
        case State.NOT_OPENED:
            return str(_("The guardians did not open the name."))
        case State.LAPSED:
            return str(
                _(
                    "24 hours have passed, and your request has ended. The guardians did not "
                    "decide, or they opened the name: you are not told which."
                )
            )
        case _other:
            return str(_("Your request to the guardians is in hand."))
