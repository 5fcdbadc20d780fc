"""M5. A fault at any statement of any write leaves nothing half done, and nothing in the log."""

import logging

import pytest
from sqlalchemy import event

from forum.core.db import db
from tests.proofs.test_m1_swap import dump
from tests.world import World

SECRET = "Kestrelish and unlike anything else"


def named(world, client):
    return client.answer(world.thread, body=SECRET, do="own_name")


def hidden(world, client):
    looked = client.answer(world.thread, body=SECRET, do="thread_pseudonym")
    return client.submit(looked.location) if looked.location else looked


def draft(world, client):
    return client.answer(world.thread, body=SECRET, do="save")


def withdrawn(world, client):
    url = world.url("discussions.withdraw", post_id=world.ids["own"])
    return client.submit(url)


def flagged(world, client):
    page = f"/circles/{world.ids['rose']}/posts/{world.ids['thread']}/flag"
    return client.submit(page, reason="recognisable", words=SECRET)


def renamed(world, client):
    return client.submit("/account/name", name=SECRET[:20])


def left(world, client):
    return client.submit(f"/circles/{world.ids['rose']}/leave", words="stay")


class Fault(Exception):
    """What nobody thought of."""


@pytest.mark.proof("M5")
@pytest.mark.parametrize("write", [named, hidden, draft, withdrawn, renamed, left])
def test_fault_each_statement(tmp_path, write, caplog):
    """Fails when a post and the news of it are committed apart, or when an error tells its text."""
    caplog.set_level(logging.INFO)
    faults, step = 0, 1
    while True:
        world = World(tmp_path / str(step))
        world.app.config["PROPAGATE_EXCEPTIONS"] = False
        world.ids["own"] = world.reply("ray", SECRET)
        client = world.client("ray")
        client.get(world.thread)
        before, left_to_go = dump(world), [step]

        def fail(_connection, _cursor, statement, *_rest, left_to_go=left_to_go):
            if statement.split()[0] in ("INSERT", "UPDATE", "DELETE"):
                left_to_go[0] -= 1
                if not left_to_go[0]:
                    raise Fault(SECRET)

        with world.app.app_context():
            event.listen(db.engine, "before_cursor_execute", fail)
        answer = write(world, client)
        with world.app.app_context():
            event.remove(db.engine, "before_cursor_execute", fail)
        if left_to_go[0] > 0:
            break  # it has no more statements
        faults += 1
        after = dump(world)
        changed = {table for table in after if after[table] != before[table]}
        assert changed <= ({"draft"} if write is hidden else set()), (write, step)
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        step += 1

    assert faults >= 1
    assert "Kestrelish" not in caplog.text
    assert "ray@example.org" not in caplog.text
    assert "Fault" in caplog.text  # the place is told
