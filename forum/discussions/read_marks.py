"""Read marks and private settings of a reader in each thread.

Stored under keys of the reader's hand, so no row shows who read a thread. Each night the worker
seals all marks anew, marks of a thread in one size: else marks of several threads that changed on
the same nights would be found to be one reader's. Read to the end means that a keyed digest of the
thread's change and of the sealed posts fits, and so is another each night too.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any
from uuid import UUID

from sqlalchemy import String, bindparam, cast, func, select

from forum.circles.locks import lock_circle
from forum.core import resealing
from forum.core.db import db, unit_of_work
from forum.core.fences import fence, left_out
from forum.core.keys import Label, key_ring
from forum.discussions.models import ReadMark, Thread
from forum.policy.facts import Hand
from forum.policy.standing import Standing
from forum.policy.terms import Follows, Mark

NOTE_MAX = 500  # characters
# Among the posts seen: that the reader wants to be asked no more about the thread, and that they
# answered the offer to keep what they learned. They lie where reading writes too, each instead of
# an id that all other marks have, so that no row and no size tells who was asked.
ASKED_NO_MORE, LEARNING_OFFERED = UUID(int=1), UUID(int=2)
UNANSWERED = {ASKED_NO_MORE: UUID(int=3), LEARNING_OFFERED: UUID(int=4)}  # ids before an answer
# Beginnings of ids that no post has, since random ids are of version 4. PRESS: what follows was
# marked as read at once, without being seen, under the word that its last digits are. FILLER: fills
# up.
PRESS, FILLER = "e" * 20, "f" * 20
NO_PRESS = f"{PRESS}{0:012x}"
DIGEST = TAG = 16  # bytes
IDS_PER_BLOCK = 7  # 256 bytes sealed: see core.envelope
MarkRow = Any  # a row of _ROWS

_MARK = select(ReadMark).where(
    *(ReadMark.circle_id == bindparam("circle_id"), ReadMark.reader == bindparam("reader")),
    ReadMark.thread_id == bindparam("thread_id"),
)
_THEIRS = ReadMark.reader.in_(bindparam("readers", expanding=True))
_MARKS = select(ReadMark).where(_THEIRS)
_C = ReadMark.__table__.c  # columns are cheaper than objects
_ROWS = select(
    *(_C.id, _C.reader, _C.follows),
    func.replace(cast(_C.stirred, String), "-", "").label("change_digest"),
    _C.seen,  # sealed
).where(_C.reader.in_(bindparam("readers", expanding=True)))


@dataclass(frozen=True, slots=True)
class Known:
    """A reader's state in a thread.

    seen: posts displayed to the reader. last_change_id: the thread's, if read to the end.
    follows: how closely; None: as the circle. note: private, on a saved thread.
    """

    seen: frozenset[UUID] = frozenset()
    last_change_id: UUID | None = None
    follows: Follows | None = None
    saved: bool = False
    note: str = field(default="", repr=False)


def known(standing: Standing, thread: Thread) -> Known:
    """The member's state in a thread."""
    mark = _mark(standing, thread.id)
    if mark is None:
        return Known()
    seen = frozenset(map(UUID, mark.seen))
    read_to = thread.last_change_id if _fits(mark, thread.last_change_id) else None
    return Known(seen, read_to, mark.follows, mark.saved, mark.note.strip())


def mark_read(
    standing: Standing, thread_id: UUID, seen: Collection[UUID], last_change_id: UUID | None
) -> None:
    """Store the posts seen in a thread: the only write allowed in a GET.

    last_change_id: the thread's, if every visible post was seen; else None.
    """
    mark = _mark(standing, thread_id) or new_mark(standing, thread_id)
    known = {post_id.hex for post_id in seen}.union(mark.seen)  # of other pages too
    write_seen(mark, known, last_change_id)


def add_answer(standing: Standing, thread_id: UUID, answer: UUID) -> None:
    """Store ASKED_NO_MORE or LEARNING_OFFERED for a thread."""
    mark = _mark(standing, thread_id) or new_mark(standing, thread_id)
    write_seen(mark, {answer.hex, *mark.seen}, None)


def write_seen(mark: ReadMark, ids: Collection[str], last_change_id: UUID | None) -> None:
    """Store posts seen, in no smaller size than before. last_change_id: the thread's, if read to
    the end.
    """
    _write(mark, stored(ids, _size(mark)), last_change_id)


def press(mark: ReadMark, word: str, ids: Sequence[str], last_change_id: UUID) -> None:
    """Store posts as seen which were marked as read at once. word: 12 hexadecimal digits.

    They stand in the list of posts seen, behind the word: a column of their own would be longest
    for whoever presses, in each of a reader's threads.
    """
    pressed = [f"{PRESS}{word}", *sorted(ids)]
    _write(mark, stored({*mark.seen, *ids}, _size(mark), pressed), last_change_id)


def undo_press(mark: ReadMark, word: str) -> None:
    """Make unread what was marked as read under this word, where nothing was written since."""
    under, *ids = _pressed(mark.seen)
    if under == f"{PRESS}{word}":
        write_seen(mark, {*mark.seen}.difference(ids), None)


def _size(mark: ReadMark) -> int:
    """Number of ids in a mark; 0 for a new one."""
    return len(mark.seen) if mark._seen else 0  # type: ignore[attr-defined]  # the sealed column


def _pressed(ids: Sequence[str]) -> list[str]:
    """The word of the latest press, and the posts behind it, of a mark's list."""
    words = [index for index, each in enumerate(ids) if each.startswith(PRESS)]
    if not words:  # written by an earlier release
        return [NO_PRESS]
    return [each for each in ids[words[0] :] if not each.startswith(FILLER)]


def current(marks: Mapping[str, MarkRow], changes: Mapping[str, str]) -> set[str]:
    """Threads that have not changed since they were read to the end, of all with a mark.

    changes: thread -> its last change id; all in hex.
    """
    key = _key()
    return {
        thread_id
        for thread_id, mark in marks.items()
        if mark.change_digest == _digest_under(key, mark.seen, changes[thread_id]).hex()
    }


def seal_all_anew(of_leavers: Callable[[UUID], Collection[UUID]]) -> None:
    """Seal the marks of every circle again, each circle in a transaction of its own.

    of_leavers: ids of a circle's marks to be emptied meanwhile.
    """
    circles = db.session.scalars(select(ReadMark.circle_id).distinct()).all()
    db.session.rollback()
    for circle_id in sorted(circles):
        if key_ring().keeps(circle_id):
            with fence("marks.sealed"), unit_of_work():
                lock_circle(circle_id)  # a thread read meanwhile would count as unread
                _seal_circle_anew(circle_id, of_leavers(circle_id))


def _seal_circle_anew(circle_id: UUID, of_leavers: Collection[UUID]) -> None:
    known = select(Thread.id, Thread.last_change_id).where(Thread.circle_id == circle_id)
    changes = {row.id: row.last_change_id for row in db.session.execute(known)}
    seen, sizes = dict[ReadMark, list[str]](), dict[UUID, int]()
    for mark in resealing.to_seal_anew(ReadMark, ReadMark.circle_id == circle_id):
        if mark.id in of_leavers:
            empty(mark)
        with left_out("marks.sealed"):
            seen[mark] = mark.seen
            sizes[mark.thread_id] = max(sizes.get(mark.thread_id, 0), len(seen[mark]))
    for mark, ids in seen.items():
        change_id = changes.get(mark.thread_id)
        read_to = change_id if change_id and _fits(mark, change_id) else None
        resealing.seal_anew(mark)
        size = -(-sizes[mark.thread_id] // IDS_PER_BLOCK) * IDS_PER_BLOCK
        _write(mark, stored(ids, size, _pressed(ids)), read_to)


def empty(mark: ReadMark) -> None:
    """Erase the content of a mark; the row stays, with a note as long as before, and goes with its
    thread. A row that went alone, or grew shorter, would be the leaver's.
    """
    ids, note = [*stored(())], ""
    with left_out():  # damaged: nothing of it is left either
        ids, note = stored((), len(mark.seen)), " " * len(mark.note.encode())
    mark.note = note
    _write(mark, ids, None)


def is_empty(mark: ReadMark) -> bool:
    """True for a mark without content: emptied, or of a reader who has seen nothing."""
    with left_out():
        return not mark.note.strip() and {*mark.seen} <= {*stored((), len(mark.seen))}
    return False


def _write(mark: ReadMark, ids: list[str], last_change_id: UUID | None) -> None:
    mark.seen = ids
    digest = token_bytes(DIGEST)  # fits no thread
    if last_change_id:
        digest = _digest(mark._seen, last_change_id.hex)  # type: ignore[attr-defined]  # as above
    mark.change_digest = UUID(bytes=digest)


def _fits(mark: ReadMark, last_change_id: UUID) -> bool:
    """True if a mark fits its thread's change id, or has this id itself, as in earlier releases."""
    digest = _digest(mark._seen, last_change_id.hex)  # type: ignore[attr-defined]  # as above
    return mark.change_digest in (UUID(bytes=digest), last_change_id)


def _digest(sealed: bytes, change_id: str) -> bytes:
    """Keyed digest of a change id (hex) and of a sealed value's tag, which differs at each sealing.

    Source: HMAC-SHA256 (RFC 2104), first 16 bytes, under the first root key; a value sealed under
    newer keys fits no longer, and the posts are compared.
    """
    return _digest_under(_key(), sealed, change_id)


def _digest_under(key: bytes, sealed: bytes, change_id: str) -> bytes:
    return hmac.digest(key, sealed[-TAG:] + change_id.encode(), "sha256")[:DIGEST]


def _key() -> bytes:
    return key_ring().derived(Label.READ_STATES)


def stored(ids: Iterable[str], size: int = 0, pressed: Sequence[str] = (NO_PRESS,)) -> list[str]:
    """Ids in hex as a mark stores them, and of each answer either its own or that of UNANSWERED.

    size: ids at least, filled up with such as no post has. pressed: see `press`; they come last.
    """
    known = {each for each in ids if not each.startswith((PRESS, FILLER))}.difference(pressed)
    for answer, unanswered in UNANSWERED.items():
        known.discard(unanswered.hex)
        known.add(answer.hex if answer.hex in known else unanswered.hex)
    whole = [*sorted(known), *pressed]
    return whole + [f"{FILLER}{n:012x}" for n in range(size - len(whole))]


def answers(threads: Mapping[UUID, Standing]) -> dict[UUID, frozenset[UUID]]:
    """Stored ones of ASKED_NO_MORE and LEARNING_OFFERED, by thread.

    One statement, without threads too: home runs as many for whoever is asked as for all others.
    """
    readers = _readers({thread_id.hex: standing for thread_id, standing in threads.items()})
    rows = db.session.execute(_ROWS, {"readers": [*readers] or [b""]})
    found = {readers[row.reader]: row for row in rows}
    stored = {each: seen(threads[each], found.get(each.hex)) for each in threads}
    return {
        thread_id: frozenset(one for one in (ASKED_NO_MORE, LEARNING_OFFERED) if one.hex in ids)
        for thread_id, ids in stored.items()
    }


def save_settings(
    standing: Standing, thread_id: UUID, *, follows: Follows | None, saved: bool, note: str
) -> None:
    """Set how closely the member follows a thread, and whether it is saved, with a note."""
    mark = _mark(standing, thread_id) or new_mark(standing, thread_id)
    mark.follows, mark.saved, mark.note = follows, saved, note if saved else ""


def saved(standings: Sequence[Standing]) -> list[ReadMark]:
    """The member's marks on saved threads, over all their circles."""
    by_circle = {standing.circle_id: standing for standing in standings}
    asked = select(ReadMark).where(ReadMark.circle_id.in_(by_circle), ReadMark.saved)
    marks = db.session.scalars(asked) if by_circle else ()
    return [
        mark for mark in marks if mark.reader == _reader(by_circle[mark.circle_id], mark.thread_id)
    ]


def marks(threads: Mapping[str, Standing]) -> dict[str, MarkRow]:
    """The member's marks, as rows of _ROWS, by thread.

    threads: id in hex -> the member's standing in its circle.
    """
    readers = _readers(threads)
    rows = db.session.execute(_ROWS, {"readers": [*readers]}) if readers else ()
    return {readers[row.reader]: row for row in rows}


def seen(standing: Standing, mark: MarkRow | None) -> frozenset[str]:
    """Ids in hex of the posts seen, from a mark's sealed column."""
    if mark is None:
        return frozenset()
    return frozenset(ReadMark.seen.opener("read_mark", standing.circle_id)(mark.id, mark.seen))


def to_change(threads: Mapping[str, Standing]) -> dict[str, ReadMark]:
    """The member's marks as objects to be changed, by thread. threads: as in `marks`."""
    readers = _readers(threads)
    found = db.session.scalars(_MARKS, {"readers": [*readers]}) if readers else ()
    return {readers[mark.reader]: mark for mark in found}


def readers(standing: Standing, threads: Sequence[UUID]) -> list[bytes]:
    """Keys of the member's marks on these threads, whether or not a mark exists."""
    return _marked(standing.hand, [thread_id.hex for thread_id in threads])


def new_mark(standing: Standing, thread_id: UUID) -> ReadMark:
    """Create the member's first mark on a thread, with no post seen."""
    mark = ReadMark(circle_id=standing.circle_id, thread_id=thread_id)
    mark.reader = _reader(standing, thread_id)
    write_seen(mark, (), None)
    mark.note = ""
    db.session.add(mark)
    return mark


def _readers(threads: Mapping[str, Standing]) -> dict[bytes, str]:
    """Keys of the member's marks -> thread id in hex."""
    hands: dict[Hand, list[str]] = {}
    for thread_id, standing in threads.items():
        hands.setdefault(standing.hand, []).append(thread_id)
    return {
        reader: thread_id
        for hand, ids in hands.items()
        for reader, thread_id in zip(_marked(hand, ids), ids, strict=True)
    }


def _marked(hand: Hand, threads: Sequence[str]) -> list[bytes]:
    return hand.marks(Mark.READER, map(bytes.fromhex, threads))


def _mark(standing: Standing, thread_id: UUID) -> ReadMark | None:
    known = {"circle_id": standing.circle_id, "reader": _reader(standing, thread_id)}
    return db.session.scalar(_MARK, known | {"thread_id": thread_id})


def _reader(standing: Standing, thread_id: UUID) -> bytes:
    """The key of a member's mark on a thread, different in each thread.

    A key shared by a circle's threads would link the reader of a thread, where a mask waits, to the
    last named writer in another.
    """
    return standing.hand.mark(Mark.READER, thread_id)
