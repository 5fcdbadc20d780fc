"""Leaving with what one wrote under an invented name: at the next slot, by degrees, or not."""

import html
import re
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from forum.authors.services import choose_pseudonym
from forum.circles import closing
from forum.circles.queries import circle, people
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.discussions.models import Reply
from forum.offboarding import jobs
from forum.offboarding.models import Departure, Farewell
from forum.offboarding.plans import LIFE, SPAN, Withdrawal
from forum.policy.terms import AuthorMode
from tests.offboarding.leavers import (
    DAY,
    HERON,
    author,
    heron,
    leaves,
    place,
    plans,
    ring,
    says,
    to_next_slot,
)
from tests.world import EVENING, transactions_of

SENTENCE = f"If everything {HERON} wrote goes as you leave, people will know who {HERON} was."


@pytest.fixture
def heron_world(world):
    heron(world)
    return world


def shown(world):
    """How many of Quiet Heron's answers others can read."""
    page = re.sub(r"<[^>]+>", " ", world.client("mo").get(world.thread).text)
    return page.count("Heron says")


def go(world, who="sol", **fields):
    client, page = world.client(who), f"/circles/{world.ids['rose']}/leave"
    return client.post(page, data=client.tokens(page) | fields)


def words_of(page):
    return html.unescape(page)


def test_the_page_says_what_leaving_with_it_tells_and_leaves_it_by_default(heron_world):
    page = words_of(heron_world.client("sol").get(f"/circles/{heron_world.ids['rose']}/leave").text)

    assert SENTENCE in page
    choices = re.findall(
        r'name="invented"[^>]*value="(\w+)"[^>]*>\s*<div><label[^>]*>([^<]+)', page
    )
    assert choices == [
        ("stay", "Leave it (most do)"),
        ("slowly", "Take it away a little at a time, over three months"),
        ("now", "Take it away now"),
    ]
    assert re.search(r'<input checked[^>]*name="invented"[^>]*value="stay"', page)
    assert 'name="words"' not in page  # nothing is under their own name
    assert "Your drafts, and what you had read, go within a week. Take a copy first." in page


def test_whoever_writes_under_their_own_name_is_asked_about_that_alone(world):
    page = world.client("ray").get(f"/circles/{world.ids['rose']}/leave").text

    assert 'name="words"' in page
    assert 'name="invented"' not in page
    assert "people will know who" not in page


def test_a_choice_that_is_not_offered_is_refused(heron_world):
    assert go(heron_world, invented="go").status_code == 422
    assert go(heron_world, invented="stay").status_code == 303


def test_left_it_stays_for_good(heron_world):
    says(heron_world, 3)
    go(heron_world, invented="stay")
    for _ in range(20):
        to_next_slot(heron_world)

    assert shown(heron_world) == 3


def test_taken_away_now_it_goes_at_the_next_slot_and_not_before(heron_world):
    says(heron_world, 3)
    go(heron_world, invented="now")
    ring(heron_world)
    before = shown(heron_world)

    to_next_slot(heron_world)

    assert (before, shown(heron_world)) == (3, 0)


def test_by_degrees_each_post_goes_at_a_slot_of_its_own_over_three_months(heron_world):
    """Fails when the posts of a name go together, or when any goes before the slot drawn first."""
    says(heron_world, 12)
    heron_world.reply("sol", "From behind", AuthorMode.THREAD_PSEUDONYM)
    leaves(heron_world, invented=Withdrawal.SLOWLY)
    [plan] = plans(heron_world)
    [name] = plan.names
    begins, left = heron_world.moment, []

    while heron_world.moment < begins + SPAN + 2 * DAY:
        to_next_slot(heron_world)
        left.append((heron_world.moment, shown_in_rows(heron_world)))

    went = [before - now for (_, before), (_, now) in pairwise([(begins, 12), *left])]
    days = [moment for (moment, _), gone in zip(left, went, strict=True) if gone]
    assert sum(went) == 12
    assert len(days) > 4
    assert min(days) >= name.first
    assert max(days) <= name.last <= begins + SPAN
    assert shown(heron_world) == 0
    assert "From behind" in heron_world.client("mo").get(heron_world.thread).text


def shown_in_rows(world):
    with world.app.app_context():
        there = select(func.count()).select_from(Reply)
        return db.session.scalar(there.where(Reply.author_id == author(world), ~Reply.withdrawn))


def test_undo_drops_what_has_not_gone_and_says_that_the_rest_stays_gone(heron_world):
    says(heron_world, 6)
    go(heron_world, invented="slowly")
    account = words_of(heron_world.client("sol").get("/account").text)
    assert f"Posts by {HERON} are being withdrawn. Posts that have gone stay gone." in account
    client = heron_world.client("sol")
    [undo] = re.findall(r'action="([^"]+/undo)"', account)

    back = client.post(undo, data=client.tokens("/account"))
    page = client.get(back.location).text

    assert "stay gone" in page
    assert plans(heron_world) == []
    heron_world.moment += SPAN
    ring(heron_world)
    assert shown(heron_world) == 6


def test_whoever_came_back_and_leaves_again_is_held_to_no_older_choice(heron_world):
    """Fails when the plan of a leaving that was undone by an invitation is taken up again."""
    says(heron_world, 2)
    leaves(heron_world, invented=Withdrawal.NOW)
    with heron_world.app.app_context():
        home = circle(heron_world.standing("mo"))
        with unit_of_work():
            join(home, heron_world.ids["sol"], "Dr Sol")
    leaves(heron_world)

    to_next_slot(heron_world)

    assert shown(heron_world) == 2
    assert len(plans(heron_world)) == 1


def test_the_account_offers_the_same_to_whoever_left_or_was_removed(heron_world):
    says(heron_world, 2)
    with heron_world.app.app_context():
        known = {each.name: each.membership_id for each in people(heron_world.standing("mo"))}
    url = f"/circles/{heron_world.ids['rose']}/people/{known['Dr Sol']}/remove"
    heron_world.client("mo").submit(url)
    client = heron_world.client("sol")
    page = words_of(client.get("/account").text)
    assert SENTENCE in page
    assert "/undo" not in page
    [now] = re.findall(r'action="([^"]+/invented/now)"', page)
    assert re.findall(r'action="([^"]+/invented/slowly)"', page)

    client.post(now, data=client.tokens("/account"))

    page = client.get("/account").text
    assert "/invented/" not in page
    to_next_slot(heron_world)
    assert shown(heron_world) == 0


def test_deleting_the_account_asks_the_same_for_each_kind_of_name(heron_world):
    heron_world.reply("ray", "In the open")
    page = words_of(heron_world.client("sol").get("/account/delete").text)
    assert SENTENCE in page
    assert 'name="words"' not in page
    assert 'name="words"' in heron_world.client("ray").get("/account/delete").text
    says(heron_world, 2)

    client = heron_world.client("sol")
    fields = client.tokens("/account/delete") | {"invented": "now", "sure": "y"}
    assert client.post("/account/delete", data=fields).status_code == 303

    to_next_slot(heron_world)
    assert shown(heron_world) == 0


def test_a_worker_that_died_half_way_goes_on_in_small_transactions(heron_world):
    """Fails when all posts of a name go in one transaction, for which everybody else would wait."""
    ids = says(heron_world, 50)
    leaves(heron_world, invented=Withdrawal.NOW)
    heron_world.moment += DAY
    with heron_world.app.app_context():
        engine = db.engine
        with dying_after(engine, 30), pytest.raises(OSError, match="power"):
            jobs.settle()
    half = shown_in_rows(heron_world)
    with transactions_of(engine) as transactions:
        ring(heron_world)

    assert 0 < half < len(ids)
    assert half % jobs.POSTS_AT_ONCE == len(ids) % jobs.POSTS_AT_ONCE
    assert shown_in_rows(heron_world) == 0
    blanked = [sum(one.startswith("UPDATE reply") for one in each) for each in transactions]
    assert 0 < max(blanked) <= 2 * jobs.POSTS_AT_ONCE


class dying_after:  # reads as a verb
    """Have the power go after so many replies were written."""

    def __init__(self, engine, count):
        self._engine, self._left = engine, count

    def __enter__(self):
        db.event.listen(self._engine, "before_cursor_execute", self._count)

    def __exit__(self, *_error):
        db.event.remove(self._engine, "before_cursor_execute", self._count)

    def _count(self, _connection, _cursor, statement, *_rest):
        self._left -= statement.startswith("UPDATE reply")
        if self._left < 0:
            raise OSError("the power went")


def two_names(world, who):
    """Have somebody who writes under their own name take an invented one too."""
    with world.app.app_context():
        home = circle(world.standing("mo"))
        with unit_of_work():
            home.allows_own_name = False
        with unit_of_work():
            choose_pseudonym(world.standing(who), "Early Wren")


@pytest.mark.leaks
def test_every_leaver_has_a_row_of_one_size_for_one_length_of_time(heron_world):
    """Fails when a row is made only for those whose words go, or tells by its length what they
    chose, or goes when its work is done."""
    heron_world.reply("ray", "In the open")
    says(heron_world, 1)
    with heron_world.app.app_context(), unit_of_work():
        join(circle(heron_world.standing("mo")), heron_world.ids["lee"], "Dr Lee")
    leaves(heron_world, "lee")  # who took no name yet
    leaves(heron_world, "sol", invented=Withdrawal.NOW)
    leaves(heron_world, "ray", own=True)
    leaves(heron_world, "joe")
    two_names(heron_world, "kit")
    leaves(heron_world, "kit", own=True, invented=Withdrawal.SLOWLY)
    with heron_world.app.app_context():
        sizes = {len(row._plan) for row in db.session.scalars(select(Departure))}
    until = heron_world.moment + LIFE

    counts = []
    while heron_world.moment < until + DAY:
        heron_world.moment += 5 * DAY
        ring(heron_world)
        counts.append(len(plans(heron_world)))

    assert len(sizes) == 1
    assert counts == [5] * (LIFE // (5 * DAY) - 1) + [0] * (len(counts) - LIFE // (5 * DAY) + 1)


@pytest.mark.leaks
@pytest.mark.proof("M9")
def test_after_the_purge_no_row_ties_two_names_or_a_membership(heron_world):
    """With all keys too. Fails when a plan keeps the membership's id, or names of which nothing is
    to go, once the days of grace are over."""
    two_names(heron_world, "ray")
    leaves(heron_world, "ray", own=True, invented=Withdrawal.SLOWLY)
    leaves(heron_world, "sol")
    assert sorted(len(plan.names) for plan in plans(heron_world)) == [1, 2]

    while any(plan.place_id for plan in plans(heron_world)):
        to_next_slot(heron_world)

    found = plans(heron_world)
    assert heron_world.moment.day == 9  # after seven days
    assert sorted(len(plan.names) for plan in found) == [0, 1]
    [kept] = [name.author_id for plan in found for name in plan.names]
    assert kept == author(heron_world, "Early Wren")


def test_a_circle_that_is_destroyed_takes_the_rows_along(heron_world):
    leaves(heron_world)
    with heron_world.app.app_context(), unit_of_work():
        closing.erase(heron_world.ids["rose"])

    assert plans(heron_world) == []


def test_a_leaver_whom_no_page_gave_a_plan_gets_one_from_the_worker(heron_world):
    with heron_world.app.app_context(), unit_of_work():
        jobs.circle_services.leave(heron_world.ids["joe"], heron_world.ids["rose"])
    assert plans(heron_world) == []

    ring(heron_world)

    [plan] = plans(heron_world)
    with heron_world.app.app_context():
        assert plan.place_id == place(heron_world, "joe").id


@pytest.mark.parametrize("purged", [False, True], ids=["within grace", "purged since"])
def test_what_an_earlier_release_kept_in_clear_is_sealed_and_done(heron_world, purged):
    says(heron_world, 2)
    name, moment = author(heron_world), heron_world.moment
    leaves(heron_world)
    with heron_world.app.app_context(), unit_of_work():
        row = Farewell(circle_id=heron_world.ids["rose"], author_id=name)
        row.goes_at = EVENING + 3 * DAY
        db.session.add(row)
        if purged:
            db.session.delete(db.session.scalars(select(Departure)).one())
            db.session.delete(place(heron_world))

    ring(heron_world)
    with heron_world.app.app_context():
        assert db.session.scalars(select(Farewell)).all() == []
    [plan] = plans(heron_world)
    assert [each.author_id for each in plan.names if each.goes] == [name]
    heron_world.moment = moment + 3 * DAY
    ring(heron_world)
    assert shown(heron_world) == 2

    to_next_slot(heron_world)

    assert shown(heron_world) == 0
