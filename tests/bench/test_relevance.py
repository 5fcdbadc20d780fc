import json
from math import log2

import pytest

from bench.relevance import average_precision, main, ndcg, recall


def test_measures_are_those_of_trec_eval():
    judged = {"a": 4, "b": 1, "c": 0, "d": 2}

    found = ["b", "x", "a"]

    ideal = 4 / log2(2) + 2 / log2(3) + 1 / log2(4)
    assert ndcg(found, judged, 10) == pytest.approx((1 / log2(2) + 4 / log2(4)) / ideal)
    assert average_precision(found, judged) == pytest.approx((1 / 1 + 2 / 3) / 3)
    assert recall(found, judged, 2) == pytest.approx(1 / 3)


def test_small_collection_is_measured(tmp_path, capsys):
    long = "A heron. " * 3000 + "\n\nLithium at the very end."
    docs = [
        {"id": "1", "title": "Kestrels", "text": "A kestrel over the road."},
        {"id": "2", "title": "", "text": long},
        {"id": "3", "title": "", "text": ""},
        {"id": "4", "title": "A title alone " + "and on " * 40, "text": ""},
    ]
    queries = [{"id": "7", "text": "kestrel"}, {"id": "8", "text": "lithium"}]
    (tmp_path / "docs.jsonl").write_text("\n".join(map(json.dumps, docs)))
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (tmp_path / "qrels.tsv").write_text("query_id\tdoc_id\trelevance\n7\t1\t3\n8\t2\t1\n")

    main(tmp_path)

    assert json.loads(capsys.readouterr().out) == {"ndcg10": 1.0, "map": 1.0, "recall100": 1.0}
