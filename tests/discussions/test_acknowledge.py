from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.discussions.models import Acknowledgement
from tests.world import EVENING

SAID = "Someone has read this and is with you."


def kept(world):
    with world.app.app_context():
        return len(db.session.scalars(select(Acknowledgement)).all())


def test_one_tap_shows_from_the_next_slot_and_is_never_counted(world):
    for who in ("ray", "fay", "ray"):
        world.client(who).submit(f"{world.thread}/acknowledge")
    early = world.client("pru").get(world.thread).text
    world.moment = EVENING

    late = world.client("pru").get(world.thread).text

    assert SAID not in early
    assert late.count(SAID) == 1
    assert kept(world) == 2


def test_a_presenter_is_not_with_themselves(world):
    world.client("pru").submit(f"{world.thread}/acknowledge")
    world.moment = EVENING

    assert SAID not in world.client("mo").get(world.thread).text
    assert kept(world) == 0


def test_many_taps_at_once_are_one(world):
    client = world.client("ray")
    tokens = client.tokens("/")
    with ThreadPoolExecutor(4) as pool:
        sent = list(
            pool.map(lambda _: client.post(f"{world.thread}/acknowledge", data=tokens), range(4))
        )

    assert {answer.status_code for answer in sent} == {303}
    assert kept(world) == 1


@pytest.mark.parametrize("wish", ["no_reply", "hear_me_out"])
def test_who_needs_no_reply_is_offered_to_be_read_and_no_more(world, wish):
    thread = world.present("ray", "Only so you know", "It is over.", wish=wish)
    page = world.client("fay").get(f"/circles/{world.ids['rose']}/threads/{thread}").text

    assert "Read, and with you" in page
    assert (">Answer<" in page) is (wish == "hear_me_out")
