"""Excerpts: words of a post that a reply quotes, and finding them in the post again.

A reader quotes the page as shown, an old draft the text as typed: both are searched. White space
does not count, marks of lists and quotations may be left out, and `…` stands for omitted words.
"""

import re
from dataclasses import dataclass
from itertools import groupby

from forum.markup.spaces import gapped
from forum.markup.visible import seen, visible

ELLIPSIS = "\u2026"

_HEADING = re.compile(r"<(h[2-5])\b.*?</\1>", re.DOTALL)
_LAST_WORD = re.compile(r"\s?\S*$")
_LEFT_OUT = re.compile(r"\[?(?:\u2026|\.{3})\]?")
_MARK = re.compile(r"^\s*(?:> ?)*(?:[0-9]{1,9}\. |\u2022 )?", re.MULTILINE)
_NUMBER_BEFORE = re.compile("(?:\\d[.,:/]|[-+<>=~\u2212\u2013\u00b1\u2248\u2264\u2265.])$")
_NUMBER_AFTER = re.compile(r"[.,:/]?\d")


@dataclass(frozen=True, slots=True)
class Part:
    """Part of an excerpt: lines of text, or rows of cells between tabs."""

    lines: list[str]
    rows: list[list[str]]


def parts(excerpt: str) -> list[Part]:
    """Parts of an excerpt as shown on its page. Tabs alone would put a dose under the next hour."""
    found = []
    for tabs, run in groupby(excerpt.split("\n"), key=lambda line: line.count("\t")):
        lines = list(run)
        rows = [[cell.strip() for cell in line.split("\t")] for line in lines] if tabs else []
        found.append(Part([] if tabs else [gapped(line) for line in lines], rows))
    return found


def beginning(html: str, most: int) -> str:
    """First words of a post as shown, `most` characters or fewer."""
    return beginning_of(visible(html), most)


def first_line(html: str, most: int) -> str:
    """First words of a post as shown, on one line and without headings, `most` characters or
    fewer; the headings alone where nothing else is there."""
    words = seen(_HEADING.sub("", html)) or seen(html)
    return beginning_of(_flat(words), most)


def beginning_of(words: str, most: int) -> str:
    """`most` characters or fewer of a text, cut between words."""
    if len(words) <= most:
        return words
    whole = _LAST_WORD.sub("", words[:most]).rstrip()
    return (whole or words[: most - 1]) + ELLIPSIS


def is_excerpt(excerpt: str, source: str, html: str) -> bool:
    """True for words of a post in their order, none of them cut. html: the post as shown."""
    shown = visible(html)
    pieces = [piece for each in _LEFT_OUT.split(excerpt) if (piece := _flat(each))]
    return bool(pieces) and any(
        _holds(_flat(text), pieces) for text in (shown, _MARK.sub("", shown), source)
    )


def is_still_excerpt(excerpt: str, source: str, html: str) -> bool:
    """True for an excerpt whose words a changed post still has, however its lists are numbered."""
    return is_excerpt(excerpt, source, html) or is_excerpt(_MARK.sub("", excerpt), source, html)


def _holds(text: str, pieces: list[str]) -> bool:
    end = 0
    for piece in pieces:
        start = _find(text, piece, end)
        if start < 0:
            return False
        end = start + len(piece)
    return True


def _find(text: str, piece: str, start: int) -> int:
    """Index of `piece` in `text` from `start`, where no word or number is cut; else -1."""
    while (at := text.find(piece, start)) >= 0:
        before, after = text[max(0, at - 2) : at], text[at + len(piece) :][:2]
        if not _is_cut(before, piece, after):
            return at
        start = at + 1
    return -1


def _is_cut(before: str, piece: str, after: str) -> bool:
    if before and (before[-1] + piece[0]).isalnum():
        return True
    if after and (piece[-1] + after[0]).isalnum():
        return True
    cut_before = piece[0].isdigit() and _NUMBER_BEFORE.search(before)
    return bool(cut_before or (piece[-1].isdigit() and _NUMBER_AFTER.match(after)))


def _flat(text: str) -> str:
    return " ".join(text.split())
