"""Numbers known by their label alone: of records, of clinicians; without check digits."""

import re
from collections.abc import Iterator

from forum.checker.digits import Number
from forum.checker.findings import Kind, Severity
from forum.checker.labels import Beside, Labels
from forum.checker.spots import Spot

_RECORD_NEAR, _PROFESSIONAL_NEAR = 30, 45  # characters between a label and its number
_PREFIX = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,4}[ -]?$")
_WITH_LETTERS = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,4}[ -]?\d{5,10}[A-Z]{0,2}(?![A-Za-z0-9])")


def labelled_number(number: Number, beside: Beside) -> Spot | None:
    """A record's number, or a clinician's, by the nearest label."""
    length = len(number.digits)
    for label, gap in beside:
        if label in ("reference", "phone"):
            return None
        if label == "professional" and 5 <= length <= 8 and gap <= _PROFESSIONAL_NEAR:
            return Spot(Kind.PROFESSIONAL_ID, Severity.CONFIRM, number.start, number.end, rank=2)
        if label in _RECORDS and 6 <= length <= 12 and gap <= _RECORD_NEAR:
            return Spot(Kind.OTHER_HEALTH_ID, Severity.CONFIRM, number.start, number.end, rank=2)
    return None


_RECORDS = frozenset({"record", "phn", "ohip", "medicare", "chi", "hc", "tfn", "sin", "ihi"})


def lettered_records(text: str, labels: Labels) -> Iterator[Spot]:
    """Record numbers beginning with letters: "hospital number RK1234567"."""
    for found in _WITH_LETTERS.finditer(text):
        gap = labels.distance("record", *found.span())
        if gap is not None and gap <= _RECORD_NEAR:
            yield Spot(Kind.OTHER_HEALTH_ID, Severity.CONFIRM, *found.span(), rank=2)
