"""The operator's list of lines to ring: shown while it is checked, refused where it is broken."""

from datetime import date

import pytest

from config import TestConfig
from forum import create_app
from forum.accounts.models import Member
from forum.core.db import db, unit_of_work
from forum.web.support import Line, read
from tests.page import Page
from tests.web.test_look import ROOT

UNCHECKED = """[[line]]
name = "Unchecked"
contact = "0000"
"""
GOOD = """
[[line]]
name = "Emergency"
contact = "999"
emergency = true
[[line]]
name = "Samaritans"
contact = "116 123"
checked_on = {day}
[[line]]
name = "Unchecked"
contact = "0000"
[[duty]]
words = "Ring the safeguarding lead."
checked_on = {day}
"""


def keep(world, text):
    """Write the operator's file, and begin anew."""
    (world.folder / "instance" / "support.toml").write_text(text)
    world.restart()


@pytest.mark.parametrize(("day", "shows"), [("2026-01-02", True), ("2025-08-01", False)])
def test_what_was_not_checked_for_six_months_hides_but_for_emergencies(world, day, shows):
    keep(world, GOOD.format(day=day))

    page = world.client().get("/help/yourself").text

    assert "999" in page
    assert ("116 123" in page) is shows
    assert "Unchecked" not in page


def test_the_foot_of_every_page_leads_there_once_there_is_a_list(world):
    before = world.client().get("/help").text
    keep(world, GOOD.format(day="2026-01-02"))

    assert "Help for yourself" not in before
    assert "Help for yourself" in world.client().get("/help").text


def test_the_programme_lead_hears_a_month_before_an_entry_hides(world):
    for day, told in (("2026-01-02", False), ("2025-09-20", True)):
        keep(world, GOOD.format(day=day).replace(UNCHECKED, ""))
        page = world.client("lee").get("/service").text
        for entry in ("Samaritans", "Ring the safeguarding lead."):
            assert (entry in page) is told
        assert "Emergency" not in page


@pytest.mark.parametrize(
    ("broken", "line"),
    [
        ('[[line]]\nname = "A"\n', 1),
        ('[[line]]\nname = "A"\ncontact = "1"\nchecked_on = "May"\n', 4),
        ('country = "UK"\n\n[[line]]\nname = "A"\ncontact = "1"\nurl = "http://a"\n', 6),
        ('[[line]]\nname = "A"\ncontact = "1"\nphone = "2"\n', 4),
        ("[[line]\n", 1),
    ],
)
def test_a_broken_file_is_refused_at_start_with_its_line(world, broken, line):
    (world.folder / "instance" / "support.toml").write_text(broken)

    with pytest.raises(SystemExit, match=rf"line {line}\b"):
        create_app(TestConfig(world.folder / "instance"))


def test_the_example_can_be_read_and_none_of_it_counts_as_checked():
    found = read(ROOT / "docs" / "support-example.toml")

    assert [each.name for each in found.lines if each.shows(date.today())] == ["Emergency"]


NUMBERS = {
    "Europe/London": "999 or 112, day and night",
    "Europe/Dublin": "112 or 999, day and night",
    "Australia/Hobart": "000, day and night",
    "Pacific/Auckland": "111, day and night",
    "America/Halifax": "911, day and night",
    "Asia/Kathmandu": "Your local emergency number",
}


def live_in(world, who, timezone):
    with world.app.app_context(), unit_of_work():
        db.session.get(Member, world.ids[who]).timezone = timezone
    world.cookies.clear()


@pytest.mark.parametrize("timezone", NUMBERS)
def test_without_a_list_the_number_is_that_of_the_readers_country(world, timezone):
    live_in(world, "ray", timezone)

    text = Page(world.client("ray").get("/help/yourself")).text

    assert [each for each in NUMBERS.values() if each in text] == [NUMBERS[timezone]]


def test_whoever_is_not_signed_in_finds_a_number_to_ring(world):
    """Fails when the page has no number for a reader whose country nobody knows."""
    page = Page(world.client().get("/help/yourself"))

    assert {"tel:999", "tel:112", "tel:000", "tel:111", "tel:911"} <= {
        each.get("href") for each in page.all("a")
    }
    assert "911 in Canada and the United States." in page.text


def test_a_list_without_an_emergency_number_is_given_one(world):
    keep(world, GOOD.format(day="2026-01-02").replace("emergency = true", ""))

    page = Page(world.client("ray").get("/help/yourself"))
    assert "999 or 112, day and night" in page.text
    assert page.link("112")["href"] == "tel:112"


def test_a_number_on_the_list_can_be_tapped(world):
    keep(world, GOOD.format(day="2026-01-02"))

    page = Page(world.client("ray").get("/help/yourself"))

    assert page.link("116 123")["href"] == "tel:116123"


def test_the_operators_number_is_the_only_one(world):
    keep(world, GOOD.format(day="2026-01-02").replace("999", "0118"))

    page = world.client("ray").get("/help/yourself").text

    assert "0118" in page
    assert "day and night" not in page


@pytest.mark.parametrize(
    ("timezone", "number"),
    [("Europe/London", "999"), ("Asia/Tokyo", "your local emergency number")],
)
def test_what_cannot_wait_and_worry_say_whom_to_ring(world, timezone, number):
    live_in(world, "ray", timezone)
    ray = world.client("ray")

    page = ray.get(f"{world.thread}/concern").text
    url = world.url("moderation.flag", post_id=world.ids["thread"])
    sent = ray.post(
        url, data=ray.tokens(url) | {"reason": "worry", "words": "Pale."}, follow_redirects=True
    )

    assert f"Nobody watches this day and night. If someone may be hurt now, ring {number}." in page
    assert f"do not wait for us: ring them, or {number}." in sent.text


@pytest.mark.parametrize(
    ("contact", "digits"),
    [
        ("+44 (0)20 7000 0000", "+442070000000"),
        ("(020) 7000 0000", "02070000000"),
        ("15", "15"),
        ("01.45.39.40.00", "0145394000"),
        ("116\u00a0123", "116123"),
        ("Text SHOUT to 85258", ""),
    ],
)
def test_a_number_to_ring_is_dialled_as_it_is_meant(contact, digits):
    assert Line("Somebody", contact).telephone == digits
