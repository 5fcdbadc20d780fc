"""Word pieces: a text as numbers of a fixed vocabulary, as the sentence encoder was trained on.

Source: WordPiece of BERT, uncased (Devlin and others, 2019): words without case and accents, each
split into the longest pieces known.
"""

import re
from collections.abc import Sequence
from unicodedata import category, normalize

LETTERS_MAX = 100  # of a word; a longer one is unknown
UNKNOWN, BEGIN, END = 100, 101, 102  # numbers of the vocabulary

_IDEOGRAPH = re.compile(
    r"([\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ceaf\U0002f800-\U0002fa1f])"
)


class WordPieces:
    """The vocabulary, a piece a line; within a word a piece begins with "##"."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(lines)}

    def of_text(self, text: str) -> list[int]:
        """Numbers of a text's pieces, in order."""
        return [number for word in words(text) for number in self._of_word(word)]

    def _of_word(self, word: str) -> list[int]:
        if len(word) > LETTERS_MAX:
            return [UNKNOWN]
        found, start = list[int](), 0
        while start < len(word):
            lead = "##" if start else ""
            for end in range(len(word), start, -1):
                number = self._numbers.get(lead + word[start:end])
                if number is not None:
                    break
            else:
                return [UNKNOWN]
            found.append(number)
            start = end
        return found


def words(text: str) -> list[str]:
    """Words and signs of a text, without case and accents."""
    spaced = _IDEOGRAPH.sub(r" \1 ", "".join(map(_cleaned, text)))
    plain = "".join(
        letter for letter in normalize("NFD", spaced) if category(letter) != "Mn"
    ).lower()
    return "".join(f" {sign} " if _is_sign(sign) else sign for sign in plain).split()


def _cleaned(letter: str) -> str:
    if letter.isspace():
        return " "
    return "" if letter in "\0\ufffd" or category(letter).startswith("C") else letter


def _is_sign(letter: str) -> bool:
    ascii_sign = letter.isascii() and letter.isprintable() and not letter.isalnum()
    return (ascii_sign and letter != " ") or category(letter).startswith("P")
