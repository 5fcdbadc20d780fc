from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.search.days import days
from forum.search.query_parser import parse
from tests.search.searching import found

TODAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-04-01", "2026/04/01", "2026.4.1", "20260401", "2026-04-01T10:30"),
        *("1/4/2026", "01/04/26", "1.4.2026", "1-4-26", "1 4 2026"),
        *("1 April 2026", "1st April 2026", "1 Apr 26", "1-Apr-2026", "01apr2026", "1 April"),
        *("April 1 2026", "April 1st, 2026", "apr 1", "1 of April", "2026 April 1"),
    ],
)
def test_a_day_is_understood_in_every_usual_form(text):
    assert days(text, TODAY) == (date(2026, 4, 1), date(2026, 4, 2))


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("April", date(2026, 4, 1), date(2026, 5, 1)),
        ("Sept", date(2025, 9, 1), date(2025, 10, 1)),
        ("december", date(2025, 12, 1), date(2026, 1, 1)),
        ("4/2026", date(2026, 4, 1), date(2026, 5, 1)),
        ("2026-04", date(2026, 4, 1), date(2026, 5, 1)),
        ("Apr '26", date(2026, 4, 1), date(2026, 5, 1)),
        ("25 December", date(2025, 12, 25), date(2025, 12, 26)),
        ("2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("today", TODAY, date(2026, 5, 21)),
        ("yesterday", date(2026, 5, 19), TODAY),
        ("last week", date(2026, 5, 11), date(2026, 5, 18)),
        ("this week", date(2026, 5, 18), date(2026, 5, 25)),
        ("last month", date(2026, 4, 1), date(2026, 5, 1)),
        ("this month", date(2026, 5, 1), date(2026, 6, 1)),
        ("last year", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_a_month_or_span_has_its_first_day_and_the_day_after(text, first, after):
    assert days(text, TODAY) == (first, after)


@pytest.mark.parametrize(
    "text", ["never", "31/2/2025", "0000", "9999-12-31", "99999", "13/13/2025", "", "maybe", "5/7"]
)
def test_no_such_day_is_none(text):
    assert days(text, TODAY) is None


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)))
def test_every_day_is_understood_as_it_is_printed(day):
    for form in ("%d/%m/%Y", "%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%d-%b-%Y", "%B %d, %Y"):
        assert days(day.strftime(form), TODAY) == (day, day + timedelta(days=1))


@given(st.text(max_size=30))
def test_no_text_is_an_error(text):
    found = days(text, TODAY)

    assert found is None or found[0] < found[1]


@pytest.mark.parametrize(
    "words",
    [
        "kestrel after:1 March 2026",
        "kestrel after:1st March",
        "after:March 2026 kestrel",
        "after:March 1 kestrel",
        'after:"1 March 2026" kestrel',
        "after:2026/03/01 kestrel",
        "kestrel after:yesterday",
        "kestrel -before:1/3/2026",
    ],
)
def test_a_day_of_several_words_needs_no_quotes(world, words):
    world.reply("ray", "A kestrel over the road")

    assert found(world, "mo", words) == ["A kestrel over the road"]
    assert [clause.text for clause in parse(words).words] == ["kestrel"]


def test_a_later_day_leaves_it_out(world):
    world.reply("ray", "A kestrel over the road")

    assert found(world, "mo", "kestrel after:3 March 2026") == []
    assert found(world, "mo", "kestrel -before:3/3/2026") == []


@pytest.mark.parametrize("typed", ["after:whenever", "before:31/2/2025", '-after:"the flood"'])
def test_the_page_says_that_a_day_was_not_understood(world, typed):
    world.reply("ray", "A kestrel over the road")

    page = world.client("mo").search(f"kestrel {typed}").text

    assert "was not understood, so it narrows nothing" in page
    assert "One post." in page


def test_a_month_without_a_year_is_the_latest_that_began():
    filters = parse("after:June before:May", TODAY).filters

    assert [each.days[0] for each in filters] == [date(2025, 6, 1), date(2026, 5, 1)]


@pytest.mark.parametrize(
    ("typed", "today", "first"),
    [
        ("14 March", date(2026, 3, 14), date(2026, 3, 14)),  # today itself has begun
        ("15 March", date(2026, 3, 14), date(2025, 3, 15)),
        ("1 March", date(2026, 3, 1), date(2026, 3, 1)),
        ("March", date(2026, 3, 1), date(2026, 3, 1)),
        ("29 February", date(2104, 2, 28), date(2096, 2, 29)),  # 2100 has none
    ],
)
def test_a_day_without_a_year_is_the_latest_that_has_begun(typed, today, first):
    """Fails when a search from today on begins a year ago, or a day that was is not known."""
    assert days(typed, today)[0] == first
