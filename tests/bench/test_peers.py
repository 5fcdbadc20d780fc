"""Our half of the comparison at a small size; docs/benchmarks/peers.md has both."""

from bench import peers


def test_posts_have_about_ninety_words():
    texts = [each.text for talk in peers.content() for each in talk.posts]

    assert len(texts) == 2_000
    assert 85 <= sum(len(text.split()) for text in texts) / len(texts) <= 95
    assert sum(all(word in text for word in peers.WORDS.split()) for text in texts) == 20


def test_each_act_of_ours_is_measured(tmp_path, monkeypatch):
    sizes = {"THREADS": 4, "POSTS": 3, "MEASURED": 2, "ROUNDS": 1, "PAGES": 2, "WRITES": 1}
    for name, few in sizes.items():
        monkeypatch.setattr(peers, name, few)

    figures = peers.measured(tmp_path, {})

    acts = {"home", "circle", "thread", "search", "reply", "found"}
    assert set(figures) == {"forum", "bare"}
    assert set(figures["forum"]["cpu_ms"]) == set(figures["forum"]["bytes"]) == acts
    assert figures["forum"]["memory_mb"] > 50
    assert 0 <= figures["bare"]["cpu_ms"]["thread"] < figures["forum"]["cpu_ms"]["thread"]
