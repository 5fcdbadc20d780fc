"""Text submitted after a session ended is returned, to its author alone."""

from datetime import timedelta

import pytest

import forum.core.db
from forum.core.db import db
from forum.policy.terms import AuthorMode
from forum.web.resubmission import FIELD, WHERE
from tests import postgres
from tests.accounts.people import hidden, sign_in
from tests.engine import IS_POSTGRESQL
from tests.page import Page
from tests.world import EVENING, PASSWORD

TYPED = '\n dose <5 µg & "rest"\r\n\r\n\tthen wait 🫖 </textarea><b>'


@pytest.fixture
def composer(world):
    """URL of Ray's composer."""
    return world.client("ray").get(f"{world.thread}/answer").location


@pytest.fixture
def late(world, composer):
    """Reply submitted without a session, as (client, response)."""
    fields, client = world.client("ray").tokens(composer), world.client()
    typed = fields | {"kind": "question", "body": TYPED, "do": "own_name", "note": ["a", "b"]}
    return client, client.post(composer, data=typed)


def go_on(client, page):
    """Submit the page's only form, as a browser would."""
    action = Page(page).all("form", method="post")[-1]["action"]
    return client.post(action, data=hidden(page))


def words(page):
    return Page(page).field("body").value


def test_text_survives_a_wrong_password_and_stale_page(late):
    client, page = late
    assert page.status_code == 401
    assert "Your text is safe" in page.text
    wrong = sign_in(client, "ray", "not mine at all", at=page)
    stale = sign_in(client, "ray", at=wrong, csrf_token="old")
    right = sign_in(client, "ray", at=stale)
    assert (wrong.status_code, stale.status_code, right.status_code) == (422, 422, 200)
    assert "You are signed in. Your text is safe." in right.text
    assert right.text.count("<button>Continue writing</button>") == 1
    back = go_on(client, right)

    assert words(back).split() == TYPED.split()
    assert "<b>" not in back.text


@pytest.mark.parametrize(("who", "handed"), [("ray", True), ("fay", False)])
def test_text_returns_only_to_its_author(world, composer, who, handed):
    client = world.client("ray")
    fields = client.tokens(composer)
    world.moment += timedelta(days=31)
    page = client.post(composer, data=fields | {"body": TYPED, "do": "save"})

    came = sign_in(client, who, at=page)

    assert page.status_code == 401
    assert ("Your text is safe." in came.text) is handed
    assert handed or (came.status_code, came.location) == (303, "/")


def test_a_busy_server_returns_the_typed_text(world, monkeypatch):
    holds = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT id FROM circle FOR UPDATE"}
    monkeypatch.setattr(forum.core.db, "WRITE_WAIT", 50)
    with world.app.app_context():
        if IS_POSTGRESQL:
            name = db.engine.url.database
            postgres.execute(world.server, f"ALTER DATABASE {name} SET lock_timeout = 50")
        db.engine.dispose()  # connections opened from here on wait less
    mo = world.client("mo")
    settings, invite = (f"/circles/{world.ids['rose']}/{page}" for page in ("settings", "invite"))
    sent = {url: hidden(mo.get(url)) for url in (settings, invite)}
    words = "Typed & kept"
    typed = {
        settings: {"name": words, "slots": "07:00", "modes": "own_name"},
        invite: {"words": words, "by": "link"},
    }
    with world.app.app_context():
        taken = db.engine.raw_connection()
        taken.driver_connection.execute(holds[db.engine.dialect.name])
        answers = [mo.post(url, data=sent[url] | typed[url]) for url in (settings, invite)]
        taken.driver_connection.rollback()
        taken.close()

    for answer in answers:
        assert answer.status_code == 503
        assert "Typed &amp; kept" in answer.text
        assert "What you typed is safe on this page" in answer.text
    again = go_on(mo, answers[0])
    assert again.status_code in {303, 422}


def test_going_on_posts_nothing(world, late):
    client, page = late
    go_on(client, sign_in(client, "ray", at=page))

    assert "then wait" not in world.client("mo").get(world.thread).text


def test_fields_are_carried_without_the_old_token(late):
    _, page = late
    carried = hidden(page)

    assert carried[FIELD + "body"] == TYPED
    assert FIELD + "csrf_token" not in carried
    assert len(Page(page).all(name=FIELD + "note")) == 2


def test_the_longest_text_is_carried(world, composer):
    """20,000 characters of four bytes: the longest text allowed."""
    client, long = world.client(), "🫖" * 20_000
    fields = world.client("ray").tokens(composer) | {"body": long}
    page = client.post(composer, data=fields)
    signed_in = client.post(
        "/sign-in",
        data=hidden(page) | {"email": "ray@example.org", "password": PASSWORD, "device": "shared"},
        content_type="multipart/form-data",
    )
    back = client.post(composer, data=hidden(signed_in), content_type="multipart/form-data")

    assert (page.status_code, signed_in.status_code) == (401, 200)
    assert words(back) == long


@pytest.mark.parametrize("where", ["", "/account", "https://evil.example/", "AQ==", "x" * 400])
def test_only_a_sealed_target_receives_fields(world, where):
    client = world.client()
    answer = sign_in(client, "ray", **{WHERE: where, FIELD + "body": "planted"})

    assert (answer.status_code, answer.location) == (303, "/")


def test_other_forms_redirect_to_sign_in(world):
    answer = world.client().post("/account/timezone", data={"timezone": "Europe/Paris"})

    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_no_password_is_carried(world, composer):
    typed = {"body": "words", "password": PASSWORD, "old_password": PASSWORD}
    page = world.client().post(composer, data=typed)

    assert page.status_code == 401
    assert PASSWORD not in page.text


@pytest.fixture
def stale(world):
    """Signed-in client whose password is no longer fresh."""
    client = world.client("ray")
    with client.session_transaction() as session:
        session.pop("given_at")
    return client


def confirm(client, page, password=PASSWORD):
    return client.post("/account/confirm", data=hidden(page) | {"password": password})


def test_a_page_opens_after_the_password(world, stale):
    page = f"/circles/{world.ids['rose']}/your-words"
    asked = stale.get(stale.get(f"{page}?page=1").location)
    wrong = confirm(stale, asked, "not mine at all")
    right = confirm(stale, wrong)

    assert (asked.status_code, wrong.status_code) == (200, 422)
    assert "That password is not right. Try again." in wrong.text
    assert (right.status_code, right.location) == (303, f"{page}?page=1")
    assert stale.get(page).status_code == 200


@pytest.mark.parametrize("way_on", ["https://evil.example/", "//evil.example", "/account", "AQ=="])
def test_the_password_page_opens_no_foreign_page(stale, way_on):
    page = stale.get(f"/account/confirm?next={way_on}")

    assert confirm(stale, page).location == "/"


def test_a_press_is_repeated_after_the_password(world, stale):
    reply = world.reply("ray", "Too much said", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING
    asked = stale.submit(world.url("discussions.withdraw", post_id=reply), do="now")
    assert asked.status_code == 401
    assert "Too much said" in world.client("mo").get(world.thread).text
    thanks = confirm(stale, asked)
    assert "Password confirmed" in thanks.text
    go_on(stale, thanks)

    assert "Too much said" not in world.client("mo").get(world.thread).text


def test_a_password_is_fresh_for_ten_minutes(world):
    client, page = world.client("ray"), f"/circles/{world.ids['rose']}/your-words"
    world.moment += timedelta(minutes=10)
    assert client.get(page).status_code == 200
    world.moment += timedelta(seconds=1)
    assert client.get(page).status_code == 303
