"""Rows under a leaver's hand are deleted one by one, before the secret that finds them."""

import json
from collections import Counter
from datetime import UTC, datetime, time
from io import BytesIO
from itertools import pairwise
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from forum.circles import closing
from forum.circles.models import ClosingVoice, Membership
from forum.circles.queries import people
from forum.core.db import db, unit_of_work
from forum.discussions import drafts
from forum.discussions.composer import ReplyWords
from forum.discussions.models import Acknowledgement, Draft, ReadMark, Thread
from forum.moderation.models import Flag
from forum.offboarding import belongings, jobs
from forum.policy.terms import AuthorMode, Mark
from tests.offboarding.leavers import DAY, leaves, ring, to_next_night, to_next_slot
from tests.offboarding.test_leave import press
from tests.rows import row_of
from tests.world import transactions_of

HIDDEN = AuthorMode.THREAD_PSEUDONYM
THREADS = 12


@pytest.fixture
def kept(world):
    """World in which Ray has drafts, read marks with a note, a vote, a flag and an acknowledgement
    in Rose.
    """
    threads = [world.present("fay", f"Story {number}", "Told") for number in range(THREADS)]
    ray, here = world.client("ray"), f"/circles/{world.ids['rose']}"
    for thread_id in threads:
        ray.get(f"{here}/threads/{thread_id}")
        ray.answer(f"{here}/threads/{thread_id}", body="Half a thought", do="save")
        world.client("fay").get(f"{here}/threads/{thread_id}")
    ray.answer(world.thread, body="Half a thought behind", do="auto", mode=HIDDEN)
    ray.submit(f"{world.thread}/keep", saved="y", note="Ask about the rota", follows="")
    ray.submit(f"{world.thread}/acknowledge")
    ray.submit(world.url("moderation.send", post_id=world.ids["thread"]), reason="other", words="A")
    with world.app.app_context():
        standing = world.standing("ray")
        with unit_of_work():
            closing.ask(standing)
        world.hands = {who: world.standing(who) for who in ("ray", "fay")}
    return world


def owned(world, who="ray"):
    """Number of rows under a hand in each table, whether or not its membership exists."""
    with world.app.app_context():
        found = belongings.owned(world.hands[who])
        return Counter(kind.__tablename__ for kind, _ in found)


def memberships(world, who="ray"):
    with world.app.app_context():
        mine = select(Membership).filter_by(member_id=world.ids[who])
        return len(db.session.scalars(mine).all())


def count(world, kind):
    with world.app.app_context():
        return len(db.session.scalars(select(kind)).all())


def test_every_mark_has_a_decided_fate():
    """Fails when a new kind of row is kept under a hand without a decision in GO or STAY."""
    goes = [mark for mark, *_ in belongings.GO.values()]

    assert sorted([*goes, *belongings.STAY]) == sorted(Mark)
    assert all(belongings.STAY.values())


@pytest.mark.leaks
def test_rows_go_at_separate_slots(kept):
    """Fails when rows go at once, on the day of leaving, or together with the membership."""
    before, others = owned(kept), owned(kept, "fay")
    assert before == {"draft": THREADS + 1}
    leaves(kept, "ray")
    ring(kept)
    assert owned(kept) == before
    left = []

    for _ in range(16):
        to_next_slot(kept)
        left.append((kept.moment, owned(kept).total(), memberships(kept)))

    assert left[0][1] == before.total()  # this evening
    gone = [one[1] - two[1] for one, two in pairwise(left)]
    # Over twelve slots drawn by a secret, they lie in eight or nine as a rule.
    assert sum(map(bool, gone)) >= 4
    assert max(gone) < before.total() * 3 / 4
    last = next(moment for moment, rows, _ in left if not rows)
    purged = next(moment for moment, _, places in left if not places)
    assert last.date() < purged.date()
    assert purged.date() == (left[0][0] + 7 * DAY).date()
    assert owned(kept, "fay") == others


def test_flags_votes_and_acknowledgements_stay(kept):
    flags, tapped, votes = (count(kept, kind) for kind in (Flag, Acknowledgement, ClosingVoice))
    leaves(kept, "ray")
    for _ in range(16):
        to_next_slot(kept)

    assert memberships(kept) == 0
    assert (count(kept, Flag), count(kept, Acknowledgement)) == (flags, tapped) == (1, 1)
    assert count(kept, ClosingVoice) == votes == 1
    assert count(kept, Draft) == 0


@pytest.mark.leaks
def test_a_late_worker_purges_rows_before_memberships(kept):
    """Fails when memberships are purged in the run that deletes rows, or while rows are left."""
    leaves(kept, "ray")
    kept.moment += 20 * DAY
    with kept.app.app_context():
        engine = db.engine
    with transactions_of(engine) as transactions:
        ring(kept)
    first = owned(kept).total(), memberships(kept)
    ring(kept)
    second = memberships(kept)

    to_next_slot(kept)

    assert (first, second, memberships(kept)) == ((0, 1), 1, 0)
    for each in transactions:
        tables = {one.split()[2] for one in each if one.startswith("DELETE FROM")}
        assert len(tables & {"draft", "closing_voice", "membership"}) <= 1
    assert says_something(kept) == 0


def test_undoing_restores_the_remaining_rows(kept):
    before = left = owned(kept)
    leaves(kept, "ray")
    while left == before:  # each row has a slot of its own, drawn by a secret
        to_next_slot(kept)
        left = owned(kept)

    press(kept, "ray", "undo")
    for _ in range(12):
        to_next_slot(kept)

    assert 0 < left.total() < before.total()
    assert owned(kept) == left
    assert says_something(kept) == THREADS + 1


def says_something(world, who="ray"):
    """Number of read marks under a hand that are not emptied."""
    with world.app.app_context():
        return len(belongings.read_marks_left(world.hands[who]))


def test_read_marks_are_emptied_in_the_last_night_and_stay(kept):
    """Fails when they go, and so tell which threads the leaver had read, or keep what they said."""
    before, others = count(kept, ReadMark), says_something(kept, "fay")
    leaves(kept, "ray")
    left = []
    for _ in range(8):
        to_next_night(kept)
        left.append((says_something(kept), memberships(kept)))

    # The membership goes a night later where a draft's slot, drawn by a secret, was the last.
    assert left[6] in {(0, 1), (0, 0)}
    assert left[:6] + left[7:] == [(THREADS + 1, 1)] * 5 + [(0, 1), (0, 0)]
    assert (count(kept, ReadMark), says_something(kept, "fay")) == (before, others)
    with kept.app.app_context():
        assert {mark.note.strip() for mark in db.session.scalars(select(ReadMark))} == {""}


def test_a_damaged_leaver_keeps_no_mark_from_being_sealed_anew(kept, caplog):
    """Fails when one row that cannot be opened leaves all marks of its circle as they are."""
    leaves(kept, "ray")
    with kept.app.app_context(), unit_of_work():
        damaged = update(Membership).where(Membership.member_id == kept.ids["ray"])
        db.session.execute(damaged.values(_mask_secret=b"damaged"))
    for _ in range(6):
        to_next_night(kept)
    before = sealed(kept)
    to_next_night(kept)
    after = sealed(kept)

    assert before.keys() == after.keys()
    assert not [each for each in before if before[each] == after[each]]
    assert "offboarding.settled: a damaged row was left out" in caplog.text


def test_somebody_who_comes_back_meanwhile_stops_no_work(kept, monkeypatch):
    """Fails when the grace days of a leaver are looked at once more after others were seen to."""
    for who in ("ray", "fay"):
        leaves(kept, who)
    kept.moment += 8 * DAY
    empty, seen_to = jobs._empty_marks, []

    def empty_while_the_other_returns(place):
        if not seen_to:
            others = update(Membership).where(Membership.id != place.id)
            with unit_of_work():
                db.session.execute(others.values(left_on=None, name_pending=False))
        seen_to.append(place.member_id)
        return empty(place)

    monkeypatch.setattr(jobs, "_empty_marks", empty_while_the_other_returns)
    with kept.app.app_context():
        jobs.settle()

    gone, back = (("ray", "fay"), ("fay", "ray"))[seen_to[0] == kept.ids["fay"]]
    assert len(seen_to) == 2
    assert says_something(kept, gone) == 0
    assert says_something(kept, back) > 0


def sealed(world):
    """Posts seen of each read mark, as a thief has them."""
    with world.app.app_context():
        columns = ReadMark.__table__.c
        rows = db.session.execute(select(columns.id, columns.seen))
        return {row.id: row.seen for row in rows}


def test_a_draft_of_a_change_stays_to_its_last_day(kept):
    """Fails when the one that goes as somebody leaves names their post by its id."""
    said = kept.reply("ray", "Behind it", HIDDEN)
    for _ in range(2):
        to_next_slot(kept)
    with kept.app.app_context():
        standing = kept.standing("ray")
        with unit_of_work():
            words = ReplyWords("Behind it, and more", HIDDEN)
            drafts.save(standing, said, words, row_of(Thread, kept.ids["thread"]), amends=True)
    leaves(kept, "ray")
    for _ in range(20):
        to_next_slot(kept)

    assert memberships(kept) == 0
    with kept.app.app_context():
        [draft] = db.session.scalars(select(Draft))
        assert draft.id == said
        kept.moment = datetime.combine(draft.kept_until + DAY, time(12), UTC)
    ring(kept)
    assert count(kept, Draft) == 0


def copy_of(world, who="ray"):
    client = world.client(who)
    answer = client.post("/account/words", data=client.tokens("/account/words"))
    with ZipFile(BytesIO(answer.data)) as archive:
        return json.loads(archive.read("words.json"))["circles"], archive.read("words.md").decode()


@pytest.mark.parametrize("how", ["left", "removed"])
def test_an_export_includes_circles_left(kept, how):
    kept.reply("ray", "In the open")
    if how == "left":
        leaves(kept, "ray")
    else:
        with kept.app.app_context():
            known = {each.name: each.membership_id for each in people(kept.standing("mo"))}
        url = f"/circles/{kept.ids['rose']}/people/{known['Dr Ray']}/remove"
        kept.client("mo").submit(url)

    [circle], readable = copy_of(kept)

    assert circle["name"] == "Rose"
    assert [post["body"] for post in circle["posts"]] == ["In the open"]
    assert len(circle["drafts"]) == THREADS + 1
    assert circle["notes"] == ["Ask about the rota"]
    assert "Ask about the rota" in readable
    assert "Torn between two" not in readable
    said = {
        "left": ("What it would bring back is in your download."),
        "removed": "What is left is in",
    }
    assert said[how] in kept.client("ray").get("/account").text
    for _ in range(16):
        to_next_slot(kept)
    assert copy_of(kept)[0] == []
