"""M8. What a mask is called says nothing of who is behind it, here or in another thread."""

import os
from collections import Counter
from datetime import timedelta

import pytest

from forum.authors import mask_names
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from tests.rows import row_of
from tests.world import CROWD, ROSE, transactions_of

HIDDEN = AuthorMode.THREAD_PSEUDONYM
FULL = bool(os.environ.get("PROOF"))
THREADS = 48 if FULL else 17  # six masks each


def label(world, reply_id):
    with world.app.app_context():
        return row_of(Reply, reply_id).author.name


def test_labels(world, figure):
    """Fails when a label is computed from who is behind it, or remembered for them; when one of a
    hundred comes twice in a circle, as every second time it would by chance alone; or when two of
    one thread share a word, by which readers take two people for one."""
    told = [world.present("pru", f"Story {number}", "Told") for number in range(THREADS)]
    answering = [who for who in (*ROSE, *CROWD) if who != "pru"]

    called = {
        who: [label(world, world.reply(who, "Yes", HIDDEN, thread_id=each)) for each in told]
        for who in answering
    }

    drawn = [name for names in called.values() for name in names]
    assert len(drawn) >= 100
    assert len(set(drawn)) == len(drawn)
    for names in zip(*called.values(), strict=True):
        words = " ".join(names).split()
        assert len(set(words)) == len(words) == 2 * len(answering)
    for word in (0, 1):  # nobody has words of their own
        for names in called.values():
            most = Counter(name.split()[word] for name in names).most_common(1)[0][1]
            assert most <= (7 if FULL else 4)
    figure(f"{len(drawn)} masks: no pair twice, no word twice in a thread, none anybody's own")


@pytest.fixture
def few(monkeypatch):
    """Nine labels in all."""
    monkeypatch.setattr(mask_names, "FIRST", "Calm Still Wide")
    monkeypatch.setattr(mask_names, "SECOND", "Bay Moor Tarn")


def test_no_pair_comes_twice_in_a_circle_until_all_have_come(world, few):
    """Fails when a label is drawn without a look at other threads, or at those that wait; when a
    thread's two share a word; or when a circle that has had all its pairs can hide nobody."""
    told = [world.ids["thread"], *(world.present("pru", "Again", "Told") for _ in range(4))]

    threads = [
        [label(world, world.reply(who, "Yes", HIDDEN, thread_id=each)) for who in ("ray", "fay")]
        for each in told
    ]

    drawn = [name for names in threads for name in names]
    assert len(set(drawn)) == 10
    for one, other in threads:
        assert set(one.split()[:2]).isdisjoint(other.split()[:2])
    assert sum(len(name.split()) == 3 for name in drawn) in (1, 2)  # the rest have a number


def test_a_thread_with_more_masks_than_words_hides_them_too(world, few):
    """Fails when nobody can hide once every word of a thread has come."""
    people = ("ray", "fay", "mo", "ivy", "joe", "kit")

    drawn = [label(world, world.reply(who, "Yes", HIDDEN)) for who in people]

    assert len(set(drawn)) == 6
    assert {name.split()[0] for name in drawn[:3]} == {"Calm", "Still", "Wide"}


def test_a_label_from_before_they_had_digests_comes_no_second_time(world, monkeypatch):
    """Fails when only digests are asked."""
    monkeypatch.setattr(mask_names, "FIRST", "Calm")
    monkeypatch.setattr(mask_names, "SECOND", "Bay Moor")
    first = world.reply("ray", "Yes", HIDDEN)
    with world.app.app_context(), unit_of_work():
        row_of(Reply, first).author.name_digest = None
    told = world.present("pru", "Again", "Told")

    second = world.reply("fay", "Yes", HIDDEN, thread_id=told)

    assert {label(world, first), label(world, second)} == {"Calm Bay", "Calm Moor"}


def test_drawing_costs_as_much_in_a_large_circle_as_in_a_small_one(world):
    """Fails when the names of a circle's masks are opened to draw another."""
    with world.app.app_context():
        engine, costs = db.engine, []
    for masks in (1, 60):
        for number in range(masks):
            told = world.present("ray", f"Behind {number}", "Told", HIDDEN)
        world.moment += timedelta(days=1)
        with transactions_of(engine) as transactions:
            world.reply("fay", "Yes", HIDDEN, thread_id=told)
        costs.append(sum(map(len, transactions)))

    assert costs[0] == costs[1]


def test_a_label_stays_when_the_key_changes(world):
    """Fails when only the newest key is asked for a name."""
    before = world.reply("ray", "From before", HIDDEN)
    root = world.folder / "instance" / "root.2.key"
    root.write_bytes(bytes(range(32)))
    root.chmod(0o400)
    world.restart()
    with world.app.app_context():
        key_ring().make_circle(world.ids["rose"], 2)

    after = world.reply("ray", "From after", HIDDEN)

    assert label(world, before) == label(world, after)
