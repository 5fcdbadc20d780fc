"""The letters that an account gets. Each says what to do when nobody asked for it."""

from flask import current_app
from flask_babel import gettext as _

from forum.mail.services import queue


def reset_password(address: str, link: str) -> None:
    """A link to choose a new password."""
    words = _(
        "Choose a new password here:\n\n%(link)s\n\n"
        "The link works once, within an hour. If you did not ask for it, you need do nothing:"
        " your password stays as it is.\n",
        link=link,
    )
    queue(address, _("A new password for %(site)s", site=_site()), words)


def confirm_address(address: str, link: str) -> None:
    """A link that shows that a new address is its owner's."""
    words = _(
        "Someone, probably you, wants to sign in to %(site)s with this address from now on."
        " To agree, sign in as before, then open this link within an hour:\n\n%(link)s\n\n"
        "If it was not you, you need do nothing.\n",
        site=_site(),
        link=link,
    )
    queue(address, _("Your new address for %(site)s", site=_site()), words)


def address_changed(address: str) -> None:
    """A word to the old address."""
    words = _(
        "From now on your account at %(site)s has another mail address, and letters go there.\n\n"
        "If it was not you who changed it, write to %(operator)s at once.\n",
        site=_site(),
        operator=current_app.config["OPERATOR"],
    )
    queue(address, _("Your address for %(site)s was changed", site=_site()), words)


def password_changed(address: str) -> None:
    """A word that the password is another."""
    words = _(
        "The password of your account at %(site)s was changed, and it was signed out elsewhere.\n\n"
        "If it was not you, write to %(operator)s at once.\n",
        site=_site(),
        operator=current_app.config["OPERATOR"],
    )
    queue(address, _("Your password for %(site)s was changed", site=_site()), words)


def account_goes(address: str, day: str) -> None:
    """A word that an account is about to be deleted. day: as people say it."""
    words = _(
        "Your account at %(site)s is deleted on %(day)s, as was asked for from within it.\n\n"
        "Until then it can be kept: sign in as before, and press “Keep my account”.\n",
        site=_site(),
        day=day,
    )
    queue(address, _("Your account at %(site)s", site=_site()), words)


def _site() -> str:
    return str(current_app.config["SITE_NAME"])
