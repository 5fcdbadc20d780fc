"""What stands within a line: emphasis, struck words, code, links.

Each line is read once from left to right. A mark that is not closed on its own line is text, and
so is one between two letters or digits; thus a dose, a footnote star or a gene's name survives.
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

from forum.markup.blocks import NESTING_MAX

Node = str | Element

LINKS_MAX = 50  # in one text
REL = "nofollow noopener noreferrer ugc"

_HOST = r"(?:[a-z0-9-]{1,63}\.){0,10}[a-z0-9-]{1,63}"
_REST = r"[!#$%&*+,./:;=?@~\w-]"  # of a path, query or fragment; ASCII by the pattern's flag
_WEB = rf"https?://{_HOST}(?::[0-9]{{1,5}})?(?:[/?#](?:{_REST}|\({_REST}*\))*)?"
_MAIL = rf"mailto:[\w.+-]{{1,64}}@{_HOST}"
_ADDRESS = re.compile(rf"(?:{_WEB}|{_MAIL})", re.ASCII | re.IGNORECASE)
ADDRESS_MAX = 2_000  # characters

_TOKEN = re.compile(r"\\[*_~`\[\]]|`+|\*+|_+|~+|!?\[|[\]<]|[^\\`*_~\[\]<!]+|[\\!]")
_TICKS = re.compile("`+")
_WORD = re.compile(r"[^\W_]")
_BEGUN = re.compile(r"(?!\s|-(?!\d))(?=.)")  # an "**-year-old" begins no emphasis
_OPENS_AFTER = "([{\"'\u2018\u201c\u00ab\u2013\u2014\u00a1\u00bf*_~"
_CLOSES_BEFORE = ")]}\"'\u2019\u201d\u00bb\u2013\u2014.,;:!?\u2026/%*_~"


@dataclass
class Opener:
    """A mark that something further on may close."""

    mark: str  # * _ ~ [
    at: int  # its place among the line's nodes
    word: int  # where the first letter or digit after it stands


class Inlines(Treeprocessor):
    """Makes what is within the lines of every block."""

    links = 0  # so far, refused ones included

    def run(self, root: Element) -> None:
        for block in list(root.iter()):
            if block.text and not isinstance(block.text, AtomicString):
                inside = list(block)
                del block[:]
                _fill(block, [*self._nodes(block.text.split("\n")), *inside])

    def may_link(self) -> bool:
        """Count a link. False once there are too many; what was typed is shown instead."""
        self.links += 1
        return self.links <= LINKS_MAX

    def _nodes(self, lines: list[str]) -> Iterator[Node]:
        for number, line in enumerate(lines):
            if number:
                yield Element("br")
            yield from Line(line, self).nodes


class Line:
    """One line, read from left to right. nodes: what it holds, in order."""

    def __init__(self, text: str, inlines: Inlines) -> None:
        self.text, self.inlines = text, inlines
        self.nodes: list[Node] = []
        self.openers: list[Opener] = []  # never more than NESTING_MAX, so each look back is short
        self.word, end = -1, 0
        while token := _TOKEN.match(text, end):
            end = self._read(token[0], token.start(), token.end())

    def _read(self, token: str, start: int, end: int) -> int:
        """Take one token. Returns where the next one begins."""
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
                self.nodes.append(token)
        return end

    def _open(self, run: str, end: int) -> None:
        if len(self.openers) < NESTING_MAX:
            self.openers.append(Opener(run[-1], len(self.nodes), self._word_after(end)))
        self.nodes.append(run)

    def _word_after(self, end: int) -> int:
        """Where the next letter or digit stands; sought again only once it has been passed."""
        if self.word < end:
            found = _WORD.search(self.text, end)
            self.word = found.start() if found else len(self.text)
        return self.word

    def _opener(self, mark: str, before: int) -> int | None:
        """The nearest opener of this kind with a letter or digit between it and `before`."""
        for index in reversed(range(len(self.openers))):
            if self.openers[index].mark == mark and self.openers[index].word < before:
                return index
        return None

    def _code(self, ticks: str, start: int, end: int) -> int:
        places = self._ticks.get(len(ticks), [])
        later = bisect_left(places, end)
        if later == len(places):
            self.nodes.append(ticks)
            return end
        inside = self.text[end : places[later]]
        if inside.strip() and inside[0] == inside[-1] == " ":
            inside = inside[1:-1]
        self.nodes.append(_element("code", [inside]))
        return places[later] + len(ticks)

    @cached_property
    def _ticks(self) -> dict[int, list[int]]:
        """Where runs of backticks begin, by their length."""
        places: dict[int, list[int]] = {}
        for run in _TICKS.finditer(self.text):
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
        """Close what `run` can. Returns what is left of it."""
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
        address = self._address(end + 1, ")") if self.text.startswith("(", end) else None
        image = index is not None and self.nodes[self.openers[index].at] == "!["
        if index is None or image or not address or not self.inlines.may_link():
            self._drop_bracket()
            self.nodes.append(bracket)
            return end
        at = self.openers[index].at
        anchor = _anchor(address, self.nodes[at + 1 :])
        self.nodes[at:] = [anchor, f" ({shown_beside(address)})"]
        self.openers = [opener for opener in self.openers[:index] if opener.mark != "["]
        return end + len(address) + 2

    def _drop_bracket(self) -> None:
        for index in reversed(range(len(self.openers))):
            if self.openers[index].mark == "[":
                del self.openers[index]
                return

    def _autolink(self, bracket: str, end: int) -> int:
        address = self._address(end, ">")
        if not address or not self.inlines.may_link():
            self.nodes.append(bracket)
            return end
        self.nodes.append(_anchor(address, [address]))
        self.openers = [opener for opener in self.openers if opener.mark != "["]
        return end + len(address) + 1

    def _address(self, start: int, close: str) -> str | None:
        """The address that stands between `start` and `close`, if one we link to does."""
        found = _ADDRESS.match(self.text, start, start + ADDRESS_MAX)
        return found[0] if found and self.text.startswith(close, found.end()) else None


def shown_beside(address: str) -> str:
    """What a link says about where it leads: the host, or all of a mail address."""
    return re.split(r"[/?#]", address.split(":", 1)[1].removeprefix("//"))[0].lower()


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
    """Put nodes into an element that has no children: texts become its text and their tails."""
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
