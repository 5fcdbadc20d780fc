"""Writing, changing and deleting learning notes, each inside a unit of work."""

from dataclasses import replace
from uuid import UUID

from flask_babel import gettext as _

from forum.accounts.models import Member
from forum.accounts.owner_keys import have_learning_secret, lock, new_secret
from forum.accounts.queries import account
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.core.fences import left_out
from forum.learning import queries
from forum.learning.models import LearningNote
from forum.learning.note_content import NoteContent
from forum.learning.note_keys import NoteKeys

NOTES_PER_ACCOUNT = 5_000  # deleted ones included: their rows stay


def write(
    member_id: UUID, content: NoteContent, *, thread_id: UUID | None = None, form_mark: str = ""
) -> int:
    """Add a note; returns its number. thread_id: of the thread that it is about.

    form_mark: a second note of this mark changes nothing, and the first one's number is returned.
    Raises InvalidInput for a note without words, and once NOTES_PER_ACCOUNT are written.
    """
    member = _locked(member_id)
    keys, there = NoteKeys(member), queries.rows(member)
    content = _checked(content)
    for each in queries.opened(keys, there):
        if form_mark and each.content.form_mark == form_mark:
            return each.number
    if len(there) >= NOTES_PER_ACCOUNT:
        raise InvalidInput(
            learned=_("You have %(most)d notes. That is as many as fit.", most=NOTES_PER_ACCOUNT)
        )
    mark = keys.thread_mark(thread_id) if thread_id else ""
    content = replace(content, thread_mark=mark, form_mark=form_mark)
    row_id = keys.id(len(there))
    db.session.add(LearningNote(id=row_id, content=keys.seal(row_id, content.padded())))
    return len(there)


def change(member_id: UUID, number: int, content: NoteContent, version: str) -> None:
    """Replace the words of a note; its thread's mark stays.

    version: of the note that the form showed. A note that has these words already stays as it is.
    Raises NotFound, and InvalidInput for a note without words or one that was changed meanwhile.
    """
    member = _locked(member_id)
    before = queries.note(member_id, number)
    kept = before.content
    content = replace(content, thread_mark=kept.thread_mark, form_mark=kept.form_mark)
    if content == kept:
        return
    if before.version != version:
        raise InvalidInput(version=_("You changed this note elsewhere since. Look at both texts."))
    _store(member, number, _checked(content))


def delete(member_id: UUID, number: int) -> None:
    """Empty a note; its row stays. Raises NotFound."""
    member = _locked(member_id)
    queries.note(member_id, number)
    _store(member, number, NoteContent(deleted=True))


def rekey(member: Member) -> None:
    """Replace an account's learning secret, move its notes to new ids and seal them again; a
    damaged note is moved as it is."""
    lock(member)
    before, rows = NoteKeys(member), queries.rows(member)
    member.learning_secret = new_secret()
    after = NoteKeys(member)
    for number, row in rows.items():
        content = None
        with left_out():
            content = before.open(row.id, row.content)
        row.id = after.id(number)
        if content is not None:
            row.content = after.seal(row.id, content)


def _locked(member_id: UUID) -> Member:
    member = account(member_id)
    have_learning_secret(member)
    return member


def _store(member: Member, number: int, content: NoteContent) -> None:
    keys = NoteKeys(member)
    row = queries.rows(member)[number]
    row.content = keys.seal(row.id, content.padded())


def _checked(content: NoteContent) -> NoteContent:
    if not any((content.learned, content.will_change, content.evidence)):
        raise InvalidInput(learned=_("Write a line about what you learned, or what changes."))
    return content
