"""Towns: the gazetteer, and odd words with a capital after "in" or "from"."""

from collections.abc import Iterator

from forum.checker.place_words import is_generic, place_spot, surely, words_of
from forum.checker.spots import Spot
from forum.checker.words import Reading, Word, is_coined, names

LONGEST = 4  # words of a place in the gazetteer
_SOMEWHERE = frozenset(
    [
        "area",
        "direction",
        "town",
        "road",
        "based",
        "way",
        "bypass",
        "ring-road",
        "station",
        "run",
        "line",
        "train",
        "bus",
        "ferry",
        "branch",
        "side",
        "site",
    ]
)


def towns(reading: Reading) -> Iterator[Spot]:
    """Towns and further places of a text, unordered; spots may overlap."""
    yield from _gazetteer(reading)
    yield from _after_words(reading)
    yield from _in_small_letters(reading)


def _gazetteer(reading: Reading) -> Iterator[Spot]:
    place, listed_before = 0, -1
    while place < len(reading.words):
        last = _listed(reading, place) if reading.words[place].capital else place
        if last > place and (
            _is_place(reading, place, last) or _is_beside(reading, place, last, listed_before)
        ):
            words, listed_before = reading.words[place:last], last
            end = words[-1].start + len(words[-1].text.removesuffix("'s"))
            yield place_spot(
                words[0].start,
                end,
                "a town",
                3 if last - place > 1 else 2 if _is_town(reading, place) else 1,
            )
        place = max(last, place + 1)


def _is_town(reading: Reading, place: int) -> bool:
    """Surely a town and nobody: located, or too well known to be a given name."""
    key = reading.words[place].key
    return _is_located(reading, place) or not _is_ambiguous(reading, key)


def _listed(reading: Reading, place: int) -> int:
    """End of the longest gazetteer name beginning at a word."""
    for last in range(min(place + LONGEST, len(reading.words)), place, -1):
        words = reading.words[place:last]
        together = all(word.gap in (" ", "-", ". ") for word in words[1:])
        name = " ".join(word.key for word in words)
        if together and words[-1].capital and _in_gazetteer(reading, name):
            return last
    return place


def _in_gazetteer(reading: Reading, name: str) -> bool:
    return reading.has("places", name) or reading.has("cities", name)


def _is_place(reading: Reading, place: int, last: int) -> bool:
    word, follower = reading.words[place], reading.at(last)
    if last - place > 1:
        return not (word.opens and reading.is_common(word.key)) or _is_located(reading, place)
    if word.upper or _is_no_place(word.key) or _before_medicine(reading, last):
        return False
    if _is_ambiguous(reading, word.key):
        alone = word.opens and _stands_alone(reading, place)
        return alone or (
            _is_located(reading, place) and not (reading.is_common(word.key) and word.opens)
        )
    beside_surname = follower.capital and follower.gap == " " and reading.has("surnames", word.key)
    return _is_located(reading, place) or not beside_surname


def _is_no_place(key: str) -> bool:
    return (
        len(key) < 3
        or is_generic(key)
        or any(
            key in names(section) for section in ("regions", "calendar", "work", "brands", "never")
        )
    )


def _is_ambiguous(reading: Reading, key: str) -> bool:
    """A common word, a name of people or of medicine as well as a town."""
    listed = key in names("eponyms") or key in names("culture") or reading.has("drugs", key)
    rarely_given = reading.has("well_known", key) and not (
        reading.has("familiar_names", key) or reading.has("surnames", key)
    )  # "Leicester"
    return listed or reading.in_dictionary(key) or (reading.is_given(key) and not rarely_given)


def _before_medicine(reading: Reading, last: int) -> bool:
    follower = reading.at(last)
    return follower.gap in (" ", "-") and follower.key in names("medical_heads")


def _is_located(reading: Reading, place: int) -> bool:
    """Whether a word stands after "in", "near", "moved to", or before "area"."""
    word, before, after = reading.words[place], reading.at(place - 1), reading.at(place + 1)
    if after.gap in (" ", "-") and after.key in _SOMEWHERE:
        return True
    if word.gap != " ":
        return word.opens and _stands_alone(reading, place)
    key = before.key
    if (
        key in ("from", "of", "to", "at")
        and reading.is_given(word.key)
        and not reading.has("places", word.key)
    ):
        return False  # "a text from Yusuf"
    return (
        key in surely()
        or (key == "at" and not reading.is_common(word.key))
        or (key == "to" and reading.at(place - 2).key in words_of("moving"))
    )


def _stands_alone(reading: Reading, place: int) -> bool:
    """The whole of a sentence or line: "Tralee." """
    word = reading.words[place]
    odd = not reading.is_common(word.key) or reading.at(place - 1).key in names("calendar")
    return (
        odd
        and reading.text[word.end : word.end + 1] in (".", "\n")
        and reading.has("places", word.key)
    )


def _is_beside(reading: Reading, place: int, last: int, listed_before: int) -> bool:
    """Right after another town: "Paignton and Hull", "Broken Hill, Katherine"."""
    word = reading.words[place]
    if _is_no_place(word.key) or word.opens:
        return False
    if listed_before == place:
        return word.gap == ", "
    return (
        listed_before == place - 1
        and reading.words[place - 1].key in ("and", "or", "then")
        and word.gap == " "
    )


def _after_words(reading: Reading) -> Iterator[Spot]:
    """An odd word with a capital after a word of place, or with an ending of towns and houses."""
    for place, word in enumerate(reading.words):
        if not word.capital or word.upper or word.opens or is_coined(word.text):
            continue
        if _is_called_after(reading, place) and not reading.is_known(word.key):
            yield place_spot(word.start, word.end, "the hospital", 3)
            continue
        follower, named = (
            reading.at(place + 1),
            word.key.endswith(tuple(words_of("endings"))) and len(word.key) > 5,
        )
        before = reading.at(place - 1).key
        located = (
            before in surely()
            or before == "at"
            or (before == "to" and reading.at(place - 2).key in words_of("moving"))
        )
        on_island = _is_on_island(reading, place)
        if not named and (word.gap != " " or not (located or on_island)):
            continue
        if follower.gap in (" ", "-") and follower.key in names("medical_heads"):
            continue
        if _is_odd(reading, word):
            yield place_spot(
                word.start,
                word.start + len(word.text.removesuffix("'s")),
                "a place nearby",
                2 if on_island else 0,
            )


def _is_on_island(reading: Reading, place: int) -> bool:
    """ "lives on Barra", "the doctor on Eigg"."""
    on, before = reading.at(place - 1), reading.at(place - 2).key
    return on.key == "on" and on.gap == " " and before in words_of("on_island")


def _is_called_after(reading: Reading, place: int) -> bool:
    """ "to Guy's.", "at Addenbrooke's,": a possessive without a possession."""
    word, after = reading.words[place], reading.at(place + 1)
    ends = not after.gap or after.gap[0] in ".,;:)!?\n"
    before = reading.at(place - 1).key
    return ends and word.text.endswith("'s") and before in ("to", "at", "from", "in", "of", "into")


def _is_odd(reading: Reading, word: Word) -> bool:
    key = word.key
    known = reading.in_dictionary(key) or reading.is_known(key) or reading.is_given(key)
    return (
        len(key) > 2
        and not known
        and not reading.has("well_known", key)
        and not reading.is_title_of_work(word)
    )


def _in_small_letters(reading: Reading) -> Iterator[Spot]:
    for place, word in enumerate(reading.words):
        if word.capital or len(word.key) < 4 or word.gap != " ":
            continue
        if (
            reading.at(place - 1).key not in surely()
            and reading.at(place + 1).key not in _SOMEWHERE
        ):
            continue
        if reading.in_dictionary(word.key) or reading.is_known(word.key) or is_generic(word.key):
            continue
        head = reading.at(place + 1)
        if (
            head.key in words_of("small_heads")
            and head.gap == " "
            and not reading.is_given(word.key)
        ):
            yield place_spot(word.start, head.end, "the surgery", 3)  # "at oakfield surgery"
        elif reading.has("places", word.key):
            yield place_spot(
                word.start, word.start + len(word.text.removesuffix("'s")), "a town", 1
            )
