"""Words of a text: capitals, place in the sentence, membership in lists."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from forum.checker.normalised import Normalised
from forum.checker.word_lists import DATA, folded, word_list

# Capital letters of the Latin script beyond ASCII, for patterns: `re` has no class for them.
UPPER = "A-ZÀ-ÖØ-Þ" + "".join(map(chr, range(0x100, 0x17F))).translate(
    {code: None for code in range(0x100, 0x17F) if not chr(code).isupper()}
)
_WORD = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*")
_OPENING = re.compile(r"[.?!:\n|\"]")
_INITIAL_OR_TITLE = re.compile(r"(?:[A-Z]|[A-Z][a-z]{1,3}|[Mm]rs?|[Dd]r|[Pp]rof|[Ss]t)")
_ABBREVIATED = frozenset({
    "mr", "mrs", "ms", "mx", "dr", "prof", "st", "rev", "revd", "sgt", "capt", "sr", "jr", "fr",
    "hon",
})  # fmt: skip


@dataclass(slots=True)
class Word:
    """One word. key: folded, without the s of possession."""

    text: str
    start: int
    end: int
    key: str
    capital: bool
    upper: bool
    opens: bool  # first of a sentence, a line, a cell or a quotation
    gap: str  # between the word before and this


@dataclass(slots=True)
class Reading:
    """A normalised text as words, with membership in the word lists asked once a word."""

    source: Normalised
    typed: str
    small: str  # the normalised text in small letters, of equal length
    words: list[Word]
    _known: dict[tuple[str, str], bool] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The normalised text."""
        return self.source.text

    def has(self, name: str, key: str) -> bool:
        """Membership of a folded word in a list of `data`, asked once."""
        if (name, key) not in self._known:
            self._known[name, key] = key in word_list(name)
        return self._known[name, key]

    def is_given(self, key: str) -> bool:
        """A given name, be it a common word too."""
        return all(self.has("given_names", part) for part in key.split("-"))

    def is_common(self, key: str) -> bool:
        """A word that most readers know, in small letters."""
        return any(self.has("common_words", each) for each in _forms(key)) or (
            "'" in key[1:-1] and self.has("common_words", key.split("'")[0])
        )

    def in_dictionary(self, key: str) -> bool:
        """A word of English in small letters, or of two such words with a hyphen."""
        if "-" in key:
            return all(self.is_common(part) for part in key.split("-"))
        return self.is_common(key) or any(self.has("rare_words", each) for each in _forms(key))

    def is_known(self, key: str) -> bool:
        """A word with a capital that names no patient: medicine, work, brands, regions, figures."""
        return any(key in names(section) for section in _KNOWN) or self.has("drugs", key)

    def is_title_of_work(self, word: Word) -> bool:
        """Whether a word is in italics, as titles of books are: a mark of emphasis touches it."""
        start, end = self.source.span(word.start, word.end)
        return self.typed[start - 1 : start] in ("*", "_") or self.typed[end : end + 1] in (
            "*",
            "_",
        )

    def at(self, place: int) -> Word:
        """The word at a place in order; an empty one beyond either end."""
        try:
            return self.words[place] if place >= 0 else _NONE
        except IndexError:
            return _NONE


_KNOWN = ("calendar", "eponyms", "work", "regions", "brands", "culture")
_NONE = Word("", 0, 0, "", False, False, True, "")


def reading(source: Normalised, typed: str) -> Reading:
    """Words of a normalised text, in order."""
    text, small = source.text, in_small_letters(source.text)
    words: list[Word] = []
    before, end = "", 0
    for found in _WORD.finditer(text):
        start, gap = found.start(), text[end : found.start()]
        end, word = found.end(), found.group()
        capital = word[0].isupper() and word != "I" and not word.startswith("I'")
        opens = not words or (
            gap != " " and bool(_OPENING.search(gap)) and not _is_short(before, gap)
        )
        letters = word.removesuffix("'s")  # "PSA's" is as upper as "PSA"
        upper = capital and len(letters) > 1 and letters.isupper()
        words.append(Word(word, start, end, _key(small[start:end]), capital, upper, opens, gap))
        before = word
    return Reading(source, typed, small, words)


def is_coined(word: str) -> bool:
    """A word of medicine or trade by its letters: "PaO", "InterStim", "X-ray", "C-section"."""
    return bool(_COINED.search(word))


_COINED = re.compile(
    r"(?<!Mc)(?<!Mac)(?<!Fitz)(?<!De)(?<!Le)(?<!La)(?<!Van)(?<!Di)(?<=[a-z])[A-Z]|^[A-Z]-[a-z]|^[A-Z]{2,}s$"
)


def in_small_letters(text: str) -> str:
    """`text` in small letters, of equal length."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(letter.lower()[0] for letter in text)


def _is_short(before: str, gap: str) -> bool:
    """An initial or a shortened title, whose full stop ends no sentence."""
    return gap in (". ", ".") and (
        (len(before) == 1 and before.isupper() and before != "I") or before.lower() in _ABBREVIATED
    )


def _key(word: str) -> str:
    key = word if word.isascii() else folded(word)
    return key[:-2] if key[-2:] == "'s" else key


def _forms(key: str) -> Iterable[str]:
    yield key
    if key.endswith("s") and len(key) > 3:
        yield key[:-1]


@cache
def names(section: str) -> frozenset[str]:
    """Folded words of a section of names.toml."""
    found: str = _data("names")[section]
    return frozenset(found.split())


@cache
def _data(name: str) -> dict[str, str]:
    return tomllib.loads((DATA / f"{name}.toml").read_text())
