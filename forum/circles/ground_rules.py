"""Ten ground rules of every circle, in a fixed order."""

from dataclasses import dataclass
from uuid import UUID, uuid5

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class GroundRule:
    """A ground rule: heading and sentence."""

    heading: LazyString
    sentence: LazyString


# Of TEN: raised with their wording, it asks every member to agree again.
VERSION = 2
TEN = (
    GroundRule(
        _("What is written here stays here."),
        _(
            "No copying, screenshots or retelling, even without names. The only limit: a risk of "
            "serious harm to someone, or a legal duty."
        ),
    ),
    GroundRule(
        _("Protect every patient, relative and colleague."),
        _(
            "Leave out what could point to them. Would the person, or someone who knows them,"
            " recognise it? Then change or drop it."
        ),
    ),
    GroundRule(_("Respect."), _("We are equals here whatever our job or years.")),
    GroundRule(
        _("No personal medical care."),
        _("Do not ask each other for treatment, or give it. See your own doctor."),
    ),
    GroundRule(
        _("Listen first."),
        _("Be curious. Ask gently, one thing at a time. Anyone may leave a question unanswered."),
    ),
    GroundRule(_("Speak from your own experience."), _("No judging. Your way is one of many.")),
    GroundRule(
        _("Give what was asked for."),
        _(
            "Offer advice only when invited; we help each other find our own next step,"
            " not a quick fix."
        ),
    ),
    GroundRule(
        _("Your decisions stay yours."),
        _(
            "Nothing here replaces clinical judgement, safeguarding, incident reporting,"
            " or urgent help."
        ),
    ),
    GroundRule(
        _("Take your time, and take care."),
        _("Nobody has to post, reply or explain. Use content notes."),
    ),
    GroundRule(
        _("If it worries you, say so."),
        _("Flag it or message the moderators. If it was you, say sorry and put it right."),
    ),
)


def in_force(rules: UUID) -> UUID:
    """Id of a circle's ground rules, by which members agree: of its own ones and the ten.

    rules: `Circle.rules`, which is drawn anew when the circle changes its own.
    """
    return rules if VERSION == 1 else uuid5(rules, f"the ten, version {VERSION}")
