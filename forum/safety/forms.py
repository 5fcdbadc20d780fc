"""Forms of guardians."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField
from wtforms.validators import DataRequired

from forum.web.forms import Form, choices, stripped


class GuardianAct(StrEnum):
    """Act of the programme lead on a guardian."""

    ASK = "ask"
    END = "end"


class GuardianForm(Form):
    """Address of an account, and the act of the pressed button."""

    address = StringField(
        _l("Email address of their account"),
        [DataRequired(_l("Enter an email address."))],
        filters=[stripped],
    )
    act = RadioField(
        coerce=GuardianAct,
        choices=choices(
            {GuardianAct.ASK: _l("Ask to be a guardian"), GuardianAct.END: _l("Cancel or end")}
        ),
    )
