"""A worry about a post's writer stands before lesser reasons, and is answered as one."""

from datetime import timedelta

import pytest

from forum.circles.models import Circle
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.discussions import post_queries
from forum.policy import may
from forum.policy.terms import FlagReason
from tests.moderation.test_flag import flag, press
from tests.page import Page

DAY = timedelta(days=1)


def test_a_worry_stands_before_a_lesser_reason(world):
    """Fails when a moderator reads the first of several reasons alone."""
    post = world.reply("fay", "I cannot go on.")
    flag(world, "ray", post, FlagReason.UNKIND)
    world.moment += DAY
    flag(world, "pru", post, FlagReason.WORRY)

    row = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/desk")).one(
        "p", cls="row-about"
    )

    worry, unkind = (row.text.find(words) for words in ("worried", "unkind"))
    assert 0 <= worry < unkind


@pytest.mark.parametrize("moderated", [True, False])
def test_a_flag_says_whether_anybody_looks(world, moderated):
    """Fails when a circle without a moderator promises one."""
    post = world.reply("fay", "I cannot go on.")
    if not moderated:
        with world.app.app_context(), unit_of_work():
            leave(world.ids["mo"], world.ids["rose"])

    client = world.client("pru")
    page = client.submit(f"{world.thread}/posts", flag=short_id(post)).location
    typed = client.tokens(page) | {"reason": FlagReason.WORRY}
    said = client.post(page, data=typed, follow_redirects=True).text

    assert ("The moderators will look" in said) is moderated
    assert ("This circle has no moderator now" in said) is not moderated
    assert "ring them, or 999" in said


def test_where_nobody_can_write_no_change_is_asked_for(world):
    """Fails when a post is hidden until its author changes it, and they cannot."""
    post = world.reply("ray", "The mayor of Ashby.")
    with world.app.app_context():
        thread = db.session.get_one(Circle, world.ids["rose"])
        with unit_of_work():
            thread.closes_on = (world.moment + 30 * DAY).date()
        standing = world.standing("mo")
        assert not may.ask_change(standing, post_queries.post(standing, post))
        assert may.hide(standing, post_queries.post(standing, post))


def test_a_worry_is_not_answered_by_what_was_done_to_the_post(world):
    """Fails when whoever worried reads that action was taken, though nobody wrote to the writer."""
    post = world.reply("fay", "I cannot go on.")
    flag(world, "pru", post, FlagReason.WORRY)
    flag(world, "ray", post, FlagReason.UNKIND)
    press(world, post, "hide")

    circle = f"/circles/{world.ids['rose']}/"
    worried, other = (world.client(who).get(circle).text for who in ("pru", "ray"))
    assert "If you still worry about its writer, flag it again" in worried
    assert "A moderator has taken action." not in worried
    assert "A moderator has taken action." in other
