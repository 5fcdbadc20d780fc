"""Exact ages of people, in digits or words; not bands, guidance, gestation or durations."""

import re
from collections.abc import Callable, Iterator

from forum.checker.age_patterns import (
    AGE,
    ALONE,
    AND_AGE,
    AROUND,
    BAND_AFTER,
    BAND_BEFORE,
    CANDIDATE,
    GROUP,
    PATTERNS,
    PERSON,
    QUANTITY,
    VALUES,
    YOUNG_OLD,
    YOUNG_UNIT,
)  # fmt: skip
from forum.checker.findings import Kind, Severity
from forum.checker.spots import Spot

_STAGES = (
    (2, "a baby"), (5, "a toddler"), (11, "a young child"), (13, "a child"), (18, "a teenager"),
    (30, "a young adult"), (60, "an adult"), (75, "an older adult"), (90, "an elderly person"),
)  # fmt: skip


def ages(text: str, small: str, is_name: Callable[[str], bool]) -> Iterator[Spot]:
    """Exact ages in a normalised text.

    small: the text in small letters. is_name: whether a capitalised word is a person's name.
    """
    for start, end in _windows(small):
        for pattern in PATTERNS:
            for found in pattern.finditer(small, start, end):
                yield from _read(text, small, found, is_name)
        for found in ALONE.finditer(small, start, end):
            before = small[max(0, found.start() - 30) : found.start()]
            if not QUANTITY.search(before.split(".")[-1]) and not _is_band(
                small, *found.span("all")
            ):
                yield _spot(found["age"], *found.span("all"))
        yield from _infants(small, start, end)
    yield from _column(small)


def _windows(small: str) -> Iterator[tuple[int, int]]:
    """Stretches around numbers which may be ages; most numbers of a clinical text are none."""
    begin = end = -1
    for found in CANDIDATE.finditer(small):
        if found.start() - AROUND > end:
            if end >= 0:
                yield begin, end
            begin = max(0, found.start() - AROUND)
        end = found.end() + AROUND
    if end >= 0:
        yield begin, end


def _read(
    text: str, small: str, found: re.Match[str], is_name: Callable[[str], bool]
) -> Iterator[Spot]:
    start, end = found.span("all")
    sexed = "sexed" in found.re.groupindex
    if _fits(text, found, is_name) and (sexed or not _is_band(small, start, end)):
        yield _spot(found.groupdict().get("age") or found["all"], start, end)
        yield from _second(small, end)


def years(written: str) -> int:
    """ "ninety seven" -> 97; "93" -> 93."""
    if written.isdigit():
        return int(written)
    if "hundred" in written:
        return 100
    if written[0].isdigit():
        return int(re.match(r"\d+", written)[0])  # type: ignore[index]  # begins with a digit
    return sum(_value(word) for word in re.split(r"[ -]", written.lower()))


def _value(word: str) -> int:
    """ "ninety" -> 90, "ninetieth" -> 90; 0 for a word without a number."""
    return (
        VALUES.get(word)
        or VALUES.get(word.removesuffix("ieth") + "y")
        or VALUES.get(word.removesuffix("th"), 0)
    )


def _second(text: str, end: int) -> Iterator[Spot]:
    """The second age of two: "her boys, 4 and 6"."""
    found = AND_AGE.match(text, end)
    while found:
        yield _spot(found["age"], *found.span("all"))
        found = AND_AGE.match(text, found.end())


def _infants(text: str, begin: int, stop: int) -> Iterator[Spot]:
    if not YOUNG_UNIT.search(text, begin, stop):
        return
    for found in YOUNG_OLD.finditer(text, begin, stop):
        name = next(name for name, words in found.groupdict().items() if words and "all" in name)
        start, end = found.span(name)
        if not _is_band(text, start, end):
            yield Spot(Kind.EXACT_AGE, Severity.CONFIRM, start, end, "a baby", rank=1)


def _column(text: str) -> Iterator[Spot]:
    """Bare numbers below "age" in the head of a table."""
    for table in _TABLE.finditer(text):
        head, *rows = table.group().split("\n")
        columns = [
            place for place, cell in enumerate(head.split("|")) if _AGE_HEAD.fullmatch(cell.strip())
        ]
        start = table.start() + len(head) + 1
        for row in rows:
            for cell in _CELL.finditer(row):
                if row.count("|", 0, cell.start("all")) in columns:
                    yield _spot(cell["age"], start + cell.start("all"), start + cell.end("all"))
            start += len(row) + 1


_TABLE = re.compile(r"^[^\n|]*\|[^\n]*(?:\n[^\n|]*\|[^\n]*)+", re.MULTILINE)
_AGE_HEAD = re.compile(r"age|ages|yrs?|age/sex|age \(yrs?\)|years")
_CELL = re.compile(rf"\|\s*(?P<all>{AGE})\s*(?:[mf]|yrs?)?\s*(?=\||$)")


def _spot(written: str, start: int, end: int) -> Spot:
    age = years(written)
    severity = Severity.NUDGE if 18 <= age <= 89 else Severity.CONFIRM
    return Spot(Kind.EXACT_AGE, severity, start, end, _stage(age), rank=1)


def _stage(age: int) -> str:
    return next((stage for below, stage in _STAGES if age < below), "someone very old")


def _is_band(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 40) : start]
    return bool(
        BAND_BEFORE.search(before[-14:]) or GROUP.search(before) or BAND_AFTER.match(text, end)
    )


def _fits(text: str, found: re.Match[str], is_name: Callable[[str], bool]) -> bool:
    """A person before the number: "Bert is 94", unlike "INR was 6" and "84f"."""
    groups = found.groupdict()
    if "sexed" in groups:
        return any(letter.isupper() for letter in text[found.start("sexed") : found.end("sexed")])
    if "old" in groups:
        before = text[max(0, found.start() - 25) : found.start()]
        return years(found["age"]) > _CLOCK_MAX and not QUANTITY.search(before.lower())
    if "named" in groups:
        who = text[found.start("named") : found.end("named")]
        return who[0].isupper() and not who.isupper() and is_name(who)
    if "who" not in groups or _SOMEBODY.fullmatch(found["who"]):
        return True
    who = text[found.start("who") : found.end("who")]
    return who[0].isupper() and is_name(who)


_CLOCK_MAX = 24  # "at 10, I rang"
_SOMEBODY = re.compile(rf"he|she|they|i|you|we|who|{PERSON}")
