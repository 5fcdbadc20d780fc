"""M9. Who left, and which invented name was theirs, cannot be told: not from two copies of the
database, of the day before and the day after, and not by readers who compare pages.

The thief has no keys. Of every table they take the rows that came, went or changed between the
copies, and ask which author rows stand in them, or are they. The circle is quiet meanwhile, so that
all that changes comes of the leaving.
"""

import os
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import select

from forum.authors.models import Author
from forum.circles.member_names import write_bylines
from forum.circles.models import Membership
from forum.circles.queries import circle
from forum.core.db import db, unit_of_work
from forum.discussions import read_marks
from forum.offboarding import services
from forum.offboarding.models import Farewell
from forum.offboarding.plans import SPAN, Name, Withdrawal
from forum.policy.terms import Mark
from tests.offboarding.leavers import (
    DAY,
    author,
    heron,
    leaves,
    place,
    ring,
    says,
    to_next_night,
    to_next_slot,
)
from tests.page import Page
from tests.rows import row_of
from tests.world import World

FULL = bool(os.environ.get("PROOF"))
DRAWS, CIRCLES = (3000, 40) if FULL else (400, 5)
SOON = 3 * DAY  # after leaving: what readers would put down to it
OF_MEMBERS = {"member", "membership", "mail_plan", "session", "known_device", "one_time_link",
              "account_event", "outgoing_mail"}  # fmt: skip


def copy_of(world):
    """The database as a thief has it: table -> id -> row, texts as they are sealed."""
    with world.app.app_context():
        return {
            table.name: {row.id: row._asdict() for row in db.session.execute(select(table))}
            for table in db.metadata.sorted_tables
        }


def changed(before, after):
    """(table, row before, row after) of every row that came, went or changed."""
    for table in before:
        for row_id in before[table].keys() | after[table].keys():
            old, new = before[table].get(row_id), after[table].get(row_id)
            if old != new:
                yield table, old, new


def singled_out(before, after):
    """The author rows that the changes tie to whoever left: found by any id or key that stands in
    them. Where all names of one kind are touched alike, none of them is told."""
    names = before["author"] | after["author"]
    known = {row["id"]: row["id"] for row in names.values()}
    known |= {row["holder_key"]: row["id"] for row in names.values()}
    for table in ("thread", "reply"):  # an id of a post leads to its name
        posts = before[table] | after[table]
        known |= {row["id"]: row["author_id"] for row in posts.values()}
    touched = {
        known[value]
        for table, *rows in changed(before, after)
        if table not in OF_MEMBERS
        for row in filter(None, rows)
        for value in row.values()
        if value in known
    }
    kinds = {(row["circle_id"], row["mode"]) for row in names.values()}
    for kind in kinds:
        alike = {row["id"] for row in names.values() if (row["circle_id"], row["mode"]) == kind}
        touched -= alike if alike <= touched and len(alike) > 1 else set()
    return touched


def left(before, after):
    """The memberships that ended between two copies."""
    return [
        new["id"]
        for table, old, new in changed(before, after)
        if table == "membership" and new and new["left_on"] and not old["left_on"]
    ]


def shape(before, after):
    """What the changes show without keys: tables, columns, sizes and moments."""
    found = Counter()
    for table, old, new in changed(before, after):
        columns = (old or new).keys()
        found[table, old is None, new is None, tuple(
            (column, _plain((old or {}).get(column)), _plain((new or {}).get(column)))
            for column in columns
            if (old or {}).get(column) != (new or {}).get(column)
        )] += 1  # fmt: skip
    return found


def _plain(value):
    if isinstance(value, bytes):
        return len(value)
    return value if isinstance(value, bool | int | date | datetime | type(None)) else "drawn"


def three_copies(world, leave):
    """Of the day before somebody leaves, of the day after, and of the day after that."""
    ring(world)
    copies = [copy_of(world)]
    world.moment += DAY
    leave()
    for _ in range(2):
        to_next_slot(world)
        to_next_slot(world)
        copies.append(copy_of(world))
    return copies


@pytest.fixture
def quiet(world):
    """Ten names in Rose that wrote: Quiet Heron, which is Sol's, and those of seven others."""
    heron(world)
    says(world, 3)
    for who in ("ray", "fay", "joe"):
        world.reply(who, f"Words of {who}")
    return world


def nightly_copies(world, nights=10):
    """Of every night from the one before somebody leaves; the circle reads on meanwhile."""
    copies = []
    for night in range(nights):
        to_next_night(world)
        copies.append(copy_of(world))
        if night == 1:
            leaves(world, "ray")
        told = world.present("fay", f"Night {night}", "Told.")
        for who in ("fay", "joe"):
            world.client(who).get(f"/circles/{world.ids['rose']}/threads/{told}")
    return copies


def read_by(world, who):
    """Threads of a reader's marks, which a thief without keys does not know."""
    marks = copy_of(world)["read_mark"].values()
    with world.app.app_context():
        hand = world.standing(who).hand
        own = {row["thread_id"]: hand.mark(Mark.READER, row["thread_id"]) for row in marks}
    return {row["thread_id"] for row in marks if row["reader"] == own[row["thread_id"]]}


@pytest.mark.parametrize("fault", [False, True], ids=["as it is", "marks go with their reader"])
def test_nightly_copies_do_not_tell_what_a_leaver_read(quiet, monkeypatch, figure, fault):
    """Fails when rows that go, shrink or stay as they were in the weeks after somebody left are
    those of the leaver: the threads that they had read tell their names. The control: marks that
    are deleted, as once they were.
    """
    if fault:
        monkeypatch.setattr(read_marks, "empty", lambda mark: db.session.delete(mark))
    for number in range(6):
        told = quiet.present("fay", f"Story {number}", "Told.")
        for who in ("ray", "joe")[number % 2 :]:
            quiet.client(who).get(f"/circles/{quiet.ids['rose']}/threads/{told}")
    theirs = read_by(quiet, "ray")
    copies = nightly_copies(quiet)

    marked = [copy["read_mark"] for copy in copies]
    gone = {row["thread_id"] for row in marked[0].values() if row["id"] not in marked[-1]}
    assert len(theirs) >= 3
    assert gone == (theirs if fault else set())
    assert not left(*copies[-2:])
    for one, two in pairwise(marked):
        assert {each for each in one if one[each] == two.get(each)} == set()  # all change
    if not fault:
        for each in marked:
            sizes = {
                (row["thread_id"], *map(len, (row["seen"], row["note"]))) for row in each.values()
            }
            assert len(sizes) == len({thread_id for thread_id, *_ in sizes})
    figure(f"{len(marked[0])} marks before somebody left, {len(marked[0]) - len(gone)} after")


CHOICES = [
    ("sol", {"invented": Withdrawal.NONE}),
    ("sol", {"invented": Withdrawal.SLOWLY}),
    ("ray", {}),
]


@pytest.mark.parametrize(("who", "choice"), CHOICES)
def test_two_copies_do_not_tie_a_leaver_to_a_name(quiet, who, choice, figure):
    """Fails when a row that is made at leaving holds an author's id, when posts go within a slot,
    or when the leaver's own-name row is the only one that changes."""
    copies = three_copies(quiet, lambda: leaves(quiet, who, **choice))

    assert len(left(*copies[:2])) == 1  # the thief knows who left
    assert singled_out(copies[0], copies[1]) == set()
    assert singled_out(copies[0], copies[2]) == set()
    figure(f"{len(copies[0])} tables compared")


def test_nor_do_they_tell_what_a_leaver_chose_nor_how_they_write(tmp_path):
    """Fails when a plan is longer for two names, when one is made only for words that go, or when
    nothing is sealed anew for whoever has no own-name row."""
    shapes = []
    for number, (who, choice) in enumerate(CHOICES):
        world = World(tmp_path / str(number))
        heron(world)
        says(world, 3)
        copies = three_copies(world, lambda: leaves(world, who, **choice))  # noqa: B023
        shapes.append((shape(*copies[:2]), shape(*copies[1:])))

    assert shapes[0] == shapes[1] == shapes[2]
    assert shapes[0][0]


def with_a_farewell(world):
    """Leave as an earlier release did: what goes, and when, stands there in clear."""
    name = author(world)
    leaves(world)
    with world.app.app_context(), unit_of_work():
        going = Farewell(circle_id=world.ids["rose"], author_id=name)
        going.goes_at = world.moment + 5 * DAY
        db.session.add(going)


def without_others(world):
    """Change the author row of whoever leaves, and no other."""
    with world.app.app_context():
        with unit_of_work():
            services.leave(world.ids["ray"], world.ids["rose"], words_go=False)
        standing = services.circles.former_standing(place(world, "ray"))
        with unit_of_work():
            row_of(Author, author(world, "Dr Ray")).name = "a former member"
            db.session.scalars(
                select(Membership).filter_by(member_id=world.ids["ray"])
            ).one().name_pending = False
        assert standing.hand.holds(row_of(Author, author(world, "a former member")))


@pytest.mark.parametrize(
    ("fault", "name"),
    [
        (with_a_farewell, "Quiet Heron"),
        (lambda world: leaves(world, invented=Withdrawal.NOW), "Quiet Heron"),
        (without_others, "a former member"),
    ],
    ids=["a farewell in clear", "all at the next slot", "one row alone sealed anew"],
)
def test_the_attack_finds_the_name_where_a_fault_is_put_back(quiet, fault, name):
    """The control: the second is what the page warns of."""
    ring(quiet)
    before = copy_of(quiet)
    quiet.moment += DAY
    fault(quiet)
    if fault is not with_a_farewell:
        to_next_slot(quiet)  # a worker would seal that one

    assert singled_out(before, copy_of(quiet)) == {author(quiet, name)}


def first_slots(world, withdrawal, posts=40):
    """How long after leaving the first of a name's posts goes, in DRAWS leavings."""
    chance = Random(7)
    with world.app.app_context():
        mine, rota = place(world), circle(world.standing("mo")).mask_schedule
        for _ in range(DRAWS):
            ids = [services.Departure(circle_id=mine.circle_id).id for _ in range(posts)]
            seed = chance.randbytes(16)
            name = services._to_go(Name(author_id=ids[0], seed=seed), withdrawal, mine)
            slots = name.slots(rota)
            yield min(name.slot_of(post_id, slots) for post_id in ids) - world.moment


def test_no_invented_name_begins_to_go_near_its_holders_leaving(quiet, figure):
    """Fails when the slot before which nothing goes is drawn from the first days, and not from the
    whole span. The control: a name that goes within a week."""
    leaves(quiet)
    by_chance = SOON / SPAN
    bound = by_chance + 3 * (by_chance * (1 - by_chance) / DRAWS) ** 0.5

    def soon(withdrawal):
        return sum(each <= SOON for each in first_slots(quiet, withdrawal)) / DRAWS

    share = soon(Withdrawal.SLOWLY)
    assert share <= bound
    assert soon(Withdrawal.WITHIN_A_WEEK) > bound
    figure(f"{share:.3f} of {DRAWS} names begin to go within three days, chance {by_chance:.3f}")


def words_by(world, name):
    """How many posts of a name a reader sees in the thread."""
    page = Page(world.client("mo").get(world.thread))
    return [each.text for each in page.all(cls="post-author")].count(name)


def test_readers_who_compare_pages_see_no_name_fall_silent(tmp_path, figure):
    """Fails when posts of an invented name go within the first days more often than by chance."""
    silent = 0
    for seed in range(CIRCLES):
        world = World(tmp_path / str(seed), seed=seed)
        heron(world)
        says(world, 4)
        before = words_by(world, "Quiet Heron")
        leaves(world, invented=Withdrawal.SLOWLY)
        for _ in range(SOON // (DAY / 2)):
            to_next_slot(world)
        silent += words_by(world, "Quiet Heron") < before
        assert before == 4

    assert silent <= 1 + CIRCLES * 3 * (SOON / SPAN)
    figure(f"a name lost posts within three days in {silent} of {CIRCLES} circles")


def test_the_worker_sees_to_bylines_that_a_page_did_not(quiet):
    """So that the copies above would be alike after a crash, too."""
    with quiet.app.app_context(), unit_of_work():
        services.leave(quiet.ids["ray"], quiet.ids["rose"], words_go=False)
    quiet.moment += timedelta(minutes=1)
    ring(quiet)

    with quiet.app.app_context():
        assert write_bylines() == 0
    assert author(quiet, "a former member")
