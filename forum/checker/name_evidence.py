"""Evidence for a capitalised word being a person: from lists, and from neighbouring words."""

import re

from forum.checker.word_lists import folded
from forum.checker.words import Reading, Word, is_coined, names

ENOUGH = 2.0  # evidence from which a word with a capital is somebody
SURNAME, UNKNOWN = 1.5, 1.0  # evidence of a listed family name, and of a word that no list has
_GIVEN_AFTER = re.compile(r", ([A-Z][a-z]+)\b")
_STATES = frozenset({
    "gone", "here", "dead", "died", "back", "off", "in", "well", "fine", "ill", "not", "been",
    "got", "just", "a", "had", "coming", "going", "asking", "worse", "better", "still",
})  # fmt: skip
_FROM_WORK = re.compile(
    r" (?:from|at|in|on) (?:the )?(?:pharmacy|chemist|front desk|desk|reception|surgery|practice"
    r"|switchboard|village shop|school|lab|ward|gate|district team)\b"
)
_CELTIC = re.compile(r"(?:O'|Mc|Mac)[A-Z][a-z]{2}")
_INITIAL_AFTER = re.compile(r", [A-Z]\.")
_BESIDE = frozenset(["and", "&", "with", "to", "for", "by", "about", "than"])
# "PaO", "iPad"


def is_enough(reading: Reading, place: int, run: int) -> bool:
    """Whether the capital words [place, run) begin with somebody's name, by lists and grammar."""
    word = reading.words[place]
    evidence = _of_lists(reading, word) + _of_grammar(reading, place, run)
    if run - place > 1:
        evidence += _of_second(reading, word, reading.words[place + 1])
    return evidence >= ENOUGH


def _of_lists(reading: Reading, word: Word) -> float:
    """Evidence of the lists alone; below 0 for a word no person bears."""
    key, given = word.key, reading.is_given(word.key)
    if _CELTIC.match(word.text) and not reading.is_known(key):
        return 2.5
    if word.upper and _is_surname_first(reading, word):
        return 2.0
    if (word.upper and not given) or len(key) < 2 or key in names("never") or is_coined(word.text):
        return -3.0
    if reading.is_known(key):
        no_name = key in names("regions") | names("work") | names("calendar") or word.opens
        return -0.5 if given and not no_name else -3.0
    if word.upper:
        return 0.0
    if given and not reading.in_dictionary(key):
        return 2.5
    if given:
        familiar = reading.has("familiar_names", key)
        if word.opens:
            return 1.5 if familiar and not reading.is_common(key) else 0.5
        return 2.0 if familiar else 1.0
    if reading.in_dictionary(key):
        return -3.0
    if reading.has("places", key) or reading.has("cities", key) or reading.has("well_known", key):
        return -1.0
    if word.opens:
        return 1.0 if reading.has("surnames", key) else 0.5
    return SURNAME if reading.has("surnames", key) else UNKNOWN


def _of_grammar(reading: Reading, place: int, run: int) -> float:
    """Evidence of neighbouring words: verbs of acting, kinship."""
    word, before, after = reading.words[place], reading.at(place - 1), reading.at(run)
    evidence = 0.0
    if given_before_role(reading, run) and reading.is_given(word.key):
        evidence += 2.0  # "Jazz, our social prescriber"
    if _FROM_WORK.match(reading.small[reading.words[run - 1].end :][:40]):
        evidence += 1.0  # "Shazza from the pharmacy"
    if word.text.endswith("'s") and run - place == 1 and after.gap == " " and after.key in _STATES:
        evidence += 1.0  # "Ken's gone"
    if _INITIAL_AFTER.match(reading.text[word.end : word.end + 4]) and run - place == 1:
        evidence += 1.5  # "Okonjo, R."
    if after.key == "family" and after.gap == " " and before.key == "the":
        evidence += 2.5  # "the Ahmed family"
    if word.opens and after.gap == ", " and not after.capital and _is_surname(reading, word.key):
        evidence += 1.0  # "Briggs, teeth."
    did = after.key in names("doing") or (_ends_in_ed(after.key) and reading.is_given(word.key))
    if after.gap == " " and did:
        evidence += 1.5
    elif after.gap == " " and after.key in names("being"):
        evidence += 0.5
    elif reading.words[run - 1].text.endswith("'s") and after.key in names("roles"):
        evidence += 2.0  # "Bazza's mum"
    elif reading.words[run - 1].text.endswith("'s") and not after.capital:
        evidence += 0.5
    if before.key in names("roles") and word.gap in (" ", ", ", " (", ": ", " - "):
        evidence += 1.5
    if word.gap == " " and before.key in names("addressing"):
        evidence += 1.0
    elif word.gap == " " and before.key in _BESIDE:
        evidence += 0.5
    if word.gap == " " and before.key in ("the", "a", "an"):
        evidence -= 1.5  # "the Royal Marden"
    if _is_beside_name(reading, place):
        evidence += 1.0
    if word.gap.endswith(", ") and reading.text[word.end : word.end + 1] in (".", "?", "!", ","):
        evidence += 0.5  # spoken to, or set apart: "None, Rob."
    return evidence


def given_before_role(reading: Reading, run: int) -> bool:
    """Whether a name stands before a comma and a role: ", our social prescriber"."""
    owner = reading.at(run)
    if owner.gap != ", " or owner.key not in (
        "our",
        "my",
        "the",
        "his",
        "her",
        "their",
        "a",
        "one",
    ):
        return False
    near = (reading.at(run + 1), reading.at(run + 2), reading.at(run + 3))
    return any(
        each.gap == " " and each.key in names("roles") | names("works_beside") for each in near
    )


def _is_surname(reading: Reading, key: str) -> bool:
    """A family name that is neither a common word nor known otherwise."""
    return (
        reading.has("surnames", key)
        and not reading.in_dictionary(key)
        and not reading.is_known(key)
    )


def _is_surname_first(reading: Reading, word: Word) -> bool:
    """Whether a surname stands first, as on lists: "LOWE, Patricia"."""
    typed = reading.text[word.end : word.end + 30]
    given = _GIVEN_AFTER.match(typed)
    return (
        bool(given)
        and reading.has("surnames", word.key)
        and reading.is_given(folded(given[1] if given else ""))
    )


def _ends_in_ed(key: str) -> bool:
    return len(key) > 4 and key.endswith("ed")


def _is_beside_name(reading: Reading, place: int) -> bool:
    """ "Nesta and May": beside a word surely a name."""
    for joint, other in ((place - 1, place - 2), (place + 1, place + 2)):
        name = reading.at(other)
        if reading.at(joint).key == "and" and name.capital and reading.is_given(name.key):
            return not reading.in_dictionary(name.key) and not reading.is_known(name.key)
    return False


def _of_second(reading: Reading, word: Word, second: Word) -> float:
    if second.key in names("regions") | names("work") or second.key in names("medical_heads"):
        return 0.0
    odd = not reading.in_dictionary(second.key) and not reading.is_known(second.key)
    if word.key in names("never"):
        return 0.0
    if reading.is_given(word.key) and (odd or reading.has("surnames", second.key)):
        return 2.0
    unknown = not reading.in_dictionary(word.key) and not reading.is_known(word.key)
    return 1.0 if odd and unknown and not second.upper else 0.0
