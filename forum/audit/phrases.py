"""Sentences for log lines."""

from datetime import date

from flask_babel import LazyString, format_date
from flask_babel import lazy_gettext as _l

from forum.audit.actions import Actor, Deed
from forum.audit.queries import LoggedAction
from forum.policy.terms import OpeningReason, Role, Verdict

SENTENCES = {
    Deed.CIRCLE_OPENED: _l("The circle was started."),
    Deed.SETTINGS_CHANGED: _l("The settings were changed: %(reason)s."),
    Deed.ROLE_GIVEN: _l("A moderator made someone a %(about)s."),
    Deed.ROLE_LAID_DOWN: _l("A %(about)s stepped down."),
    Deed.TAKEN_ON: _l("A member became moderator, as the circle had none."),
    Deed.PERSON_REMOVED: _l("A moderator removed someone from the circle."),
    Deed.INVITED: _l("A moderator sent or made invitations: %(about)s."),
    Deed.INVITATION_RENEWED: _l("A moderator replaced an invitation with a new one."),
    Deed.INVITATION_TAKEN_BACK: _l("A moderator cancelled an invitation."),
    Deed.GROUP_LINK_MADE: _l("A moderator made a group link."),
    Deed.GROUP_LINK_ENDED: _l("A moderator ended the group link."),
    Deed.POST_HIDDEN: _l("A moderator hid a post by %(about)s."),
    Deed.POST_KEPT_HIDDEN: _l(
        "A moderator agreed that a post by %(about)s stays hidden until its author changes it."
    ),
    Deed.POST_SHOWN: _l("A moderator made a post by %(about)s visible again."),
    Deed.POST_CHANGED: _l("A hidden post by %(about)s was changed by its author."),
    Deed.POST_MENDED: _l(
        "A hidden post by %(about)s was edited by its author and is visible again."
    ),
    Deed.POST_REMOVED: _l("A moderator deleted a post by %(about)s for good."),
    Deed.FLAG_LAPSED: _l(
        "No moderator looked at a hidden post by %(about)s within three days. It was made "
        "visible again."
    ),
    Deed.THREAD_LOCKED: _l("A moderator turned off replies in a thread started by %(about)s."),
    Deed.THREAD_UNLOCKED: _l(
        "A moderator turned replies back on in a thread started by %(about)s."
    ),
    Deed.THREAD_PINNED: _l("A moderator pinned a thread started by %(about)s."),
    Deed.THREAD_UNPINNED: _l("A moderator unpinned a thread started by %(about)s."),
    Deed.THREAD_HELD: _l(
        "A moderator held back for 90 days a thread started by %(about)s, which would have gone."
    ),
    Deed.THREAD_RELEASED: _l("A moderator no longer holds back a thread started by %(about)s."),
    Deed.THREAD_ERASED: _l("A story has gone, as the circle chose in its settings."),
    Deed.NAME_MUTED: _l("A moderator paused %(about)s in a thread."),
    Deed.NAME_UNMUTED: _l("A moderator let %(about)s post in a thread again."),
    Deed.CLOSING_ASKED: _l("Someone asked to close the circle."),
    Deed.CLOSING_BEGUN: _l("The circle is closing. It can be read until %(reason)s."),
    Deed.CLOSING_CALLED_OFF: _l("A moderator stopped the closing of the circle."),
    Deed.CALLING_OFF_ASKED: _l("Someone asked to keep the circle open."),
    Deed.CLOSING_RESTORED: _l(
        "The service was restored from a backup in which the circle was closing. The time to "
        "stop it "
        "starts again: the circle can be read until %(reason)s."
    ),
    Deed.SET_UP: _l("The service was set up."),
    Deed.SERVICE_INVITED: _l("The programme lead invited someone to start a circle."),
    Deed.SERVICE_INVITATION_TAKEN_BACK: _l("The programme lead cancelled an invitation."),
    Deed.ACCOUNT_SUSPENDED: _l("The programme lead suspended an account."),
    Deed.ACCOUNT_RESTORED: _l("The programme lead restored an account."),
    Deed.FACTOR_RESET: _l("The second lock of an account was taken off on the server."),
    Deed.VOUCHED_FOR: _l("Someone who lost their second lock was vouched for."),
    Deed.RECOVERY_STOPPED: _l("Someone who was vouched for said that it was not them."),
    Deed.RECOVERY_CONFIRMED: _l(
        "The programme lead took off the second lock of someone who was vouched for."
    ),
    Deed.RECOVERY_REFUSED: _l("The programme lead left the second lock of someone on."),
    Deed.RESET_LINK_MADE: _l("A link to choose a new password was made on the server."),
    Deed.GUARDIAN_ASKED: _l("The programme lead asked someone to be a guardian."),
    Deed.GUARDIAN_ACCEPTED: _l("Someone accepted to be a guardian."),
    Deed.GUARDIAN_ENDED: _l("The programme lead ended someone's task as a guardian."),
    Deed.NAME_OPENED: _l("Two guardians opened a name: %(reason)s."),
    Deed.NAME_OPENED_ALONE: _l("One guardian alone opened a name: %(reason)s."),
    Deed.NAME_NOT_OPENED: _l("Two guardians refused to open a name: %(reason)s."),
    Deed.NAME_REQUEST_LAPSED: _l("A request to open a name lapsed after 24 hours: %(reason)s."),
    Deed.NAME_REQUEST_REFUSED: _l(
        "A request to open a name was refused, as its circle had asked three times in 30 days:"
        " %(reason)s."
    ),
    Deed.OPENING_REVIEWED: _l("A guardian reviewed the opening of a name: %(about)s. %(reason)s."),
    Deed.CIRCLE_CLOSED: _l("A circle was deleted for good."),
    Deed.BACKED_UP: _l("A backup was made."),
    Deed.RESTORED: _l("The service was restored from a backup."),
    Deed.KEYS_ROTATED: _l("Encryption keys were replaced."),
    Deed.KEYS_PRINTED: _l("The root keys were printed on a sheet."),
    Deed.KEY_SHARES_PRINTED: _l("The root keys were printed as three shares."),
    Deed.EXPOSURE_ASKED: _l("On the server, someone counted what a root key opens."),
    Deed.UNFINISHED_LISTED: _l("Accounts that belong to no circle were listed on the server."),
    Deed.UNFINISHED_ENDED: _l(
        "An account that belongs to no circle was given a day on which it goes."
    ),
    Deed.EVERYONE_SIGNED_OUT: _l("Everyone was signed out."),
    Deed.REST_ANNOUNCED: _l("Members were told that the service will rest."),
    Deed.REST_ENDED: _l("The notice that the service will rest was taken down."),
    Deed.READ_ONLY_BEGUN: _l("The service was made read-only."),
    Deed.READ_ONLY_ENDED: _l("The service was opened for writing again."),
    Deed.LEAD_LINK_MADE: _l("A link to become programme lead was made on the server."),
    Deed.LEAD_ADDED: _l("A programme lead was added."),
    Deed.LEAD_HANDED_OVER: _l("A programme lead handed over to another."),
    Deed.LEAD_ENDED: _l("Someone is no longer programme lead."),
    Deed.ADDRESS_CORRECTION_ASKED: _l(
        "On the server, another email address was asked for an account. It changes after 24 hours."
    ),
    Deed.ADDRESS_CORRECTION_STOPPED: _l(
        "Someone whose email address was to change said that it was not them."
    ),
    Deed.ADDRESS_CORRECTION_CANCELLED: _l("A change of an email address was cancelled."),
    Deed.ADDRESS_CORRECTED: _l("The email address of an account was changed from the server."),
    Deed.COPY_LINK_MADE: _l(
        "A link was made on the server, for a person to take a copy of their posts."
    ),
    Deed.COPY_LINK_CANCELLED: _l("A link to a copy of someone's posts was cancelled."),
    Deed.COPY_TAKEN: _l("A person took a copy of their posts by a link from the server."),
}
BY_A_MEMBER = {
    Deed.GUARDIAN_ENDED: _l("Someone declined, or stopped being a guardian."),
    Deed.CLOSING_CALLED_OFF: _l("More than half of all members stopped the closing of the circle."),
    Deed.POST_HIDDEN: _l(
        "A member thought that a patient could be recognised in a post by %(about)s. It was hidden."
    ),
}
BY_A_FACILITATOR = {Deed.POST_SHOWN: _l("A facilitator made a post by %(about)s visible again.")}
BY_AN_OPERATOR = {
    Deed.CLOSING_CALLED_OFF: _l(
        "The service was restored from a backup in which the circle was closing. That had been "
        "stopped since, and stays so."
    )
}
ROLES = {
    Role.MEMBER: _l("member"),
    Role.FACILITATOR: _l("facilitator"),
    Role.MODERATOR: _l("moderator"),
}
SETTINGS = {
    "name": _l("name"),
    "purpose": _l("purpose"),
    "timezone": _l("time zone"),
    "slots": _l("times when posts with a hidden name appear"),
    "modes": _l("names to write under"),
    "rules": _l("ground rules"),
    "topics": _l("topics"),
    "rural": _l("whether it is rural"),
    "rota": _l("rota"),
    "ways": _l("ways to talk"),
    "rounds": _l("rota, or ways to talk"),  # of lines before December 2026
    "days": _l("days that rounds count"),
    "retention": _l("how long stories stay"),
}


REASONS = {
    OpeningReason.IMMEDIATE_RISK_TO_LIFE: _l("someone may die now"),
    OpeningReason.SERIOUS_HARM_TO_OTHERS: _l("others may come to serious harm"),
    OpeningReason.CHILD_OR_ADULT_AT_RISK: _l("a child or an adult may be at risk"),
    OpeningReason.LEGAL_ORDER: _l("a court or a law orders it"),
    OpeningReason.SERIOUS_ABUSE: _l("serious abuse"),
}
VERDICTS = {
    Verdict.UPHELD: _l("upheld"),
    Verdict.LEARNING: _l("something to learn"),
    Verdict.MISUSE: _l("misuse"),
}
# Lines about one of the words above; all others are about a name, which may sound like one
OF_TERMS = (Deed.ROLE_GIVEN, Deed.ROLE_LAID_DOWN, Deed.OPENING_REVIEWED)


def sentence(action: LoggedAction) -> str:
    """Sentence for one log line."""
    words: LazyString = SENTENCES[action.deed]
    if action.actor is Actor.MEMBER:
        words = BY_A_MEMBER.get(action.deed, words)
    if action.actor is Actor.FACILITATOR:
        words = BY_A_FACILITATOR.get(action.deed, words)
    if action.actor is Actor.OPERATOR:
        words = BY_AN_OPERATOR.get(action.deed, words)
    known = ROLES | SETTINGS | REASONS | VERDICTS
    about = known.get(action.about, action.about) if action.deed in OF_TERMS else action.about
    if action.deed in (Deed.CLOSING_BEGUN, Deed.CLOSING_RESTORED):
        day = format_date(date.fromisoformat(action.reason), "d MMMM y", rebase=False)
        return str(words) % {"reason": day}
    reason = ", ".join(str(known.get(each, each)) for each in action.reason.split(", "))
    return str(words) % {"about": about, "reason": reason}
