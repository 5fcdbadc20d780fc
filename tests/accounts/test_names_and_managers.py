"""Names of all scripts; forms that password managers understand."""

from pathlib import Path

import pytest

from tests.accounts.test_own_account import submit
from tests.accounts.test_reset import link_for
from tests.page import Page

TEMPLATES = Path(__file__).parents[2] / "templates"
MAHNAZ = "Dr \u0645\u0647\u200c\u0646\u0627\u0632"  # Persian, with ZWNJ


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        (MAHNAZ, True),
        ("\u0dc1\u0dca\u200d\u0dbb\u0dd3", True),  # Sinhala, with ZWJ
        ("Dr Ray\u200c", False),
        ("Dr R\u200day", False),
    ],
)
def test_names_hold_the_joiners_that_their_script_needs(world, name, taken):
    client = world.client("sol")

    assert submit(client, "/account/name", name=name).status_code == (303 if taken else 422)
    assert (Page(client.get("/account/name")).field("name").value == name) is taken


def test_a_joiner_makes_no_second_name(world):
    submit(world.client("ray"), "/account/name", name=MAHNAZ)
    again = submit(world.client("fay"), "/account/name", name=MAHNAZ.replace("\u200c", ""))

    assert again.status_code == 422


@pytest.mark.parametrize("url", ["/account/password", "/account/address", "/account/confirm"])
def test_password_forms_name_the_account(world, url):
    page = Page(world.client("ray").get(url))

    assert page.field("username").value == "ray@example.org"
    assert page.field("username").get("autocomplete") == "username"


def test_the_page_of_a_reset_link_names_the_account(world):
    page = Page(world.client().get(link_for(world)))

    assert page.field("username").value == "ray@example.org"


def test_every_password_form_has_a_username_first():
    texts = {path: path.read_text() for path in TEMPLATES.rglob("*.html")}
    asking = {path: text for path, text in texts.items() if '-password")' in text}

    assert len(asking) > 6
    for path, text in asking.items():
        before = text[: text.index('-password")')]
        assert 'autocomplete="username' in before or "{{ username(" in before, path
