"""Schema made by the migrations, compared with the models."""

import json
from datetime import UTC, date, datetime
from hashlib import sha256
from os import environ
from pathlib import Path
from uuid import UUID

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from flask_migrate import downgrade, upgrade
from sqlalchemy import Uuid, bindparam, create_engine, event, inspect, select, text

import forum
from config import TestConfig
from forum import create_app
from forum.accounts.models import KnownDevice, OneTimeLink
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles.models import Circle, Invitation
from forum.circles.queries import enter
from forum.circles.services import found, join
from forum.core.db import db, unit_of_work
from forum.discussions import posts, thread_queries
from forum.discussions.composer import Quoted, Reflection, ReplyWords
from forum.discussions.models import Quote, Reply
from forum.policy.terms import AuthorMode, ReplyKind, Role
from tests import postgres

VERSIONS = Path(forum.__file__).parent / "migrations" / "versions"
LANDED = Path(__file__).with_name("migrations.sha256")  # as sha256sum writes them
POSTGRES = environ.get("TEST_POSTGRES_URL", "")


@pytest.fixture(scope="module")
def server():
    """Address of a database of PostgreSQL: TEST_POSTGRES_URL, or one on a server of its own."""
    if POSTGRES:
        yield POSTGRES
    else:
        with postgres.server() as address:
            yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def app(request, tmp_path):
    """Installation on an empty database of each engine."""
    config = TestConfig(tmp_path / "instance")
    if request.param == "postgresql":
        address = request.getfixturevalue("server")
        config.SQLALCHEMY_DATABASE_URI = address
        _empty(address)
    app = create_app(config)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def _empty(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()


def schema():
    """Tables of the database, without alembic's own."""
    found = inspect(db.engine)
    return {
        table: {
            "columns": {each["name"]: (str(each["type"]), each["nullable"]) for each in columns},
            "key": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": _sorted(found.get_foreign_keys(table)),
            "unique": _sorted(found.get_unique_constraints(table)),
            "checks": _sorted(found.get_check_constraints(table)),
            "indexes": _sorted(found.get_indexes(table)),
            "options": found.get_table_options(table),
        }
        for (_, table), columns in found.get_multi_columns().items()
        if table != "alembic_version"
    }


def _sorted(found):
    return sorted(json.dumps(each, default=str, sort_keys=True) for each in found)


@pytest.mark.proof("D6")
def test_migrations(app):
    upgrade()
    first = schema()
    downgrade(revision="base")
    assert schema() == {}

    upgrade()

    assert schema() == first
    assert len(first) > 10


@pytest.mark.proof("D6")
def test_migrations_and_models_make_equal_schemas(app):
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_migrations_keep_checks_foreign_keys_and_options(app):
    """Compares parts of the schema that alembic's comparison ignores."""
    upgrade()
    migrated = schema()
    downgrade(revision="base")

    db.create_all()

    assert migrated == schema()


def test_an_invitation_older_than_notes_has_none(app):
    upgrade()
    with unit_of_work():
        circle = found("Rose")
        made = Invitation(circle_id=circle.id, digest=bytes(32), expires_on=date(2026, 3, 16))
        made.sent_at = datetime(2026, 3, 2, 10, tzinfo=UTC)
        made.inviter, made.address, made.words, made.for_whom = "Dr Mo", "", "Come.", "Anna"
        db.session.add(made)
    db.session.remove()

    downgrade(revision="0001")
    upgrade()

    kept = db.session.scalars(select(Invitation)).one()
    assert (kept.words, kept.for_whom) == ("Come.", "")


def test_owned_rows_go_and_unowned_links_stay(app):
    upgrade(revision="0010")
    link = (
        "INSERT INTO one_time_link (id, digest, purpose, payload, expires_at, owner)"
        " VALUES (:id, :digest, 'open_circle', :digest, '2026-03-03 10:00:00', :owner)"
    )
    known = (
        "INSERT INTO known_device (id, token_digest, expires_on, owner)"
        " VALUES (:id, :digest, '2026-06-01', :owner)"
    )
    with db.engine.begin() as connection:
        for asked, number, owner in ((link, 1, 0), (link, 2, 7), (known, 3, 7)):
            said = {"id": UUID(int=number), "digest": bytes([number]) * 32}
            typed = text(asked).bindparams(bindparam("id", type_=Uuid()))
            connection.execute(typed, said | {"owner": bytes([owner]) * 32})

    upgrade()
    assert links_and_devices() == ([UUID(int=1)], [])
    downgrade(revision="0010")
    upgrade()
    assert links_and_devices() == ([UUID(int=1)], [])


def links_and_devices():
    with db.engine.connect() as connection:
        return tuple(
            list(connection.scalars(select(table.id))) for table in (OneTimeLink, KnownDevice)
        )


def test_a_landed_migration_never_changes():
    """A new migration is added to the list in its own commit: `sha256sum` in its folder."""
    there = {
        f"{sha256(path.read_bytes()).hexdigest()}  {path.name}"
        for path in VERSIONS.glob("[0-9]*.py")
    }

    assert there == set(LANDED.read_text().splitlines())


def test_a_circle_of_seven_gets_no_belated_notice(app):
    upgrade()
    sixth = date(2026, 3, 2)
    for name, members in (("Oak", 6), ("Rose", 7)):
        with unit_of_work():
            home = found(name)
            home.masks_open_on = sixth
            for number in range(members):
                member = register(f"{name}{number}@example.org", f"Dr {number}", "hash")
                db.session.flush()
                join(home, member.id, f"Dr {number}")
    db.session.remove()

    downgrade(revision="0006")
    upgrade()

    days = {each.name: each.reply_masks_open_on for each in db.session.scalars(select(Circle))}
    assert days == {"Oak": None, "Rose": sixth}


def test_a_failed_migration_leaves_no_tables(app, monkeypatch):
    monkeypatch.setattr(Operations, "create_table", _failing_after(5, Operations.create_table))

    with pytest.raises(OSError, match="full"):
        upgrade()

    assert schema() == {}


@pytest.mark.parametrize("at", ["INSERT INTO author_copy", "DROP TABLE reply", "sqlite_stat1"])
def test_an_upgrade_killed_while_tables_are_copied_begins_again(app, at):
    """Fails when part of a copy stays, or the part that was copied is copied once more."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("not run: no table is copied on PostgreSQL")
    upgrade(revision="0043")
    before = schema()

    def fail(_connection, _cursor, statement, *_rest):
        if at in statement:
            raise OSError("the disk is full")

    event.listen(db.engine, "before_cursor_execute", fail)
    with pytest.raises(OSError, match="full"):
        upgrade()
    event.remove(db.engine, "before_cursor_execute", fail)
    there = schema()
    upgrade()

    assert at == "sqlite_stat1" or there == before
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
        assert connection.scalar(text("SELECT count(*) FROM sqlite_stat1")) > 50


def _failing_after(limit, made):
    calls = []

    def create_table(*args, **options):
        calls.append(args)
        if len(calls) > limit:
            raise OSError("the disk is full")
        return made(*args, **options)

    return create_table


@pytest.mark.proof("D6")
def test_replies_and_their_quotes_stay_through_new_kinds(app):
    """SQLite's table is copied and dropped on the way."""
    upgrade()
    with unit_of_work():
        home, member = found("Rose"), register("pru@example.org", "Dr Pru", "hash")
        db.session.flush()
        join(home, member.id, "Dr Pru", Role.MODERATOR)
        circle_id, member_id = home.id, member.id
    standing = enter(member_id, circle_id)
    with unit_of_work():
        choose_own_name(standing)
    told = Reflection("Told", {"story": "Her words."}, mode=AuthorMode.OWN_NAME)
    with unit_of_work():
        thread = posts.present(standing, UUID(int=1), told)
    words = ReplyWords("Mine", AuthorMode.OWN_NAME, None, Quoted(UUID(int=1), "Her words."))
    with unit_of_work():
        posts.reply(standing, thread_queries.thread(standing, thread.id), UUID(int=2), words)
    db.session.remove()

    downgrade(revision="0013")
    upgrade()

    [reply], [quote] = db.session.scalars(select(Reply)), db.session.scalars(select(Quote))
    assert (reply.body, reply.kind, reply.step) == ("Mine", ReplyKind.ANSWER, None)
    assert (quote.reply_id, quote.excerpt) == (reply.id, "Her words.")
