"""Phone numbers of the five countries, and any with a country code; listed helplines are
ignored."""

import re
import tomllib
from functools import cache

import phonenumbers
from phonenumbers import PhoneNumber

from forum.checker.digits import Number
from forum.checker.findings import Kind, Severity
from forum.checker.labels import Beside, gap_of
from forum.checker.spots import Spot
from forum.checker.word_lists import DATA

# Numbers in use and those set aside for drama, which phonenumbers calls invalid.
# Source: Ofcom, National Telephone Numbering Plan and "Telephone numbers for drama use".
_BRITISH = re.compile(r"0(?:1[1-9]\d{7,8}|2\d{9}|3[0347]\d{8}|7[1-57-9]\d{8}|8\d{8,9}|9\d{9})")
# As dialled with a national prefix, valid or not: mistyped, it is still somebody's.
_WITH_PREFIX = re.compile(r"0[1-9]\d{8,9}")
_LOCAL = re.compile(r"5550?1\d\d")  # 555-01xx, set aside for fiction in North America
_REGIONS = (("GB", 44), ("AU", 61), ("IE", 353), ("NZ", 64))  # national prefix 0
_NEAR = 14  # characters between "tel" and a number too short to be known by itself
_NANP = re.compile(r"1?([2-9]\d\d)([2-9]\d\d)\d{4}")


def phone_number(text: str, number: Number, beside: Beside) -> Spot | None:
    """The phone number in `number`; None for helplines and numbers outside every plan."""
    if not 6 <= len(number.digits) <= 15 or number.digits in helplines():
        return None
    start = (
        number.start - 1 if text[number.start - 1 : number.start] in ("+", "(") else number.start
    )
    gap = gap_of("phone", beside)
    if text[start] == "+" or number.digits.startswith("00"):
        found = _with_country_code(number.digits.removeprefix("00"))
    else:
        found = is_national(number.digits) and (number.plain or gap is not None)
    if found:
        return Spot(Kind.PHONE, Severity.STOP, start, number.end, rank=5)
    short = gap is not None and gap <= _NEAR and len(number.digits) <= 8 and number.whole
    if short or (_LOCAL.fullmatch(number.digits) and number.groups == (3, 4)):
        return Spot(Kind.PHONE, Severity.CONFIRM, start, number.end, rank=1)
    return None


def is_national(digits: str) -> bool:
    """`digits` as dialled within one of the five countries."""
    if digits[0] == "0":
        return bool(_WITH_PREFIX.fullmatch(digits)) or any(
            _is_valid(digits[1:], region, code) for region, code in _REGIONS
        )
    if digits[0] == "1" and len(digits) in (6, 10) and digits[1] in "38":
        return _is_valid(digits, "AU", 61)
    return bool(_NANP.fullmatch(digits)) and _is_valid(digits[-10:], "CA", 1)


def is_hyphened_canadian(number: Number) -> bool:
    """604-555-0123, the usual notation of phone numbers in North America, and of no person's
    number."""
    return (
        number.groups in ((3, 3, 4), (1, 3, 3, 4))
        and number.gaps <= {"-", ")", "."}
        and (bool(number.gaps) and is_national(number.digits))
    )


@cache
def helplines() -> frozenset[str]:
    """Digits of public lines a text may name."""
    return frozenset(tomllib.loads((DATA / "numbers.toml").read_text())["helplines"]["numbers"])


def _is_valid(national: str, region: str, code: int) -> bool:
    number = PhoneNumber(country_code=code, national_number=int(national))
    return bool(phonenumbers.is_valid_number_for_region(number, region))


def _with_country_code(digits: str) -> bool:
    """Drama numbers count too: +44 7700 900123 is written like a real one."""
    digits = digits.replace("440", "44", 1) if digits.startswith("440") else digits
    if digits.startswith("44") and _BRITISH.fullmatch("0" + digits[2:]):
        return True
    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse("+" + digits)))
    except phonenumbers.NumberParseException:
        return False
