"""Pinned requirements: complete for each Python that Debian has, and not only for this one."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHONS = ("3.11.2", "3.11.7", "3.12.3", "3.13.5")  # of Debian 12, and later ones
PIN = re.compile(r"^([\w.-]+)==", re.M)


def pinned(*names):
    """Canonical names that requirement files pin."""
    texts = ((ROOT / name).read_text() for name in names)
    return {canonicalize_name(each) for text in texts for each in PIN.findall(text)}


def asked_extras(*names):
    """Extras by canonical name, of what the .in files ask for."""
    lines = (line for name in names for line in (ROOT / name).read_text().splitlines())
    asked = [Requirement(line.partition("#")[0]) for line in lines if line[:1].isalpha()]
    return {canonicalize_name(each.name): each.extras for each in asked}


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(
    "names", [("requirements",), ("requirements", "requirements-dev")], ids=["run", "test"]
)
def test_a_pin_asks_for_nothing_that_is_not_pinned(python, names):
    """Fails when an install with hashes ends on a Python on which the pins were not made."""
    files = [f"{name}.txt" for name in names]
    extras, known = asked_extras(*(f"{name}.in" for name in names)), pinned(*files)
    surroundings = {"python_full_version": python, "python_version": python.rpartition(".")[0]}
    lacking = set()
    for name in known:
        try:
            asked = distribution(name).requires or ()
        except PackageNotFoundError:
            continue  # of another part, which is not installed here
        for each in map(Requirement, asked):
            for extra in ("", *extras.get(name, ())):
                wants = not each.marker or each.marker.evaluate(surroundings | {"extra": extra})
                if wants and canonicalize_name(each.name) not in known:
                    lacking.add(f"{name}: {each}")

    assert lacking == set()
