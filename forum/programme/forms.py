"""Forms of the programme lead."""

from enum import StrEnum

from flask_babel import lazy_gettext as _
from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import DataRequired

from forum.web.forms import Form, choices, stripped

EMAIL = DataRequired(_("Type a mail address."))


class AccountAction(StrEnum):
    """Action on an account."""

    SUSPEND = "suspend"
    RESTORE = "restore"


class SetUpForm(Form):
    """Programme lead's own account."""

    address = StringField(_("Email only you read"), [EMAIL], filters=[stripped])
    name = StringField(_("Your name"), [DataRequired(_("Type your name."))], filters=[stripped])
    password = PasswordField(
        _("Password, 12 characters or more"), [DataRequired(_("Type a password."))]
    )


class InviteForm(Form):
    """Address for a service invitation."""

    address = StringField(_("Their email"), [EMAIL], filters=[stripped])


class AccountForm(Form):
    """Address of an account, and the action of the pressed button."""

    address = StringField(_("The account's email"), [EMAIL], filters=[stripped])
    act = RadioField(
        coerce=AccountAction,
        choices=choices({AccountAction.SUSPEND: _("Suspend"), AccountAction.RESTORE: _("Restore")}),
    )
