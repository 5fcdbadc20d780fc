"""What those send who go."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.validators import DataRequired, InputRequired

from forum.web.forms import Form, choices

STAY, GO = "stay", "go"
WORDS = {
    STAY: _l("My words stay. What I wrote under my own name reads “a former member”."),
    GO: _l("Take away what I wrote under my everyday name, within a week."),
}


class LeaveForm(Form):
    """How somebody leaves."""

    words = RadioField(
        _l("What you wrote here"),
        [InputRequired(_l("Choose one."))],
        choices=choices(WORDS),
        default=STAY,
    )


class DeleteForm(LeaveForm):
    """How somebody leaves for good."""

    sure = BooleanField(
        _l("Leave all my circles and delete my account."), [DataRequired(_l("Tick this first."))]
    )
