"""Health, tax and insurance numbers: shape, check digit, and labels beside them.

Sources: python-stdnum for NHS numbers (Health and Care, CHI and Irish numbers share the check
digit), for BC's PHN, TFN and Luhn (SIN, OHIP, Australia's identifiers); Services Australia for
Medicare; Public Health Scotland for CHI.
"""

from collections.abc import Callable
from datetime import date

from stdnum import luhn
from stdnum.au import tfn
from stdnum.ca import bc_phn
from stdnum.gb import nhs

from forum.checker.digits import Number
from forum.checker.findings import Kind, Severity
from forum.checker.labels import Beside
from forum.checker.spots import Spot

# Beginnings that no number of the kind has: those of phones and books; NHS numbers set aside.
_NOT_WITHOUT_LABEL = {Kind.NHS_NUMBER: ("0", "1", "2", "5"), Kind.PHN_BC: ("999",)}
NEAR = 30  # characters between a label and a number whose check digit fails
_WEIGHTS_MEDICARE = (1, 3, 7, 9, 1, 3, 7, 9)
_LABEL_KINDS = {
    "nhs": Kind.NHS_NUMBER,
    "chi": Kind.CHI_NUMBER,
    "hc": Kind.HC_NUMBER,
    "medicare": Kind.MEDICARE_AU,
    "phn": Kind.PHN_BC,
    "ohip": Kind.OHIP,
    "tfn": Kind.TFN,
    "sin": Kind.SIN,
}


def is_nhs(digits: str) -> bool:
    """Ten digits, check digit by Mod 11 with weights 10 to 2."""
    return (
        len(digits) == 10 and len(set(digits)) > 1 and nhs.checksum(digits) == 0
    ) or digits == "9" * 10


def is_chi(digits: str) -> bool:
    """DDMMYY of a real date and four more; check digit by Mod 11, or by Luhn (newer numbers)."""
    return (
        len(digits) == 10
        and _is_date(digits[4:6], digits[2:4], digits[:2])
        and (nhs.checksum(digits) == 0 or luhn.checksum(digits) == 0)
    )


def is_hc(digits: str) -> bool:
    """Northern Ireland: as an NHS number, from 32 to 39 on."""
    return digits[:1] == "3" and digits[1:2] >= "2" and is_nhs(digits)


def is_ie_ihi(digits: str) -> bool:
    """Ireland: as an NHS number, from 80 to 85 on."""
    return digits[:1] == "8" and digits[1:2] <= "5" and is_nhs(digits)


def is_medicare(digits: str) -> bool:
    """Australia: ten or eleven digits from 2 to 6 on; the ninth is the weighted sum modulo 10."""
    if len(digits) not in (10, 11) or digits[0] not in "23456":
        return False
    total = sum(
        int(digit) * weight for digit, weight in zip(digits, _WEIGHTS_MEDICARE, strict=False)
    )
    return total % 10 == int(digits[8])


def is_healthcare_identifier(digits: str) -> bool:
    """Australia: 16 digits, 800360 for people, 800361 for clinicians, 800362 for organisations."""
    known = len(digits) == 16 and digits[:6] in ("800360", "800361", "800362")
    return known and luhn.checksum(digits) == 0


def is_phn(digits: str) -> bool:
    """British Columbia: ten digits from 9 on."""
    return len(digits) == 10 and digits[0] == "9" and bc_phn.is_valid(digits)


def is_ohip(digits: str) -> bool:
    """Ontario: ten digits, not from 0 on, check digit by Luhn."""
    return len(digits) == 10 and digits[0] != "0" and luhn.checksum(digits) == 0


def is_sin(digits: str) -> bool:
    """Canada: nine digits, check digit by Luhn; from 0 on nobody's, and used in examples."""
    return len(digits) == 9 and luhn.checksum(digits) == 0


_CHECKS: dict[Kind, Callable[[str], bool]] = {
    Kind.NHS_NUMBER: is_nhs,
    Kind.CHI_NUMBER: is_chi,
    Kind.HC_NUMBER: is_hc,
    Kind.MEDICARE_AU: is_medicare,
    Kind.PHN_BC: is_phn,
    Kind.OHIP: is_ohip,
    Kind.TFN: tfn.is_valid,
    Kind.SIN: is_sin,
}
# Kinds told by their digits alone, in the order in which they are tried.
_UNLABELLED: tuple[tuple[Kind, Severity, Callable[[str], bool]], ...] = (
    (Kind.CHI_NUMBER, Severity.STOP, is_chi),
    (Kind.HC_NUMBER, Severity.STOP, is_hc),
    (Kind.IE_IHI, Severity.STOP, is_ie_ihi),
    (Kind.NHS_NUMBER, Severity.STOP, is_nhs),
    (Kind.PHN_BC, Severity.STOP, is_phn),
    (Kind.MEDICARE_AU, Severity.CONFIRM, is_medicare),
    (Kind.OHIP, Severity.CONFIRM, is_ohip),
)


def health_number(number: Number, beside: Beside) -> Spot | None:
    """The person's number matching `number`, by labels beside it and by check digit."""
    if len(number.digits) not in (8, 9, 10, 11, 16):
        return None
    labelled = _labelled(number, beside)
    if labelled:
        return _spot(number, labelled, Severity.STOP)
    if len(number.digits) == 16:
        return _identifier(number)
    failed = _failed(number, beside)
    if failed or not number.plain:
        return failed
    for kind, severity, check in _UNLABELLED:
        if number.digits.startswith(_NOT_WITHOUT_LABEL.get(kind, "-")):
            continue
        if check(number.digits):
            return _spot(number, kind, severity)
    return None


def _labelled(number: Number, beside: Beside) -> Kind | None:
    for label, _ in beside:
        kind = _LABEL_KINDS.get(label)
        if kind and _CHECKS[kind](number.digits):
            return kind
    return None


def _identifier(number: Number) -> Spot | None:
    if not is_healthcare_identifier(number.digits):
        return None
    kind = Kind.IHI_AU if number.digits[5] == "0" else Kind.HPI_AU
    return _spot(number, kind, Severity.STOP)


def _failed(number: Number, beside: Beside) -> Spot | None:
    """A number labelled as an NHS number whose check digit fails: mistyped, and still a
    person's."""
    if len(number.digits) == 10 and any(label == "nhs" and gap < NEAR for label, gap in beside):
        return _spot(number, Kind.NHS_NUMBER, Severity.CONFIRM)
    return None


def _spot(number: Number, kind: Kind, severity: Severity) -> Spot:
    return Spot(kind, severity, number.start, number.end, rank=6)


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(2000 + int(year), int(month), int(day))
    except ValueError:
        return False
    return True
