"""Measurement of searches at a small size; `python -m bench.search` runs it at full size."""

import pytest

from bench.search import Sizes, draw, measured, summary, tables

FEW = Sizes(
    circles=(5, 15),
    mine=2,
    posts=10,
    forums=(2, 3),
    others=2,
    questions=6,
    cold=3,
    changes=3,
    hostile=20,
)


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    return measured(tmp_path_factory.mktemp("measured"), FEW)


def test_search_report_is_complete(figures):
    assert [row.size for row in figures.circles] == [5, 15]
    assert [row.size for row in figures.forums] == [2, 3]
    for row in figures.circles + figures.forums:
        assert all(times.most >= times.p50 > 0 for times in (row.warm, row.cold, row.shared))
    assert all(row.kb_a_post > 1 for row in figures.kept)
    assert all(row.new.most > 0 and row.withdrawn.most > 0 for row in figures.changed)
    assert [*figures.hostile] == ["2 circles of 10 posts", "one circle of 15 posts"]
    assert len([*tables(figures)]) == 5


def test_a_line_of_figures_is_complete(figures):
    line = summary(figures)

    assert [*line] == [
        *("warm_p95_ms", "cold_p95_ms", "flatness"),
        *("catch_up_ms", "index_bytes_per_post", "hostile_max_ms"),
    ]
    assert all(isinstance(figure, int | float) for figure in line.values())


def test_plots_have_no_scripts_or_links(figures, tmp_path):
    draw(figures, tmp_path)

    for name in ("search-by-circle.svg", "search-by-forum.svg"):
        plot = (tmp_path / name).read_text()
        assert "FTS5 in one table" in plot
        assert "<script" not in plot
        assert 'href="http' not in plot
