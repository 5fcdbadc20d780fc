"""Forms are made of texts, whatever else a program sends in their place."""

from io import BytesIO

import pytest


@pytest.mark.parametrize("url", ["/account/password", "/account/name", "/circles/open", "/search"])
def test_a_file_or_json_in_the_place_of_words_is_no_word(world, url):
    client = world.client("mo")
    names = ("name", "password", "old_password", "words", "circle")
    token = client.tokens("/account/password")

    files = client.post(url, data=token | {name: (BytesIO(b"x"), "x.txt") for name in names})
    plain = client.post(url, json=list(names))

    assert files.status_code == 422
    assert 400 <= plain.status_code < 500
