"""Containers hand on what an operator sets, or say what it is inside."""

import re
from pathlib import Path

from config import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
# Of the machine that a container is: its image or the composition says them.
INSIDE = {"BIND", "PORT", "CREDENTIALS_DIRECTORY"}


def test_every_setting_reaches_the_containers():
    """Fails when a setting of `.env` is left at its default without a word."""
    said = (DEPLOY / "compose.yaml").read_text() + (DEPLOY / "Containerfile").read_text()
    handed_on = set(re.findall(r"\b([A-Z_]{4,})[:=] ?", said))

    names = {each.upper() for each in Settings.__annotations__}
    assert names - handed_on - INSIDE == set()
