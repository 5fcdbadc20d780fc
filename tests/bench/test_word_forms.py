"""The yardstick of word forms at a small size; `python -m bench.word_forms` does it in full."""

import json

from bench.word_forms import PLAIN, derivatives, inflections, main


def test_english_is_spelled_as_it_is():
    assert {"stops", "stopped", "stopping"} <= {*inflections("stop")}
    assert {"worries", "worried", "worrying"} == {*inflections("worry")}
    assert {"dehydrates", "dehydrated", "dehydrating"} == {*inflections("dehydrate")}
    assert {"dehydration", "dehydrator"} <= {*derivatives("dehydrate")}


def test_a_table_holds_the_forum_against_others(tmp_path, capsys):
    texts = ["He stopped it", "She stops now", "Stop there", "A plan", "They planned", "No word"]
    rows = [json.dumps({"title": "Report", "text": text}) for text in texts]
    (tmp_path / "texts.jsonl").write_text("\n".join(rows))

    main(tmp_path / "texts.jsonl")

    printed = capsys.readouterr().out
    found = len(PLAIN.strip().splitlines())
    assert f"| the forum | 1.0000 | 2 of 2 | {found} of {found} |" in printed
    assert "| Whoosh |" in printed
    assert "| FTS5 |" in printed
