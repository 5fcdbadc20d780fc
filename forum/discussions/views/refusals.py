"""Composers that a service refused: they come back with their text, and say why."""

from collections.abc import Callable
from uuid import UUID

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.core.errors import Busy, Forbidden, ForumError, InvalidInput, TooMany
from forum.core.randomness import new_id
from forum.discussions.drafts import IdTaken
from forum.web.errors import again_after
from forum.web.flash import flash
from forum.web.forms import Form

REFUSALS = (InvalidInput, Forbidden, Busy, TooMany)


def refused(
    error: ForumError, form: Form, composer: Callable[[UUID], str], post_id: UUID, *, closed: str
) -> ResponseReturnValue:
    """Render a composer after one of REFUSALS, its text unchanged.

    composer: renders the page for a post's id; where that id is taken, for a new one. closed: the
    sentence for words that may no longer be sent here. Raises any other error again.
    """
    match error:
        case InvalidInput():
            form.refuse(error)
            if isinstance(error, IdTaken):
                form["began"].data, post_id = "", new_id()  # no draft is displayed
            return composer(post_id), 422
        case Forbidden():
            flash(closed)
            return composer(post_id), 403
        case Busy():
            flash(_("The service is busy. Your text is below: please try again in a moment."))
            return composer(post_id), 503
        case TooMany():
            said = _(
                "You have reached the posting limit for now. Your text is below: save it as a "
                "draft and post it later."
            )
            flash(said)
            return composer(post_id), 429, again_after(error)
    raise error
