"""Terms of numbers: a value has one term, however it is written.

`4.0`, `4` and `4.00` share a term, and so do `.25` and `0.25`, `5,000` and `5000`, `½` and `0.5`;
a value never shares a term with its multiples. With a unit the term holds both, and the value and
the unit find it too.
"""

import re

from forum.search.vocabulary import UNITS

_FRACTIONS = {"\u00bd": "0.5", "\u00bc": "0.25", "\u00be": "0.75"}
_TYPED_FRACTIONS = {"1/2": "0.5", "1/4": "0.25", "3/4": "0.75"}
_SUPERSCRIPTS = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"
NUMBER_SIGNS = {sub: str(digit) for digit, sub in enumerate("₀₁₂₃₄₅₆₇₈₉")}

_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
_TIMES = "mins?|hrs?|wks?|mths?|yrs?|[cfmdhy]"  # and 38C, 45F, 5d
_PLAIN = (
    r"\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?"  # 5,000
    r"|\d{1,3}(?: 000)+(?!\w)"  # 10 000
    r"|\d+(?:[.:/]\d+)+"  # 38.5, 3/7, 10:30, 14/3/2025
    r"|0,\d+"  # a decimal comma: no list begins with nought
    rf"|\d+,\d{{1,2}}(?= ?(?i:{_UNIT})(?!\w))"  # 12,5 mg
    r"|\d+"
)
NUMBER = (
    r"(?<![^\W\d_]\.)(?<![\w.])\.\d+"  # .25, and no full stop after a word
    rf"|\d+ ?[\u00bd\u00bc\u00be]|[\u00bd\u00bc\u00be]"
    rf"|\d+(?:[{_SUPERSCRIPTS}]+|\^\d+)"  # 10⁹
    r"|(?<![\w/])\d{2,3} ?/ ?\d{2,3}(?![\w/])"  # 120 / 80
    rf"|(?:{_PLAIN})"
)
NUMBER = (
    rf"(?:{NUMBER})"
    rf"(?:[ -]?(?:(?i:{_UNIT}))(?!\w)"  # with a unit
    rf"|(?=(?i:{_TIMES})(?!\w)|[^\W\d_]{{3,}})"  # 20mins: the word is a token of its own
    r"|(?i:st|nd|rd|th)(?!\w)"
    r"|[^\W_]*)"  # 2ww, 38C
)
_PARTS = re.compile(
    rf"(?P<value>[.\d][\d.,:/ ]*[\u00bd\u00bc\u00be]?|[\u00bd\u00bc\u00be])"
    rf"(?:(?P<power>[{_SUPERSCRIPTS}]+|\^\d+)|[ -]?(?P<rest>[^\W_]*))"
)


def number_terms(text: str) -> tuple[str, ...]:
    """Terms of a number as typed: the whole first, then its value and its unit."""
    parts = _PARTS.fullmatch(text)
    if not parts:
        return (text.casefold(),)
    number = value(parts["value"])
    further = (_TYPED_FRACTIONS[number],) if number in _TYPED_FRACTIONS else ()
    if power := parts["power"]:
        digits = "".join(str(_SUPERSCRIPTS.find(sign)) for sign in power)
        return (f"{number}^{power[1:] if power[0] == '^' else digits}",)
    rest = parts["rest"].casefold()
    if not rest:
        return (number, *further)
    if unit := UNITS.get(rest):
        return (f"{number}{unit}", number, unit)
    whole = f"{number}{rest}"
    return (whole,) if rest in ("st", "nd", "rd", "th") else (whole, number)


def value(text: str) -> str:
    """The term of a number without its unit: ratios and dates part by part."""
    text = text.replace(" ", "")
    if text[-1:] in _FRACTIONS:
        whole, part = text[:-1], _FRACTIONS[text[-1]]
        return f"{int(whole)}{part[1:]}" if whole else part
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", text):
        text = text.replace(",", "")
    return "".join(map(_part, re.split(r"([/:])", text.replace(",", ".").rstrip(".:/"))))


def _part(text: str) -> str:
    whole, _, decimals = text.partition(".")
    if "." in decimals or not (whole + decimals).isdigit():
        return text  # 1.5.2024
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
