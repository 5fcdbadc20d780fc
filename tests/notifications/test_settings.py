"""Email preferences, unsubscribing, and the protected hour's calendar file."""

import re
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from forum.notifications import calendars, queries
from forum.notifications.email_preferences import EmailPreferences, Protected
from tests.circles import ways
from tests.notifications.post import arrived, ring, save_preferences
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import MORNING

DAY = timedelta(days=1)
PAGE = "/account/mail"
TYPED = {
    "digest": "y",
    "days": ["1", "4"],
    "at": "18:30",
    "quiet_from": "20:00",
    "quiet_until": "08:00",
    "away_from": "2026-04-01",
    "away_until": "2026-04-14",
    "protected_day": "2",
    "protected_at": "21:15",
    "protected_minutes": "45",
}


def send(world, who="ray", **typed):
    client = world.client(who)
    return client.post(PAGE, data=client.tokens(PAGE) | TYPED | typed)


def preferences(world, who="ray"):
    with world.app.app_context():
        return queries.preferences(world.ids[who])


def test_preferences_are_stored_and_shown(world):
    rose = str(world.ids["rose"])
    assert send(world, circles=[rose]).status_code == 303

    assert preferences(world) == EmailPreferences(
        days=frozenset({1, 4}),
        at=time(18, 30),
        quiet_from=time(20),
        quiet_until=time(8),
        away_from=date(2026, 4, 1),
        away_until=date(2026, 4, 14),
        protected=Protected(2, time(21, 15), 45),
    )
    page = world.client("ray").get(PAGE).text
    for value in ("18:30", "20:00", "08:00", "2026-04-01", "2026-04-14", "21:15"):
        assert f'value="{value}"' in page
    assert page.count("checked") == 1 + 2 + 1


def test_a_time_that_no_day_uses_may_lie_in_quiet_hours(world):
    """Fails when a field is refused that no email goes by: the only day has the protected hour."""
    assert send(world, at="21:00", days=["2"]).status_code == 303
    assert send(world, at="21:00", days=["2", "3"]).status_code == 422


def test_new_circle_is_included_by_default(world):
    send(world, circles=[])

    assert preferences(world).without == {world.ids["rose"]}
    assert world.ids["oak"] not in preferences(world).without


def test_a_circle_joined_while_the_page_was_open_is_included(world):
    """Fails when what the page did not show counts as unticked."""
    client = world.client("ray")
    shown = Page(client.get(PAGE)).fields()
    ways.joined(client, ways.link(world, "nan", "oak"))

    client.post(PAGE, data=shown | TYPED)

    assert preferences(world).without == frozenset()


def test_digest_is_daily_by_default(world):
    page = world.client("ray").get(PAGE).text

    assert 'value="07:15"' in page
    assert page.count("checked") == 1 + 7 + 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"at": "25:99"}, "Write a time like 07:15."),
        ({"at": "21:00"}, "This time is in your quiet hours. Change one of them."),
        (
            {"days": [], "protected_day": "none"},
            "Choose at least one day, or turn update emails off.",
        ),
        ({"quiet_from": ""}, "Fill in both times, or neither."),
        ({"quiet_until": ""}, "Fill in both times, or neither."),
        ({"away_until": "2026-03-31"}, "The last day must not be before the first."),
        ({"away_until": ""}, "Enter the last day you are away."),
        ({"away_until": "2999-01-01"}, "Choose a last day within the next two years."),
        ({"away_from": "yesterday"}, "Write a day like 2026-03-31."),
        ({"days": ["9"]}, "Choose one of the options shown."),
        ({"protected_minutes": "10000"}, "Choose one of the options shown."),
        ({"circles": ["not one"]}, "Choose one of the options shown."),
    ],
)
def test_contradictory_preferences_show_field_errors(world, typed, said):
    answer = send(world, **typed)

    assert answer.status_code == 422
    assert said in answer.text
    assert "21:15" in answer.text
    assert preferences(world) == EmailPreferences()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({}, "Tuesday, Friday at 18:30; Wednesday at 21:15"),
        ({"days": []}, "Wednesday at 21:15"),
        ({"days": list("0123456"), "protected_day": "none"}, "Every day at 18:30"),
        ({"days": list("013456"), "protected_at": "18:30"}, "Every day at 18:30"),
        ({"digest": []}, "Off"),
    ],
)
def test_the_account_page_tells_the_hour_of_protected_time_too(world, typed, told):
    """Fails when the page says "Off", and an email comes each week."""
    send(world, **typed)

    assert f"<dd>{told}</dd>" in world.client("ray").get("/account").text


def test_a_time_that_no_day_uses_is_in_nobodys_quiet_hours(world):
    assert send(world, at="21:00", days=[]).status_code == 303


def test_empty_quiet_hours_disable_them(world):
    send(world, quiet_from="", quiet_until="")

    assert not preferences(world).is_quiet(time(3))


def test_new_time_zone_applies_from_next_digest(world):
    """Planned for London, four hours ahead of New York."""
    with PostOffice() as office:
        office.serves(world)
        ring(world)
        client = world.client("ray")
        typed = client.tokens("/account") | {"timezone": "America/New_York"}
        assert client.post("/account/timezone", data=typed).status_code == 303
        world.reply("pru", "One")
        world.moment = MORNING.replace(hour=7, minute=15) + DAY
        ring(world)
        assert "ray" not in arrived(world, office)
        world.moment = MORNING.replace(hour=12, minute=15) + DAY
        ring(world)
        assert arrived(world, office) == ["ray"]


@pytest.fixture
def email(world):
    """A digest which reached Ray."""
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        ring(world)
        world.reply("pru", "One")
        world.moment = MORNING.replace(hour=7, minute=15) + DAY
        ring(world)
        yield next(each for each in office.letters if each["To"] == "ray@example.org")


def stop_path(email):
    return re.fullmatch(
        r"<https://circles\.example\.org(/letters/stop/[\w-]{43})>", email["List-Unsubscribe"]
    )[1]


def test_opening_the_unsubscribe_page_changes_nothing(world, email):
    page = world.client().get(stop_path(email))

    assert "Stop update emails" in page.text
    assert preferences(world).digest


@pytest.mark.parametrize("sent", [{}, {"List-Unsubscribe": "One-Click"}])
def test_unsubscribing_needs_no_session(world, email, sent):
    stopped = world.app.test_client().post(stop_path(email), data=sent)

    assert stopped.status_code == 200
    assert "Update emails are stopped" in stopped.text
    assert not preferences(world).digest
    assert preferences(world, "pru").digest
    world.reply("pru", "Two")
    with PostOffice() as office:
        office.serves(world)
        world.moment += DAY
        ring(world)
        assert "ray" not in arrived(world, office)


def test_unsubscribe_token_names_nobody(world, email):
    path = stop_path(email)
    assert str(world.ids["ray"]) not in path

    stem, token = path.rsplit("/", 1)
    forged = ("B" if token[0] == "A" else "A") + token[1:]  # the last letter holds spare bits
    for other in (f"{stem}/{forged}", "/letters/stop/" + "A" * 43):
        assert world.client().post(other).status_code == 404
    assert preferences(world).digest


def test_unsubscribe_token_decides_over_the_session(world, email):
    world.client("pru").post(stop_path(email))

    assert not preferences(world).digest
    assert preferences(world, "pru").digest


def test_member_may_subscribe_again(world, email):
    world.client().post(stop_path(email))
    page = Page(world.client("ray").get(PAGE))
    assert page.field("digest")
    assert "digest" not in page.fields()

    send(world, circles=[str(world.ids["rose"])])

    assert preferences(world).digest


def calendar(world, who="ray"):
    answer = world.client(who).get("/account/protected-time.ics")
    return answer, (Calendar.from_ical(answer.text) if answer.status_code == 200 else None)


def test_calendar_file_has_a_neutral_title(world):
    save_preferences(world, "ray", protected=Protected(2, time(21, 15), 45))

    answer, kept = calendar(world)

    assert answer.content_type == "text/calendar; charset=utf-8"
    [event] = kept.walk("VEVENT")
    begins, ends = event["DTSTART"].dt, event["DTEND"].dt
    assert (f"{begins:%A %H:%M}", begins.tzinfo.key) == ("Wednesday 21:15", "Europe/London")
    assert ends - begins == timedelta(minutes=45)
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;BYDAY=WE"
    assert [zone["TZID"] for zone in kept.walk("VTIMEZONE")] == ["Europe/London"]
    for word in ("Kettle", "ircle", "Rose", "ray", "localhost", "forum", str(world.ids["ray"])):
        assert word not in answer.text


def test_new_calendar_file_replaces_the_old(world):
    save_preferences(world, "ray", protected=Protected(2, time(21, 15), 45))
    _, one = calendar(world)
    save_preferences(world, "ray", protected=Protected(3, time(8), 30))
    world.moment += DAY
    _, other = calendar(world)
    save_preferences(world, "pru", protected=Protected(3, time(8), 30))
    _, hers = calendar(world, "pru")

    assert one.walk("VEVENT")[0]["UID"] == other.walk("VEVENT")[0]["UID"]
    assert hers.walk("VEVENT")[0]["UID"] != other.walk("VEVENT")[0]["UID"]


def test_no_protected_hour_gives_no_file(world):
    assert calendar(world)[0].status_code == 404
    assert "Add to your calendar" not in world.client("ray").get(PAGE).text


@pytest.mark.parametrize("day", range(7))
def test_the_weekly_hour_begins_on_its_day_within_a_week(world, day):
    """Fails when a calendar's first hour lies on another weekday, or weeks off."""
    world.moment += timedelta(days=2)  # a Wednesday
    with world.app.test_request_context():
        protected = Protected(day, time(21), 30)
        file = calendars.calendar(world.ids["ray"], protected, ZoneInfo("Europe/London"))
    [event] = Calendar.from_ical(file).events

    begins = event["dtstart"].dt.date()
    assert begins.weekday() == day
    assert 0 <= (begins - world.moment.date()).days < 7


def test_a_first_circle_joined_while_the_page_was_open_is_included(world):
    client = world.client("sol")
    shown = Page(client.get(PAGE)).fields()
    ways.joined(client, ways.link(world, "nan", "oak"))

    client.post(PAGE, data=shown | TYPED)

    with world.app.app_context():
        assert queries.preferences(world.ids["sol"]).without == frozenset()


def test_a_circle_unticked_on_a_page_that_came_back_stays_out(world):
    client = world.client("ray")
    shown = Page(client.get(PAGE)).fields()
    ways.joined(client, ways.link(world, "nan", "oak"))
    back = client.post(PAGE, data=shown | TYPED | {"at": "no time"})
    assert back.status_code == 422

    again = Page(back).fields() | TYPED | {"circles": [str(world.ids["rose"])]}

    assert client.post(PAGE, data=again).status_code == 303
    assert preferences(world).without == {world.ids["oak"]}
