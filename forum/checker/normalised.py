"""A text normalised for the rules: a single spelling for each letter, with offsets as typed."""

import re
from array import array
from dataclasses import dataclass
from html import unescape
from unicodedata import category, decimal, normalize

_PIECE = re.compile(
    r"(?P<plain>[^\x00-\x08\x0b-\x1f\x7f-\U0010ffff*_`~\\<>&]+(?![\u0300-\u036f]))"
    r"|(?P<entity>&(?:#\d{1,6}|#[xX][0-9a-fA-F]{1,5}|[A-Za-z]{2,8});)"
    r"|(?P<within>(?<=[^\W_])_(?=[^\W_]))"  # in a file's name, no emphasis
    r"|(?P<mark>[*_`~]+|\\(?=[!-/:-@\[-`{-~])|<!--|-->|</?[A-Za-z][A-Za-z0-9]{0,9}[ ]?/?>"
    r"|(?<=\n)>[> ]*)"
    r"|(?P<letter>[^\u0300-\u036f][\u0300-\u036f]{0,4}|.)",
    re.DOTALL,
)
_LOOKALIKES = str.maketrans(
    # Cyrillic and Greek letters drawn as Latin ones (Unicode UTS 39, confusables)
    "АВЕЅІЈКМНОРСТУХаеорсухіѕјԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοϲ",
    "ABESIJKMHOPCTYXaeopcyxisjdhqwABEZHIKMNOPTYXoc",
)
_QUOTES = str.maketrans("‘’‛ʼʹ′“”„«»", "''''''\"\"\"\"\"")
_UNSEEN = frozenset({"Cf", "Cc", "Cn", "Co", "Cs", "Me"})  # drawn as nothing, or around a digit


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised `text`, and for each of its characters where it began and ended as typed."""

    text: str
    starts: "array[int]"
    ends: "array[int]"

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Offsets as typed of a non-empty text[start:end]."""
        return self.starts[start], self.ends[end - 1]


def normalised(typed: str) -> Normalised:
    """NFKC letters, plain digits, dashes, spaces and quotes; without marks and invisible
    characters.

    Taken out: characters of no width, marks of Markdown (`*_~` and backticks, backslashes before
    punctuation, `>` of quotations), HTML comment signs and tags without attributes.

    Source: UAX #15 (NFKC); CommonMark 0.31 for marks and entities.
    """
    parts: list[str] = []
    starts, ends = array("I"), array("I")
    for piece in _PIECE.finditer(typed):
        start, end = piece.span()
        if piece.lastgroup == "plain":
            parts.append(piece.group())
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        elif piece.lastgroup != "mark":
            read = _read(piece.group())
            parts.append(read)
            starts.extend([start] * len(read))
            ends.extend([end] * len(read))
    return Normalised("".join(parts), starts, ends)


def compared(words: str) -> str:
    """Words as they are told to be equal: normalised, in small letters, with single spaces."""
    return " ".join(normalised(words).text.lower().split())


def _read(piece: str) -> str:
    """A letter with its accents, or an entity, normalised; "" for an invisible character."""
    if len(piece) > 2 and piece[0] == "&":
        piece = unescape(piece)
    if piece in "\n\t<>&\\½¼¾_" or (piece.isascii() and piece.isprintable()):
        return piece
    letters = normalize("NFC", normalize("NFKC", piece)).translate(_LOOKALIKES).translate(_QUOTES)
    return "".join(map(_plain, letters))


def _plain(letter: str) -> str:
    if letter in "♀♂":
        return "F" if letter == "♀" else "M"  # "84♀"
    kind = category(letter)
    if kind == "Nd":
        return str(decimal(letter))
    if kind == "Pd" or letter in "−⁃":
        return "-"
    if kind in ("Zs", "Zl", "Zp", "So", "Sk"):
        return " "  # a smiley between two digits parts them no more than a space does
    return "" if kind in _UNSEEN or "\ufe00" <= letter <= "\ufe0f" else letter
