"""Phrases shown on several pages of threads."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from forum.discussions.forms import WISHES
from forum.discussions.models import Thread
from forum.discussions.queries import Head
from forum.discussions.reply_preferences import wish
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Hidden
from forum.web.number_words import spelt

HIDDEN = {
    Hidden.PATIENT: _l("Hidden for now: a colleague thought a patient might be recognised."),
    Hidden.MODERATOR: _l("Hidden by a moderator."),
}


def heading(thread: Thread | Head | None) -> str:
    """A thread's title, or a placeholder while its opening is withdrawn or hidden."""
    if thread is None or thread.withdrawn:
        return str(_("Withdrawn reflection"))
    return thread.title if thread.hidden is None else str(_("Hidden reflection"))


def wish_of(thread: Thread) -> str:
    """The presenter's wish as a label: "Hear me out"."""
    return str(WISHES[wish(thread.support_wanted, thread.reply_manner)])


def not_yet(standing: Standing, *, reply: bool) -> str:
    """A sentence on how many members hidden names still need; "" once enough have joined."""
    if may.crowd_suffices(standing.members, reply=reply):
        return ""
    counts = {"needed": spelt(may.members_needed(reply=reply)), "number": spelt(standing.members)}
    said = (
        ngettext(
            "You can hide your name in a reply once %(needed)s people have joined; there is one"
            " now. Write today: we save it as a draft until then.",
            "You can hide your name in a reply once %(needed)s people have joined; there are"
            " %(number)s now. Write today: we save it as a draft until then.",
            standing.members,
            **counts,
        )
        if reply
        else ngettext(
            "You can hide your name in a reflection once %(needed)s people have joined; there is"
            " one now. Write today: we save it as a draft until then.",
            "You can hide your name in a reflection once %(needed)s people have joined; there are"
            " %(number)s now. Write today: we save it as a draft until then.",
            standing.members,
            **counts,
        )
    )
    return str(said)


def hidden_hint(standing: Standing, slot: str, *, reply: bool) -> str:
    """Hint beside a hidden name in the composer. slot: as a phrase."""
    if not may.crowd_suffices(standing.members, reply=reply):
        needed = spelt(may.members_needed(reply=reply))
        return str(_("Saved as a draft until %(needed)s people have joined.", needed=needed))
    number = spelt(may.crowd(standing.members, reply=reply))
    return str(
        _(
            "You are one of %(number)s who could have written it. Appears %(when)s.",
            number=number,
            when=slot,
        )
    )


def readers(standing: Standing) -> str:
    """Line below the composer: who will read the post."""
    return str(
        ngettext(
            "Only you can read it now. People who join later can too.",
            "All %(number)s members can read it, and so can people who join later.",
            standing.members,
            number=spelt(standing.members),
        )
    )


def appears(mode: AuthorMode | None, standing: Standing, slot: str, *, reply: bool) -> str:
    """Line on "Check before posting": the name used, and when the post appears."""
    if mode is not None and mode.masked:
        return str(
            _(
                "Your name will be hidden: you are one of %(number)s who could have written this."
                " It will appear %(when)s.",
                number=spelt(may.crowd(standing.members, reply=reply)),
                when=slot,
            )
        )
    return str(_("It will appear straight away, under the name below."))


def post_as(mode: AuthorMode | None, name: str) -> str:
    """Label of the button which posts, with the name."""
    if mode is AuthorMode.CIRCLE_VOICE:
        return str(_("Post as a member of this circle"))
    if mode is AuthorMode.THREAD_PSEUDONYM and not name:
        return str(_("Post with my name hidden"))
    return str(_("Post as %(name)s", name=name))
