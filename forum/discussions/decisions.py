"""Details that a writer looked at and kept: of which kind, how grave, and why; never the words."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum

from forum.checker import Kind, Severity
from forum.policy import may
from forum.policy.standing import Standing


class Choice(StrEnum):
    """Reason for which a detail stays."""

    LOOKED_AT = "looked_at"  # nobody could be recognised: enough for what is only confirmed
    REFERENCE = "reference"  # a reference, not a person's number
    HELPLINE = "helpline"  # a public one
    TEACHING = "teaching"  # an example made up for teaching
    OWN = "own"  # the writer's own, who means to share it: in a pair or one conversation
    IMPORTED = "imported"  # brought in by an operator, who was shown it


REASONS = (Choice.REFERENCE, Choice.HELPLINE, Choice.TEACHING)  # for what else stops a text


def reasons_for(standing: Standing) -> tuple[Choice, ...]:
    """Reasons that a writer may choose in this circle."""
    return (*REASONS, Choice.OWN) if may.share_own_details(standing) else REASONS


@dataclass(frozen=True, slots=True)
class Decision:
    """One detail kept. digest: keyed, of its kind and words, so that it is not asked about twice.

    The key is of the writer's hand and of the post: see details.key_of.
    """

    kind: Kind
    severity: Severity
    choice: Choice
    digest: str


def to_json(decisions: Iterable[Decision]) -> str:
    """JSON of decisions, to store with a draft or a post; "" for none."""
    kept = [asdict(each) for each in decisions]
    return json.dumps(kept) if kept else ""


def from_json(text: str) -> tuple[Decision, ...]:
    """Decisions from the JSON of `to_json`."""
    return tuple(
        Decision(
            Kind(each["kind"]), Severity(each["severity"]), Choice(each["choice"]), each["digest"]
        )
        for each in json.loads(text or "[]")
    )
