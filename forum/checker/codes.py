"""Codes with letters in them: postcodes, registrations of people and practices, plates, cards.

Sources: Royal Mail PAF for postcode areas, Australia Post, Canada Post, Eircode; DVLA INF104 for
plates; NHS ODS for practice codes; HMRC NIM39110; RAMQ; registers of NMC, HCPC and AHPRA; NHI of
New Zealand (HISO 10046).
"""

import re
from collections.abc import Iterator

from forum.checker.findings import Kind, Severity
from forum.checker.labels import Labels
from forum.checker.spots import Spot


def _small(pattern: str) -> re.Pattern[str]:
    """A pattern written in capitals, to be read over a text in small letters."""
    return re.compile(
        re.sub(r"[A-Z]", lambda letter: letter.group().lower(), pattern).replace("?p<", "?P<")
    )


_GAP = r"[ \n.\-/]{0,3}"
_AREAS = (
    "AB|AL|BA|BB|BD|BF|BH|BL|BN|BR|BS|BT|BX|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|"
    "DY|EC|EH|EN|EX|FK|FY|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|"
    "LN|LS|LU|ME|MK|ML|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|SO|"
    "SP|SR|SS|ST|SW|SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE|ZZ|B|E|G|L|M|N|S|W"
)
_STATES = (
    "NSW|VIC|Vic|QLD|Qld|WA|SA|TAS|Tas|ACT|NT|New South Wales|Victoria|Queensland|"
    "Western Australia|South Australia|Tasmania|Northern Territory"
)
_UK = _small(
    rf"(?<![A-Z0-9])(?=[A-Z]{{1,2}}\d)(?:(?:{_AREAS})\d[A-Z\d]?{_GAP}(?!\d(?:ND|RD|ST"
    rf"|TH)\b)\d[ABD-HJLNP-UW-Z]{{2}}"
    rf"|ZZ99{_GAP}\d[A-Z]{{2}})(?![A-Z0-9])"
)
_OUTWARD = _small(
    rf"\bpost(?:al )?(?: ?code| area)(?: area)?(?: is| was|:| starts"
    rf"| begins)?(?: with)? (?P<it>(?:{_AREAS})\d[A-Z\d]?)\b"
)
_AU = re.compile(rf"\b(?:(?:{_STATES}),? \d{{4}}|\d{{4}},? (?:NSW|VIC|QLD|TAS|ACT))(?![\d/-])")
_CA = _small(
    rf"(?<![A-Z0-9])[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]{_GAP}\d[ABCEGHJ-NPRSTV-Z]\d(?![A-Z0-9])"
)
_EIRCODE = re.compile(
    r"(?<![A-Za-z0-9])(?:[AC-FHKNPRTV-Y]\d\d"
    r"|D6W)[ -]?(?=[A-Z]{0,3}\d)[\dAC-FHKNPRTV-Y]{4}(?![A-Za-z0-9])"
)
_NINO = _small(
    rf"(?<![A-Z0-9])(?:[A-CEGHJ-PR-TW-Z]{_GAP}[A-CEGHJ-NPR-TW-Z]"
    rf"|Q{_GAP}Q){_GAP}(?:\d{_GAP}){{6}}[A-D](?![A-Z0-9])"
)
_RAMQ = _small(
    rf"(?<![A-Z0-9])(?P<letters>(?:[A-Z]{_GAP}){{4}}(?=\d))"
    rf"(?P<digits>\d{_GAP}\d{_GAP}(?:[05]{_GAP}[1-9]|[16]{_GAP}[012]){_GAP}(?:0{_GAP}[1-9]"
    rf"|[12]{_GAP}\d|3{_GAP}[01]){_GAP}\d{_GAP}\d)(?![A-Z0-9])"
)
_DATE = re.compile(r"\d\d[^\d]+\d\d[^\d]+\d{4}")  # "seen 28/02/2024"
_OHIP_LETTERS = _small(
    r"(?<![A-Z0-9])[1-9]\d{3}(?:[ .\-/]{0,3}\d{3}){2}"
    r"[ .\-/]{0,3}(?P<letters>[A-Z]{1,2})(?![A-Z0-9])"
)
_NMC = re.compile(r"(?<![A-Za-z0-9])\d\d[A-L]\d{4}[A-Z](?![A-Za-z0-9])")
_AHPRA = re.compile(
    r"(?<![A-Za-z0-9])(?:MED|NMW|PHA|PSY|PHY|DEN|OPT|OST|OCC|POD"
    r"|PAR)[ -]?(?:\d[ -]?){9}\d(?![A-Za-z0-9])"
)
_HCPC = re.compile(
    r"(?<![A-Za-z0-9])(?:AS|BS|CH|CS|DT|HAD|OT|ODP|OR|PA|PH|PYL|PO|RA|SL"
    r"|SW)[ -]?\d{5,6}(?![A-Za-z0-9])"
)
_PROVIDER = re.compile(r"(?<![A-Za-z0-9])\d{6}[0-9A-Z][A-Z](?![A-Za-z0-9])")
_PRACTICE = _small(r"(?<![A-Z0-9])[A-HJ-NPR-WY-Z][ .\-]?(?:\d[ .\-]?){4}\d(?![A-Z0-9]|\.\d)")
_ENGLISH_PRACTICE = _small(r"[A-HJ-NPVY][ .\-]?8[ .\-]?[1-9](?:[ .\-]?\d){3}")
_GP_CODE = re.compile(r"(?<![A-Za-z0-9])G ?\d{7}(?![A-Za-z0-9])")
_NHI = _small(r"(?<![A-Z0-9])[A-HJ-NP-Z]{3}(?:\d{4}|\d{2}[A-HJ-NP-Z]{2})(?![A-Z0-9])")
_NHI_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_PLATE = _small(r"(?<![A-Z0-9])[A-Z]{2}\d\d[ -]?[A-Z]{3}(?![A-Z0-9])")
_OTHER_PLATE = re.compile(
    r"(?<![A-Za-z0-9])(?:[A-Z]{3}[ -]?\d{1,3}[ -]?[A-Z]?|[A-Z]\d{1,3}[ -]?[A-Z]{3}"
    r"|[A-Z]{2,3}[ -]\d{3,4}"
    r"|\d{2,3}-[A-Z]{1,2}-\d{1,6}|\d{3}[ -]?[A-Z]{3}|[A-Z]{4}[ -]\d{3}|[A-Z]{3}[ -]?\d{2}[A-Z]"
    r"|\d[A-Z]{2}[ -]?\d[A-Z]{2}|[A-Z]{2}[ -]\d{2}[ -][A-Z]{2})(?![A-Za-z0-9])"
)
_NO_PLATE = _small(
    r"(?:ICD|NHS|BMI|GCS|CHD|NG|CG|QS|TA|CKD|MRC|HPV|DSM|COV|EQ|GAD|PHQ|MED|GMC|NMC|PCL|ACR|LDL"
    r"|HDL|CRP|ESR|INR|TSH|PSA|ALT|GGT|WBC|PLT|MCV|GFR|VTE|CHA|HAS|FEV|FVC|STE|RCT|BNF|CT|MR|AD"
    r"|BC|PM|AM|TEL|FAX|EXT|DAY|YEAR|STEP|PART|ROOM|PAGE|TYPE|THE|AND|FOR|BUT|SEP|OCT|NOV|DEC"
    r"|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG)(?![A-Z])"
)


def codes(text: str, small: str, labels: Labels) -> Iterator[Spot]:
    """Codes of people, places, practices and cars in a normalised text; small: in small letters."""
    for patterns, kind, severity in _BY_SHAPE:
        for pattern, within in zip(patterns, (small, text), strict=False):
            for found in pattern.finditer(within) if pattern else ():
                yield Spot(kind, severity, *found.span(), rank=7)
    for found in _OUTWARD.finditer(small):
        yield Spot(Kind.POSTCODE, Severity.NUDGE, *found.span("it"), rank=1)
    yield from _health_cards(text, small, labels)
    yield from _registrations(text, small, labels)
    yield from _plates(text, small, labels)


# (read in small letters, read as written)
_BY_SHAPE: tuple[tuple[tuple[re.Pattern[str] | None, ...], Kind, Severity], ...] = (
    ((_UK, _AU), Kind.POSTCODE, Severity.STOP),
    ((_CA, _EIRCODE), Kind.POSTCODE, Severity.STOP),
    ((_NINO,), Kind.NI_NUMBER, Severity.STOP),
    ((None, _NMC), Kind.PROFESSIONAL_ID, Severity.CONFIRM),
    ((None, _AHPRA), Kind.PROFESSIONAL_ID, Severity.CONFIRM),
)


def is_nhi(code: str) -> bool:
    """New Zealand: as ZZZ0016 or ZZZ00AX; check digit by Mod 11, letter by Mod 24."""
    code = code.upper()
    values = [_NHI_LETTERS.index(each) + 1 if each.isalpha() else int(each) for each in code]
    total = sum(value * weight for value, weight in zip(values, range(7, 1, -1), strict=False))
    if code[-1].isdigit():
        return total % 11 > 0 and (11 - total % 11) % 10 == int(code[-1])
    return _NHI_LETTERS[23 - total % 24] == code[-1]


def _health_cards(text: str, small: str, labels: Labels) -> Iterator[Spot]:
    for found in _RAMQ.finditer(small):
        letters = "".join(filter(str.isalpha, found["letters"]))
        if letters not in _NO_LETTERS_OF_A_NAME and not _DATE.fullmatch(found["digits"]):
            yield Spot(Kind.RAMQ, Severity.STOP, *found.span(), rank=4)
    for found in _OHIP_LETTERS.finditer(small):
        if found["letters"] not in _TWO_LETTER_WORDS:
            yield Spot(Kind.OHIP, Severity.STOP, *found.span(), rank=8)
    for found in _NHI.finditer(small):
        near = labels.distance("record", *found.span())
        if is_nhi(found.group().replace(" ", "")) and (
            text[found.start()].isupper() or near is not None
        ):
            yield Spot(Kind.OTHER_HEALTH_ID, Severity.CONFIRM, *found.span(), rank=4)


_TWO_LETTER_WORDS = frozenset({
    "a", "i", "am", "an", "as", "at", "be", "by", "do", "go", "he", "hi", "if", "in", "is",
    "it", "me", "my", "no", "of", "on", "or", "so", "to", "up", "us", "we",
})  # fmt: skip
_NO_LETTERS_OF_A_NAME = frozenset({
    "born", "date", "from", "year", "since", "than", "over", "code", "call", "ring", "room",
    "page", "step",
})  # fmt: skip


def _registrations(text: str, small: str, labels: Labels) -> Iterator[Spot]:
    for pattern in (_HCPC, _PROVIDER):
        for found in pattern.finditer(text):
            if labels.distance("professional", *found.span()) is not None:
                yield Spot(Kind.PROFESSIONAL_ID, Severity.CONFIRM, *found.span(), rank=3)
    found_codes = list(_PRACTICE.finditer(small))
    sure = any(_ENGLISH_PRACTICE.fullmatch(found.group()) for found in found_codes)
    for found in found_codes:
        written = sure and text[found.start()].isupper()
        if (
            written
            or _ENGLISH_PRACTICE.fullmatch(found.group())
            or labels.distance("practice", *found.span()) is not None
        ):
            yield Spot(Kind.PRACTICE_CODE, Severity.CONFIRM, *found.span(), rank=3)
    for found in _GP_CODE.finditer(text):
        yield Spot(Kind.PRACTICE_CODE, Severity.CONFIRM, *found.span(), rank=3)


def _plates(text: str, small: str, labels: Labels) -> Iterator[Spot]:
    for found in _PLATE.finditer(small):
        yield Spot(Kind.VEHICLE, Severity.CONFIRM, *found.span(), rank=3)
    for found in _OTHER_PLATE.finditer(text):
        near = labels.distance("vehicle", *found.span()) is not None
        if near and not _NO_PLATE.match(found.group().lower()):
            yield Spot(Kind.VEHICLE, Severity.CONFIRM, *found.span(), rank=2)
