"""Import of existing texts, through the services used by pages.

A text longer than a post may be continues in replies, cut at a paragraph; a title is cut at a
word; a text without words takes its title. What the checker finds asks nobody: it is marked as
imported beside each post, and counted for the operator.
"""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from forum.checker import Kind
from forum.circles.queries import circle
from forum.core import text as typed
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.decisions import Choice, Decision
from forum.discussions.details import key_of, look_over
from forum.discussions.models import BODY_MAX, TITLE_MAX, Thread
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, ReplyKind
from forum.rounds.templates import DEFAULT, newest


def tell(
    standing: Standing,
    mode: AuthorMode,
    title: str,
    text: str,
    found: "Counter[Kind] | None" = None,
) -> Thread:
    """Post a text as a reflection in that mode, and what is over as the presenter's replies.

    found: counts what would have been asked about, by kind.
    """
    found = Counter() if found is None else found
    title = _cut(typed.clean(title).strip() or "Untitled", TITLE_MAX)
    first, *rest = _parts(typed.clean(text).strip() or title)
    field = newest(DEFAULT).fields[0].key
    with unit_of_work():
        words = Reflection(title, {field: first}, mode=mode)
        post_id = new_id()
        thread = posts.present(standing, post_id, words, _marked(standing, post_id, words, found))
    for part in rest:
        with unit_of_work():
            words_on = ReplyWords(part, mode, ReplyKind.ANSWER)
            post_id = new_id()
            decided = _marked(standing, post_id, words_on, found)
            posts.reply(standing, thread, post_id, words_on, decided)
    return thread


def _marked(
    standing: Standing, post_id: UUID, words: Reflection | ReplyWords, found: "Counter[Kind]"
) -> tuple[Decision, ...]:
    rural = circle(standing).rural
    looked = look_over(words, key_of(standing, post_id), (), "en", rural=rural)
    looked = looked.kept_for(Choice.IMPORTED)
    found.update(each.kind for each in looked.decisions)
    return looked.decisions


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
