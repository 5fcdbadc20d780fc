from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum.accounts.models import Member
from forum.accounts.queries import account
from forum.core.db import db, unit_of_work
from forum.discussions.models import Thread
from tests.page import Page
from tests.rows import row_of

PANEL = "Everyone who reads here sees this for some days."


@pytest.fixture
def page(world):
    post_id = world.reply("ray", "I cannot go on like this")
    return world.url("safety.danger", post_id=post_id)


def panel(world, who="fay"):
    return PANEL in world.client(who).get(world.thread).text


def test_the_page_begins_with_whom_to_ring(world, page):
    first = Page(world.client("mo").get(page)).all("p", cls="notice")[0]

    assert first.text.startswith("Nobody watches at night. If you know who or where, ring 999 now.")


def test_the_page_is_reached_from_the_post(world, page):
    care = Page(world.client("mo").get(page.replace("danger", "care")))

    assert care.link("What you can do now")["href"] == page


def test_the_help_panel_stands_for_seven_days(world, page):
    world.client("mo").submit(f"{page}/help-panel", shown="yes")

    assert panel(world)
    assert panel(world, "ray")
    world.moment += timedelta(days=6, hours=12)
    assert panel(world)
    world.moment += timedelta(days=1)
    assert not panel(world)


def test_the_help_panel_can_be_taken_away(world, page):
    for shown in ("yes", "no"):
        world.client("mo").submit(f"{page}/help-panel", shown=shown)

    assert not panel(world)


def test_a_member_cannot_show_the_panel(world, page):
    assert world.client("ray").submit(f"{page}/help-panel", shown="yes").status_code == 403
    assert not panel(world)


def test_no_row_says_in_clear_that_a_panel_is_shown(world, page):
    world.client("mo").submit(f"{page}/help-panel", shown="yes")

    with world.app.app_context():
        thread = row_of(Thread, world.ids["thread"])
        assert thread.help_until.encode() not in thread._help_until


def test_a_panel_makes_no_row_unlike_the_others(world, page):
    """Fails when a copy without keys tells for which thread a moderator feared, or who left a
    telephone: a value where others have none.
    """
    world.present("joe", "Another", "It rained.")
    with world.app.app_context(), unit_of_work():
        db.session.execute(update(Thread).values(_help_until=None))  # as after an upgrade
        db.session.execute(update(Member).values(_emergency_contact=None))
    world.client("mo").submit(f"{page}/help-panel", shown="yes")
    set_number(world, "07700 900123")

    with world.app.app_context():
        for column in (Thread._help_until, Member._emergency_contact):
            lengths = {len(each or b"") for each in db.session.scalars(select(column))}
            assert len(lengths) == 1, column


def set_number(world, words):
    client = world.client("ray")
    url = "/account/emergency"
    return client.post(url, data=client.tokens(url) | {"emergency_contact": words})


def stored(world):
    with world.app.app_context():
        return account(world.ids["ray"]).emergency_contact


def test_a_telephone_is_stored_and_removed(world):
    assert set_number(world, " 07700 900123,  my sister ").status_code == 303
    assert stored(world) == "07700 900123, my sister"
    assert "A telephone is stored" in world.client("ray").get("/account").text
    assert "07700" not in world.client("ray").get("/account").text

    assert set_number(world, "").status_code == 303
    assert stored(world) == ""


@pytest.mark.parametrize("words", ["my sister", "0" * 81])
def test_what_is_no_telephone_is_refused(world, words):
    assert set_number(world, words).status_code == 422
    assert stored(world) == ""


def test_the_telephone_asks_for_the_password(world):
    client = world.client("ray")
    with client.session_transaction() as session:
        session.pop("given_at")

    assert "07700" not in client.get("/account/emergency").text
    assert client.get("/account/emergency").status_code != 200


def test_no_page_shows_a_telephone_to_others(world):
    set_number(world, "07700 900123")

    for who in ("mo", "lee", "pru"):
        client = world.client(who)
        for url in ("/", "/account", f"/circles/{world.ids['rose']}/people", "/service"):
            assert "07700" not in client.get(url).text
