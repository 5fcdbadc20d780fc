"""Names of people, by titles, lists, grammar and repetition of capitalised words."""

import re
from collections.abc import Iterator

from forum.checker.findings import Kind, Severity
from forum.checker.name_evidence import given_before_role, is_enough
from forum.checker.spots import Spot
from forum.checker.word_lists import folded
from forum.checker.words import Reading, Word, names

_CALLING = re.compile(
    r"\b(?:called|named|nicknamed|christened|known as|knows? (?:him|her|them) as|call(?:s"
    r"|ed)? (?:him|her|them|me|myself|himself|herself)"
    r"|(?:his|her|their|my|whose|first|middle|sur|last|maiden|new|real|the) ?names? (?:is|was"
    r"|are|were)|names? is|surname,|names?,|goes by|signed|answers to|by name,|name:|patient:"
    r"|pt:|re:|dear|hi|hello|hey|used to be) \W{0,2}$"
)
_QUOTING_BEFORE = re.compile(
    r"\b(?:(?:re)?read|reading|(?:phrase|line|passage|poem|quote|essay|chapter) (?:in|by|from)) $"
)
_QUOTING_AFTER = re.compile(r" (?:says|writes|wrote|said) somewhere\b")
_PARTICLES = frozenset({
    "van", "von", "der", "den", "de", "di", "da", "del", "la", "le", "bin", "ibn", "al", "el",
    "ap", "ab", "ni", "nic", "o", "mac", "ua", "te",
})  # fmt: skip
_VOWEL = re.compile(r"[AEIOUaeiou]")
_TOGETHER = frozenset({" ", "-"})
_NAME_MAX = 4  # words
_REPLACEMENTS = {
    "dr": "a colleague",
    "doctor": "a colleague",
    "prof": "a colleague",
    "professor": "a colleague",
    "nurse": "a colleague",
    "sister": "a colleague",
    "judge": "the judge",
}


def people(reading: Reading) -> Iterator[Spot]:
    """Names of people in a text, each with its title; every mention, not only the first."""
    spans = list(_first_pass(reading))
    surely = {
        word.key for first, last in spans for word in reading.words[first:last] if len(word.key) > 2
    }
    surely -= names("titles")
    covered = {place for first, last in spans for place in range(first, last)}
    spans += [
        (p, p + 1)
        for p in range(len(reading.words))
        if p not in covered and _is_again(reading, p, surely)
    ]
    for first, last in sorted(spans):
        words = reading.words[first:last]
        end = words[-1].end - (2 if words[-1].text.lower().endswith("'s") else 0)
        instead = _REPLACEMENTS.get(words[0].key, "the patient")
        yield Spot(
            Kind.PERSON_NAME,
            Severity.CONFIRM,
            words[0].start,
            end,
            instead,
            rank=1 if last - first == 1 else 2,
        )


def is_name(reading: Reading, word: str) -> bool:
    """A capitalised word which by itself names a person."""
    key = folded(word).removesuffix("'s")
    if key in names("regions") | names("work") | names("calendar") | names("never") or reading.has(
        "drugs", key
    ):
        return False
    if reading.is_given(key):
        return not reading.in_dictionary(key) or reading.has("familiar_names", key)
    return not reading.in_dictionary(key) and reading.has("surnames", key)


def _first_pass(reading: Reading) -> Iterator[tuple[int, int]]:
    place, small = 0, is_all_small(reading)
    while place < len(reading.words):
        last = _name_from(reading, place, small)
        if last > place:
            yield place, last
        place = max(last, place + 1)


def _name_from(reading: Reading, place: int, small: bool) -> int:
    """End of the name beginning at a word; `place` itself without a name."""
    word = reading.words[place]
    if word.key in names("titles"):
        last = _after_title(reading, place)
        if last > place or word.key in names("titles_sure"):
            return last
    if not word.capital:
        if _is_small_after_initial(reading, place):
            return place + 2
        return place + 1 if small and _is_small_name(reading, word) else place
    if len(word.text) == 1:
        return _after_initials(reading, place)
    run = _run(reading, place)
    plain = run - place == 1 and (reading.is_known(word.key) or word.key in names("never"))
    if _is_called(reading, word) and not word.upper and not plain:
        return run
    if reading.is_title_of_work(word) and not reading.is_given(word.key):
        return place
    return _by_evidence(reading, place, run)


def _after_title(reading: Reading, place: int) -> int:
    title, name = reading.words[place], reading.at(place + 1)
    if title.key in names("titles_sure") and _is_particle(reading, place + 1):
        return _run(reading, place + 1 + _particles(reading, place + 1))  # "Mrs de Souza"
    if (
        name.gap not in (" ", ". ", ".", "-")
        or name.key in names("nobody") | names("never")
        or not name.key
    ):
        return place
    if name.key == "and" and reading.at(place + 2).key in names("titles_sure"):
        return _after_title(reading, place + 2)  # "Mr and Mrs Hale"
    if title.gap and title.gap.rstrip()[-1:].isdigit() and not title.capital:
        return place  # "46 ms. Sinus"
    if title.key in names("titles_small") and not name.capital:
        plain = reading.is_common(name.key) or name.key in names("work")
        return place if plain or title.capital or len(name.key) < 3 else place + 2
    if not name.capital or (not title.capital and title.key not in names("titles_small")):
        return place
    if len(name.text) == 1 and not (
        reading.at(place + 2).capital and reading.at(place + 2).gap == " "
    ):
        return place  # "Mrs B." names nobody
    if name.upper and not _VOWEL.search(name.text):
        return place  # nor does "Dr XYZ"
    if title.key not in names("titles_sure"):
        plain = (
            reading.is_common(name.key) and not reading.is_given(name.key)
        ) or reading.is_known(name.key)
        if plain or (
            title.opens and not reading.is_given(name.key) and reading.in_dictionary(name.key)
        ):
            return place
    return _run(reading, place + 1)


def _is_small_after_initial(reading: Reading, place: int) -> bool:
    """ "j. whitlock", in small letters."""
    first, name = reading.words[place], reading.at(place + 1)
    return (
        len(first.text) == 1
        and name.gap in (". ", ".")
        and not name.capital
        and reading.has("surnames", name.key)
        and not reading.in_dictionary(name.key)
        and not reading.is_known(name.key)
    )


def _particles(reading: Reading, place: int) -> int:
    """Particles from a word on: 2 in "van der Berg"."""
    count = 0
    while count < 3 and reading.at(place + count).key in _PARTICLES:
        count += 1
    return count


def _is_particle(reading: Reading, place: int) -> bool:
    """Particles in small letters before a capital: "de Souza"."""
    first, name = reading.at(place), reading.at(place + _particles(reading, place))
    return not first.capital and first.gap in (" ", ". ") and name is not first and name.capital


def _after_initials(reading: Reading, place: int) -> int:
    """ "S. Moretti", "J K Ahmed"; a single letter alone names nobody."""
    last = place + 1
    while (
        last - place < _NAME_MAX
        and reading.at(last).capital
        and len(reading.at(last).text) == 1
        and reading.at(last).gap in (". ", ".", " ")
    ):
        last += 1
    name, dotted = reading.at(last), "." in reading.at(last).gap
    if (
        not name.capital
        or name.upper
        or name.gap not in (". ", " ", ".")
        or (reading.words[place].text in "AI" and not dotted)
    ):
        return place
    odd = name.key not in names("never") and (
        not reading.in_dictionary(name.key) or reading.is_given(name.key)
    )
    listed = reading.has("surnames", name.key) or reading.is_given(name.key)
    return last + 1 if odd and (dotted or listed) and not reading.is_known(name.key) else place


def _run(reading: Reading, place: int) -> int:
    """End of the capitalised words from `place` on, with particles ("van der Berg") between."""
    last = place + 1
    while last - place < _NAME_MAX:
        word = reading.at(last)
        if word.gap in _TOGETHER and word.capital and word.key not in names("work"):
            last += 1
        elif (
            word.gap == " "
            and word.key in _PARTICLES
            and reading.at(last + 1).capital
            and reading.at(last + 1).gap == " "
        ):
            last += 2
        elif word.gap == " " and len(word.text) == 1 and word.capital:
            last += 1
        else:
            break
        if reading.at(last - 1).text.endswith(("'s", "s'")):
            break
    return last


def _is_called(reading: Reading, word: Word) -> bool:
    return bool(_CALLING.search(reading.small[max(0, word.start - 30) : word.start]))


def _by_evidence(reading: Reading, place: int, run: int) -> int:
    word, follower = reading.words[place], reading.at(place + 1)
    if reading.at(place - 1).key in ("year", "christmas") and word.gap == " ":
        return place  # "New Year's Eve"
    if word.key == "te" and (reading.is_known(follower.key) or not follower.capital):
        return place  # "Te Tiriti", "Te reo"
    if word.key == "aroha" and follower.key in ("mai", "nui", "atu"):
        return place  # "Aroha mai" says sorry
    if (
        reading.is_given(word.key)
        and given_before_role(reading, run)
        and word.key in names("eponyms")
    ):
        return run  # "Marcus, our manager", though Marcus Gunn has a sign
    if _is_feast(reading, place) or _is_author(reading, place, run):
        return place
    if _is_household(reading, place):
        return place + 1
    heads = "medical_heads_sure" if reading.is_given(word.key) else "medical_heads"
    if follower.gap in (" ", "-") and follower.key in names(heads):
        return place
    if not is_enough(reading, place, run):
        return place
    return _trimmed(reading, place, run)


def _is_household(reading: Reading, place: int) -> bool:
    """ "the Hendersons": a family by its name."""
    word, key = reading.words[place], reading.words[place].key
    return (
        reading.at(place - 1).key == "the"
        and word.gap == " "
        and reading.at(place + 1).key == "family"
        and key not in names("regions") | names("work") | names("calendar")
        and not word.upper
        and (reading.has("surnames", key) or reading.is_given(key))
    ) or (
        reading.at(place - 1).key == "the"
        and word.gap == " "
        and key.endswith("s")
        and len(key) > 4
        and not reading.at(place + 1).capital
        and reading.has("surnames", key[:-1])
        and not reading.in_dictionary(key)
        and not reading.is_known(key)
        and not reading.is_known(key[:-1])
        and not reading.has("places", key)
    )


def _is_author(reading: Reading, place: int, run: int) -> bool:
    """A whole name as of a book: "have you read Ann Writer?", "a line in Ann Writer"."""
    possessed = reading.words[run - 1].text.endswith("'s")
    before = reading.small[max(0, reading.words[place].start - 20) : reading.words[place].start]
    after = reading.small[reading.words[run - 1].end :][:20]
    if _QUOTING_AFTER.match(after):
        return not possessed
    return run - place > 1 and bool(_QUOTING_BEFORE.search(before)) and not possessed


def _is_feast(reading: Reading, place: int) -> bool:
    """ "St Patrick's Day", from either of its names on."""
    saint = place if reading.words[place].key in ("st", "saint") else place - 1
    return (
        reading.at(saint).key in ("st", "saint", "sts")
        and reading.at(saint + 1).text.endswith("'s")
        and reading.at(saint + 2).key in ("day", "eve", "weekend", "night")
    )


def _trimmed(reading: Reading, place: int, run: int) -> int:
    """End of a name, cut before words no name contains ("Joan Monday")."""
    last = place + 1
    while last < run:
        key = reading.words[last].key
        if (
            key in names("regions")
            or key in names("work")
            or (reading.is_common(key) and not reading.has("surnames", key))
        ):
            break
        last += 1
    return last


def _is_again(reading: Reading, place: int, surely: set[str]) -> bool:
    """Another mention of a name; a common word needs its capital within a sentence."""
    word = reading.words[place]
    if word.key not in surely or word.key in names("never"):
        return False
    if not word.capital:
        return _is_small_name(reading, word)
    follower = reading.at(place + 1)
    if follower.gap in (" ", "-") and follower.key in names("medical_heads"):
        return False
    if word.key in names("eponyms") and word.text.endswith("'s"):
        return False
    plain = reading.in_dictionary(word.key)
    return (
        not plain
        or not word.opens
        or (follower.gap == " " and follower.key in names("doing") | names("being"))
    )


def is_all_small(reading: Reading) -> bool:
    """A text typed without capitals: most sentences begin with a small letter."""
    openings = [
        word for word in reading.words if word.opens and (not word.gap or word.gap[0] in ".?!\n")
    ]
    return sum(not word.text[0].isupper() for word in openings) * 3 > len(openings) * 2


def _is_small_name(reading: Reading, word: Word) -> bool:
    key = word.key
    return (
        len(key) > 3
        and reading.is_given(key)
        and not reading.in_dictionary(key)
        and not reading.is_known(key)
        and not reading.has("places", key)
        and not reading.in_dictionary(key.replace("-", ""))
    )
