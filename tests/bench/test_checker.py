import json

from bench.checker import Text, main, score, set_apart


def _labelled(tmp_path, *rows):
    (tmp_path / "reflections.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_scores_count_kinds_groups_and_clean_texts():
    phone = Text("a", "ring 07700 900123 now", [("phone", 5, 17)], frozenset(), clean=False)
    missed = Text("b", "I saw zzyx-ish today", [("person_name", 6, 14)], frozenset(), clean=False)
    clean = Text("c", "her sister, Florence, rang", [], frozenset(), clean=True)

    result = score([phone, missed, clean])

    assert (result.scores["phone"].recall, result.scores["= stop"].precision) == (1.0, 1.0)
    assert result.scores["= confirm"].recall == 0.0
    assert result.scores["person_name"].precision == 0.0
    assert (result.clean, result.clean_stopped, result.clean_confirmed) == (1, 0, 1)
    assert result.wrong == ["b missed person_name 6-14", "c wrong person_name 12-20"]


def test_a_combination_is_right_with_two_of_its_facets():
    text = "She is 34, has porphyria, and lives in Diss."
    facets = frozenset({"exact_age", "rare_condition", "newsworthy"})
    spans = [("exact_age", 7, 9), ("place_or_org", 39, 43)]

    scored = score([Text("a", text, spans, facets, clean=False)]).scores["combination"]

    assert (scored.labels, scored.found, scored.right) == (1, 1, 1)


def test_half_of_development_texts_is_held_out():
    texts = [
        Text(f"dev-{kind}{n:03}", "", [], frozenset(), clean=kind == "c")
        for kind, most in (("d", 80), ("c", 40))
        for n in range(1, most + 1)
    ]

    apart = set_apart(texts)

    assert len(apart) == 60
    assert apart == set_apart(texts)
    assert not set_apart([Text("judge-d001", "", [], frozenset(), clean=False)])


def test_report_has_tables_and_a_json_line(tmp_path, capsys):
    spans = [{"kind": "phone", "start": 5, "end": 17}]
    row = {"id": "x", "text": "ring 07700 900123", "spans": spans, "combination": None}
    row["clean"] = False

    main([_labelled(tmp_path, row), tmp_path / "nowhere"])

    lines = capsys.readouterr().out.splitlines()
    summary = json.loads(lines[-1])
    assert summary[tmp_path.name]["all"]["stop_recall"] == 1.0
    assert summary["memory_mb"] < 40
    assert any("nowhere: no reflections.jsonl" in line for line in lines)
    assert "07700" not in "\n".join(lines)
