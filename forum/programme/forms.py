"""Forms of the programme lead."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired

from forum.web.forms import Form, choices, stripped

EMAIL = DataRequired(_("Enter an email address."))
PASSWORD = _("Type a password.")


class AccountAction(StrEnum):
    """Action on an account."""

    SUSPEND = "suspend"
    RESTORE = "restore"


class LeadForm(Form):
    """Account of a further programme lead."""

    address = StringField(_("Email only you read"), [EMAIL], filters=[stripped])
    name = StringField(_("Your name"), [DataRequired(_("Type your name."))], filters=[stripped])
    password = PasswordField(_("Password, 12 characters or more"), [DataRequired(PASSWORD)])


class SetUpForm(Form):
    """Programme lead's account, and an account of the same person to take part with."""

    address = StringField(_("Email only you read"), [EMAIL], filters=[stripped])
    name = StringField(_("Your name"), [DataRequired(_("Type your name."))], filters=[stripped])
    password = PasswordField(_("Password, 12 characters or more"), [DataRequired(PASSWORD)])
    second = BooleanField(_("Make my own second account too"))
    second_address = StringField(_("Another email of yours"), filters=[stripped])
    second_password = PasswordField(_("Its own password, 12 characters or more"))

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Check the fields; fields of a second account only if wanted."""
        is_valid = bool(super().validate(extra_validators))
        wanted = {self.second_address: EMAIL.message, self.second_password: PASSWORD}
        missing = {field: said for field, said in wanted.items() if not field.data}
        if not self.second.data or not missing:
            return is_valid
        for field, said in missing.items():
            field.errors = [*field.errors, said]
        return False


class TestMailForm(Form):
    """Address for a test email."""

    test_address = StringField(_("Send a test email to"), [EMAIL], filters=[stripped])


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
