"""Settings of a circle: reading, validating, changing. The time zone changes by itself."""

from dataclasses import astuple, dataclass, fields, replace
from datetime import time
from re import IGNORECASE, compile

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import delete

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.mask_schedule import NOTICE, are_apart
from forum.circles.models import (
    NAME_MAX,
    OWN_RULES_MAX,
    PURPOSE_MAX,
    RULE_MAX,
    TOPIC_MAX,
    TOPICS_MAX,
    Circle,
    OwnRule,
)
from forum.core.clock import this_hour
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.randomness import new_id
from forum.core.text import without_joiners
from forum.core.tokens import version_token
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import EVERYDAY, AuthorMode
from forum.web.zones import ZONES

SLOTS_MAX = 4
NOON = compile(r"\s+([ap]\.?m\b)", IGNORECASE)  # am or pm after a space: "7 pm"
BETWEEN = compile(r"(?:[\s,;&+]|\band\b)+", IGNORECASE)  # separator of two times
TIME = compile(r"(\d{1,2})(?:[:.](\d\d))?(?:([ap])\.?m\.?)?", IGNORECASE)

MODES = {
    AuthorMode.OWN_NAME: lazy_gettext("Their own name"),
    AuthorMode.PSEUDONYM: lazy_gettext("An invented name, the same throughout this circle"),
    AuthorMode.THREAD_PSEUDONYM: lazy_gettext(
        "A hidden name: two random words, for one thread only"
    ),
    AuthorMode.CIRCLE_VOICE: lazy_gettext("“As a member of this circle”, with no name at all"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings that moderators may change."""

    name: str
    purpose: str
    slots: str  # local times, HH:MM, earliest first
    modes: tuple[AuthorMode, ...]  # in the order of the enumeration
    rules: tuple[str, ...]  # besides the ten
    topics: tuple[str, ...] = ()  # that a reflection may be about
    rural: bool = False

    @property
    def version(self) -> str:
        """Version token for the form, so that two moderators do not overwrite each other
        unknowingly.
        """
        return version_token(*astuple(self))


def settings(standing: Standing) -> Settings:
    """Current settings of a circle."""
    circle = queries.circle(standing)
    return Settings(
        name=circle.name,
        purpose=circle.purpose,
        slots=circle.slots,
        modes=tuple(mode for mode in AuthorMode if mode in circle.modes),
        rules=tuple(queries.own_rules(circle.id)),
        topics=tuple(circle.topics),
        rural=circle.rural,
    )


def change(standing: Standing, wanted: Settings, version: str) -> None:
    """Change a circle's settings. version: `Settings.version` of the form's starting point.

    Raises InvalidInput by setting: for invalid values, and for values that another moderator
    changed meanwhile, with the current value.
    """
    require(may.change_settings(standing))
    lock_circle(standing.circle_id)
    standing_now = settings(standing)
    if not may.change_ways(standing):
        wanted = replace(wanted, slots=standing_now.slots, modes=standing_now.modes)
    if version != standing_now.version and wanted != standing_now:
        raise InvalidInput(**_differences(standing_now, wanted))
    if refused := wrong(wanted):
        raise InvalidInput(**refused)
    changed = [each.name for each in fields(wanted) if _differs(each.name, standing_now, wanted)]
    if not changed:
        return
    circle = queries.circle(standing)
    if wanted.slots != circle.slots:
        _refuse_if_promised(circle, "slots")
    audit.note(
        standing.circle_id, Deed.SETTINGS_CHANGED, Actor.MODERATOR, reason=", ".join(changed)
    )
    circle.name, circle.purpose, circle.rural = wanted.name, wanted.purpose, wanted.rural
    if wanted.topics != standing_now.topics:
        circle.topics = list(wanted.topics)
    if wanted.slots != circle.slots:
        circle.set_slots(wanted.slots, circle.timezone, this_hour() + NOTICE)
    for mode in AuthorMode:
        setattr(circle, f"allows_{mode}", mode in wanted.modes)
    if wanted.rules != standing_now.rules:
        _replace_rules(circle, wanted.rules)


def change_timezone(standing: Standing, timezone: str) -> None:
    """Set the time zone of a circle's slots. Raises InvalidInput (timezone)."""
    require(may.change_settings(standing))
    lock_circle(standing.circle_id)
    if timezone not in ZONES:
        raise InvalidInput(timezone=_("Choose a time zone from the list."))
    circle = queries.circle(standing)
    if timezone == circle.timezone:
        return
    _refuse_if_promised(circle, "timezone")
    audit.note(standing.circle_id, Deed.SETTINGS_CHANGED, Actor.MODERATOR, reason="timezone")
    circle.set_slots(circle.slots, timezone, this_hour() + NOTICE)


def _refuse_if_promised(circle: Circle, field: str) -> None:
    """Raises InvalidInput (field) while writers are told a slot of a change yet to begin."""
    if circle.has_promised_new_slots:
        raise InvalidInput(
            **{
                field: _(
                    "A colleague who writes now is told the first of the new times. Change them "
                    "again after that one."
                )
            }
        )


def slots(text: str) -> str:
    """Typed times in stored form: "7am and 19.30" becomes "07:00 19:30".

    Raises InvalidInput (slots) for none or more than SLOTS_MAX, for invalid times, and for times
    too close together.
    """
    times = {_time(typed) for typed in BETWEEN.split(NOON.sub(r"\1", text)) if typed}
    if not 1 <= len(times) <= SLOTS_MAX:
        raise InvalidInput(slots=_("One to four times of day, such as 07:00 and 19:00."))
    if not are_apart(list(times)):
        raise InvalidInput(
            slots=_(
                "Leave at least three hours between times. Closer times could give away who wrote."
            )
        )
    return " ".join(f"{each:%H:%M}" for each in sorted(times))


def _time(typed: str) -> time:
    found = TIME.fullmatch(typed)
    hour, minute, half = found.groups() if found else (None, None, None)
    try:
        if hour is None or (minute is None and half is None):  # "7" alone is ambiguous
            raise ValueError
        if half and not 1 <= int(hour) <= 12:
            raise ValueError
        later = {"a": int(hour) % 12, "p": int(hour) % 12 + 12}
        return time(later.get((half or "").lower(), int(hour)), int(minute or 0))
    except ValueError:
        error = _("“%(typed)s” is not understood. Write times like 07:00 or 7pm.", typed=typed[:20])
        raise InvalidInput(slots=error) from None


def named(text: str) -> str:
    """Circle name, normalised. Raises InvalidInput (name)."""
    name = " ".join(text.split())
    if not name or len(name) > NAME_MAX or not without_joiners(name).isprintable():
        raise InvalidInput(name=_("Give it a name of up to %(most)s characters.", most=NAME_MAX))
    return name


def wrong(wanted: Settings) -> dict[str, str]:
    """Errors by setting, except for slots, which `slots` has checked."""
    wrong: dict[str, str] = {}
    try:
        named(wanted.name)
    except InvalidInput as error:
        wrong |= error.fields
    if len(wanted.purpose) > PURPOSE_MAX:
        wrong["purpose"] = _("At most %(most)s characters, please.", most=PURPOSE_MAX)
    if not EVERYDAY & set(wanted.modes):
        wrong["modes"] = _("Tick at least one of “Their own name” and “An invented name”.")
    if len(wanted.rules) > OWN_RULES_MAX or any(len(rule) > RULE_MAX for rule in wanted.rules):
        wrong["rules"] = _(
            "At most three rules, one a line, of up to %(most)s characters each.", most=RULE_MAX
        )
    if len(wanted.topics) > TOPICS_MAX or any(len(topic) > TOPIC_MAX for topic in wanted.topics):
        wrong["topics"] = _(
            "At most %(number)s topics, one a line, of up to %(most)s characters each.",
            number=TOPICS_MAX,
            most=TOPIC_MAX,
        )
    return wrong


def _replace_rules(circle: Circle, rules: tuple[str, ...]) -> None:
    """Replace a circle's own ground rules. Unchanged rules keep their ids, so nobody sees them as
    new.
    """
    circle.rules = new_id()  # everyone is asked to agree again
    known = {rule.text: rule.id for rule in queries.rules(circle.id)}
    db.session.execute(delete(OwnRule).filter_by(circle_id=circle.id))
    for place, text in enumerate(rules, 1):
        rule = OwnRule(id=known.get(text) or new_id(), circle_id=circle.id, place=place)
        rule.text = text
        db.session.add(rule)
    db.session.flush()


def _differences(now: Settings, wanted: Settings) -> dict[str, str]:
    """Current value of each setting that the change would overwrite, as an error text."""
    words = {
        "name": now.name,
        "purpose": now.purpose or _("nothing"),
        "slots": now.slots.replace(" ", ", "),
        "modes": ", ".join(str(MODES[mode]) for mode in now.modes),
        "rules": " / ".join(now.rules) or _("nothing"),
        "topics": " / ".join(now.topics) or _("nothing"),
        "rural": _("Rural") if now.rural else _("Not rural"),
    }
    return {
        name: _(
            "Another moderator has just changed this to: %(words)s. Save again to replace it.",
            words=value,
        )
        for name, value in words.items()
        if _differs(name, now, wanted)
    }


def _differs(name: str, one: Settings, other: Settings) -> bool:
    return bool(getattr(one, name) != getattr(other, name))
