"""When an account is asked for a second factor, and what stays shut without one that is due."""

from datetime import timedelta

import pytest

from forum.accounts import factor_policy
from forum.accounts.queries import account
from forum.core.db import unit_of_work
from tests.accounts.people import hidden, is_in, sign_in
from tests.accounts.second_factors import KEY, App, add_app
from tests.page import Page
from tests.routes import knock, routes_of
from tests.world import World

DAY = timedelta(days=1)
LOCK = "/account/lock"
OPEN = {  # what opens before a factor that is due, besides pages that are open to anyone
    *("accounts.lock", "accounts.add_app", "accounts.confirm_factor", "accounts.lock_done"),
    *("accounts.sign_out", "accounts.confirm_password"),
    *("accounts.add_passkey", "accounts.confirm_by_passkey"),
    *("accounts.stop_recovery", "offboarding.keep"),
}


@pytest.fixture
def world(world):
    """World whose cast has never signed in."""
    return never_signed_in(world)


def never_signed_in(world):
    with world.app.app_context(), unit_of_work():
        for who in ("ray", "mo", "lee"):
            account(world.ids[who]).factor_asked = ""
    return world


def leads_to_lock(answer):
    return answer.status_code == 303 and answer.location.partition("?")[0] == LOCK


def visit(world, who):
    client = world.client()
    return client, sign_in(client, who)


def without_later(world, who):
    """A browser of somebody who has to add a factor first."""
    with world.app.app_context(), unit_of_work():
        asked = (world.moment - 60 * DAY).date().isoformat()
        account(world.ids[who]).factor_asked = asked
    client, answer = visit(world, who)
    assert leads_to_lock(answer)
    return client


def test_a_first_sign_in_asks_for_nothing(world):
    for who in ("ray", "mo", "lee"):
        assert visit(world, who)[1].location == "/"


def test_a_member_is_asked_from_the_second_and_may_wait_a_week(world):
    visit(world, "ray")
    for days in range(7):
        client, answer = visit(world, "ray")
        assert leads_to_lock(answer), days
        page = Page(client.get(answer.location))
        assert client.get(page.link("Later")["href"]).status_code == 200
        world.moment += DAY
    client, answer = visit(world, "ray")

    assert leads_to_lock(answer)
    page = Page(client.get(answer.location))
    assert "Later" not in [each.text for each in page.all("a")]
    assert leads_to_lock(client.get("/"))


@pytest.mark.parametrize("who", ["mo", "lee"])
def test_who_looks_after_others_has_no_later(world, who):
    visit(world, who)
    client, answer = visit(world, who)

    assert leads_to_lock(answer)
    assert leads_to_lock(client.get("/account"))


def test_with_no_days_of_grace_nobody_has_later(tmp_path):
    world = never_signed_in(World(tmp_path, SECOND_FACTOR_GRACE=0 * DAY))
    visit(world, "ray")
    client, _answer = visit(world, "ray")

    assert leads_to_lock(client.get(world.thread))


@pytest.mark.proof("E5")
@pytest.mark.parametrize("who", ["ray", "mo", "lee"])
def test_mfa_required(world, who, figure):
    """Fails when a page opens to somebody who has yet to add the factor that is due."""
    routes, shut = routes_of(world), 0
    client = without_later(world, who)
    for name, method, url in routes:
        view = world.app.view_functions[name]
        meant_for = getattr(view, "meant_for", None)
        if name in OPEN or (meant_for and meant_for.name == "ANYONE"):
            continue
        answer = knock(client, method, url)
        carried = answer.status_code == 401 and "One more lock" in answer.text
        assert leads_to_lock(answer) or carried, (name, method)
        shut += 1
    assert leads_to_lock(client.get("/nowhere"))
    assert client.get("/help").status_code == client.get(LOCK).status_code == 200

    figure(f"{shut} of {len(routes)} doors stay shut to {who} without a factor that is due")


def test_an_account_is_kept_before_a_factor_that_is_due_is_added(world):
    """Fails when the button leads to the page on which it stands, and the account goes."""
    with world.app.app_context(), unit_of_work():
        account(world.ids["ray"]).goes_on = (world.moment + 3 * DAY).date()
    client = without_later(world, "ray")
    assert Page(client.get(LOCK)).button("Keep my account")

    client.post("/account/keep", data=client.tokens(LOCK))

    assert "Your account is kept." in client.get(LOCK).text
    with world.app.app_context():
        assert account(world.ids["ray"]).goes_on is None


def test_adding_a_factor_opens_all_pages_and_leads_on(world):
    client = world.client()
    with world.app.app_context(), unit_of_work():
        account(world.ids["ray"]).factor_asked = "2025-01-01"
    asked = client.get(world.thread).location
    first = sign_in(client, "ray", at=asked)
    page = Page(client.get(first.location))
    begun = client.post("/account/lock/app", data=page.form("/lock/app").fields())
    app = App(world, KEY.search(begun.text)[1])
    codes = client.post("/account/lock/app", data=hidden(begun) | {"digits": app.digits()})
    back = client.post("/account/lock/done", data=hidden(codes))

    assert back.location == world.thread
    assert client.get(world.thread).status_code == 200


def test_text_that_meets_the_lock_comes_back_after_it(world):
    """Fails when a reply typed before sign-in is lost because a factor is due."""
    writer = world.client("ray")
    composer = writer.get(f"{world.thread}/answer").location
    typed = writer.tokens(composer) | {"body": "A thought of mine", "author_mode": "own_name"}
    client = without_later(world, "ray")
    stopped = client.post(composer, data=typed)
    begun = client.post("/account/lock/app", data=hidden(stopped))
    app = App(world, KEY.search(begun.text)[1])
    codes = client.post("/account/lock/app", data=hidden(begun) | {"digits": app.digits()})
    back = client.post("/account/lock/done", data=hidden(codes))

    assert stopped.status_code == 401
    form = Page(back).one("form", action=composer)
    assert form.one("textarea", name="body").value == "A thought of mine"


def test_sessions_begun_before_go_on(world):
    """Fails when somebody is stopped in the middle of a session."""
    client = world.client()
    sign_in(client, "ray", device="own")
    with world.app.app_context(), unit_of_work():
        account(world.ids["ray"]).factor_asked = "2025-01-01"

    assert is_in(client)


def test_invented_people_of_a_demonstration_are_never_asked(world):
    with world.app.app_context(), unit_of_work():
        account(world.ids["mo"]).factor_asked = factor_policy.INVENTED

    assert [visit(world, "mo")[1].location for _ in range(3)] == ["/"] * 3


def test_an_account_with_a_factor_is_not_asked(world):
    client = without_later(world, "mo")
    app, _codes = add_app(world, client)
    world.moment += DAY
    again, step = visit(world, "mo")
    done = again.post("/sign-in/code", data=hidden(step) | {"digits": app.digits()})

    assert done.location == "/"
    assert again.get("/").status_code == 200
