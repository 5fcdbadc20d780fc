"""Costs of searching by meaning at a small size; `python -m bench.meaning` measures all."""

from bench.meaning import Sizes, main
from tests.search.test_sentence_encoder import needs_model


@needs_model
def test_costs_are_complete(capsys):
    main(None, Sizes(mine=2, posts=5, more=5, questions=4))

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert "15 posts" in lines[4]
