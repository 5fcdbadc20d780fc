"""Checks of an installation, each with a sentence as its result. No secret is printed."""

import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import func, select, text
from sqlalchemy.orm import lazyload

from forum.accounts import factor_policy
from forum.accounts.models import Member
from forum.audit import checkpoints, queries
from forum.audit.models import SERVICE, Entry
from forum.circles.models import Circle
from forum.core.clock import is_zone, now, system_clock
from forum.core.db import Base, db, has_primary_key, primary_keys
from forum.core.errors import Busy, NotFound, SealBroken
from forum.core.key_stores import SqliteKeyStore
from forum.core.keys import BadKeys, is_private, key_ring, opened_ring, root_keys
from forum.core.sealing import sealed_columns
from forum.discussions.models import Reply, Thread
from forum.learning import queries as learning
from forum.learning.note_keys import NoteKeys
from forum.learning.pdf import PdfFailed, pdf
from forum.mail import headers, smtp
from forum.mail.models import OutgoingMail
from forum.mail.queries import is_on
from forum.operations import schema, surroundings
from forum.operations.findings import Finding, number_of
from forum.operations.readiness import require_fitting_keys
from forum.safety import guardians
from forum.search.queries import due
from forum.search.services import agrees, held
from forum.web.headers import HEADERS

PRAGMAS = {
    "secure_delete": 1,
    "foreign_keys": 1,
    "trusted_schema": 0,
    "journal_mode": "wal",
    "synchronous": 2,
}
CANARIES = 200  # names, addresses and titles searched for in clear
SHORTEST = 8  # characters of a canary: shorter words occur by chance
TIMEOUT = 5  # seconds
ZONE_NAME = re.compile(r"[\w+/-]{1,40}", re.ASCII)
PORTS = {"http": 80, "https": 443}


def of_installation() -> Iterator[Finding]:
    """All checks of the running installation, lazily."""
    yield from surroundings.of_installation()
    yield from _key_files()
    yield from _pragmas()
    yield _tables()
    yield from _contents()
    yield _log_heads()
    yield _clock()
    yield _zones()
    yield _second_factors()
    yield _guardians()
    yield _canaries()
    yield _indexes()
    yield _headers()
    yield _mail_headers()
    yield _mail()
    yield _pdf()


def of_copy(root: Path, store: Path, database: str) -> list[Finding]:
    """Checks of a restored copy not being served. database: its address."""
    copy = Flask("copy")
    copy.config["SQLALCHEMY_DATABASE_URI"] = database
    try:
        roots = root_keys(root, may_make=False)
        keys = opened_ring(roots, lambda: SqliteKeyStore(store))
    except BadKeys as error:
        return [Finding(False, str(error))]
    copy.extensions |= {"keys": keys, "clock": system_clock, "listeners": {}}
    db.init_app(copy)
    with copy.app_context():
        try:
            return [_whole(), *_contents(counted=True)]
        finally:
            db.session.remove()
            db.engine.dispose()


def _key_files() -> Iterator[Finding]:
    config = current_app.config
    store = key_ring().store
    files = [store.path] if isinstance(store, SqliteKeyStore) else []
    for path in (*_roots(), *files, Path(config["INSTANCE"])):
        yield _private(path)


def _roots() -> list[Path]:
    first = Path(current_app.config["ROOT_KEY_FILE"])
    return [first, *sorted(first.parent.glob(f"{first.stem}.*.key"))]


def _own_mode(path: Path) -> int:
    """Mode that leaves a file or folder to its owner; a root key is not written again."""
    if path.is_dir():
        return 0o700
    return 0o400 if path in _roots() else 0o600


def _private(path: Path) -> Finding:
    mode = stat.S_IMODE(path.stat().st_mode)
    if not is_private(path):
        return Finding(
            False,
            f"{path.name} can be read by other users of this machine (mode {mode:o})."
            f" Run: chmod {_own_mode(path):o} {path}",
        )
    return Finding(True, f"{path.name} is its owner's alone.")


def _pragmas() -> Iterator[Finding]:
    if db.engine.dialect.name != "sqlite":
        yield Finding(True, "The database is not SQLite: its own settings are not looked at.")
        return
    with db.engine.connect() as connection:
        for name, meant in PRAGMAS.items():
            found = connection.execute(text(f"PRAGMA {name}")).scalar()
            if found != meant:
                yield Finding(False, f"SQLite's {name} is {found}, and should be {meant}.")
                return
    yield Finding(True, "SQLite overwrites what is deleted, and writes what it says it wrote.")


def _tables() -> Finding:
    if schema.revision() != schema.head():
        said = "The database tables do not match this release. Run: scripts/forum upgrade"
        return Finding(False, said)
    if different := schema.differences():
        return Finding(
            False,
            f"The database tables differ from this release in {', '.join(different)}, though their"
            " number is right: an early release made them. Restore an older backup, or ask.",
        )
    return Finding(True, "The tables are those of this release.")


def _contents(*, counted: bool = False) -> Iterator[Finding]:
    """Checks that keys open the contents.

    counted: with numbers, of a copy; of a forum in use they would tell that something waits.
    """
    try:
        require_fitting_keys()
    except BadKeys as error:
        yield Finding(False, str(error))
        return
    yield Finding(True, "Root key, circle keys and database belong together.")
    yield _seals(counted=counted)
    yield _learning_notes(counted=counted)
    yield _chains()


def _whole() -> Finding:
    if db.engine.dialect.name != "sqlite":
        return Finding(True, "PostgreSQL took the whole copy.")
    with db.engine.connect() as connection:
        said = connection.execute(text("PRAGMA integrity_check")).scalar()
    return Finding(said == "ok", f"SQLite says of the database: {said}.")


def _seals(*, counted: bool) -> Finding:
    """Whether every sealed value opens in its row and column."""
    opened, broken = 0, 0
    for table in (each.class_ for each in Base.registry.mappers):
        columns = sealed_columns(table)
        for row in _rows(table) if columns else ():
            for name in columns:
                try:
                    getattr(row, name)
                    opened += 1
                except SealBroken:
                    broken += 1
                except NotFound:
                    break  # a circle without a key
    if broken:
        return Finding(
            False,
            f"{number_of(broken, 'encrypted value', 'encrypted values')} cannot be read: moved or"
            " changed. Restore from a backup.",
        )
    number = f"{opened} " if counted else ""
    return Finding(True, f"All {number}sealed values open where they lie.")


def _learning_notes(*, counted: bool) -> Finding:
    """Whether every account's learning notes open; rows of deleted accounts belong to nobody."""
    opened, broken = 0, 0
    for member in _rows(Member):
        rows = learning.rows(member)
        whole = len(learning.opened(NoteKeys(member), rows))
        opened, broken = opened + whole, broken + (whole < len(rows))
    if broken:
        return Finding(
            False,
            f"Learning notes of {number_of(broken, 'account', 'accounts')} cannot be read: they"
            " were moved or changed. Restore from a backup.",
        )
    number = f"{opened} " if counted else ""
    return Finding(True, f"All {number}learning notes open where they lie.")


def _rows(table: type[Any]) -> Iterator[Any]:
    ids = primary_keys(table)
    for first in range(0, len(ids), 500):
        some = has_primary_key(table, ids[first : first + 500])
        alone = lazyload("*")  # joined, a row would be missing that was moved from its name
        yield from db.session.scalars(select(table).where(some).options(alone))
        db.session.expunge_all()


def _chains() -> Finding:
    chains = set(db.session.scalars(select(Entry.chain).distinct()))
    if broken := {chain: at for chain in chains if (at := queries.fault(chain))}:
        return _of_broken(broken)
    return Finding(True, f"All logs hang together line by line: {len(chains)}.")


def _log_heads() -> Finding:
    """Whether each log still continues from its last checkpoint."""
    try:
        known = checkpoints.known()
    except SealBroken:
        return Finding(False, "The file that says where the logs ended is not ours.")
    if not known and db.session.scalar(select(Entry.id).limit(1)):
        return Finding(
            False,
            "The file that records where the logs ended is missing, so a cut would not be "
            "noticed. The worker"
            " writes it each minute: if it has run here, somebody took the file away.",
        )
    if broken := {chain: at for chain, head in known.items() if (at := queries.fault(chain, head))}:
        return _of_broken(broken)
    return Finding(True, "No log is shorter than it was.")


def _of_broken(broken: dict[UUID, int]) -> Finding:
    names = (
        f"{'the service' if c == SERVICE else f'circle {c}'}, line {at}" for c, at in broken.items()
    )
    return Finding(False, f"Logs were changed or cut: {'; '.join(sorted(names))}.")


def _clock() -> Finding:
    """Whether the clock is ahead of all stored times; later posts would stay invisible."""
    logged = select(func.max(Entry.at)).filter_by(chain=SERVICE)
    posted = select(func.max(Reply.appears_at)).where(Reply.place.is_not(None))
    if any(each and each > now() for each in map(db.session.scalar, (logged, posted))):
        return Finding(
            False,
            (
                "This machine's clock is behind the newest post. Set the clock; until then "
                "new posts do not appear."
            ),
        )
    return Finding(True, "This machine's clock goes on from what was written.")


def _second_factors() -> Finding:
    """Whether accounts past their days of grace have a second factor; counts, and no names."""
    lacking = 0
    for member in db.session.scalars(select(Member).where(~Member.is_suspended)):
        request = factor_policy.asked(member)
        lacking += request is not None and request.is_due
    if lacking:
        return Finding(
            False,
            f"{number_of(lacking, 'account', 'accounts')} should have a second factor and"
            f" {'has' if lacking == 1 else 'have'} none, and will be asked for it at the next"
            " sign-in, before all else.",
        )
    return Finding(True, "No account lacks a second factor that it should have.")


def _guardians() -> Finding:
    """Whether two guardians can act, without whom no name can be opened."""
    if guardians.suffice():
        return Finding(True, "Two guardians or more can act when a life is at stake.")
    return Finding(
        True,
        "Fewer than two guardians can act: when a life is at stake, no hidden name can be opened."
        " The programme lead names them. See docs/operating/guardians.md.",
        warns=True,
    )


def _zones() -> Finding:
    """Whether this machine knows every time zone chosen; the others are read as UTC."""
    columns = (Member.timezone, Circle.timezone)
    chosen = {name for each in columns for name in db.session.scalars(select(each).distinct())}
    if unknown := sorted(name for name in chosen if not is_zone(name)):
        names = ", ".join(
            name if ZONE_NAME.fullmatch(name) else "one unreadable" for name in unknown
        )
        return Finding(
            False,
            f"This machine does not know these time zones, and takes UTC: {names}. Bring its tzdata"
            " up to date.",
        )
    return Finding(True, "This machine knows all time zones chosen.")


def _canaries() -> Finding:
    """Whether names, addresses, titles or keys of this forum lie in clear in any file."""
    folder = Path(current_app.config["INSTANCE"])
    places = [folder, Path(current_app.config["SEARCH_INDEX"])]
    words = [word.encode() for word in _words() if len(word) >= SHORTEST]
    keys = {path.read_bytes(): path for path in _roots()}
    written = [*keys, *(key.hex().encode() for key in keys)]
    told = {
        path.name
        for place in places
        for path in place.rglob("*")
        if path.is_file() and _holds(path, words if path in keys.values() else [*words, *written])
    }
    if told:
        names = ", ".join(sorted(told))
        return Finding(
            False, f"Names, titles or keys of this forum can be read unencrypted in {names}."
        )
    return Finding(
        True, "No name, address or title that was looked for stands in clear in any file."
    )


def _words() -> Iterator[str]:
    for member in db.session.scalars(select(Member).limit(CANARIES)):
        yield from (member.name, member.address)
    for table, attribute in ((Circle, "name"), (Thread, "title")):
        for row in db.session.scalars(select(table).limit(CANARIES)):
            with suppress(NotFound):
                yield getattr(row, attribute)


def _holds(path: Path, words: Iterable[bytes]) -> bool:
    content = path.read_bytes()
    return any(word in content for word in words)


def _indexes() -> Finding:
    if wrong := [each for each in key_ring().circles() if not agrees(each)]:
        return Finding(
            False,
            f"{len(wrong)} search indexes are damaged. Delete search_index/* and run:"
            " scripts/forum reindex",
        )
    if behind := len(due()):
        return Finding(
            True,
            f"{number_of(behind, 'search index is', 'search indexes are')} behind; the worker, or"
            " the next search, sees to it.",
        )
    kept = f"{number_of(len(key_ring().circles()), 'circle is', 'circles are')} kept"
    if current_app.config["SEARCH_INDEX_MAX"]:
        kept += f", {len(held())} with an index on this host"
    return Finding(True, f"All search indexes are up to date; {kept}.")


def _headers() -> Finding:
    """Headers of the sign-in page, as sent to the outside."""
    site = urlsplit(current_app.config["SITE_URL"])
    kind = HTTPSConnection if site.scheme == "https" else HTTPConnection
    connection = kind(site.hostname or "", site.port or PORTS[site.scheme], timeout=TIMEOUT)
    try:
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
    except (OSError, HTTPException) as error:
        return Finding(
            True,
            f"The site does not answer at {site.netloc} ({type(error).__name__}), so its headers"
            " were not looked at.",
        )
    finally:
        connection.close()
    missing = [name for name, value in HEADERS.items() if answer.getheader(name) != value]
    if missing:
        return Finding(
            False, f"The site leaves out or changes these headers: {', '.join(missing)}."
        )
    return Finding(True, "The site sends all headers as it should.")


def _mail_headers() -> Finding:
    """Whether a composed email reads back with the sender, the address for replies and the subject
    that the settings ask for.
    """
    config = current_app.config
    subject = f"A new password for {config['SITE_NAME']}"
    email = OutgoingMail(due_at=now())
    email.address, email.subject, email.text = "anna@example.org", subject, "Hello"
    email.html = email.unsubscribe = email.log_mark = ""
    sender, reply_to = smtp.sender(), smtp.reply_to()
    if not headers.ADDRESS.fullmatch(sender.address):
        return Finding(False, "MAIL_SENDER is no email address, so no email can leave.")
    if not headers.survive(smtp.composed(email), sender, reply_to, subject):
        return Finding(
            False, "SITE_NAME cannot stand in an email: mail programs read it otherwise."
        )
    return Finding(True, "Sender and subject of emails read back as they are set.")


def _mail() -> Finding:
    if not is_on():
        return Finding(True, "Mail is off: links are shown, to be copied, and no emails leave.")
    try:
        with smtp.opened() as server:
            server.noop()
    except (SMTPException, OSError) as error:
        return Finding(
            False,
            f"The email server cannot be reached or refused us ({type(error).__name__}): see MAIL_"
            " in config.py.",
        )
    return Finding(True, "The mail server can be used.")


def _pdf() -> Finding:
    """Whether appraisal records can become PDFs here."""
    try:
        pdf("<title>Check</title><p>Check</p>")
    except (PdfFailed, Busy):
        return Finding(
            False, "No PDF can be made here: Pango or a font is missing. Run: scripts/pdf_libraries"
        )
    return Finding(True, "PDFs of learning notes can be made.")
