"""Ways to talk of a circle: switched on and off by its moderators; days counted by rounds."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.models import Circle
from forum.core.clock import now, this_hour
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.tokens import version_token
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import CircleKind
from forum.rounds.catalogue import OPEN_KEY
from forum.rounds.counted_days import CountedDays, Rest, Weekends
from forum.rounds.definitions import DAYS_MAX, DAYS_MIN, Round
from forum.rounds.offers import CircleRounds
from forum.rounds.templates import DEFAULT, Template
from forum.rounds.timeline import Hold
from forum.web.round_catalogue import catalogue

REST_MAX = 60  # days of one rest
Lengths = Mapping[str, Mapping[str, int]]  # round key -> phase key -> days
IN_A_PAIR = frozenset({"inviting_change"})  # besides Just talk
RESTS_MAX = 12  # to come at one time
REMEMBERED = 256  # settings whose counted days are remembered

_remembered: dict[tuple[Any, ...], CountedDays] = {}


def circle_rounds(standing: Standing) -> CircleRounds:
    """The circle's choice of rounds, with their lengths."""
    if standing.kind is CircleKind.PAIR:
        return CircleRounds(rounds={each.key: each.key in IN_A_PAIR for each in switchable()})
    choices = queries.circle(standing).talk_choices
    return CircleRounds(
        rounds=choices.get("rounds", {}),
        templates=choices.get("templates", {}),
        lengths=choices.get("lengths", {}),
        has_facilitator=standing.led,
    )


def counted_days(standing: Standing) -> CountedDays:
    """The circle's slots, rest days and weekends, as its rounds count them.

    Equal settings share an object, which caches mornings.
    """
    home = queries.circle(standing)
    changes = home.slots_from, home.slots_before, home.timezone_before
    key = home.talk, home.slots, home.timezone, *changes
    if (known := _remembered.get(key)) is None:
        known = _remembered[key] = _days(home)
        while len(_remembered) > REMEMBERED:
            _remembered.pop(next(iter(_remembered)), None)
    return known


def _days(home: Circle) -> CountedDays:
    weekends = [
        Weekends(date.fromisoformat(since), counted)
        for since, counted in home.talk_choices.get("weekends", ())
    ]
    return CountedDays(home.talk_schedule, _rests(home), weekends)


def stops(standing: Standing) -> list[Hold]:
    """Times in which the circle closed, until it was called off: rounds wait, as under a lock."""
    stored = queries.circle(standing).talk_choices.get("stops", ())
    return [
        Hold(datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None)
        for since, until in stored
    ]


def stop_rounds(home: Circle) -> None:
    """Let the circle's rounds wait from the next hour on, since its closing has begun."""
    known = home.talk_choices.get("stops", [])
    if known and known[-1][1] is None:
        return
    since = (this_hour() + timedelta(hours=1)).isoformat()
    home.talk = json.dumps(home.talk_choices | {"stops": [*known, (since, None)]})


def start_rounds(home: Circle) -> None:
    """Let the circle's rounds go on, since its closing is called off."""
    known = home.talk_choices.get("stops", [])
    if not known or known[-1][1]:
        return
    since = known[-1][0]
    until = max(since, this_hour().isoformat())
    home.talk = json.dumps(home.talk_choices | {"stops": [*known[:-1], (since, until)]})


def switchable() -> list[Round]:
    """Rounds that a circle may switch on and off, in order; Just talk always stays."""
    return [each for each in catalogue().newest_rounds().values() if each.key != OPEN_KEY]


def switched_on(standing: Standing) -> frozenset[str]:
    """Keys of the rounds that the circle has on, whether or not it has a facilitator today."""
    chosen = queries.circle(standing).talk_choices.get("rounds", {})
    return frozenset(each.key for each in switchable() if chosen.get(each.key, each.on))


def ways_to_tell() -> list[Template]:
    """Templates that a circle may switch on and off, in order; Just tell it always stays."""
    newest = catalogue().newest_templates()
    return [each for each in newest if each.use == "composer" and each.key != DEFAULT]


def told_by(standing: Standing) -> frozenset[str]:
    """Keys of the templates that the circle has on."""
    chosen = queries.circle(standing).talk_choices.get("templates", {})
    return frozenset(each.key for each in ways_to_tell() if chosen.get(each.key, each.on))


def lengths(standing: Standing) -> dict[str, dict[str, int]]:
    """Days of each phase in this circle, of all rounds that can be switched on."""
    circle = circle_rounds(standing)
    return {
        each.key: {phase.key: phase.days or 0 for phase in circle.with_lengths(each).phases}
        for each in switchable()
    }


def version(standing: Standing) -> str:
    """Token for the form, so that two moderators do not overwrite each other unknowingly."""
    told = "/".join(sorted(told_by(standing)))
    return version_token(*sorted(switched_on(standing)), told, json.dumps(lengths(standing)))


def change(
    standing: Standing,
    wanted: Collection[str],
    days: Lengths,
    seen: str,
    told: Collection[str] | None = None,
) -> None:
    """Switch rounds and templates on and off and set the lengths of phases, for threads that begin
    from now on.

    wanted: keys of the rounds to be on. days: of some phases; all others keep theirs. told: keys of
    the templates to be on; None to leave them. seen: `version` of the form's starting point. Raises
    InvalidInput (rounds) where another moderator changed them meanwhile, or for a length out of
    range.
    """
    require(may.change_ways(standing))
    lock_circle(standing.circle_id)
    home = db.session.get_one(Circle, standing.circle_id, populate_existing=True)
    before = lengths(standing)
    after = {key: {**phases, **days.get(key, {})} for key, phases in before.items()}
    told = told_by(standing) if told is None else told
    same = {*wanted} == switched_on(standing) and {*told} == told_by(standing)
    if same and after == before:
        return
    if seen != version(standing):
        raise InvalidInput(rounds=_("Another moderator changed this. Please look again."))
    try:
        changed = {each.key: each.with_lengths(after[each.key]).lengths for each in switchable()}
    except ValueError:
        raise InvalidInput(rounds=days_out_of_range()) from None
    choices = home.talk_choices
    choices["rounds"] = {each.key: each.key in wanted for each in switchable()}
    choices["templates"] = {each.key: each.key in told for each in ways_to_tell()}
    choices["lengths"] = {key: dict(phases) for key, phases in changed.items() if phases}
    home.talk = json.dumps(choices)
    audit.note(standing.circle_id, Deed.SETTINGS_CHANGED, Actor.MODERATOR, reason="ways")


def days_out_of_range() -> str:
    """The sentence for a phase that is too short or too long."""
    return str(_("A phase lasts from %(least)s to %(most)s days.", least=DAYS_MIN, most=DAYS_MAX))


def rests(standing: Standing) -> list[Rest]:
    """Rests of the circle that are not over, earliest first."""
    home = queries.circle(standing)
    return [each for each in _rests(home) if each.last >= _today(home)]


def counts_weekends(standing: Standing) -> bool:
    """Whether Saturdays and Sundays count, from tomorrow on at the latest."""
    return _counts_weekends(queries.circle(standing))


def add_rest(standing: Standing, first: date | None, last: date | None) -> None:
    """Let all clocks stand still for some local days; both days are included.

    Days to come alone: a day that rounds have counted stays counted. Raises InvalidInput (rest).
    """
    home = _home_to_change(standing)
    if first is None or last is None:
        raise InvalidInput(rest=_("Choose the first and the last day."))
    if first <= _today(home):
        raise InvalidInput(rest=_("A rest can begin tomorrow at the earliest."))
    if not 0 <= (last - first).days < REST_MAX:
        raise InvalidInput(rest=_("A rest lasts from one day to %(most)s days.", most=REST_MAX))
    known = _rests(home)
    if Rest(first, last) in known:
        return
    if sum(each.last >= _today(home) for each in known) >= RESTS_MAX:
        raise InvalidInput(rest=_("At most %(most)s rests to come, please.", most=RESTS_MAX))
    _store_rests(home, [*known, Rest(first, last)])


def end_rest(standing: Standing, first: date, last: date) -> None:
    """Take a coming rest off; a begun rest ends today."""
    home = _home_to_change(standing)
    known, ended, today = _rests(home), Rest(first, last), _today(home)
    if ended not in known or last <= today:
        return
    others = [each for each in known if each != ended]
    _store_rests(home, others if first > today else [*others, Rest(first, today)])


def count_weekends(standing: Standing, *, counted: bool) -> None:
    """Count Saturdays and Sundays, or pass over them, from tomorrow on."""
    home = _home_to_change(standing)
    if _counts_weekends(home) is counted:
        return
    choices, tomorrow = home.talk_choices, (_today(home) + timedelta(days=1)).isoformat()
    before = [each for each in choices.get("weekends", ()) if each[0] != tomorrow]
    choices["weekends"] = [*before, (tomorrow, counted)]
    _store(home, choices)


def _home_to_change(standing: Standing) -> Circle:
    """The circle, locked and read anew, for a moderator."""
    require(may.change_ways(standing))
    lock_circle(standing.circle_id)
    return db.session.get_one(Circle, standing.circle_id, populate_existing=True)


def _rests(home: Circle) -> list[Rest]:
    stored = home.talk_choices.get("rests", ())
    return sorted((Rest(*map(date.fromisoformat, each)) for each in stored), key=_first_day)


def _first_day(rest: Rest) -> date:
    return rest.first


def _store_rests(home: Circle, known: Sequence[Rest]) -> None:
    days = [(each.first.isoformat(), each.last.isoformat()) for each in known]
    _store(home, home.talk_choices | {"rests": days})


def _store(home: Circle, choices: dict[str, Any]) -> None:
    home.talk = json.dumps(choices)
    audit.note(home.id, Deed.SETTINGS_CHANGED, Actor.MODERATOR, reason="days")


def _counts_weekends(home: Circle) -> bool:
    held = home.talk_choices.get("weekends", ())
    return bool(held) and bool(held[-1][1])


def _today(home: Circle) -> date:
    return now().astimezone(home.zone).date()
