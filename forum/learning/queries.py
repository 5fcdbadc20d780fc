"""Queries of a member's learning notes."""

from collections.abc import Mapping
from dataclasses import dataclass
from unicodedata import combining, normalize
from uuid import UUID

from sqlalchemy import func, select

from forum.accounts.models import Member
from forum.accounts.queries import account
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.fences import left_out
from forum.core.tokens import version_token
from forum.discussions.models import Reply, Thread
from forum.discussions.post_queries import here, readable, unhidden
from forum.discussions.unread import A_MINUTE
from forum.learning.models import LearningNote
from forum.learning.note_content import NoteContent
from forum.learning.note_keys import PLACES_PER_QUERY, NoteKeys, batches
from forum.policy.standing import Standing

MINUTES_TO_WRITE, MINUTES_MOST, STEP = 10, 60, 5


@dataclass(frozen=True, slots=True)
class Note:
    """A learning note. number: in its writer's own pages, from 0."""

    number: int
    content: NoteContent

    @property
    def version(self) -> str:
        """Token of a note's present content, for forms to change it."""
        return version_token(self.content.to_json())


def rows(member: Member) -> dict[int, LearningNote]:
    """All rows of an account's notes, emptied ones included, by number in ascending order.

    Asks for PLACES_PER_QUERY at a time until a row is missing.
    """
    keys, found = NoteKeys(member), dict[int, LearningNote]()
    for first in batches():
        ids = keys.ids(first)
        there = db.session.scalars(select(LearningNote).where(LearningNote.id.in_(ids))).all()
        found |= {ids[row.id]: row for row in there}
        if len(there) < PLACES_PER_QUERY:
            break
    return dict(sorted(found.items()))


def opened(keys: NoteKeys, rows: Mapping[int, LearningNote]) -> list[Note]:
    """Notes of rows by number, emptied ones included; a damaged one is left out."""
    found = []
    for number, row in rows.items():
        with left_out():
            content = NoteContent.from_json(keys.open(row.id, row.content).decode())
            found.append(Note(number, content))
    return found


def notes(member_id: UUID) -> list[Note]:
    """A member's notes, newest day first, then last written first."""
    member = account(member_id)
    found = opened(NoteKeys(member), rows(member))
    kept = [each for each in found if not each.content.deleted]
    return sorted(kept, key=lambda each: (each.content.day, each.number), reverse=True)


def note(member_id: UUID, number: int) -> Note:
    """A member's note by number. Raises NotFound, also for a deleted note."""
    keys = NoteKeys(account(member_id))
    row = db.session.get(LearningNote, keys.id(number))
    if row is None:
        raise NotFound
    content = NoteContent.from_json(keys.open(row.id, row.content).decode())
    if content.deleted:
        raise NotFound
    return Note(number, content)


def is_deleted(member_id: UUID, number: int) -> bool:
    """Whether a member's note of this number was there, and is deleted."""
    keys = NoteKeys(account(member_id))
    row = db.session.get(LearningNote, keys.id(number))
    if row is None:
        return False
    return NoteContent.from_json(keys.open(row.id, row.content).decode()).deleted


def note_of_thread(member_id: UUID, thread_id: UUID) -> Note | None:
    """A member's note on what a thread taught; the latest, if several have its mark."""
    mark = NoteKeys(account(member_id)).thread_mark(thread_id)
    found = [each for each in notes(member_id) if each.content.thread_mark == mark]
    return max(found, key=lambda each: each.number, default=None)


def holding(notes: list[Note], words: str) -> list[Note]:
    """Notes with every word of a list, accents and case aside."""
    wanted = _folded(words).split()
    return [each for each in notes if all(word in _searched(each.content) for word in wanted)]


def suggested_minutes(standing: Standing, thread_id: UUID) -> int:
    """Minutes proposed for a note on a thread: reading it and writing the note, in steps of 5.

    From lengths alone; nobody's reading is timed.
    """
    replies = select(func.sum(Reply.blocks)).where(
        *readable(Reply), *unhidden(Reply), Reply.thread_id == thread_id
    )
    opening = select(func.sum(Thread.blocks)).where(*readable(Thread), Thread.id == thread_id)
    blocks = sum(db.session.scalar(each, here(standing)) or 0 for each in (replies, opening))
    return min(MINUTES_MOST, STEP * round((blocks / A_MINUTE + MINUTES_TO_WRITE) / STEP))


def _searched(content: NoteContent) -> str:
    texts = (content.title, content.learned, content.will_change, content.evidence)
    return _folded(" ".join(texts))


def _folded(text: str) -> str:
    parts = normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not combining(each))
