"""Backups and restoring: database, key store and root keys, a file each."""

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Self

from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError

from config import Config
from forum.accounts import account_recovery
from forum.accounts.models import OneTimeLink, Session
from forum.audit import checkpoints
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.circles import closing as closings
from forum.circles.models import Applicant, Circle, GroupLink, Invitation
from forum.core import last_runs
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy
from forum.core.instance_lock import UNFINISHED
from forum.core.key_stores import PostgresKeyStore, SqliteKeyStore
from forum.core.keys import key_ring, root_keys
from forum.discussions import retention
from forum.mail.models import OutgoingMail
from forum.notifications import digests
from forum.operations import copy_files, databases
from forum.operations.checks import of_copy
from forum.operations.copy_files import DATABASE, KEY_STORE, KINDS, ROOT_KEYS, BadCopy, Copy
from forum.operations.findings import Finding

DRAFTS = "copying-"  # beginning of the folder's name in which a backup is prepared
PARTS = {"content": (DATABASE,), "keys": (KEY_STORE,), "roots": (ROOT_KEYS,)}


@dataclass(frozen=True, slots=True)
class Installation:
    """Paths of an installation's keys, and its database's address. Later root keys lie beside the
    first.

    keys: address of a key store that several hosts share; "" for the file at `store`.
    """

    root: Path
    store: Path
    database: str
    keys: str = ""

    @classmethod
    def of(cls, config: Config) -> Self:
        """Paths from the configuration."""
        files = config.ROOT_KEY_FILE, config.CIRCLE_KEYS_FILE
        return cls(*files, config.SQLALCHEMY_DATABASE_URI, config.KEYS_URL)


def back_up(folder: Path, kinds: tuple[str, ...] = KINDS, recipient: str = "") -> list[Path]:
    """Write a file of each kind while the forum runs; returns their paths.

    recipient: public key of age to which they are encrypted; "" for none. The database is copied
    before the key store: a circle closed meanwhile stays closed. Raises BadCopy.
    """
    _require_steady_keys()
    try:
        with _drafts() as drafts:
            with unit_of_work():
                note_service(Deed.BACKED_UP, Actor.OPERATOR)
            contents = {kind: _drafted(kind, drafts) for kind in KINDS if kind in kinds}
            _require_steady_keys()
            paths = copy_files.write(folder, f"{now():%Y-%m-%dT%H}", contents, recipient)
            last_runs.note_copies(contents)
            return paths
    except (OSError, sqlite3.OperationalError, OperationalError, Busy) as error:
        reason = getattr(error, "strerror", None) or "the disk is full, or held by others"
        raise BadCopy(f"The copies could not be written: {reason}.") from error


def prune(folder: Path) -> list[Path]:
    """Delete backup files in `folder` that are past their time; returns their paths."""
    past = [*copy_files.past(folder, now())]
    for path in past:
        path.unlink()
    return past


@contextmanager
def _drafts() -> Iterator[Path]:
    """A folder of the installation for copies of one backup at a time. Raises BadCopy."""
    instance = Path(current_app.config["INSTANCE"])
    with (instance / "copying.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadCopy(
                "Another backup is being made. Try again when it has finished."
            ) from error
        for left in instance.glob(f"{DRAFTS}*"):  # by a backup that was killed
            rmtree(left)
        with TemporaryDirectory(prefix=DRAFTS, dir=instance) as folder:
            yield Path(folder)


def _drafted(kind: str, folder: Path) -> Path:
    """A copy of this installation's part, within its own folder."""
    config, target = current_app.config, folder / kind
    if kind == DATABASE:
        databases.copy(db.engine.url.render_as_string(hide_password=False), target)
    elif kind == KEY_STORE:
        databases.copy_keys(key_ring().store, target)
    else:
        roots = root_keys(Path(config["ROOT_KEY_FILE"]), may_make=False)
        plain = json.dumps({version: key.hex() for version, key in roots.items()})
        target.write_text(plain)
    return target


def _require_steady_keys() -> None:
    """Refuse a backup during a key rotation, when rows depend on two roots. Raises BadCopy."""
    if (Path(current_app.config["INSTANCE"]) / UNFINISHED).exists():
        raise BadCopy("The keys are being changed: `scripts/forum keys rotate` first, to its end.")


def verify(paths: list[Path], identities: Path | None = None, address: str = "") -> list[Finding]:
    """Restore the files into a temporary folder and check that everything opens.

    identities: file with the private keys of age. address: of a server of PostgreSQL, where the
    copy is one of its kind. The installation is untouched. Raises BadCopy.
    """
    with TemporaryDirectory() as folder:
        there = Path(folder)
        copies = _read(paths, there, identities)
        root, store = there / "root.key", there / "circle-keys.db"
        _restore_roots(json.loads(_bytes(copies[ROOT_KEYS])), root)
        _restore_store(_path(copies[KEY_STORE]), store, [])
        with databases.scratch(_path(copies[DATABASE]), address or "sqlite://", there) as database:
            return of_copy(root, store, database)


def restore(paths: list[Path], target: Installation, identities: Path | None = None) -> None:
    """Put the files in place of a new installation. Raises BadCopy if a forum exists.

    Circles destroyed here since the backup get no key back.
    """
    with TemporaryDirectory(prefix=DRAFTS, dir=target.store.parent) as folder:
        copies = _read(paths, Path(folder), identities)
        if databases.is_used(target.database):
            raise BadCopy("There is already a database here. Move it away first.")
        destroyed = databases.rows(target.store, "destroyed", "SELECT circle_id FROM destroyed")
        _restore_roots(json.loads(_bytes(copies[ROOT_KEYS])), target.root)
        if target.keys:
            _restore_shared(_path(copies[KEY_STORE]), PostgresKeyStore(target.keys))
        else:
            _restore_store(_path(copies[KEY_STORE]), target.store, destroyed)
        databases.restore(_path(copies[DATABASE]), target.database)


def closing_circles() -> int:
    """Number of circles that were being closed when a restored copy was made."""
    being_closed = select(func.count()).select_from(Circle).where(Circle.closes_on.is_not(None))
    return db.session.scalar(being_closed) or 0


def begin_again(*, call_off: bool = False) -> None:
    """Invalidate all sessions, one-time links and queued emails of a restored backup, and begin
    notices of closing and of erasure anew.

    call_off: call off closings instead, which members had called off since the backup.
    """
    with unit_of_work():
        for table in (Session, OneTimeLink, OutgoingMail, Invitation, GroupLink, Applicant):
            db.session.execute(delete(table))
        account_recovery.begin_again()
        digests.put_off_all()
        if call_off:
            closings.call_off_all()
        else:
            closings.begin_again()
        retention.begin_again()
        note_service(Deed.RESTORED, Actor.OPERATOR)
    checkpoints.forget()
    checkpoints.keep()


def _read(paths: list[Path], folder: Path, identities: Path | None) -> dict[str, Copy]:
    found = [copy_files.read(path, folder, identities) for path in paths]
    copies = {copy.kind: copy for copy in found}
    if len(found) > len(copies):
        raise BadCopy("Give one file of each kind: two of these are the same kind.")
    if missing := [kind for kind in KINDS if kind not in copies]:
        raise BadCopy(f"All three files are needed; {' and '.join(missing)} is not among them.")
    return copies


def _path(copy: Copy) -> Path:
    assert isinstance(copy.content, Path)  # noqa: S101  # nosec B101  # of this kind
    return copy.content


def _bytes(copy: Copy) -> bytes:
    assert isinstance(copy.content, bytes)  # noqa: S101  # nosec B101  # of this kind
    return copy.content


def _restore_shared(content: Path, store: PostgresKeyStore) -> None:
    copied = SqliteKeyStore(content)
    store.replace_all(copied.rows(), copied.destroyed())


def _restore_store(content: Path, store: Path, destroyed: list[tuple[str]]) -> None:
    content.chmod(0o600)
    content.replace(store)
    with closing(sqlite3.connect(store)) as there, there:
        there.execute("PRAGMA secure_delete = ON")
        there.executemany("DELETE FROM circle_key WHERE circle_id = ?", destroyed)
        there.executemany("INSERT OR IGNORE INTO destroyed VALUES (?)", destroyed)


def _restore_roots(keys: dict[str, str], first: Path) -> None:
    for version, key in keys.items():
        if not (version.isascii() and version.isdigit()):
            raise BadCopy("The root keys are not numbered as ours are: they cannot be trusted.")
        path = first if version == "1" else first.with_suffix(f".{version}.key")
        if not path.exists():
            _put(path, bytes.fromhex(key), 0o400)
        elif path.read_bytes() != bytes.fromhex(key):
            raise BadCopy(f"{path.name} is there already, and is another one. Move it away first.")


def _put(path: Path, content: bytes, mode: int) -> None:
    draft = path.with_name(f"{path.name}.draft")
    draft.touch(mode=0o600)
    try:
        draft.write_bytes(content)
        draft.chmod(mode)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
