"""Invented names: what one may be, and some to choose from."""

import re
from collections.abc import Collection
from functools import cache
from itertools import product
from unicodedata import category, normalize

from flask_babel import gettext as _

from forum.authors import mask_names
from forum.authors.confusables import UNSEEN, folded, scripts
from forum.core.errors import InvalidInput
from forum.core.randomness import random_source

NAME_MIN, NAME_MAX = 3, 24  # characters
LONG = 4 * NAME_MAX  # characters, which stay too many however they join; sorting more takes long
VOICE = "a member of this circle"
FORMER = "a former member"
RESERVED = ("moderator", "facilitator", "programme lead", "presenter")
_OURS = tuple(map(folded, ("a member", FORMER)))  # what those names begin with
_NUMBER = re.compile(r"[\s\d]+$")
ALSO = " -'\u2019."  # besides letters, their marks and digits

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
    """Invented names to choose from, none of them taken. taken: folded names of the circle."""
    free = [name for name in BIRD_NAMES if folded(name) not in taken]
    return random_source().sample(free, min(count, len(free)))


def well_formed(name: str) -> str:
    """The name as it will be kept: NFC, single spaces.

    Raises InvalidInput (pseudonym) where it is too short or long, is written in several scripts
    or in letters that pass for others, or is a name that the forum gives out itself.
    """
    name = " ".join(normalize("NFC", name[:LONG]).split())
    if not NAME_MIN <= len(name) <= NAME_MAX:
        said = _(
            "Between %(least)s and %(most)s characters, please.", least=NAME_MIN, most=NAME_MAX
        )
    elif not name[0].isalpha() or not all(map(_is_allowed, name)) or UNSEEN.search(name):
        said = _("Letters, digits, spaces and hyphens only, beginning with a letter.")
    elif len(scripts(name)) != 1:
        said = _("Letters of one alphabet only, please.")
    elif scripts(name) != {"LATIN"} and folded(name).isascii():
        said = _("Those letters pass for those of another alphabet. Please choose another name.")
    elif is_given_out(name):
        said = _("That name is taken here.")
    else:
        return name
    raise InvalidInput(pseudonym=said)


def is_given_out(name: str) -> bool:
    """Whether a name looks like a label of a mask, with a number or without, or like words that the
    forum itself says; or like nothing at all."""
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
