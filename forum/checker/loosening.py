"""A suggestion put in the place of a finding, so that the sentence around it still reads."""

import re
from dataclasses import dataclass

from forum.checker.findings import Kind

_BEFORE = re.compile(
    r"(?i)\b(?:(?P<article>an?|the)|(?P<owner>my|our|your|his|her|their|this|that|each|every"
    r"|another|one)|(?P<aged>aged?)|(?P<on>on))\s+\Z"
)
_ARTICLE = re.compile(r"(?:an?|the) ")
_PERSON = re.compile(
    r"(?i)[ -](?:girl|boy|child|man|woman|lady|gentleman|gent|male|female|guy|lad|lass|bloke"
    r"|patient|baby|infant|toddler|teenager)\b"
)
_BEGINS = re.compile(r"(?:\A|[.!?]\s+|\n\s*)(?:[*_#>\-\s]*)\Z")
_NEAR = 80  # characters read before a finding


@dataclass(frozen=True, slots=True)
class Change:
    """Words to put in the place of text[start:end]."""

    start: int
    end: int
    words: str


def loosened(text: str, kind: Kind, start: int, end: int, instead: str) -> Change:
    """Change of `text` that puts `instead` in the place of a finding at text[start:end].

    An article, "aged" or "on" before it goes where it no longer fits, and after an age the noun
    that says a sex; a sentence still begins with a capital.
    """
    words, before = instead, _BEFORE.search(text, max(0, start - _NEAR), start)
    if before and before["owner"]:
        words = _ARTICLE.sub("", words, count=1)
    elif before and before["article"] and _ARTICLE.match(words):
        start = before.start()
        if before["article"].lower() == "the":
            words = _ARTICLE.sub("the ", words, count=1)
    elif before and ((before["aged"] and kind is Kind.EXACT_AGE) or _is_about(before, words)):
        start = before.start()
    if kind in (Kind.EXACT_AGE, Kind.COMBINATION) and (noun := _PERSON.match(text, end)):
        end = noun.end() if text[start:end][-1:].isalnum() and _is_age(text[start:end]) else end
    if _BEGINS.search(text, max(0, start - _NEAR), start):
        words = words[:1].upper() + words[1:]
    return Change(start, end, words)


def _is_about(before: "re.Match[str]", words: str) -> bool:
    """Whether "on" stands before what is "about that time" or "some time ago" now."""
    return bool(before["on"]) and words.startswith(("about ", "some time "))


def _is_age(words: str) -> bool:
    return bool(re.search(r"\d|old\b", words))
