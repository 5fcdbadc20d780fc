"""Lines of a container: which are items, quoted lines or rows of a table."""

import re
from functools import cached_property
from itertools import groupby

from forum.markup.items import NUMBER, Mark, item_marks
from forum.markup.rows import Row, pasted_tables
from forum.markup.spaces import indent

HEADING = re.compile(r"#{2,5} +(?=\S)(?!\d)")  # "## 5th and 6th ribs" are two fractures

# After ">" and a space: a number, or a sign before one, so that ">" is a comparison.
_COMPARED = (
    rf"[-+~\u2212]?{NUMBER}|[=\u2248\u2243\u223c\u2264\u2265\u00b1\u00a3$\u20ac\u00a5%+]|<(?![a-z])"
)
_QUOTED = re.compile(rf">(?: ?>)*+[ \t]++(?=\S)(?!{_COMPARED})")
_QUOTED_ITEM = re.compile(r">(?: ?>)*+ *+[0-9]{1,9}\. ++[^\W\d]")


class Lines(list[str]):
    """Lines of one container; blocks drop the lines they have taken from the front.

    in_item: True for the lines of a list item, the first of which follows the item's mark.
    """

    def __init__(self, lines: list[str], *, in_item: bool = False) -> None:
        super().__init__(lines)
        self.unclosed: dict[str, int] = {}  # fence -> the least length that nothing closes
        self._all, self._in_item, self._dropped = lines, in_item, 0

    def drop(self, used: int) -> None:
        """Take `used` lines from the front."""
        del self[:used]
        self._dropped += used

    def mark(self, at: int) -> Mark | None:
        """Mark of line `at`, if the line is an item."""
        return self._marks[self._dropped + at] if at < len(self) else None

    def is_quoted(self, at: int) -> bool:
        """True for a line of a quotation; False where `>` compares."""
        return at < len(self) and self._quoted[self._dropped + at]

    def rows(self, at: int) -> list[Row]:
        """Rows of the pasted table that begins at line `at`; empty if none does."""
        return self._tables.get(self._dropped + at, [])

    def indent(self, at: int) -> int:
        """Columns before the words of line `at`, or before its mark."""
        mark = self.mark(at)
        return mark.indent if mark else indent(self[at])

    @cached_property
    def _marks(self) -> list[Mark | None]:
        marks = list(self._found_marks)
        for start, rows in self._tables.items():
            size = sum(used for _cells, used in rows)
            marks[start : start + size] = [None] * size
        return marks

    @cached_property
    def _found_marks(self) -> list[Mark | None]:
        return item_marks(self._all, in_item=self._in_item)

    @cached_property
    def _quoted(self) -> list[bool]:
        quoted: list[bool] = []
        for has_mark, run in groupby(self._all, key=lambda line: line.lstrip().startswith(">")):
            lines = [line.lstrip() for line in run]
            quoted += [has_mark and _is_quotation(lines)] * len(lines)
        return quoted

    @cached_property
    def _tables(self) -> dict[int, list[Row]]:
        if not any("\t" in line for line in self._all):
            return {}
        marks = self._found_marks
        others = [
            bool((mark and mark.is_bullet) or quoted or HEADING.match(line.lstrip()))
            for line, mark, quoted in zip(self._all, marks, self._quoted, strict=True)
        ]
        return pasted_tables(self._all, others, {at for at, mark in enumerate(marks) if mark})


def _is_quotation(lines: list[str]) -> bool:
    """True if `>` quotes in a run of lines that begin with it: one mark decides for the run.

    Words after a space are enough; prose or a numbered item right after the mark only on two lines.
    Anything else, such as `>ULN` or `>38.5`, is a comparison.
    """
    if any(_QUOTED.match(line) for line in lines):
        return True
    return sum(bool(_QUOTED_ITEM.match(line)) or _begins_prose(line) for line in lines) > 1


def _begins_prose(line: str) -> bool:
    word, _, rest = line.lstrip(">").partition(" ")
    return bool(rest.strip()) and word.isalpha() and (len(word) == 1 or not word.isupper())
