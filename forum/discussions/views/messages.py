"""Notes of the moderators to an everyday name; those to a hidden one stand under "Your words"."""

from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.queries import circle, enter
from forum.core.db import unit_of_work
from forum.discussions import name_notes
from forum.discussions.views import bp
from forum.web.flash import flash


@bp.get("/circles/<uuid:circle_id>/messages")
def messages(circle_id: UUID) -> str:
    """Notes to the reader's everyday name."""
    standing = enter(current_user.id, circle_id)
    notes = name_notes.own(standing, masks=False)
    return render_template("discussions/messages.html", circle=circle(standing), notes=notes)


@bp.post("/circles/<uuid:circle_id>/messages/<uuid:note_id>")
def drop_message(circle_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Throw a note away once it was read."""
    standing = enter(current_user.id, circle_id)
    with unit_of_work():
        name_notes.drop(standing, note_id)
    flash(_("The message is gone."))
    return redirect(url_for(".index", circle_id=circle_id), 303)
