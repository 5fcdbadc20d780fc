"""Organisations: capital words beside "Surgery" or "House", saints, and names after "at the"."""

import re
from collections.abc import Iterator
from functools import cache

from forum.checker.place_words import (
    heads,
    is_generic,
    place_data,
    place_spot,
    surnames_too,
    words_of,
)  # fmt: skip
from forum.checker.spots import Spot
from forum.checker.word_lists import folded
from forum.checker.words import UPPER, Reading, Word, is_coined, names

LONGEST = 4  # words of a place in the gazetteer
_CAPITAL = rf"(?:[{UPPER}][\w'&\-]{{0,30}}+|[A-Z]\.|St\.)"
_WITHIN = r"(?: (?:of|the|and|&|de|on|for|upon|by|in|le)){0,2}"
_LOCATING = (" at ", " in ", " near ", " outside ", " from ")
_CALLED = re.compile(
    r"\b(?:home|house|school|nursery|surgery|practice|hospital|hospice|hostel|pub|farm|village|town"
    r"|hamlet|island|ward|church|estate|place|club|shop|café|cafe|company|firm|refuge|unit|lodge)"
    rf",? (?:called|named|known as) ['\"]?(?P<it>(?:The )?{_CAPITAL}(?: {_CAPITAL}){{0,2}})"
)
_AT_A_HOUSE = re.compile(
    rf"\b(?:[Aa]t|[Ff]rom|[Ii]n|[Tt]o) (?P<it>{_CAPITAL} [A-Z][a-z]{{2,9}})\b(?! [A-Z])"
)
_PUB_PAIR = re.compile(rf"\b(?:[Tt]he) (?P<it>{_CAPITAL} (?:and|&) (?P<last>{_CAPITAL}))")
_PARTNERS = re.compile(
    rf"\bDrs?\.? [{UPPER}][\w'\-]+(?: (?:and|&) [{UPPER}][\w'\-]+)* (?:and|&) [Pp]artners"
)
_ENJOYING = re.compile(r"\b(?:(?:re)?reading|(?:re)?read|watch(?:ing|ed)|listen(?:ing|ed) to) $")
_OF_WORKS = (" Hall", " Abbey", " House", " Park")  # heads that titles of works have too
_SMALL_SAINT = re.compile(
    r"(?<=\b(?:to|at|in) )st [a-z]{4,}'?s?(?! elevation| depression)(?: (?:surgery|primary"
    r"|school|hospital|church|hospice))?"
)


def organisations(reading: Reading) -> Iterator[Spot]:
    """Organisations of a text, unordered; spots may overlap."""
    yield from _with_head(reading)
    yield from _saints(reading)
    yield from _with_article(reading)
    yield from _employers(reading)
    yield from _called(reading)


def _with_head(reading: Reading) -> Iterator[Spot]:
    for found in _head_pattern().finditer(reading.text):
        words = found.group().split()
        offset = 0
        while words and is_generic(words[0]) and len(words) > 1:
            offset += len(words.pop(0)) + 1
        head = words[-1]
        names_it = [word for word in words[:-1] if not is_generic(word) and word[0].isupper()]
        before = reading.small[max(0, found.start() - 14) : found.start()]
        if found.group().endswith(_OF_WORKS) and _ENJOYING.search(before):
            continue  # "listening to Wolf Hall", not "reading Tansley Surgery notes"
        if names_it and _names_place(reading, names_it, head, found.start() + offset):
            instead = heads().get(folded(head).removesuffix("'s"), "a place nearby")
            yield place_spot(
                found.start() + offset, found.end(), instead, 3 if len(words) > 1 else 1
            )


def _names_place(reading: Reading, before: list[str], head: str, start: int) -> bool:
    """Whether capital words name a place: not "Monday surgery", not "Judith Wood"."""
    keys = [folded(word).removesuffix("'s").strip(".") for word in before]
    if all(
        key in names("regions") | names("work") | names("eponyms") | names("calendar")
        for key in keys
    ):
        a_town = folded(head) not in ("clinic", "unit") and all(
            reading.has("places", key) for key in keys
        )  # "Wells Cathedral"
        return head[0].isupper() and (
            a_town or not all(key in names("work") | names("eponyms") for key in keys)
        )
    if folded(head) in ("clinic", "unit") and all(map(reading.in_dictionary, keys)):
        return False  # "Sleep Clinic", "Infectious Disease Unit"
    if not head[0].isupper():  # "Fenwold surgery"
        opens = not reading.text[max(0, start - 2) : start].strip(" (") and start < 2
        return (
            not opens
            and not all(map(str.isupper, before))
            and not all(reading.is_common(key) and not reading.has("places", key) for key in keys)
        )
    first_is_person = reading.is_given(keys[0]) and not reading.is_common(keys[0])
    located = reading.small[max(0, start - 8) : start].endswith(_LOCATING)
    return located or not (first_is_person and len(before) == 1 and folded(head) in surnames_too())


def _saints(reading: Reading) -> Iterator[Spot]:
    for found in _saint_pattern().finditer(reading.text):
        saint = found.group().startswith(("St", "Sa", "Our", "Ste"))
        yield place_spot(*found.span(), "the place", 2 if saint else 3)
    for found in _PARTNERS.finditer(reading.text):
        yield place_spot(*found.span(), "the surgery", 4)
    for found in _SMALL_SAINT.finditer(reading.text):
        yield place_spot(*found.span(), "the place", 2)


def _with_article(reading: Reading) -> Iterator[Spot]:
    """A capital after "at the", "in The": care homes, pubs, wards ("The Willows")."""
    for place, word in enumerate(reading.words):
        article, before = reading.at(place - 1), reading.at(place - 2)
        if (
            not word.capital
            or word.upper
            or len(word.key) < 3
            or word.gap != " "
            or article.key != "the"
            or article.gap != " "
        ):
            continue
        last = place + 1
        while (
            reading.at(last).capital
            and reading.at(last).gap in (" ", "-")
            and last - place < LONGEST
        ):
            last += 1
        named = reading.words[place:last]
        pub = len(named) > 1 and named[-1].key in words_of("pubs")
        capital = (
            article.text == "The"
            and not article.opens
            and before.key not in ("read", "reading", "watch", "watched", "watching")
        )
        if pub or (
            (before.key in words_of("at_the") or capital or _is_in_town(reading, last))
            and (
                not _is_institution(reading, named[-1])
                or (len(named) == 1 and word.key in ("royal", "western", "northern", "alfred"))
            )
        ):
            end = named[-1].start + len(named[-1].text.removesuffix("'s"))
            sure = len(named) > 1 and before.key in words_of("at_the")  # "to the John Radcliffe"
            yield place_spot(word.start, end, "a place nearby", 3 if sure else 0)


def _called(reading: Reading) -> Iterator[Spot]:
    """ "a home called Sunnybank", "the Dog and Duck"."""
    for found in _CALLED.finditer(reading.text):
        yield place_spot(*found.span("it"), "a place nearby", 4)
    for found in _AT_A_HOUSE.finditer(reading.text):
        words = [folded(word) for word in found["it"].split()]
        if words[-1] in words_of("endings") and not is_generic(words[0]):
            yield place_spot(*found.span("it"), "a place nearby", 3)
    for found in _PUB_PAIR.finditer(reading.text):
        if folded(found["last"]) in words_of("pubs"):
            yield place_spot(*found.span("it"), "a pub", 3)


def _is_in_town(reading: Reading, last: int) -> bool:
    """Whether a name stands before a town: "the Feathers in Ludlow"."""
    joint, town = reading.at(last), reading.at(last + 1)
    return (
        joint.key in ("in", "at", "near")
        and joint.gap == town.gap == " "
        and town.capital
        and reading.has("places", town.key)
        and not is_generic(town.key)
    )


def _employers(reading: Reading) -> Iterator[Spot]:
    """Capitals after "works for", "a driver at": a firm, be its name a common word."""
    for place, word in enumerate(reading.words):
        before = reading.at(place - 1)
        if not word.capital or word.gap != " " or before.key not in ("at", "for"):
            continue
        verb = reading.at(place - 2).key
        if before.gap != " " or not _is_work(verb, surely=before.key != "at"):
            continue
        last = place + 1
        while reading.at(last).capital and reading.at(last).gap == " " and last - place < LONGEST:
            last += 1
        named = reading.words[place:last]
        if not any(_is_no_firm(reading, each) for each in named):
            end = named[-1].start + len(named[-1].text.removesuffix("'s"))
            yield place_spot(word.start, end, "where they work", 0)


def _is_work(key: str, *, surely: bool) -> bool:
    return key in words_of("working") or (not surely and key.removesuffix("s") in words_of("jobs"))


def _is_no_firm(reading: Reading, word: Word) -> bool:
    return (
        _is_institution(reading, word)
        or is_generic(word.text)
        or reading.is_given(word.key)
        or len(word.key) < 3
    )


def _is_institution(reading: Reading, word: Word) -> bool:
    """A capitalised word naming a person or no place by itself."""
    key = word.key
    plain = {key, key.removesuffix("s")}
    return (
        bool(plain & words_of("institutions"))
        or is_coined(word.text)
        or reading.is_known(key)
        or reading.is_title_of_work(word)
        or word.upper
    )


@cache
def _head_pattern() -> re.Pattern[str]:
    upper = "|".join(sorted({head.title() for head in heads()}, key=len, reverse=True))
    small = place_data()["small_heads"]["pattern"]
    return re.compile(
        rf"(?<![\w'])(?:{_CAPITAL}{_WITHIN} ){{1,5}}(?:(?:{upper})\b(?:'s)?(?: (?:Surgery"
        rf"|Practice|Hospital|School|Centre|Center|Home|Church|Hall|Team|Unit|Clinic|Trust|Park"
        rf"|hall|school|surgery|practice))?|(?:{small})\b(?: hall| school)?)"
    )


@cache
def _saint_pattern() -> re.Pattern[str]:
    firsts = "|".join(
        first.title() for first in place_data()["firsts"]["saint"].replace(".", "").split()
    )
    return re.compile(
        rf"(?<!\w)(?:(?:{firsts})\.? (?!John's [Ww]ort|Vitus|Elsewhere|George's [Rr]espiratory"
        rf"|Mark's [Ff]ly|[A-Z]\w+'s? (?:Day|Eve|Weekend)\b)[A-Z][\w'\-]{{1,20}}(?: (?:and"
        rf"|&) [A-Z][\w']{{1,20}})?"
        r"|(?:HMP|HMYOI|YOI|Scoil|Gaelscoil|Ysgol|Ysbyty|Teach|Ospidéal|CHSLD|Clinique|École"
        r"|Ecole|Hôpital|Manoir|Coláiste|Colaiste|Gaelcholáiste|Meánscoil|Áras|Collège|Lycée"
        r"|Résidence"
        r"|Te Kura|Kura) [A-Z][\w'\-]{1,20}(?: [A-Z][\w'\-]{1,20}){0,2}"
        r"|All Saints|All Souls|All Hallows|Holy Trinity|Holy Family|Holy Cross|Sacred Heart"
        r"|Good Shepherd|Corpus Christi|Christ Church|Star of the Sea"
        r"|Our Lady(?: (?:of|and|the|[A-Z][\w']{1,20})){1,5})"
        r"(?: (?:[A-Z][\w']{1,20}|church|school|hospital|surgery|primary|hall|hospice|parish)){0,2}"
    )
