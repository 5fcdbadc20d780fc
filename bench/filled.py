"""A throw-away forum of filled circles, and the same posts in a shared table."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from uuid import UUID

from bench.instance import Instance
from bench.reports import Reports
from bench.yardstick import SharedTable
from forum.circles.queries import enter, standings
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts
from forum.discussions.composer import ReplyWords
from forum.discussions.imports import tell
from forum.discussions.models import Reply, Thread
from forum.policy.terms import AuthorMode, ReplyKind
from forum.search.engine.cache import ReaderCache
from forum.search.queries import search
from forum.search.services import build

IN_A_THREAD = 5  # posts
COMMON = 40  # words


class Filled:
    """Circles and their posts. meaning: with the optional part; no vector is made by itself."""

    def __init__(
        self, folder: Path, reports: Reports, chance: Random, *, meaning: bool = False
    ) -> None:
        self.instance = Instance(folder, meaning=meaning)
        self.shared = SharedTable(folder / "shared.sqlite")
        self._reports, self._chance = reports, chance
        self._texts: dict[UUID, list[str]] = {}  # by circle

    def member(self, name: str) -> UUID:
        """A new member."""
        with self.instance.app.app_context():
            return self.instance.member(name)

    def circle(self, member_id: UUID, posts: int) -> UUID:
        """An indexed circle of `posts` posts by a single member."""
        with self.instance.app.app_context():
            circle_id = self.instance.circle("Filled", member_id)
        thread_id: UUID | None = None
        for place in range(posts):
            thread_id = None if place % IN_A_THREAD == 0 else thread_id
            post_id, _ = self.post(member_id, circle_id, thread_id)
            thread_id = thread_id or post_id
        with self.instance.app.app_context():
            build(circle_id)
        return circle_id

    def post(self, member_id: UUID, circle_id: UUID, thread_id: UUID | None) -> tuple[UUID, str]:
        """Reply in a thread, or open a thread; returns the post and its text."""
        title, text = self._reports.one()
        with self.instance.app.app_context():
            post_id = _posted(member_id, circle_id, title, text, thread_id)
        self._texts.setdefault(circle_id, []).append(text)
        self.shared.add(circle_id, title, text)
        return post_id, text

    def withdraw(self, member_id: UUID, circle_id: UUID, reply_id: UUID) -> None:
        """Withdraw a reply, until its words have left the index."""
        with self.instance.app.app_context():
            standing = enter(member_id, circle_id)
            reply = db.session.get_one(Reply, (circle_id, reply_id))
            with unit_of_work():
                posts.withdraw(standing, reply)

    def search(self, member_id: UUID, query: str) -> None:
        """Search all circles of a member, as the search page does."""
        with self.instance.app.app_context():
            search(standings(member_id), query)

    def search_anew(self, member_id: UUID, query: str) -> None:
        """Search with no index open in this process."""
        self.instance.app.extensions["open_indexes"] = ReaderCache()
        self.search(member_id, query)

    def questions(self, circle_ids: Sequence[UUID], many: int) -> list[str]:
        """Queries a member may ask these circles."""
        texts = [text for circle_id in circle_ids for text in self._texts[circle_id]]
        return [self._reports.question(self._chance.choice(texts)) for _ in range(many)]

    def common(self, circle_ids: Sequence[UUID]) -> list[str]:
        """Words in most of the circles' posts."""
        texts = (text for circle_id in circle_ids for text in self._texts[circle_id])
        having = Counter(word for text in texts for word in {*text.lower().split()})
        return [word for word, _ in having.most_common(COMMON) if word.isalpha()]


def _posted(
    member_id: UUID, circle_id: UUID, title: str, text: str, thread_id: UUID | None
) -> UUID:
    standing = enter(member_id, circle_id)
    if thread_id is None:
        return tell(standing, AuthorMode.OWN_NAME, title, text).id
    post_id, thread = new_id(), db.session.get_one(Thread, (circle_id, thread_id))
    with unit_of_work():
        words = ReplyWords(text, AuthorMode.OWN_NAME, ReplyKind.ANSWER)
        posts.reply(standing, thread, post_id, words)
    return post_id
