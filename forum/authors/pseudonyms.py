"""Pseudonyms: validation, and suggestions."""

import re
from collections.abc import Collection
from functools import cache
from itertools import product
from unicodedata import category, normalize

from flask_babel import gettext as _

from forum.authors import mask_names
from forum.authors.confusables import folded, scripts
from forum.core.errors import InvalidInput
from forum.core.randomness import random_source
from forum.core.text import INVISIBLE, without_joiners

NAME_MIN, NAME_MAX = 3, 24  # characters
LONG = 4 * NAME_MAX  # characters; too long in any normal form, and quick to normalise
VOICE = "a member of this circle"
FORMER = "a former member"
RESERVED = ("moderator", "facilitator", "programme lead", "presenter")
_OURS = tuple(map(folded, ("a member", FORMER)))  # beginnings of the forum's own phrases
_NUMBER = re.compile(r"[\s\d]+$")
ALSO = " -'\u2019."  # allowed besides letters, combining marks and digits

MANNERS = (
    "Quiet Early Little Silver Russet Patient Steady Northern Southern Western Eastern Autumn"
    " Winter Summer Spring Evening Morning Wandering Passing Resting Watchful Gentle Grey Brown"
    " Speckled Marsh Meadow Hedge Garden Island River Shore Woodland Moorland Mountain Harbour"
)
BIRDS = (
    "Heron Wren Curlew Plover Lapwing Dunlin Teal Wigeon Grebe Bittern Egret Avocet Sanderling Knot"
    " Linnet Siskin Redpoll Dunnock Fieldfare Redwing Thrush Swallow Martin Swift Skylark Pipit"
    " Wagtail Dipper Kestrel Merlin Osprey Buzzard Owl Nightjar Puffin Fulmar Gannet Tern Kittiwake"
    " Guillemot Nuthatch Treecreeper Goldcrest Whimbrel Snipe Woodcock Sandpiper Turnstone"
)
BIRD_NAMES = [f"{manner} {bird}" for manner, bird in product(MANNERS.split(), BIRDS.split())]


def suggested(count: int, taken: Collection[str]) -> list[str]:
    """Free pseudonyms to suggest. taken: folded names of the circle."""
    free = [name for name in BIRD_NAMES if folded(name) not in taken]
    return random_source().sample(free, min(count, len(free)))


def well_formed(name: str) -> str:
    """Pseudonym as stored: NFC, single spaces.

    Raises InvalidInput (pseudonym) if too short or long, in several scripts, in letters that pass
    for another alphabet, or reserved by the forum.
    """
    name = " ".join(normalize("NFC", name[:LONG]).split())
    letters = without_joiners(name)
    if not NAME_MIN <= len(name) <= NAME_MAX:
        problem = _("Use %(least)s to %(most)s characters.", least=NAME_MIN, most=NAME_MAX)
    elif not name[0].isalpha() or not all(map(_is_allowed, letters)) or INVISIBLE.search(letters):
        problem = _("Use only letters, numbers, spaces and hyphens. Start with a letter.")
    elif len(scripts(name)) != 1:
        problem = _("Use letters from one alphabet only.")
    elif scripts(name) != {"LATIN"} and folded(name).isascii():
        problem = _(
            "Some of these letters look like letters of another alphabet. Choose another name."
        )
    elif is_given_out(name):
        problem = _("That name is taken in this circle. Try another.")
    else:
        return name
    raise InvalidInput(pseudonym=problem)


def is_given_out(name: str) -> bool:
    """True for empty names, and for names resembling a mask's label (numbered or not) or a phrase
    of the forum.
    """
    plain = folded(name)
    return (
        not plain
        or plain.startswith(_OURS)
        or not _given_out().isdisjoint({plain, folded(_NUMBER.sub("", name))})
    )


@cache
def _given_out() -> frozenset[str]:
    return frozenset(map(folded, (*mask_names.LABELS, *RESERVED)))


def _is_allowed(letter: str) -> bool:
    return category(letter)[0] in "LM" or letter.isdecimal() or letter in ALSO
