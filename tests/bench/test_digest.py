"""A morning's digests at a small size; `make bench` measures a large one."""

from bench import digest


def test_each_digest_costs_few_statements(tmp_path):
    figures = digest.measured(tmp_path, 120)

    assert figures["members"] == 120
    assert 60 <= figures["letters"] <= 120
    assert figures["statements_a_member"] <= 14
    assert figures["mb_at_most"] <= figures["mb_after_first"] + 8
