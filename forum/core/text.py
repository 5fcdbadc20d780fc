"""Normalisation of typed text: a single spelling of a text, no invisible characters."""

import re
from unicodedata import category, combining, name, normalize

# Signs of Windows-1252 in a file read as Latin-1. Five of the 32 codes are unassigned, and U+0085
# is a line end.
_WINDOWS_1252 = {
    code: sign
    for code in range(0x80, 0xA0)
    if code != 0x85 and (sign := bytes([code]).decode("cp1252", "ignore"))
}
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_CONTROL = "\0-\x08\x0e-\x1f\x7f-\x9f"  # without tab and all line ends
_APART = rf"\s{_CONTROL}()\[\]{{}}\"'"  # characters that join no word or number anyway
_GAP = re.compile(f"(?<=[^{_APART}])[{_CONTROL}]+(?=[^{_APART}])")
# Flags of England, Scotland and Wales, which stay; or: controls that are left; marks that turn the
# direction; characters of no width; tag characters.
_UNSEEN = re.compile(
    "(\U0001f3f4\U000e0067\U000e0062(?:"
    "\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073"
    ")\U000e007f)"
    f"|[{_CONTROL}\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
# Characters drawn as nothing. Source: Default_Ignorable_Code_Point of Unicode; the empty Braille
# cell.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_JOINER = re.compile("[\u200c\u200d]")  # ZWNJ, ZWJ
_UNJOINED = ("LATIN ", "GREEK ", "CYRILLIC ")  # beginnings of the names of their letters
_VIRAMA = 9  # canonical combining class
# Nothing below U+0300 joins what stands before it, so text may be cut there. Elsewhere it is cut
# all the same: sorting 20,000 combining marks at once takes a second, and four times as many 16.
_PIECE = re.compile("[\0-\u02ff]*[^\0-\u02ff]{0,256}")


def clean(typed: str) -> str:
    """`typed` in NFC, with `\\n` for every line end, without invisible characters.

    A control character stands for a sign lost in conversion: Windows-1252 signs are restored;
    vertical tab, form feed, NEL, LS and PS end a line; any other becomes a space between letters,
    digits and their signs, so `5` and `10` never read as `510`.
    Joiners (ZWJ, ZWNJ) stay: scripts and emoji need them. Cleaning is idempotent.
    Raises ValueError for half a surrogate pair, which no keyboard produces and no file can hold.
    Source: UAX #15 (NFC); UTR #36 for the characters removed; UTS #51 for flags; WHATWG Encoding
    for Windows-1252.
    """
    typed.encode()  # UnicodeEncodeError is a ValueError
    lined = _LINE_END.sub("\n", typed.translate(_WINDOWS_1252))
    seen = _UNSEEN.sub(r"\1", _GAP.sub(" ", lined))
    return "".join(normalize("NFC", piece) for piece in _PIECE.findall(seen))


def is_blank(text: str) -> bool:
    """True for a text in which nothing shows: blanks and characters drawn as nothing alone."""
    return all(sign.isspace() or INVISIBLE.match(sign) for sign in text)


def without_joiners(line: str) -> str:
    """`line` without the joiners that a script or an emoji needs; all others stay.

    ZWNJ and ZWJ are needed between two letters, marks or symbols of most scripts, and after a
    virama. In Latin, Greek and Cyrillic they only hide. Source: UAX #31, section 2.3.
    """
    return _JOINER.sub(lambda found: "" if _is_needed(line, found.start()) else found[0], line)


def _is_needed(line: str, at: int) -> bool:
    before, after = line[:at][-1:], line[at + 1 :][:1]
    if before and combining(before) == _VIRAMA:
        return True
    return _is_joined(before) and _is_joined(after)


def _is_joined(sign: str) -> bool:
    """True for a letter, mark or symbol of a script with joiners."""
    if not sign or (category(sign)[0] not in "LM" and category(sign) not in ("So", "Sk")):
        return False
    return not name(sign, "").startswith(_UNJOINED)
