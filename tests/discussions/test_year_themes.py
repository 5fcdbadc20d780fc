"""Themes of a circle's year: written by hand, for all, in versions."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.discussions.models import YearThemes
from tests.page import Page

YEAR = 2026


def url_of(world):
    return f"/circles/{world.ids['rose']}/themes"


def write(client, world, words, **fields):
    form = Page(client.get(url_of(world))).form("/themes")
    return client.post(url_of(world), data=form.fields() | {"words": words} | fields)


def rows(world):
    with world.app.app_context():
        found = db.session.scalars(select(YearThemes).order_by(YearThemes.number))
        return [(each.year, each.number, each.words) for each in found]


@pytest.mark.parametrize("who", ["fay", "mo"])
def test_whoever_looks_after_a_circle_writes_for_all(world, who):
    assert write(world.client(who), world, "We *waited* more.").status_code == 303

    text = world.client("ray").get(url_of(world)).text
    assert "<em>waited</em>" in text
    assert "Dr Fay" not in text
    assert "Dr Mo" not in text
    assert "Save for everyone" not in text
    assert "Themes of the year" in world.client("ray").get(f"/circles/{world.ids['rose']}/").text


def test_members_write_none(world):
    answer = world.client("ray").submit(url_of(world), words="Mine", year="2026", version="0")

    assert answer.status_code == 403
    assert rows(world) == []


def test_a_new_version_keeps_the_one_before(world):
    fay = world.client("fay")
    write(fay, world, "First")
    write(fay, world, "Second")
    write(fay, world, "Second")

    assert rows(world) == [(YEAR, 1, "First"), (YEAR, 2, "Second")]
    text = world.client("ray").get(url_of(world)).text
    assert text.index("Second") < text.index("Earlier versions") < text.index("First")


def test_a_version_is_deleted_for_good(world):
    fay = world.client("fay")
    write(fay, world, "First")
    write(fay, world, "Second")
    page = Page(fay.get(url_of(world)))
    forms = [each for each in page.all("form") if each.get("action", "").endswith("/remove")]

    for _ in range(2):
        assert fay.post(forms[0]["action"], data=forms[0].fields()).status_code == 303

    assert rows(world) == [(YEAR, 1, "First")]


def test_two_facilitators_do_not_overwrite_each_other(world):
    fay, mo = world.client("fay"), world.client("mo")
    form = Page(fay.get(url_of(world))).form("/themes").fields()
    write(mo, world, "By the other")

    refused = fay.post(url_of(world), data=form | {"words": "By me"})

    assert refused.status_code == 422
    assert "By the other" in refused.text
    assert Page(refused).field("words").value == "By me"
    again = Page(refused).form("/themes").fields()
    assert fay.post(url_of(world), data=again).status_code == 303
    assert [words for *_, words in rows(world)] == ["By the other", "By me"]


def test_ten_versions_are_kept(world):
    fay = world.client("fay")
    for number in range(12):
        write(fay, world, f"Version {number}")

    assert [words for *_, words in rows(world)] == [f"Version {n}" for n in range(2, 12)]


def test_details_are_asked_about_before_anybody_reads_them(world):
    fay = world.client("fay")
    words = "We spoke of Mrs Jane Sampleton, born 12/05/1950."

    asked = write(fay, world, words)

    assert asked.status_code == 422
    assert "Details that could identify someone" in asked.text
    assert Page(asked).field("words").value == words
    assert rows(world) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": " "}, "Write something first."),
        ({"words": "x" * 5_001}, "At most 5,000 characters, please."),
        ({"words": "Later", "year": "2031"}, "Themes are of this year"),
        ({"words": "Earlier", "year": "1999"}, "Themes are of this year"),
    ],
)
def test_what_is_wrong_is_said(world, fields, said):
    answer = write(world.client("fay"), world, **fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert rows(world) == []


def test_a_year_that_is_over_can_be_told(world):
    assert write(world.client("fay"), world, "Back then", year="2024").status_code == 303

    text = world.client("ray").get(f"{url_of(world)}?year=2024").text
    assert "Back then" in text
    assert "Back then" not in world.client("ray").get(url_of(world)).text
    for odd in ("2031", "word", "1", "99999"):
        assert world.client("ray").get(f"{url_of(world)}?year={odd}").status_code == 404


def test_a_version_of_another_circle_stays(world):
    write(world.client("fay"), world, "We waited more.")
    with world.app.app_context():
        version = db.session.scalar(select(YearThemes.id))

    world.client("nan").submit(f"/circles/{world.ids['oak']}/themes/{version}/remove", year=YEAR)

    assert rows(world) == [(YEAR, 1, "We waited more.")]


def test_a_version_written_in_place_of_a_deleted_one_is_another(world):
    """Fails when a form that saw the deleted one goes over its successor without a word."""
    fay, mo = world.client("fay"), world.client("mo")
    write(mo, world, "First")
    write(mo, world, "Second")
    page = Page(fay.get(url_of(world)))
    [delete, *_] = [each for each in page.all("form") if each.get("action", "").endswith("/remove")]
    mo.post(delete["action"], data=delete.fields() | mo.tokens(url_of(world)))
    write(mo, world, "Another")

    refused = fay.post(url_of(world), data=page.form("/themes").fields() | {"words": "By me"})

    assert refused.status_code == 422
    assert [words for *_, words in rows(world)] == ["First", "Another"]


@pytest.mark.parametrize(
    ("timezone", "moment", "year"),
    [
        ("America/Vancouver", datetime(2027, 1, 1, 4, tzinfo=UTC), 2026),  # in the evening
        ("Pacific/Auckland", datetime(2026, 12, 31, 20, tzinfo=UTC), 2027),  # in the morning
    ],
)
def test_the_year_is_that_of_the_circle(world, timezone, moment, year):
    """Fails when it begins and ends with one of UTC."""
    world.moment = moment
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Circle, world.ids["rose"]).timezone = timezone
    fay = world.client("fay")

    assert Page(fay.get(url_of(world))).form("/themes").fields()["year"] == str(year)
    assert write(fay, world, "We waited more.").status_code == 303
    assert rows(world) == [(year, 1, "We waited more.")]
