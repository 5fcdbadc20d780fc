"""Faults that people reported of other forums and libraries, each tried here.

`docs/reviews/2026-11.md` names the report of each.
"""

from datetime import timedelta

import pytest

from forum import markup
from forum.accounts import passwords
from forum.authors.services import choose_pseudonym
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.discussions import post_queries, posts
from forum.discussions.composer import Quoted
from forum.notifications import calendars
from tests.notifications.post import arrived, ring
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import MORNING

DAY = timedelta(days=1)


def withdraw(world, who, post_id):
    with world.app.app_context():
        standing = world.standing(who)
        post = post_queries.any_post(standing, post_id)
        with unit_of_work():
            posts.withdraw(standing, post)


def found(world, words, who="mo"):
    """Texts of what a search finds."""
    return [each.text for each in Page(world.client(who).search(words)).all("li", cls="hit")]


# Forums


def test_a_quote_goes_with_the_quoted_post(world):
    told = world.reply("ray", "The kestrel kept me awake.")
    quoted = Quoted(told, "The kestrel kept me awake.")
    world.reply("fay", "Me too.", quoted=quoted)
    assert world.client("joe").get(world.thread).text.count("kestrel") == 2

    withdraw(world, "ray", told)

    assert "kestrel" not in world.client("joe").get(world.thread).text


def test_nobody_replies_to_a_withdrawn_story_by_its_address(world):
    composer = world.client("joe").get(f"{world.thread}/answer").location
    fields = world.client("joe").tokens(composer)
    withdraw(world, "pru", world.ids["thread"])

    sent = world.client("joe").post(composer, data=fields | {"body": "Late", "do": "own_name"})

    assert sent.status_code != 303 or "Late" not in world.client("ray").get(world.thread).text
    assert "Late" in sent.text


def test_a_withdrawn_post_has_no_address_and_no_hit(world):
    told = world.reply("ray", "A kestrel over the road")
    assert found(world, "kestrel")
    withdraw(world, "ray", told)

    page = world.client("joe").get(world.url("discussions.post", post_id=told))

    assert "kestrel" not in world.client("joe").get(page.location).text
    assert not found(world, "kestrel")
    assert not [hit for hit in found(world, 'by:"Dr Ray"') if "kestrel" in hit]


@pytest.mark.parametrize("page", ["0", "-4", "2222222222222222222222", "1e9", "٣"])
@pytest.mark.parametrize("path", ["", "?show=mine", "/your-words"])
def test_a_page_that_is_none_is_not_found(world, page, path):
    base = f"/circles/{world.ids['rose']}/"
    url = base.rstrip("/") + path if path.startswith("/") else base + path

    answer = world.client("ray").get(f"{url}{'&' if '?' in url else '?'}page={page}")

    assert answer.status_code in (200, 404)


@pytest.mark.parametrize(
    "name",
    [
        "Dr R\u0430y",
        "Dr  Ray",
        "Dr\u200bRay",
        "\u200b\u200b",
        "Dr Ray\u2060",
        "DR RAY",
        "\u202eyaR rD",
    ],
)
def test_a_name_that_looks_like_another_is_refused(world, name):
    with world.app.app_context(), pytest.raises(InvalidInput), unit_of_work():
        choose_pseudonym(world.standing("fay"), name)


# Emails


@pytest.mark.parametrize("month", [3, 10], ids=["spring", "autumn"])
def test_a_digest_comes_once_a_day_where_the_clock_changes(world, month):
    """In British time, on the days before, of and after the change, at the same local hour."""
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        world.moment = MORNING.replace(month=month, day={3: 27, 10: 23}[month], hour=0)
        ring(world)
        hours = []
        for step in range(4 * 24 * 4):
            if step % 96 == 0:
                world.reply("ray", f"Words {step}")
            world.moment += timedelta(minutes=15)
            ring(world)
            ring(world)  # twice at one moment sends nothing twice
            if "ivy" in (came := arrived(world, office)):
                hours.append(world.moment.astimezone(zone(world)).hour)
                assert came.count("ivy") == 1
            if step % 96 == 48:
                world.client("ivy").get(world.thread)

    assert len(hours) == 4
    assert len(set(hours)) == 1


def zone(world):
    with world.app.app_context():
        return post_queries.circle(world.standing("ivy")).zone


def test_a_name_adds_no_line_to_an_email(world):
    mo = world.client("mo")
    mo.submit("/account/name", name="Mo\r\nBcc: all@example.net")
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        mo.submit(
            f"/circles/{world.ids['rose']}/invite",
            addresses="ana@example.org",
            names_inviter="y",
            by="mail",
        )
        ring(world)

    [letter] = [each for each in office.letters if each["To"] == "ana@example.org"]
    assert letter["Bcc"] is None
    assert "Mo Bcc: all@example.net" in letter.get_body().get_content()


# Texts


@pytest.mark.parametrize(
    ("typed", "numbers"), [("3. One\n4. Two", ["3", "4"]), ("7. Seven\n9. Nine", ["7", "9"])]
)
def test_a_list_keeps_its_numbers(typed, numbers):
    shown = Page(f"<main>{markup.render(typed)}</main>")

    assert [each["value"] for each in shown.all("li")] == numbers


@pytest.mark.parametrize(
    ("typed", "links"),
    [
        ("She has an M.Sc. in pharmacy.", []),
        ("Read [https://www.example.org/].", ["https://www.example.org/"]),
        ("See (https://example.org/a.html).", ["https://example.org/a.html"]),
        ("I like it.It makes me happy.", []),
        ("See https://example.org/x/, or not", ["https://example.org/x/"]),
    ],
)
def test_a_link_holds_the_address_alone(typed, links):
    shown = Page(f"<main>{markup.render(typed)}</main>")

    assert [each["href"] for each in shown.all("a")] == links


# Searches


@pytest.mark.parametrize("words", ["pneumoni", "new", "the and of", "*", '"', "a*", "ﬁbrosis"])
def test_a_search_for_part_of_a_word_is_answered(world, words):
    world.reply("ray", "A new pneumonia, and fibrosis.")

    assert world.client("mo").search(words).status_code == 200


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Les événements de mardi", "evenements"),
        ("fever\uff0ccough", "cough"),
        ("tired\u00a0out", "tired"),
        ("naïve", "nai\u0308ve"),
        ("👩‍⚕️ kestrel", "kestrel"),
    ],
)
def test_a_word_is_found_whatever_stands_beside_it(world, typed, asked):
    world.reply("ray", typed)

    assert found(world, asked)


# Passwords, calendars and dates


@pytest.mark.parametrize("typed", ["café au lait, long ago", "cafe\u0301 au lait, long ago"])
def test_a_password_is_the_same_however_its_accent_is_typed(world, typed):
    with world.app.app_context():
        kept = passwords.hashed("café au lait, long ago")

        assert passwords.matches(kept, typed)


def test_a_calendar_folds_between_characters(world):
    world.app.config["SITE_NAME"] = "0123456789" * 6 + "☎️📞👩‍⚕️" * 6
    with world.app.test_request_context():
        days = [(MORNING + n * DAY).date() for n in range(3)]
        sent = calendars.news_calendar(days)

    lines = sent.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert all(line.decode() is not None for line in lines)


def test_the_last_days_of_a_year_belong_to_it(world):
    world.moment = MORNING.replace(year=2029, month=12, day=31)
    world.reply("ray", "Between the years")
    world.moment = MORNING.replace(year=2030, month=6, day=1)

    said = Page(world.client("fay").get(world.thread)).one("main").text

    assert "31 December 2029" in said.replace("\u00a0", " ")
    assert "2030" not in said
