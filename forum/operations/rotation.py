"""Changing the keys: a new root, a new key for every circle, and all words sealed anew.

Each step may be taken twice. A file beside the keys says that they are being changed: while it is
there nothing is served, and the next call goes on from wherever the last one ended.

What stays under the first root: marks that only their owner's hand can find (read marks, drafts,
flags), names that were in use, digests of known browsers, and the lines of the logs, whose digests
cover their ciphertext.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

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
from forum.core.db import Base, db, unit_of_work
from forum.core.errors import NotFound
from forum.core.instance_lock import UNFINISHED, alone
from forum.core.keys import KeyRing, add_root, key_ring, root_keys
from forum.core.sealing import sealed_columns
from forum.search.services import build

AT_ONCE = 200  # rows of one transaction

Progress = Callable[[str, int, int], object]  # what, how many are done, how many there are


def rotate(progress: Progress) -> int:
    """Change all keys, or go on where that was left; gives the new root's version.

    Raises NotNow while web or worker run, and BadKeys where the keys are not in order.
    """
    with alone(_instance()):
        version = _begin()
        _open_anew()
        key_ring().rewrap()
        _draw_circle_keys(version, progress)
        for table in sealed_tables():
            _seal_anew(table, progress)
        _find_anew(progress)
        _rebuild(progress)
        checkpoints.keep()
        checkpoints.write(checkpoints.known())
        with unit_of_work():
            note_service(Deed.KEYS_ROTATED, Actor.OPERATOR)
        checkpoints.keep()
        _unfinished().unlink()
    return version


def sealed_tables() -> list[type[Any]]:
    """Every table with sealed columns, but for the logs: their digests cover the ciphertext."""
    kinds = sorted((each.class_ for each in Base.registry.mappers), key=lambda kind: kind.__name__)
    return [kind for kind in kinds if kind is not Entry and sealed_columns(kind)]


def _begin() -> int:
    """The version that is being changed to, in a file before it is anywhere else."""
    mark = _unfinished()
    if not mark.exists():
        draft = mark.with_suffix(".draft")
        draft.write_text(f"{key_ring().newest + 1}\n")
        draft.replace(mark)
    version = int(mark.read_text())
    add_root(_root_file(), version)
    return version


def _open_anew() -> None:
    """Have this process know the new root."""
    roots = root_keys(_root_file(), may_make=False)
    store = Path(current_app.config["CIRCLE_KEYS_FILE"])
    current_app.extensions["keys"] = KeyRing(roots, store)


def _draw_circle_keys(version: int, progress: Progress) -> None:
    circles = sorted(key_ring().circles())
    for done, circle_id in enumerate(circles, 1):
        if not key_ring().has_version(circle_id, version):
            key_ring().make_circle(circle_id, version)
        progress("Circle keys", done, len(circles))


def _seal_anew(table: type[Any], progress: Progress) -> None:
    columns = sealed_columns(table).values()
    ids = db.session.scalars(select(table.id)).all()
    for done, some in _chunks(ids):
        with unit_of_work():
            for row in db.session.scalars(select(table).where(table.id.in_(some))):
                with suppress(NotFound):  # of a circle whose key is gone
                    for column in columns:
                        column.renew(row)
        db.session.expunge_all()
        progress(table.__tablename__, done, len(ids))


def _find_anew(progress: Progress) -> None:
    """Write down anew what addresses, names and the rows of accounts are found by."""
    members = db.session.scalars(select(Member.id)).all()
    for done, some in _chunks(members):
        with unit_of_work():
            for member in db.session.scalars(select(Member).where(Member.id.in_(some))):
                member.address_digest = address_digest(member.address)
                rekey(member)
        progress("Members", done, len(members))
    named: tuple[tuple[type[Any], str], ...] = ((Membership, "own_name"), (Author, "name"))
    for table, name_of in named:
        ids = db.session.scalars(select(table.id).where(table.name_digest.is_not(None))).all()
        for done, some in _chunks(ids):
            with unit_of_work():
                for row in db.session.scalars(select(table).where(table.id.in_(some))):
                    with suppress(NotFound):
                        row.name_digest = name_digest(row.circle_id, getattr(row, name_of))
            progress(f"Names: {table.__tablename__}", done, len(ids))


def _rebuild(progress: Progress) -> None:
    """Throw the indexes away, which were sealed under older keys, and build them."""
    folder = Path(current_app.config["SEARCH_INDEX"])
    if folder.exists():
        for path in folder.iterdir():
            rmtree(path) if path.is_dir() else path.unlink()
    circles = sorted(key_ring().circles())
    for done, circle_id in enumerate(circles, 1):
        build(circle_id)
        progress("Search", done, len(circles))


def _chunks(ids: Iterable[UUID]) -> Iterator[tuple[int, list[UUID]]]:
    """(how many there were so far, the next few)"""
    left, done = iter(ids), 0
    while some := list(islice(left, AT_ONCE)):
        done += len(some)
        yield done, some


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])


def _unfinished() -> Path:
    return _instance() / UNFINISHED


def _root_file() -> Path:
    return Path(current_app.config["ROOT_KEY_FILE"])
