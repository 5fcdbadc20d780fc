"""Forms for sign-in, passwords and account settings."""

from enum import StrEnum

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired

from forum.web.forms import Form, choices, one_line, stripped


class Device(StrEnum):
    """Kind of computer at sign-in."""

    SHARED = "shared"
    OWN = "own"


ADDRESS = DataRequired(_("Enter your email address."))
PASSWORD = InputRequired(_("Enter your password."))


class SignInForm(Form):
    """Address, password and kind of computer."""

    email = EmailField(_("Email address"), [ADDRESS], filters=[stripped])
    password = PasswordField(_("Password"), [PASSWORD])
    device = RadioField(
        _("Which device are you using?"),
        choices=choices(
            {
                Device.SHARED: _("A shared or work computer"),
                Device.OWN: _("My own phone or computer"),
            }
        ),
        coerce=Device,
        default=Device.SHARED,
    )
    way_on = HiddenField()


class EmergencyForm(Form):
    """Telephone by which a member can be reached in an emergency."""

    emergency_contact = StringField(
        _("If someone must reach me in an emergency"), filters=[one_line]
    )


class ConfirmForm(Form):
    """Password again, and the sealed target."""

    password = PasswordField(_("Password"), [PASSWORD])
    way_on = HiddenField()


class CodeForm(Form):
    """Six digits of an app or, in a field of its own, a recovery code, and the sealed target."""

    digits = StringField(_("Six digits"))
    recovery = StringField(_("Recovery code"))
    way_on = HiddenField()

    def typed(self) -> str:
        """The code, from either field; "" for none."""
        return (self.digits.data or "").strip() or (self.recovery.data or "").strip()


class SecondStepForm(CodeForm):
    """Second step of signing in: a code, and the sealed outcome of the first."""

    first = HiddenField()
    device = HiddenField()


class AppForm(Form):
    """First digits of an app that is being added, and the sealed set-up."""

    digits = StringField(_("Six digits"))
    setup = HiddenField()
    way_on = HiddenField()


class PasskeyAnswerForm(Form):
    """A browser's answer about a passkey, as JSON of its script, and the sealed challenge."""

    answer = HiddenField()
    challenge = HiddenField()
    device = HiddenField()
    way_on = HiddenField()


class PasskeyForm(PasskeyAnswerForm):
    """A passkey that a browser has made, with its name, the sealed set-up and handle."""

    name = StringField(_("A name for it"), filters=[stripped])
    setup = HiddenField()
    handle = HiddenField()


class ConfirmWithAppForm(ConfirmForm):
    """Password, or six digits of the app in its place."""

    password = PasswordField(_("Password"))
    digits = StringField(_("Or six digits from your app"))


class ForgottenForm(Form):
    """Address of a member who forgot their password."""

    email = EmailField(_("Email address"), [ADDRESS], filters=[stripped])


class NewPasswordForm(Form):
    """New password, chosen through a link."""

    password = PasswordField(
        _("New password, 12 characters or more"), [InputRequired(_("Enter a new password."))]
    )


class ChangePasswordForm(NewPasswordForm):
    """New password, with the old one."""

    old_password = PasswordField(_("Current password"), [PASSWORD])


class NewAddressForm(Form):
    """New mail address, of somebody who gave a second factor just now."""

    address = EmailField(_("New email address"), [ADDRESS], filters=[stripped])


class AddressForm(NewAddressForm):
    """New mail address, with the password."""

    password = PasswordField(_("Password"), [PASSWORD])
