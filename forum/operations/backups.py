"""Backups and restoring: database, key store and root keys, a file each.

A file begins with a JSON line: its kind, the hour, and a digest of line and content.
"""

import json
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import chain, count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from flask import current_app
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from config import Config
from forum.accounts.models import OneTimeLink, Session
from forum.audit import checkpoints
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.circles import closing as closings
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy
from forum.core.instance_lock import UNFINISHED
from forum.core.keys import root_keys
from forum.discussions import retention
from forum.mail.models import OutgoingMail
from forum.notifications import digests
from forum.operations.checks import Finding, of_copy

DATABASE, KEY_STORE, ROOT_KEYS = "database", "circle-keys", "root-keys"
KINDS = (DATABASE, KEY_STORE, ROOT_KEYS)
# Pages promise that deleted texts are gone from backups within 30 days.
KEPT_FOR = {DATABASE: timedelta(days=30), KEY_STORE: timedelta(days=14)}


class BadCopy(Exception):
    """A backup cannot be used, or not here; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of a backup. made: the hour, UTC."""

    kind: str
    made: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Paths of an installation's database and keys. Later root keys lie beside the first."""

    root: Path
    store: Path
    database: Path

    @classmethod
    def of(cls, config: Config) -> Self:
        """Paths from the configuration. Raises BadCopy unless the database is SQLite."""
        kind, _, path = config.SQLALCHEMY_DATABASE_URI.partition(":///")
        if kind != "sqlite":
            raise BadCopy("The database is not SQLite: bring it back with pg_restore.")
        return cls(config.ROOT_KEY_FILE, config.CIRCLE_KEYS_FILE, Path(path))


def back_up(folder: Path) -> list[Path]:
    """Write the three files while the forum runs; returns their paths. Raises BadCopy.

    The database is copied first: a circle closed meanwhile stays closed.
    """
    config = current_app.config
    place = Place(config["ROOT_KEY_FILE"], config["CIRCLE_KEYS_FILE"], _database())
    roots = root_keys(place.root, may_make=False)
    plain = json.dumps({version: key.hex() for version, key in roots.items()}).encode()
    _require_steady_keys()
    try:
        with unit_of_work():
            note_service(Deed.BACKED_UP, Actor.OPERATOR)
        copies = {DATABASE: _copied(place.database), KEY_STORE: _copied(place.store)}
        _require_steady_keys()
        copies[ROOT_KEYS] = plain
        made = f"{now():%Y-%m-%dT%H}"
        name = _free_name(folder, made, copies)
        return [
            _written(folder / f"{kind}-{name}.backup", kind, made, content)
            for kind, content in copies.items()
        ]
    except (OSError, sqlite3.OperationalError, OperationalError, Busy) as error:
        reason = getattr(error, "strerror", None) or "the disk is full, or held by others"
        raise BadCopy(f"The copies could not be written: {reason}.") from error


def prune(folder: Path) -> list[Path]:
    """Delete backup files in `folder` that are past KEPT_FOR; returns their paths.

    Root keys stay, and so does every file that is no backup or was changed.
    """
    past = []
    for path in sorted(folder.glob("*.backup")):
        try:
            copy = read(path)
        except BadCopy:
            continue
        made = datetime.strptime(copy.made, "%Y-%m-%dT%H").replace(tzinfo=UTC)
        if copy.kind in KEPT_FOR and made <= now() - KEPT_FOR[copy.kind]:
            path.unlink()
            past.append(path)
    return past


def _require_steady_keys() -> None:
    """Refuse a backup during a key rotation, when rows depend on two roots. Raises BadCopy."""
    if (Path(current_app.config["INSTANCE"]) / UNFINISHED).exists():
        raise BadCopy("The keys are being changed: `scripts/forum keys rotate` first, to its end.")


def read(path: Path) -> Copy:
    """Read a file of a backup. Raises BadCopy if it is foreign or changed."""
    try:
        head, content = path.read_bytes().split(b"\n", 1)
        known = json.loads(head)
        kind, made, digest = known["kind"], known["made"], known["sha256"]
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise BadCopy(
            f"{path.name} is no file of a backup, or its first line was changed."
        ) from error
    if kind not in KINDS or digest != sha256(_head(kind, made) + content).hexdigest():
        raise BadCopy(f"{path.name} was changed since it was made: it cannot be trusted.")
    return Copy(kind, made, content)


def verify(paths: list[Path]) -> list[Finding]:
    """Restore the files into a temporary folder and check that everything opens.

    The installation is untouched. Raises BadCopy.
    """
    with TemporaryDirectory() as folder:
        there = Path(folder)
        place = Place(there / "root.key", there / "circle-keys.db", there / "forum.db")
        lay(paths, place)
        return of_copy(place.root, place.store, place.database)


def lay(paths: list[Path], place: Place) -> None:
    """Put the files in place of a new installation. Raises BadCopy if a forum exists.

    Circles destroyed here since the backup get no key back.
    """
    found = [*map(read, paths)]
    copies = {copy.kind: copy for copy in found}
    if len(found) > len(copies):
        raise BadCopy("Give one file of each kind: two of these are the same kind.")
    if missing := [kind for kind in KINDS if kind not in copies]:
        raise BadCopy(f"All three files are needed; {' and '.join(missing)} is not among them.")
    if _is_used(place.database):
        raise BadCopy("There is already a database here. Move it away first.")
    destroyed = _destroyed(place.store)
    _lay_roots(json.loads(copies[ROOT_KEYS].content), place.root)
    _put(place.store, copies[KEY_STORE].content, 0o600)
    with closing(sqlite3.connect(place.store)) as store, store:
        store.execute("PRAGMA secure_delete = ON")
        store.executemany("DELETE FROM circle_key WHERE circle_id = ?", destroyed)
        store.executemany("INSERT OR IGNORE INTO destroyed VALUES (?)", destroyed)
    for later in ("-wal", "-shm"):
        place.database.with_name(f"{place.database.name}{later}").unlink(missing_ok=True)
    _put(place.database, copies[DATABASE].content, 0o600)


def begin_again() -> None:
    """Invalidate all sessions, one-time links and queued emails of a restored backup, and begin
    notices of closing and of erasure anew."""
    with unit_of_work():
        for table in (Session, OneTimeLink, OutgoingMail):
            db.session.execute(delete(table))
        digests.put_off_all()
        closings.begin_again()
        retention.begin_again()
        note_service(Deed.RESTORED, Actor.OPERATOR)
    checkpoints.forget()
    checkpoints.keep()


def _lay_roots(keys: dict[str, str], first: Path) -> None:
    for version, key in keys.items():
        if not (version.isascii() and version.isdigit()):
            raise BadCopy("The root keys are not numbered as ours are: they cannot be trusted.")
        path = first if version == "1" else first.with_suffix(f".{version}.key")
        if not path.exists():
            _put(path, bytes.fromhex(key), 0o400)
        elif path.read_bytes() != bytes.fromhex(key):
            raise BadCopy(f"{path.name} is there already, and is another one. Move it away first.")


def _is_used(database: Path) -> bool:
    return bool(_rows(database, "member", "SELECT 1 FROM member LIMIT 1"))


def _destroyed(store: Path) -> list[tuple[str]]:
    return _rows(store, "destroyed", "SELECT circle_id FROM destroyed")


def _rows(path: Path, table: str, asked: str) -> list[tuple[str]]:
    """Rows of a query on a SQLite file; empty without the file or table."""
    if not path.exists():
        return []
    with closing(sqlite3.connect(path)) as there:
        known = "SELECT 1 FROM sqlite_master WHERE name = ?"
        return there.execute(asked).fetchall() if there.execute(known, (table,)).fetchone() else []


def _put(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(content)
        draft.chmod(mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _copied(path: Path) -> bytes:
    """A consistent copy of a SQLite file in use."""
    with TemporaryDirectory() as place, closing(sqlite3.connect(path)) as there:
        with closing(sqlite3.connect(Path(place) / "copy")) as copy:
            there.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        return (Path(place) / "copy").read_bytes()


def _free_name(folder: Path, made: str, kinds: Collection[str]) -> str:
    """Name for three new files: the hour, with a number from its second backup on."""
    names = chain([made], (f"{made}-{number}" for number in count(2)))
    taken = {path.name for path in folder.glob("*.backup")}
    return next(each for each in names if not taken & {f"{kind}-{each}.backup" for kind in kinds})


def _written(path: Path, kind: str, made: str, content: bytes) -> Path:
    known = {"kind": kind, "made": made}
    known["sha256"] = sha256(_head(kind, made) + content).hexdigest()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _put(path, json.dumps(known).encode() + b"\n" + content, 0o600)
    return path


def _head(kind: str, made: str) -> bytes:
    return f"{kind} {made} ".encode()


def _database() -> Path:
    if db.engine.dialect.name != "sqlite":
        raise BadCopy("The database is not SQLite: copy it with pg_dump.")
    return Path(str(db.engine.url.database))
