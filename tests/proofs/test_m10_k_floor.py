"""M10. Nobody begins behind a mask where fewer than six could have written it, and the number that
pages say of that tells nothing of anybody.
"""

import re
from datetime import timedelta

import pytest

from forum.accounts.models import Member
from forum.accounts.services import register
from forum.circles.models import Circle
from forum.circles.services import join, leave
from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden
from forum.discussions import post_queries
from forum.moderation.services import mute
from forum.policy.terms import MASKS, AuthorMode
from tests.world import EVENING, TOKEN

HIDDEN = AuthorMode.THREAD_PSEUDONYM
ONE_OF = re.compile(r"[Yy]ou are one of (\w+) who could have written")
DRAWN = re.compile(r'(name="tab"[^>]* value|action)="[^"]+"')


def go(world, *people):
    with world.app.app_context(), unit_of_work():
        for who in people:
            leave(world.ids[who], world.ids["rose"])


def come(world, *people):
    with world.app.app_context(), unit_of_work():
        for who in people:
            home = db.session.get_one(Circle, world.ids["rose"])
            world.ids[who] = register(f"{who}@example.org", f"Dr {who.title()}", "hash").id
            join(home, world.ids[who], f"Dr {who.title()}")


@pytest.mark.parametrize("mode", sorted(MASKS))
def test_k_floor(world, mode, figure):
    """Fails when somebody who left still counts, when a presenter counts as one who could have
    written a reply, or when a circle of two may hide anyone."""
    begun = world.present("ray", "Behind", "Told", mode)
    world.reply("fay", "Me too", mode)  # of seven
    world.moment = EVENING

    go(world, "joe")  # six are left
    with pytest.raises(Forbidden):
        world.reply("ivy", "Me too", mode)
    world.present("mo", "Behind", "Told", mode)
    go(world, "kit")  # five
    for refused in (
        lambda: world.reply("ivy", "Me too", mode),
        lambda: world.present("mo", "Behind again", "Told", mode),
        lambda: world.present("gus", "Behind", "Told", mode, circle="oak"),
    ):
        with pytest.raises(Forbidden):
            refused()

    assert world.reply("ray", "It is mine", mode, thread_id=begun)  # who began there goes on
    if mode is HIDDEN:
        assert world.reply("fay", "Still me", mode)
    figure("a reflection refused at five, allowed at six; a reply refused at six, allowed at seven")


def pages(world, reader="mo"):
    """What a composer of each kind, and the page before posting, say to somebody at one moment."""
    client = world.client(reader)
    said = []
    for start, fields in (
        (f"/circles/{world.ids['rose']}/write", {}),
        (f"{world.thread}/answer", {"body": "Me too", "do": HIDDEN}),
        (world.hidden, {"body": "Me too", "do": HIDDEN}),
    ):
        composer = client.get(start).location
        page = client.get(composer)
        said.append(page.text)
        if fields:
            looked = client.post(composer, data=client.tokens_of(page) | fields).location
            said.append(client.get(looked).text)
            client.submit(f"{looked}/discard")
    return [re.sub(r"/[\w-]{43}\b", "", DRAWN.sub("", TOKEN.sub("", page))) for page in said]


@pytest.fixture
def nine(world):
    """A circle of nine, with a thread that Ray began hidden and in which Fay is muted; Joe's
    account is suspended."""
    come(world, "una", "wyn")
    thread_id = world.present("ray", "Behind", "Told", HIDDEN)
    world.hidden = f"/circles/{world.ids['rose']}/threads/{thread_id}/answer"
    world.moment = EVENING
    muted = world.reply("fay", "Me too", HIDDEN, thread_id=thread_id)
    world.moment += timedelta(days=1)
    world.before = pages(world)
    with world.app.app_context():
        standing = world.standing("mo")
        with unit_of_work():
            mute(standing, post_queries.post(standing, muted), muted=True)
        with unit_of_work():
            db.session.get_one(Member, world.ids["joe"]).is_suspended = True
    return world


def test_the_number_tells_of_no_mute_and_no_suspension(nine):
    """Fails when whoever may not write now is no longer counted."""
    assert [ONE_OF.findall(page)[0] for page in nine.before] == ["nine", *["eight"] * 4]
    assert pages(nine) == nine.before


@pytest.mark.parametrize("who", ["fay", "joe", "ivy", "pru"])
def test_the_number_tells_nobody_who_left(nine, who):
    """The hidden presenter's leaving shows as a bystander's does, as that of whoever is muted or
    suspended, or presents under their name. Fails when the number knows who presented and left."""
    go(nine, who)
    after = pages(nine)

    with nine.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, nine.ids["rose"])
        join(home, nine.ids["sol"], "Dr Sol")  # nine again
    go(nine, "ray")  # the hidden presenter

    assert pages(nine) == after
    assert [ONE_OF.findall(page)[0] for page in after] == ["eight", *["seven"] * 4]


def test_every_page_says_one_number(world):
    """Fails when the composer, its limits or the page before posting count for themselves."""
    client = world.client("mo")
    composer = client.get(f"{world.thread}/answer").location
    page = client.get(composer).text
    looked = client.answer(world.thread, body="Me too", do=HIDDEN).location
    told = client.get(client.get(f"/circles/{world.ids['rose']}/write").location).text

    assert set(ONE_OF.findall(page)) == set(ONE_OF.findall(client.get(looked).text)) == {"six"}
    assert set(ONE_OF.findall(told)) == {"seven"}
    assert [persons(page), persons(told)] == [6, 7]


def persons(page):
    """How many figures are drawn beside the number."""
    return page.partition('class="meter-row"')[2].partition("</p>")[0].count("<svg")
