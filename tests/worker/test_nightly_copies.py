"""Copies of the database made night after night: what a thief learns from the rows that changed."""

import sqlite3
from contextlib import closing
from datetime import timedelta

from forum.worker import run_due_jobs
from tests.accounts.authenticator import Device, asks, make
from tests.world import MORNING

DAY = timedelta(days=1)
NIGHT = MORNING.replace(day=3, hour=3, minute=31)  # within the window of the service


def stolen(world, table):
    """Rows of a table in a copy, by the first column, which is the key."""
    with closing(sqlite3.connect(world.folder / "instance" / "forum.db")) as copy:
        return {row[0]: row[1:] for row in copy.execute(f"SELECT * FROM {table} ORDER BY 1")}


def ring(world):
    """The worker's next run in the night's window."""
    world.moment = world.moment.replace(hour=NIGHT.hour, minute=NIGHT.minute) + DAY
    with world.app.app_context():
        run_due_jobs()


def opens(client, device, *, counts):
    """Sign in with a passkey."""
    options, sent, action = asks(client)
    answer = device.sign(options, counts=counts)
    assert client.post(action, data=sent | {"answer": answer}).status_code == 303


def test_a_passkey_kept_in_a_cloud_is_not_written_by_signing_in(world):
    """Fails when a passkey that counts nothing is sealed anew by each signing in."""
    device = Device()
    device.counter = 0
    make(world.client("ray"), device)
    before = stolen(world, "passkey")
    for _ in range(2):
        opens(world.client(), device, counts=False)

    assert stolen(world, "passkey") == before


def test_every_night_seals_every_passkey_anew(world):
    """Fails when nightly copies tell whose passkey counted a signing in on a day."""
    devices = {who: make(world.client(who))[0] for who in ("ray", "fay", "kit")}
    ring(world)
    before = stolen(world, "passkey")
    opens(world.client(), devices["ray"], counts=True)
    ring(world)
    after = stolen(world, "passkey")

    assert [*after] == [*before]
    assert {key: row[0] for key, row in after.items()} == {k: row[0] for k, row in before.items()}
    assert not [key for key in after if after[key][1] == before[key][1]]
    opens(world.client(), devices["fay"], counts=True)


def test_passkeys_are_sealed_anew_once_a_night(world):
    make(world.client("ray"))
    ring(world)
    before = stolen(world, "passkey")
    with world.app.app_context():
        run_due_jobs()

    assert stolen(world, "passkey") == before
