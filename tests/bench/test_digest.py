"""A morning's letters at a small size; `make bench` measures the time of a large one."""

from bench import digest


def test_every_letter_is_made_ready_at_a_few_statements_each(tmp_path):
    figures = digest.measured(tmp_path, 120)

    assert figures["members"] == 120
    assert 60 <= figures["letters"] <= 120
    assert figures["statements_a_member"] <= 14
    assert figures["mb_at_most"] <= figures["mb_after_first"] + 8
