"""Queries of 1,000 characters, built to be slow."""

from collections.abc import Sequence
from random import Random

LENGTH = 1_000  # characters: see `asked.QUERY_MAX`


def hostile(many: int, common: Sequence[str], chance: Random) -> list[str]:
    """Hostile queries. common: words in most posts."""
    return [_filled(_KINDS[place % len(_KINDS)], common, chance) for place in range(many)]


def _filled(kind: str, common: Sequence[str], chance: Random) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) + len(parts) < LENGTH:
        some = chance.sample(common, 6)
        letters = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=9))
        parts.append(kind.format(*some, letters=letters, number=chance.randrange(10_000)))
    return " ".join(parts)[:LENGTH]


_KINDS = (
    "{0} {1} {2}",  # what every post has
    '"{0} {1}"',
    '"{0} {1} {2} {3} {4} {5}"',
    '-"{0} {1}" {2}',
    "-{0} {1}",
    "{letters}",  # slips without a word they were meant for
    "{0}{letters}",
    "AF MI SOB COPD UTI T2DM HTN PMR",  # what is said in many other ways
    "from:{0} in:{1} kind:question is:unread",
    "before:2030 after:2001 {0}",
    "before:{number} is:mine is:unanswered {0} {1}",
    '"""{0}" "{1}""',
    "{0}-{1}-{2}-{3}",
    "{0}* {1}? ({2} OR {3}) AND NOT [{4}]~2^9",
    "e\u0301\u0301\u0301{letters}\u0301",
    "((((((((({0}",
    "1/2/3.4,5:6 {number}/{number}",
    "\U0001f642{0}\u200b{1}\u202e",
    "U&E u and e c.diff 2 week wait -ve +ve {0}",
    "{0}'{1}&{2}/{3}",
)
