"""Passwords: which are good enough, how they are kept, and whether one fits.

Guessing is made dear by Argon2id, which is dear for us as well. A process has two queues, of one
password that is worked out and four that wait; whoever comes then is asked to come again. Strangers
have one of them for themselves, so that however many they are, they fill only theirs. Call it
outside a unit of work, which would keep the other writers waiting.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app
from flask_babel import gettext as _

from forum.core.errors import Busy, InvalidInput

LENGTH_MIN = 12  # characters
LENGTH_MAX = 256
LEFT_MIN = 8  # characters, once all that is easily guessed is taken out
DISTINCT_MIN = 5  # different characters among them

COMMON = Path(__file__).with_name("common_passwords.txt")
LOOKALIKES = str.maketrans("013457@$!", "oieastasi")
YEAR = re.compile(r"(19|20)\d\d")
ROWS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")  # of a British keyboard


class Queue:
    """A queue for Argon2: one password is worked out at a time, and so many have a place."""

    def __init__(self, places: int) -> None:
        self._places, self._turn = BoundedSemaphore(places), Lock()

    @contextmanager
    def place(self) -> Iterator[Lock]:
        """Hold a place; gives the lock of whose turn it is. Raises Busy where none is free."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            yield self._turn
        finally:
            self._places.release()


KNOWN = Queue(5)  # browsers in which a member signed in, sessions, holders of a link
STRANGERS = Queue(5)  # all other browsers


def anyone() -> None:
    """Admit whoever has a place in a queue."""


def hashed(password: str, *context: str) -> str:
    """What to keep of a new password, in PHC string form.

    context: what anyone would try first: the mail address, the name. Raises InvalidInput, or
    Busy where too many others wait.
    """
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        said = _("Use %(low)d to %(high)d characters.", low=LENGTH_MIN, high=LENGTH_MAX)
        raise InvalidInput(password=said)
    if _easily_guessed(password, context):
        raise InvalidInput(
            password=_("This would be guessed soon. Three or four words of your own are better.")
        )
    with KNOWN.place() as turn, turn:
        return _hasher().hash(password)


def matches(
    kept: str | None, password: str, queue: Queue = KNOWN, admit: Callable[[], None] = anyone
) -> bool:
    """Whether a password fits what was kept of it.

    Where nothing was kept (no such account) nothing fits, and finding out takes as long.
    admit: counts this try once it has a place in the queue, or raises. Raises Busy where the queue
    is full; such a try is not counted.
    """
    with queue.place() as turn:
        admit()
        with turn:
            try:
                return _hasher().verify(kept or _nobodys(_hasher()), password)
            except (VerificationError, InvalidHashError):
                return False


def _hasher() -> PasswordHasher:
    return PasswordHasher(**current_app.config["PASSWORD_COST"])


def _nobodys(hasher: PasswordHasher) -> str:
    """A hash at today's cost that no password fits. Source: PHC string format."""
    cost = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, outcome = (b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19${cost}${salt}${outcome}"


def _easily_guessed(password: str, context: Iterable[str]) -> bool:
    site = current_app.config["SITE_NAME"]
    words = {part for text in (*context, site) for part in re.findall(r"\w{3,}", text.casefold())}
    known = sorted(words | _common(), key=len, reverse=True)
    plain = password.casefold()
    return any(_little_left(form, known) for form in (plain, plain.translate(LOOKALIKES)))


def _little_left(text: str, known: Iterable[str]) -> bool:
    for word in known:
        text = text.replace(word, " ")
    left = _without_runs("".join(YEAR.sub("", text).split()))
    return len(left) < LEFT_MIN or len(set(left)) < DISTINCT_MIN


def _without_runs(text: str) -> str:
    """`text` once, where it repeats itself, and without what follows from the character before."""
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
