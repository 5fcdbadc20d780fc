"""Root keys on paper: a whole sheet, or three shares of which any two give the keys back.

Each row of a sheet has a number and a check, so that a typing error is found and its row named.
Shares are words of SLIP-0039, readable by any program for this standard.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import shamir_mnemonic
from shamir_mnemonic import MnemonicError

from forum.core.keys import SIZE

SHARES, NEEDED = 3, 2
DIGITS_PER_ROW = 16
WORDS_PER_ROW = 6
WORDS = 33  # of a share of a key of 32 bytes, as of SLIP-0039
CHECK = 4  # hexadecimal digits
ROW = re.compile(r"^\s*(\d+)-(\d+)\s+([a-z0-9 ]+?)\s*/\s*([0-9a-f]{4})\s*$")
ALIKE = str.maketrans("oil", "011")  # as read off paper, where only digits can stand
NUMBER_ALIKE = re.compile(r"^\s*[\doil]+-[\doil]+")


class BadSheet(Exception):
    """Unusable sheet. The message names the row, and never repeats digits or words."""


@dataclass(frozen=True, slots=True)
class Row:
    """Row of a sheet. root: version of the root key. number: from 1."""

    root: int
    number: int
    text: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.root}-{self.number}  {self.text}  / {self.check}"

    @property
    def check(self) -> str:
        """First digits of the row's SHA-256."""
        return sha256(f"{self.root}-{self.number} {self.text}".encode()).hexdigest()[:CHECK]


def whole(roots: Mapping[int, bytes]) -> list[Row]:
    """Rows of a sheet with all root keys, in hexadecimal digits."""
    return [row for version in sorted(roots) for row in _digits(version, roots[version].hex())]


def _digits(version: int, digits: str) -> Iterator[Row]:
    for number, at in enumerate(range(0, len(digits), DIGITS_PER_ROW), 1):
        part = digits[at : at + DIGITS_PER_ROW]
        yield Row(version, number, " ".join(part[x : x + 4] for x in range(0, len(part), 4)))


def shares(roots: Mapping[int, bytes]) -> list[list[Row]]:
    """Rows of three sheets, drawn anew at each call: two of a drawing give the keys back."""
    sheets: list[list[Row]] = [[] for _ in range(SHARES)]
    for version in sorted(roots):
        groups = [(NEEDED, SHARES)]
        [drawn] = shamir_mnemonic.generate_mnemonics(1, groups, roots[version])
        for sheet, share in zip(sheets, drawn, strict=True):
            sheet += _words(version, share.split())
    return sheets


def _words(version: int, words: Sequence[str]) -> Iterator[Row]:
    for number, at in enumerate(range(0, len(words), WORDS_PER_ROW), 1):
        yield Row(version, number, " ".join(words[at : at + WORDS_PER_ROW]))


def roots_of(texts: Sequence[str]) -> dict[int, bytes]:
    """Root keys by version, from one whole sheet or two shares as typed in. Raises BadSheet."""
    sheets = [_read(text, number) for number, text in enumerate(texts, 1)]
    if len(sheets) == 1 and all(_is_whole(text) for text in sheets[0].values()):
        roots = {version: bytes.fromhex(text) for version, text in sheets[0].items()}
    else:
        roots = _joined(sheets)
    if sorted(roots) != [*range(1, len(roots) + 1)]:
        raise BadSheet("A root key is missing: their numbers begin with 1 and have no gap.")
    return roots


def _read(text: str, number: int) -> dict[int, str]:
    """Digits or words of a sheet, by version. Unnumbered lines are left out."""
    found: dict[int, list[str]] = defaultdict(list)
    for line in map(str.lower, text.splitlines()):
        if not NUMBER_ALIKE.match(line):
            continue
        row = _row(line) or _row(line.translate(ALIKE))
        if row is None:
            name = line.split()[0][:8]
            raise BadSheet(
                f"Row {name} of sheet {number} does not agree with its check. Look again."
            )
        if row.number != len(found[row.root]) + 1:
            at = f"{row.root}-{len(found[row.root]) + 1}"
            raise BadSheet(f"Row {at} of sheet {number} is missing, or stands elsewhere.")
        found[row.root].append(row.text)
    if not found:
        raise BadSheet(f"Sheet {number} has no rows such as “1-1  …  / 4d1c”.")
    return {root: " ".join(texts) for root, texts in found.items()}


def _row(line: str) -> Row | None:
    """Row of a line; None if the check fails."""
    if not (match := ROW.match(line)):
        return None
    root, number, text, check = match.groups()
    row = Row(int(root), int(number), " ".join(text.split()))
    return row if row.check == check else None


def _is_whole(text: str) -> bool:
    digits = text.replace(" ", "")
    return len(digits) == 2 * SIZE and re.fullmatch(r"[0-9a-f]+", digits) is not None


def _joined(sheets: Sequence[Mapping[int, str]]) -> dict[int, bytes]:
    for number, sheet in enumerate(sheets, 1):
        for version, text in sheet.items():
            if not (_is_whole(text) or len(text.split()) == WORDS):
                raise BadSheet(f"Root key {version} of sheet {number} lacks its last rows.")
    if len(sheets) < NEEDED:
        raise BadSheet("One share alone gives nothing: type in another of the same drawing.")
    versions = set.union(*(set(sheet) for sheet in sheets))
    if any(set(sheet) != versions for sheet in sheets):
        raise BadSheet("These sheets are of different days: one has more root keys.")
    try:
        return {
            version: shamir_mnemonic.combine_mnemonics(
                [sheet[version] for sheet in sheets[:NEEDED]]
            )
            for version in versions
        }
    except MnemonicError:
        raise BadSheet(
            "These shares do not belong together. Take two different sheets of one drawing."
        ) from None
