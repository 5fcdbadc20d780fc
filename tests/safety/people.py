"""Guardians of a test's world, each with an app that shows digits."""

from forum.accounts import totp
from forum.accounts.queries import account
from forum.core.db import db, unit_of_work
from forum.safety.models import Guardian
from tests.accounts.second_factors import App, add_app


def name_guardians(world, *who):
    """Have these accepted, by rows alone; gives each an app."""
    apps = {}
    for each in who:
        with world.app.app_context(), unit_of_work():
            secret = totp.new_secret()
            account(world.ids[each]).totp_secret = secret
            db.session.add(Guardian(member_id=world.ids[each], accepted=True))
        apps[each] = secret
    return apps


def by_pages(world, who):
    """Name one and have them accept, all by pages; gives their app."""
    lee, own = world.client("lee"), world.client(who)
    page = "/service/guardians"
    asked = lee.post(page, data=lee.tokens(page) | {"address": f"{who}@example.org", "act": "ask"})
    assert asked.status_code == 303
    app, _codes = add_app(world, own)
    assert own.submit("/guardian/accept").status_code == 303
    return app


__all__ = ["App", "by_pages", "name_guardians"]
