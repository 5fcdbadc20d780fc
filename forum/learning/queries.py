"""Queries of a member's learning notes."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from forum.accounts.models import Member
from forum.accounts.queries import account
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.tokens import version_token
from forum.learning.models import LearningNote
from forum.learning.note_content import NoteContent
from forum.learning.note_keys import PLACES_PER_QUERY, NoteKeys, batches


@dataclass(frozen=True, slots=True)
class Note:
    """A learning note. number: in its writer's own pages, from 0."""

    number: int
    content: NoteContent

    @property
    def version(self) -> str:
        """Token of its present content, for forms that change it."""
        return version_token(self.content.to_json())


def rows(member: Member) -> dict[int, LearningNote]:
    """All rows of an account's notes, emptied ones included, by number in ascending order.

    Asks for PLACES_PER_QUERY at a time until a row is missing.
    """
    keys, found = NoteKeys.of(member), dict[int, LearningNote]()
    for first in batches():
        ids = keys.ids(first)
        there = db.session.scalars(select(LearningNote).where(LearningNote.id.in_(ids))).all()
        found |= {ids[row.id]: row for row in there}
        if len(there) < PLACES_PER_QUERY:
            break
    return dict(sorted(found.items()))


def opened(member: Member) -> list[Note]:
    """All notes of an account as stored, emptied ones included, in the order of writing."""
    keys = NoteKeys.of(member)
    return [
        Note(number, NoteContent.from_json(keys.open(row.id, row.content).decode()))
        for number, row in rows(member).items()
    ]


def notes(member_id: UUID) -> list[Note]:
    """A member's notes, newest day first, then last written first."""
    kept = [each for each in opened(account(member_id)) if not each.content.deleted]
    return sorted(kept, key=lambda each: (each.content.day, each.number), reverse=True)


def note(member_id: UUID, number: int) -> Note:
    """A member's note by number. Raises NotFound, also for a deleted note."""
    keys = NoteKeys.of(account(member_id))
    row = db.session.get(LearningNote, keys.id(number))
    if row is None:
        raise NotFound
    content = NoteContent.from_json(keys.open(row.id, row.content).decode())
    if content.deleted:
        raise NotFound
    return Note(number, content)


def note_of_thread(member_id: UUID, thread_id: UUID) -> Note | None:
    """A member's note on what a thread taught; the latest, if several have its mark."""
    mark = NoteKeys.of(account(member_id)).thread_mark(thread_id)
    found = [each for each in notes(member_id) if each.content.thread_mark == mark]
    return max(found, key=lambda each: each.number, default=None)
