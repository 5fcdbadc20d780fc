"""Strict reading of TOML definition files: each fault is refused with file, line and reason."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NoReturn, TypeVar

T = TypeVar("T")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.]+)\s*\]")
_SETTING = re.compile(r"\s*(\w+)\s*=")
_NAMES = {str: "a text", int: "a whole number", bool: "true or false", list: "a list"}


class Refused(ValueError):
    """An invalid definition file. The message holds file, line if known, reason."""


@dataclass(slots=True)
class Table:
    """A table of a file; every key must be taken before `close`.

    at: path of the table, such as "phases[2]"; empty for the whole file.
    """

    file: Path
    source: str = field(repr=False)
    values: dict[str, object]
    at: str = ""

    def text(self, key: str, default: str | None = None) -> str:
        """A text not blank; the default if the key is absent."""
        found = self._take(key, str, default)
        if not found.strip() and key in self.values:
            self.refuse(key, "is blank")
        return found

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        return self._take(key, int, default)

    def flag(self, key: str) -> bool:
        """A boolean; false if the key is absent."""
        return self._take(key, bool, False)

    def day(self, key: str) -> date | None:
        """A day such as 2026-05-01; None where the key is absent."""
        if key not in self.values:
            return None
        found = self.values[key]
        if type(found) is not date:
            self.refuse(key, f"is {found!r}, which is not a day such as 2026-05-01")
        return found

    def name(self, key: str) -> str:
        """A key in small letters, digits and underscores, of at most 40 characters."""
        found = self.text(key)
        if not KEY.fullmatch(found):
            self.refuse(key, f"{found!r} is no key: small letters, digits and _, a letter first")
        return found

    def items(self, key: str, of: type[T]) -> tuple[T, ...]:
        """A list of values of a type; empty if the key is absent."""
        found = self._take(key, list, [])
        for each in found:
            if type(each) is not of:
                self.refuse(key, f"holds {each!r}, which is not {_NAMES[of]}")
        return tuple(found)

    def table(self, key: str) -> "Table":
        """A nested table; empty if the key is absent."""
        found = self.values.get(key, {})
        if not isinstance(found, dict):
            self.refuse(key, "is not a table")
        return Table(self.file, self.source, found, self._path(key))

    def tables(self, key: str) -> Iterator["Table"]:
        """The tables of an array, in order; empty if the key is absent."""
        found = self.values.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            self.refuse(key, "is not a list of tables")
        for number, each in enumerate(found, 1):
            yield Table(self.file, self.source, each, f"{self._path(key)}[{number}]")

    def close(self, *known: str) -> None:
        """Refuse unknown keys."""
        for key in self.values:
            if key not in known:
                self.refuse(key, f"is no key of this table; it may hold {', '.join(known)}")

    def refuse(self, key: str, reason: str) -> NoReturn:
        """Raise Refused for a key of this table."""
        at = self._path(key) or "the file"
        line = line_of(self.source, at)
        where = f"{self.file}, line {line}" if line else f"{self.file}"
        raise Refused(f"{where}: {at} {reason}")

    def _take(self, key: str, of: type[T], default: T | None) -> T:
        found = self.values.get(key, default)
        if found is None:
            self.refuse(key, "is missing")
        if type(found) is not of:  # not isinstance: true is no number here
            self.refuse(key, f"is {found!r}, which is not {_NAMES[of]}")
        return found

    def _path(self, key: str) -> str:
        return f"{self.at}.{key}".strip(".")


def opened(file: Path) -> Table:
    """The top table of a TOML file. Raises Refused unless it is readable UTF-8 TOML."""
    try:
        source = file.read_text(encoding="utf-8")
        return Table(file, source, tomllib.loads(source))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(f"{file}: {error}") from None
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None


def line_of(source: str, at: str) -> int | None:
    """The line, from 1, which sets a path such as "phases[2].days".

    For an absent key, its table's header; None if neither is found.
    """
    seen: dict[str, int] = {}
    table, best = "", None
    for number, line in enumerate(source.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _numbered(header[2], seen, is_array=header[1] == "[[")
            best = number if f"{at}.".startswith(f"{table}.") else best
        elif (setting := _SETTING.match(line)) and f"{table}.{setting[1]}".strip(".") == at:
            return number
    return best


def _numbered(name: str, seen: dict[str, int], *, is_array: bool) -> str:
    """The path of a header, with each array's latest index."""
    path = ""
    *above, last = name.split(".")
    for part in above:
        path = f"{path}.{part}".strip(".")
        path += f"[{seen[path]}]" if path in seen else ""
    path = f"{path}.{last}".strip(".")
    if is_array:
        seen[path] = seen.get(path, 0) + 1
        path += f"[{seen[path]}]"
    return path
