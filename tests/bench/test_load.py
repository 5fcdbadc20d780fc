"""Load on a whole server, for a moment; `make bench` measures it for minutes."""

from bench import load


def test_load_is_measured_in_all_its_parts(tmp_path, monkeypatch):
    for name, size in (("ROUNDS", 1), ("REQUESTS", 24), ("LASTS", 3)):
        monkeypatch.setattr(load, name, size)

    figures = load.measured(tmp_path)

    assert figures["processes"] >= 1
    assert figures["gain"] > 0
    assert figures["ordinary"]["requests"] == 20
    assert 0 < figures["ordinary"]["p50_ms"] <= figures["ordinary"]["p95_ms"]
    assert figures["ordinary"]["rss_mb"] > 50
    assert figures["while_writing"]["p95_ms"] < 5_000  # a writer may wait for ten seconds
