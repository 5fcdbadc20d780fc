"""Files of a backup: a first line, then the content, streamed whatever its size.

The line is JSON: kind, hour, and a digest of line and content. An encrypted file is the same file
within age's format (https://age-encryption.org/v1), for the operator's public key.
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BufferedIOBase, BufferedReader
from itertools import chain, count
from pathlib import Path
from re import compile as pattern
from shutil import copyfileobj
from tempfile import NamedTemporaryFile
from typing import Any

import pyrage

DATABASE, KEY_STORE, ROOT_KEYS = "database", "circle-keys", "root-keys"
KINDS = (DATABASE, KEY_STORE, ROOT_KEYS)
# Pages promise that deleted texts are gone from backups within 30 days.
KEPT_FOR = {DATABASE: timedelta(days=30), KEY_STORE: timedelta(days=14)}
LEFT_AFTER = timedelta(days=1)  # a file that is still a draft by then was broken off
NAME = pattern(r"([a-z-]+)-(\d{4}-\d\d-\d\dT\d\d)(?:-\d+)?\.backup(?:\.age)?(\.draft)?")
LINE_MAX = 1000  # bytes of the first line
CHUNK = 1 << 20  # bytes
ENCRYPTED = b"age-encryption.org/v1"


class BadCopy(Exception):
    """A backup cannot be used, or not here; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file of a backup, once its digest was compared. made: the hour, UTC.

    content: path of the content, which is the reader's to move; of root keys the content itself,
    which is written nowhere.
    """

    kind: str
    made: str
    content: Path | bytes = field(repr=False)


class _Source(BufferedIOBase):
    """First line and content as one stream to read."""

    def __init__(self, line: bytes, content: Path) -> None:
        self._line, self._file = line, content.open("rb")

    def read(self, size: int | None = -1, /) -> bytes:
        line, self._line = self._line, b""
        return line or self._file.read(size)

    def close(self) -> None:
        self._file.close()


class _Sink(BufferedIOBase):
    """Target of a stream that begins with a first line; the content goes on into `folder`."""

    def __init__(self, name: str, folder: Path | None) -> None:
        self._name, self._line = name, b""
        self._known: dict[str, str] = {}
        self._file = NamedTemporaryFile(dir=folder, delete=False) if folder else None  # noqa: SIM115
        self._digest, self._roots = sha256(), b""

    def write(self, given: Any, /) -> int:
        part = bytes(given)
        size = len(part)
        if not self._known:
            self._line += part
            head, ended, part = self._line.partition(b"\n")
            if not ended and len(self._line) <= LINE_MAX:
                return size
            self._known = _read_line(self._name, head[:LINE_MAX])
            self._digest.update(_head(self._known["kind"], self._known["made"]))
        self._digest.update(part)
        if self._known["kind"] == ROOT_KEYS:
            self._roots += part
        elif self._file:
            self._file.write(part)
        return size

    def flush(self) -> None:
        if self._file and not self._file.closed:
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()
        super().close()

    def finished(self) -> Copy:
        """The written copy. Raises BadCopy if changed."""
        known = self._known or _read_line(self._name, self._line)
        self.flush()
        if known["sha256"] != self._digest.hexdigest():
            raise BadCopy(f"{self._name} was changed since it was made: it cannot be trusted.")
        content = Path(self._file.name) if self._file else b""
        is_roots = known["kind"] == ROOT_KEYS
        return Copy(known["kind"], known["made"], self._roots if is_roots else content)


def read(path: Path, folder: Path | None = None, identities: Path | None = None) -> Copy:
    """Read a file of a backup; its content is written into `folder`, if one is given.

    identities: file with the private keys of age. Raises BadCopy if the copy is foreign or changed.
    """
    with path.open("rb") as file, _Sink(path.name, folder) as sink:
        is_encrypted = file.read(len(ENCRYPTED)) == ENCRYPTED
        file.seek(0)
        if is_encrypted:
            _decrypt(path.name, file, sink, identities)
        else:
            copyfileobj(file, sink, CHUNK)
        return sink.finished()


def _decrypt(name: str, file: BufferedReader, sink: _Sink, identities: Path | None) -> None:
    if not identities:
        raise BadCopy(f"{name} is encrypted: name your private key by --identity FILE.")
    try:
        pyrage.decrypt_io(file, sink, _identities(identities))
    except (pyrage.DecryptError, OSError) as error:
        raise BadCopy(
            f"{name} cannot be decrypted: it was changed, or is for another key."
        ) from error


def _read_line(name: str, line: bytes) -> dict[str, str]:
    try:
        known = json.loads(line)
        if known["kind"] in KINDS and {"made", "sha256"} <= set(known):
            return {each: str(known[each]) for each in ("kind", "made", "sha256")}
    except (ValueError, KeyError, TypeError):
        pass
    raise BadCopy(f"{name} is no file of a backup, or its first line was changed.")


def write(folder: Path, made: str, contents: dict[str, Path], recipient: str) -> list[Path]:
    """Write a file for each kind of content, under names that were free; returns their paths.

    made: the hour, UTC. recipient: public key of age; "" leaves the files as they are. If one
    cannot be written, none stays.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    suffix = ".backup.age" if recipient else ".backup"
    name, written = _free_name(folder, made, contents), list[Path]()
    try:
        for kind, content in contents.items():
            path = folder / f"{kind}-{name}{suffix}"
            _write(path, kind, made, content, recipient)
            written.append(path)
    except BaseException:
        for path in written:
            path.unlink()
        raise
    return written


def _write(path: Path, kind: str, made: str, content: Path, recipient: str) -> None:
    digest = sha256(_head(kind, made))
    with content.open("rb") as file:
        while part := file.read(CHUNK):
            digest.update(part)
    line = json.dumps({"kind": kind, "made": made, "sha256": digest.hexdigest()}).encode() + b"\n"
    draft, source = path.with_name(f"{path.name}.draft"), _Source(line, content)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            if recipient:
                pyrage.encrypt_io(source, file, [pyrage.x25519.Recipient.from_str(recipient)])
            else:
                copyfileobj(source, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            raise FileExistsError(path)
        draft.replace(path)
    finally:
        source.close()
        draft.unlink(missing_ok=True)


def past(folder: Path, now: datetime) -> Iterator[Path]:
    """Files in `folder` past KEPT_FOR by their names, and drafts of backups that were killed.

    Root keys are never past it.
    """
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not (found := NAME.fullmatch(path.name)) or found[1] not in KINDS:
            continue
        lives, made = LEFT_AFTER if found[3] else KEPT_FOR.get(found[1]), _hour(found[2])
        if lives and made and made <= now - lives:
            yield path


def _hour(named: str) -> datetime | None:
    """The hour in a file's name, UTC; None for one that no calendar has."""
    with suppress(ValueError):
        return datetime.strptime(named, "%Y-%m-%dT%H").replace(tzinfo=UTC)
    return None


def _identities(path: Path) -> list[pyrage.x25519.Identity]:
    lines = [line.strip() for line in path.read_text().splitlines()]
    try:
        found = [
            pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET")
        ]
    except pyrage.IdentityError as error:
        raise BadCopy(f"{path.name} holds a private key that is damaged.") from error
    if not found:
        raise BadCopy(f"{path.name} holds no private key of age: it begins with AGE-SECRET-KEY-1.")
    return found


def _free_name(folder: Path, made: str, kinds: Iterable[str]) -> str:
    """Name for new files: the hour, with a number from its second backup on."""
    names = chain([made], (f"{made}-{number}" for number in count(2)))
    taken = {path.name.removesuffix(".age") for path in folder.glob("*.backup*")}
    return next(each for each in names if not taken & {f"{kind}-{each}.backup" for kind in kinds})


def _head(kind: str, made: str) -> bytes:
    return f"{kind} {made} ".encode()
