"""M4. Whoever copies the database after a month, and joins what lies beside what, guesses hardly
better who wrote behind a mask than whoever draws a name from the list.

The thief has no keys, and knows more than is true: whose each everyday name is. Between two slots
everybody writes once by name, and some in the same visit behind a mask too, before or after, so
that any trace of the order of writing would tell.

Of SQLite they read the file, of PostgreSQL where each row lies, which transaction wrote it, and the
number of its long value.
"""

import os
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from forum.authors.models import Author
from forum.authors.services import choose_own_name
from forum.circles.queries import circle
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.core.maintenance import rebuild_file, truncate_write_ahead_log
from forum.discussions import post_queries, read_marks, thread_queries
from forum.discussions.models import Reply
from forum.policy.terms import MASKS, AuthorMode
from tests import engine
from tests.world import MORNING, World

FULL = bool(os.environ.get("PROOF"))
DAYS, HIDING = (30, 3) if FULL else (12, 3)  # and how many hide between two slots
PEOPLE = ["ray", "fay", "mo", "ivy", "joe", "sol"]  # who may answer Pru as they like
CHANCE, SLACK = 1 / len(PEOPLE), 0.1
LONG = "It was a long morning, and then there was this. " * 40  # more than a page of the file holds


def visit(world, chance, who, hides):
    """Somebody reads and writes by name, and behind a mask too; gives the masked post's id."""
    with world.app.app_context():
        standing = world.standing(who)
        thread = thread_queries.thread(standing, world.ids["thread"])
        order = post_queries.order(standing, thread)
        with unit_of_work():
            read_marks.mark_read(standing, thread.id, order.ids, thread.last_change_id)
    kinds = [AuthorMode.OWN_NAME] + [chance.choice(sorted(MASKS))] * hides
    chance.shuffle(kinds)
    ids = {kind: world.reply(who, LONG, kind) for kind in kinds}
    return next((ids[kind] for kind in kinds if kind.masked), None)


def a_month(folder, seed):
    """A circle that wrote for a month: (world, masked post's id -> who wrote it)."""
    world, chance, truth = World(folder, seed=seed), Random(seed), {}
    with world.app.app_context():
        with unit_of_work():
            join(circle(world.standing("mo")), world.ids["sol"], "Dr Sol")
        with unit_of_work():
            choose_own_name(world.standing("sol"))
    for day in range(1, DAYS + 1):
        midnight = MORNING.replace(hour=0, minute=0) + timedelta(days=day)
        for begins in (midnight + timedelta(hours=7), midnight + timedelta(hours=19)):
            minutes = sorted(chance.sample(range(5 * 60), len(PEOPLE)))
            hiding = chance.sample(PEOPLE, HIDING)
            for who, minute in zip(chance.sample(PEOPLE, len(PEOPLE)), minutes, strict=True):
                world.moment = begins + timedelta(minutes=minute)
                truth[visit(world, chance, who, who in hiding)] = who
        window = datetime.combine(
            midnight + timedelta(days=1), time(3, 30), ZoneInfo("Europe/London")
        )
        world.moment = window.astimezone(UTC) - timedelta(minutes=day == DAYS)
        with world.app.app_context():
            if day < DAYS:  # the copy is made just before the last night's window
                assert rebuild_file()
            assert truncate_write_ahead_log()
    del truth[None]
    return world, truth


def places_in_file(world, rows):
    """{what lies in an order: {id: its place}} of SQLite's file."""
    kept = (world.folder / "instance" / "forum.db").read_bytes()
    log = world.folder / "instance" / "forum.db-wal"
    assert not log.exists() or not log.stat().st_size
    return {
        "row": {row.id: place for place, row in enumerate(rows)},
        "bytes": {row.id: kept.find(row.body[-64:]) for row in rows},
    }


def places_in_tables(world, rows):
    """{what lies in an order: {id: its place}} of PostgreSQL's tables."""
    asked = "SELECT id, ctid::text::point AS lies, xmin::text::bigint AS xmin FROM reply"
    lies = db.session.execute(text(f"SELECT id, lies[0], lies[1], xmin FROM ({asked}) AS r")).all()
    toast = db.session.scalar(
        text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'reply'")
    )
    whole = "string_agg(chunk_data, '' ORDER BY chunk_seq)"
    long = text(f"SELECT chunk_id, {whole} AS value FROM {toast} GROUP BY chunk_id")
    numbers = {row.value: row.chunk_id for row in db.session.execute(long)}
    return {
        "row": {known: (page, item) for known, page, item, _ in lies},
        "transaction": {known: (xmin, page, item) for known, page, item, xmin in lies},
        "long value": {row.id: numbers[row.body] for row in rows},
    }


class Thief:
    """A copy of the database: `masked` posts, and guesses of who is behind each."""

    def __init__(self, world):
        with world.app.app_context():
            own = {f"Dr {who.title()}": who for who in PEOPLE}
            names = list(db.session.scalars(select(Author)))
            self._whose = {each.id: own.get(each.name) for each in names if not each.mode.masked}
            asked = select(Reply.id, Reply.author_id, Reply.appears_at, Reply.__table__.c.body)
            self._rows = db.session.execute(asked).all()
            self._names = [each.id for each in names]
            places = places_in_tables if engine.IS_POSTGRESQL else places_in_file
            self._orders = {
                named: sorted(self._rows, key=lambda row: place[row.id])
                for named, place in places(world, self._rows).items()
            }
        self._named = [row for row in self._rows if self._whose.get(row.author_id)]
        self.masked = [row for row in self._rows if row.author_id not in self._whose]

    def guesses(self, post):
        """Each way to guess, by its name."""
        told = [row for row in self._named if row.appears_at <= post.appears_at]
        window = [r for r in told if post.appears_at - r.appears_at < timedelta(hours=12)]
        said = Counter(self._whose[row.author_id] for row in window)
        quiet = [who for who in PEOPLE if not said[who]]
        latest = max(window, key=lambda row: row.appears_at, default=None)
        earliest = min(window, key=lambda row: row.appears_at, default=None)
        beside = {
            f"the {named} {side}": self._beside(rows, post, step)
            for named, rows in self._orders.items()
            for side, step in (("before", -1), ("after", 1))
        }
        return beside | {
            "the name before": self._name_beside(post, -1),
            "the name after": self._name_beside(post, 1),
            "the last who spoke": latest and self._whose[latest.author_id],
            "the first who spoke": earliest and self._whose[earliest.author_id],
            "who spoke most": said.most_common(1)[0][0] if said else None,
            "who kept quiet": quiet[0] if quiet else None,
        }

    def _beside(self, rows, post, step):
        at = rows.index(post) + step
        while 0 <= at < len(rows):
            if who := self._whose.get(rows[at].author_id):
                return who
            at += step
        return None

    def _name_beside(self, post, step):
        at = self._names.index(post.author_id) + step
        while 0 <= at < len(self._names):
            if who := self._whose.get(self._names[at]):
                return who
            at += step
        return None


@pytest.mark.parametrize("seed", [7, 8, 9] if FULL else [7])
def test_order_join_attack(tmp_path, seed, figure):
    """Fails when a table of content has a rowid, when a masked post keeps its hour, or when the
    file, or PostgreSQL's rows, are not written anew each night. The copy is made just before the
    window: what was written on its last day still lies in the order of writing."""
    world, truth = a_month(tmp_path, seed)
    thief = Thief(world)

    right = Counter()
    for post in thief.masked:
        for way, who in thief.guesses(post).items():
            right[way] += who == truth[post.id]
    way, most = right.most_common(1)[0]
    share = most / len(truth)

    assert len(thief.masked) == len(truth) == DAYS * 2 * HIDING
    figure(f"{share:.2f} of guesses right by {way}, chance {CHANCE:.2f}")
    assert share <= CHANCE + SLACK
