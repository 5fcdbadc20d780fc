"""Forms for leaving a circle and for deleting an account."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, RadioField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from forum.offboarding.plans import Withdrawal
from forum.web.forms import Form, choices

FILE_PASSWORD_MIN = 12  # characters

OWN = {
    Withdrawal.NONE: _l("Keep them. They will say “a former member”."),
    Withdrawal.WITHIN_A_WEEK: _l("Withdraw them within a week"),
}
INVENTED = {
    Withdrawal.NONE: _l("Let them stay as they are"),
    Withdrawal.SLOWLY: _l("Withdraw them a little at a time, over three months"),
    Withdrawal.NOW: _l("Withdraw them within a week"),
}


class LeaveForm(Form):
    """Leaving a circle: choices for posts under everyday names."""

    words = RadioField(
        _l("Posts under your own name"),
        [InputRequired(_l("Choose one of the options shown."))],
        choices=choices(OWN),
        default=Withdrawal.NONE,
        coerce=Withdrawal,
    )
    invented = RadioField(
        _l("Posts under your invented name"),
        [InputRequired(_l("Choose one of the options shown."))],
        choices=choices(INVENTED),
        default=Withdrawal.NONE,
        coerce=Withdrawal,
    )

    def offer(self, *, own: bool, invented: Sequence[str]) -> None:
        """Drop the choices for names that the member does not have.

        invented: pseudonyms in all circles concerned.
        """
        self.names = list(invented)
        if not own:
            del self.words
        if invented:
            self.invented.label.text = _("Posts by %(name)s", name=", ".join(invented))
        else:
            del self.invented

    @property
    def words_go(self) -> bool:
        """True if posts under the own name are to be withdrawn."""
        return self.words is not None and self.words.data is Withdrawal.WITHIN_A_WEEK

    @property
    def withdrawal(self) -> Withdrawal:
        """Withdrawal of posts under pseudonyms."""
        return Withdrawal(self.invented.data) if self.names else Withdrawal.NONE


class CopyForm(Form):
    """Password of a file, chosen by whoever takes a copy by a link."""

    password = PasswordField(
        _l("Password for the file, 12 characters or more"),
        [InputRequired(_l("Enter a password for the file."))],
    )

    def validate_password(self, field: PasswordField) -> None:
        """Refuse a short password, and signs that programs for zip files read differently."""
        typed = field.data or ""
        if not (typed.isascii() and typed.isprintable()):
            raise ValidationError(
                _("Use letters without accents, digits and signs: others do not open the file.")
            )
        if len(typed) < FILE_PASSWORD_MIN:
            raise ValidationError(_("Use %(low)d characters or more.", low=FILE_PASSWORD_MIN))


class DeleteForm(LeaveForm):
    """Deleting an account: choices of LeaveForm, and confirmation."""

    sure = BooleanField(
        _l("Leave all my circles and delete my account."),
        [DataRequired(_l("Tick the box to confirm."))],
    )
