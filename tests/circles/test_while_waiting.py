"""Members removed, suspended or muted while a write waits for the lock write nothing."""

import re
from threading import Event, Thread
from time import sleep

import pytest
from sqlalchemy import select

from forum.accounts.models import Member
from forum.circles import membership, queries
from forum.circles.locks import lock_circle
from forum.core.db import db, unit_of_work
from forum.discussions import restrictions, thread_queries
from forum.discussions.models import Draft, Reply
from forum.discussions.models import Thread as Opening
from forum.policy.terms import Role
from tests.rows import row_of

WORDS = "After the door was closed"


def removed(world):
    with world.app.app_context():
        known = {each.name: each.membership_id for each in queries.people(world.standing("mo"))}
    return lambda: membership.remove(world.standing("mo"), known["Dr Ray"])


def suspended(world):
    def suspend():
        db.session.get_one(Member, world.ids["ray"]).is_suspended = True

    return suspend


def paused(world):
    world.reply("ray", "Before")

    def pause():
        standing = world.standing("mo")
        thread = thread_queries.thread(standing, world.ids["thread"])
        [said] = db.session.scalars(select(Reply))
        restrictions.mute(standing, thread, said.author, muted=True)

    return pause


def closed(world):
    def close():
        queries.own_place(world.standing("mo"), world.ids["mo"]).role = Role.MEMBER

    return close


def meanwhile(world, change, work):
    """Start a change, submit a form that waits for it, finish the change; returns both results."""
    begun, go_on, found = Event(), Event(), []

    def hold():
        with world.app.app_context(), unit_of_work():
            lock_circle(world.ids["rose"])  # PostgreSQL makes nobody wait without one
            change()
            db.session.flush()
            begun.set()
            go_on.wait(5)

    holding, working = Thread(target=hold), Thread(target=lambda: found.append(work()))
    holding.start()
    begun.wait(5)
    working.start()
    sleep(0.3)
    go_on.set()
    for each in (holding, working):
        each.join()
    return found[0]


@pytest.mark.parametrize("change", [removed, suspended, paused, closed], ids=lambda f: f.__name__)
@pytest.mark.parametrize("do", ["own_name", "auto"])
def test_a_reply_after_losing_access_is_refused(world, change, do):
    change, ray = change(world), world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    sent = ray.tokens(composer) | {"do": do, "body": WORDS, "began": "", "tab": "x"}

    answer = meanwhile(world, change, lambda: ray.post(composer, data=sent))

    with world.app.app_context():
        said = [each.body for each in db.session.scalars(select(Reply))]
        drafts = len(db.session.scalars(select(Draft)).all())
    assert WORDS not in said
    if do == "own_name":
        assert answer.status_code in (403, 404)
        assert WORDS in answer.text
    elif change.__name__ in ("remove", "<lambda>", "suspend"):
        assert drafts == 0


@pytest.mark.parametrize("change", [removed, suspended], ids=lambda f: f.__name__)
def test_every_form_after_losing_access_is_refused(world, change):
    """Fails when a service is not covered: submits each form on a circle's pages."""
    change, ray, circle = change(world), world.client("ray"), f"/circles/{world.ids['rose']}"
    ray.get(world.thread)
    token = ray.tokens("/account")
    presses = {
        f"{circle}/moderators": {"words": WORDS, "signed": "unsigned"},
        f"{world.thread}/acknowledge": {},
        f"{world.thread}/keep": {"saved": "y", "note": WORDS, "follows": ""},
        f"{circle}/rota": {"do": "on"},
        f"{circle}/following": {"follows": "nothing"},
        f"{circle}/closing": {},
    }
    with world.app.app_context():
        before = rows(world)
    statuses = meanwhile(
        world,
        change,
        lambda: {
            url: ray.post(url, data=token | more).status_code for url, more in presses.items()
        },
    )

    with world.app.app_context():
        after = rows(world)
    assert {status for status in statuses.values()} <= {404, 401, 303, 405}
    assert after == before
    assert 404 in statuses.values()


def rows(world):
    """Row counts of each table that members write to, and notification levels."""
    counted = ("flag", "acknowledgement", "read_mark", "turn", "closing_voice", "draft", "reply")
    found = {
        table: db.session.execute(select(db.metadata.tables[table])).all().__len__()
        for table in counted
    }
    return found


def test_unchanged_rights_allow_a_waiting_write(world):
    """Fails when a change that removes no rights refuses a write."""
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    sent = ray.tokens(composer) | {"do": "own_name", "body": WORDS}

    def rename():
        row_of(Opening, world.ids["thread"]).locked = False

    assert meanwhile(world, rename, lambda: ray.post(composer, data=sent)).status_code == 303
    assert re.search(WORDS, world.client("ivy").get(world.thread).text)
