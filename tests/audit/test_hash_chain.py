"""Log lines cannot be changed, moved, inserted or removed unnoticed."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from forum.audit import checkpoints, queries
from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.audit.hash_chain import BEGINNING, Head, broken_at, link
from forum.audit.models import SERVICE, Entry
from forum.core.db import db, unit_of_work
from forum.core.errors import SealBroken

pytestmark = pytest.mark.leaks
CHAIN = UUID(int=7)
MORNING = datetime(2026, 3, 2, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    seq: int
    sealed: bytes
    at: datetime = MORNING
    chain: UUID = CHAIN
    digest: bytes = b""


def chained(texts):
    """Consecutive lines with their digests, as written by the log."""
    lines, before = [], BEGINNING
    for seq, text in enumerate(texts, 1):
        line = Line(seq, text)
        before = link(before, line)
        lines.append(replace(line, digest=before))
    return lines


texts = st.lists(st.binary(max_size=40), min_size=1, max_size=12)


@given(texts)
def test_an_unchanged_chain_is_intact(said):
    lines = chained(said)

    assert broken_at(lines) is None
    assert broken_at(lines, Head(len(lines), lines[-1].digest)) is None


@given(texts, st.data())
@pytest.mark.proof("D7")
def test_audit_chain(said, data):
    """Fails when `link` leaves out any part of a line except `seq`, which is counted."""
    lines = chained(said)
    at = data.draw(st.integers(0, len(lines) - 1))
    change = data.draw(
        st.sampled_from(
            [
                {"sealed": lines[at].sealed + b"!"},
                {"at": lines[at].at + timedelta(hours=1)},
                {"chain": UUID(int=8)},
                {"seq": lines[at].seq + 1},
                {"digest": bytes(32)},
            ]
        )
    )
    lines[at] = replace(lines[at], **change)

    assert broken_at(lines) is not None


@given(texts, st.data())
@pytest.mark.proof("D7")
def test_a_forged_line_breaks_the_next_line(said, data):
    """A forger can recompute a line's digest too. Fails when `link` leaves out the previous
    digest.
    """
    lines = chained(said)
    kept = Head(len(lines), lines[-1].digest)
    at = data.draw(st.integers(0, len(lines) - 1))
    forged = replace(lines[at], sealed=lines[at].sealed + b"!")
    before = lines[at - 1].digest if at else BEGINNING
    lines[at] = replace(forged, digest=link(before, forged))

    assert (broken_at(lines) is None) is (at == len(lines) - 1)
    assert broken_at(lines, kept) == min(at + 2, len(lines))


@given(texts.filter(lambda said: len(said) > 2), st.data())
@pytest.mark.proof("D7")
def test_removed_moved_and_inserted_lines_are_found(said, data):
    """Fails when `broken_at` checks neither `seq` nor the previous digest."""
    lines = chained(said)
    at = data.draw(st.integers(0, len(lines) - 2))
    out = lines[:at] + lines[at + 1 :]
    swapped = [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]
    doubled = [*lines[: at + 1], lines[at], *lines[at + 1 :]]

    for forged in (out, swapped, doubled):
        assert broken_at(forged) is not None


@given(texts, st.integers(1, 12))
@pytest.mark.proof("D7")
def test_a_cut_tail_is_found_by_its_head(said, cut):
    """Fails when `broken_at` ignores the length of the known head."""
    lines = chained(said)
    kept = Head(len(lines), lines[-1].digest)

    assert broken_at(lines[:-cut], kept) is not None


@pytest.fixture
def log(world):
    """A circle's log of a few lines, with a checkpoint of its end."""
    with world.app.app_context():
        for minutes in range(3):
            with unit_of_work():
                audit.note(
                    world.ids["rose"], Deed.POST_SHOWN, Actor.MODERATOR, about=f"Heron {minutes}"
                )
        checkpoints.keep()
        yield world.ids["rose"]


def fault(chain):
    db.session.expire_all()
    return queries.fault(chain, checkpoints.known().get(chain, Head()))


@pytest.mark.parametrize(
    ("harm", "place"),
    [
        (
            lambda c: (
                update(Entry).filter_by(chain=c, seq=2).values(at=MORNING + timedelta(hours=1))
            ),
            2,
        ),
        (lambda c: update(Entry).filter_by(chain=c, seq=3).values(_content=b"\\x01"), 3),
        (lambda c: delete(Entry).filter_by(chain=c, seq=2), 2),
        (lambda c: delete(Entry).filter_by(chain=c, seq=4), 4),
        (lambda c: delete(Entry).filter_by(chain=c), 1),
    ],
    ids=["another hour", "other words", "one line gone", "the last gone", "all gone"],
)
def test_a_changed_log_stays_broken_after_a_checkpoint(log, harm, place):
    """Fails when `checkpoints.keep` accepts any present head."""
    assert fault(log) is None
    with unit_of_work():
        db.session.execute(harm(log))
    found = fault(log)
    checkpoints.keep()

    assert found == fault(log) == place


def test_forged_checkpoints_do_not_open(world, log):
    path = world.folder / "instance" / "log-heads"
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))

    with pytest.raises(SealBroken):
        checkpoints.known()


def test_a_log_is_sealed_in_the_database(world, log):
    with world.app.app_context():
        lines = db.session.scalars(select(Entry).filter_by(chain=log)).all()
        said = [json.loads(line.content) for line in lines]
        raw = b"".join(line.sealed for line in lines)

    assert {"deed", "actor", "about", "reason", "words"} == set(said[-1])
    assert b"Heron 2" not in raw
    assert b"post_shown" not in raw


def test_concurrent_writers_leave_no_gap(world):
    from concurrent.futures import ThreadPoolExecutor

    def write(number):
        with world.app.app_context(), unit_of_work():
            audit.note(SERVICE, Deed.BACKED_UP, Actor.OPERATOR, about=str(number))

    with ThreadPoolExecutor(8) as people:
        list(people.map(write, range(24)))

    with world.app.app_context():
        assert queries.head(SERVICE).length == 24
        assert queries.fault(SERVICE) is None
