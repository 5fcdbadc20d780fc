"""Flash messages: shown once, sealed in the cookie until then."""

import json
from base64 import urlsafe_b64decode
from zlib import decompress

from forum.policy.terms import AuthorMode
from tests.accounts.people import cookie


def test_a_flash_is_sealed_in_the_cookie(world):
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    look = ray.post(
        composer, data=ray.tokens(composer) | {"body": "Hidden.", "do": "thread_pseudonym"}
    )
    ray.submit(look.location)
    held = plain(cookie(ray).value)
    said = ray.get("/account").text
    with world.app.app_context():
        mask = world.standing("ray").hand.key(AuthorMode.THREAD_PSEUDONYM, world.ids["thread"], 1)

    assert "Saved. It will appear about 7 this evening as" in said
    assert "Saved" not in held
    assert mask.hex() not in held
    assert "Saved" not in ray.get("/account").text


def test_many_flashes_keep_the_cookie_small(world):
    """A member changes their name over and over without loading a page in between."""
    ray = world.client("ray")
    token = ray.tokens("/account/name")
    for number in range(20):
        ray.post("/account/name", data=token | {"name": f"Dr Ray {'of Ayr ' * (number % 7)}"})

    assert len(cookie(ray).value) < 4_000
    assert ray.get("/account").text.count("Your name is changed") == 3


def plain(value):
    """Content of a signed cookie, readable without a key."""
    payload = value.rpartition(".")[0].rpartition(".")[0]
    kept = urlsafe_b64decode(payload.lstrip(".") + "==")
    return json.dumps(json.loads(decompress(kept) if payload.startswith(".") else kept))
