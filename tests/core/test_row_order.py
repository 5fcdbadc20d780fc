"""Rows of PostgreSQL after a night: neither their place nor their transaction tells an order."""

from sqlalchemy import text

from forum.core.db import db
from forum.core.maintenance import rebuild_file
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode


def lie(world):
    """Ids of replies as they lie, their transactions, and how many long values there are."""
    with world.app.app_context():
        rows = db.session.execute(text("SELECT id, xmin::text FROM reply ORDER BY ctid")).all()
        toast = db.session.scalar(
            text("SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = 'reply'")
        )
        pieces = db.session.scalars(text(f"SELECT DISTINCT chunk_id FROM {toast}")).all()
        return [row.id for row in rows], [row.xmin for row in rows], len(pieces)


def write(world, number):
    return [
        world.reply(who, f"Long and masked {turn}. " * 400, AuthorMode.THREAD_PSEUDONYM)
        for turn in range(number)
        for who in ("ray", "fay")
    ]


def night(world):
    with world.app.app_context():
        return rebuild_file(forced=True)


def test_a_night_hides_the_order_of_writing(here):
    """Fails when rows keep their place, their transaction, or the numbers of their long values."""
    written = write(here, 4)
    before, transactions, pieces = lie(here)
    assert before == written
    assert len(set(transactions)) == len(written)
    assert pieces

    assert night(here)

    after, transactions, left = lie(here)
    assert after == sorted(written)
    assert len(set(transactions)) == 1
    assert left == pieces
    assert "Long and masked 3." in _shown(here)


def test_a_night_touches_what_came_since(here):
    """Fails when every night rewrites every row, or one night's rows are told apart."""
    first = write(here, 2)
    night(here)
    _, [one, *_], _ = lie(here)

    second = write(here, 2)
    night(here)

    ids, transactions, _ = lie(here)
    known = dict(zip(ids, transactions, strict=True))
    assert {known[each] for each in first} == {one}
    assert len({known[each] for each in second}) == 1
    assert [each for each in ids if each in second] == sorted(second)
    night(here)
    assert lie(here)[1] == transactions


def _shown(world):
    with world.app.app_context():
        return "".join(post.body for post in db.session.query(Reply))
