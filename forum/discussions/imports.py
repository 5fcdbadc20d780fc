"""Import of existing texts, through the services used by pages.

A text longer than a post continues in replies, cut at a paragraph; a title is cut at a word; an
empty text takes its title.
"""

from collections.abc import Iterator

from forum.core import text as typed
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.models import BODY_MAX, TITLE_MAX, Thread
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, ReplyKind
from forum.rounds.templates import DEFAULT, newest


def tell(standing: Standing, mode: AuthorMode, title: str, text: str) -> Thread:
    """Post a text as a reflection in `mode`, and its excess as replies by the presenter."""
    title = _cut(typed.clean(title).strip() or "Untitled", TITLE_MAX)
    first, *rest = _parts(typed.clean(text).strip() or title)
    field = newest(DEFAULT).fields[0].key
    with unit_of_work():
        words = Reflection(title, {field: first}, mode=mode)
        thread = posts.present(standing, new_id(), words)
    for part in rest:
        with unit_of_work():
            words_on = ReplyWords(part, mode, ReplyKind.ANSWER)
            posts.reply(standing, thread, new_id(), words_on)
    return thread


def _parts(text: str) -> Iterator[str]:
    """Split a text into parts of at most BODY_MAX characters: at a paragraph, else a blank."""
    while len(text) > BODY_MAX:
        head = text[:BODY_MAX]
        end = next((at for at in (head.rfind("\n\n"), head.rfind(" ")) if at > 0), BODY_MAX)
        yield text[:end].rstrip()
        text = text[end:].lstrip()
    if text:
        yield text


def _cut(line: str, most: int) -> str:
    line = " ".join(line.split())
    if len(line) <= most:
        return line
    return line[: most + 1].rpartition(" ")[0] or line[:most]
