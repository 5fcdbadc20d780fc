"""The operator's list of lines to ring: shown while it is checked, refused where it is broken."""

from datetime import date

import pytest

from config import TestConfig
from forum import create_app
from forum.web.support import read
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
        assert ("Samaritans" in world.client("lee").get("/service").text) is told


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
