"""Holds of the write lock for a moment; `make bench` measures them for a minute."""

from bench import locks


def test_every_hold_of_the_lock_is_timed(tmp_path):
    figures = locks.measured(tmp_path, 2)

    assert figures["failed"] == 0
    assert figures["writes"] >= 1
    assert figures["reads"] >= 1
    held = figures["held_ms"]
    assert 0 < held["median"] <= held["p95"] <= held["max"]
