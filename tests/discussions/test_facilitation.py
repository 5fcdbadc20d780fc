"""Rounds that wait for a facilitator: phases without a word, and rounds to sum up."""

from datetime import timedelta

import pytest

from forum.policy.terms import AuthorMode
from tests.discussions.test_walk_rounds import begun, line

NAMED, HIDDEN = AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM
SILENT, CLOSING = "Without a word so far", "To sum up"


def desk(world, who="fay"):
    return world.client(who).get(f"/circles/{world.ids['rose']}/rounds")


def to_phase(world, key):
    while line(world).now.phase.key != key:
        world.moment = line(world).phase_ends + timedelta(minutes=1)


@pytest.mark.parametrize(("who", "mode"), [("pru", NAMED), ("ray", HIDDEN)])
def test_a_phase_without_a_word_waits_once_it_was_lengthened(world, who, mode):
    told = begun(world, "balint_style", who, mode)
    to_phase(world, "reflecting")
    assert SILENT not in desk(world).text

    world.moment = line(world).phase_ends + timedelta(minutes=1)
    assert line(world).now.lengthened
    assert SILENT in desk(world).text
    assert told in desk(world).text

    world.client("ivy").answer(told, body="Sadness.", do="own_name")
    assert SILENT not in desk(world).text


def test_a_closing_round_waits_for_a_summary(world):
    told = begun(world, "questions_first", "pru", NAMED)
    assert CLOSING not in desk(world).text
    to_phase(world, "closing")
    assert CLOSING in desk(world).text

    world.client("fay").answer(told, body="We listened.", kind="summary", do="own_name")

    assert CLOSING not in desk(world).text
    assert "No round is waiting for you." in desk(world).text


def test_a_paused_round_waits_for_nobody(world):
    told = begun(world, "questions_first", "pru", NAMED)
    to_phase(world, "closing")

    world.client("pru").submit(f"{told}/round", move="pause")

    assert CLOSING not in desk(world).text


def test_members_neither_see_nor_open_it(world):
    page = f"/circles/{world.ids['rose']}/"

    assert desk(world, "pru").status_code == 403
    assert f"{page}rounds" not in world.client("pru").get(page).text
    for who in ("fay", "mo"):
        assert f"{page}rounds" in world.client(who).get(page).text
