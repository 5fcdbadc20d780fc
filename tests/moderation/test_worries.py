"""A worry about a post's writer stands before lesser reasons, and is answered as one."""

from datetime import timedelta

import pytest

from forum.circles.models import Circle
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.discussions import post_queries, posts
from forum.discussions.jobs import erase
from forum.moderation import jobs
from forum.policy import may
from forum.policy.terms import CircleKind, FlagReason
from tests.circles.test_group_link import make_moderator
from tests.moderation.test_flag import flag, press
from tests.moderation.test_in_every_kind import written
from tests.page import Page

DAY = timedelta(days=1)
UNDO = timedelta(minutes=20)


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


def withdraw(world, post):
    """Have Fay withdraw her post, and the worker settle what it leaves behind."""
    with world.app.app_context(), unit_of_work():
        standing = world.standing("fay")
        posts.withdraw(standing, post_queries.post(standing, post))
    for _ in range(3):
        world.moment += UNDO
        with world.app.app_context():
            erase()
            jobs.settle()


def hide_for_a_week(world, post):
    """After it a post that is hidden for a patient can be deleted."""
    flag(world, "joe", post, FlagReason.PATIENT)
    world.moment += 8 * DAY


@pytest.mark.parametrize(
    "acts", [("hide",), ("hide", "show"), ("mute",), (withdraw,), (hide_for_a_week, "take_away")]
)
def test_a_worry_is_settled_by_nothing_that_is_done_to_the_post(world, acts):
    """Fails when a moderator who hides a post finds its writer no more at the desk, though nobody
    wrote to them, or when whoever worried reads that it was seen to. A writer who withdraws it
    is no safer.
    """
    post = world.reply("fay", "I cannot go on.")
    flag(world, "pru", post, FlagReason.WORRY)
    flag(world, "ray", post, FlagReason.UNKIND)
    for act in acts:
        if callable(act):
            act(world, post)
        else:
            assert press(world, post, act).location.endswith("/looks")  # done

    circle, mo = f"/circles/{world.ids['rose']}/", world.client("mo")
    assert "You flagged a post" not in world.client("pru").get(circle).text
    assert "You flagged a post" in world.client("ray").get(circle).text
    assert "worried about the person who wrote it" in to_check(mo, circle)

    care = f"{circle}posts/{post}/care"
    pressed(mo, care, fields(mo, care, "We have seen to it"))
    assert "The moderators have seen to it." in world.client("pru").get(circle).text
    assert "worried about the person who wrote it" not in to_check(mo, circle)


def to_check(moderator, circle):
    return Page(moderator.get(f"{circle}desk")).text.partition("To check")[2]


def test_nobody_decides_alone_on_what_they_said_by_their_own_name(world):
    """Fails when a moderator shows their own post again, in which a patient was seen, though
    another could look.
    """
    make_moderator(world, "fay")
    post = world.reply("mo", "The mayor of Ashby.")
    flag(world, "joe", post)
    mo, fay, ivy = (world.client(who) for who in ("mo", "fay", "ivy"))
    care = f"/circles/{world.ids['rose']}/posts/{post}/care"

    own = Page(mo.get(care))
    assert "another moderator decides on it" in own.text
    assert "Show post again" not in own.text
    assert mo.post(care, data=mo.tokens(care) | {"do": "show"}).status_code == 303
    assert "mayor" not in ivy.get(world.thread).text

    assert "another moderator decides on it" not in fay.get(care).text
    fay.post(care, data=fay.tokens(care) | {"do": "show"})
    assert "mayor" in ivy.get(world.thread).text


def test_a_press_settles_no_flag_that_its_page_did_not_show(world):
    """Fails when "Leave as it is", on a page from before a worry, says that it was seen to."""
    post = world.reply("fay", "I cannot go on.")
    flag(world, "ray", post, FlagReason.UNKIND)
    circle, mo = f"/circles/{world.ids['rose']}/", world.client("mo")
    care = f"{circle}posts/{post}/care"
    left = fields(mo, care, "Leave as it is")
    flag(world, "pru", post, FlagReason.WORRY)

    assert "A flag on this post has come since" in pressed(mo, care, left)
    assert "worried about the person who wrote it" in to_check(mo, circle)

    seen = fields(mo, care, "We have seen to it")
    flag(world, "joe", post, FlagReason.WORRY, words="She rang me, and hung up.")
    assert "A flag on this post has come since" in pressed(mo, care, seen)
    assert "worried about the person who wrote it" in to_check(mo, circle)


@pytest.mark.parametrize(
    ("button", "stays"),
    [("We have seen to it", FlagReason.UNKIND), ("Leave as it is", FlagReason.WORRY)],
)
def test_a_worry_and_the_text_are_settled_apart(world, button, stays):
    """Fails when seeing to a writer tells whoever flagged the text that it may stay, or the other
    way round.
    """
    post = world.reply("fay", "I cannot go on.")
    flag(world, "ray", post, FlagReason.UNKIND)
    flag(world, "pru", post, FlagReason.WORRY)
    circle, mo = f"/circles/{world.ids['rose']}/", world.client("mo")
    care = f"{circle}posts/{post}/care"

    sent = fields(mo, care, button)
    for _press in range(2):
        assert "Done." in pressed(mo, care, sent)

    assert button not in mo.get(care).text
    row = Page(mo.get(f"{circle}desk")).all("p", cls="row-about")[0].text
    assert ("unkind" in row) is (stays is FlagReason.UNKIND)
    assert ("worried" in row) is (stays is FlagReason.WORRY)


def test_whoever_is_left_alone_in_a_pair_can_settle_a_worry(world):
    """Fails when a worry about somebody whose colleague has left waits for ever, with an email a
    day.
    """
    here, post, _ = written(world, CircleKind.PAIR)
    ray, pru, care = world.client("ray"), world.client("pru"), f"{here}posts/{post}/care"
    page = ray.submit(f"{here}threads/{post}/posts", flag=short_id(post)).location
    ray.post(page, data=ray.tokens(page) | {"reason": FlagReason.WORRY})
    shown = pru.get(care).text
    assert "A colleague is worried about the person who wrote this." in shown
    assert "Write to the name" not in shown  # no name to write to: a pair has no such form
    assert "We have seen to it" not in shown
    with world.app.app_context(), unit_of_work():
        leave(world.ids["ray"], world.ids["pair"])

    assert "Done." in pressed(pru, care, fields(pru, care, "We have seen to it"))
    assert "worried about the person who wrote it" not in to_check(pru, here)


def fields(client, page, button):
    """What the form of a button sends."""
    form = next(each for each in Page(client.get(page)).all("form") if button in each.text)
    return {each["name"]: each.value for each in form.all("input")}


def pressed(client, page, sent):
    """Text of the page after a press."""
    return client.post(page, data=sent, follow_redirects=True).text
