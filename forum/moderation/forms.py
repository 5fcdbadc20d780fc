"""Forms of flags, of messages to the moderators, and of their answers."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from forum.moderation.models import REASON_MAX, WORDS_MAX
from forum.policy.terms import FlagReason
from forum.web.forms import Form, choices, one_line, stripped

REASONS = {
    FlagReason.PATIENT: _l("A patient could be recognised"),
    FlagReason.COLLEAGUE: _l("A colleague could be recognised"),
    FlagReason.UNKIND: _l("It is unkind or judges someone"),
    FlagReason.CARE: _l("It asks for, or gives, personal medical advice"),
    FlagReason.WORRY: _l("I am worried about the person who wrote it"),
    FlagReason.OTHER: _l("Something else"),
}
SIGNED, UNSIGNED = "signed", "unsigned"
LONG = Length(max=WORDS_MAX, message=_l("At most 2,000 characters, please."))


class AskForm(Form):
    """A moderator's request for a change, to the author of a hidden post."""

    asked = TextAreaField(
        _l("What should change? Its author and the moderators read this."),
        [LONG],
        filters=[stripped],
    )
    version = HiddenField()


class LockForm(Form):
    """A moderator's reason for turning off replies."""

    reason = StringField(
        _l("Why? Everyone reads this in the thread and in the activity log."),
        [Length(max=REASON_MAX, message=_l("At most 300 characters, please."))],
        filters=[one_line],
    )


class HoldForm(Form):
    """A moderator's reason for holding a thread back from its erasure."""

    hold_reason = StringField(
        _l("Why? Only moderators can read this, here."),
        [Length(max=REASON_MAX, message=_l("At most 300 characters, please."))],
        filters=[one_line],
    )


class FlagForm(Form):
    """A flag on a post: reason, paragraphs and a note."""

    reason = RadioField(
        _l("What is the problem?"),
        [InputRequired(_l("Choose a reason."))],
        choices=choices(REASONS),
    )
    places = SelectMultipleField(
        _l("Which part? (optional)"),
        coerce=int,
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    words = TextAreaField(_l("Message to the moderators (optional)"), [LONG], filters=[stripped])

    def offer(self, count: int) -> None:
        """Offer `count` paragraphs to mark."""
        self.places.choices = choices({str(place): str(place + 1) for place in range(count)})

    def marked(self) -> list[int]:
        """Indexes from 0 of the marked paragraphs, unknown indexes dropped."""
        known = len(self.places.choices or ())
        return sorted({place for place in self.places.data or () if 0 <= place < known})


class MessageForm(Form):
    """A message to the moderators about no post."""

    words = TextAreaField(_l("Your message"), [LONG], filters=[stripped])
    signed = RadioField(_l("Send it with your name?"), [InputRequired(_l("Choose a reason."))])

    def offer(self, own_name: str) -> None:
        """Offer to sign with `own_name`, or to send without a name."""
        self.signed.choices = choices({SIGNED: own_name, UNSIGNED: _l("Without my name")})


class ConcernForm(MessageForm):
    """A message that cannot wait, unsigned unless a name is chosen."""

    signed = RadioField(_l("Send it with your name?"), default=UNSIGNED)


class NoteForm(Form):
    """A note to whoever holds a name."""

    words = TextAreaField(
        _l("Only the person behind the name can read it."), [LONG], filters=[stripped]
    )


class AnswerForm(Form):
    """The moderators' answer to a message."""

    version = HiddenField()
    words = TextAreaField(_l("Your reply"), [LONG], filters=[stripped])
