"""Text in, findings out: details by which somebody may be recognised."""

from forum.checker.checks import check
from forum.checker.concerns import Concern, concerns
from forum.checker.findings import Facet, Finding, Kind, Severity
from forum.checker.wording import ADVICE, LABELS, NAMES_CHECKED_IN

__all__ = [
    "ADVICE", "LABELS", "NAMES_CHECKED_IN",
    "Concern", "Facet", "Finding", "Kind", "Severity", "check", "concerns",
]  # fmt: skip
