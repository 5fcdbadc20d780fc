"""Wording of advice, and several questions at once: hints to the writer alone.

Quoted lines ("> …") and words in quotation marks belong to another writer and are skipped.
"""

import re
from functools import cache
from pathlib import Path

from forum.rounds.definition_files import opened

DATA = Path(__file__).parent / "data" / "advice.toml"
_QUOTED = re.compile(r"^[ ]{0,3}>.*$", re.MULTILINE)
_SPEECH = re.compile(r"[\"“][^\"“”\n]{1,200}[\"”]")
_APOSTROPHE = "['’ʼ`´]"  # noqa: RUF001
_ADDRESS = re.compile(r"\bhttps?://\S+")
_QUESTION = re.compile(r"[?？⁇⁈؟][?!？！⁇⁈؟]*")  # noqa: RUF001  # full-width and Arabic on purpose


def advice_in(text: str) -> list[tuple[int, int]]:
    """Ranges (start, end) of advice in characters, in order, without overlap.

    Case, kinds of apostrophe and line breaks make no difference.
    """
    return [found.span() for found in _advice().finditer(_own_words(text))]


def questions_in(text: str) -> int:
    """The number of questions: question marks, a run counted once, without those in addresses."""
    return len(_QUESTION.findall(_ADDRESS.sub(_blank, _own_words(text))))


def _own_words(text: str) -> str:
    """The text with quoted lines and quoted speech blanked; offsets stay."""
    return _SPEECH.sub(_blank, _QUOTED.sub(_blank, text))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


@cache
def _advice() -> re.Pattern[str]:
    table = opened(DATA)
    table.close("phrases", "unless", "numbers")
    numbers = table.table("numbers").items("words", str)
    number = rf"(?:\d|[<>≥≤~£$€]|(?:{'|'.join(map(_loose, numbers))})\b)"
    phrases = [_loose(each) for each in table.items("phrases", str)]
    unless = table.table("unless")
    for word in unless.values:
        nexts = (
            number if each == "#" else rf"{_loose(each)}\b" for each in unless.items(word, str)
        )
        phrases.append(rf"{_loose(word)}\b(?=\s+\w|\s+[^\s\w])(?!\s+(?:{'|'.join(nexts)}))")
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b", re.IGNORECASE)


def _loose(phrase: str) -> str:
    """A pattern for a phrase with any blanks between its words and any apostrophe.

    One may be left out, but not of "I'd", which would be an ID.
    """
    return r"\s+".join(map(_loose_word, phrase.split()))


def _loose_word(word: str) -> str:
    mark = _APOSTROPHE if word == "I'd" else f"{_APOSTROPHE}?"
    return re.escape(word).replace("'", mark)
