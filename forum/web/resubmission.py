"""Words sent without a living session or a fresh password: carried along, then handed back.

They travel in hidden fields of the page that asks who is there, and are stored nowhere. Where
they go back to is sealed, and whose they are, as far as the cookie tells: no page but ours can
name the one, and nobody who signs in next on the same computer is handed the other's words.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import current_app, request, session

from forum.core import tokens
from forum.web.access import WHOSE

WHERE = "kept-where"
FIELD = "kept."  # before the name of each field
TEXT, PRESS = "text", "press"
WAY_BACK = "way-back"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was sent to a view of ours: words, or only the press of a button."""

    path: str
    is_text: bool
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    whose: str = ""  # who was signed in when they were typed: see access.WHOSE; "" if nobody knows

    def carrying(self) -> list[tuple[str, str]]:
        """The hidden fields that bring it along."""
        kind = TEXT if self.is_text else PRESS
        where = tokens.sealed(f"{kind} {self.whose} {self.path}", WHERE)
        return [(WHERE, where), *((FIELD + name, text) for name, text in self.fields)]

    def going_on(self) -> list[tuple[str, str]]:
        """The fields that give it back: words to be looked at again, or the same press."""
        if not self.is_text:
            return list(self.fields)
        return [*((name, text) for name, text in self.fields if name != "do"), ("do", "change")]


def refused() -> Kept | None:
    """What the request at hand sent, where it came too late to be answered; None for a GET."""
    if request.method != "POST":
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    path = request.full_path if request.query_string else request.path
    fields = _safe(request.form.items(multi=True))
    return Kept(path, hasattr(view, "keeps_text"), fields, session.get(WHOSE, ""))


def carried() -> Kept | None:
    """What the page brought along that was asking."""
    where = tokens.opened(request.form.get(WHERE), WHERE)
    if where is None:
        return None
    kind, whose, path = where.split(" ", 2)
    sent = request.form.items(multi=True)
    brought = ((name.removeprefix(FIELD), text) for name, text in sent if name.startswith(FIELD))
    return Kept(path, kind == TEXT, _safe(brought), whose)


def is_for(words: Kept) -> bool:
    """Whether whoever is signed in now may be handed these words."""
    return _is_theirs(words.whose)


def here() -> str | None:
    """The page that was asked for, sealed, where somebody was about to write on it; else None."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "GET" or not hasattr(view, "comes_back"):
        return None
    return tokens.sealed(f"{session.get(WHOSE, '')} {request.path}", WAY_BACK)


def way_back(sealed: str | None) -> str | None:
    """The address of that page, where whoever signed in is the one who asked for it."""
    whose, _, path = (tokens.opened(sealed, WAY_BACK) or "").partition(" ")
    return path if path and _is_theirs(whose) else None


def _is_theirs(whose: str) -> bool:
    return whose in ("", session.get(WHOSE))


def _safe(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """All but the old token, and what no page may show again."""
    return tuple((n, text) for n, text in fields if n != "csrf_token" and "password" not in n)
