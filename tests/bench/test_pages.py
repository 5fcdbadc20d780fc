"""Bounds on pages which hold on a busy machine; `make bench` measures the time."""

from bench import pages


def test_pages_stay_within_their_bounds(tmp_path, monkeypatch):
    for name, few in {"ROUNDS": 1, "REQUESTS": 16, "WARM_UP": 8}.items():
        monkeypatch.setattr(pages, name, few)

    figures = pages.measured(tmp_path)

    assert figures["over"] == []
    assert set(figures) == {"pages", "over", "bare", "thread_to_bare"}
    assert set(figures["pages"]) == {"home", "home_of_20_circles", "circle", "thread", "search"}
    for name, page in figures["pages"].items():
        assert set(page) == {"cpu_ms", "rps", "bytes", "visit_bytes", "sent_bytes", "statements"}
        assert page["bytes"] <= 60_000
        assert page["statements"] <= (13 if name.startswith("home") else 11)
        assert page["visit_bytes"] <= 100_000
    assert set(figures["bare"]) == {"cpu_ms", "rps", "bytes"}
    assert figures["bare"]["bytes"] == figures["pages"]["thread"]["bytes"]
