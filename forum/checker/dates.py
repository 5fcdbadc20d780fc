"""Full dates: day and month, with or without a year; and dates of birth among them.

A month, a year or a day of the week alone is no full date, nor is a feast.
"""

import re
from collections.abc import Iterator
from datetime import date

from forum.checker.findings import Kind, Severity
from forum.checker.spots import Spot

_LONG = (
    "january|february|april|june|july|august|september|october|november|december|"
    "janvier|février|fevrier|avril|juin|juillet|août|aout|septembre|octobre|novembre|décembre"
    "|decembre"
)
_SHORT = r"jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec"
_MONTH = rf"(?:{_LONG}|(?:{_SHORT})\b\.?|(?P<month>may|mar(?:ch)?\b\.?)|mai\b|mars\b)"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_SUFFIX = r"(?:st|nd|rd|th|er)"
_WEEKDAY = (
    r"(?:(?:mon|tues?|wed(?:nes)?s?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?\.?,? (?:the )?)?"
)
_YEAR = r"(?:,? ?(?:of )?(?:19|20)\d\d(?!\d)|,? '\d\d(?!\d)|[ \-/]\d\d(?![\d/:%]))"
_UNITS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TEENS = (
    "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth",
    "seventeenth", "eighteenth", "nineteenth",
)  # fmt: skip
_ORDINAL = (
    rf"(?:(?:twenty|thirty)[ -](?:{'|'.join(_UNITS)})|twentieth|thirtieth"
    rf"|{'|'.join([*_TEENS, *_UNITS])})"
)

_DAY_FIRST = re.compile(
    rf"\b{_WEEKDAY}(?:the |le )?{_DAY}(?:{_SUFFIX}(?: of)?"
    rf"|(?: of))?[ \-/.]{{0,2}}{_MONTH}(?![a-z]){_YEAR}?(?!\w)"
    rf"|\b{_WEEKDAY}(?:the )?{_DAY}{_SUFFIX} of (?:may|march)(?!\w){_YEAR}?"
    rf"|\b{_WEEKDAY}(?:the )?{_DAY}(?:{_SUFFIX})? (?:may|march),? (?:19|20)\d\d(?!\d)"
)
_ANY_MONTH = re.compile(
    rf"\b(?:{_LONG}|{_SHORT}|may|mar|march|mai|mars)\b|\d(?:{_SHORT}|mar|may)|{_ORDINAL} of the "
)
_MONTH_FIRST = re.compile(
    rf"\b{_WEEKDAY}{_MONTH}[ -](?:the )?{_DAY}(?P<sure>{_SUFFIX}\b(?:,? (?:19|20)\d\d(?!\d))?"
    rf"|,? (?:19|20)\d\d(?!\d))?(?![\d:%/.]\d|\d|\w|%)"
)
_IN_WORDS = re.compile(
    rf"\b{_WEEKDAY}(?:the )?{_ORDINAL} (?:of )?(?:{_LONG}|(?<=of )(?:may|march)|(?P<month>may"
    rf"|march))(?![a-z]){_YEAR}?"
    rf"|\b(?:{_LONG}|may|march) (?:the )?{_ORDINAL}(?![a-z]){_YEAR}?"
    rf"|\b(?:the )?{_ORDINAL} of the {_ORDINAL}(?![a-z])(?:,? (?:of )?(?:nineteen|twenty|oh"
    rf"|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[ -][a-z]{{2,9}}){{0,2}})?"
)
_NUMERIC = re.compile(
    r"(?<![\w./-])(?P<a>\d{4}|\d{1,2}) ?(?P<by>[./\-]) ?(?P<b>\d{1,2}) ?(?P=by) ?(?P<c>\d{4}"
    r"|\d{2})(?![\w/-]|\.\d)"
)
_NO_YEAR = re.compile(
    r"\b(?:mon|tue|tues|wed|weds|thu|thur|thurs|fri|sat|sun|dated|dd|(?:mon|tues|wednes|thurs"
    r"|fri|satur|sun)day)"
    r"\.?,? (?:the )?(?P<it>(?P<a>\d{1,2})[/.](?P<b>\d{1,2}))(?![\w/]|\.\d)"
    r"|\b(?:on|since) (?:the )?(?P<it3>(?P<e>[12]\d|3[01])\.(?P<f>[1-46-9]|1[0-2]))(?=[,;:)]"
    r"|\.(?!\d)|\n"
    r"|$| (?:and|again|when|she|he|they|we|i|at|by|for|with|in)\b)"
    r"|\b(?:since|on|until|till|by|from|before|after|of|was|is|and|to"
    r"|for) (?P<it2>(?P<c>\d{1,2})/(?P<d>0?[1-9]|1[12]))(?![\w/%]|\.\d)"
)
_NO_MONTH = frozenset({"7", "12", "10"})  # 9/7, 18/12 and 11/10 are days, months and a score
# Ways to write a date that only a birth word tells from another number.
_AFTER_BIRTH = re.compile(
    r"\b(?:d\.?o\.?b\b\.?|date of birth|born|birth ?date)(?: on| is| was)?[ :=|\"]{0,4}"
    r"(?P<it>\d{1,2} \d{1,2} (?:19|20)?\d\d|\d{1,2}-\d{1,2}-\d\d|(?:19|20)\d{6}|\d{4}(?:19"
    r"|20)\d\d|\d{6})(?![\w/-])"
)
_BIRTH = re.compile(
    r"\b(?:d\.?o\.?b\b\.?|d of b\b|date of birth|birth ?date|birthday|born|née le"
    r"|née?)[^.\n]{0,24}$|\b(?:dob|born)\W{0,4}$|\bb\. ?$"
)
_BIRTH_AFTER = re.compile(
    r"[ ,(\-]{0,3}(?:dob\b|d\.o\.b|birthday|date of birth)|[^\n]{0,50}\bborn\b"
)
_SURNAME_GIVEN = re.compile(
    r"\b[A-Z][A-Z'\-]{2,}, [A-Z][a-z'\-]+(?: [A-Z]\.?)?,? \(?(?=\d)"
)  # as on a label
_CHAIN = re.compile(r"^[ ,;/&]{0,3}(?:and|or|&)?[ ,;/]{0,3}$")
_VERSION = re.compile(r"(?:\bv|version|release|build|section|chapter|ip|step)\.? ?$")
_MODAL = re.compile(r"[ ][a-z%]")
_AFTER_MONTH_FIRST = re.compile(
    r" (?:at|on|in|and|or|i|he|she|we|they|it|was|is|when|to|for|with|the|a|my|her|his|about"
    r"|after|before|until|"
    r"came|went|this|last|next|again|as|because|but|by|from|so|that|then|there|which|while|you)\b"
)
_BEFORE = 32  # characters in which a birth word speaks for a date


def dates(text: str, small: str) -> Iterator[Spot]:
    """Full dates of a normalised text in order; of birth where a birth word stands near.

    small: the text in small letters.
    """
    spans = sorted({*_written(text, small), *_numeric(small)})
    named = {found.end() for found in _SURNAME_GIVEN.finditer(text)}
    text = small
    born_end, when = -1, "some time ago"  # until a time stands before it
    for start, end in spans:
        chained = born_end >= 0 and bool(_CHAIN.match(text[born_end:start]))
        if chained or start in named or _of_birth(text, start, end):
            born_end = end
            yield Spot(Kind.DATE_OF_BIRTH, Severity.STOP, start, end, rank=4)
        else:
            yield Spot(Kind.FULL_DATE, Severity.CONFIRM, start, end, when, rank=1)
            when = "about that time"


def _written(text: str, small: str) -> Iterator[tuple[int, int]]:
    if not _ANY_MONTH.search(small):
        return
    for pattern in (_DAY_FIRST, _IN_WORDS):
        yield from (found.span() for found in pattern.finditer(small) if _is_month(text, found))
    for found in _MONTH_FIRST.finditer(small):
        rest = small[found.end() : found.end() + 12]
        plain = not _MODAL.match(rest) or _AFTER_MONTH_FIRST.match(rest)
        if (found["sure"] or plain) and _is_month(text, found):
            yield found.span()


def _is_month(text: str, found: re.Match[str]) -> bool:
    """ "May" and "March" with a capital; in small letters they are verbs more often than months."""
    return found["month"] is None or text[found.start("month")].isupper()


def _numeric(text: str) -> Iterator[tuple[int, int]]:
    for found in _NUMERIC.finditer(text):
        if _is_date(found["a"], found["b"], found["c"], found["by"]) and not _VERSION.search(
            text[max(0, found.start() - 10) : found.start()]
        ):
            yield found.span()
    for found in _NO_YEAR.finditer(text):
        if found["a"] and 1 <= int(found["a"]) <= 31 and 1 <= int(found["b"]) <= 12:
            yield found.span("it")
        elif found["e"]:
            yield found.span("it3")
        elif found["c"] and int(found["d"]) < int(found["c"]) <= 31 and found["d"] not in _NO_MONTH:
            yield found.span("it2")
    for found in _AFTER_BIRTH.finditer(text):
        if any(_exists(*parts) for parts in _orders(found["it"])):
            yield found.span("it")


def _is_date(a: str, b: str, c: str, by: str) -> bool:
    """Day, month and year in any usual order; two digits of a year suffice."""
    if len(a) == 4:
        return len(c) == 2 and _exists(a, b, c)
    if by == "-" and len(c) == 2 and not len(a) == len(b) == 2:
        return False
    return _exists(c, b, a) or _exists(c, a, b)


def _orders(written: str) -> Iterator[tuple[str, str, str]]:
    """Readings (year, month, day) of digits."""
    parts = re.split(r"[ -]", written)
    if len(parts) == 3:
        yield parts[2], parts[1], parts[0]
        yield parts[2], parts[0], parts[1]
    elif len(written) == 8:
        yield written[:4], written[4:6], written[6:]
        yield written[4:], written[2:4], written[:2]
    else:
        yield written[4:], written[2:4], written[:2]


def _exists(year: str, month: str, day: str) -> bool:
    if len(year) == 4 and not "1880" < year < "2100":
        return False
    try:
        date(int(year) if len(year) == 4 else 2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def _of_birth(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    return bool(
        _BIRTH.search(before) or _BIRTH_AFTER.match(text, end) or _in_birth_column(text, start)
    )


def _in_birth_column(text: str, start: int) -> bool:
    """Whether a date is a table's cell below a heading about birth."""
    line = text.rfind("\n", 0, start) + 1
    column = text.count("|", line, start)
    if not column:
        return False
    top = text.rfind("\n\n", 0, start) + 1
    head = text[top:line].strip("\n").split("\n", 1)[0].split("|")
    return column < len(head) and bool(re.search(r"\b(?:dob|d\.o\.b|born|birth)", head[column]))
