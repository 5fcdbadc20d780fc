"""Inline markup: emphasis, struck words, code, links.

Each line is read once from left to right. A mark not closed on its own line is text, and so is a
mark between two letters or digits; thus a dose, a footnote star or a gene's name survives.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import cast
from unicodedata import category
from xml.etree.ElementTree import Element

from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from forum.markup import sanitizers
from forum.markup.addresses import REL, address, bare_address, bare_start, shown_beside
from forum.markup.blocks import NESTING_MAX
from forum.markup.spaces import gapped

Node = str | Element

LINKS_MAX = 50  # in one text

_TOKEN = re.compile(r"\\[*_~`\[\]]|`+|\*+|_+|~+|!?\[|[\]<]|[^\\`*_~\[\]<!]+|[\\!]")
# A run of backticks, but not an apostrophe typed as one. It opens code where no letter or digit
# stands before it, and closes code where none comes after.
_OPENING_TICKS = re.compile(r"(?<![^\W_])`+")
_CLOSING_TICKS = re.compile(r"(?<!`)`++(?![^\W_])")
_WORD = re.compile(r"[^\W_]")
_BEGUN = re.compile(r"(?!\s|-(?!\d))(?=.)")  # an "**-year-old" begins no emphasis
_OPENS_AFTER = "([{\"'\u2018\u201c\u00ab\u2013\u2014\u00a1\u00bf*_~"
_CLOSES_BEFORE = ")]}\"'\u2019\u201d\u00bb\u2013\u2014.,;:!?\u2026/%*_~"


@dataclass
class Opener:
    """A mark that may be closed further on."""

    mark: str  # * _ ~ [
    at: int  # index among the line's nodes
    word: int  # index of the first letter or digit after the mark


class Inlines(Treeprocessor):
    """Tree processor for the lines of every block."""

    links = 0  # so far, refused ones included

    def run(self, root: Element) -> None:
        for block in list(root.iter()):
            if block.text and not isinstance(block.text, AtomicString):
                inside = list(block)
                del block[:]
                _fill(block, [*self._nodes(block.text.split("\n")), *inside])

    def may_link(self, address: str) -> bool:
        """Count a link, unless a sanitiser would drop it. False also beyond LINKS_MAX."""
        if self.links < LINKS_MAX and not sanitizers.links(address):
            return False
        self.links += 1
        return self.links <= LINKS_MAX

    def may_link_bare(self, address: str) -> bool:
        """Count a link to a bare address; beyond LINKS_MAX the address stays text and is not
        counted.
        """
        return self.links < LINKS_MAX and self.may_link(address)

    def _nodes(self, lines: list[str]) -> Iterator[Node]:
        for number, line in enumerate(lines):
            if number:
                yield Element("br")
            yield from Line(gapped(line), self).nodes


class Line:
    """A line, read from left to right. nodes: parsed content, in order."""

    def __init__(self, text: str, inlines: Inlines) -> None:
        self.text, self.inlines = text, inlines
        self.nodes: list[Node] = []
        self.openers: list[Opener] = []  # never more than NESTING_MAX, so each look back is short
        self.word, end = -1, 0
        while token := _TOKEN.match(text, end):
            end = self._read(token[0], token.start(), token.end())

    def _read(self, token: str, start: int, end: int) -> int:
        """Take one token. Returns the index of the next."""
        match token[0]:
            case "\\":
                self.nodes.append(token[1:] or token)
            case "`":
                return self._code(token, start, end)
            case "*" | "_" | "~":
                self._mark(token, start, end)
            case "<":
                return self._autolink(token, end)
            case "[" | "!" if token.endswith("["):
                self._open(token, end)
            case "]":
                return self._link(token, start, end)
            case _:
                return self._text(start, end)
        return end

    def _text(self, start: int, end: int) -> int:
        """Take text up to `end`, or up to and including a bare address."""
        at = bare_start(self.text, start, end)
        if at < 0:
            self.nodes.append(self.text[start:end])
            return end
        found = bare_address(self.text, at)
        if not found or self._is_in_link(at + len(found)) or not self.inlines.may_link_bare(found):
            self.nodes.append(self.text[start : at + 1])
            return at + 1
        self.nodes += [self.text[start:at], _anchor(found, [found])]
        self._drop_brackets()
        return at + len(found)

    def _is_in_link(self, end: int) -> bool:
        """True for an address that ends at `end` within the words of a link: `[https://… ](…)`."""
        close = self.text.find("]", end) if self._opener("[", end) is not None else -1
        return close >= 0 and self.text.startswith("(", close + 1)

    def _open(self, run: str, end: int) -> None:
        if len(self.openers) < NESTING_MAX:
            self.openers.append(Opener(run[-1], len(self.nodes), self._word_after(end)))
        self.nodes.append(run)

    def _word_after(self, end: int) -> int:
        """Index of the next letter or digit; searched again only once passed."""
        if self.word < end:
            found = _WORD.search(self.text, end)
            self.word = found.start() if found else len(self.text)
        return self.word

    def _opener(self, mark: str, before: int) -> int | None:
        """Nearest opener of this kind with a letter or digit between it and `before`."""
        for index in reversed(range(len(self.openers))):
            if self.openers[index].mark == mark and self.openers[index].word < before:
                return index
        return None

    def _code(self, ticks: str, start: int, end: int) -> int:
        places = self._ticks.get(len(ticks), [])
        later = bisect_left(places, end)
        if later == len(places) or not _OPENING_TICKS.match(self.text, start):
            self.nodes.append(ticks)
            return end
        inside = self.text[end : places[later]]
        if inside.strip() and inside[0] == inside[-1] == " ":
            inside = inside[1:-1]
        self.nodes.append(_element("code", [inside]))
        return places[later] + len(ticks)

    @cached_property
    def _ticks(self) -> dict[int, list[int]]:
        """Start indices of backtick runs that may close code, by their length."""
        places: dict[int, list[int]] = {}
        for run in _CLOSING_TICKS.finditer(self.text):
            places.setdefault(len(run[0]), []).append(run.start())
        return places

    def _mark(self, run: str, start: int, end: int) -> None:
        before = self.text[start - 1] if start else " "
        after = self.text[end] if end < len(self.text) else " "
        if len(run) > 3 or (run[0] == "~" and len(run) != 2):
            self.nodes.append(run)
            return
        if not before.isspace() and _may_follow(after):
            run = self._close(run, start)
        if run and _may_precede(before) and _BEGUN.match(self.text, end):
            self._open(run, end)
        elif run:
            self.nodes.append(run)

    def _close(self, run: str, start: int) -> str:
        """Close every opener that `run` can. Returns the rest of the run."""
        while run and (index := self._opener(run[0], start)) is not None:
            at = self.openers[index].at
            opening = cast(str, self.nodes[at])
            size = min(2, len(run), len(opening))
            tag = "s" if run[0] == "~" else ("em", "strong")[size - 1]
            self.nodes[at:] = [opening[size:], _element(tag, self.nodes[at + 1 :])]
            del self.openers[index + (size < len(opening)) :]
            run = run[size:]
        return run

    def _link(self, bracket: str, start: int, end: int) -> int:
        index = self._opener("[", start)
        found = address(self.text, end + 1, ")") if self.text.startswith("(", end) else None
        image = index is not None and self.nodes[self.openers[index].at] == "!["
        if index is None or image or not found or not self.inlines.may_link(found):
            self._drop_bracket()
            self.nodes.append(bracket)
            return end
        at = self.openers[index].at
        anchor = _anchor(found, self.nodes[at + 1 :])
        self.nodes[at:] = [anchor, f" ({shown_beside(found)})"]
        del self.openers[index:]
        self._drop_brackets()
        return end + len(found) + 2

    def _drop_brackets(self) -> None:
        """Make open brackets text, since no link contains another."""
        self.openers = [opener for opener in self.openers if opener.mark != "["]

    def _drop_bracket(self) -> None:
        for index in reversed(range(len(self.openers))):
            if self.openers[index].mark == "[":
                del self.openers[index]
                return

    def _autolink(self, bracket: str, end: int) -> int:
        found = address(self.text, end, ">")
        if not found or not self.inlines.may_link(found):
            self.nodes.append(bracket)
            return end
        self.nodes.append(_anchor(found, [found]))
        self._drop_brackets()
        return end + len(found) + 1


def _may_precede(char: str) -> bool:
    return char.isspace() or char in _OPENS_AFTER or category(char) in ("Ps", "Pi")


def _may_follow(char: str) -> bool:
    return char.isspace() or char in _CLOSES_BEFORE or category(char) in ("Pe", "Pf")


def _anchor(address: str, words: list[Node]) -> Element:
    anchor = _element("a", words)
    anchor.attrib = {"href": address, "rel": REL}
    return anchor


def _element(tag: str, nodes: list[Node]) -> Element:
    element = Element(tag)
    _fill(element, nodes)
    return element


def _fill(element: Element, nodes: list[Node]) -> None:
    """Put nodes into an element without children: strings become its text and their tails."""
    element.text, last = "", None
    for is_text, run in groupby(nodes, key=lambda node: isinstance(node, str)):
        if not is_text:
            element.extend(cast(Iterator[Element], run))
            last = element[-1]
            continue
        text = "".join(cast(Iterator[str], run))
        if last is None:
            element.text = text
        else:
            last.tail = text
