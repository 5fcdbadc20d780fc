"""Invented members, and circles they found and join, through the services used by pages."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice, permutations, product
from random import Random
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from forum.accounts import factor_policy, links, passwords
from forum.accounts import services as accounts
from forum.accounts.models import Member, Purpose
from forum.accounts.queries import member_by_address
from forum.authors.confusables import folded
from forum.authors.pseudonyms import suggested
from forum.authors.services import choose_own_name, choose_pseudonym
from forum.circles.queries import enter
from forum.circles.services import found, join
from forum.core.db import db, unit_of_work
from forum.policy.may import CIRCLE_MAX
from forum.policy.terms import AuthorMode, Role
from forum.programme.services import NewAccount, set_up
from forum.seeding import stories

OWN_NAMES = 0.6  # share of members writing under their own name


@dataclass(frozen=True, slots=True)
class Person:
    """An invented member in a circle. mode: of their everyday name."""

    id: UUID
    name: str = field(repr=False)
    address: str = field(repr=False)
    role: Role
    mode: AuthorMode


@dataclass(frozen=True, slots=True)
class Company:
    """A circle and its members, moderator first."""

    circle_id: UUID
    people: list[Person]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Set the application's clock to `moment` within the block."""
    clocks = current_app.extensions
    usual, clocks["clock"] = clocks["clock"], lambda: moment
    try:
        yield
    finally:
        clocks["clock"] = usual


def gather(circles: int, members: int, password: str, chance: Random) -> list[Company]:
    """Found circles and spread new members over them.

    Each circle has a moderator and, from four members on, a facilitator. All accounts share the
    password. Raises ValueError unless each circle gets 2 to 20 members.
    """
    if not 2 * circles <= members <= CIRCLE_MAX * circles:
        raise ValueError(f"From 2 to {CIRCLE_MAX} members for each circle, please.")
    kept = passwords.hashed(password)
    accounts_made = [_account(name, kept) for name in islice(_names(), members)]
    known = islice(_circle_names(), circles)
    return [
        _company(name, accounts_made[place::circles], chance) for place, name in enumerate(known)
    ]


def lead(password: str) -> str | None:
    """Create a programme lead; returns the address, or None if any account exists."""
    if db.session.scalar(select(Member.id).limit(1)):
        return None
    kept = passwords.hashed(password)
    with unit_of_work():
        secret = links.issue(Purpose.SET_UP, timedelta(minutes=1))
        db.session.flush()
        leading = NewAccount("programme.lead@example.org", "Frances Lowe", kept)
        lead = set_up(secret, leading)
        lead.factor_asked = factor_policy.INVENTED
        return lead.address


def _account(name: str, kept: str) -> tuple[UUID, str, str]:
    with unit_of_work():
        member = accounts.register(_free_address(name), name, kept)
        member.factor_asked = factor_policy.INVENTED
        return member.id, member.name, member.address


def _free_address(name: str) -> str:
    user = name.lower().replace(" ", ".").replace("'", "")
    tried: Iterable[str] = (f"{user}{n or ''}@example.org" for n in range(1_000_000))
    return next(address for address in tried if member_by_address(address) is None)


def _company(name: str, members: list[tuple[UUID, str, str]], chance: Random) -> Company:
    with unit_of_work():
        circle = found(name)
        circle.purpose, circle.topics = stories.purpose(), stories.topics()
        circle_id = circle.id
        roles = {0: Role.MODERATOR, 3: Role.FACILITATOR}
        for place, (member_id, own_name, _) in enumerate(members):
            join(circle, member_id, own_name, roles.get(place, Role.MEMBER))
    taken = {folded(own_name) for _, own_name, _ in members}
    people = []
    for place, (member_id, own_name, address) in enumerate(members):
        mode = _everyday(member_id, circle_id, taken, chance)
        role = roles.get(place, Role.MEMBER)
        people.append(Person(member_id, own_name, address, role, mode))
    return Company(circle_id, people)


def _everyday(member_id: UUID, circle_id: UUID, taken: set[str], chance: Random) -> AuthorMode:
    standing = enter(member_id, circle_id)
    with unit_of_work():
        if chance.random() < OWN_NAMES:
            choose_own_name(standing)
            return AuthorMode.OWN_NAME
        [bird] = suggested(1, taken)
        taken.add(folded(bird))
        choose_pseudonym(standing, bird)
        return AuthorMode.PSEUDONYM


def _names() -> Iterator[str]:
    """Names of people: written ones first, then mixtures, then double family names."""
    written = stories.names()
    yield from written
    given, family = zip(*(name.split(" ", 1) for name in written), strict=True)
    mixed = (" ".join(pair) for pair in product(given, family))
    yield from (name for name in mixed if name not in written)
    two = ("-".join(pair) for pair in permutations(family, 2))
    yield from (" ".join(pair) for pair in product(given, two))


def _circle_names() -> Iterator[str]:
    written = stories.circle_names()
    yield from written
    yield from (f"{name} {number}" for number in range(2, 1_000) for name in written)
