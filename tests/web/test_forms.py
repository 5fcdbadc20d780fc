"""Form values are texts, even if a program sends files or JSON."""

from io import BytesIO

import pytest

from forum.web.forms import trimmed


@pytest.mark.parametrize("url", ["/account/password", "/account/name", "/circles/open", "/search"])
def test_files_and_json_are_not_form_values(world, url):
    client = world.client("mo")
    names = ("name", "password", "old_password", "words", "circle")
    token = client.tokens("/account/password")

    files = client.post(url, data=token | {name: (BytesIO(b"x"), "x.txt") for name in names})
    plain = client.post(url, json=list(names))

    assert files.status_code == 422
    assert 400 <= plain.status_code < 500


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\n \u00a0two\nlines \n\n", "two\nlines"),
        ("\tMorning\tNight\nAlpha\t5 mg\t\n", "\tMorning\tNight\nAlpha\t5 mg\t"),
        (" \t\n", ""),
        (None, ""),
    ],
)
def test_trimming_keeps_tabs_at_both_ends(typed, kept):
    assert trimmed(typed) == kept
