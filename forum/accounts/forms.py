"""What people send when they come, go, and look after their account."""

from enum import StrEnum

from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired

from forum.web.forms import Form, choices, stripped
from forum.web.zones import zone_labels


class Device(StrEnum):
    """Whose computer someone sits at."""

    SHARED = "shared"
    OWN = "own"


ADDRESS = DataRequired(_("Type your mail address."))
PASSWORD = InputRequired(_("Type your password."))


class SignInForm(Form):
    """Who wants to come in, and from where."""

    email = EmailField(_("Email"), [ADDRESS], filters=[stripped])
    password = PasswordField(_("Password"), [PASSWORD])
    device = RadioField(
        _("This is"),
        choices=choices(
            {Device.SHARED: _("a shared or work computer"), Device.OWN: _("my own device")}
        ),
        coerce=Device,
        default=Device.SHARED,
    )
    way_on = HiddenField()


class ConfirmForm(Form):
    """The password once more, and the way on."""

    password = PasswordField(_("Password"), [PASSWORD])
    way_on = HiddenField()


class ForgottenForm(Form):
    """Whose password was forgotten."""

    email = EmailField(_("Email"), [ADDRESS], filters=[stripped])


class NewPasswordForm(Form):
    """A password chosen by way of a link."""

    password = PasswordField(
        _("New password, 12 characters or more"), [InputRequired(_("Type a new password."))]
    )


class ChangePasswordForm(NewPasswordForm):
    """A password chosen in the place of another."""

    old_password = PasswordField(_("Your password until now"), [PASSWORD])


class AddressForm(Form):
    """Another mail address."""

    address = EmailField(_("New email"), [ADDRESS], filters=[stripped])
    password = PasswordField(_("Password"), [PASSWORD])


class TimezoneForm(Form):
    """Where days are told."""

    timezone = SelectField(_("Time zone"))

    def offer(self, current: str) -> None:
        """Offer the usual zones, and the one that holds now."""
        self.timezone.choices = choices(zone_labels(current))
