"""Guardians of a test's world, each with an app that shows digits."""

from forum.accounts import totp
from forum.accounts.queries import account
from forum.audit import queries as audit
from forum.audit.models import SERVICE
from forum.audit.phrases import sentence
from forum.core.db import db, unit_of_work
from forum.safety import jobs, queries
from forum.safety.models import Guardian
from tests.accounts.second_factors import add_app


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


REASONS = {
    "reason": "immediate_risk_to_life",
    "facts": "He says goodbye.",
    "tried": "A note to the name.",
    "needs": "name",
}


def guardian(world, who):
    """A guardian's browser, the second factor just given."""
    client = world.client(who)
    with client.session_transaction() as session:
        session["factor_at"] = int(world.moment.timestamp())
    return client


def page_of(world, post_id):
    return world.url("safety.danger", post_id=post_id)


def ask(world, post_id, who="mo", **fields):
    """Ask by the page; gives its answer."""
    client, page = world.client(who), page_of(world, post_id)
    return client.post(f"{page}/request", data=client.tokens(page) | REASONS | fields)


def requests(world):
    """All requests, latest first."""
    with world.app.app_context():
        return queries.requests()


def latest(world):
    return requests(world)[0]


def case(world):
    return f"/guardian/requests/{latest(world)[0]}"


def decide(world, who, act, words="I see it so.", url=None):
    client, url = guardian(world, who), url or case(world)
    return client.post(url, data=client.tokens("/") | {"act": act, "words": words})


def open_name(world, who, url=None):
    client, url = guardian(world, who), url or case(world)
    return client.post(f"{url}/open", data=client.tokens("/"))


def opened(world, post_id, *who, **fields):
    """Ask, and have these say yes."""
    assert ask(world, post_id, **fields).status_code == 303
    for each in who or ("sol", "nan"):
        assert decide(world, each, "yes").status_code == 303


def log_of_service(world):
    """Sentences of the service's log, newest first."""
    with world.app.test_request_context():
        lines, _pages = audit.page(SERVICE, 1)
        return [sentence(line.action) for line in lines]


def settle(world):
    """Have the clock do what is due among requests."""
    with world.app.app_context():
        jobs.settle()
