"""What the next page says once, and where it waits until then."""

import json
from base64 import urlsafe_b64decode
from zlib import decompress

from forum.policy.terms import AuthorMode
from tests.accounts.people import cookie


def test_it_waits_sealed_so_that_no_name_lies_in_a_browser(world):
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

    assert "Kept safe. It appears about 7 this evening as" in said
    assert "Kept safe" not in held
    assert mask.hex() not in held
    assert "Kept safe" not in ray.get("/account").text


def test_of_many_that_wait_the_newest_are_said_and_the_cookie_stays_small(world):
    """Somebody changes their name over and over, and looks at no page in between."""
    ray = world.client("ray")
    token = ray.tokens("/account/name")
    for number in range(20):
        ray.post("/account/name", data=token | {"name": f"Dr Ray {'of Ayr ' * (number % 7)}"})

    assert len(cookie(ray).value) < 4_000
    assert ray.get("/account").text.count("Your name is changed") == 3


def plain(value):
    """What stands in a signed cookie, for whoever looks."""
    payload = value.rpartition(".")[0].rpartition(".")[0]
    kept = urlsafe_b64decode(payload.lstrip(".") + "==")
    return json.dumps(json.loads(decompress(kept) if payload.startswith(".") else kept))
