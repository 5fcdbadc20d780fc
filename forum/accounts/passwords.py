"""Passwords: strength, hashing, verification.

Argon2id makes guessing expensive, and costs this server as much. A process has two queues, each
with one running hash and four waiting; further callers get Busy. Strangers have a queue of their
own and cannot fill the members' one. Call outside a unit of work, which would block other writers.

A password is hashed in NFKC, since devices send one accent in several forms; its hash says so in
front, `nfkc$argon2id$…`. Older hashes are of the password as it was typed.
"""

import gzip
import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import gettext as _

from forum.core.errors import Busy, InvalidInput

LENGTH_MIN = 12  # characters
LENGTH_MAX = 256
LEFT_MIN = 8  # characters left after removing easily guessed parts
DISTINCT_MIN = 5  # different characters among them
WORDS_ENOUGH = 4  # different words, common or not
WORD = re.compile(r"[^\W\d_]{3,}")
FORM = "nfkc"  # before a hash made of the NFKC form
TYPED_MAX = 2048  # characters of a try; more than LENGTH_MAX in NFKC ever come from

COMMON = Path(__file__).with_name("common_passwords.txt")
LONG = Path(__file__).with_name("long_passwords.txt.gz")  # see scripts/word_lists.py
LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
YEAR = re.compile(r"(19|20)\d\d")
ROWS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")  # of a British keyboard


class Queue:
    """Queue for Argon2: one hash runs at a time; the number of places is limited."""

    def __init__(self, places: int) -> None:
        self._places, self._turn = BoundedSemaphore(places), Lock()

    @contextmanager
    def place(self) -> Iterator[Lock]:
        """Hold a place; yields the lock for running the hash. Raises Busy if no place is free."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            yield self._turn
        finally:
            self._places.release()


KNOWN = Queue(5)  # browsers in which a member signed in, sessions, holders of a link
STRANGERS = Queue(5)  # all other browsers


def anyone() -> None:
    """Admit every caller with a place in the queue."""


def hashed(password: str, *context: str) -> str:
    """Hash of a new password, in PHC string form.

    context: words tried first by a guesser: mail address, name. Raises InvalidInput for a weak
    password, or Busy if the queue is full. Source of the form: NIST SP 800-63B section 5.1.1.2.
    """
    password = _nfkc(password)
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        problem = _("Use %(low)d to %(high)d characters.", low=LENGTH_MIN, high=LENGTH_MAX)
        raise InvalidInput(password=problem)
    if _easily_guessed(password, context):
        raise InvalidInput(password=_("This password is easy to guess. Try four random words."))
    return rehashed(password)


def rehashed(password: str) -> str:
    """Hash of a password in use, whatever its strength. Raises Busy."""
    with KNOWN.place() as turn, turn:
        return f"{FORM}{_hasher().hash(_nfkc(password))}"


def is_old(kept: str) -> bool:
    """True for a hash of the typed form."""
    return not kept.startswith(FORM)


def matches(
    kept: str | None, password: str, queue: Queue = KNOWN, admit: Callable[[], None] = anyone
) -> bool:
    """True if a password matches the stored hash.

    Without a hash (unknown account) nothing matches, after equal work.
    admit: counts the try once in the queue, or raises. Raises Busy if the queue is full; such a try
    is not counted.
    """
    with queue.place() as turn:
        admit()
        kept = kept or _nobodys(_hasher())
        tried = password if is_old(kept) else _nfkc(password)
        with turn:
            try:
                return _hasher().verify(kept.removeprefix(FORM), tried)
            except (VerificationError, InvalidHashError):
                return False


def _hasher() -> PasswordHasher:
    return PasswordHasher(**current_app.config["PASSWORD_COST"])


def _nobodys(hasher: PasswordHasher) -> str:
    """Hash of today's form and cost which no password matches. Source: PHC string format."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, outcome = (b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"{FORM}$argon2id$v=19${cost}${salt}${outcome}"


def _nfkc(password: str) -> str:
    """Normalised password, cut to TYPED_MAX: sorting more combining marks would take seconds."""
    return normalize("NFKC", password[:TYPED_MAX])


def _easily_guessed(password: str, context: Iterable[str]) -> bool:
    own, site = (_parts(each) for each in (context, [current_app.config["SITE_NAME"]]))
    known = sorted(own | site | _common(), key=len, reverse=True)
    plain = password.casefold()
    if plain in _long():
        return True
    if len(_words(plain, known) - own) >= WORDS_ENOUGH:
        return False
    return any(_little_left(form, known) for form in (plain, plain.translate(LOOKALIKES)))


def _parts(texts: Iterable[str]) -> set[str]:
    return {part for text in texts for part in re.findall(r"\w{3,}", text.casefold())}


def _words(text: str, known: Iterable[str]) -> set[str]:
    """Different words of a password, set apart or run together, without runs of keys."""
    found = set()
    for word in known:
        if WORD.fullmatch(word) and word in text:
            found.add(word)
            text = text.replace(word, " ")
    return {word for word in (*found, *WORD.findall(text)) if len(_without_runs(word)) > 1}


def _little_left(text: str, known: Iterable[str]) -> bool:
    for word in known:
        text = text.replace(word, " ")
    left = _without_runs("".join(YEAR.sub("", text).split()))
    return len(left) < LEFT_MIN or len(set(left)) < DISTINCT_MIN


def _without_runs(text: str) -> str:
    """One period of a repetitive text, without characters that continue a run or keyboard row."""
    period = (text + text).find(text, 1)
    once = text[:period] if period > 0 else text
    return "".join(now for before, now in zip(" " + once, once, strict=False) if _new(before, now))


def _new(before: str, now: str) -> bool:
    beside = any(before + now in row or now + before in row for row in ROWS)
    return abs(ord(now) - ord(before)) > 1 and not beside


@cache
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def _long() -> frozenset[str]:
    """The 10,000 commonest passwords of LENGTH_MIN characters or more, folded."""
    return frozenset(gzip.decompress(LONG.read_bytes()).decode().splitlines())
