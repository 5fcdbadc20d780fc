"""Tabs and runs of spaces: indentation, and gaps that a page would otherwise close."""

import re

TAB = 4  # columns

_GAP = re.compile(r"[ \t]{2,}|\t")
_SPACES = re.compile(" {2,}")
_COLUMN_GAP = re.compile(r"\S(?: {3}|[ \u00a0]*\t)\s*\S")
_KEPT_GAP = re.compile("[ \u00a0]{2,}")


def indent(line: str) -> int:
    """Columns of white space before the first word."""
    return len(_start(line))


def dedented(line: str, columns: int) -> str:
    """`line` without the given columns of white space, or with fewer if there are fewer."""
    start = _start(line)
    return start[columns:] + line.lstrip()


def has_columns(line: str) -> bool:
    """True for words set apart by a tab or by three spaces or more, as in a table."""
    return bool(_COLUMN_GAP.search(line))


def gapped(line: str) -> str:
    """`line` with gaps that HTML keeps: an em space for a tab, no-break spaces among spaces.

    Every second space of a run stays, so that long runs can still be broken.
    """
    return _GAP.sub(_kept_gap, line)


def ungapped(line: str) -> str:
    """Tabs and spaces restored, for a line processed by `gapped`."""
    return _KEPT_GAP.sub(lambda gap: " " * len(gap[0]), line).replace("\u2003", "\t")


def _start(line: str) -> str:
    start = line[: len(line) - len(line.lstrip())]
    return start.expandtabs(TAB)


def _kept_gap(gap: re.Match[str]) -> str:
    return _SPACES.sub(_kept_spaces, gap[0]).replace("\t", "\u2003")


def _kept_spaces(spaces: re.Match[str]) -> str:
    pairs, odd = divmod(len(spaces[0]), 2)
    return "\u00a0" * odd + "\u00a0 " * pairs
