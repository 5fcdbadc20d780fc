"""The one crossing from a name to whoever holds it. `safety.services` alone may import this.

A later release may move a membership's secret under its member's password, with a copy sealed to
the guardians; callers would then pass what guardians give instead of hands.
"""

from collections.abc import Sequence

from forum.authors.holders import resolve
from forum.authors.models import Author
from forum.policy.facts import Hand


def holder(author: Author, hands: Sequence[Hand]) -> int | None:
    """Place of the holder of an author row among a circle's hands; None if there is none any more.

    Equal work for any answer.
    """
    return resolve(author, hands)
