"""M8. What a mask is called says nothing of who is behind it, here or in another thread."""

import os
from collections import Counter
from random import Random

from forum.core.db import db
from forum.core.keys import ring
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from tests.world import CROWD, ROSE

HIDDEN = AuthorMode.THREAD_PSEUDONYM
FULL = bool(os.environ.get("PROOF"))
THREADS = 24 if FULL else 10


def label(world, reply_id):
    with world.app.app_context():
        return db.session.get(Reply, reply_id).author.name


def test_labels(world, figure):
    """Fails when a label is computed from who is behind it, or remembered for them."""
    told = [world.present("pru", f"Story {number}", "Told") for number in range(THREADS)]
    answering = [who for who in (*ROSE, *CROWD) if who != "pru"]

    labels = {
        who: [label(world, world.reply(who, "Yes", HIDDEN, thread_id=each)) for each in told]
        for who in answering
    }

    for names in zip(*labels.values(), strict=True):
        assert len(set(names)) == len(answering)  # in one thread no two are called alike
    for word in (0, 1):  # nobody has words of their own
        for names in labels.values():
            most = Counter(name.split()[word] for name in names).most_common(1)[0][1]
            assert most <= 4
    figure(f"{THREADS} threads, none alike in one, nobody has words of their own")


class Alike(Random):
    """Chance that always falls on the first."""

    def choice(self, seq):
        return seq[0]


def test_two_who_draw_alike_are_not_called_alike(world):
    """Fails when a label is drawn without a look at those of its thread."""
    world.app.extensions["chance"] = Alike()
    told = world.present("pru", "Another story", "Told")

    names = [label(world, world.reply(who, "Yes", HIDDEN)) for who in ("ray", "fay", "mo")]
    elsewhere = label(world, world.reply("ray", "Yes", HIDDEN, thread_id=told))

    assert len({*names}) == 3
    assert elsewhere == names[0]  # another thread is another matter


def test_a_label_stays_when_the_key_changes(world):
    """Fails when only the newest key is asked for a name."""
    before = world.reply("ray", "From before", HIDDEN)
    root = world.folder / "instance" / "root.2.key"
    root.write_bytes(bytes(range(32)))
    root.chmod(0o400)
    world.restart()
    with world.app.app_context():
        ring().make_circle(world.ids["rose"], 2)

    after = world.reply("ray", "From after", HIDDEN)

    assert label(world, before) == label(world, after)
