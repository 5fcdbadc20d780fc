"""Three hosts behind HAProxy while everything fails, reduced; `scripts/many.py` runs all of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import clusters

HERE = Path(__file__).parents[1]
REDUCED = {"MANY_WRITERS": "10", "MANY_SECONDS": "40"}
NONE = dict.fromkeys(("lost", "twice", "answers_500", "shown_after_destroying"), 0)


@pytest.mark.skipif(not os.environ.get("PROOF"), reason="three minutes: part of make proof")
@pytest.mark.skipif(not clusters.is_here(), reason="not run: its servers are not installed")
def test_three_hosts_lose_nothing(figure):
    """Fails when a text that was acknowledged is lost, or there twice, or a page answers 500."""
    done = subprocess.run(  # words of our own
        [sys.executable, "scripts/many.py"],
        cwd=HERE,
        env=os.environ | REDUCED,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    found = json.loads(done.stdout.splitlines()[-1])
    figure(f"{found['acknowledged']} texts acknowledged over three hosts, {found['lost']} lost")
    assert {name: found[name] for name in NONE} == NONE
    assert found["older_roots_answer"] == 503
    assert found["acknowledged"] > 20
