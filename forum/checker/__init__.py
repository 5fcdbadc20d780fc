"""Text in, findings out: details by which somebody may be recognised."""

from forum.checker.checks import check
from forum.checker.concerns import Concern, concerns
from forum.checker.findings import Facet, Finding, Kind, Severity
from forum.checker.loosening import Change, loosened
from forum.checker.normalised import compared
from forum.checker.wording import ADVICE, FACETS, LABELS, NAMES_CHECKED_IN

__all__ = [
    "ADVICE", "FACETS", "LABELS", "NAMES_CHECKED_IN",
    "Change", "Concern", "Facet", "Finding", "Kind", "Severity",
    "check", "compared", "concerns", "loosened",
]  # fmt: skip
