"""M3. A transaction that writes what is masked, or what names nobody, names no member either."""

import re

import pytest

from forum.core.db import db
from forum.policy.terms import AuthorMode
from tests.world import EVENING, transactions_of

HIDDEN = AuthorMode.THREAD_PSEUDONYM
WRITES = re.compile(r"^(INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)")
OF_MEMBERS = {  # whose rows say, or tell to whoever has the keys, which account they belong to
    "member", "membership", "mail_plan", "session", "known_device", "one_time_link",
    "account_event", "outgoing_mail",
}  # fmt: skip
TOLD = {"template": "free", "field_story": "Words", "title": "A visit", "wish": "hear_me_out"}


def written_by(world, act):
    """The transactions in which something was written, and what was."""
    with world.app.app_context():
        engine = db.engine
    with transactions_of(engine) as transactions:
        act()
    return [
        (each, {found[2] for one in each if (found := WRITES.match(one))})
        for each in transactions
        if any(map(WRITES.match, each))
    ]


def reflect(world):
    ray, page = world.client("ray"), f"/circles/{world.ids['rose']}/write"
    composer = ray.get(page).location
    hidden = TOLD | {"mode": HIDDEN, "do": "look"}
    ray.submit(ray.post(composer, data=ray.tokens(composer) | hidden).location)


def answer(world):
    ray = world.client("ray")
    ray.submit(ray.answer(world.thread, body="From behind", do=HIDDEN).location)


def change(world):
    edit = world.url("discussions.amend", post_id=world.ids["said"])
    ray = world.client("ray")
    ray.post(edit, data=ray.tokens(edit) | {"body": "Other words"})


def take_back(world):
    world.client("ray").submit(world.url("discussions.withdraw", post_id=world.ids["said"]))


def take_back_now(world):
    url = world.url("discussions.withdraw", post_id=world.ids["said"])
    world.client("ray").submit(url, do="now")


def begin_a_draft(world):
    world.client("ray").answer(world.thread, body="Half a thought", do="auto")


def acknowledge(world):
    world.client("ray").submit(f"{world.thread}/acknowledge")


def flag(world):
    url = world.url("moderation.send", post_id=world.ids["thread"])
    world.client("ray").submit(url, reason="patient", words="")


def write_to_the_moderators(world):
    world.client("ray").submit(
        f"/circles/{world.ids['rose']}/moderators", words="A word.", signed="unsigned"
    )


def look(world):
    world.client("ray").get(world.thread)


MEANT = {
    reflect: {"thread", "author", "draft"},
    answer: {"reply", "draft"},
    change: {"reply", "draft"},
    take_back: {"reply", "draft"},
    take_back_now: {
        *("reply", "thread", "draft", "circle"),
        *("quote", "hiding", "marked_passages"),
    },
    begin_a_draft: {"draft"},
    acknowledge: {"acknowledgement"},
    flag: {"flag", "thread", "circle", "quote", "hiding", "marked_passages", "log_entry"},
    write_to_the_moderators: {"flag"},
    look: {"read_mark"},
}


@pytest.mark.parametrize("act", MEANT, ids=lambda act: act.__name__)
def test_statement_recorder(world, act, figure):
    """Fails when `unit_of_work` goes on in the transaction that asked who is there."""
    world.ids["said"] = world.reply("ray", "Words behind", HIDDEN)
    world.moment = EVENING
    client = world.client("ray")
    client.get("/")  # so that what a first visit keeps is kept

    wrote = written_by(world, lambda: act(world))

    assert {table for _, tables in wrote for table in tables} == MEANT[act]
    for statements, tables in wrote:
        named = {name for name in OF_MEMBERS if re.search(rf"\b{name}\b", " ".join(statements))}
        assert not named, (tables, named)
    figure(f"{len(MEANT)} kinds of writing")
