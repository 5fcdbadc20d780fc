"""Messages to the moderators about no post, and their answers."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, TooMany
from forum.discussions import phrases, post_queries
from forum.moderation import queries, services
from forum.moderation.forms import SIGNED, MessageForm
from forum.moderation.views import bp
from forum.policy.standing import Standing
from forum.web import limits
from forum.web.access import shows_hidden
from forum.web.errors import again_after
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text
from forum.web.help_panels import contact_place
from forum.web.language import spoken_on
from forum.web.typed_texts import nudge

MESSAGES_MOST = "10 per day"


@bp.get("/circles/<uuid:circle_id>/moderators")
@in_circle
def messages(standing: Standing) -> ResponseReturnValue:
    """A form for a message, and the member's earlier messages with their answers."""
    form = MessageForm(formdata=None)
    form.offer(standing.own_name)
    return _page(standing, form)


@bp.post("/circles/<uuid:circle_id>/moderators")
@keeps_text
@in_circle
def write(standing: Standing) -> ResponseReturnValue:
    """Send a message to the moderators."""
    form = MessageForm()
    form.offer(standing.own_name)
    if not form.validate():
        return _page(standing, form), 422
    try:
        with unit_of_work():
            words, signed = form.words.data or "", form.signed.data == SIGNED
            if services.write(standing, words, signed=signed, message_id=created_id()):
                _count()
    except InvalidInput as error:
        form.refuse(error)
        return _page(standing, form), 422
    except TooMany as error:
        form.form_errors.append(_("You have sent many messages today. Try again tomorrow."))
        return _page(standing, form), 429, again_after(error)
    if standing.moderators:
        flash(_("Sent. The moderators' reply will appear here."))
    else:
        flash(_("Saved. Nobody reads it until a member becomes this circle's moderator."))
    nudge(form, rural=circle(standing).rural)
    return redirect(url_for(".messages", circle_id=standing.circle_id), 303)


@bp.post("/circles/<uuid:circle_id>/contact")
@in_circle
def contact(standing: Standing) -> ResponseReturnValue:
    """Ask that a moderator writes to the name under which something heavy was just posted."""
    known = tokens.opened(
        request.form.get("token"), contact_place(standing.circle_id, current_user.id)
    )
    if known is None:
        return redirect(url_for(".messages", circle_id=standing.circle_id), 303)
    post = post_queries.find(standing, UUID(known))
    if post is None:  # withdrawn before its slot
        flash(_("What you wrote is gone, and its name with it. Write to the moderators here."))
        return redirect(url_for(".messages", circle_id=standing.circle_id), 303)
    try:
        with unit_of_work():
            if services.ask_for_note(standing, post):
                _count()
    except TooMany as error:
        form = MessageForm(formdata=None)
        form.offer(standing.own_name)
        form.form_errors.append(_("You have sent many messages today. Try again tomorrow."))
        return _page(standing, form), 429, again_after(error)
    name = phrases.own_name(post.author, shows_masks=shows_hidden())
    with spoken_on("discussions.index"):
        flash(
            _(
                "Sent, from %(name)s. The moderators reply when they next sign in, perhaps "
                "tomorrow. Their "
                "reply will be under Your posts.",
                name=name or _("your hidden name"),
            )
        )
    return redirect(url_for("discussions.index", circle_id=standing.circle_id), 303)


def _count() -> None:
    """Count a letter in the unit of work that stores it. Raises TooMany.

    Letters that are not sent count for nothing: else whoever sits at an open screen could press
    until the limit is reached, and learn that a note was asked for under a hidden name.
    """
    limits.take("letters", MESSAGES_MOST, current_user.id)


def _page(standing: Standing, form: MessageForm) -> str:
    return render_template(
        "moderation/messages.html",
        standing=standing,
        circle=circle(standing),
        form=form,
        messages=queries.own_messages(standing),
    )
