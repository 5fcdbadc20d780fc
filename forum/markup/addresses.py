"""Addresses that may become links: absolute http, https and mailto, without credentials."""

import re

REL = "nofollow noopener noreferrer ugc"
SCHEMES = {"http", "https", "mailto"}
ADDRESS_MAX = 2_000  # characters

_HOST = r"(?:[a-z0-9-]{1,63}\.){0,10}[a-z0-9-]{1,63}"
# Of a path, query or fragment; ASCII by the pattern's flag. An apostrophe alone before a letter or
# digit: any other is a quotation mark around the address.
_REST = r"(?:[!#$%&*+,./:;=?@~\w-]|'(?=\w))"
_WEB = rf"https?://{_HOST}(?::[0-9]{{1,5}})?(?:[/?#](?:{_REST}|\({_REST}*\))*)?"
_MAIL = rf"mailto:[\w.+-]{{1,64}}@{_HOST}"
_ADDRESS = re.compile(rf"(?:{_WEB}|{_MAIL})", re.ASCII | re.IGNORECASE)
_BARE = re.compile(_WEB, re.ASCII | re.IGNORECASE)
_BARE_START = re.compile(r"(?<![\w@/.&=-])(?<!\]\()https?://(?=[a-z0-9])", re.IGNORECASE)
_GOES_ON = re.compile(r"[\w@\\]|[:%]\w")  # right after a bare address: the match is incomplete
_TRAILING = "!*,.:;?_~"  # of a sentence, or marks around the address


def address(text: str, start: int, close: str) -> str | None:
    """Address in `text` from `start` up to `close`; None if anything else stands there."""
    found = _ADDRESS.match(text, start, start + ADDRESS_MAX)
    return found[0] if found and text.startswith(close, found.end()) else None


def bare_start(text: str, start: int, end: int) -> int:
    """Index of the first possible bare address in text[start:end]; -1 for none."""
    found = _BARE_START.search(text, start, end)
    return found.start() if found else -1


def bare_address(text: str, start: int) -> str | None:
    """Web address at `start`, without the punctuation of its sentence.

    None where the text continues in characters that addresses cannot contain: part of an address
    would lead elsewhere than the whole.
    """
    found = _BARE.match(text, start, start + ADDRESS_MAX)
    if not found or found.end() == start + ADDRESS_MAX or _GOES_ON.match(text, found.end()):
        return None
    return found[0].rstrip(_TRAILING)


def shown_beside(address: str) -> str:
    """Target shown after a link's words: the host, or a complete mail address."""
    return re.split(r"[/?#]", address.split(":", 1)[1].removeprefix("//"))[0].lower()
