"""One conversation: by own names, looked after by all, and gone by itself unless all keep it."""

import re
from datetime import UTC, datetime, time, timedelta
from threading import Thread
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from forum.accounts.models import Member
from forum.authors.queries import everyday
from forum.circles import conversations
from forum.circles.closing import close_due
from forum.circles.models import Circle
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.discussions.jobs import rest_conversations
from forum.offboarding.services import leave
from forum.policy.terms import AuthorMode, Role
from tests.circles import ways
from tests.page import Page

THREE = ("pru", "ray", "ivy")
DAY = timedelta(days=1)


def begun(world):
    """Three in one conversation, in which one has written; gives its address."""
    client = world.client("pru")
    page = client.get("/circles/open").text
    there = ways.send(client, "/circles/open", page, name="The inquest", kind="one_off").location
    world.ids["one"] = UUID(re.match(r"/circles/([\w-]+)/", there)[1])
    for who in THREE[1:]:
        ways.joined(world.client(who), ways.link(world, "pru", "one"))
    world.present("pru", "What I would like to ask", "How was it for you?", circle="one")
    return f"/circles/{world.ids['one']}/"


def pass_days(world, days):
    """The clock turns, and the worker rings each day."""
    for _ in range(days):
        world.moment += DAY
        ring(world)


def ring(world):
    with world.app.app_context():
        rest_conversations()
        close_due()


def keep(world, *people):
    for who in people:
        client = world.client(who)
        client.submit(f"/circles/{world.ids['one']}/keep")


def is_there(world):
    with world.app.app_context():
        return key_ring().keeps(world.ids["one"])


def test_all_look_after_one_conversation_by_own_names(world):
    begun(world)

    with world.app.app_context():
        found = [world.standing(who, "one") for who in THREE]
    assert [each.role for each in found] == [Role.MODERATOR] * 3
    assert found[0].modes == {AuthorMode.OWN_NAME}


def test_a_sixth_finds_no_room(world):
    begun(world)
    for who in ("joe", "kit"):
        ways.joined(world.client(who), ways.link(world, "pru", "one"))

    page = Page(world.client("pru").get(f"/circles/{world.ids['one']}/invite"))

    assert "This circle is full: 5 people" in page.text


def test_thirty_days_after_its_last_word_it_is_read_only(world):
    here = begun(world)

    pass_days(world, 29)
    before = Page(world.client("ray").get(here)).text
    pass_days(world, 1)
    page = Page(world.client("ray").get(here))

    assert "can be read until" not in before
    assert "This conversation can be read until" in page.text
    assert page.button("Keep it")
    with world.app.app_context():
        assert not world.standing("ray", "one").writable
    assert "The inquest can be read until" in Page(world.client("ray").get("/")).text


def test_a_word_puts_the_end_off(world):
    begun(world)
    pass_days(world, 20)
    world.present("ray", "One thing more", "It went well.", circle="one")

    pass_days(world, 20)

    with world.app.app_context():
        assert world.standing("ray", "one").writable


def test_sixty_days_after_its_last_word_it_is_gone(world):
    here = begun(world)

    pass_days(world, 60)
    before = is_there(world)
    pass_days(world, 1)

    assert before
    assert not is_there(world)
    assert world.client("pru").get(here).status_code == 404


def test_it_is_kept_once_all_have_pressed(world):
    here = begun(world)
    pass_days(world, 31)

    keep(world, "pru", "ray", "ray")
    pages = {who: Page(world.client(who).get(here)).text for who in THREE}
    keep(world, "ivy")
    pass_days(world, 40)

    assert "You have pressed" in pages["ray"]
    assert "You have pressed" not in pages["ivy"]
    assert "You all kept this conversation" in Page(world.client("ray").get(here)).text
    assert is_there(world)
    with world.app.app_context():
        assert not world.standing("ray", "one").writable


def test_the_last_press_pressed_twice_keeps_it_once(world):
    """Fails when the second answer, which the browser shows, is an error page."""
    here = begun(world)
    pass_days(world, 31)
    keep(world, "pru", "ray")
    ivy = world.client("ivy")

    pressed = [ivy.submit(f"{here}keep").status_code for _ in range(2)]

    assert pressed == [303, 303]
    assert "You all keep it" in Page(ivy.get(here)).text
    assert is_there(world)


def test_who_pressed_is_shown_to_nobody(world):
    here = begun(world)
    pass_days(world, 31)
    before = Page(world.client("ivy").get(here)).text

    keep(world, "ray")

    assert Page(world.client("ivy").get(here)).text == before
    assert Page(world.client("pru").get(f"{here}log")).text.count("Keep") == 0


def test_who_left_does_not_decide(world):
    begun(world)
    pass_days(world, 31)
    keep(world, "pru", "ray")
    with world.app.test_request_context(), unit_of_work():
        leave(world.ids["ivy"], world.ids["one"], words_go=False)

    pass_days(world, 40)

    assert is_there(world)


@pytest.mark.parametrize("page", ["closing", "closing/call-off", "rota/rhythm"])
def test_nobody_closes_or_reopens_one_conversation(world, page):
    here = begun(world)
    pass_days(world, 31)

    assert world.client("ray").submit(f"{here}{page}").status_code == 403


def test_an_idle_worker_takes_no_time_to_keep_it(world):
    begun(world)
    world.moment += 90 * DAY

    ring(world)

    with world.app.app_context():
        circle = db.session.get(Circle, world.ids["one"])
        assert circle.closes_on == circle.today + conversations.TO_KEEP
    assert is_there(world)


def test_one_without_a_word_ends_too(world):
    client = world.client("pru")
    page = client.get("/circles/open").text
    there = ways.send(client, "/circles/open", page, name="Nobody came", kind="one_off").location
    world.ids["one"] = UUID(re.match(r"/circles/([\w-]+)/", there)[1])

    pass_days(world, 61)

    assert not is_there(world)


def test_who_came_and_left_puts_no_end_off(world):
    """Fails when a conversation without a word stays for somebody who is gone."""
    client = world.client("pru")
    page = client.get("/circles/open").text
    there = ways.send(client, "/circles/open", page, name="Nobody spoke", kind="one_off").location
    world.ids["one"] = UUID(re.match(r"/circles/([\w-]+)/", there)[1])
    pass_days(world, 20)
    ways.joined(world.client("ivy"), ways.link(world, "pru", "one"))
    with world.app.test_request_context(), unit_of_work():
        leave(world.ids["ivy"], world.ids["one"], words_go=False)

    pass_days(world, 11)

    with world.app.app_context():
        assert not world.standing("pru", "one").writable


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Europe/London", "Pacific/Kiritimati"])
def test_the_last_day_is_whole_where_the_circle_is(world, zone):
    begun(world)
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Circle, world.ids["one"]).timezone = zone
    pass_days(world, 32)
    with world.app.app_context():
        last = db.session.get_one(Circle, world.ids["one"]).closes_on
    midnight = datetime.combine(last + DAY, time(), ZoneInfo(zone))

    there = []
    for moment in (midnight - timedelta(minutes=1), midnight):
        world.moment = moment.astimezone(UTC)
        ring(world)
        there.append(is_there(world))

    assert there == [True, False]


def test_who_keeps_it_at_the_last_moment_is_heard_or_comes_too_late(world):
    here = begun(world)
    pass_days(world, 31)
    keep(world, "pru", "ray")
    world.moment += 40 * DAY
    answers = []

    @event.listens_for(db.session, "after_commit", once=True)
    def _press(_session):
        press = Thread(target=lambda: answers.append(world.client("ivy").submit(f"{here}keep")))
        press.start()
        press.join()

    with world.app.app_context():
        close_due()

    pressed = answers[0].status_code == 303
    assert is_there(world) is pressed


def test_a_suspended_member_keeps_nobody_out(world):
    begun(world)
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids["ray"]).is_suspended = True

    joined = ways.joined(world.client("joe"), ways.link(world, "pru", "one"))
    signed_up = ways.signed_up(world.client(), ways.link(world, "pru", "one"))

    assert [joined.status_code, signed_up.status_code] == [303, 303]
    with world.app.test_request_context():
        assert everyday(world.standing("joe", "one")).name == "Dr Joe"


def test_joining_names_nobody_but_the_newcomer(world):
    begun(world)
    with world.app.test_request_context(), unit_of_work():
        join(db.session.get(Circle, world.ids["one"]), world.ids["kit"], "Dr Kit")

    ways.joined(world.client("joe"), ways.link(world, "pru", "one"))

    with world.app.test_request_context():
        assert everyday(world.standing("kit", "one")) is None


def test_nothing_rests_without_a_conversation(world):
    with world.app.app_context():
        assert rest_conversations() == 0
