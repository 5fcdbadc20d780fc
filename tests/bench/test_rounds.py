"""The worker's minute beside open rounds, at a small size; `make bench` measures ten thousand."""

from bench import rounds

AT_A_SLOT = 6  # statements of a circle, BEGIN among them


def test_a_minute_reads_no_round_that_is_open(tmp_path):
    few, more = (rounds.measured(tmp_path / name, many) for name, many in (("a", 3), ("b", 30)))

    assert few["circles"] == more["circles"] == 1
    assert few["quiet_statements"] == more["quiet_statements"]
    assert few["slot_statements"] == more["slot_statements"]


def test_a_quiet_minute_reads_no_circle_by_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(rounds, "IN_A_CIRCLE", 1)
    one, three = (rounds.measured(tmp_path / str(many), many) for many in (1, 3))

    assert (one["circles"], three["circles"]) == (1, 3)
    assert one["quiet_statements"] == three["quiet_statements"]
    assert three["slot_statements"] - one["slot_statements"] <= 2 * AT_A_SLOT
