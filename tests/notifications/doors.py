from dataclasses import replace

from forum.core.db import unit_of_work
from forum.notifications import services
from forum.notifications.email_preferences import EmailPreferences
from forum.notifications.forms import USUAL
from tests.doors import Door

DOORS = {
    "notifications.settings": Door.MEMBER,
    "notifications.calendar": Door.MEMBER,
    "notifications.calendar_address": Door.MEMBER,
    "notifications.news_calendar": Door.LINK,
    "notifications.stopping": Door.LINK,
    "notifications.stop": Door.LINK,
}


def arguments(world):
    with world.app.app_context(), unit_of_work():
        for who in ("ray", "pru", "mo", "nan", "sol"):
            services.save_preferences(world.ids[who], replace(EmailPreferences(), protected=USUAL))
    return {"token": "none"}
