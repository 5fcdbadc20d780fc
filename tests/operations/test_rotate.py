"""Key rotation: all values sealed anew, nothing lost, interruptions resumed."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import LargeBinary, select, text, update

from forum.accounts import passkeys, recoveries, second_factors, services
from forum.accounts.models import AccountEvent, EventKind, Member
from forum.accounts.owner_keys import EVENTS, RINGS
from forum.accounts.passkeys import NewPasskey
from forum.accounts.queries import account
from forum.accounts.recoveries import Recovery
from forum.accounts.recovery_states import RecoveryState
from forum.accounts.services import reset_link
from forum.audit import queries
from forum.audit.models import SERVICE
from forum.core.db import db, unit_of_work
from forum.core.instance_lock import NotNow, alone_here, share
from forum.core.keys import key_ring
from forum.discussions.models import Reply
from forum.learning import queries as learning_queries
from forum.learning import services as learning
from forum.learning.note_content import NoteContent
from forum.operations import rotation
from forum.operations.checks import of_installation
from forum.policy.terms import AuthorMode
from tests.accounts.people import is_in, sign_in
from tests.notifications.post import ring as ring_the_worker
from tests.rows import row_of
from tests.world import EVENING, PASSWORD, World

CHAINED = "log_entry"  # its digests cover the ciphertext


def rotate(world):
    with world.app.app_context():
        version = rotation.rotate(lambda *_: None)
    world.restart()
    world.cookies.clear()
    return version


@pytest.fixture
def lived_in(tmp_path):
    return lived(tmp_path)


def lived(folder):
    """A world with every kind of text."""
    world = World(folder)
    ray = world.client("ray")
    looked = ray.answer(world.thread, body="From behind", do="thread_pseudonym").location
    ray.submit(looked)
    ray.answer(world.thread, body="Half a thought", do="save")
    ray.get(world.thread)
    world.reply("fay", "In the open, about kestrels")
    world.client("ivy").submit(f"{world.thread}/acknowledge")
    ring_the_worker(world)
    world.moment = EVENING
    return world


def older(world):
    """Pairs (table, column) still sealed under an older key."""
    with world.app.app_context():
        found = set()
        for table in db.metadata.sorted_tables:
            for column in (each for each in table.c if isinstance(each.type, LargeBinary)):
                for value in db.session.scalars(select(column)):
                    sealed = value and len(value) > 256 and value[0] == 1
                    if sealed and value[1] != key_ring().newest:
                        found.add((table.name, column.name))
        return found


def test_rotation_reseals_every_table_but_logs(lived_in):
    """Fails when sealed_tables omits a table."""
    assert rotate(lived_in) == 2

    assert {table for table, _ in older(lived_in)} <= {CHAINED}


def page(world, who):
    return re.sub(r"/static/\S+|value=\S+", "", world.client(who).get(world.thread).text)


def test_rotation_loses_no_content(lived_in):
    world = lived_in
    before = {who: page(world, who) for who in ("ray", "mo") for _ in range(2)}  # everything read

    rotate(world)

    assert {who: page(world, who) for who in before} == before
    ray = world.client("ray")
    assert "From behind" in ray.get(world.url("discussions.own_posts")).text
    assert "Half a thought" in ray.get("/drafts").text
    assert "kestrels" in ray.search("kestrels").text
    stranger = world.client()
    tokens = stranger.tokens("/sign-in")
    signed_in = stranger.post(
        "/sign-in", data=tokens | {"email": "ray@example.org", "password": PASSWORD}
    )
    assert signed_in.status_code == 303
    assert "Torn between two" in stranger.get(world.thread).text


def test_masked_author_keeps_their_name(lived_in):
    rotate(lived_in)

    again = lived_in.reply("ray", "Still me", AuthorMode.THREAD_PSEUDONYM)

    with lived_in.app.app_context():
        name = row_of(Reply, again).author_id
        theirs = db.session.scalars(select(Reply).filter_by(author_id=name)).all()
        assert {post.body for post in theirs} == {"From behind", "Still me"}


def rows_of(world, who):
    """All rows of an account: table -> ids."""
    with world.app.app_context():
        member = db.session.get(Member, world.ids[who])
        return {(r.table.__tablename__, row.id) for r in RINGS for row in r.rows(member)}


def test_account_rows_move_to_new_ids(world):
    """Fails when an account keeps its secret, or any row stays behind."""
    sign_in(world.client(), "ray")
    with world.app.app_context():
        with unit_of_work():
            reset_link("ray@example.org")
            ray = db.session.get(Member, world.ids["ray"])
            passkeys.add(ray, NewPasskey(b"id", b"key", 0, "challenge", b"handle", "Phone"))
            ends = world.moment + timedelta(days=3)
            recoveries.store(ray, Recovery(ray.id, RecoveryState.READY, ends))
        secret = db.session.get(Member, world.ids["ray"]).secret
    told = world.client("ray").get("/account").text
    before = rows_of(world, "ray")

    rotate(world)

    after = rows_of(world, "ray")
    assert sorted(table for table, _ in after) == sorted(table for table, _ in before)
    assert {table for table, _ in after} == {table.table.__tablename__ for table in RINGS}
    assert not after & before
    with world.app.app_context():
        assert db.session.get(Member, world.ids["ray"]).secret not in (secret, b"")
    assert "You signed in." in told
    assert "You signed in." in world.client("ray").get("/account").text


def test_rows_of_a_deleted_account_move_too(world):
    """Fails when they alone keep their ids, so that copies of before and after tell them apart."""
    for who in ("sol", "ray"):
        sign_in(world.client(), who)
    with world.app.app_context(), unit_of_work():
        services.forget(world.ids["sol"])

    def ids():
        with world.app.app_context():
            return {*db.session.scalars(select(AccountEvent.id))}

    before = ids()
    rotate(world)
    assert len(before) == len(ids()) == 2
    assert not before & ids()


def test_old_account_gets_a_secret(world):
    with world.app.app_context():
        db.session.execute(text("UPDATE member SET secret = NULL"))
        db.session.commit()

    rotate(world)

    with world.app.app_context():
        secrets = [member.secret for member in db.session.scalars(select(Member))]
    assert {len(each) for each in secrets} == {32}
    assert len(set(secrets)) == len(secrets)
    client = world.client()
    sign_in(client, "ray")
    assert is_in(client)


def test_checks_pass_after_rotation(lived_in):
    rotate(lived_in)

    with lived_in.app.app_context():
        assert [each.said for each in of_installation() if not each.is_well] == [
            "The database tables do not match this release. Run: scripts/forum upgrade"  # none ran
        ]
        [told], _ = queries.page(SERVICE, 1)
        assert told.action.deed.value == "keys_rotated"


def test_unfinished_rotation_blocks_serving(world):
    (world.folder / "instance" / "keys.rotating").write_text("2\n")

    with pytest.raises(NotNow, match="keys rotate"):
        share(world.folder / "instance")


def test_rotation_requires_a_stopped_forum(world):
    with (
        world.app.app_context(),
        alone_here(world.folder / "instance"),
        pytest.raises(NotNow, match="Stop the forum first"),
    ):
        rotation.rotate(lambda *_: None)
    assert not (world.folder / "instance" / "root.2.key").exists()


def test_closed_circle_stays_closed(lived_in):
    world = lived_in
    with world.app.app_context():
        key_ring().destroy_circle(world.ids["oak"])

    rotate(world)

    with world.app.app_context():
        assert key_ring().destroyed() == {world.ids["oak"]}
        assert not key_ring().keeps(world.ids["oak"])
        assert db.session.execute(text("SELECT count(*) FROM circle")).scalar() == 2


def test_a_damaged_row_of_an_account_takes_none_of_its_others_away(world):
    """Fails when a rotation replaces an account's secret and then stops at a row."""
    ray = world.ids["ray"]
    with world.app.app_context():
        with unit_of_work():
            phone = NewPasskey(b"id", b"key", 0, "challenge", b"handle", "Phone")
            passkeys.add(account(ray), phone)
            services.note(ray, EventKind.SIGNED_IN)
        events = len(EVENTS.rows(account(ray)))
        with unit_of_work():
            table = AccountEvent.__table__
            damaged = update(table).where(table.c.id == EVENTS.rows(account(ray))[0].id)
            db.session.execute(damaged.values(own_day=b"\x01\x01" + b"x" * 40))

    rotate(world)

    with world.app.app_context():
        assert second_factors.has_any(account(ray))
        assert [each.name for each in passkeys.listed(account(ray))] == ["Phone"]
        assert len(EVENTS.rows(account(ray))) == events  # found, and deleted with the account


def test_a_damaged_note_takes_no_other_note_away(world):
    """Fails when a rotation replaces a learning secret and then stops at a note."""
    ray = world.ids["ray"]
    with world.app.app_context():
        with unit_of_work():
            for number in range(2):
                learning.write(ray, NoteContent(learned=f"Learned {number}."))
        with unit_of_work():
            rows = learning_queries.rows(account(ray))
            rows[min(rows)].content = b"x" * 300

    rotate(world)

    with world.app.app_context():
        assert len(learning_queries.rows(account(ray))) == 2
        assert learning_queries.note(ray, 1).content.learned == "Learned 1."
