"""Email addresses, links, handles and network addresses."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address

from forum.checker.findings import Kind, Severity
from forum.checker.spots import Spot
from forum.checker.word_lists import DATA

_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}(?: ?@ ?| ?[\[(] ?at ?[\])] ?)"
    r"[a-z0-9-]{1,63}(?:(?:\.| ?[\[(] ?dot ?[\])] ?| dot )[a-z0-9-]{1,63}){1,5}(?![\w-])"
    r"|(?<![\w.+%-])[\w.+%-]{1,64} at [a-z0-9-]{1,63}(?: dot [a-z0-9-]{1,63}){1,4}(?![\w-])"
)
_TLDS = "com|org|net|info|co|io|uk|ie|au|nz|ca|eu|us|scot|wales|app|blog|news|me|tv|gov|edu|health"
_URL = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"')\]]{{1,300}}"
    rf"|(?<![\w@.-])(?:[a-z0-9-]{{1,63}}\.){{1,5}}(?:{_TLDS})(?![\w.-]*\w@|\w"
    rf"|-\w)(?:[/?][^\s<>\"')\]]{{0,300}})?"
)
_HANDLE = re.compile(r"(?<![\w@./])@[a-z0-9](?:[\w.]{0,28}\w)(?![\w@])")
_ACCOUNT = re.compile(
    r"\b(?:(?:twitter|insta(?:gram)?|facebook|tiktok|snap(?:chat)?|linkedin|bluesky|mastodon"
    r"|reddit) "
    r"(?:handle|name|account|user(?:name)?|profile)|username|screen name)(?: is| was|:)? "
    r"[\"']?([\w.]{3,30})"
)
_IP = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?!\w)"
)
_END = ".,;:!?"


def contacts(text: str) -> Iterator[Spot]:
    """Email addresses, links, handles and network addresses; text: normalised, in small letters."""
    if "@" in text or " dot " in text or "[at" in text or "(at" in text:
        for found in _EMAIL.finditer(text):
            yield Spot(Kind.EMAIL, Severity.STOP, *found.span(), rank=5)
        for found in _HANDLE.finditer(text):
            yield Spot(Kind.URL_OR_HANDLE, Severity.CONFIRM, *found.span(), rank=3)
    for found in _ACCOUNT.finditer(text):
        yield Spot(Kind.URL_OR_HANDLE, Severity.CONFIRM, *found.span(1), rank=3)
    for found in _URL.finditer(text):
        link = found.group().rstrip(_END)
        severity = Severity.NUDGE if _host(link) in _known_hosts() else Severity.CONFIRM
        yield Spot(Kind.URL_OR_HANDLE, severity, found.start(), found.start() + len(link), rank=4)
    for found in _IP.finditer(text):
        if _is_address(found.group()):
            yield Spot(Kind.IP, Severity.CONFIRM, *found.span(), rank=4)


def _host(link: str) -> str:
    """Host of a link without "www."."""
    return re.split(r"[/?#]", link.split("://")[-1], maxsplit=1)[0].removeprefix("www.")


def _is_address(written: str) -> bool:
    try:
        ip_address(written)
    except ValueError:
        return False
    return True


@cache
def _known_hosts() -> frozenset[str]:
    """Hosts of guidance and journals, whose pages lead to no person."""
    return frozenset(tomllib.loads((DATA / "numbers.toml").read_text())["helplines"]["hosts"])
