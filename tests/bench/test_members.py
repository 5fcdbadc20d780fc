"""Members at once on a served forum, at a small size; `python -m bench.members` asks 200."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bench import members


@pytest.mark.skipif(not os.environ.get("PROOF"), reason="a minute: part of make proof")
def test_members_read_search_and_write(monkeypatch):
    """On SQLite, and on two hosts where their servers are installed."""
    monkeypatch.setattr(members, "WARM", 0)
    monkeypatch.setattr(members, "EVERY", 1)
    # Half of the few acts, or none might be a reply by chance.
    monkeypatch.setattr(members, "ACTS", members.ACTS | {"reply": 18})
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's own user passes through
        rows = [*members.measured(Path(folder), [4], [2, 3], 3)]

    assert [row["circles"] for row in rows] == [2, 3] * (len(rows) // 2)
    for row in rows:
        assert (row["errors"], row["silent"]) == (0, 0)
        assert row["requests"] >= 12
        assert 0 < row["p50_ms"] <= row["p95_ms"] <= row["p99_ms"]
        assert row["replies"] > 0
