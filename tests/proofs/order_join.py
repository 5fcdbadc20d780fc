"""A thief with one copy of the database and no keys, who knows besides whose each everyday name is.

The copy is read with the database's own words alone: posts are rows with an author and a moment,
times are columns of a date, and a mark is any column of any table in which a value stands twice.
"""

import sqlite3
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log, sqrt

HOUR, DAY, SLOT = timedelta(hours=1), timedelta(days=1), timedelta(hours=12)
TIMES = {"DATETIME": HOUR, "DATE": DAY}  # declared type -> how long a value of it lasts
BOTH = 3  # how much less likely who wrote by name hides too, between the same two slots


@dataclass(frozen=True)
class Table:
    """Rows of a table as it keeps them, by id or by rowid, and its columns' declared types."""

    types: dict
    rows: list


@dataclass(frozen=True)
class Post:
    """A post as it lies there. lies: where its longest value ends in the file."""

    id: str
    table: str
    author: str
    at: datetime
    thread: str
    lies: int


class Thief:
    """Ways to guess who is behind each mask.

    path: of the copy. names: author row of an everyday name -> whose it is.
    """

    def __init__(self, path, names):
        self.names, self.tables = names, read(path)
        self._file = path.read_bytes()
        self._authors = sorted(plain(row["id"]) for row in self.tables["author"].rows)
        self._posts = [
            self._post(name, row)
            for name, table in self.tables.items()
            if {"author_id", "appears_at"} <= set(table.types)
            for row in table.rows
        ]
        self.masks = [post for post in self._posts if post.author not in names]
        self._named = sorted((p for p in self._posts if p.author in names), key=lambda p: p.at)
        self._moments = [post.at for post in self._named]
        self._presenter = {p.thread: p.author for p in self._posts if p.id == p.thread}

    def _post(self, name, row):
        longest = max((value for value in row.values() if isinstance(value, bytes)), key=len)
        lies, thread = self._file.find(longest[-64:]), plain(row.get("thread_id", row["id"]))
        known, author = plain(row["id"]), plain(row["author_id"])
        return Post(known, name, author, moment(row["appears_at"]), thread, lies)

    def guesses(self):
        """{way of guessing: {masked post: whose it is thought to be}}"""
        found = defaultdict(dict)
        for post in self.masks:
            for way, author in self._by_neighbours(post).items():
                found[way][post.id] = self.names.get(author)
        for way, history in self._histories():
            tied = self._tied(history)
            for post in self.masks:
                found[way][post.id] = self.names.get(self._by_history(post, history, tied))
        return dict(found)

    def _may_be(self, post):
        """Everyday names that may be behind a mask: an answer's is not its thread's presenter."""
        presenter = None if post.id == post.thread else self._presenter.get(post.thread)
        return [each for each in self.names if each != presenter]

    def _by_neighbours(self, post):
        may_be = self._may_be(post)
        rows = [each for each in self._posts if each.table == post.table]
        by_place = sorted(self._posts, key=lambda each: each.lies)
        first, end = (bisect_left(self._moments, at) for at in (post.at - SLOT, post.at))
        window = [each.author for each in self._named[first:end] if each.author in may_be]
        around = self._named[max(0, first - 20) : end + 20]
        near = sorted(around, key=lambda each: abs(each.at - post.at))
        said = Counter(window)
        here = Counter(each.author for each in self._named if each.thread == post.thread)
        return {
            "the row before": beside([each.author for each in rows], rows.index(post), -1, may_be),
            "the row after": beside([each.author for each in rows], rows.index(post), 1, may_be),
            "the bytes before": beside(
                [each.author for each in by_place], by_place.index(post), -1, may_be
            ),
            "the bytes after": beside(
                [each.author for each in by_place], by_place.index(post), 1, may_be
            ),
            "the name before": beside(self._authors, self._authors.index(post.author), -1, may_be),
            "the name after": beside(self._authors, self._authors.index(post.author), 1, may_be),
            "the last by name": window[-1] if window else None,
            "the first by name": window[0] if window else None,
            "who wrote most by name": said.most_common(1)[0][0] if said else None,
            "who wrote least by name": min(may_be, key=lambda each: said[each]),
            "the nearest by name": next((e.author for e in near if e.author in may_be), None),
            "who is silent in the thread": min(may_be, key=lambda each: here[each]),
        }

    def _histories(self):
        """(name, (mark -> sorted moments, how long each lasts)) for each mark beside each time."""
        for name, table in self.tables.items():
            for time in (each for each, kind in table.types.items() if kind in TIMES):
                for mark in table.types.keys() - {time}:
                    rows = [row for row in table.rows if None not in (row[time], row[mark])]
                    times = Counter(row[mark] for row in rows)
                    if len(times) > 1 and max(times.values()) > 1:
                        yield f"{name}.{mark} beside {time}", self._history(table, rows, mark, time)

    def _history(self, table, rows, mark, time):
        """Columns that say when something ends are moved, so that their last lies at the copy's."""
        found = defaultdict(list)
        ahead = max(moment(row[time]) for row in rows) - max(self._moments)
        shift = timedelta(days=ahead.days) if ahead > DAY else timedelta()
        for row in rows:
            found[row[mark]].append(moment(row[time]) - shift)
        return {each: sorted(at) for each, at in found.items()}, TIMES[table.types[time]]

    def _tied(self, history):
        """mark -> everyday name, each name once: those first that fit best beside all others."""
        moments, lasts = history
        wrote = defaultdict(list)
        for post in self._named:
            wrote[post.author].append(post.at)
        fits = {
            (mark, author): sum(log(likely(at, times, lasts)) for at in wrote[author])
            for mark, times in moments.items()
            for author in wrote
        }
        tied, free = {}, set(wrote)
        ahead = {}
        for author in wrote:
            best = sorted((fits[mark, author] for mark in moments), reverse=True)
            for mark in moments:
                fit = fits[mark, author]
                ahead[mark, author] = fit - (best[1] if fit == best[0] else best[0])
        for mark, author in sorted(ahead, key=ahead.get, reverse=True):
            if mark not in tied and author in free:
                tied[mark] = author
                free.discard(author)
        return tied

    def _by_history(self, post, history, tied):
        """The name of whoever was there most before the slot, and wrote little under it."""
        moments, lasts = history
        may_be, here = self._may_be(post), Counter()
        first, end = (bisect_left(self._moments, at) for at in (post.at - SLOT, post.at))
        said = Counter(each.author for each in self._named[first:end])
        for mark, times in moments.items():
            there = bisect_left(times, post.at) - bisect_right(times, post.at - SLOT - lasts)
            if there and tied.get(mark) in may_be:
                here[tied[mark]] += there / (1 + BOTH * said[tied[mark]])
        return here.most_common(1)[0][0] if here else None


def likely(at, times, lasts):
    """How likely a post of that hour is beside these moments, if they are its writer's."""
    last = bisect_right(times, at) - 1
    gap = at - times[last] if last >= 0 else None
    if gap is None or gap > max(SLOT, lasts):
        return 0.02
    return 0.9 if gap <= lasts else 0.08


def beside(authors, place, step, may_be):
    """The first of these names before or after a place."""
    at = place + step
    while 0 <= at < len(authors):
        if authors[at] in may_be:
            return authors[at]
        at += step
    return None


def read(path):
    """Every table of a SQLite file."""
    with closing(sqlite3.connect(path)) as rows:
        rows.row_factory = sqlite3.Row
        names = rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: _table(rows, name) for (name,) in names}


def _table(rows, name):
    types = {each["name"]: each["type"] for each in rows.execute(f"PRAGMA table_info({name})")}
    return Table(types, [dict(row) for row in rows.execute(f"SELECT * FROM {name}")])


def plain(value):
    return value.hex() if isinstance(value, bytes) else value.replace("-", "")


def moment(value):
    return datetime.fromisoformat(value)


def wilson(right, tries, z=1.96):
    """The interval of a share, 95 % unless told. Source: Wilson, JASA 22 (1927) 209."""
    share = right / tries
    middle = share + z * z / (2 * tries)
    spread = z * sqrt(share * (1 - share) / tries + z * z / (4 * tries * tries))
    return tuple((middle + way * spread) / (1 + z * z / tries) for way in (-1, 1))
