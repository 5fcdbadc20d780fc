"""Names of a member in two circles are linked neither to each other nor to the account."""

import pytest

from forum.authors.services import choose_pseudonym
from forum.circles.queries import circle
from forum.circles.services import join
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts, thread_queries
from forum.discussions.composer import ReplyWords
from forum.policy.terms import AuthorMode
from tests.routes import parts_of, routes_of
from tests.search.searching import found
from tests.world import EVENING

NAMES = {"rose": "Zephyrine", "oak": "Marlinspike"}
LEADS = {"rose": "mo", "oak": "nan"}


@pytest.fixture
def writing(world):
    """Sol belongs to both circles, with a different name in each and a mask in Rose."""
    world.ids["there"] = world.present("nan", "Next door", "Told", circle="oak")
    for home, name in NAMES.items():
        with world.app.app_context():
            with unit_of_work():
                join(circle(world.standing(LEADS[home], home)), world.ids["sol"], "Dr Sol")
            standing = world.standing("sol", home)
            with unit_of_work():
                choose_pseudonym(standing, name)
    world.reply("sol", "A kestrel here", AuthorMode.PSEUDONYM)
    world.reply("sol", "A kestrel behind", AuthorMode.THREAD_PSEUDONYM)
    with world.app.app_context():
        standing = world.standing("sol", "oak")
        thread = thread_queries.thread(standing, world.ids["there"])
        with unit_of_work():
            words = ReplyWords("A kestrel there", AuthorMode.PSEUDONYM)
            posts.reply(standing, thread, new_id(), words)
    return world


def pages_of(world, who):
    """Pages visible to a member in either circle."""
    rose = parts_of(world)
    oak = rose | {"circle_id": world.ids["oak"], "thread_id": world.ids["there"]}
    urls = {
        url
        for each in (rose, oak)
        for _, method, url in routes_of(world, each, who)
        if method == "GET" and not url.startswith("/static/")
    }
    answers = [world.client(who).get(url) for url in sorted(urls)]
    return "".join(f"{each.headers}{each.data.decode(errors='replace')}" for each in answers)


@pytest.mark.leaks
@pytest.mark.parametrize(("who", "home"), [("mo", "rose"), ("nan", "oak"), ("lee", None)])
def test_names_in_two_circles_stay_unlinked(writing, who, home):
    """Fails when the people page names accounts, or a name leads to other circles."""
    writing.moment = EVENING

    told = pages_of(writing, who)

    for each, name in NAMES.items():
        assert (name in told) is (each == home)
    sol = writing.ids["sol"]
    for plain in ("sol@example.org", str(sol), sol.hex):
        assert plain not in told


@pytest.mark.leaks
def test_search_finds_only_names_of_this_circle(writing):
    """Fails when `from:` with an unknown name filters nothing."""
    writing.moment = EVENING

    assert len(found(writing, "mo", "kestrel")) == 2
    assert len(found(writing, "mo", 'kestrel from:"Zephyrine"')) == 1
    sol = writing.ids["sol"]
    for asked in ("sol@example.org", str(sol), sol.hex, "Marlinspike", 'kestrel from:"Dr Sol"'):
        assert found(writing, "mo", asked) == [], asked
