"""Learning notes: private to their writer, and tied to nobody without the account's secret."""

import sqlite3
from datetime import date

import pytest
from sqlalchemy import delete, func, select, text

from forum.accounts import services as accounts
from forum.accounts.models import Member
from forum.accounts.owner_keys import new_secret
from forum.accounts.queries import account
from forum.circles.models import Membership
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.learning import queries, services
from forum.learning.models import LearningNote
from forum.learning.note_content import NoteContent
from forum.learning.note_keys import NoteKeys
from forum.operations import checks
from tests.engine import of_sqlite

DAY = date(2026, 3, 2)
WITHOUT = "UPDATE member SET learning_secret = NULL"
pytestmark = pytest.mark.leaks


@pytest.fixture
def ray(world):
    with world.app.app_context():
        yield world.ids["ray"]


def write(who, learned, **more):
    with unit_of_work():
        return services.write(who, NoteContent(learned=learned, day=DAY), **more)


def stored(member):
    """Contents of an account's notes, in the order of writing."""
    return [note.content for note in queries.opened(NoteKeys(member), queries.rows(member))]


def test_notes_come_back_newest_first(ray):
    write(ray, "To wait")
    with unit_of_work():
        services.write(ray, NoteContent(will_change="Sit down", day=DAY.replace(day=9)))

    found = queries.notes(ray)

    assert [(n.number, n.content.learned, n.content.will_change) for n in found] == [
        (1, "", "Sit down"),
        (0, "To wait", ""),
    ]


def test_only_their_writer_finds_notes(world, ray):
    write(ray, "To wait")

    assert queries.notes(world.ids["pru"]) == []
    with pytest.raises(NotFound):
        queries.note(world.ids["pru"], 0)
    assert queries.note(ray, 0).content.learned == "To wait"


def test_a_row_holds_an_id_and_ciphertext_alone(world, ray):
    """Fails when a note's row gets a day, a thread or an owner."""
    write(ray, "bittern in the reeds", thread_id=world.ids["thread"])

    [row] = db.session.execute(select(LearningNote.__table__))

    assert set(row._mapping) == {"id", "content"}
    member, rays = account(ray), account(ray).learning_secret
    known = [b"bittern", world.ids["thread"].bytes, member.id.bytes, rays, row.id.bytes]
    assert not any(each in row.content for each in known)


def test_rows_of_short_long_and_deleted_notes_have_sizes_of_blocks(ray):
    """Fails when a note is sealed without padding: its length would tell which was which."""
    for words in ("a", "b" * 700, "c" * 20_000):
        write(ray, words)
    with unit_of_work():
        services.delete(ray, 0)

    sizes = {number: len(row.content) for number, row in queries.rows(account(ray)).items()}

    assert sizes[0] == sizes[1] < sizes[2]
    assert (sizes[2] - sizes[0]) % 1024 == 0


def test_a_deleted_note_is_emptied_and_its_row_stays(ray):
    write(ray, "To wait")
    write(ray, "To ask")

    with unit_of_work():
        services.delete(ray, 0)

    assert [note.content.learned for note in queries.notes(ray)] == ["To ask"]
    member = account(ray)
    assert stored(member)[0] == NoteContent(deleted=True)
    with pytest.raises(NotFound):
        queries.note(ray, 0)
    assert write(ray, "To sit") == 2


def test_a_damaged_note_takes_no_other_along(ray):
    """Fails when one row that does not open closes all pages of learning to its owner, or when the
    next note is written over one that does.
    """
    for words in ("To wait", "To ask", "To sit"):
        write(ray, words)
    with unit_of_work():
        queries.rows(account(ray))[1].content = b"damaged"

    assert [note.content.learned for note in queries.notes(ray)] == ["To sit", "To wait"]
    assert write(ray, "To listen") == 3
    assert len(queries.notes(ray)) == 3


@pytest.mark.parametrize(("number", "statements"), [(0, 1), (99, 1), (100, 2), (250, 3)])
def test_a_hundred_notes_cost_one_statement(world, ray, number, statements):
    """Fails when rows are read one by one, or asked for past the first missing one."""
    keys = NoteKeys(account(ray))
    content = keys.seal  # sealed under each row's own id
    with unit_of_work():
        for each in range(number):
            row_id = keys.id(each)
            plain = NoteContent(learned=str(each), day=DAY).padded()
            db.session.add(LearningNote(id=row_id, content=content(row_id, plain)))
    asked = []
    hook = lambda c, cursor, statement, *rest: asked.append(statement)  # noqa: E731
    db.event.listen(db.engine, "before_cursor_execute", hook)

    found = queries.rows(account(ray))

    assert list(found) == list(range(number))
    assert sum("learning_note" in each for each in asked) == statements


def test_a_form_sent_twice_writes_one_note(ray):
    first = write(ray, "To wait", form_mark="f" * 32)

    assert write(ray, "To wait", form_mark="f" * 32) == first
    assert len(queries.notes(ray)) == 1


def test_a_change_needs_the_note_as_it_was_shown(ray):
    write(ray, "To wait")
    shown = queries.note(ray, 0).version
    with unit_of_work():
        services.change(ray, 0, NoteContent(learned="To listen", day=DAY), shown)

    with pytest.raises(InvalidInput), unit_of_work():
        services.change(ray, 0, NoteContent(learned="To speak", day=DAY), shown)

    assert queries.note(ray, 0).content.learned == "To listen"


def test_a_note_needs_words(ray):
    with pytest.raises(InvalidInput), unit_of_work():
        services.write(ray, NoteContent(title="Peer reflection", day=DAY))


@pytest.mark.parametrize("field", ["learned", "will_change", "evidence"])
def test_words_of_any_field_make_a_note(ray, field):
    """Fails when a note of evidence alone is sent back."""
    with unit_of_work():
        services.write(ray, NoteContent(day=DAY, **{field: "A letter of thanks"}))

    [note] = queries.notes(ray)
    assert getattr(note.content, field) == "A letter of thanks"


def test_as_many_notes_fit_as_are_promised(ray, monkeypatch):
    """Fails when one more is stored, or deleted ones make room, whose rows stay."""
    monkeypatch.setattr(services, "NOTES_PER_ACCOUNT", 2)
    for words in ("To wait", "To ask"):
        write(ray, words)
    with unit_of_work():
        services.delete(ray, 0)

    with pytest.raises(InvalidInput, match="2 notes"):
        write(ray, "To sit")

    assert len(queries.rows(account(ray))) == 2


def test_the_latest_note_of_a_thread_is_offered(world, ray):
    """Fails when whoever kept two notes of a thread is led to the first."""
    for words in ("To wait", "To ask", "To sit"):
        write(ray, words, thread_id=world.ids["thread"])

    assert queries.note_of_thread(ray, world.ids["thread"]).content.learned == "To sit"


def test_a_note_knows_its_thread_by_a_mark_of_its_account(world, ray):
    """Fails when the mark is the thread's id, or the same for two accounts."""
    thread, pru = world.ids["thread"], world.ids["pru"]
    write(ray, "To wait", thread_id=thread)
    write(pru, "To tell", thread_id=thread)

    rays, prus = queries.note_of_thread(ray, thread), queries.note_of_thread(pru, thread)

    assert (rays.content.learned, prus.content.learned) == ("To wait", "To tell")
    assert rays.content.thread_mark != prus.content.thread_mark
    assert thread.hex not in rays.content.to_json().replace("-", "")


@of_sqlite
def test_writing_a_note_touches_no_other_row(world, ray):
    """Fails when the account's row, a membership or a thread's is written beside the note."""
    path = world.folder / "instance" / "forum.db"
    before = rows_of(path)

    write(ray, "To wait", thread_id=world.ids["thread"])

    after = rows_of(path)
    assert {name for name in after if after[name] != before[name]} == {"learning_note"}


def rows_of(path):
    with sqlite3.connect(path) as rows:
        names = rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: rows.execute(f"SELECT * FROM {name}").fetchall() for (name,) in names}


def test_with_the_account_its_notes_become_noise(ray):
    """Fails when an id or a key comes of anything that outlives the account's row."""
    write(ray, "To wait")
    like = {
        "address": "ray@example.org",
        "name": "Dr Ray",
        "password_hash": "",
        "secret": bytes(32),
    }
    with unit_of_work():
        db.session.execute(delete(Membership).where(Membership.member_id == ray))
        accounts.forget(ray)
    with unit_of_work():
        again = Member(id=ray, address_digest=bytes(32), learning_secret=new_secret(), **like)
        db.session.add(again)

    assert queries.notes(ray) == []
    assert db.session.scalar(select(func.count(LearningNote.id))) == 1


def test_notes_survive_leaving_a_circle(world, ray):
    write(ray, "To wait", thread_id=world.ids["thread"])

    client = world.client("ray")
    client.submit(f"/circles/{world.ids['rose']}/leave", words="none")

    assert [note.content.learned for note in queries.notes(ray)] == ["To wait"]


def test_accounts_from_before_get_their_secrets_together(world, ray):
    with unit_of_work():
        db.session.execute(text(WITHOUT))

    with unit_of_work():
        drawn = accounts.draw_learning_secrets()

    secrets = [member.learning_secret for member in db.session.scalars(select(Member))]
    assert drawn == len(secrets) == len(set(secrets))
    assert {len(each) for each in secrets} == {32}


def test_an_account_without_a_secret_finds_no_notes(world, ray):
    """Fails when ids of no secret are those of anybody's rows."""
    for who in (ray, world.ids["pru"]):
        with unit_of_work():
            db.session.execute(text(WITHOUT))
        assert queries.notes(who) == []
        assert write(who, "To wait") == 0


def test_keys_rotate_with_notes(world, ray):
    write(ray, "To wait", thread_id=world.ids["thread"])
    write(ray, "To ask")
    before = {row.id: row.content for row in queries.rows(account(ray)).values()}

    with unit_of_work():
        services.rekey(account(ray))

    after = queries.rows(account(ray))
    assert not before.keys() & {row.id for row in after.values()}
    assert [content.learned for content in stored(account(ray))] == ["To wait", "To ask"]
    assert queries.note_of_thread(ray, world.ids["thread"]).number == 0


def test_a_check_finds_a_note_that_does_not_open(world, ray):
    write(ray, "To wait")
    write(world.ids["pru"], "To tell")
    assert checks._learning_notes(counted=True) == checks.Finding(
        True, "All 2 learning notes open where they lie."
    )
    with unit_of_work():
        [row] = queries.rows(account(ray)).values()
        row.content = row.content[:-1] + bytes([row.content[-1] ^ 1])

    found = checks._learning_notes(counted=True)

    assert not found.is_well
    assert "notes of 1 account " in found.said
