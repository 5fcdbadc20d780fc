"""Phrases shown on several pages of moderation."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from forum.moderation.models import Flag, Outcome
from forum.policy.terms import FlagReason

OUTCOMES = {
    Outcome.KEPT_HIDDEN: _l(
        "A moderator agreed. The post stays hidden until its author changes it."
    ),
    Outcome.MENDED: _l("The post was changed and is visible again."),
    Outcome.SHOWN: _l("A moderator looked and decided to leave the post as it is."),
    Outcome.ACTED: _l("A moderator has taken action."),
    Outcome.GONE: _l("The post has been withdrawn or deleted."),
    Outcome.LAPSED: _l(
        "No moderator looked in time, and the post is visible again. You can flag it again."
    ),
    Outcome.ANSWERED: _l("The moderators have replied."),
}


def outcome(flag: Flag) -> str:
    """A flag's outcome as a sentence; "" while pending."""
    if flag.outcome is Outcome.SHOWN and flag.reason is FlagReason.WORRY:
        return str(_("The moderators have seen to it."))
    return str(OUTCOMES[flag.outcome]) if flag.outcome else ""
