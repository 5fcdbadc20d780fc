"""Synonyms of query words: abbreviations and long forms, names of medicines, spans of time."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forum.search.tokenizer import Token, term, tokenize
from forum.search.vocabulary import STOPWORDS, SYNONYMS

Form = tuple[str, ...]  # keys of words that stand next to each other
STOP_TERMS = frozenset(map(term, STOPWORDS))
NUMBER_WORDS = (
    *("one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)

_SPANS = {"7": term("day"), "52": term("week"), "12": term("month")}  # 5/7 is five days
_BY_UNIT = {unit: part for part, unit in _SPANS.items()}
_SPAN = re.compile(rf"(\d{{1,2}})/({'|'.join(_SPANS)})")
_COUNTS = {term(word): str(number) for number, word in enumerate(NUMBER_WORDS, 1)}
_WORDS = {number: word for word, number in _COUNTS.items()}


@dataclass(frozen=True, slots=True)
class Synonyms:
    """A run of query terms, and equivalent runs."""

    run: Form
    forms: tuple[Form, ...]


def query_term(word: Token) -> str:
    """The search term of a typed word: an abbreviation where capitals make it one."""
    return word.acronym or word.term


def find_synonyms(typed: Sequence[Token]) -> Iterator[Synonyms]:
    """Synonyms of each longest run of adjacent words."""
    at = 0
    while at < len(typed):
        run = next(_runs(typed, at), None)
        if run:
            yield Synonyms(run, tuple(form for form in _OTHERS[run] if form != run))
        elif span := _span(typed[at : at + 2]):
            yield span
            run = span.run
        elif len(typed[at].also) == 1 and at + 1 < len(typed):  # with a hyphen
            yield from _joined(typed, at)
        at += len(run) if run else 1


def _span(typed: Sequence[Token]) -> Synonyms | None:
    """A span of days, weeks or months in its three notations: 5/7, 5 days, five days."""
    terms = tuple(map(query_term, typed))
    if found := _SPAN.fullmatch(terms[0]):
        run, number, unit = terms[:1], found[1], _SPANS[found[2]]
    elif terms[1:] and terms[1] in _BY_UNIT:
        run, number, unit = terms, _COUNTS.get(terms[0], terms[0]), terms[1]
    else:
        return None
    if not (number.isdigit() and len(number) <= 2):
        return None
    forms = [(f"{number}/{_BY_UNIT[unit]}",), (number, unit)]
    forms += [(_WORDS[number], unit)] if number in _WORDS else []
    return Synonyms(run, tuple(form for form in forms if form != run))


def _runs(typed: Sequence[Token], at: int) -> Iterator[Form]:
    for length in range(min(_LONGEST, len(typed) - at), 0, -1):
        run = tuple(query_term(word) for word in typed[at : at + length])
        if run in _OTHERS and not (length == 1 and run[0] in STOP_TERMS):
            yield run


def _joined(typed: Sequence[Token], at: int) -> Iterator[Synonyms]:
    following = typed[at + 1]
    if following.start == typed[at].end + 1:
        yield Synonyms((query_term(typed[at]), query_term(following)), ((typed[at].also[0],),))


def _forms(text: str) -> list[Form]:
    """A synonym as terms; a hyphenated word also as a joined term."""
    found = list(tokenize(text))
    form = tuple(map(query_term, found))
    joined = found[0].also[-1] if "-" in text and found[0].also else ""
    rest = text.count("-") + 1
    return [form, (joined, *form[rest:])] if joined else [form]


def _others() -> dict[Form, list[Form]]:
    others = defaultdict[Form, list[Form]](list)
    for same in SYNONYMS:
        forms = [form for text in same for form in _forms(text)]
        for form in forms:
            others[form] += [each for each in forms if each not in others[form]]
    return dict(others)


_OTHERS = _others()
_LONGEST = max(map(len, _OTHERS))
