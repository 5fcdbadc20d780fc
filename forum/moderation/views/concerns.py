"""Concerns: a message to a thread's presenter and the moderators that cannot wait."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, TooMany
from forum.discussions import thread_queries
from forum.discussions.models import Thread
from forum.moderation import services
from forum.moderation.forms import SIGNED, ConcernForm
from forum.moderation.views import bp
from forum.policy.standing import Standing
from forum.web import limits
from forum.web.errors import again_after
from forum.web.flash import flash
from forum.web.form_keys import created_id
from forum.web.forms import keeps_text
from forum.web.language import spoken_on
from forum.web.typed_texts import nudge

PATH = "/circles/<uuid:circle_id>/threads/<uuid:thread_id>/concern"
CONCERNS_MOST = "30 per day"  # apart from messages: a flood is stopped, and nobody in need


@bp.get(PATH)
@in_circle
def concern(standing: Standing, thread_id: UUID) -> str:
    """A form for what cannot wait, in any phase of a thread and under a lock."""
    thread, form = thread_queries.thread(standing, thread_id), ConcernForm(formdata=None)
    form.offer(standing.own_name)
    return _page(standing, thread, form)


@bp.post(PATH)
@keeps_text
@in_circle
def send_concern(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Send it at once; findings of the checker stop nothing."""
    thread, form = thread_queries.thread(standing, thread_id), ConcernForm()
    form.offer(standing.own_name)
    if not form.validate():
        return _page(standing, thread, form), 422
    signed, words = form.signed.data == SIGNED, form.words.data or ""
    try:
        with unit_of_work():
            if services.raise_concern(
                standing, thread, words, signed=signed, message_id=created_id()
            ):
                limits.take("concerns", CONCERNS_MOST, current_user.id)
    except InvalidInput as error:
        form.refuse(error)
        return _page(standing, thread, form), 422
    except TooMany as error:
        form.form_errors.append(_("You have sent many messages today. Try again tomorrow."))
        return _page(standing, thread, form), 429, again_after(error)
    with spoken_on("discussions.show"):
        flash(_sent_to(standing))
    nudge(form, rural=circle(standing).rural)
    return redirect(
        url_for("discussions.show", circle_id=standing.circle_id, thread_id=thread_id), 303
    )


def _sent_to(standing: Standing) -> str:
    if standing.moderators:
        return str(_("Sent to the presenter and the moderators."))
    return str(
        _(
            "Sent to the presenter. This circle has no moderator now, so nobody else reads it. If "
            "someone may be hurt, ring the emergency number."
        )
    )


def _page(standing: Standing, thread: Thread, form: ConcernForm) -> str:
    return render_template(
        "moderation/concern.html",
        circle=circle(standing),
        standing=standing,
        thread=thread,
        form=form,
    )
