from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.discussions.models import Acknowledgement
from forum.policy.terms import AuthorMode
from tests.world import EVENING

SAID = "Someone has read this and is with you."


def kept(world):
    with world.app.app_context():
        return len(db.session.scalars(select(Acknowledgement)).all())


def test_acknowledgement_shows_from_next_slot_uncounted(world):
    for who in ("ray", "fay", "ray"):
        world.client(who).submit(f"{world.thread}/acknowledge")
    early = world.client("pru").get(world.thread).text
    world.moment = EVENING

    late = world.client("pru").get(world.thread).text

    assert SAID not in early
    assert late.count(SAID) == 1
    assert kept(world) == 2


def test_presenter_cannot_acknowledge_their_own_thread(world):
    world.client("pru").submit(f"{world.thread}/acknowledge")
    world.moment = EVENING

    assert SAID not in world.client("mo").get(world.thread).text
    assert kept(world) == 0


def test_concurrent_acknowledgements_store_one_row(world):
    client = world.client("ray")
    tokens = client.tokens("/")
    with ThreadPoolExecutor(4) as pool:
        sent = list(
            pool.map(lambda _: client.post(f"{world.thread}/acknowledge", data=tokens), range(4))
        )

    assert {answer.status_code for answer in sent} == {303}
    assert kept(world) == 1


@pytest.mark.parametrize("wish", ["no_reply", "hear_me_out"])
def test_no_reply_needed_offers_only_acknowledgement(world, wish):
    thread = world.present("ray", "Only so you know", "It is over.", wish=wish)
    page = world.client("fay").get(f"/circles/{world.ids['rose']}/threads/{thread}").text

    assert "I've read this and I'm with you" in page
    assert (">Reply<" in page) is (wish == "hear_me_out")


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def test_a_named_presenter_is_not_offered_it(world, mode):
    """Behind a hidden name the button stays, or its absence would tell who wrote."""
    thread = world.present("ray", "Mine", "It is over.", mode)
    world.moment += timedelta(days=1)
    page = world.client("ray").get(f"/circles/{world.ids['rose']}/threads/{thread}").text

    assert ("I've read this and I'm with you" in page) is mode.masked
