"""Text as a reader sees it, extracted from HTML of the dialect."""

import re
from html import unescape

from forum.markup.spaces import ungapped

_NUMBER = re.compile(r'<li dir="auto" value="(\d+)">')
_CELL = re.compile(r'</t[hd]><t[hd] dir="auto">')
_BREAK = re.compile(
    r"<(?:br|hr|/(?:p|pre|h[2-5]|li|tr))>|<(?:p|pre|ul|ol|table|blockquote)\b[^>]*>"
)
_TAG = re.compile("<[^>]*>")
_LINE_ENDS = re.compile(r"\s*\n\s*")
_GAP = re.compile("[ \u00a0\u2003]{2,}|\u2003")

_PIECE = re.compile(r"<(?P<close>/?)(?P<tag>[a-z0-9]+)(?P<attributes>[^>]*)>|[^<]+")
_FAR_APART = re.compile(r"\n{3,}")
_BLOCKS = {"p", "pre", "h2", "h3", "h4", "h5", "hr", "table"}


def seen(html: str) -> str:
    """Words line by line, with the numbers of items, for search and counting."""
    lined = _BREAK.sub("\n", _CELL.sub(" ", _NUMBER.sub(r"\n\1. ", html)))
    return _LINE_ENDS.sub("\n", _GAP.sub(" ", unescape(_TAG.sub("", lined)))).strip()


def visible(html: str) -> str:
    """Text with its layout: blank lines between blocks, marks of items and quotations, tabs between
    cells.
    """
    reading = _Reading()
    for piece in _PIECE.finditer(html):
        if piece["tag"]:
            reading.tag(piece["tag"], piece["attributes"], is_open=not piece["close"])
        else:
            reading.parts[-1].append(ungapped(unescape(piece[0])))
    return _apart(reading.parts[0])


class _Reading:
    """Text extracted so far. parts: of the page, and of each open quotation."""

    def __init__(self) -> None:
        self.parts: list[list[str]] = [[]]
        self.depth = 0  # of lists
        self.cells = 0  # of this row

    def tag(self, tag: str, attributes: str, *, is_open: bool) -> None:
        if tag == "blockquote":
            self._quote(is_open=is_open)
        elif tag in ("ul", "ol"):
            self.depth += 1 if is_open else -1
            self._add("\n\n" if self.depth == int(is_open) else "")
        elif tag == "li" and is_open:
            number = attributes.partition('value="')[2].rstrip('"')
            self._add("\n" + "  " * (self.depth - 1) + (f"{number}. " if number else "\u2022 "))
        elif tag in ("td", "th"):
            self._add("\t" if is_open and self.cells else "")
            self.cells += is_open
        elif tag == "br" or (tag == "tr" and is_open):
            self.cells = 0
            self._add("\n")
        elif tag in _BLOCKS:
            self._end_block()

    def _add(self, text: str) -> None:
        self.parts[-1].append(text)

    def _end_block(self) -> None:
        self._add("\n" if self.depth else "\n\n")

    def _quote(self, *, is_open: bool) -> None:
        if is_open:
            self.parts.append([])
        else:
            lines = _apart(self.parts.pop()).split("\n")
            self._add("\n\n" + "\n".join(f"> {line}".rstrip(" ") for line in lines) + "\n\n")


def _apart(parts: list[str]) -> str:
    """`parts` joined, with one blank line at most between lines."""
    lines = (line.rstrip(" ") for line in "".join(parts).split("\n"))
    return _FAR_APART.sub("\n\n", "\n".join(lines)).strip("\n")
