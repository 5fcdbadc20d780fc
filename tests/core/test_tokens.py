"""Secrets and hidden ids in addresses."""

from uuid import uuid4

import pytest

from forum.core import tokens


@pytest.fixture(autouse=True)
def app(world):
    with world.app.app_context():
        yield


def test_a_keyed_id_looks_like_any_random_id():
    made = tokens.keyed_id("a form", "its fields")

    assert made == tokens.keyed_id("a form", "its fields")
    assert made != tokens.keyed_id("a form", "other fields")
    assert made != tokens.keyed_id("a formits ", "fields")
    assert (made.version, made.variant) == (uuid4().version, uuid4().variant)


def test_a_token_has_32_bytes_of_chance():
    """Fails when a link is shorter to guess, or too long for the pattern of its route."""
    secret, kept = tokens.new_token()

    assert len(secret) == 43
    assert len(kept) == 32
