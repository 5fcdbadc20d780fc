"""Acts of a hidden presenter that wait for their slot change nothing that others see or press."""

from datetime import timedelta

import pytest

from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.world import EVENING, MORNING

HIDDEN = AuthorMode.THREAD_PSEUDONYM
DAY = timedelta(days=1)


def begun(world):
    """The address of a thread with a round, begun under a hidden name."""
    told = world.present("ray", "Told", "Words.", HIDDEN, talk="questions_first")
    world.ids["told"] = told
    return f"/circles/{world.ids['rose']}/threads/{told}"


def acts(world, **fields):
    """Press a button of the presenter's own page."""
    page = world.url("discussions.own_round", who="ray", post_id=world.ids["told"])
    assert world.client("ray").submit(page, **fields).status_code == 303


@pytest.mark.leaks
@pytest.mark.proof("M12")
@pytest.mark.parametrize("move", ["end", "pause", "next_step", "more_time"])
def test_a_waiting_move_leaves_a_facilitators_move_alone(world, move):
    """Fails when a facilitator's own line goes as a hidden presenter presses."""
    told = begun(world)
    world.moment = MORNING + DAY
    fay = world.client("fay")
    fay.submit(f"{told}/round", move="next_step")
    before = fay.get(told).text
    assert "Next step: from" in before

    acts(world, move=move, sure="1")

    assert "Next step: from" in fay.get(told).text


def test_an_end_drops_a_facilitators_step_once_it_acts(world):
    told = begun(world)
    world.moment = MORNING + DAY
    world.client("fay").submit(f"{told}/round", move="next_step")
    acts(world, move="end", sure="1")

    world.moment = EVENING + DAY + timedelta(minutes=1)

    page = world.client("fay").get(told).text
    assert "Next step: from" not in page
    assert "Closed" in page


@pytest.mark.leaks
@pytest.mark.proof("M12")
def test_a_waiting_keep_leaves_a_facilitators_keep_alone(world):
    """Fails when "Keep this for later" tells a facilitator that the presenter has pressed it."""
    seen = []
    told = begun(world)
    world.moment = EVENING + timedelta(minutes=1)
    for is_kept in (False, True):
        early = world.reply("ivy", "You should rest.", thread_id=world.ids["told"])
        if is_kept:
            acts(world, keep=str(early))
        fay = world.client("fay")
        fay.submit(f"{told}/round", keep=str(early))
        page = Page(fay.get(told))
        buttons = [each["value"] for each in page.all("button", name="keep")]
        seen.append((str(early) in buttons, page.text.count("Kept for")))

    [(first, folded), (second, then)] = seen
    assert not first
    assert not second
    assert then == folded + 1  # at once, both times
