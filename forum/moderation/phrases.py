"""Phrases shown on several pages of moderation."""

from flask_babel import lazy_gettext as _l

from forum.moderation.models import Flag, Outcome

OUTCOMES = {
    Outcome.KEPT_HIDDEN: _l("A moderator agreed. It stays hidden until its author changes it."),
    Outcome.MENDED: _l("It was changed, and shows again."),
    Outcome.SHOWN: _l("A moderator looked, and let it stand."),
    Outcome.ACTED: _l("A moderator has seen to it."),
    Outcome.GONE: _l("It is gone."),
    Outcome.LAPSED: _l("No moderator looked in time, and it shows again. You can flag it anew."),
    Outcome.ANSWERED: _l("The moderators have answered."),
}


def outcome(flag: Flag) -> str:
    """A flag's outcome as a sentence; "" while pending."""
    return str(OUTCOMES[flag.outcome]) if flag.outcome else ""
