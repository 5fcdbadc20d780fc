"""Key rotation: a new root key, new circle keys, and all sealed values sealed anew.

Each step is idempotent. A file beside the keys marks a rotation as unfinished: nothing is served
while it exists, and the next call resumes.

Values under the first root stay: marks only their owner's hand can compute (read marks, drafts,
flags), names once in use, digests of known browsers, and the logs, whose digests cover their
ciphertext.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import Any, TypeVar

from flask import current_app, g
from sqlalchemy import select
from sqlalchemy.orm import lazyload

from forum.accounts import jobs as account_jobs
from forum.accounts.models import Member
from forum.accounts.owner_keys import rekey
from forum.accounts.queries import address_digest
from forum.audit import checkpoints
from forum.audit.actions import Actor, Deed
from forum.audit.models import Entry
from forum.audit.services import note_service
from forum.authors.models import Author
from forum.authors.services import name_digest
from forum.circles.models import Membership
from forum.core.db import Base, db, has_primary_key, primary_keys, unit_of_work
from forum.core.errors import NotFound, SealBroken
from forum.core.fences import fence
from forum.core.host_locks import alone
from forum.core.instance_lock import UNFINISHED
from forum.core.keys import add_root, key_ring, opened_ring, root_keys
from forum.core.sealing import sealed_columns
from forum.learning import services as learning
from forum.search.services import build, held

BATCH_SIZE = 200  # rows in a transaction

Key = TypeVar("Key")
Progress = Callable[[str, int, int], object]  # step, number done, total


def rotate(progress: Progress) -> int:
    """Rotate all keys, or resume; returns the new root's version.

    Raises NotNow while web or worker run on any host, and BadKeys for invalid key files.
    """
    with alone(_instance(), current_app.config["LOCKS_URL"]):
        version = _begin()
        _open_anew()
        key_ring().rewrap()
        _draw_circle_keys(version, progress)
        damaged = sum(_seal_anew(table, progress) for table in sealed_tables())
        if damaged:
            progress("Damaged values, left as they are", damaged, damaged)
        _find_anew(progress)
        _rebuild(progress)
        checkpoints.keep()
        checkpoints.write(checkpoints.known())
        with unit_of_work():
            note_service(Deed.KEYS_ROTATED, Actor.OPERATOR)
        checkpoints.keep()
        key_ring().add_fingerprints()
        _unfinished().unlink()
    return version


def sealed_tables() -> list[type[Any]]:
    """Tables with sealed columns, except logs: their digests cover the ciphertext."""
    kinds = sorted((each.class_ for each in Base.registry.mappers), key=lambda kind: kind.__name__)
    return [kind for kind in kinds if kind is not Entry and sealed_columns(kind)]


def _begin() -> int:
    """Write the new root's version to the marker file, then create the root key."""
    mark = _unfinished()
    if not mark.exists():
        key_ring().require_fitting()
        draft = mark.with_suffix(".draft")
        draft.write_text(f"{key_ring().newest + 1}\n")
        draft.replace(mark)
    version = int(mark.read_text())
    add_root(_root_file(), version)
    key_ring().store.add_fingerprint(version, b"")  # other hosts serve nothing from here on
    return version


def _open_anew() -> None:
    """Load the new root into this process."""
    roots = root_keys(_root_file(), may_make=False)
    store = key_ring().store
    current_app.extensions["keys"] = opened_ring(roots, lambda: store)
    g.roots_fit = True  # here alone, until the rotation is finished


def _draw_circle_keys(version: int, progress: Progress) -> None:
    circles = sorted(key_ring().circles())
    for done, circle_id in enumerate(circles, 1):
        if not key_ring().has_version(circle_id, version):
            key_ring().make_circle(circle_id, version)
        progress("Circle keys", done, len(circles))


def _seal_anew(table: type[Any], progress: Progress) -> int:
    """Seal a table's values under the newest keys; gives the number that cannot be read.

    These stay as they are: a rotation that stopped at them could never be finished.
    """
    damaged = 0
    columns = sealed_columns(table).values()
    ids = primary_keys(table)
    for done, some in _chunks(ids):
        with unit_of_work():
            rows = select(table).where(has_primary_key(table, some)).options(lazyload("*"))
            for row in db.session.scalars(rows):
                with suppress(NotFound):  # a circle without a key
                    for column in columns:
                        try:
                            column.renew(row)
                        except SealBroken:
                            damaged += 1
        db.session.expunge_all()
        progress(table.__tablename__, done, len(ids))
    return damaged


def _find_anew(progress: Progress) -> None:
    """Recompute the digests by which addresses, names and account rows are found."""
    before = account_jobs.ids_of_rows()
    members = db.session.scalars(select(Member.id)).all()
    for done, some in _chunks(members):
        with unit_of_work():
            for member in db.session.scalars(select(Member).where(Member.id.in_(some))):
                with suppress(SealBroken):
                    member.address_digest = address_digest(member.address)
                for moved in (rekey, learning.rekey):
                    with suppress(SealBroken):  # the account's own secret
                        moved(member)
        progress("Members", done, len(members))
    account_jobs.move_left_behind(before)
    named: tuple[tuple[type[Any], str], ...] = ((Membership, "own_name"), (Author, "name"))
    for table, name_of in named:
        known = primary_keys(table, table.name_digest.is_not(None))
        for done, keys in _chunks(known):
            with unit_of_work():
                for row in db.session.scalars(select(table).where(has_primary_key(table, keys))):
                    with suppress(NotFound, SealBroken):
                        row.name_digest = name_digest(row.circle_id, getattr(row, name_of))
            progress(f"Names: {table.__tablename__}", done, len(known))


def _rebuild(progress: Progress) -> None:
    """Delete search indexes, sealed under older keys, and rebuild them."""
    circles = held()
    folder = Path(current_app.config["SEARCH_INDEX"])
    if folder.exists():
        for path in folder.iterdir():
            rmtree(path) if path.is_dir() else path.unlink()
    for done, circle_id in enumerate(circles, 1):
        with fence("keys.rotated"):  # a damaged text is left out of the index
            build(circle_id)
        progress("Search", done, len(circles))


def _chunks(ids: Iterable[Key]) -> Iterator[tuple[int, list[Key]]]:
    """Batches of ids or keys, each with the running total."""
    left, done = iter(ids), 0
    while some := list(islice(left, BATCH_SIZE)):
        done += len(some)
        yield done, some


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])


def _unfinished() -> Path:
    return _instance() / UNFINISHED


def _root_file() -> Path:
    return Path(current_app.config["ROOT_KEY_FILE"])
