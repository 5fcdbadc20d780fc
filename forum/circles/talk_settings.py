"""Ways to talk of a circle: switched on and off by its moderators; days that its rounds count."""

import json
from collections.abc import Collection
from datetime import date

from flask_babel import gettext as _

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.models import Circle
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.tokens import version_token
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.rounds.catalogue import OPEN_KEY
from forum.rounds.counted_days import CountedDays, Rest, Weekends
from forum.rounds.definitions import Round
from forum.rounds.offers import CircleRounds
from forum.web.round_catalogue import catalogue


def circle_rounds(standing: Standing) -> CircleRounds:
    """The circle's choice of rounds, with their lengths."""
    choices = queries.circle(standing).talk_choices
    return CircleRounds(
        rounds=choices.get("rounds", {}),
        lengths=choices.get("lengths", {}),
        has_facilitator=standing.led,
    )


def counted_days(standing: Standing) -> CountedDays:
    """The circle's slots, rest days and weekends, as its rounds count them."""
    home = queries.circle(standing)
    choices = home.talk_choices
    rests = [Rest(*map(date.fromisoformat, each)) for each in choices.get("rests", ())]
    weekends = [
        Weekends(date.fromisoformat(since), counted)
        for since, counted in choices.get("weekends", ())
    ]
    return CountedDays(home.talk_schedule, rests, weekends)


def switchable() -> list[Round]:
    """Rounds that a circle may switch on and off, in order; Just talk always stays."""
    return [each for each in catalogue().newest_rounds().values() if each.key != OPEN_KEY]


def switched_on(standing: Standing) -> frozenset[str]:
    """Keys of the rounds that the circle has on, whether or not it has a facilitator today."""
    chosen = queries.circle(standing).talk_choices.get("rounds", {})
    return frozenset(each.key for each in switchable() if chosen.get(each.key, each.on))


def version(standing: Standing) -> str:
    """Token for the form, so that two moderators do not overwrite each other unknowingly."""
    return version_token(*sorted(switched_on(standing)))


def switch(standing: Standing, wanted: Collection[str], seen: str) -> None:
    """Switch rounds on and off, for threads that begin from now on.

    wanted: keys of the rounds to be on. seen: `version` of the form's starting point. Raises
    InvalidInput (rounds) where another moderator changed them meanwhile.
    """
    require(may.change_settings(standing))
    lock_circle(standing.circle_id)
    home = db.session.get_one(Circle, standing.circle_id, populate_existing=True)
    known = [each.key for each in switchable()]
    if {*wanted} == switched_on(standing):
        return
    if seen != version(standing):
        raise InvalidInput(rounds=_("Another moderator changed this. Please look again."))
    choices = home.talk_choices
    choices["rounds"] = {key: key in wanted for key in known}
    home.talk = json.dumps(choices)
    audit.note(standing.circle_id, Deed.SETTINGS_CHANGED, Actor.MODERATOR, reason="rounds")
