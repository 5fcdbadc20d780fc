"""Exposure by a lost root key: sealed values of its version, and copies from before rotation."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select

from forum.audit import queries as audit
from forum.audit.actions import Deed
from forum.audit.models import SERVICE, Entry
from forum.core.db import db
from forum.core.keys import key_ring
from forum.core.sealing import sealed_columns
from forum.operations.copy_files import DATABASE, KEPT_FOR, KEY_STORE
from forum.operations.rotation import sealed_tables

VERSION_BYTE = 2  # of a sealed value, counted from 1: see core.envelope


@dataclass(frozen=True, slots=True)
class Opened:
    """Number of sealed values of a kind: under the key, and in all."""

    name: str
    under_it: int
    all: int


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposure by a root key. since, until: hours of the service's log; None for open ends."""

    version: int
    newest: int
    since: datetime | None
    until: datetime | None
    values: list[Opened]

    @property
    def is_in_use(self) -> bool:
        """True for the key that seals now."""
        return self.version == self.newest

    @property
    def gone_by(self) -> dict[str, datetime]:
        """Moments by which our copies from before rotation are deleted, by kind."""
        return {
            name: self.until + KEPT_FOR[kind]
            for name, kind in (("database", DATABASE), ("circle keys", KEY_STORE))
            if self.until
        }


def of(version: int) -> Exposure:
    """Exposure by a root key. Raises LookupError for an unknown version."""
    ring = key_ring()
    if version not in ring.versions:
        raise LookupError(f"no root key {version}")
    rotations = audit.moments(SERVICE, Deed.KEYS_ROTATED)
    since = rotations[version - 2] if 2 <= version <= len(rotations) + 1 else None
    until = rotations[version - 1] if version <= len(rotations) else None
    values = [*_values(version), *_wrapped(version)]
    return Exposure(version, ring.newest, since, until, values)


def _values(version: int) -> Iterator[Opened]:
    """Sealed values of each table, logs included, by the version in their second byte."""
    tables: list[type[Any]] = [*sealed_tables(), Entry]
    for table in tables:
        under_it = total = 0
        for name in sealed_columns(table).values():
            column = table.__table__.c[name.column]
            byte = func.substr(column, VERSION_BYTE, 1) == literal(bytes((version,)))
            total += _count(table, column.is_not(None))
            under_it += _count(table, byte)
        if total:
            yield Opened(table.__tablename__, under_it, total)


def _count(table: type[Any], condition: Any) -> int:
    statement = select(func.count()).select_from(table).where(condition)
    return db.session.scalar(statement) or 0


def _wrapped(version: int) -> Iterator[Opened]:
    under_it, total = key_ring().wrapped_under(version)
    yield Opened("keys of circles", under_it, total)
