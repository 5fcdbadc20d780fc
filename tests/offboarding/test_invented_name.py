"""Leaving with posts under a pseudonym: withdrawn at the next slot, slowly, or not."""

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
from tests.page import Page
from tests.world import EVENING, transactions_of

SENTENCE = (
    f"If everything {HERON} wrote is withdrawn as you leave, people will know who {HERON} was."
)


@pytest.fixture
def heron_world(world):
    heron(world)
    return world


def shown(world):
    """Number of Quiet Heron's replies visible to others."""
    return Page(world.client("mo").get(world.thread)).text.count("Heron says")


def go(world, who="sol", **fields):
    client, page = world.client(who), f"/circles/{world.ids['rose']}/leave"
    return client.post(page, data=client.tokens(page) | fields)


def words_of(page):
    return html.unescape(page)


def test_the_page_warns_and_defaults_to_staying(heron_world):
    page = words_of(heron_world.client("sol").get(f"/circles/{heron_world.ids['rose']}/leave").text)

    assert SENTENCE in page
    choices = re.findall(
        r'name="invented"[^>]*value="(\w+)"[^>]*>\s*<div><label[^>]*>([^<]+)', page
    )
    assert choices == [
        ("stay", "Let them stay as they are"),
        ("slowly", "Withdraw them a little at a time, over three months"),
        ("now", "Withdraw them within a week"),
    ]
    assert Page(page).field("invented").value == "stay"
    assert 'name="words"' not in page  # nothing is under their own name
    said = Page(page).one("main").text
    assert "go to Your posts first. To keep a copy, download your posts first." in said
    assert "Your drafts, and what you have read, are deleted within a week." in said
    assert "An edit that you have not posted goes within two weeks." in said


def test_members_are_asked_about_their_names_alone(world):
    page = world.client("ray").get(f"/circles/{world.ids['rose']}/leave").text

    assert 'name="words"' in page
    assert 'name="invented"' not in page
    assert "people will know who" not in page


def test_an_unoffered_choice_is_refused(heron_world):
    assert go(heron_world, invented="go").status_code == 422
    assert go(heron_world, invented="stay").status_code == 303


def test_posts_stay_by_default(heron_world):
    says(heron_world, 3)
    go(heron_world, invented="stay")
    for _ in range(20):
        to_next_slot(heron_world)

    assert shown(heron_world) == 3


def test_posts_withdrawn_now_go_next_slot(heron_world):
    says(heron_world, 3)
    go(heron_world, invented="now")
    ring(heron_world)
    before = shown(heron_world)

    to_next_slot(heron_world)

    assert (before, shown(heron_world)) == (3, 0)


def test_posts_withdrawn_slowly_go_at_separate_slots(heron_world):
    """Fails when posts go together, or any before the first slot drawn."""
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


def test_undoing_keeps_only_remaining_posts(heron_world):
    says(heron_world, 6)
    go(heron_world, invented="slowly")
    account = words_of(heron_world.client("sol").get("/account").text)
    assert (
        f"Posts by {HERON} are being withdrawn. Those already withdrawn do not come back."
        in account
    )
    client = heron_world.client("sol")
    undo = Page(account).form("/undo")["action"]

    back = client.post(undo, data=client.tokens("/account"))
    page = client.get(back.location).text

    assert "do not come back" in page
    assert plans(heron_world) == []
    heron_world.moment += SPAN
    ring(heron_world)
    assert shown(heron_world) == 6


def test_coming_back_by_invitation_keeps_all_posts(heron_world):
    says(heron_world, 2)
    leaves(heron_world, invented=Withdrawal.NOW)
    with heron_world.app.app_context(), unit_of_work():
        join(circle(heron_world.standing("mo")), heron_world.ids["sol"], "Dr Sol")

    to_next_slot(heron_world)

    assert shown(heron_world) == 2
    assert plans(heron_world) == []


def test_leaving_again_starts_a_new_plan(heron_world):
    """Fails when the plan of an earlier leaving, undone by an invitation, is resumed."""
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


def test_removed_members_get_the_same_choices(heron_world):
    says(heron_world, 2)
    with heron_world.app.app_context():
        known = {each.name: each.membership_id for each in people(heron_world.standing("mo"))}
    url = f"/circles/{heron_world.ids['rose']}/people/{known['Dr Sol']}/remove"
    heron_world.client("mo").submit(url)
    client = heron_world.client("sol")
    page = words_of(client.get("/account").text)
    assert SENTENCE in page
    assert "/undo" not in page
    now = Page(page).form("/invented/now")["action"]
    assert Page(page).form("/invented/slowly")

    client.post(now, data=client.tokens("/account"))

    page = client.get("/account").text
    assert "/invented/" not in page
    to_next_slot(heron_world)
    assert shown(heron_world) == 0


def test_deleting_asks_about_each_name(heron_world):
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


def test_an_interrupted_worker_resumes_in_small_transactions(heron_world):
    """Fails when all posts of a name go in one transaction, which would block other writers."""
    ids = says(heron_world, 50)
    leaves(heron_world, invented=Withdrawal.NOW)
    heron_world.moment += DAY
    with heron_world.app.app_context():
        engine = db.engine
        with dying_after(engine, 30), pytest.raises(PowerCut):
            jobs.settle()
    half = shown_in_rows(heron_world)
    with transactions_of(engine) as transactions:
        ring(heron_world)

    assert 0 < half < len(ids)
    assert half % jobs.POSTS_PER_TRANSACTION == len(ids) % jobs.POSTS_PER_TRANSACTION
    assert shown_in_rows(heron_world) == 0
    blanked = [sum(one.startswith("UPDATE reply") for one in each) for each in transactions]
    assert 0 < max(blanked) <= 2 * jobs.POSTS_PER_TRANSACTION


class PowerCut(BaseException):
    """End of the process: no fence around a part of a job holds it, unlike an Exception."""


class dying_after:  # reads as a verb
    """Simulate a power cut after a number of written replies."""

    def __init__(self, engine, count):
        self._engine, self._left = engine, count

    def __enter__(self):
        db.event.listen(self._engine, "before_cursor_execute", self._count)

    def __exit__(self, *_error):
        db.event.remove(self._engine, "before_cursor_execute", self._count)

    def _count(self, _connection, _cursor, statement, *_rest):
        self._left -= statement.startswith("UPDATE reply")
        if self._left < 0:
            raise PowerCut


def two_names(world, who):
    """Have a member with an own name take a pseudonym too."""
    with world.app.app_context():
        home = circle(world.standing("mo"))
        with unit_of_work():
            home.allows_own_name = False
        with unit_of_work():
            choose_pseudonym(world.standing(who), "Early Wren")


@pytest.mark.leaks
def test_all_departure_rows_look_alike(heron_world):
    """Fails when only leavers with withdrawals get a row, when its length reveals the choice, or
    when it is deleted once its work is done.
    """
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
def test_the_purge_unties_names_and_membership(heron_world):
    """With all keys too. Fails when a plan keeps the membership's id, or names without pending
    withdrawals, after the grace days.
    """
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


def test_a_closed_circle_deletes_departure_rows(heron_world):
    leaves(heron_world)
    with heron_world.app.app_context(), unit_of_work():
        closing.erase(heron_world.ids["rose"])

    assert plans(heron_world) == []


def test_the_worker_plans_for_removed_members(heron_world):
    with heron_world.app.app_context(), unit_of_work():
        jobs.circle_services.leave(heron_world.ids["joe"], heron_world.ids["rose"])
    assert plans(heron_world) == []

    ring(heron_world)

    [plan] = plans(heron_world)
    with heron_world.app.app_context():
        assert plan.place_id == place(heron_world, "joe").id


@pytest.mark.parametrize("purged", [False, True], ids=["within grace", "purged since"])
def test_plain_rows_of_earlier_releases_are_sealed(heron_world, purged):
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
