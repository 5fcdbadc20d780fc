"""Forms of circles."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from flask_babel import gettext as translated
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from forum.circles.answering_rota import WEEKS_MAX
from forum.circles.retention_settings import MONTHS
from forum.circles.settings import MODES, Settings, slots, wrong
from forum.circles.talk_settings import Lengths, days_out_of_range
from forum.core.errors import InvalidInput
from forum.policy.terms import AuthorMode, CircleKind, Follows, Role
from forum.rounds.definitions import DAYS_MAX, DAYS_MIN, Round
from forum.rounds.templates import Template
from forum.web.forms import Form, choices, stripped

ANOTHER = "another"  # choice: a pseudonym typed by hand
OWN = "own"  # choice: the member's own name


def _id(typed: str | None) -> UUID | None:
    with suppress(ValueError):
        return UUID(typed or "")
    return None


def _lines(field: TextAreaField) -> list[str]:
    """Lines of a text, without blanks around each and without empty ones."""
    lines = (" ".join(line.split()) for line in (field.data or "").splitlines())
    return [line for line in lines if line]


KINDS = {
    CircleKind.GROUP: _("A group"),
    CircleKind.PAIR: _("The two of us"),
    CircleKind.ONE_OFF: _("One conversation"),
}


class OpenForm(Form):
    """Kind and name of a new circle."""

    kind = RadioField(
        _("Who is it for?"), choices=choices(KINDS), coerce=CircleKind, default=CircleKind.GROUP
    )
    name = StringField(_("Name of the circle"), filters=[stripped])

    def offer(self, kinds: Collection[CircleKind]) -> None:
        """Set the kinds to choose from; the first is chosen where none was sent."""
        self.kind.choices = choices({kind: KINDS[kind] for kind in kinds})
        if not self.is_submitted():
            self.kind.data = next(iter(kinds), None)


class SettingsForm(Form):
    """Settings of a circle."""

    version = HiddenField()  # see settings.Settings.version
    name = StringField(_("Name"), filters=[stripped])
    purpose = TextAreaField(_("Purpose of the circle"), filters=[stripped])
    slots = StringField(_("Times when posts with a hidden name appear"), filters=[stripped])
    modes = SelectMultipleField(
        _("Names that people may write under"),
        choices=choices(MODES),
        coerce=AuthorMode,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    rules = TextAreaField(_("Your circle's own ground rules"), filters=[stripped])
    topics = TextAreaField(_("Topics"), filters=[stripped])
    rural = BooleanField(_("We work where few people live"))

    def keep_names(self, now: Settings) -> None:
        """Take names and slots as they are: a small circle's form does not ask for them."""
        self.slots.data, self.modes.data = now.slots.replace(" ", ", "), list(now.modes)

    def show(self, now: Settings) -> None:
        """Fill the form with the current settings."""
        self.process(data={name: getattr(now, name) for name in ("name", "purpose")})
        self.keep_names(now)
        self.rules.data, self.version.data = "\n".join(now.rules), now.version
        self.topics.data, self.rural.data = "\n".join(now.topics), now.rural

    def wanted(self) -> Settings | None:
        """Submitted settings; None if invalid, with all errors beside the fields."""
        topics = {topic.casefold(): topic for topic in reversed(_lines(self.topics))}
        times, refused = "", dict[str, str]()
        try:
            times = slots(self.slots.data or "")
        except InvalidInput as error:
            refused |= error.fields
        wanted = Settings(
            name=" ".join((self.name.data or "").split()),
            purpose=self.purpose.data or "",
            slots=times,
            modes=tuple(mode for mode in AuthorMode if mode in (self.modes.data or ())),
            rules=tuple(dict.fromkeys(_lines(self.rules))),
            topics=tuple(reversed(topics.values())),
            rural=bool(self.rural.data),
        )
        refused |= wrong(wanted)
        if refused:
            self.refuse(InvalidInput(**refused))
            return None
        return wanted


class DaysField(IntegerField):
    """Length of a phase; what was typed stays in the box when it is refused."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read a whole number of days. Raises ValueError outside DAYS_MIN to DAYS_MAX."""
        if not valuelist:
            return
        with suppress(ValueError):
            self.data = int(valuelist[0])
            if DAYS_MIN <= self.data <= DAYS_MAX:
                return
        raise ValueError(days_out_of_range())


class WaysForm(Form):
    """Ways to talk, made by `ways_form`. lengths: name of a field -> keys of round and phase."""

    lengths: Mapping[str, tuple[str, str]] = {}

    version = HiddenField()  # see talk_settings.version
    rounds = SelectMultipleField(
        _("On in this circle"), widget=ListWidget(), option_widget=CheckboxInput()
    )
    templates = SelectMultipleField(
        _("Ways to tell"), widget=ListWidget(), option_widget=CheckboxInput()
    )
    tells = HiddenField()  # set where the ways to tell stood on the page

    def show(self, on: Collection[str], told: Collection[str], days: Lengths, version: str) -> None:
        """Fill the form with the circle's choice."""
        self.rounds.data, self.version.data = list(on), version
        self.templates.data, self.tells.data = list(told), "1"
        for name, (round_key, phase_key) in self.lengths.items():
            self[name].data = days[round_key][phase_key]

    def days(self) -> dict[str, dict[str, int]]:
        """Days as sent: round key -> phase key -> days."""
        found: dict[str, dict[str, int]] = {}
        for name, (round_key, phase_key) in self.lengths.items():
            if self[name].data is not None:
                found.setdefault(round_key, {})[phase_key] = self[name].data
        return found

    def of(self, round_: Round) -> list[DaysField]:
        """Fields of a round, in the order of its phases."""
        return [self[name] for name, (key, _phase) in self.lengths.items() if key == round_.key]


def ways_form(rounds: Sequence[Round], templates: Sequence[Template]) -> WaysForm:
    """Make the form for these rounds and templates."""
    lengths = {
        f"days-{each.key}-{phase.key}": (each.key, phase.key)
        for each in rounds
        for phase in each.phases
    }
    labels = {
        f"days-{each.key}-{phase.key}": phase.name for each in rounds for phase in each.phases
    }
    fields = {name: DaysField(translated(label)) for name, label in labels.items()}
    made: WaysForm = type("WaysOfCircle", (WaysForm,), fields | {"lengths": lengths})()
    made.rounds.choices = choices({each.key: translated(each.name) for each in rounds})
    made.templates.choices = choices({each.key: translated(each.name) for each in templates})
    return made


class RoleForm(Form):
    """Role to give."""

    role = RadioField(coerce=Role, choices=choices({role: role.value for role in Role}))


class FollowForm(Form):
    """Notification level for a circle."""

    follows = RadioField(
        _("What should we show you as unread and email you about?"),
        coerce=Follows,
        choices=choices(
            {
                Follows.EVERYTHING: _("All posts"),
                Follows.ANSWERS: _("Only replies to my posts"),
                Follows.NOTHING: _("Nothing"),
            }
        ),
    )


class RhythmForm(Form):
    """Length of a turn on the rota."""

    weeks = SelectField(
        _("How long is each turn?"),
        coerce=int,
        choices=choices(
            {0: _("No rota"), 1: _("One week")}
            | {weeks: _("%(weeks)s weeks", weeks=weeks) for weeks in range(2, WEEKS_MAX + 1)}
        ),
    )


class RetentionForm(Form):
    """Months after a thread's closing until its texts are erased; 0 for never."""

    version = HiddenField()  # see retention_settings.version
    months = RadioField(
        _("When do stories go?"),
        [InputRequired(_("Choose one of these."))],
        coerce=int,
        choices=choices(
            {0: _("Never: they stay")}
            | {months: _("%(months)s months after closing", months=months) for months in MONTHS}
        ),
    )


class AgreeForm(Form):
    """Agreement to the ground rules, and the page to return to."""

    rules, back = HiddenField(), HiddenField()

    @property
    def agreed_to(self) -> UUID | None:
        """Id of the agreed ground rules; None if malformed."""
        return _id(self.rules.data)


class OwnNameForm(Form):
    """Display name, shared by all of the member's circles."""

    name = StringField(_("Your name"), filters=[stripped])


class NameForm(Form):
    """Everyday name for one circle."""

    choice = RadioField(_("What name will you write under?"), [InputRequired(_("Choose a name."))])
    pseudonym = StringField(_("Another name"), filters=[stripped])
    mode = HiddenField()  # place for errors about the mode

    def offer(self, invented: Sequence[str], own_name: str | None, *, may_invent: bool) -> None:
        """Set the choices: suggested pseudonyms, a typed one, the own name."""
        words = {name: name for name in invented} | ({ANOTHER: _("Another")} if may_invent else {})
        self.choice.choices = choices(words | ({OWN: own_name} if own_name else {}))
        # Suggestions are drawn for each page, so a submitted one is not in the new list.
        self.choice.validate_choice = False

    def chosen(self) -> tuple[AuthorMode, str]:
        """Mode of the chosen name, and the pseudonym or ""."""
        if self.choice.data == OWN:
            return AuthorMode.OWN_NAME, ""
        if self.choice.data == ANOTHER:
            return AuthorMode.PSEUDONYM, self.pseudonym.data or ""
        return AuthorMode.PSEUDONYM, self.choice.data


class InviteForm(Form):
    """Recipients and manner of an invitation."""

    by = HiddenField()  # "link" or "mail": the button that was pressed
    words = TextAreaField(_("Personal message (optional)"), filters=[stripped])
    for_whom = TextAreaField(_("Who? (optional)"), filters=[stripped])
    addresses = TextAreaField(_("Email addresses"), filters=[stripped])
    names_inviter = BooleanField(_("Say in the email that I am inviting them"))


class GroupLinkForm(Form):
    """Places that a group link names."""

    places = StringField(_("Places"), filters=[stripped])

    @property
    def number(self) -> int:
        """Places as a number; 0 where none was typed."""
        typed = self.places.data or ""
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 4 else 0


class WayInForm(Form):
    """Base of all joining forms: the link's secret and the ground rules shown."""

    token = HiddenField()
    rules = HiddenField()
    invitation = HiddenField()  # place for errors about the invitation

    @property
    def rules_shown(self) -> UUID | None:
        """Id of the ground rules shown on the page; None if malformed."""
        return _id(self.rules.data)


class AffirmForm(WayInForm):
    """First page: a tick box, so that link scanners get no further."""

    affirmed = BooleanField(
        _(
            "I am a clinician. What I read here stays here. I leave out anything that could "
            "identify a patient."
        ),
        [DataRequired(_("Tick the box to continue."))],
    )


class AskForm(AffirmForm):
    """Request to join by a group link, of somebody without an account."""

    link = HiddenField()  # place for errors about the link
    email = StringField(
        _("Email only you read"), [DataRequired(_("Enter your email address."))], filters=[stripped]
    )
    name = StringField(_("Your name"), [DataRequired(_("Type your name."))], filters=[stripped])


class AskAsMemberForm(AffirmForm):
    """Request to join by a group link, of somebody with an account."""

    link, email, name = HiddenField(), HiddenField(), HiddenField()  # places for errors


class ProveForm(Form):
    """Confirmation of an address: a tick box, so that link scanners get no further."""

    token = HiddenField()
    asked = BooleanField(_("It was I who asked."), [DataRequired(_("Tick the box to continue."))])


class JoinForm(WayInForm):
    """Second page, for members with an account."""

    affirmed = HiddenField(validators=[DataRequired()])
    name = HiddenField()  # place for errors about the display name


class AccountForm(WayInForm):
    """Second page, for newcomers without an account."""

    affirmed = HiddenField(validators=[DataRequired()])
    email = StringField(
        _("Email only you read"), [DataRequired(_("Enter your email address."))], filters=[stripped]
    )
    password = PasswordField(
        _("Password, 12 characters or more"), [DataRequired(_("Choose a password."))]
    )
    name = StringField(_("Your name"), [DataRequired(_("Type your name."))], filters=[stripped])


class ConfirmForm(Form):
    """Proof of an address: the mailed link, and the password chosen before."""

    token = HiddenField()
    password = PasswordField(_("The password you chose"), [DataRequired(_("Enter your password."))])
    # Places for errors about the requested account:
    invitation, email, name = HiddenField(), HiddenField(), HiddenField()
