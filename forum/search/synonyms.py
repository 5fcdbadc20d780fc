"""Other ways to say what was asked for: long forms of abbreviations, and abbreviations."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from forum.search.tokenizer import Word, key, words
from forum.search.vocabulary import LITTLE, SAME

Form = tuple[str, ...]  # keys of words that stand next to each other
LITTLE_KEYS = frozenset(map(key, LITTLE))


@dataclass(frozen=True, slots=True)
class Kin:
    """A run of words that were asked for, and what else says the same."""

    run: Form
    forms: tuple[Form, ...]


def sense(word: Word) -> str:
    """What a word as typed is looked for by: as the abbreviation that its capitals make it."""
    return word.sense or word.key


def kin(typed: Sequence[Word]) -> Iterator[Kin]:
    """For words next to each other: each longest run of them that is said in other ways too."""
    at = 0
    while at < len(typed):
        run = next(_runs(typed, at), None)
        if run:
            yield Kin(run, tuple(form for form in _OTHERS[run] if form != run))
        elif len(typed[at].also) == 1 and at + 1 < len(typed):  # with a hyphen
            yield from _joined(typed, at)
        at += len(run) if run else 1


def _runs(typed: Sequence[Word], at: int) -> Iterator[Form]:
    for length in range(min(_LONGEST, len(typed) - at), 0, -1):
        run = tuple(sense(word) for word in typed[at : at + length])
        if run in _OTHERS and not (length == 1 and run[0] in LITTLE_KEYS):
            yield run


def _joined(typed: Sequence[Word], at: int) -> Iterator[Kin]:
    following = typed[at + 1]
    if following.start == typed[at].end + 1:
        yield Kin((sense(typed[at]), sense(following)), ((typed[at].also[0],),))


def _forms(text: str) -> list[Form]:
    """A way to say it as keys; with a hyphen in it also as one word."""
    found = list(words(text))
    form = tuple(map(sense, found))
    joined = found[0].also[-1] if "-" in text and found[0].also else ""
    rest = text.count("-") + 1
    return [form, (joined, *form[rest:])] if joined else [form]


def _others() -> dict[Form, list[Form]]:
    others = defaultdict[Form, list[Form]](list)
    for same in SAME:
        forms = [form for text in same for form in _forms(text)]
        for form in forms:
            others[form] += [each for each in forms if each not in others[form]]
    return dict(others)


_OTHERS = _others()
_LONGEST = max(map(len, _OTHERS))
