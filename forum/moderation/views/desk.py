"""The moderators' desk: pending matters, and acts on them."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.authors.queries import names_of_pair
from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.core.errors import Forbidden, InvalidInput
from forum.discussions import phrases, post_queries, retention, thread_queries, visibility
from forum.discussions.models import Post, Reply
from forum.moderation import queries, services
from forum.moderation.forms import REASONS, AnswerForm, AskForm, HoldForm, LockForm, NoteForm
from forum.moderation.models import Flag
from forum.moderation.views import bp
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import FlagReason, Role
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text
from forum.web.language import spoken_on
from forum.web.typed_texts import nudge

DEEDS: dict[str, Callable[[Standing, Post], None]] = {
    "show": lambda standing, post: services.show_again(standing, post, request.form.get("version")),
    "hide": services.hide,
    "no_need": lambda standing, post: services.see_no_need(standing, post, _flags_shown()),
    "seen_to": lambda standing, post: services.see_to(standing, post, _flags_shown()),
    "take_away": services.take_away,
    "unlock": services.unlock,
    "release": services.release,
    "pin": lambda standing, post: services.pin(standing, post, pinned=True),
    "unpin": lambda standing, post: services.pin(standing, post, pinned=False),
    "mute": lambda standing, post: services.mute(standing, post, muted=True),
    "unmute": lambda standing, post: services.mute(standing, post, muted=False),
}


@bp.get("/circles/<uuid:circle_id>/desk")
@in_circle
def desk(standing: Standing) -> str:
    """Flags, messages, unanswered reflections, and invitations about to lapse."""
    require(may.keep_safe(standing))
    form = AnswerForm(formdata=None)
    return _desk(standing, form, None)


@bp.post("/circles/<uuid:circle_id>/desk/letters/<uuid:flag_id>")
@keeps_text
@in_circle
def answer(standing: Standing, flag_id: UUID) -> ResponseReturnValue:
    """Answer a message."""
    require(may.keep_safe(standing))
    message, form = queries.message(standing, flag_id), AnswerForm()
    if form.validate():
        try:
            with unit_of_work():
                services.answer(standing, message, form.words.data or "", form.version.data or "")
            flash(_("Reply sent. The person will see it on their next visit."))
            nudge(form, rural=circle(standing).rural)
            return redirect(url_for(".desk", circle_id=standing.circle_id), 303)
        except InvalidInput as error:
            form.refuse(error)
            form.version.data = message.version  # sent again, it is meant
    return _desk(standing, form, message), 422


@bp.get("/circles/<uuid:circle_id>/looks")
@in_circle
def looks(standing: Standing) -> ResponseReturnValue:
    """Hidden posts open to a facilitator's review while no moderator reviews them."""
    if may.keep_safe(standing):
        return redirect(url_for(".desk", circle_id=standing.circle_id), 303)
    require(standing.role is Role.FACILITATOR)
    waiting = queries.to_look_at(standing)
    return render_template("moderation/looks.html", circle=circle(standing), waiting=waiting)


@bp.get("/circles/<uuid:circle_id>/posts/<uuid:post_id>/care")
@in_circle
def care(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """A post with its flags, and the acts open to a moderator or reviewing facilitator."""
    if _is_over(standing, post_id):
        return _already_visible(standing)
    post = _post_to_look_at(standing, post_id)
    return _care(standing, post, AskForm(formdata=None))


def _post_to_look_at(standing: Standing, post_id: UUID) -> Post:
    """A post, for moderators; for facilitators only if they may review it. Raises Forbidden."""
    require(standing.role is not Role.MEMBER)
    post = post_queries.post(standing, post_id)
    waits = queries.waits(post)
    require(may.keep_safe(standing) or may.show_again(standing, post, waits))
    return post


def _is_over(standing: Standing, post_id: UUID) -> bool:
    """Whether a facilitator comes to a post that is visible: pressed twice, or after another."""
    return standing.role is Role.FACILITATOR and may.is_open(post_queries.post(standing, post_id))


def _already_visible(standing: Standing) -> ResponseReturnValue:
    flash(_("This post is visible: nothing is left to do."))
    return redirect(url_for(".looks", circle_id=standing.circle_id), 303)


def _care(
    standing: Standing,
    post: Post,
    form: AskForm,
    note: NoteForm | None = None,
    lock: LockForm | None = None,
    hold: HoldForm | None = None,
) -> str:
    post_id = post.id
    thread_id = post.thread_id if isinstance(post, Reply) else post.id
    thread = thread_queries.thread(standing, thread_id)
    known = queries.of_post(standing, post_id)
    return render_template(
        "moderation/care.html",
        standing=standing,
        circle=circle(standing),
        post=post,
        thread=thread,
        form=form,
        note=note or NoteForm(formdata=None),
        lock=lock or LockForm(formdata=None),
        hold=hold or HoldForm(formdata=None),
        may_hold=retention.may_be_held(standing, thread),
        goes_on_day=retention.goes_on(standing, thread),
        held_until=retention.held_until(standing, thread),
        worried=may.keep_safe(standing) and queries.is_worried_about(standing, post),
        decision=visibility.decision(post),
        asked=visibility.asked(standing, [post_id]).get(post_id, ""),
        is_pinned=circle(standing).pinned_thread_id == thread_id,
        flags=[each for each in known if may.read_flag(standing, each.reason)],
        flags_version=queries.version(known),
        is_text_flagged=any(
            each.outcome in queries.LIVE and each.reason is not FlagReason.WORRY for each in known
        ),
        reasons=REASONS,
        marked=post_queries.marked(post),
        comparison=queries.comparison(post) if post.hidden else None,
        changed=queries.is_changed(post),
        waits=queries.waits(post),
        is_muted=post.author_id in {name.id for name in thread_queries.muted(thread)},
        may_take_away=may.take_away(standing, post, queries.hidden_for(post)),
    )


@bp.post("/circles/<uuid:circle_id>/posts/<uuid:post_id>/care")
@in_circle
def do(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Carry out the act named by the button."""
    if _is_over(standing, post_id):
        return _already_visible(standing)
    try:
        post = _post_to_look_at(standing, post_id)
    except Forbidden:
        require(standing.role is Role.FACILITATOR)  # who came after its writer, or a moderator
        flash(_("This post has changed since you opened the page. Please look again."))
        return redirect(url_for(".looks", circle_id=standing.circle_id), 303)
    name, again = request.form.get("do", ""), url_for(".care", **request.view_args or {})
    deed = DEEDS.get(name)
    if deed is None:
        raise InvalidInput(do=_("Choose what to do."))
    try:
        with unit_of_work():
            deed(standing, post)
    except Forbidden:  # its state changed meanwhile
        flash(_("This post has changed since you opened the page. Please look again."))
        return redirect(again, 303)
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
        return redirect(again, 303)
    # Nothing is logged where a flag leaves a post as it is.
    flash(_("Done.") if name in ("no_need", "seen_to") else _("Done. It is in the activity log."))
    return redirect(url_for(".looks", circle_id=standing.circle_id), 303)


def _flags_shown() -> str | None:
    """Version of the flags on the page of a button."""
    return request.form.get("flags")


@bp.post("/circles/<uuid:circle_id>/posts/<uuid:post_id>/note")
@keeps_text
@in_circle
def write_to(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Write to whoever holds the name of a post."""
    require(may.keep_safe(standing))
    post, form = _post_to_look_at(standing, post_id), NoteForm()
    if form.validate():
        try:
            with unit_of_work():
                services.write_to(standing, post, form.words.data or "", created_id())
            flash(_("Sent. The person behind the name will see it on their next visit."))
            nudge(form, rural=circle(standing).rural)
            return redirect(url_for(".care", circle_id=standing.circle_id, post_id=post_id), 303)
        except InvalidInput as error:
            form.refuse(error)
    return _care(standing, post, AskForm(formdata=None), form), 422


@bp.post("/circles/<uuid:circle_id>/posts/<uuid:post_id>/ask")
@keeps_text
@in_circle
def ask_change(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Hide a post until its author changes it, with a request."""
    require(may.keep_safe(standing))
    post, form = post_queries.post(standing, post_id), AskForm()
    if not form.validate():
        return _care(standing, post, form), 422
    try:
        with unit_of_work():
            services.ask_change(standing, post, form.asked.data or "", form.version.data or None)
    except InvalidInput as error:
        form.refuse(error)
        return _care(standing, post, form), 422
    except Forbidden:
        form.form_errors.append(
            _("This post has changed since you opened the page. Please look again.")
        )
        return _care(standing, post, form), 409
    flash(_("The post stays hidden. Its author will read what you asked."))
    nudge(form, rural=circle(standing).rural)
    return redirect(url_for(".desk", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/posts/<uuid:post_id>/replies-off")
@keeps_text
@in_circle
def turn_off(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Turn off replies in a post's thread, for a reason."""
    require(may.keep_safe(standing))
    post, form = post_queries.post(standing, post_id), LockForm()
    try:
        if not form.validate():
            raise InvalidInput
        with unit_of_work():
            stands = services.lock(standing, post, form.reason.data or "")
    except InvalidInput as error:
        form.refuse(error)
        return _care(standing, post, AskForm(formdata=None), lock=form), 422
    with spoken_on("discussions.show"):
        if stands == form.reason.data:
            flash(_("Replies are off. The thread and the activity log give your reason."))
        else:
            flash(_("Replies were off already, for this reason: “%(reason)s”", reason=stands))
    nudge(form, rural=circle(standing).rural)
    thread_id = getattr(post, "thread_id", post_id)
    url = url_for("discussions.show", circle_id=standing.circle_id, thread_id=thread_id)
    return redirect(url, 303)


@bp.post("/circles/<uuid:circle_id>/posts/<uuid:post_id>/hold")
@keeps_text
@in_circle
def hold_back(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Hold a post's thread back from its erasure for 90 days, for a reason."""
    require(may.keep_safe(standing))
    post, form = post_queries.post(standing, post_id), HoldForm()
    try:
        if not form.validate():
            raise InvalidInput
        with unit_of_work():
            services.hold_back(standing, post, form.hold_reason.data or "")
    except InvalidInput as error:
        form.refuse(error)
        return _care(standing, post, AskForm(formdata=None), hold=form), 422
    except Forbidden:
        form.form_errors.append(_("This story goes no more, or has gone already."))
        return _care(standing, post, AskForm(formdata=None), hold=form), 409
    flash(_("Held back for 90 days. It is in the activity log, without your reason."))
    nudge(form, rural=circle(standing).rural)
    return redirect(url_for(".care", circle_id=standing.circle_id, post_id=post_id), 303)


def _desk(standing: Standing, form: AnswerForm, answering: Flag | None) -> str:
    desk = queries.desk(standing)
    if answering and answering not in desk.messages:  # answered since by somebody else
        desk.messages.insert(0, answering)
    return render_template(
        "moderation/desk.html",
        standing=standing,
        circle=circle(standing),
        desk=desk,
        decision=visibility.decision,
        reasons=REASONS,
        hidden_words=partial(phrases.hidden, pair=names_of_pair(standing)),
        form=form,
        answering=answering,
    )
