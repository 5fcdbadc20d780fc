"""Marks of list items, each judged by its neighbours.

`- 3 kg` is a loss of weight when alone, and an item among items. Word's plain text marks items by
bullets and tabs; some of its bullets are letters there, signs of a symbol font.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf

from forum.markup.spaces import indent

FRACTION = "\u00bc-\u00be\u2150-\u215e"
NUMBER = rf"[.,]?[\d{FRACTION}]"

_LEVELS = (  # of Word's bullets, which it does not indent in plain text
    "\u2022\u25cf\u00b7\u2023\uf0b7\u2013\u2014\u00d8\u00fc*-",
    "\u25e6\u25cbo",
    "\u25aa\u25a0\uf0a7\u00a7",
)
_LETTERS = "\u00d8\u00fco\u00a7"
_ITEM = re.compile(
    rf"(?P<bullet>[{re.escape(''.join(_LEVELS))}]) *+\t\s*+(?=\S)(?=[^\t]*$)"
    r"|(?P<dash>[-*]) ++(?=\S)"
    r"|(?P<number>0|[1-9][0-9]{0,8})\.(?: ++| *+\t\s*+(?=[^\t]*$))(?=\S)"
)
_DASHES = "\u2013\u2014*-"
_SIGNED = re.compile(rf"{NUMBER}|ve\b")  # after a dash: a sign before a number, or "- ve"


@dataclass(frozen=True, slots=True)
class Mark:
    """Mark of a list item.

    sign: a bullet, or the number typed. indent: columns before the mark, two more for each of
    Word's levels. end: index in the line at which the item's words begin. is_sure: True for an item
    whatever its neighbours are.
    """

    sign: str
    indent: int
    end: int
    is_sure: bool

    @property
    def is_bullet(self) -> bool:
        """True for a pure bullet: no number, no dash, no letter."""
        return self.number is None and self.sign not in _DASHES + _LETTERS

    @property
    def number(self) -> int | None:
        """Number of an ordered item; None for a bullet."""
        return int(self.sign) if self.sign.isdecimal() else None


@dataclass(slots=True)
class _Run:
    """Neighbouring items, with only indented lines between them.

    items: indices. base, last: least indentation of a mark, and indentation of the last.
    """

    items: list[int] = field(default_factory=list)
    base: float = inf
    last: float = inf
    is_list: bool = False  # for certain, by an item around it


def item_marks(lines: list[str], *, in_item: bool) -> list[Mark | None]:
    """Mark of each line that is an item; None for any other line.

    Bullets make a list if a mark among their neighbours is sure; numbers always may. in_item: True
    for the lines of an item, the first of which follows the item's own mark.
    """
    marks = [_mark(line) for line in lines]
    if any(marks):
        for run in _runs(lines, marks, in_item=in_item):
            if not _is_list(run, lines, marks):
                for at in run.items:
                    marks[at] = _numbered(marks[at])
    return marks


def follows(mark: Mark, other: Mark | None) -> bool:
    """True for an ordered item and its predecessor."""
    return bool(other and other.number is not None and mark.number == other.number + 1)


def _mark(line: str) -> Mark | None:
    bare = line.lstrip()
    found = _ITEM.match(bare)
    if not found:
        return None
    sign = found[found.lastgroup or 0]
    level = 0 if found["number"] else next(n for n, signs in enumerate(_LEVELS) if sign in signs)
    is_sure = sign not in _LETTERS and not (sign in _DASHES and _SIGNED.match(bare, found.end()))
    return Mark(sign, indent(line) + 2 * level, len(line) - len(bare) + found.end(), is_sure)


def _numbered(mark: Mark | None) -> Mark | None:
    return mark if mark and mark.number is not None else None


def _runs(lines: list[str], marks: list[Mark | None], *, in_item: bool) -> Iterator[_Run]:
    """Runs of items. After a blank line, deeper indented items start a new run."""
    run, is_after_blank = _Run(), False
    if in_item:
        yield _Run([0] if marks[0] else [])
        run = _Run(base=-2, last=-2, is_list=True)
    for at in range(int(in_item), len(lines)):
        if not lines[at].strip():
            is_after_blank = True
            continue
        mark = marks[at]
        if not mark and indent(lines[at]) < run.base + 2:
            yield run
            run = _Run()
        elif mark:
            if is_after_blank and mark.indent >= run.last + 2:
                yield run
                run = _Run()
            run.items.append(at)
            run.base, run.last = min(run.base, mark.indent), mark.indent
        is_after_blank = False
    yield run


def _is_list(run: _Run, lines: list[str], marks: list[Mark | None]) -> bool:
    found = [mark for at in run.items if (mark := marks[at])]
    if run.is_list or any(_is_sure(at, lines, marks) for at in run.items):
        return True
    return len(found) > 1 and len({mark.sign for mark in found}) == 1 and found[0].sign in _LETTERS


def _is_sure(at: int, lines: list[str], marks: list[Mark | None]) -> bool:
    """True for a sure mark, except for a number with which a line of prose may begin."""
    mark = marks[at]
    if not mark or not mark.is_sure:
        return False
    if mark.number in (None, 1) or not at or marks[at - 1] or not lines[at - 1].strip():
        return True
    after = marks[at + 1] if at + 1 < len(lines) else None
    return bool(after and follows(after, mark))
