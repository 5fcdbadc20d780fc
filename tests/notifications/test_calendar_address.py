"""The private calendar address: days with something new, for whoever has it, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import event

from forum.accounts.models import Member
from forum.core.db import db, unit_of_work
from forum.discussions import post_queries, posts
from forum.policy.terms import MASKS, AuthorMode
from tests.notifications.test_settings import send
from tests.page import Page
from tests.world import EVENING, World

DAY = timedelta(days=1)
FORM = "/account/calendar-address"


def make(world, who="ray"):
    """Path of a new address, as its page shows it."""
    shown = Page(world.client(who).submit(FORM, do="make"))
    return shown.one("p", cls="copy").text.removeprefix("http://localhost")


def days(world, path):
    answer = world.client().get(path)
    assert answer.content_type == "text/calendar; charset=utf-8"
    return [each["dtstart"].dt.isoformat() for each in Calendar.from_ical(answer.data).events]


def file_of(world, path):
    return world.client().get(path).data


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, *sorted(MASKS)])
def test_a_day_is_told_once_it_is_over(world, mode):
    """Fails when a poll learns an hour, or whether a hidden name waits for its slot."""
    path = make(world)
    world.moment = EVENING + DAY
    before = file_of(world, path)

    world.reply("ivy", "Words", mode)
    same_day = file_of(world, path)
    world.moment += 2 * DAY

    assert same_day == before
    assert days(world, path) == ["2026-03-03", "2026-03-05" if mode.masked else "2026-03-04"]


def test_a_day_comes_and_goes_with_a_midnight(world):
    """Fails when an entry vanishes at the hour of its post, two weeks later."""
    path = make(world)
    world.moment = world.moment.replace(hour=15, minute=40)
    world.reply("ivy", "Words")
    day = world.moment.replace(hour=0, minute=5) + 14 * DAY

    polls = set()
    for hour in range(24):
        world.moment = day + timedelta(hours=hour)
        polls.add(tuple(days(world, path)))

    assert len(polls) == 1


@pytest.mark.parametrize(("later", "shown"), [(1, True), (14, True), (15, False)])
def test_a_day_is_shown_for_two_weeks(world, later, shown):
    """Fails when a calendar goes on telling of a day that it should have let go."""
    path = make(world)
    world.moment += later * DAY

    assert days(world, path) == (["2026-03-03"] if shown else [])


def test_no_day_is_told_while_it_lasts_where_midnight_falls_within_an_hour(world):
    world.client("ray").submit("/account/timezone", timezone="Asia/Kolkata")
    path = make(world)
    world.moment = datetime(2026, 3, 4, 18, 40, tzinfo=UTC)  # 0:10 of 5 March there
    before = days(world, path)

    world.reply("ivy", "Words")

    assert days(world, path) == before
    world.moment += DAY
    assert days(world, path) == [*before, "2026-03-06"]


@pytest.mark.parametrize("who", ["ray", "ivy"])
def test_whoever_writes_is_told_as_everybody_is(tmp_path, who):
    """Fails when an address tells by what is missing whose a hidden post is."""
    world = World(tmp_path)
    paths = {each: make(world, each) for each in ("ray", "ivy")}
    world.moment += DAY
    world.reply(who, "Words", AuthorMode.THREAD_PSEUDONYM)
    world.moment += 2 * DAY

    files = {each: file_of(world, path) for each, path in paths.items()}

    assert files["ray"] == files["ivy"]
    assert len(days(world, paths["ray"])) == 2  # the thread's day, and the reply's


def test_nothing_goes_away_when_a_post_does(world):
    path = make(world)
    world.moment += DAY
    post_id = world.reply("ivy", "Words")
    world.moment += 2 * DAY
    before = file_of(world, path)
    with world.app.app_context(), unit_of_work():
        ivy = world.standing("ivy")
        posts.withdraw(ivy, post_queries.any_post(ivy, post_id))

    assert file_of(world, path) == before


def test_the_file_holds_no_word_of_a_circle(world):
    path = make(world)
    world.moment += DAY

    text = file_of(world, path).decode()

    assert text.count("SUMMARY:Something is new") == 1
    for word in ("Rose", "Ray", "Torn", "localhost", str(world.ids["rose"])):
        assert word not in text


@pytest.mark.leaks
def test_fetching_writes_nothing(world):
    path, said = make(world), []
    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *a: said.append(a[2]))

    answer = world.client().get(path)

    assert "Set-Cookie" not in answer.headers
    assert not [each for each in said if not each.startswith(("SELECT", "PRAGMA", "BEGIN"))]


def test_a_new_address_ends_the_one_before(world):
    first = make(world)
    second = make(world)

    assert world.client().get(first).status_code == 404
    assert world.client().get(second).status_code == 200


def test_an_address_ends_when_its_owner_says_so(world):
    path = make(world)

    world.client("ray").submit(FORM, do="end")

    assert world.client().get(path).status_code == 404
    assert "You have an address" not in world.client("ray").get("/account/mail").text


def test_saving_settings_keeps_the_address(world):
    path = make(world)

    send(world)

    assert world.client().get(path).status_code == 200


def test_circles_left_out_of_emails_are_left_out(world):
    path = make(world)
    world.moment += DAY
    assert days(world, path)

    send(world, circles=[])

    assert days(world, path) == []


def test_a_suspended_account_has_no_address(world):
    path = make(world)
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids["ray"]).is_suspended = True

    assert world.client().get(path).status_code == 404


@pytest.mark.parametrize(
    "change",
    [lambda it: it[:-5] + f"{'y' if it[-5] == 'x' else 'x'}.ics", lambda _: "/calendar/x.ics"],
)
def test_another_address_finds_nothing(world, change):
    assert world.client().get(change(make(world))).status_code == 404


def test_polled_each_second_it_asks_to_wait(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    path = make(world)

    answers = [world.client().get(path).status_code for _ in range(25)]

    assert answers[:20] == [200] * 20
    assert answers[-1] == 429


def test_an_address_is_made_after_the_password_alone(world):
    """Fails when whoever finds an open screen can keep an address of it."""
    client = world.client("ray")
    world.moment += timedelta(minutes=30)

    asked = client.submit(FORM, do="make")
    ended = client.submit(FORM, do="end")

    assert asked.status_code == 401
    assert "/calendar/" not in asked.text
    assert ended.location == "/account/mail"


def test_guessing_addresses_ends_in_waiting(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)

    answers = [world.client().get(f"/calendar/guess{n}.ics").status_code for n in range(70)]

    assert (answers[0], answers[-1]) == (404, 429)
