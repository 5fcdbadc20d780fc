"""How well the product's own search ranks: `python -m bench.relevance DIR`.

DIR holds docs.jsonl (id, title, text), queries.jsonl (id, text) and qrels.tsv (query_id, doc_id,
relevance; a header first). The documents are posted into a circle of a throw-away instance, the
queries asked of its search, and one JSON line printed with ndcg10, map and recall100.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from math import log2
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import select

from bench.instance import Instance
from forum.core.db import db
from forum.discussions.imports import tell
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from forum.search.asked import understood
from forum.search.queries import ranked
from forum.search.services import build

DEPTH = 1000  # posts a query

Judged = dict[str, int]  # document -> how relevant; from 1 on it counts as relevant


def main(folder: Path) -> None:
    """Measure, and print one JSON line."""
    with TemporaryDirectory() as place:
        instance = Instance(Path(place))
        with instance.app.app_context():
            print(json.dumps(measured(instance, folder)))


def measured(instance: Instance, folder: Path) -> dict[str, float]:
    """Mean nDCG@10, average precision and recall@100 over all queries with judgements."""
    judged = _judgements(folder / "qrels.tsv")
    document_of = _posted(instance, _rows(folder / "docs.jsonl"))
    build(instance.circle_id)
    asked = [row for row in _rows(folder / "queries.jsonl") if str(row["id"]) in judged]
    found = {str(row["id"]): _documents(instance, row["text"], document_of) for row in asked}
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
    """The share of relevant documents among the first. Source: trec_eval's recall."""
    relevant = {document for document, gain in judged.items() if gain > 0}
    return len(relevant.intersection(found[:depth])) / len(relevant) if relevant else 0.0


def _posted(instance: Instance, documents: list[dict[str, str]]) -> dict[UUID, str]:
    """Post the documents; gives the one that each post is of, in its opening or in replies."""
    standing, document_of = instance.standing(), dict[UUID, str]()
    for row in documents:
        thread = tell(standing, AuthorMode.OWN_NAME, row["title"], row["text"])
        document_of[thread.id] = str(row["id"])
        db.session.expunge_all()
    parts = db.session.execute(select(Reply.id, Reply.thread_id))
    return document_of | {part: document_of[thread_id] for part, thread_id in parts}


def _documents(instance: Instance, query_text: str, document_of: dict[UUID, str]) -> list[str]:
    listed = ranked([instance.standing()], understood(query_text), "best")
    return list(dict.fromkeys(document_of[one.id] for one in listed.found[:DEPTH]))


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
    main(Path(sys.argv[1]))
