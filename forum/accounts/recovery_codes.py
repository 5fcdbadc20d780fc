"""Recovery codes: eight, shown once, each of which works once in place of the second factor."""

from base64 import b32encode
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes
from unicodedata import normalize

NUMBER = 8
RANDOM = 15  # bytes of a code: 24 letters and digits of base32
LENGTH = 24
DIGEST = 32  # bytes
USED = bytes(DIGEST)  # in place of a used code's digest, so that the length tells nothing
LOOKALIKES = str.maketrans("018", "OIB")  # digits that base32 has not
TYPED_MAX = 128  # characters of a try that are read


def new() -> list[str]:
    """Eight fresh codes, each 24 letters and digits."""
    return [b32encode(token_bytes(RANDOM)).decode() for _ in range(NUMBER)]


def in_groups(code: str) -> str:
    """A code, or a secret in base32, as it is shown: in groups of four."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def digests(codes: list[str]) -> bytes:
    """SHA-256 of each code, one after the other. Their 120 random bits need no slow hash."""
    return b"".join(sha256(code.encode()).digest() for code in codes)


def without(kept: bytes, typed: str) -> bytes | None:
    """Digests after a code was used; None if no unused code was typed."""
    tried, each = _digest(typed), _each(kept)
    right = [place for place, digest in enumerate(each) if compare_digest(digest, tried)]
    if not right or tried == USED:
        return None
    each[right[0]] = USED
    return b"".join(each)


def left(kept: bytes) -> int:
    """Number of codes not used yet."""
    return sum(digest != USED for digest in _each(kept))


def share_any(kept: bytes, others: bytes) -> bool:
    """True if an unused code stands in both lists."""
    return bool(set(_each(kept)) & set(_each(others)) - {USED})


def _each(kept: bytes) -> list[bytes]:
    return [kept[start : start + DIGEST] for start in range(0, len(kept), DIGEST)]


def _digest(typed: str) -> bytes:
    """Digest of a typed code, whatever its blanks, signs, width and case."""
    signs = normalize("NFKC", typed[:TYPED_MAX]).upper()
    code = "".join(sign for sign in signs if sign.isalnum()).translate(LOOKALIKES)
    return sha256(code.encode()).digest() if len(code) == LENGTH else USED
