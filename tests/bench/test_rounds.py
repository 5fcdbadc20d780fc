"""The worker's minute beside open rounds, at a small size; `make bench` measures ten thousand."""

from bench import rounds


def test_a_minute_reads_no_round_that_is_open(tmp_path):
    few, more = (rounds.measured(tmp_path / name, many) for name, many in (("a", 3), ("b", 30)))

    assert few["circles"] == more["circles"] == 1
    assert few["quiet_statements"] == more["quiet_statements"]
    assert few["slot_statements"] == more["slot_statements"]
