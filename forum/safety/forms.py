"""Forms of the programme lead, of moderators who ask, and of guardians who decide."""

from enum import StrEnum

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from forum.policy.terms import Need, OpeningReason, Verdict
from forum.web.forms import Form, choices, one_line, stripped

REASONS = {
    OpeningReason.IMMEDIATE_RISK_TO_LIFE: _l("Someone may die now"),
    OpeningReason.SERIOUS_HARM_TO_OTHERS: _l("Others may come to serious harm"),
    OpeningReason.CHILD_OR_ADULT_AT_RISK: _l("A child or an adult may be at risk"),
    OpeningReason.LEGAL_ORDER: _l("A court or a law orders it"),
    OpeningReason.SERIOUS_ABUSE: _l("Serious abuse"),
}
NEEDS = {
    Need.NAME: _l("Their name"),
    Need.ADDRESS: _l("Their email address"),
    Need.TELEPHONE: _l("The telephone they left for an emergency"),
}
SEEN = {  # of the reader, who is told of an opening
    Need.NAME: _l("your name"),
    Need.ADDRESS: _l("your email address"),
    Need.TELEPHONE: _l("the telephone you left for an emergency"),
}
VERDICTS = {
    Verdict.UPHELD: _l("Upheld: it was right to open it"),
    Verdict.LEARNING: _l("Something to learn"),
    Verdict.MISUSE: _l("Misuse"),
}
CHOOSE = InputRequired(_l("Choose a reason."))


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


class RequestForm(Form):
    """Request of a moderator to open the name behind a post."""

    reason = RadioField(
        _l("Why must the name be opened?"), [CHOOSE], coerce=OpeningReason, choices=choices(REASONS)
    )
    facts = TextAreaField(
        _l("What makes you think so?"),
        [DataRequired(_l("Say what makes you think so."))],
        filters=[stripped],
    )
    tried = TextAreaField(
        _l("What did you try already?"),
        [DataRequired(_l("Say what you tried already."))],
        filters=[stripped],
    )
    needs = SelectMultipleField(
        _l("What is needed? Choose the least that helps."),
        [DataRequired(_l("Choose the least that helps."))],
        coerce=Need,
        choices=choices(NEEDS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    order = StringField(_l("Of a legal order: its reference"), filters=[one_line])
    advisor = StringField(_l("Of a legal order: who advised you"), filters=[one_line])


class AdviceForm(Form):
    """Question of a moderator to the guardians."""

    question = TextAreaField(_l("What would you like to ask?"), filters=[stripped])


class DecisionForm(Form):
    """A guardian's sentence, beside the pressed button."""

    words = TextAreaField(_l("Why? A sentence"), filters=[stripped])


class AnswerForm(Form):
    """A guardian's answer to a question."""

    answer = TextAreaField(_l("Your answer"), filters=[stripped])
    version = HiddenField()  # see matters.Advice.version


class HoldForm(Form):
    """Reason for holding the note to the person back."""

    hold_reason = StringField(_l("Why must the person not be told yet?"), filters=[one_line])


class ReviewForm(Form):
    """A guardian's review of an opening."""

    verdict = RadioField(
        _l("How do you see it?"), [CHOOSE], coerce=Verdict, choices=choices(VERDICTS)
    )
    words = TextAreaField(_l("Why? A sentence"), filters=[stripped])
