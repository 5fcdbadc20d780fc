"""What moderators who asked can tell: an opening looks in hand for a day, then like a lapse."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.circles.models import Membership
from forum.core.db import db, unit_of_work
from forum.policy.terms import AuthorMode, Role
from forum.safety import jobs
from forum.safety.models import Guardian
from tests.discussions.test_awaited_slots import statements
from tests.page import Page
from tests.safety.people import ask, decide, name_guardians, open_name, opened, page_of
from tests.world import EVENING, World

MASK = AuthorMode.THREAD_PSEUDONYM
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AGES = (23 * HOUR, 25 * HOUR, 8 * DAY, 31 * DAY)  # of a request


@pytest.fixture
def worlds(tmp_path):
    """Two worlds of one case, told apart by what the guardians do."""
    both = []
    for how in ("undecided", "opened"):
        world = World(tmp_path / how)
        name_guardians(world, "sol", "nan", "gus")
        world.ids["post"] = world.reply("ray", "Goodbye to you all", MASK)
        world.moment = EVENING + MINUTE
        both.append(world)
    return both


def requested(worlds, **fields):
    """Have Mo ask in both, and the guardians open the name in the second."""
    undecided, second = worlds
    assert ask(undecided, undecided.ids["post"], **fields).status_code == 303
    opened(second, second.ids["post"], **fields)
    assert open_name(second, "sol").status_code == 200


def turned(worlds, moment):
    for world in worlds:
        world.moment = moment
        with world.app.app_context():
            jobs.settle()


def read_by(world, who):
    """Words of home and of the page on which a moderator asks."""
    client = world.client(who)
    page = Page(client.get(page_of(world, world.ids["post"]))).one("main").text
    return Page(client.get("/")).one("main").text, page


@pytest.mark.parametrize("age", AGES, ids=str)
def test_an_opening_reads_like_no_decision(worlds, age):
    """Fails when the asking moderator reads that a name was opened."""
    requested(worlds)
    turned(worlds, EVENING + MINUTE + age)

    undecided, second = (read_by(world, "mo") for world in worlds)

    assert undecided == second
    in_hand = "Your request to the guardians is in hand." in second[1]
    assert in_hand is (age < DAY)
    assert ("Your request to the guardians has ended" in second[0]) is (DAY <= age < 7 * DAY)


@pytest.mark.parametrize("who", ["mo", "fay"])
@pytest.mark.parametrize("age", AGES[:2], ids=str)
def test_asking_again_is_answered_alike(worlds, age, who):
    """Fails when a second request tells that the first opened a name."""
    for world in worlds:
        with world.app.app_context(), unit_of_work():
            db.session.scalars(
                select(Membership).filter_by(
                    member_id=world.ids["fay"], circle_id=world.ids["rose"]
                )
            ).one().role = Role.MODERATOR
    requested(worlds)
    turned(worlds, EVENING + MINUTE + age)

    answers = [ask(world, world.ids["post"], who) for world in worlds]

    assert [answer.status_code for answer in answers] == [422 if age < DAY else 303] * 2
    assert all(("It is in hand." in answer.text) is (age < DAY) for answer in answers)


@pytest.mark.parametrize("age", [29 * DAY, 29 * DAY + 12 * HOUR], ids=str)
def test_the_number_of_requests_is_counted_alike(worlds, age):
    """Fails when an opened request counts for longer than one that lapsed."""
    undecided, second = worlds
    for number in range(3):
        posts = [world.present("pru", f"Title {number}", "Words.") for world in worlds]
        turned(worlds, EVENING + (number + 1) * MINUTE)
        assert ask(undecided, posts[0], reason="serious_abuse").status_code == 303
        opened(second, posts[1], reason="serious_abuse")
    turned(worlds, EVENING + age)

    answers = [ask(world, world.ids["post"], reason="serious_abuse") for world in worlds]

    assert [answer.status_code for answer in answers] == [409 if age == 29 * DAY else 303] * 2


def test_a_refusal_is_told_at_once_and_may_be_asked_again(worlds):
    world = worlds[0]
    ask(world, world.ids["post"])
    for who in ("sol", "nan"):
        decide(world, who, "no")

    assert "The guardians did not open the name." in read_by(world, "mo")[1]
    assert ask(world, world.ids["post"]).status_code == 303


@pytest.mark.parametrize("age", [29 * DAY, 31 * DAY, 60 * DAY], ids=str)
def test_the_same_form_sent_again_is_answered_alike(worlds, age):
    """Fails when an opened request, whose row stays for a year, answers a form that a lapsed one,
    whose row has gone, lets file anew.
    """
    requested(worlds, form_key="a" * 32)
    turned(worlds, EVENING + MINUTE + 2 * DAY)
    turned(worlds, EVENING + MINUTE + age)
    both = [ask(world, world.ids["post"], form_key="a" * 32) for world in worlds]
    seen = [read_by(world, "mo") for world in worlds]

    assert [each.status_code for each in both] == [303, 303]
    assert seen[0] == seen[1]
    assert ("Your request to the guardians is in hand." in seen[0][1]) is (age > 30 * DAY)
    again = [ask(world, world.ids["post"], form_key="a" * 32).status_code for world in worlds]
    assert again[0] == again[1]


@pytest.mark.proof("M11")
def test_home_costs_the_same_whoever_is_asked_to_be_a_guardian(world):
    """Fails when the lead learns, from the cost of any home, that an address has an account."""
    before = {who: statements(world, who) for who in ("mo", "ivy")}
    with world.app.app_context(), unit_of_work():
        db.session.add(Guardian(member_id=world.ids["ray"]))

    assert {who: statements(world, who) for who in before} == before


@pytest.mark.proof("M11")
def test_home_costs_everybody_the_same_whatever_was_asked(worlds):
    """Fails when a request, or an opening, costs the home of anybody a statement more."""
    quiet, asked = worlds
    cost = {}
    for who in ("mo", "ray", "ivy", "pru"):
        for world in worlds:
            world.client(who).get("/")
        cost[who] = statements(quiet, who)
    opened(asked, asked.ids["post"])
    for age in (MINUTE, 2 * DAY, 29 * DAY, 40 * DAY):
        turned(worlds, EVENING + MINUTE + age)
        for who in cost:
            assert statements(asked, who) == statements(quiet, who) == cost[who], (who, age)
