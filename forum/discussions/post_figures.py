"""Key figures of a thread's posts, packed by the database into one string.

A home compares up to 200 threads with all their posts, and rows and objects cost more than bytes:
ids and moments come as text, ids in hex. A post is packed as its moment ("2026-03-02 19:00", UTC),
"q" with a quote or "-" without, its blocks, "/" and its id; posts are joined by ",".
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, cast, func

STAMP = len("2026-03-02 19:00")


class PostFigures(NamedTuple):
    """A post's key figures. stamp: when it appeared, "2026-03-02 19:00", UTC. quotes: whether it
    has a quote. blocks: its length, see models.BLOCK."""

    stamp: str
    quotes: bool
    blocks: int


FiguresByPost = dict[str, PostFigures]  # by the post's id, hex


def in_hex(column: Any) -> Any:
    """SQL of an id in hex."""
    return func.replace(cast(column, String), "-", "")


def stamp(column: Any) -> Any:
    """SQL of a moment, to the minute."""
    return func.substr(cast(column, String), 1, STAMP)


def packed(appears_at: Any, quotes: Any, blocks: Any, post_id: Any) -> ColumnElement[str]:
    """SQL of one post. quotes: SQL or text of "q" or "-"."""
    found: ColumnElement[str] = (
        stamp(appears_at) + quotes + cast(blocks, String) + "/" + in_hex(post_id)
    )
    return found


def joined(post: ColumnElement[str]) -> ColumnElement[str]:
    """SQL of many posts, aggregated."""
    return func.aggregate_strings(post, ",")


def split(opening: str | None, replies: str | None) -> list[str]:
    """Posts of a thread, each packed. opening: as `packed`. replies: as `joined`."""
    found = replies.split(",") if replies else []
    return [opening, *found] if opening else found


def fresh(posts: Sequence[str], seen: Collection[str], since: str) -> FiguresByPost:
    """Posts neither seen nor older than `since`, a stamp."""
    return {
        post_id: PostFigures(known[:STAMP], known[STAMP] == "q", int(known[STAMP + 1 :]))
        for known, _, post_id in (post.partition("/") for post in posts)
        if post_id not in seen and known >= since
    }
