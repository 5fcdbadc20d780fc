"""Words of despair, or of danger to somebody, at which a page offers help to the writer."""

import re
import tomllib
from enum import StrEnum
from functools import cache

from forum.checker.normalised import normalised
from forum.checker.word_lists import DATA
from forum.checker.words import in_small_letters


class HelpTopic(StrEnum):
    """Two panels: help for the writer; duties towards somebody else."""

    DESPAIR = "despair"  # of living, of the work, or of harm to oneself
    DANGER = "danger"  # to a child or an adult; to patients from a colleague


def help_topics(text: str) -> frozenset[HelpTopic]:
    """Panels to show beside `text`, in English, and despair in French too; empty if none is due.

    Read on the server for the writer; nobody else learns of it, and no word is stored.
    """
    small = in_small_letters(normalised(text).text)
    return frozenset(topic for topic in HelpTopic if _is_voiced(topic, small))


def _is_voiced(topic: HelpTopic, small: str) -> bool:
    said, unsaid = _patterns(topic)
    friends = [found.span() for found in unsaid.finditer(small)]
    return any(
        not any(start < found.end() and found.start() < end for start, end in friends)
        for found in said.finditer(small)
    )


@cache
def _patterns(topic: HelpTopic) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns that voice the topic, and overlapping false friends."""
    data = tomllib.loads((DATA / "help_topics.toml").read_text())[topic.value]
    return re.compile("|".join(data["patterns"])), re.compile("|".join(data["not_patterns"]))
