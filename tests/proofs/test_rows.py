"""Every property that must hold has its proof, in a module that says so in its first words.

What is proved where another room keeps its tests is listed by that module.
"""

from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ELSEWHERE = {
    "C3": "journeys/test_every_page.py",  # each page asks nobody but us, and breaks no policy
    "D3": "circles/test_closing.py",
    "D5": "care/test_backup.py",
}
MOST = {"A": 5, "C": 5, "D": 7, "M": 10}
ROWS = [f"{letter}{n}" for letter, most in MOST.items() for n in range(1, most + 1)]
ROWS += ["M12", "M13", "E1", "E2", "E3", "E4", "E6", "F1"]


@pytest.mark.parametrize("row", ROWS)
def test_every_property_has_its_proof(row):
    """Fails when a proof is taken away, or called otherwise."""
    if row in ELSEWHERE:
        assert (TESTS / ELSEWHERE[row]).exists()
        return
    found = list(TESTS.glob(f"*/test_{row.lower()}_*.py"))
    assert found
    for path in found:
        assert path.read_text().startswith(f'"""{row}. '), path
