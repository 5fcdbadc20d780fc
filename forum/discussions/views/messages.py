"""Notes of the moderators to an everyday name; those to a hidden one stand under "Your words"."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.discussions import name_notes
from forum.discussions.views import bp
from forum.policy.standing import Standing
from forum.web.flash import flash


@bp.get("/circles/<uuid:circle_id>/messages")
@in_circle
def messages(standing: Standing) -> str:
    """Notes to the reader's everyday name."""
    notes = name_notes.own(standing, masks=False)
    return render_template("discussions/messages.html", circle=circle(standing), notes=notes)


@bp.post("/circles/<uuid:circle_id>/messages/<uuid:note_id>")
@in_circle
def drop_message(standing: Standing, note_id: UUID) -> ResponseReturnValue:
    """Throw a note away once it was read."""
    with unit_of_work():
        name_notes.drop(standing, note_id)
    flash(_("Message deleted."))
    return redirect(url_for(".index", circle_id=standing.circle_id), 303)
