"""An app that shows six digits, recovery codes, and the second step of signing in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from forum.accounts import second_factors, services, totp
from forum.accounts.models import Member, UsedCode
from forum.accounts.queries import account, sessions_of
from forum.core.db import db, unit_of_work
from forum.web.access import any_account, factor_required
from tests.accounts.people import cookie, hidden, is_in, sign_in
from tests.accounts.second_factors import (
    CODES,
    KEY,
    App,
    add_app,
    give_code,
    sign_in_with,
    with_app,
)
from tests.page import Page
from tests.world import World

NBSP = "\N{NO-BREAK SPACE}"
WIDE = {ord(str(n)): chr(0xFF10 + n) for n in range(10)}  # full-width digits
LATER = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)
TRIES = 20
CODES_PAGE = "/account/lock/codes"


def spaced(code, blank=" "):
    return f"{blank}{code[:3]}{blank}{code[3:]}{blank}"


@pytest.fixture
def ray(world):
    """(app, recovery codes) of Ray; its first digits are used up."""
    found = with_app(world)
    world.moment += LATER
    return found


def used(world):
    with world.app.app_context():
        return db.session.scalar(select(func.count()).select_from(UsedCode))


def test_a_password_alone_opens_nothing(world, ray):
    client = world.client()
    page = sign_in(client, "ray")

    assert page.status_code == 200
    assert not is_in(client)
    assert give_code(client, page, ray[0].digits()).status_code == 303
    assert is_in(client)


@pytest.mark.parametrize(
    "typed", [spaced, lambda code: spaced(code, NBSP), lambda code: code.translate(WIDE)]
)
def test_digits_are_read_however_they_are_typed(world, ray, typed):
    client = world.client()

    assert sign_in_with(client, "ray", typed(ray[0].digits())).status_code == 303


@pytest.mark.parametrize(("off", "status"), [(-30, 303), (30, 303), (-90, 422), (90, 422)])
def test_a_clock_may_be_off_by_half_a_minute(world, ray, off, status):
    ray[0].off = off

    assert sign_in_with(world.client(), "ray", ray[0].digits()).status_code == status


@pytest.mark.proof("E3")
def test_digits_and_those_before_work_once(world, ray):
    """Fails when used digits, or older ones after them, are taken again."""
    app = ray[0]
    now = app.digits()
    app.off = -30
    before = app.digits()
    assert sign_in_with(world.client(), "ray", now).status_code == 303

    for replayed in (now, before):
        refused = sign_in_with(world.client(), "ray", replayed)
        assert refused.status_code == 422
        assert "That was not it. Codes change every half minute." in refused.text


@pytest.mark.proof("E3")
@pytest.mark.parametrize("kind", ["app", "recovery"])
def test_of_twenty_uses_at_once_one_counts(world, ray, kind):
    """Fails when a code is looked up and used in two transactions."""
    code = ray[0].digits() if kind == "app" else ray[1][3]

    def use(_):
        with world.app.app_context(), unit_of_work():
            return second_factors.use(world.ids["ray"], code)

    with ThreadPoolExecutor(TRIES) as pool:
        found = list(pool.map(use, range(TRIES)))

    assert sum(each == kind for each in found) == 1


def test_a_recovery_code_signs_in_once(world, ray):
    code = ray[1][0]
    typed = f"{NBSP}{code.lower().replace(' ', '-')} "

    first = give_code(world.client(), sign_in(client := world.client(), "ray"), "", recovery=typed)
    assert first.status_code in (400, 422)  # another browser's page
    assert give_code(client, sign_in(client, "ray"), "", recovery=typed).status_code == 303
    again = world.client()
    assert give_code(again, sign_in(again, "ray"), "", recovery=typed).status_code == 422


def test_a_page_says_when_three_codes_are_left(world, ray):
    for code in ray[1][:5]:
        client = world.client()
        there = give_code(client, sign_in(client, "ray"), "", recovery=code)
    shown = client.get(there.location).text

    assert "You have 3 recovery codes left." in shown


def test_the_message_about_codes_is_in_the_language_of_its_page(tmp_path):
    """Fails when it is in that of the page of the code, which has no French."""
    world = World(tmp_path, LANGUAGES=("en-GB", "fr-CA"))
    codes = with_app(world)[1]
    world.moment += LATER
    for code in codes[:5]:
        client = world.client()
        client.set_cookie("l", "fr-CA")
        asked = client.get(client.get(world.thread).location)
        there = give_code(client, sign_in(client, "ray", at=asked), "", recovery=code)

    assert there.location == world.thread
    assert "Il vous reste 3 codes de secours." in client.get(there.location).text
    for code in codes[5:]:  # nought is singular in French
        client = world.client()
        client.set_cookie("l", "fr-CA")
        asked = client.get(client.get(world.thread).location)
        there = give_code(client, sign_in(client, "ray", at=asked), "", recovery=code)
    assert "Vous avez utilisé votre dernier code de secours." in client.get(there.location).text
    assert "You have used your last recovery code." in client.get("/account/lock").text


def test_new_recovery_codes_end_the_old(world, ray):
    client = world.client("ray")
    give_again(client, ray[0])
    page = client.get("/account/lock/codes")
    shown = client.post("/account/lock/codes", data=hidden(page))
    codes = CODES.findall(shown.text)

    assert len(codes) == 8
    assert not set(codes) & set(ray[1])
    for code, status in ((ray[1][0], 422), (codes[0], 303)):
        other = world.client()
        assert give_code(other, sign_in(other, "ray"), "", recovery=code).status_code == status
    assert client.post("/account/lock/codes", data=hidden(page)).status_code == 200
    other = world.client()
    assert give_code(other, sign_in(other, "ray"), "", recovery=codes[0]).status_code == 422


def give_again(client, app):
    asked = client.get("/account/lock/codes")
    assert "/account/lock/confirm" in asked.location
    page = client.get(asked.location)
    back = client.post("/account/lock/confirm", data=hidden(page) | {"digits": app.digits()})
    assert back.location == "/account/lock/codes"


def test_changing_factors_needs_a_factor_of_five_minutes(world, ray):
    """Fails when a password, or an older factor, is enough to take a factor away."""
    client = world.client()
    sign_in_with(client, "ray", ray[0].digits())
    assert client.get("/account/lock/app/off").status_code == 200
    world.moment += 5 * MINUTE + timedelta(seconds=1)

    for path in ("/account/lock/app/off", "/account/lock/codes"):
        assert "/account/lock/confirm" in client.get(path).location
    refused = client.submit("/account/lock/app/off")
    assert refused.status_code == 401
    with world.app.app_context():
        assert account(world.ids["ray"]).totp_secret


def test_some_pages_need_a_factor_and_take_no_password(world):
    """Fails when a page that needs a factor opens to a password just given."""
    view = any_account(factor_required(lambda: "opened"))
    world.app.add_url_rule("/only", "only", view, methods=["GET", "POST"])
    app, _codes = with_app(world)
    world.moment += 6 * MINUTE
    mo, client = world.client("mo"), world.client("ray")

    assert mo.get("/only").location.partition("?")[0] == "/account/lock"
    asked = client.get("/only").location
    carried = client.submit("/only").status_code
    give_again(client, app)

    assert asked.startswith("/account/lock/confirm")
    assert carried == 401
    assert client.get("/only").text == "opened"
    world.moment += 6 * MINUTE
    assert client.get("/only").location.startswith("/account/lock/confirm")


def test_later_leads_away_from_a_page_that_needs_a_factor(world):
    """Fails when Later leads to the page that asked, and so back here."""
    view = any_account(factor_required(lambda: "opened"))
    world.app.add_url_rule("/only", "only", view)
    mo = world.client("mo")

    asked = Page(mo.get("/only", follow_redirects=True))

    assert asked.link("Later")["href"] == "/"
    assert "The page you asked for opens only with this lock." in asked.text


@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_adding_a_first_factor_needs_a_recent_password(world, kind):
    """Fails when whoever finds an open screen can add a lock that keeps its owner out."""
    client = world.client("ray")
    world.moment += timedelta(minutes=11)

    page = client.submit(f"/account/lock/{kind}")

    assert 'name="password"' in page.text
    assert 'name="setup"' not in page.text


def test_an_app_taken_away_is_asked_for_no_more(world, ray):
    client, other = world.client(), world.client()
    sign_in_with(other, "ray", ray[1][0])
    half = sign_in(half_in := world.client(), "ray")
    sign_in_with(client, "ray", ray[0].digits())
    client.submit("/account/lock/app/off")

    assert is_in(client)
    assert not is_in(other)
    assert give_code(half_in, half, "000000").status_code == 303  # it was password alone by then
    assert sign_in(world.client(), "ray").status_code == 303


@pytest.mark.parametrize("act", ["add_app", "new_recovery_codes"])
def test_a_session_that_ended_meanwhile_changes_no_factor(world, monkeypatch, act):
    """Fails when a browser that waits for the account's lock, while its owner resets the password,
    leaves a factor of its own there: a way in that outlives the reset.
    """
    client, changes = world.client("ray"), getattr(second_factors, act)
    if act == "new_recovery_codes":
        add_app(world, client)
    page = client.submit("/account/lock/app") if act == "add_app" else client.get(CODES_PAGE)
    app = App(world, KEY.search(page.text)[1]) if act == "add_app" else None

    def reset_first(*given):
        services.sessions.end_all(world.ids["ray"])
        return changes(*given)

    before = factors(world)
    monkeypatch.setattr(second_factors, act, reset_first)
    url = "/account/lock/app" if app else CODES_PAGE
    sent = hidden(page) | ({"digits": app.digits()} if app else {})

    assert client.post(url, data=sent).status_code == 404
    assert factors(world) == before


def test_two_presses_at_once_both_show_the_codes(world, monkeypatch):
    """Fails when the second, whose answer the browser shows, finds the token that the first
    replaced, and so nobody ever sees the codes.
    """
    client, other = world.client(), world.client()
    sign_in(client, "ray")
    page = client.submit("/account/lock/app")
    sent = hidden(page) | {"digits": App(world, KEY.search(page.text)[1]).digits()}
    other.set_cookie("s", cookie(client).value, domain="localhost")
    opened, first = second_factors.Setup.opened, []

    def press_first(text, member_id):
        if not first:
            first.append(None)
            first[0] = client.post("/account/lock/app", data=sent)
        return opened(text, member_id)

    monkeypatch.setattr(second_factors.Setup, "opened", press_first)
    second = other.post("/account/lock/app", data=sent)

    assert CODES.findall(second.text) == CODES.findall(first[0].text) != []
    assert is_in(client)


def factors(world):
    with world.app.app_context():
        ray = account(world.ids["ray"])
        return ray.totp_secret, ray.recovery_digests


def test_adding_an_app_ends_other_sessions(world):
    other = world.client()
    sign_in(other, "ray")

    add_app(world, world.client("ray"))

    assert not is_in(other)
    with world.app.app_context():
        [_this] = sessions_of(world.ids["ray"], ZoneInfo("UTC"))


def test_wrong_first_digits_keep_the_same_key(world):
    client = world.client("ray")
    page = client.submit("/account/lock/app")
    wrong = client.post("/account/lock/app", data=hidden(page) | {"digits": "12"})

    assert wrong.status_code == 422
    assert Page(wrong).error("digits") == "That was not it. Codes change every half minute."
    assert Page(wrong).one("p", cls="copy").text == Page(page).one("p", cls="copy").text
    with world.app.app_context():
        assert not account(world.ids["ray"]).totp_secret


def test_a_set_up_opens_for_its_own_account(world):
    """Fails when a page of one account adds its key to another's."""
    page = world.client("ray").submit("/account/lock/app")
    rays, right = hidden(page), App(world, KEY.search(page.text)[1]).digits()
    fay = world.client("fay")
    mine = hidden(fay.submit("/account/lock/app"))

    fay.post("/account/lock/app", data=mine | {"setup": rays["setup"], "digits": right})

    with world.app.app_context():
        assert not account(world.ids["fay"]).totp_secret


@pytest.mark.parametrize(("minutes", "is_added"), [(29, True), (31, False)])
def test_a_set_up_waits_half_an_hour(world, minutes, is_added):
    """Fails when whoever finds an old page, with its key, makes that key a second lock."""
    page = world.client("ray").submit("/account/lock/app")
    app, setup = App(world, KEY.search(page.text)[1]), hidden(page)["setup"]
    world.moment += minutes * MINUTE
    ray = world.client("ray")
    fresh = hidden(ray.submit("/account/lock/app"))

    ray.post("/account/lock/app", data=fresh | {"setup": setup, "digits": app.digits()})

    with world.app.app_context():
        assert bool(account(world.ids["ray"]).totp_secret) is is_added


def test_a_set_up_sent_twice_shows_the_same_codes(world):
    client = world.client("ray")
    page = client.submit("/account/lock/app")
    sent = hidden(page) | {"digits": App(world, KEY.search(page.text)[1]).digits()}
    once, twice = (client.post("/account/lock/app", data=sent) for _ in range(2))

    assert CODES.findall(once.text) == CODES.findall(twice.text) != []


def test_a_password_waits_five_minutes_for_its_code(world, ray):
    client = world.client()
    page = sign_in(client, "ray")
    world.moment += timedelta(seconds=301)
    late = give_code(client, page, ray[0].digits())

    assert late.status_code == 401
    assert "Please start again." in late.text
    assert not is_in(client)


def test_a_password_changed_between_the_steps_ends_them(world, ray):
    client = world.client()
    page = sign_in(client, "ray")
    with world.app.app_context(), unit_of_work():
        services.new_password(world.ids["ray"], "argon")

    assert give_code(client, page, ray[0].digits()).status_code == 401


def test_used_codes_leave_no_account_and_no_time(world, ray):
    """Fails when a used code's row outlives ten minutes, or says more than its generation."""
    columns = {column.name for column in UsedCode.__table__.columns}
    with world.app.app_context(), unit_of_work():
        services.purge()
    sign_in_with(world.client(), "ray", ray[0].digits())
    assert columns == {"id", "generation"}
    assert used(world) >= 3
    lived = 0
    while used(world):
        world.moment += MINUTE
        lived += 1
        with world.app.app_context(), unit_of_work():
            services.purge()

    assert 5 <= lived <= 11


def test_a_used_code_stays_used_while_it_could_work(world, ray):
    """Fails when the worker empties a generation too early."""
    ray[0].off = 30
    for second in range(0, 600, 20):
        code = ray[0].digits()
        assert sign_in_with(world.client(), "ray", code).status_code == 303, second
        for _later in range(0, 100, 20):
            with world.app.app_context(), unit_of_work():
                services.purge()
            assert sign_in_with(world.client(), "ray", code).status_code == 422
            world.moment += timedelta(seconds=20)


def test_digits_stand_in_for_the_password_at_private_pages(world, ray):
    client = world.client()
    sign_in_with(client, "ray", ray[0].digits())
    world.moment += timedelta(minutes=11)
    asked = client.get("/account/words")
    page = client.get(asked.location)
    wrong = client.post("/account/confirm", data=hidden(page) | {"digits": "1234"})
    right = client.post("/account/confirm", data=hidden(page) | {"digits": ray[0].digits()})

    assert wrong.status_code == 422
    assert right.location == "/account/words"
    assert client.get("/account/words").status_code == 200


@pytest.mark.proof("M13")
def test_the_label_in_the_app_is_the_site_alone(world, ray):
    """Fails when an app on a phone shows an address or a name."""
    with world.app.test_request_context():
        uri = totp.uri(b"x" * 20)

    assert uri.startswith("otpauth://totp/Kettle?secret=")
    assert "ray" not in uri
    assert "issuer" not in uri


def test_text_typed_before_sign_in_comes_back_after_both_steps(world, ray):
    client = world.client("ray")
    composer = client.get(f"{world.thread}/answer").location
    typed = client.tokens(composer) | {"body": "A thought of mine", "author_mode": "own_name"}
    with world.app.app_context(), unit_of_work():
        services.sessions.end_all(world.ids["ray"])
    shown = client.post(composer, data=typed)
    step = sign_in(client, "ray", at=shown)
    done = give_code(client, step, ray[0].digits())

    assert "A thought of mine" in step.text
    assert "A thought of mine" in done.text
    assert Page(done).one("form", action=composer).all("textarea", name="body")


def test_an_account_without_an_app_holds_nothing(world):
    with world.app.app_context():
        member = db.session.get_one(Member, world.ids["fay"])
        assert member.totp_secret == member.recovery_digests == b""
