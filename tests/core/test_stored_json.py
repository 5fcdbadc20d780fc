"""Dataclasses stored as JSON: written and read by the types of their fields."""

from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

import pytest

from forum.core.stored_json import StoredAsJson
from forum.discussions.reply_preferences import Wish


@dataclass(frozen=True, slots=True)
class Part:
    """A value inside another."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Whole(StoredAsJson):
    """One field of each type that is stored."""

    at: time
    wish: Wish = Wish.HEAR_ME_OUT
    day: date | None = None
    ids: frozenset[UUID] = frozenset()
    names: tuple[str, ...] = ()
    part: Part | None = None


def test_a_value_comes_back_as_it_was():
    known = UUID(int=7)
    whole = Whole(
        time(7, 15), [*Wish][1], date(2026, 3, 2), frozenset({known}), ("a",), Part(known)
    )

    assert Whole.from_json(whole.to_json()) == whole
    assert Whole.from_json('{"at": "07:15", "of_a_later_release": 1}') == Whole(time(7, 15))


@pytest.mark.parametrize(
    "stored", ["[]", '"canary"', "{", "{}", '{"at": "canary"}', '{"at": "07:15", "wish": "canary"}']
)
def test_a_damaged_value_is_refused_without_a_word_of_it(stored):
    with pytest.raises(ValueError) as refused:  # noqa: PT011  # whichever says so
        Whole.from_json(stored)

    assert "canary" not in str(refused.value)
    assert refused.value.__cause__ is None
