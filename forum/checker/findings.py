"""Results of the checker: kinds, severities and facets, and the finding that holds them."""

from dataclasses import dataclass
from enum import StrEnum

from forum.checker.wording import ADVICE


class Severity(StrEnum):
    """Consequence of a finding for the page, gravest first."""

    STOP = "stop"  # changed, or kept for a reason from a closed list
    CONFIRM = "confirm"  # kept once somebody has looked at it
    NUDGE = "nudge"  # shown, asks nothing


class Kind(StrEnum):
    """Identifiers and further revealing details found by the checker."""

    NHS_NUMBER = "nhs_number"
    CHI_NUMBER = "chi_number"
    HC_NUMBER = "hc_number"
    IE_IHI = "ie_ihi"
    MEDICARE_AU = "medicare_au"
    IHI_AU = "ihi_au"
    HPI_AU = "hpi_au"
    PHN_BC = "phn_bc"
    OHIP = "ohip"
    RAMQ = "ramq"
    OTHER_HEALTH_ID = "other_health_id"
    NI_NUMBER = "ni_number"
    SIN = "sin"
    TFN = "tfn"
    DATE_OF_BIRTH = "date_of_birth"
    FULL_DATE = "full_date"
    EXACT_AGE = "exact_age"
    PHONE = "phone"
    EMAIL = "email"
    POSTCODE = "postcode"
    ADDRESS = "address"
    PERSON_NAME = "person_name"
    PLACE_OR_ORG = "place_or_org"
    PROFESSIONAL_ID = "professional_id"
    PRACTICE_CODE = "practice_code"
    URL_OR_HANDLE = "url_or_handle"
    IP = "ip"
    VEHICLE = "vehicle"
    OWN_TELL = "own_tell"
    COMBINATION = "combination"


class Facet(StrEnum):
    """Details pointing to a person only when several meet."""

    EXACT_AGE = "exact_age"
    SEX = "sex"
    ETHNICITY_OR_FAITH = "ethnicity_or_faith"
    PLACE = "place"
    OCCUPATION = "occupation"
    RARE_CONDITION = "rare_condition"
    FAMILY_EVENT = "family_event"
    EXACT_DATE = "exact_date"
    NEWSWORTHY = "newsworthy"


@dataclass(frozen=True, slots=True)
class Finding:
    """A detail at text[start:end] of the text as typed; it holds no word of the text.

    instead: a more general wording to replace it, or "". facets: of a combination; the offsets are
    then of the most revealing detail.
    """

    kind: Kind
    severity: Severity
    start: int
    end: int
    instead: str = ""
    facets: frozenset[Facet] = frozenset()

    @property
    def advice(self) -> str:
        """A plain English sentence on what to do; pages translate it by `kind`."""
        return ADVICE[self.kind.value]
