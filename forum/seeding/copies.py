"""Copies of an invented circle in bulk, so that a size can be tried before a machine is bought.

Texts, names and their order are those of a circle written through the services; ids, keys, accounts
and keyed values are new. Behind a hidden name of a copy is nobody: to find out who wrote the first
is no task of a command. Drafts, flags and read marks are left out.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any
from uuid import UUID

from sqlalchemy import select

from forum.accounts import factor_policy
from forum.accounts import services as accounts
from forum.accounts.queries import account
from forum.authors.models import Author
from forum.authors.queries import everyday_rows
from forum.authors.services import name_digest
from forum.circles.models import Circle, Membership
from forum.circles.queries import former_standing, held_places
from forum.circles.services import found
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.core.sealing import sealed_columns
from forum.discussions.models import Acknowledgement, Quote, Reply, Thread
from forum.policy.facts import Hand
from forum.seeding.people import Company

KINDS: tuple[type[Any], ...] = (Membership, Author, Thread, Reply, Acknowledgement, Quote)
POSTS = (Thread, Reply)
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class _Row:
    """Row as read once. plain: columns in clear; opened: attributes under the circle's key."""

    kind: type[Any]
    id: UUID
    plain: dict[str, Any]
    opened: dict[str, Any] = field(repr=False)
    hand: Hand | None = None  # of an everyday name's member


def multiply(company: Company, number: int, progress: Callable[[int], object]) -> None:
    """Copy a circle so many times, each in a transaction. progress: called with the posts made."""
    home = db.session.get_one(Circle, company.circle_id)
    name = home.name
    settings = _plain(home) | {each: getattr(home, each) for each in _sealed(home)}
    rows = list(_rows(company))
    people = {person.id: _account(person.id) for person in company.people}
    posts = sum(row.kind in POSTS for row in rows)
    for place in range(1, number + 1):
        with unit_of_work():
            _copy(f"{name} ({place})", settings, rows, people)
        db.session.expunge_all()
        progress(posts)


def _copy(
    name: str,
    settings: Mapping[str, Any],
    rows: list[_Row],
    people: Mapping[UUID, tuple[str, str, str]],
) -> None:
    circle = found(name)
    for each, value in settings.items():
        if each not in ("id", "name"):
            setattr(circle, each, value)
    ids = {row.id: new_id() for row in rows} | {settings["id"]: circle.id}
    for member_id, (address, own_name, kept) in people.items():
        user, _, host = address.partition("@")
        member = accounts.register(f"{user}.{circle.id.hex[:12]}@{host}", own_name, kept)
        member.factor_asked = factor_policy.INVENTED
        ids[member_id] = member.id
    db.session.flush()
    for kind in KINDS:
        db.session.add_all(_made(row, ids, circle.id) for row in rows if row.kind is kind)
        db.session.flush()


def _made(row: _Row, ids: Mapping[UUID, UUID], circle_id: UUID) -> Any:
    """The row of a copy: ids replaced, sealed anew, keyed anew."""
    plain = {name: ids.get(value, value) for name, value in row.plain.items()}
    made = row.kind(**plain | {"id": ids[row.id], "circle_id": circle_id})
    for name, value in row.opened.items():
        setattr(made, name, _replaced(value, ids))
    if row.kind is Author:
        scope = ids.get(made.scope_id, made.scope_id)
        made.scope_id = made.id if made.scope_id == row.id else scope
        made.holder_key = token_bytes(32)
        if row.hand:
            made.holder_key = row.hand.key(made.mode, made.scope_id, made.key_version)
    if row.kind is Acknowledgement:
        made.mark = token_bytes(32)
    if plain.get("name_digest"):
        named = made.own_name if row.kind is Membership else made.name
        made.name_digest = name_digest(circle_id, named)
    return made


def _replaced(value: Any, ids: Mapping[UUID, UUID]) -> Any:
    """A text with the ids of rows replaced by those of their copies."""
    if not isinstance(value, str):
        return value
    return ID.sub(lambda found: str(ids.get(UUID(found[0]), found[0])), value)


def _rows(company: Company) -> Iterator[_Row]:
    """Rows of a circle that are copied, opened once."""
    hands = {
        name.id: standing.hand
        for person in company.people
        for place in held_places(person.id, Membership.circle_id == company.circle_id)
        for standing in [former_standing(place)]
        for name in everyday_rows(standing)
    }
    for kind in KINDS:
        for row in db.session.scalars(select(kind).where(kind.circle_id == company.circle_id)):
            opened = {name: getattr(row, name) for name in _sealed(row)}
            yield _Row(kind, row.id, _plain(row), opened, hands.get(row.id))


def _plain(row: Any) -> dict[str, Any]:
    """Columns in clear by attribute, but for derived ones."""
    sealed = {each.column for each in sealed_columns(type(row)).values()}
    mapped = type(row).__mapper__.column_attrs
    return {
        each.key: getattr(row, each.key) for each in mapped if each.columns[0].name not in sealed
    }


def _sealed(row: Any) -> list[str]:
    """Sealed attributes that have a value."""
    found = sealed_columns(type(row)).items()
    return [name for name, each in found if getattr(row, f"_{name}", b"") is not None]


def _account(member_id: UUID) -> tuple[str, str, str]:
    member = account(member_id)
    return member.address, member.name, member.password_hash
