"""Passages of a post around words of the query, in whole words, as pieces for a template."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forum.search.query_parser import ParsedQuery
from forum.search.tokenizer import Token, tokenize

FRAGMENTS_MAX = 2
WIDE = 160  # characters of one fragment; alone it may have twice that
BEFORE = 40  # characters shown ahead of the first word that was asked for
COMMON = 0.25  # of the rarest's weight: words that weigh less are not worth marking
CUT = "…"

Piece = tuple[str, bool]  # a run of text; whether it was asked for


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    term: str
    weight: float


def snippet(text: str, query: ParsedQuery, weights: Mapping[str, float]) -> list[Piece]:
    """At most FRAGMENTS_MAX passages of a text, with words of the query marked.

    weights: of each term, see `ranking.idf_weights`. Without a match it is the beginning.
    """
    flat = re.sub(r"[^\S\n]+", " ", re.sub(r"\s*\n\s*", "\n", text)).strip()
    found = list(tokenize(flat))
    marks = _marks(found, query, weights)
    pieces: list[Piece] = []
    last = 0
    for start, end in _fragments(marks, found, len(flat)):
        pieces += [(f"{CUT} " if not pieces else f" {CUT} ", False)] if start > last else []
        pieces += _cut(flat, start, end, marks)
        last = end
    pieces += [(f" {CUT}", False)] if last < len(flat) else []
    return [(piece.replace("\n", " "), is_marked) for piece, is_marked in pieces]


def marked(text: str, query: ParsedQuery, weights: Mapping[str, float]) -> list[Piece]:
    """A whole text, with words of the query marked."""
    return list(_cut(text, 0, len(text), _marks(list(tokenize(text)), query, weights)))


def _marks(found: Sequence[Token], query: ParsedQuery, weights: Mapping[str, float]) -> list[_Mark]:
    asked_for = {term for clause in query.content_words for term in clause.terms}
    wanted = asked_for.union(*_forms(query))
    where = defaultdict[str, list[int]](list)  # by term, the places of its words
    for place, word in enumerate(found):
        for term in word.terms:
            if term in wanted:
                where[term].append(place)
    enough = COMMON * max((weights[term] for term in asked_for & where.keys()), default=0)
    marks = [
        _Mark(found[place].start, found[place].end, term, weights[term])
        for term in asked_for
        if weights[term] >= enough
        for place in where.get(term, ())
    ]
    for form in _forms(query):
        marks += _phrases(found, where, form, sum(weights[term] for term in form))
    return _apart(sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.term)))


def _forms(query: ParsedQuery) -> Iterator[tuple[str, ...]]:
    """Runs of terms marked as a whole: phrases and synonyms."""
    yield from (item.terms for item in query.phrases)
    yield from (form for synonyms in query.synonyms for form in synonyms.forms)


def _phrases(
    found: Sequence[Token], where: Mapping[str, list[int]], terms: tuple[str, ...], weight: float
) -> Iterator[_Mark]:
    for first in where.get(terms[0], ()):
        run = found[first : first + len(terms)]
        unbroken = run[-1].position - run[0].position == len(terms) - 1
        if unbroken and len(run) == len(terms) and all(map(_is, run, terms)):
            yield _Mark(run[0].start, run[-1].end, " ".join(terms), weight)


def _is(word: Token, term: str) -> bool:
    return term in word.terms


def _apart(marks: list[_Mark]) -> list[_Mark]:
    kept: list[_Mark] = []
    for mark in marks:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def _fragments(marks: list[_Mark], found: Sequence[Token], length: int) -> list[tuple[int, int]]:
    """Bounds of the passages, in order; the passages with the most weight are chosen."""
    if not marks:
        return [_around(0, 2 * WIDE, found, length)]
    chosen: list[tuple[int, int]] = []
    shown: set[str] = set()
    for _ in range(FRAGMENTS_MAX):
        first, terms = _richest(marks, shown)
        if not terms:
            break
        start = max(0, marks[first].start - BEFORE)
        chosen.append((start, start + WIDE))
        shown |= terms
    wide = WIDE if len(chosen) > 1 else 2 * WIDE
    spans = sorted(_around(start, start + wide, found, length) for start, _ in chosen)
    return _joined(spans)


def _richest(marks: list[_Mark], shown: set[str]) -> tuple[int, set[str]]:
    """The mark whose passage adds most weight to the passages chosen, and its terms."""
    starts = [mark.start for mark in marks]
    best, place, says = 0.0, 0, set[str]()
    for first, mark in enumerate(marks):
        beyond = bisect_left(starts, mark.start + WIDE - BEFORE)
        new = {each.term: each.weight for each in marks[first:beyond] if each.term not in shown}
        if sum(new.values()) > best:
            best, place, says = sum(new.values()), first, set(new)
    return place, says


def _around(start: int, end: int, found: Sequence[Token], length: int) -> tuple[int, int]:
    """The passage from `start` to `end`, moved to word boundaries."""
    first = bisect_left(found, start, key=lambda word: word.start)
    last = bisect_right(found, end, key=lambda word: word.end) - 1
    if not found or last < first:  # one endless word
        return start, min(end, length)
    begin = 0 if first == 0 else found[first].start
    return begin, length if last == len(found) - 1 else found[last].end


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1] + 1:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _cut(text: str, start: int, end: int, marks: Sequence[_Mark]) -> Iterator[Piece]:
    at = start
    for mark in marks:
        if start <= mark.start and mark.end <= end:
            yield from [(text[at : mark.start], False)] if mark.start > at else []
            yield text[mark.start : mark.end], True
            at = mark.end
    if at < end:
        yield text[at:end], False
