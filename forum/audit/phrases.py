"""Sentences for log lines."""

from datetime import date

from flask_babel import LazyString, format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from forum.audit.actions import Actor, Deed
from forum.audit.queries import LoggedAction
from forum.policy.terms import Role

SENTENCES = {
    Deed.CIRCLE_OPENED: _l("The circle was opened."),
    Deed.SETTINGS_CHANGED: _l("A moderator changed the settings: %(reason)s."),
    Deed.ROLE_GIVEN: _l("A moderator made somebody a %(about)s."),
    Deed.ROLE_LAID_DOWN: _l("A %(about)s laid down that role."),
    Deed.TAKEN_ON: _l("A member took the circle on as its moderator."),
    Deed.PERSON_REMOVED: _l("A moderator removed somebody."),
    Deed.INVITED: _l("A moderator invited colleagues (%(about)s)."),
    Deed.INVITATION_RENEWED: _l("A moderator renewed an invitation."),
    Deed.INVITATION_TAKEN_BACK: _l("A moderator took an invitation back."),
    Deed.POST_HIDDEN: _l("A moderator hid a post by %(about)s."),
    Deed.POST_KEPT_HIDDEN: _l(
        "A moderator agreed that a post by %(about)s stays hidden until it is changed."
    ),
    Deed.POST_SHOWN: _l("A moderator let a post by %(about)s show again."),
    Deed.POST_CHANGED: _l("A hidden post by %(about)s was changed by its author."),
    Deed.POST_MENDED: _l("A hidden post by %(about)s was changed by its author and shows again."),
    Deed.POST_REMOVED: _l("A moderator took a post by %(about)s away for good."),
    Deed.FLAG_LAPSED: _l(
        "No moderator looked at a hidden post by %(about)s within three days. It shows again."
    ),
    Deed.THREAD_LOCKED: _l("A moderator closed a thread begun by %(about)s to further answers."),
    Deed.THREAD_UNLOCKED: _l("A moderator opened a thread begun by %(about)s to answers again."),
    Deed.NAME_MUTED: _l("A moderator asked %(about)s to pause in a thread."),
    Deed.NAME_UNMUTED: _l("A moderator let %(about)s write in a thread again."),
    Deed.CLOSING_ASKED: _l("Somebody asked to close the circle."),
    Deed.CLOSING_BEGUN: _l("The circle is closing. It can be read until %(reason)s."),
    Deed.CLOSING_CALLED_OFF: _l("A moderator called off that the circle closes."),
    Deed.CALLING_OFF_ASKED: _l("Somebody asked to call off that the circle closes."),
    Deed.CLOSING_RESTORED: _l(
        "The service was restored from a copy in which the circle closes. Whatever was due"
        " meanwhile waits anew: it can be read until %(reason)s."
    ),
    Deed.SET_UP: _l("The service was set up."),
    Deed.SERVICE_INVITED: _l("The programme lead invited somebody to open a circle."),
    Deed.SERVICE_INVITATION_TAKEN_BACK: _l("The programme lead took an invitation back."),
    Deed.ACCOUNT_SUSPENDED: _l("The programme lead suspended an account."),
    Deed.ACCOUNT_RESTORED: _l("The programme lead restored an account."),
    Deed.RESET_LINK_MADE: _l("A link to choose a new password was made on the server."),
    Deed.CIRCLE_CLOSED: _l("A circle was closed, and its key destroyed."),
    Deed.BACKED_UP: _l("A backup was made."),
    Deed.RESTORED: _l("The service was restored from a backup: %(reason)s."),
    Deed.KEYS_ROTATED: _l("Keys were changed for new ones: %(reason)s."),
}
BY_A_MEMBER = {
    Deed.CLOSING_CALLED_OFF: _l("More than half of all called off that the circle closes."),
    Deed.POST_HIDDEN: _l(
        "A member thought that a patient could be recognised in a post by %(about)s. It was hidden."
    ),
}
BY_A_FACILITATOR = {Deed.POST_SHOWN: _l("A facilitator let a post by %(about)s show again.")}
ROLES = {
    Role.MEMBER: _l("member"),
    Role.FACILITATOR: _l("facilitator"),
    Role.MODERATOR: _l("moderator"),
}
SETTINGS = {
    "name": _l("name"),
    "purpose": _l("purpose"),
    "timezone": _l("time zone"),
    "slots": _l("times of hidden posts"),
    "modes": _l("names to write under"),
    "rules": _l("ground rules"),
}


def sentence(action: LoggedAction) -> str:
    """Sentence for one log line."""
    words: LazyString = SENTENCES[action.deed]
    if action.actor is Actor.MEMBER:
        words = BY_A_MEMBER.get(action.deed, words)
    if action.actor is Actor.FACILITATOR:
        words = BY_A_FACILITATOR.get(action.deed, words)
    known = ROLES | SETTINGS
    about = known.get(action.about, action.about)
    if action.deed in (Deed.CLOSING_BEGUN, Deed.CLOSING_RESTORED):
        day = format_date(date.fromisoformat(action.reason), "d MMMM y", rebase=False)
        return str(_(str(words))) % {"reason": day}
    reason = ", ".join(str(known.get(each, each)) for each in action.reason.split(", "))
    return str(_(str(words))) % {"about": about, "reason": reason}
