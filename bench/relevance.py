"""Ranking quality of the product's search: `python -m bench.relevance DIR [--effects]`.

DIR holds docs.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query_id, doc_id,
relevance; a header first). The documents are posted into a circle of a throw-away instance, the
queries sent to its search, and a JSON line printed with ndcg10, map and recall100. --effects prints
a table instead: the figures with each choice of `ranking` taken out, and those of plain Whoosh.
"""

import argparse
import json
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
from forum.search.engine import ranking
from forum.search.queries import ranked
from forum.search.query_parser import parse
from forum.search.services import build

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

Judged = dict[str, int]  # document -> grade; relevant from 1 on


def main(folder: Path, *, effects: bool = False) -> None:
    """Measure, and print a JSON line, or a table."""
    with TemporaryDirectory() as place:
        instance = Instance(Path(place))
        with instance.app.app_context():
            collection = Collection.read(folder)
            document_of = posted(instance, collection.documents)
            build(instance.circle_id)
            if not effects:
                print(json.dumps(_product(instance, collection, document_of)))
                return
            print("| | nDCG@10 | MAP | recall@100 |\n|---|---|---|---|")
            for name, changed in EFFECTS.items():
                with patch.dict(vars(ranking), changed):
                    _tell(name, _product(instance, collection, document_of))
            _tell("Whoosh as it comes", _plain(collection))


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
    given = parser.parse_args()
    main(given.folder, effects=given.effects)
