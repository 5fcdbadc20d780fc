"""A guardian's own pages: accepting, deciding on requests, opening a name, reviewing."""

from uuid import UUID

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.accounts import second_factors
from forum.accounts.queries import account
from forum.core.db import unit_of_work
from forum.core.errors import Forbidden, InvalidInput
from forum.mail.queries import is_on
from forum.safety import guardians as people
from forum.safety import queries, services
from forum.safety.forms import (
    NEEDS,
    REASONS,
    VERDICTS,
    AnswerForm,
    DecisionForm,
    HoldForm,
    ReviewForm,
)
from forum.safety.matters import SHOWN_FOR, Vote
from forum.safety.queries import Duty
from forum.safety.request_states import Act, State
from forum.safety.views import bp
from forum.web import resubmission
from forum.web.access import fresh_factor
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import Form, keeps_text

PATH = "/guardian/requests/<uuid:request_id>"
ACTS = {"yes": Act.YES, "no": Act.NO, "alone": Act.ALONE}


@bp.get("/guardian")
def guardian() -> str:
    """Page of an account that was asked, or accepted; nobody else finds it."""
    return _own_page(AnswerForm(formdata=None))


@bp.post("/guardian/accept")
@fresh_factor
def accept() -> ResponseReturnValue:
    """Accept, given a second factor; an account without one adds it first."""
    people.asked(current_user.id)
    if not _has_factor():
        way_back = resubmission.sealed_way(url_for(".guardian"))
        return redirect(url_for("accounts.lock", next=way_back), 303)
    try:
        with unit_of_work():
            people.accept(current_user.id)
    except InvalidInput as error:
        flash(str(error))
        return redirect(url_for(".guardian"), 303)
    flash(_("Thank you. Members of every circle can now read your name as a guardian."))
    return redirect(url_for(".guardian"), 303)


@bp.post("/guardian/step-down")
def step_down() -> ResponseReturnValue:
    """Decline, or stop being a guardian."""
    with unit_of_work():
        people.step_down(current_user.id)
    flash(_("You are no guardian any more."))
    return redirect(url_for("discussions.home"), 303)


@bp.get(PATH)
@fresh_factor
def case(request_id: UUID) -> str:
    """A request with its post, for guardians who can act on it."""
    return _page(queries.duty(request_id, current_user.id))


@bp.post(PATH)
@fresh_factor
@keeps_text
def decide(request_id: UUID) -> ResponseReturnValue:
    """Answer with yes or no, or open the name alone."""
    duty, form = queries.duty(request_id, current_user.id), DecisionForm()
    act = ACTS.get(request.form.get("act", ""))
    if not form.validate() or act is None:
        return _page(duty, decision=form), 422
    try:
        with unit_of_work():
            services.decide(request_id, current_user.id, act, form.words.data or "")
    except InvalidInput as error:
        form.refuse(error)
        return _page(duty, decision=form), 422
    except Forbidden:
        form.form_errors.append(_("This has changed since you opened the page. Look again."))
        return _page(queries.duty(request_id, current_user.id), decision=form), 409
    said = Vote(current_user.id, act is not Act.NO, form.words.data or "")
    flash(_outcome(queries.duty(request_id, current_user.id), said))
    return redirect(url_for(".case", request_id=request_id), 303)


@bp.post(f"{PATH}/open")
@fresh_factor
def open_name(request_id: UUID) -> ResponseReturnValue:
    """Show what was asked for about the person, once to each who approved, for an hour; a form
    pressed twice counts once."""
    duty = queries.duty(request_id, current_user.id)
    with unit_of_work():
        released = services.show(request_id, current_user.id, created_id())
    shown = render_template(
        "safety/released.html", released=released, duty=duty, needs=duty.request.needs
    )
    answer = make_response(shown)
    over = url_for(".case", request_id=request_id)
    answer.headers["Refresh"] = f"{int(SHOWN_FOR.total_seconds())}; url={over}"
    return answer


@bp.post(f"{PATH}/hold")
@fresh_factor
@keeps_text
def hold_back(request_id: UUID) -> ResponseReturnValue:
    """Hold the note to the person back for a week."""
    duty, form = queries.duty(request_id, current_user.id), HoldForm()
    if not form.validate():
        return _page(duty, hold=form), 422
    try:
        with unit_of_work():
            services.hold_back(request_id, current_user.id, form.hold_reason.data or "")
    except InvalidInput as error:
        form.refuse(error)
        return _page(duty, hold=form), 422
    except Forbidden:
        form.form_errors.append(_("This has changed since you opened the page. Look again."))
        return _page(queries.duty(request_id, current_user.id), hold=form), 409
    flash(_("Held back for a week. We ask you again then."))
    return redirect(url_for(".case", request_id=request_id), 303)


@bp.post(f"{PATH}/review")
@fresh_factor
@keeps_text
def review(request_id: UUID) -> ResponseReturnValue:
    """Review an opening, as a guardian who did not approve it."""
    duty, form = queries.duty(request_id, current_user.id), ReviewForm()
    if not form.validate():
        return _page(duty, review=form), 422
    try:
        with unit_of_work():
            services.review(request_id, current_user.id, form.verdict.data, form.words.data or "")
    except InvalidInput as error:
        form.refuse(error)
        return _page(duty, review=form), 422
    except Forbidden:
        form.form_errors.append(_("This has changed since you opened the page. Look again."))
        return _page(queries.duty(request_id, current_user.id), review=form), 409
    flash(_("Thank you. The outcome is in the service's log."))
    return redirect(url_for(".guardian"), 303)


@bp.post("/guardian/questions/<uuid:question_id>")
@fresh_factor
@keeps_text
def answer_advice(question_id: UUID) -> ResponseReturnValue:
    """Answer a question of moderators."""
    form = AnswerForm()
    if form.validate():
        try:
            words, version = form.answer.data or "", form.version.data or ""
            with unit_of_work():
                services.answer_advice(question_id, current_user.id, words, version)
            flash(_("Your answer is sent."))
            return redirect(url_for(".guardian"), 303)
        except InvalidInput as error:
            form.refuse(error)
    return _own_page(form, answering=question_id), 422


def _own_page(form: AnswerForm, answering: UUID | None = None) -> str:
    return render_template(
        "safety/guardian.html",
        row=people.asked(current_user.id),
        has_factor=_has_factor(),
        duties=queries.duties(current_user.id),
        questions=queries.questions(current_user.id),
        reasons=REASONS,
        mail_is_on=is_on(),
        form=form,
        answering=answering,
    )


def _has_factor() -> bool:
    return second_factors.has_any(account(current_user.id))


def _outcome(duty: Duty, said: Vote) -> str:
    """Sentence on an answer; only the first of a guardian is stored."""
    match duty.state:
        case State.OPENED if duty.shows:
            return str(_("The name can be opened now, below."))
        case State.OPENED:
            return str(_("It was opened."))
        case State.NOT_OPENED:
            return str(_("Two of you said no. The name stays closed."))
        case State.LAPSED:
            return str(_("This request lapsed: 24 hours have passed."))
        case _other if said in duty.request.votes:
            return str(_("Your answer is stored."))
        case _other:
            return str(_("Your first answer stands. A later one changes nothing."))


def _page(
    duty: Duty,
    *,
    decision: DecisionForm | None = None,
    hold: HoldForm | None = None,
    review: ReviewForm | None = None,
) -> str:
    forms: list[Form | None] = [decision, hold, review]
    places = (
        (decision and decision.words, duty.decides or duty.alone),
        (hold and hold.hold_reason, duty.holds),
        (review and review.words, duty.reviews),
    )
    return render_template(
        "safety/case.html",
        duty=duty,
        request_=duty.request,
        post=queries.post_of(duty.request),
        reasons=REASONS,
        needs=NEEDS,
        verdicts=VERDICTS,
        wrong=next((form for form in forms if form), None),
        kept=[typed.data for typed, has_form in places if typed and typed.data and not has_form],
        decision=decision or DecisionForm(formdata=None),
        hold=hold or HoldForm(formdata=None),
        review=review or ReviewForm(formdata=None),
    )
