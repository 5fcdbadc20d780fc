"""Yardstick for the search: SQLite's FTS5 over a table shared by all circles.

It keeps every word in clear, and takes each circle's counts from all circles together, both
forbidden to the forum. But it is quick, written in C, and widely known.
"""

import json
import re
import sqlite3
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

HITS = 20  # a page, as the product shows


class SharedTable:
    """The posts of all circles in a full-text index."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute(
            "CREATE VIRTUAL TABLE post USING fts5(circle UNINDEXED, title, text,"
            " tokenize = 'porter unicode61')"
        )

    def add(self, circle_id: UUID, title: str, text: str) -> None:
        """Index a post."""
        with self._db:
            row = (circle_id.hex, title, text)
            self._db.execute("INSERT INTO post (circle, title, text) VALUES (?, ?, ?)", row)

    def search(self, circle_ids: Collection[UUID], query: str) -> list[tuple[str, str]]:
        """The best posts of these circles matching any word: (title, snippet)."""
        any_word = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query))
        circles = json.dumps([each.hex for each in circle_ids])
        return self._db.execute(
            "SELECT title, snippet(post, 2, '<', '>', '…', 24) FROM post WHERE post MATCH ?"
            " AND circle IN (SELECT value FROM json_each(?)) ORDER BY rank LIMIT ?",
            (any_word, circles, HITS),
        ).fetchall()
