"""What a member asks, read from the words they typed. Nothing typed is an error: what is not
understood is looked for as words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from forum.policy.terms import ReplyKind
from forum.search.synonyms import LITTLE_KEYS, Kin, kin, sense
from forum.search.tokenizer import Word, key, words

QUERY_MAX = 1000  # characters
QUERY_BYTES = 2000  # sealed, it must fit the first line of a request
WORDS_MAX = 32  # distinct
PHRASES_MAX = 6  # to have or to leave out: each is looked up post by post
FORMS_MAX = 40  # other ways to say it, of all words together
SHOUTED = 3  # words; with so many, capitals alone mean nothing

_QUOTES = str.maketrans("“”„«»", '"' * 5)  # as phones type them
_ITEM = re.compile(
    r'(?<![^\s"])(?P<minus>-)?(?P<name>from|in|kind|before|after|is):(?P<value>"[^"]*"|[^\s"]+)'
    r'|(?<!\S)(?P<not>-)?"(?P<phrase>[^"]*)"'
    r'|"(?P<inner>[^"]*)"'
    r'|(?<!\S)-(?![Vv][Ee](?!\w))(?P<without>[^\s"]+)',
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")  # 2025, 2025-03, 2025-03-09
_BRITISH = re.compile(r"(?:(\d{1,2})[/.])?(\d{1,2})[/.](\d{4})")  # 9/3/2025, 3/2025


class State(StrEnum):
    """What a post may be to whoever asks."""

    UNREAD = "unread"
    MINE = "mine"
    UNANSWERED = "unanswered"


class Narrow(StrEnum):
    """By what a search is narrowed."""

    FROM = "from"
    IN = "in"
    KIND = "kind"
    BEFORE = "before"
    AFTER = "after"
    IS = "is"


OPENING = ""  # what `kind:reflection` finds: see book.Kept
KINDS: dict[str, frozenset[str]] = {
    "reflection": frozenset({OPENING, ReplyKind.REFLECTION}),
    "question": frozenset({ReplyKind.QUESTION}),
    "answer": frozenset({ReplyKind.ANSWER}),
    "experience": frozenset({ReplyKind.OWN_EXPERIENCE}),
    "idea": frozenset({ReplyKind.IDEA}),
    "resource": frozenset({ReplyKind.RESOURCE}),
}
_KINDS_TOO = {"story": "reflection", "reading": "resource", "been-there": "experience"}


@dataclass(frozen=True, slots=True)
class Item:
    """Words asked for together.

    text: as typed; keys: what each is looked for by; place: where in the query, in characters.
    plain: what a single word is known by where its capitals, which make it an abbreviation, say
    nothing in a circle. little: whether it carries little of what is asked.
    """

    text: str
    keys: tuple[str, ...]
    place: tuple[int, int] = (0, 0)
    plain: str = ""
    little: bool = False


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What narrows a search. value: as typed, without quotes; for KIND and IS one that there is.

    days: for BEFORE and AFTER, the first day that is meant, and the first after it.
    minus: whether it is what must not be.
    """

    by: Narrow
    value: str
    place: tuple[int, int]
    minus: bool = False
    days: tuple[date, date] | None = None


@dataclass(slots=True)
class Asked:
    """A query, understood.

    words: any may be there; phrases: all are, as they stand; without: none is; narrowed: all hold.
    kin: other ways to say some of the words.
    cut: whether there were more distinct words, or phrases, than count; the first do.
    """

    words: list[Item] = field(default_factory=list)
    phrases: list[Item] = field(default_factory=list)
    without: list[Item] = field(default_factory=list)
    narrowed: list[Narrowing] = field(default_factory=list)
    kin: list[Kin] = field(default_factory=list)
    cut: bool = False

    @property
    def keys(self) -> list[str]:
        """Every word that is looked for, once, other ways to say them included."""
        asked = (key for item in self.words + self.phrases for key in (*item.keys, item.plain))
        others = (key for each in self.kin for form in each.forms for key in form)
        return list(dict.fromkeys(key for key in (*asked, *others) if key))

    @property
    def telling(self) -> list[Item]:
        """The words that carry what is asked; all of them where none does."""
        return [item for item in self.words if not item.little] or self.words

    @property
    def asks(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.words or self.phrases or self.narrowed)

    def narrowings(self, by: Narrow) -> list[Narrowing]:
        """What narrows it in one way."""
        return [each for each in self.narrowed if each.by is by]

    def with_instead(self, instead: dict[str, str]) -> "Asked":
        """The same, with other words in place of some. instead: key of a word -> the other one."""
        swapped = [
            replace(item, text=word, keys=(key(word),), plain="")
            if (word := instead.get(item.keys[0]))
            else item
            for item in self.words
        ]
        said = [word for item in swapped for word in words(item.text)]
        others = list(_within_forms_max(kin(said)))
        return replace(self, words=swapped, kin=others)


class _Reader:
    """Reads a query from left to right, and counts what counts."""

    def __init__(self, query_text: str) -> None:
        self.text = query_text[:QUERY_MAX].translate(_QUOTES)
        self.asked = Asked()
        self.known = set[str]()
        self.phrases = 0
        letters = [word for word in re.findall(r"[^\W\d_]+", self.text) if len(word) > 1]
        self.shouts = len(letters) >= SHOUTED and all(map(str.isupper, letters))

    def read(self) -> Asked:
        last = 0
        for found in _ITEM.finditer(self.text):
            self._words(last, found.start())
            self._one(found)
            last = found.end()
        self._words(last, len(self.text))
        self.asked.kin = list(_within_forms_max(self.asked.kin))
        return self.asked

    def _one(self, found: re.Match[str]) -> None:
        place = found.span()
        if name := found["name"]:
            narrowing = _narrowing(name, found["value"].strip('"'), place, bool(found["minus"]))
            if narrowing:
                self.asked.narrowed.append(narrowing)
            else:
                self._words(*place)
        elif found["without"]:
            self._together(self.asked.without, found.span("without"), place)
        elif found["not"]:
            self._together(self.asked.without, found.span("phrase"), place)
        else:
            group = "phrase" if found["phrase"] is not None else "inner"
            self._together(self.asked.phrases, found.span(group), place)

    def _words(self, start: int, end: int) -> None:
        """Words of which any may be there."""
        typed = self._counted(start, end)
        for word in typed:
            looked_for = self._sense(word)
            plain = word.key if looked_for != word.key else ""
            little = looked_for in LITTLE_KEYS
            text, place = self.text[word.start : word.end], (word.start, word.end)
            item = Item(text, (looked_for,), place, plain, little)
            if item.keys not in [other.keys for other in self.asked.words]:
                self.asked.words.append(item)
        self.asked.kin += kin(typed)

    def _together(self, items: list[Item], inside: tuple[int, int], place: tuple[int, int]) -> None:
        """Words that stand next to each other."""
        counted = self._counted(*inside)
        if not counted:
            return
        text = " ".join(self.text[counted[0].start : counted[-1].end].split())
        item = Item(text, tuple(map(self._sense, counted)), place)
        if item.keys in [other.keys for other in items]:
            return
        if len(item.keys) > 1 and self.phrases == PHRASES_MAX:
            self.asked.cut = True
            return
        self.phrases += len(item.keys) > 1
        items.append(item)

    def _counted(self, start: int, end: int) -> list[Word]:
        counted = []
        for word in words(self.text[start:end]):
            looked_for = self._sense(word)
            if looked_for not in self.known and len(self.known) == WORDS_MAX:
                self.asked.cut = True
                break
            self.known.add(looked_for)
            moved = replace(word, start=word.start + start, end=word.end + start)
            counted.append(replace(moved, sense="") if self.shouts else moved)
        return counted

    def _sense(self, word: Word) -> str:
        return word.key if self.shouts else sense(word)


def understood(query_text: str) -> Asked:
    """What of a query is asked; what lies beyond QUERY_MAX is not read."""
    return _Reader(query_text).read()


def _within_forms_max(found: Sequence[Kin] | Iterator[Kin]) -> Iterator[Kin]:
    many = 0
    for each in dict.fromkeys(found):
        many += len(each.forms)
        if many > FORMS_MAX:
            return
        yield each


def _narrowing(name: str, value: str, place: tuple[int, int], minus: bool) -> Narrowing | None:
    """What narrows, or None for what says nothing of that kind."""
    by, plain = Narrow(name.lower()), value.strip().lower()
    match by:
        case Narrow.KIND:
            one = plain.removesuffix("s")
            kind = _KINDS_TOO.get(one, one)
            return Narrowing(by, kind, place, minus) if kind in KINDS else None
        case Narrow.IS:
            return Narrowing(by, plain, place, minus) if plain in list(State) else None
        case Narrow.BEFORE | Narrow.AFTER:
            days = None if minus else _days(plain)
            return Narrowing(by, value, place, days=days) if days else None
        case _:
            return Narrowing(by, value.strip(), place, minus) if plain else None


def _days(text: str) -> tuple[date, date] | None:
    """The first day of a year, a month or a day as typed, and the first day after it."""
    if found := _NUMBERS.fullmatch(text):
        year, month, day = found.groups()
    elif found := _BRITISH.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        first = date(int(year), int(month or 1), int(day or 1))
        if day:
            return first, first + timedelta(days=1)
        if month:
            return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        return first, first.replace(year=first.year + 1)
    except (ValueError, OverflowError):  # the 31st of February, the year 9999
        return None
