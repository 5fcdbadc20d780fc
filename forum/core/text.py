"""What members type, made safe to keep: one spelling for one text, nothing that cannot be seen."""

import re
from unicodedata import normalize

# Controls but tab and newline; what turns direction; what has no width; tag characters.
_UNSEEN = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
# Nothing below U+0300 joins what stands before it, so text may be cut there. Elsewhere it is cut
# all the same: sorting 20,000 combining marks at once takes a second, and four times as many 16.
_PIECE = re.compile("[\0-\u02ff]*[^\0-\u02ff]{0,256}")


def clean(typed: str) -> str:
    """`typed` in NFC, with `\\n` for every line end, without characters that nobody can see.

    Joiners (ZWJ, ZWNJ) stay: scripts and emoji need them. Cleaning twice changes nothing more.
    Raises ValueError for half a surrogate pair, which no keyboard makes and no file can hold.
    Source: UAX #15 (NFC); UTR #36 for what is taken out.
    """
    typed.encode()  # UnicodeEncodeError is a ValueError
    seen = _UNSEEN.sub("", typed.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(normalize("NFC", piece) for piece in _PIECE.findall(seen))
