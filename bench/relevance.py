"""Ranking quality of the product's search: `python -m bench.relevance DIR [--effects] [--words]`.

DIR holds docs.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query_id, doc_id,
relevance; a header first). The documents are posted into a circle of a throw-away instance, the
queries sent to its search, and a JSON line printed with ndcg10, map and recall100. --effects prints
a table instead: the figures with each choice of `ranking` taken out, and those of plain Whoosh and
of SQLite's FTS5. Posts are ranked as on the page: by meaning too where the optional part is
installed; --words leaves it out.
"""

import argparse
import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from math import log2
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import NamedTuple
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import select
from whoosh.analysis import StemmingAnalyzer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import MultifieldParser, OrGroup

from bench.instance import Instance
from forum.core.db import db
from forum.discussions.imports import tell
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from forum.search.engine import ranking, similarity
from forum.search.queries import ranked
from forum.search.query_parser import parse
from forum.search.sentence_encoder import encoder
from forum.search.services import build
from forum.search.vector_jobs import catch_up

DEPTH = 1000  # posts a query
EFFECTS: dict[str, dict[str, float]] = {
    "as it is": {},
    "a title weighs no more": {"IN_TITLE": 0.0},
    "a title weighs twice as much more": {"IN_TITLE": 2.0},
    "words that carry little weigh fully": {"STOPWORD": 1.0},
    "words that carry little weigh nothing": {"STOPWORD": 0.0},
    "no other ways to say it": {"SYNONYM": 0.0},
    "nearness adds nothing": {"PROXIMITY": 0.0},
    "nearness adds half as much": {"PROXIMITY": 0.2},
    "BM25 as usual, k1 = 1.2, b = 0.75": {"K1": 1.2, "B": 0.75},
    "length counts fully, b = 1": {"B": 1.0},
    "length counts nothing, b = 0": {"B": 0.0},
}
MIXED: dict[str, dict[str, float]] = {
    "meaning has a third": {"WEIGHT": 0.3},
    "meaning has two thirds": {"WEIGHT": 0.7},
    "meaning finds none alone": {"NEAR_MAX": 0},
}

Judged = dict[str, int]  # document -> grade; relevant from 1 on


def main(folder: Path, *, effects: bool = False, words: bool = False) -> None:
    """Measure, and print a JSON line, or a table. words: without the optional part."""
    with TemporaryDirectory() as place:
        instance = Instance(Path(place), meaning=not words)
        with instance.app.app_context():
            collection = Collection.read(folder)
            document_of = posted(instance, collection.documents)
            build(instance.circle_id)
            catch_up(lambda: False)
            if not effects:
                print(json.dumps(_product(instance, collection, document_of)))
                return
            print("| | nDCG@10 | MAP | recall@100 |\n|---|---|---|---|")
            for name, changed in EFFECTS.items():
                with patch.dict(vars(ranking), changed):
                    _tell(name, _product(instance, collection, document_of))
            for name, change in MIXED.items() if encoder() else ():
                with patch.dict(vars(similarity), change):
                    _tell(name, _product(instance, collection, document_of))
            _tell("Whoosh as it comes", _plain(collection))
            _tell("FTS5", _fts5(collection))


class Collection(NamedTuple):
    """Documents, judged queries, and judgements by query."""

    documents: list[dict[str, str]]
    queries: dict[str, str]
    judged: dict[str, Judged]

    @classmethod
    def read(cls, folder: Path) -> "Collection":
        """Read a folder in the format above."""
        judged = _judgements(folder / "qrels.tsv")
        rows = _rows(folder / "queries.jsonl")
        queries = {str(row["id"]): row["text"] for row in rows if str(row["id"]) in judged}
        return cls(_rows(folder / "docs.jsonl"), queries, judged)

    def measured(self, found: dict[str, list[str]]) -> dict[str, float]:
        """Mean nDCG@10, average precision and recall@100 over all judged queries."""
        judged = self.judged
        return {
            "ndcg10": _mean(ndcg(found[query], judged[query], 10) for query in found),
            "map": _mean(average_precision(found[query], judged[query]) for query in found),
            "recall100": _mean(recall(found[query], judged[query], 100) for query in found),
        }


def ndcg(found: list[str], judged: Judged, depth: int) -> float:
    """Discounted cumulated gain over the best possible. Source: trec_eval's ndcg_cut, linear."""
    gains = [max(judged.get(document, 0), 0) for document in found[:depth]]
    best = sorted((gain for gain in judged.values() if gain > 0), reverse=True)[:depth]
    return _discounted(gains) / _discounted(best) if best else 0.0


def average_precision(found: list[str], judged: Judged) -> float:
    """Mean precision at each relevant document. Source: trec_eval's map."""
    relevant = {document for document, gain in judged.items() if gain > 0}
    places = [place for place, document in enumerate(found, 1) if document in relevant]
    precisions = (hits / place for hits, place in enumerate(places, 1))
    return sum(precisions) / len(relevant) if relevant else 0.0


def recall(found: list[str], judged: Judged, depth: int) -> float:
    """Share of relevant documents among the first. Source: trec_eval's recall."""
    relevant = {document for document, gain in judged.items() if gain > 0}
    return len(relevant.intersection(found[:depth])) / len(relevant) if relevant else 0.0


def posted(instance: Instance, documents: list[dict[str, str]]) -> dict[UUID, str]:
    """Post the documents; returns post id -> document, openings and replies alike."""
    standing, document_of = instance.standing(), dict[UUID, str]()
    for row in documents:
        thread = tell(standing, AuthorMode.OWN_NAME, row["title"], row["text"])
        document_of[thread.id] = str(row["id"])
        db.session.expunge_all()
    parts = db.session.execute(select(Reply.id, Reply.thread_id))
    return document_of | {part: document_of[thread_id] for part, thread_id in parts}


def _product(
    instance: Instance, collection: Collection, document_of: dict[UUID, str]
) -> dict[str, float]:
    return collection.measured(
        {
            query: _documents(instance, query_text, document_of)
            for query, query_text in collection.queries.items()
        }
    )


def _documents(instance: Instance, query_text: str, document_of: dict[UUID, str]) -> list[str]:
    listed = ranked([instance.standing()], parse(query_text), "best")
    return list(dict.fromkeys(document_of[UUID(one.id)] for one in listed.found[:DEPTH]))


def _plain(collection: Collection) -> dict[str, float]:
    """Plain Whoosh with its English analyser and ranking, matching any word."""
    text = TEXT(analyzer=StemmingAnalyzer())
    index = RamStorage().create_index(Schema(id=ID(stored=True), title=text, text=text))
    writer = index.writer()
    for row in collection.documents:
        writer.add_document(id=str(row["id"]), title=row["title"], text=row["text"])
    writer.commit()
    parser = MultifieldParser(["title", "text"], index.schema, plugins=[], group=OrGroup)
    with index.searcher() as searcher:
        return collection.measured(
            {
                query: [hit["id"] for hit in searcher.search(parser.parse(asked), limit=DEPTH)]
                for query, asked in collection.queries.items()
            }
        )


def _fts5(collection: Collection) -> dict[str, float]:
    """SQLite's FTS5 with its Porter stemmer, matching any word."""
    table = sqlite3.connect(":memory:")
    columns = "id UNINDEXED, title, x, tokenize='porter unicode61'"
    table.execute(f"CREATE VIRTUAL TABLE t USING fts5({columns})")
    table.executemany("INSERT INTO t VALUES (:id, :title, :text)", collection.documents)
    asked = "SELECT id FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?"

    def found(query: str) -> list[str]:
        any_word = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", query))
        return [str(row[0]) for row in table.execute(asked, (any_word, DEPTH))] if any_word else []

    return collection.measured({key: found(text) for key, text in collection.queries.items()})


def _tell(name: str, figures: dict[str, float]) -> None:
    print(f"| {name} |", " | ".join(f"{figure:.4f}" for figure in figures.values()), "|")


def _discounted(gains: list[int]) -> float:
    return sum(gain / log2(place + 1) for place, gain in enumerate(gains, 1))


def _mean(values: Iterable[float]) -> float:
    return round(fmean(values), 4)


def _judgements(path: Path) -> dict[str, Judged]:
    judged: dict[str, Judged] = defaultdict(dict)
    for line in path.read_text().splitlines()[1:]:
        query, document, relevance = line.split("\t")
        judged[query][document] = int(relevance)
    return judged


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.relevance")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--effects", action="store_true")
    parser.add_argument("--words", action="store_true", help="without the optional part")
    given = parser.parse_args()
    main(given.folder, effects=given.effects, words=given.words)
