"""Synchronising an index: posts of the database are compared with posts of the index.

Every difference is handled alike, be it a new post, a slot, a withdrawal or a restored backup.
A segment has at most SEGMENT_MAX posts, and a withdrawal rewrites few segments; until then the
withdrawn words would stay in a file.
"""

from time import monotonic
from uuid import UUID

from whoosh.codec.base import Segment
from whoosh.index import TOC, FileIndex, clean_files
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

from forum import markup
from forum.circles.mask_schedule import next_slot
from forum.circles.models import Circle
from forum.core.clock import now
from forum.discussions import post_queries
from forum.discussions.models import Post, Reply, Thread
from forum.policy.standing import Standing
from forum.search.engine import doc_values, reader, vectors
from forum.search.engine.doc_values import SCHEMA, PostRecord
from forum.search.engine.reader import NAME, IndexReader, IndexState
from forum.search.engine.storage import SealedStorage
from forum.search.tokenizer import spellings

SEGMENT_MAX = 250  # posts
SMALL = 8  # posts; so few are always written anew together with what is added
READ_AT_ONCE = 50  # posts
ADDING = 0.4  # of the time there is; writing the segment takes the rest
ENOUGH = 0.1  # seconds; with less, nothing more is begun

Lost = dict[str, list[int]]  # segment -> the places of its posts that must go


def synchronise(
    storage: SealedStorage, home: Circle, before: IndexReader, until: float
) -> IndexReader:
    """Add and remove posts until the index matches the circle, as far as there is time.

    until: on the clock of `monotonic`. Removals are made at once, however little time there is.
    The caller holds the circle's lock, and has read `home` since.
    """
    standing = Standing.of_no_one(home.id)
    slot = next_slot(now(), *home.mask_schedule)
    waits = post_queries.next_change(standing)
    next_change = min(slot, waits or slot).isoformat()
    wanted = post_queries.revisions(standing)
    lost, missing = _differences(before, wanted)
    rows = _moving(storage, before, lost)
    while lost or (missing and until - monotonic() > ENOUGH):
        writer = SegmentWriter(FileIndex(storage, SCHEMA, NAME), _lk=False)  # we have a lock
        for segment in writer.segments:
            for number in lost.get(segment.segment_id(), ()):
                segment.delete_document(number)
        added = _add(writer, standing, missing[:SEGMENT_MAX], wanted, until)
        writer.commit(mergetype=_bounded)
        lost, missing = _unwritten(storage), missing[added:]
    toc = TOC.read(storage, NAME, schema=SCHEMA)
    clean_files(storage, NAME, toc.generation, toc.segments)  # left by a stopped writer
    doc_values.write(storage, toc.segments)
    after = reader.opened(storage, before) or before
    _moved(storage, after, rows)
    revision = "" if missing else str(home.revision)
    ids = tuple(leaf.segment.segment_id() for leaf in after.leaves)
    after.state = IndexState(revision, next_change, ids, waits.isoformat() if waits else "")
    reader.write_state(storage, after.state)  # last: a crash before it mends again
    return after


def _differences(before: IndexReader, wanted: dict[str, str]) -> tuple[Lost, list[str]]:
    lost: Lost = {}
    missing = dict(wanted)
    for leaf in before.leaves:
        segment_id = leaf.segment.segment_id()
        if leaf.segment.has_deletions():  # a writer stopped half-way
            lost[segment_id] = []
        for number, kept in leaf.living():
            if missing.get(kept.id) == kept.revision:
                del missing[kept.id]
            else:
                lost.setdefault(segment_id, []).append(number)
    return lost, list(missing)


def _moving(storage: SealedStorage, before: IndexReader, lost: Lost) -> tuple[str, vectors.Rows]:
    """Vectors of posts whose segment may be written anew: (version, rows of the posts)."""
    version, rows = "", vectors.Rows()
    for leaf in before.leaves:
        if len(leaf.posts) >= SEGMENT_MAX and leaf.segment.segment_id() not in lost:
            continue
        found = vectors.stored(storage, leaf.segment, len(leaf.posts))
        if found and found.version == (version := version or found.version):
            rows |= {(post.id, post.revision): found.row(number) for number, post in leaf.living()}
    return version, rows


def _moved(storage: SealedStorage, after: IndexReader, moving: tuple[str, vectors.Rows]) -> None:
    """Write the vectors of posts that came to another segment beside it."""
    version, rows = moving
    for leaf in after.leaves if rows else ():
        keys = {(post.id, post.revision) for post in leaf.posts}
        if not vectors.stamp(storage, leaf.segment) and not keys.isdisjoint(rows):
            vectors.write(storage, leaf.segment, leaf.posts, version, rows)


def _unwritten(storage: SealedStorage) -> Lost:
    """Segments with words of deleted posts."""
    segments = TOC.read(storage, NAME, schema=SCHEMA).segments
    return {each.segment_id(): [] for each in segments if each.has_deletions()}


def _add(
    writer: SegmentWriter, standing: Standing, ids: list[str], wanted: dict[str, str], until: float
) -> int:
    """Add posts as far as the time allows; returns how many of `ids` are done."""
    start = monotonic()
    stop = start + (until - start) * ADDING
    for done, post_id in enumerate(ids):
        if monotonic() >= stop:
            return done
        if done % READ_AT_ONCE == 0:
            some = [UUID(each) for each in ids[done : done + READ_AT_ONCE]]
            posts = {each.hex: post for each, post in post_queries.posts(standing, some).items()}
        if post := posts.get(post_id):
            writer.add_document(**_fields(post, wanted[post_id]))
    return len(ids)


def _fields(post: Post, revision: str) -> dict[str, object]:
    thread, kind = (post.thread_id, post.kind) if isinstance(post, Reply) else (post.id, "")
    record = PostRecord(
        id=post.id.hex,
        revision=revision,
        hour=int(post.appears_at.timestamp()),
        thread=thread.hex,
        author=post.author_id.hex,
        kind=str(kind),
    )
    text = text_of(post)
    return {
        "post": tuple(record),
        "spellings": " ".join(sorted(spellings(text))),
        "text": text,
        "title": post.title if isinstance(post, Thread) else "",
    }


def text_of(post: Post) -> str:
    """Searched text of a post: the title, and the text with blocks and cells apart."""
    text = markup.visible(post.shown)
    title = post.title if isinstance(post, Thread) else ""
    return f"{title}\n\n{text}" if title else text


def _bounded(writer: SegmentWriter, segments: list[Segment]) -> list[Segment]:
    """Rewrite segments with deleted posts, then small segments: none larger than all before it.

    So a new post seldom moves many others, and segments stay few.
    """
    kept = []
    for segment in sorted(segments, key=lambda each: (not each.has_deletions(), each.doc_count())):
        many = segment.doc_count()
        small = many <= max(SMALL, 2 * writer.docnum)
        if writer.docnum + many > SEGMENT_MAX or not (small or segment.has_deletions()):
            kept.append(segment)
        elif many:  # an empty one goes
            writer.add_reader(SegmentReader(writer.storage, writer.schema, segment))
    return kept
