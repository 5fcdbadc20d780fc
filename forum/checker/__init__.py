"""Text in, findings out: details by which somebody may be recognised."""

from forum.checker.checks import check
from forum.checker.findings import Facet, Finding, Kind, Severity
from forum.checker.help_topics import HelpTopic, help_topics
from forum.checker.loosening import Change, loosened
from forum.checker.normalised import compared
from forum.checker.wording import ADVICE, FACETS, LABELS, NAMES_CHECKED_IN

__all__ = [
    "ADVICE",
    "FACETS",
    "LABELS",
    "NAMES_CHECKED_IN",
    "Change",
    "Facet",
    "Finding",
    "HelpTopic",
    "Kind",
    "Severity",
    "check",
    "compared",
    "help_topics",
    "loosened",
]  # fmt: skip
