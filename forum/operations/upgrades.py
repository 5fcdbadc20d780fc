"""Upgrades of the tables, and the way back: under one lock, after a copy, and looked through."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from flask import current_app

from forum.accounts import sessions
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.host_locks import alone
from forum.core.keys import key_ring
from forum.operations import copy_files, databases, failures, schema
from forum.operations.copy_files import DATABASE, KEY_STORE
from forum.operations.findings import number_of
from forum.operations.readiness import require_fitting_keys

FOLDER = "before-upgrade"  # within the instance: copies, and the revision to go back to
REVISION = "revision"
ROOM = 3  # times the database's size, that must be free on the disk

Say = Callable[[str], object]


class UpgradeFailed(Exception):
    """The tables are as they were before; the message gives the reason."""


def upgrade(say: Say) -> bool:
    """Bring the tables to this release; returns False where they were there already.

    Raises NotNow while web or worker run, and UpgradeFailed.
    """
    if _are_of_this_release():
        return False
    with alone(_instance(), current_app.config["LOCKS_URL"]):
        if _are_of_this_release():  # another upgrade ended between that look and this lock
            return False
        before = schema.revision()
        if before is None:
            say("Making the tables.")
            command.upgrade(schema.config(), "head")
            return True
        _change(say, lambda: command.upgrade(schema.config(), "head"))
        (_folder() / REVISION).write_text(before)
    return True


def _are_of_this_release() -> bool:
    """Whether the tables are. Raises UpgradeFailed where they are of a later one, or differ."""
    before = schema.revision()
    if before is not None and before not in schema.revisions():
        raise UpgradeFailed("The tables are of a later release than this one.")
    if before != schema.head():
        return False
    _require_equal()
    return True


def back(say: Say, to: str = "") -> str:
    """Bring the tables back; returns their revision then.

    to: revision of the program that comes back; where blank, the one that the last upgrade found.
    What was written since stays, but for what the older tables have no room for; everybody signs in
    again. Raises NotNow and UpgradeFailed.
    """
    before = _revision_before(to)
    if before == schema.revision():
        return before
    with alone(_instance(), current_app.config["LOCKS_URL"]):
        before = _revision_before(to)  # another may have brought them back meanwhile
        if before != schema.revision():
            _change(say, lambda: _bring_back(before), is_back=True)
            (_folder() / REVISION).unlink(missing_ok=True)
    return before


def _bring_back(to: str) -> None:
    """Bring the tables back, and sign everybody out: an older program may not know that a session
    was ended, whose row stays.
    """
    with unit_of_work():
        sessions.end_everyones()
    command.downgrade(schema.config(), to)


def _revision_before(to: str) -> str:
    """Revision to which the tables are brought back. Raises UpgradeFailed where there is none."""
    path = _folder() / REVISION
    if not to and not path.exists():
        raise UpgradeFailed("No upgrade was made here, so there is no way back.")
    before = to or path.read_text()
    if before not in schema.revisions() or schema.revision() not in schema.revisions():
        raise UpgradeFailed("This release does not know the tables of that program.")
    if before > (schema.revision() or ""):
        raise UpgradeFailed("The tables are of before that program. Run: scripts/forum upgrade")
    return before


def _change(say: Say, change: Callable[[], object], *, is_back: bool = False) -> None:
    """Copy, change, look through; put the copy back where any of it fails."""
    _require_room()
    say("Copying the database and the circle keys.")
    copies = _copied()
    say("Changing the tables." if not is_back else "Bringing the tables back.")
    try:
        change()
        db.session.remove()
        if not is_back:
            say("Looking through them.")
            if mended := schema.mend():
                say(f"An early release left these out; they were added: {', '.join(mended)}.")
            _require_equal()
            require_fitting_keys()
    except Exception as error:
        say("That failed. Putting the copy back.")
        _put_back(copies)
        is_ours = isinstance(error, UpgradeFailed)
        raise UpgradeFailed(
            f"{error if is_ours else failures.sentence(error)} The tables are as they were before,"
            " and the release before this one runs on them."
        ) from error


def _copied() -> dict[str, Path]:
    folder = _folder()
    for past in [*folder.glob("*.backup")]:
        past.unlink()
    with TemporaryDirectory(prefix="copying-", dir=_instance()) as drafts:
        contents = {DATABASE: Path(drafts) / DATABASE, KEY_STORE: Path(drafts) / KEY_STORE}
        databases.copy(_address(), contents[DATABASE])
        databases.copy_keys(key_ring().store, contents[KEY_STORE])
        paths = copy_files.write(folder, f"{now():%Y-%m-%dT%H}", contents, "")
    return dict(zip(contents, paths, strict=True))


def _put_back(copies: dict[str, Path]) -> None:
    """The circle keys were not changed; their copy is kept beside for whoever restores by hand."""
    db.session.remove()
    db.engine.dispose()
    with TemporaryDirectory(prefix="copying-", dir=_instance()) as drafts:
        content = copy_files.read(copies[DATABASE], Path(drafts)).content
        assert isinstance(content, Path)  # noqa: S101  # nosec B101  # of this kind
        databases.restore(content, _address())


def _require_equal() -> None:
    if different := schema.differences():
        raise UpgradeFailed(
            "The tables differ from this release in"
            f" {number_of(len(different), 'place', 'places')}: {', '.join(different[:5])}."
        )


def _require_room() -> None:
    if db.engine.dialect.name == "sqlite":
        size = Path(str(db.engine.url.database)).stat().st_size
        if shutil.disk_usage(_instance()).free < ROOM * size:
            raise UpgradeFailed(
                f"The disk needs {ROOM * size // 1_000_000 + 1} MB free: a copy is made, and"
                " tables are written anew. Nothing was changed."
            )


def _address() -> str:
    return db.engine.url.render_as_string(hide_password=False)


def _folder() -> Path:
    folder = _instance() / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _instance() -> Path:
    return Path(current_app.config["INSTANCE"])
