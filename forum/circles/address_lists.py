"""Addresses in a list as mail programs copy it: with names, quotes, brackets, commas, numbers."""

import re
from collections.abc import Iterator
from itertools import pairwise

NAME = re.compile(
    r'"(?:\\[^@\r\n]|[^"\\@\r\n])*"(?=\s*<)'
)  # RFC 5322 quoted-string; no address in it
ASIDE = re.compile(r"\([^()@]*\)")  # RFC 5322 comment, such as "(work)"
ENTRY, PART = re.compile(r"[;\r\n]+"), re.compile(",")
LIKE_A_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}")  # "ana.example.org": its @ is missing
AROUND = "<>\"'.,:()[]\u2018\u2019\u201c\u201d"  # marks that stand around an address, not in it


def parsed(text: str) -> tuple[list[str], list[str]]:
    """Split a typed list: (candidates for addresses, parts that hold none), each in order.

    A name belongs to the address after it: in its part, or, as in "Patel, Anna <a@x.example>", in
    the next part where that has brackets.
    """
    found: list[str] = []
    left: list[str] = []
    for entry in ENTRY.split(ASIDE.sub(" ", NAME.sub(" ", text))):
        parts = [part for part in map(str.strip, PART.split(entry)) if part]
        for part, after in pairwise([*parts, ""]):
            if "@" in part:
                found += _addresses(part)
                left += _strays(part)
            elif "<" not in after:
                left.append(part)
    return found, left


def _addresses(part: str) -> Iterator[str]:
    for word in part.replace("<", " <").replace(">", "> ").split():
        if "@" in word:
            yield word.strip(AROUND).removeprefix("mailto:").partition("?")[0].strip(AROUND)


def _strays(part: str) -> list[str]:
    """Words beside a part's addresses that are no name: after the last, or like a host."""
    before, _, after = part.replace(">", "> ").rpartition("@")
    strays = after.split()[1:]
    if "<" not in part:
        strays += [word for word in before.split() if LIKE_A_HOST.fullmatch(word)]
    return strays
