"""What a member asks, read from the words they typed. No words are an error."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from forum.search.words import Word, words

QUERY_MAX = 1000  # characters
QUERY_BYTES = 2000  # sealed, it must fit the first line of a request
WORDS_MAX = 32  # distinct
PHRASES_MAX = 6  # to have or to leave out: each is looked up post by post

_QUOTES = str.maketrans("“”„«»", '"' * 5)  # as phones type them
_ITEM = re.compile(r'-?"[^"]*"|[^\s"]+')  # a phrase, or a word
_SIGNS = {"-ve", "+ve"}  # a result, and not a word to leave out


@dataclass(frozen=True, slots=True)
class Item:
    """Words asked for together. text: as typed; keys: what each is known by."""

    text: str
    keys: tuple[str, ...]


@dataclass(slots=True)
class Asked:
    """A query, understood.

    words: any may be there; phrases: all are, as they stand; without: none is.
    cut: whether there were more distinct words, or phrases, than count; the first do.
    """

    words: list[Item] = field(default_factory=list)
    phrases: list[Item] = field(default_factory=list)
    without: list[Item] = field(default_factory=list)
    cut: bool = False

    @property
    def keys(self) -> list[str]:
        """Every word that is looked for, once."""
        return list(dict.fromkeys(key for item in self.words + self.phrases for key in item.keys))


def understood(query_text: str) -> Asked:
    """What of a query is asked; what lies beyond QUERY_MAX is not read."""
    asked, known = Asked(), set[str]()
    for typed in _ITEM.findall(query_text[:QUERY_MAX].translate(_QUOTES)):
        minus = typed[0] == "-" and typed.lower() not in _SIGNS
        kind = asked.without if minus else asked.phrases if '"' in typed else asked.words
        found = list(words(typed[minus:]))
        counted = list(_counted(found, known))
        item = _item(typed[minus:], counted)
        is_new = bool(item.keys) and item.keys not in [other.keys for other in kind]
        fits = kind is asked.words or len(item.keys) < 2 or _phrases(asked) < PHRASES_MAX
        asked.cut = asked.cut or len(counted) < len(found) or (is_new and not fits)
        if is_new and fits:
            kind.append(item)
    return asked


def _counted(found: list[Word], known: set[str]) -> Iterator[Word]:
    for word in found:
        if word.key not in known and len(known) == WORDS_MAX:
            return
        known.add(word.key)
        yield word


def _phrases(asked: Asked) -> int:
    return sum(len(item.keys) > 1 for item in asked.phrases + asked.without)


def _item(typed: str, counted: list[Word]) -> Item:
    if not counted:
        return Item("", ())
    text = typed[counted[0].start : counted[-1].end]
    return Item(" ".join(text.split()), tuple(word.key for word in counted))
