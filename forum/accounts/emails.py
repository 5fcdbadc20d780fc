"""Emails about an account. Each explains how to react to an unexpected request."""

from flask import current_app
from flask_babel import gettext as _

from forum.mail.layout import set_out, whom_to_ask
from forum.mail.outbox import queue


def reset_password(address: str, link: str) -> None:
    """Send a link for choosing a new password."""
    words = set_out(
        _("Choose a new password here:"),
        link,
        _("The link works once and lasts an hour."),
        _("If you did not ask for this, ignore this email. Your password has not changed."),
    )
    queue(address, _("Reset your password for %(site)s", site=_site()), words, link=link)


def confirm_address(address: str, link: str) -> None:
    """Send a link that proves ownership of a new address."""
    words = set_out(
        _(
            "Someone, probably you, asked to use this email address for %(site)s. To confirm, open"
            " this link within an hour and sign in as usual:",
            site=_site(),
        ),
        link,
        _("If this was not you, ignore this email."),
    )
    queue(address, _("Confirm your new email address for %(site)s", site=_site()), words, link=link)


def address_changed(address: str) -> None:
    """Notify the old address of a change of address."""
    words = set_out(
        _(
            "The email address of your %(site)s account has changed. Emails now go to the new "
            "address.",
            site=_site(),
        ),
        _not_you(),
    )
    queue(address, _("Your email address for %(site)s has changed", site=_site()), words)


def password_changed(address: str) -> None:
    """Notify the member of a change of password."""
    words = set_out(
        _(
            "The password of your account at %(site)s was changed, and you were signed out"
            " everywhere else.",
            site=_site(),
        ),
        _not_you(),
    )
    queue(address, _("Your password for %(site)s was changed", site=_site()), words)


def factor_changed(address: str) -> None:
    """Notify the member of a change of their second factors."""
    words = set_out(
        _(
            "How you sign in to %(site)s has changed: the second lock of your account was added,"
            " removed or replaced.",
            site=_site(),
        ),
        _not_you(),
    )
    queue(address, _("How you sign in to %(site)s has changed", site=_site()), words)


def vouched_for(address: str) -> None:
    """Notify the member that colleagues ask to have their second factors taken off."""
    words = set_out(
        _("Someone who knows you says that you lost the second lock of your account."),
        _(
            "After 24 hours the programme lead can take it off. Your password is still needed to"
            " sign in."
        ),
        _("If you asked for this, you need do nothing."),
        _(
            "If not, sign in and press “This was not me”, which stops it. If you cannot sign in,"
            " contact %(whom)s straight away.",
            whom=whom_to_ask(),
        ),
    )
    queue(address, _("Someone asks for your second lock to be taken off"), words)


def somebody_was_vouched_for(address: str) -> None:
    """Notify a programme lead that somebody waits for them, without saying who."""
    words = set_out(
        _("Someone lost the second lock of their account, and was vouched for."),
        _(
            "In 24 hours you can take it off, on the page “Help back in” of the service overview."
            " Speak to them first."
        ),
    )
    queue(address, _("Someone at %(site)s needs help to sign in", site=_site()), words)


def signed_in_somewhere_new(address: str) -> None:
    """Notify the member of a sign-in in a new browser, without hour, device or place."""
    words = set_out(
        _("Someone signed in to your %(site)s account on a device we had not met.", site=_site()),
        _("If it was you, all is well."),
        _("If not, change your password straight away, and tell %(whom)s.", whom=whom_to_ask()),
    )
    queue(address, _("Someone signed in to your %(site)s account", site=_site()), words)


def account_goes(address: str, day: str) -> None:
    """Notify the member of the coming deletion of their account. day: formatted for reading."""
    words = set_out(
        _(
            "Your account at %(site)s will be deleted on %(day)s, as you asked while signed in.",
            site=_site(),
            day=day,
        ),
        _("If you change your mind, sign in before then as usual and press “Keep my account”."),
        _("If you did not ask for this, contact %(whom)s straight away.", whom=whom_to_ask()),
    )
    queue(address, _("Your %(site)s account will be deleted", site=_site()), words)


def address_correction_asked(address: str) -> None:
    """Notify the old address of a correction by the operator."""
    words = set_out(
        _(
            "Someone told %(whom)s that you no longer have this mailbox, and wants another email"
            " address for your account.",
            whom=whom_to_ask(),
        ),
        _("It changes in 24 hours. For seven days after, posts under hidden names stay closed."),
        _("If you asked for this, you need do nothing."),
        _(
            "If not, sign in and press “This was not me”, which stops it. If you cannot sign in,"
            " contact %(whom)s straight away.",
            whom=whom_to_ask(),
        ),
    )
    queue(address, _("Someone asks to change your email for %(site)s", site=_site()), words)


def copy_link_made(address: str) -> None:
    """Notify of a link with which the member's open posts can be taken."""
    words = set_out(
        _(
            "You, or someone in your name, told %(whom)s that you cannot sign in, and asked for a"
            " copy of your posts. A link to it was made. It works once, within three days, and"
            " gives what you wrote under your own name.",
            whom=whom_to_ask(),
        ),
        _("If you did not ask for this, contact %(whom)s straight away.", whom=whom_to_ask()),
    )
    queue(address, _("A copy of your posts at %(site)s", site=_site()), words)


def lead_changed(address: str) -> None:
    """Notify a programme lead that another was added, or that one is no longer."""
    words = set_out(
        _(
            "Who is programme lead of %(site)s has changed, by a command on the server.",
            site=_site(),
        ),
        _not_you(),
    )
    queue(address, _("The programme lead of %(site)s has changed", site=_site()), words)


def unfinished_goes(address: str, day: str) -> None:
    """Notify of the coming deletion of an account that belongs to no circle. day: as read."""
    words = set_out(
        _(
            "Your account at %(site)s belongs to no circle, and will be deleted on %(day)s.",
            site=_site(),
            day=day,
        ),
        _("If you want to keep it, sign in before then as usual and press “Keep my account”."),
        _("You need do nothing to let it go."),
    )
    queue(address, _("Your %(site)s account will be deleted", site=_site()), words)


def service_rests(address: str, begins: str, ends: str) -> None:
    """Notify of a rest of the service. begins, ends: as read."""
    words = set_out(
        _(
            "%(site)s rests from %(begins)s until about %(ends)s. Its pages do not open then.",
            site=_site(),
            begins=begins,
            ends=ends,
        ),
        _("Nothing that was posted or saved is lost. You need do nothing."),
    )
    queue(address, _("%(site)s rests on %(day)s", site=_site(), day=begins), words)


def _not_you() -> str:
    return str(
        _(
            "If you did this, you need do nothing more. If not, contact %(whom)s straight away.",
            whom=whom_to_ask(),
        )
    )


def _site() -> str:
    return str(current_app.config["SITE_NAME"])
