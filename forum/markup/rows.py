"""Tables as spreadsheets, word processors and mail programs copy them: cells between tabs."""

import re
from collections.abc import Iterator
from itertools import groupby

# A spreadsheet puts a cell of several lines into quotation marks, and doubles those within.
_CELL_OPENS = re.compile(r'(?:^|\t)"[^"\t]*+(?:""[^"\t]*+)*+$')
_CELL_CLOSES = re.compile(r'[^"\t]*+(?:""[^"\t]*+)*+"(?=\t|$)')

CELL_LINES_MAX = 100

Row = tuple[list[str], int]  # cells as typed, and how many lines they take


def pasted_tables(lines: list[str], others: list[bool], items: set[int]) -> dict[int, list[Row]]:
    """Tables among `lines`, by the index of their first line: rows with equal numbers of tabs.

    others: True for lines of a different kind, whatever tabs they contain. A table has two rows or
    more, and words in two columns or more: lines with a leading tab are indented. items: indices of
    lines that may be items as well, and are where they have only such neighbours.
    """
    tables, at = {}, 0
    for tabs, run in groupby(_rows(lines, others), key=lambda row: len(row[0]) - 1):
        rows = list(run)
        size = sum(used for _cells, used in rows)
        start, kept = at + _blank(rows), rows[_blank(rows) : len(rows) - _blank(rows[::-1])]
        is_list = items.issuperset(range(start, start + len(kept)))
        if tabs > 0 and len(kept) > 1 and _filled_columns(kept) > 1 and not is_list:
            tables[start] = kept
        at += size
    return tables


def _rows(lines: list[str], others: list[bool]) -> Iterator[Row]:
    """Rows of single lines, or of lines joined by a multi-line cell. Other lines have no cells."""
    at = 0
    while at < len(lines):
        used = _lines_of_row(lines, others, at)
        joined = "\n".join(lines[at : at + used])
        yield ([] if others[at] else joined.split("\t")), used
        at += used


def _lines_of_row(lines: list[str], others: list[bool], at: int) -> int:
    """Number of lines of a row: more than 1 if a cell opened at the end of a line is closed further
    down.
    """
    if others[at] or not _CELL_OPENS.search(lines[at]):
        return 1
    for end in range(at + 1, min(len(lines), at + CELL_LINES_MAX)):
        closes = _CELL_CLOSES.match(lines[end])
        if closes and not _CELL_OPENS.search(lines[end]):
            return end + 1 - at
        if not closes and (others[end] or '"' in lines[end] or "\t" in lines[end]):
            return 1
    return 1


def _blank(rows: list[Row]) -> int:
    """Number of empty rows at the start, each of one line."""
    return next((n for n, (cells, _) in enumerate(rows) if any(map(str.strip, cells))), len(rows))


def _filled_columns(rows: list[Row]) -> int:
    columns = zip(*(cells for cells, _ in rows), strict=True)
    return sum(any(map(str.strip, column)) for column in columns)
