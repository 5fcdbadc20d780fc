"""M5. Whatever fails at whatever statement of a write, nothing is half done, and no log tells of
whom or of what."""

import logging
import os
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, select

from forum.accounts import account_recovery, totp
from forum.accounts.queries import account
from forum.circles.member_names import write_bylines
from forum.circles.queries import own_place
from forum.core.db import db, unit_of_work
from forum.policy.terms import AuthorMode
from tests.circles import ways
from tests.world import EVENING, PASSWORD, World

FULL = bool(os.environ.get("PROOF"))
HIDDEN = AuthorMode.THREAD_PSEUDONYM
SECRET = "Whimbrelled"
MOST = 60  # statements that one write may have
TOLD = {"template": "free", "field_story": SECRET, "title": SECRET, "wish": "hear_me_out"}


class Broken(Exception):
    """What no part of the product expects; it says what a driver might have in hand."""


@contextmanager
def failing_at(engine, number):
    """Have the number-th statement fail; gives a list that tells whether it came so far."""
    left = [number]

    def count(*_statement):
        left[0] -= 1
        if not left[0]:
            raise Broken(f"{SECRET} ray@example.org")

    event.listen(engine, "before_cursor_execute", count)
    yield left
    event.remove(engine, "before_cursor_execute", count)


def rows(world):
    with world.app.app_context():
        return {
            table.name: Counter(map(tuple, db.session.execute(select(table))))
            for table in db.metadata.sorted_tables
        }


def shape(kept):
    """The same, but for what is drawn; and of what is sealed, its length."""
    return {
        name: sorted(repr([plain(value) for value in row]) for row in each.elements())
        for name, each in kept.items()
    }


def plain(value):
    return len(value) if isinstance(value, bytes) else "" if isinstance(value, UUID) else value


def looked_over(world, **told):
    """A reply behind a mask, ready to be posted; gives its address."""
    return world.client("ray").answer(world.thread, body=SECRET, do=HIDDEN, **told).location


def reflection(world):
    ray = world.client("ray")
    composer = ray.get(f"/circles/{world.ids['rose']}/write").location
    return ray.post(
        composer, data=ray.tokens(composer) | TOLD | {"mode": HIDDEN, "do": "look"}
    ).location


def composer(world):
    return world.client("ray").get(f"{world.thread}/answer").location


def said(world):
    """What Ray said behind a mask a day ago."""
    post_id = world.reply("ray", SECRET, HIDDEN)
    world.moment = EVENING
    return post_id


def under(path):
    return lambda world: f"/circles/{world.ids['rose']}{path}"


def gave_factor(world, who, moment):
    """Somebody with an app, whose digits they gave just then in the browser they use."""
    with world.app.app_context(), unit_of_work():
        account(world.ids[who]).totp_secret = totp.new_secret()
    world.client(who)
    world.cookies[who]["factor_at"] = int(moment.timestamp())


def vouching(world):
    for who in ("ray", "mo"):
        gave_factor(world, who, world.moment)
    return world.url("circles.help_back_in", place_id=place_of(world, "ray"))


def vouched_for(world):
    """Ray's recovery, a day after a moderator vouched; gives where the lead confirms it."""
    gave_factor(world, "ray", world.moment)
    with world.app.app_context(), unit_of_work():
        account_recovery.vouch(world.ids["ray"], world.ids["mo"], alone=True)
    world.moment += timedelta(hours=26)
    gave_factor(world, "lee", world.moment)
    with world.app.app_context():
        [waits] = account_recovery.vouched_for()
    return f"/service/help-back-in/{waits.row_id}/confirm"


# What is pressed: who, the address (made beforehand), the fields.
WRITES = {
    "a hidden answer": ("ray", looked_over, {}),
    "a hidden reflection": ("ray", reflection, {"looked": "1"}),
    "a hidden change": (
        "ray", lambda w: w.url("discussions.amend", post_id=said(w)), {"body": SECRET + " else"}
    ),
    "taking back": ("ray", lambda w: w.url("discussions.withdraw", post_id=said(w)), {}),
    "a flag": (
        "ray",
        lambda w: w.url("moderation.send", post_id=w.ids["thread"]),
        {"reason": "patient", "words": SECRET},
    ),
    "leaving": ("ray", under("/leave"), {"words": "stay"}),
    "Reply": ("ray", composer, {"body": SECRET, "do": "own_name"}),
    "a draft": ("ray", composer, {"body": SECRET, "do": "save"}),
    "with you": ("ray", lambda w: f"{w.thread}/acknowledge", {}),
    "a letter": ("ray", under("/moderators"), {"words": SECRET, "signed": "unsigned"}),
    "a removal": ("mo", lambda w: w.url("circles.remove", place_id=place_of(w, "joe")), {}),
    "a name": ("ray", lambda _: "/account/name", {"name": f"Ray {SECRET}"}),
    "a link": ("mo", under("/invite"), {"words": SECRET, "by": "link"}),
    "a password": (
        "ray", lambda _: "/account/password", {"old_password": PASSWORD, "password": PASSWORD * 2}
    ),
    "vouching": ("mo", lambda w: vouching(w), {}),
    "a second lock": ("lee", lambda w: vouched_for(w), {}),
    "the end of it": ("ray", lambda _: "/account/delete", {"words": "stay", "sure": "y"}),
}  # fmt: skip


def finish(world):
    """What the worker does where a page was cut short after its own work."""
    with world.app.app_context():
        write_bylines()


def place_of(world, who):
    with world.app.app_context():
        return own_place(world.standing(who), world.ids[who]).id


def fields_of(client, address):
    """What the page's form sends along by itself, where there is a page."""
    page = client.get(address)
    shown = ways.hidden(page.text) if page.status_code == 200 and "<form" in page.text else {}
    return client.tokens("/account") | shown


def ready(folder, name):
    """A world in which that write is about to be pressed: (world, client, address, fields)."""
    world = World(folder)
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    who, made, fields = WRITES[name]
    address, client = made(world), world.client(who)
    return world, client, address, fields_of(client, address) | fields


@pytest.mark.parametrize("name", WRITES if FULL else list(WRITES)[:6])
def test_fault_each_statement(tmp_path, name, caplog, figure):
    """Fails when a verb commits in its middle, or when the log says what an error says."""
    caplog.set_level(logging.DEBUG)
    whole, client, address, fields = ready(tmp_path / "whole", name)
    assert client.post(address, data=fields).status_code in (200, 303)
    world, client, address, fields = ready(tmp_path / "broken", name)
    with world.app.app_context():
        engine = db.engine
    before, broken = rows(world), 0

    for number in range(1, MOST):
        with failing_at(engine, number) as left:
            answer = client.post(address, data=fields)
        if rows(world) != before:
            break  # it was committed; what failed after that is done by the worker
        assert left[0] <= 0, answer.text
        assert answer.status_code == 500
        broken += 1

    finish(world)
    assert shape(rows(world)) == shape(rows(whole))
    assert broken > 2
    assert "failed with Broken" in caplog.text
    people = [world.ids[who] for who in ("ray", "mo", "joe")]
    for plain in (SECRET, "@example.org", *map(str, people), *(one.hex for one in people)):
        assert plain not in caplog.text
    figure(f"{name} broken at each of {broken} statements")
