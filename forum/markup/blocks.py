"""Block structure: headings, lists, quotations, code, tables, paragraphs.

Python-Markdown hands its block processors text cut at blank lines. Ours get lines and take their
own from the front, so each line is examined a bounded number of times.
A container holds only lines with its mark or indentation; nothing is drawn in silently, since a
post would then put one person's words into another's mouth.
"""

import re
from typing import cast
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockparser import BlockParser
from markdown.blockprocessors import BlockProcessor
from markdown.util import AtomicString

from forum.markup.items import Mark, follows
from forum.markup.lines import HEADING, Lines
from forum.markup.spaces import dedented, has_columns, indent

NESTING_MAX = 20  # containers within each other, and open marks within one line
CONTAINERS_MAX = 2_000  # list items and quotations in one text; sanitising takes 20 us a tag
CELLS_MAX = 1_000  # table cells in one text
PASTED_MAX = 100  # tables of tabs in one text: small ones cost more for each cell

_RULE = re.compile(r"([-*])(?: *\1){2,}$")  # "____" is a blank to fill in
_FENCE = re.compile(r"(?:`{3,}+|~{3,}+)(?=[^`]*$)")
_DELIMITER = re.compile(r":?-+:?$")
_CELL_END = re.compile(r"(?<!\\)\|")
# A backslash that prevents a line from starting a block.
_KEPT = re.compile(r"^(?:(?=\\(?:#{2,5} |>|- |-{3}))|([0-9]{1,9})(?=\\\. ))\\")


class LineParser(BlockParser):
    """Python-Markdown's block parser, fed line by line."""

    cells = 0  # in tables so far
    pasted = 0  # tables of tabs so far
    containers = 0  # so far

    def parseChunk(self, parent: Element, text: str) -> None:
        self.parseBlocks(parent, Lines(text.split("\n")))

    def contain(self, parent: Element, lines: list[str]) -> None:
        """Parse the lines of a container just opened."""
        self.containers += 1
        self.state.set(parent.tag)
        self.parseBlocks(parent, Lines(lines, in_item=parent.tag == "li"))
        self.state.reset()

    @property
    def may_nest(self) -> bool:
        return len(self.state) < NESTING_MAX and self.containers < CONTAINERS_MAX

    def interrupted(self, lines: Lines, at: int) -> bool:
        """True if a paragraph ends before line `at`."""
        return any(
            isinstance(block, Block) and block.interrupts(lines, at)
            for block in self.blockprocessors
        )


class Block(BlockProcessor):
    """A kind of block: recognises its first line, and takes its lines from the front."""

    parser: LineParser

    def starts(self, lines: Lines, at: int) -> bool:
        raise NotImplementedError

    def take(self, parent: Element, lines: Lines) -> int:
        """Add the block at the start of `lines` to `parent`. Returns the number of lines used."""
        raise NotImplementedError

    def interrupts(self, lines: Lines, at: int) -> bool:
        return self.starts(lines, at)

    def test(self, parent: Element, block: str) -> bool:
        return True

    def run(self, parent: Element, blocks: list[str]) -> bool:
        lines = cast(Lines, blocks)  # LineParser makes no others
        used = self.take(parent, lines) if self.starts(lines, 0) else 0
        lines.drop(used)
        return used > 0


class Blank(Block):
    def starts(self, lines: Lines, at: int) -> bool:
        return not lines[at].strip()

    def take(self, parent: Element, lines: Lines) -> int:
        return next((at for at, line in enumerate(lines) if line.strip()), len(lines))


class Fenced(Block):
    """Code between fences, to the letter. A word after the fence is shown as the first line."""

    def starts(self, lines: Lines, at: int) -> bool:
        return bool(self._end(lines, at))

    def take(self, parent: Element, lines: Lines) -> int:
        end, columns = self._end(lines, 0), indent(lines[0])
        inside = [dedented(line, columns) if columns else line for line in lines[1 : end - 1]]
        beside = lines[0].strip().lstrip("`~").lstrip()
        code = SubElement(SubElement(parent, "pre"), "code")
        code.text = AtomicString("\n".join([beside, *inside] if beside else inside))
        return end

    def _end(self, lines: Lines, at: int) -> int:
        """Index after the block that opens at `at`; 0 if none does. A fence left open is text."""
        opening = _FENCE.match(lines[at].lstrip())
        if not opening:
            return 0
        fence, mark = opening[0], opening[0][0]
        if len(fence) >= lines.unclosed.get(mark, len(fence) + 1):
            return 0
        for close in range(at + 1, len(lines)):
            line = lines[close].strip()
            if line.startswith(fence) and not line.strip(mark):
                return close + 1
        lines.unclosed[mark] = len(fence)
        return 0


class Heading(Block):
    """`##` to `#####`. A single `#` is text: `# NOF` is a fracture."""

    def starts(self, lines: Lines, at: int) -> bool:
        return bool(HEADING.match(lines[at].lstrip()))

    def take(self, parent: Element, lines: Lines) -> int:
        marks, words = lines[0].split(maxsplit=1)
        SubElement(parent, f"h{len(marks)}").text = words.rstrip()
        return 1


class Rule(Block):
    def starts(self, lines: Lines, at: int) -> bool:
        return bool(_RULE.match(lines[at].strip()))

    def take(self, parent: Element, lines: Lines) -> int:
        SubElement(parent, "hr")
        return 1


class Quotation(Block):
    """Consecutive lines that each begin with `>`."""

    def starts(self, lines: Lines, at: int) -> bool:
        return self.parser.may_nest and lines.is_quoted(at)

    def take(self, parent: Element, lines: Lines) -> int:
        end = next((at for at in range(len(lines)) if not lines.is_quoted(at)), len(lines))
        bare = (line.lstrip() for line in lines[:end])
        inside = [line[2:] if line.startswith("> ") else line[1:] for line in bare]
        self.parser.contain(SubElement(parent, "blockquote"), inside)
        return end


class Listed(Block):
    """List: consecutive items, each with lines indented by two or more."""

    tag: str
    is_numbered: bool

    def starts(self, lines: Lines, at: int) -> bool:
        return bool(self._mark(lines, at))

    def take(self, parent: Element, lines: Lines) -> int:
        items, at = SubElement(parent, self.tag), 0
        while mark := self._mark(lines, at):
            at = self._take_item(items, lines, at, mark)
        return at

    def _mark(self, lines: Lines, at: int) -> Mark | None:
        mark = lines.mark(at) if self.parser.may_nest else None
        return mark if mark and (mark.number is not None) == self.is_numbered else None

    def _take_item(self, items: Element, lines: Lines, at: int, mark: Mark) -> int:
        inside = [lines[at][mark.end :]]
        width = indent(lines[at]) + mark.end - (len(lines[at]) - len(lines[at].lstrip()))
        end = at = at + 1
        while at < len(lines):
            if lines[at].strip():
                if lines.indent(at) < mark.indent + 2:
                    break
                inside += [""] * (at - end) + [dedented(lines[at], width)]
                end = at + 1
            at += 1
        item = SubElement(items, "li")
        if self.is_numbered:
            item.set("value", mark.sign)
        self.parser.contain(item, inside)
        if len(item) and item[0].tag == "p":
            item.text = item[0].text
            item.remove(item[0])
        return at if self._mark(lines, at) else end  # blank lines go with an item that follows


class Bulleted(Listed):
    """`-` or `*`, and the bullets of Word. `+` is text (`+ve`)."""

    tag, is_numbered = "ul", False


class Numbered(Listed):
    """`7.` and so on; each item keeps the number typed."""

    tag, is_numbered = "ol", True

    def interrupts(self, lines: Lines, at: int) -> bool:
        """True for a first item, or for one of two: a line of prose can begin with "14." as
        well.
        """
        mark, after = self._mark(lines, at), self._mark(lines, at + 1)
        return bool(mark and (mark.number == 1 or (after and follows(after, mark))))


class Table(Block):
    """Rows of cells between `|`, under a line of dashes. A row keeps all cells typed."""

    def starts(self, lines: Lines, at: int) -> bool:
        if "|" not in lines[at] or at + 1 == len(lines) or self.parser.cells > CELLS_MAX:
            return False
        below = lines[at + 1]
        if "|" not in below or not set(below) <= set("|:- "):
            return False
        columns = [cell.strip() for cell in _cells(below)]
        return all(map(_DELIMITER.match, columns)) and len(columns) == len(_cells(lines[at]))

    def take(self, parent: Element, lines: Lines) -> int:
        """Add the table as in `Block.take`; returns 0 beyond CELLS_MAX, leaving text."""
        end = next((at for at, line in enumerate(lines) if "|" not in line), len(lines))
        rows = [_cells(line) for line in lines[0:1] + lines[2:end]]
        self.parser.cells += sum(map(len, rows))
        if self.parser.cells > CELLS_MAX:
            return 0
        table = SubElement(parent, "table", tabindex="0")  # a wide one is scrolled by keys too
        _add_rows(SubElement(table, "thead"), "th", rows[:1])
        if rows[1:]:
            _add_rows(SubElement(table, "tbody"), "td", rows[1:])
        return end


class Columns(Block):
    """Pasted table: rows of cells between tabs. None of the cells is known to be a heading."""

    def starts(self, lines: Lines, at: int) -> bool:
        may_begin = self.parser.cells <= CELLS_MAX and self.parser.pasted < PASTED_MAX
        return may_begin and bool(lines.rows(at))

    def take(self, parent: Element, lines: Lines) -> int:
        """Add the table as in `Block.take`; returns 0 beyond CELLS_MAX, leaving text."""
        rows = lines.rows(0)
        self.parser.pasted += 1
        self.parser.cells += sum(len(cells) for cells, _used in rows)
        if self.parser.cells > CELLS_MAX:
            return 0
        table = SubElement(parent, "table", tabindex="0")
        _add_rows(SubElement(table, "tbody"), "td", [cells for cells, _used in rows])
        return sum(used for _cells, used in rows)


class Paragraph(Block):
    """Any other lines. Line breaks are kept, and in columns the leading space as well."""

    def starts(self, lines: Lines, at: int) -> bool:
        return True

    def interrupts(self, lines: Lines, at: int) -> bool:
        return False

    def take(self, parent: Element, lines: Lines) -> int:
        end = 1
        while end < len(lines) and not self.parser.interrupted(lines, end):
            end += 1
        kept = [_KEPT.sub(r"\1", line.strip(), count=1) for line in lines[:end]]
        if any(map(has_columns, kept)):
            starts = (line[: len(line) - len(line.lstrip())] for line in lines)
            kept = [start + words for start, words in zip(starts, kept, strict=False)]
        SubElement(parent, "p").text = "\n".join(kept)
        return end


KINDS = (Blank, Fenced, Heading, Rule, Quotation, Table, Bulleted, Numbered, Columns, Paragraph)


def line_parser(dialect: Markdown) -> LineParser:
    """Block parser for our kinds of block alone, tried in the order of KINDS."""
    parser = LineParser(dialect)
    for rank, kind in enumerate(KINDS):
        parser.blockprocessors.register(kind(parser), kind.__name__, -rank)
    return parser


def _cells(row: str) -> list[str]:
    """Cells of a row between bars; `\\|` is a bar within a cell."""
    cells = _CELL_END.split(row.strip())
    if len(cells) > 1 and not cells[0]:
        del cells[0]
    if len(cells) > 1 and not cells[-1].strip():
        del cells[-1]
    return [cell.replace("\\|", "|") for cell in cells]


def _add_rows(part: Element, tag: str, rows: list[list[str]]) -> None:
    for cells in rows:
        row = SubElement(part, "tr")
        for cell in cells:
            SubElement(row, tag).text = cell.strip()
