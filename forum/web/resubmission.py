"""Forms submitted without a living session or fresh password: carried along, then resubmitted.

Fields travel in hidden inputs of the sign-in or password page, and are stored nowhere. The target
and the account are sealed: no foreign page can name a target, and the next person to sign in on a
shared computer never receives a colleague's text.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import current_app, request, session

from forum.core import tokens
from forum.web.access import WHOSE

WHERE = "kept-where"
FIELD = "kept."  # prefix of each field name
TEXT, PRESS = "text", "press"
WAY_BACK = "way-back"


@dataclass(frozen=True, slots=True)
class Submission:
    """A form submission: text, or only the press of a button."""

    path: str
    is_text: bool
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    whose: str = ""  # account at the time of typing: see access.WHOSE; "" if unknown

    def carrying(self) -> list[tuple[str, str]]:
        """Hidden fields that carry the submission through sign-in, as (name, value)."""
        kind = TEXT if self.is_text else PRESS
        where = tokens.sealed(f"{kind} {self.whose} {self.path}", WHERE)
        return [(WHERE, where), *((FIELD + name, text) for name, text in self.fields)]

    def going_on(self) -> list[tuple[str, str]]:
        """Fields of the resubmission: text to be reviewed, or an unchanged press."""
        if not self.is_text:
            return list(self.fields)
        return [*((name, text) for name, text in self.fields if name != "do"), ("do", "change")]


def refused() -> Submission | None:
    """Submission of the current request, which could not be processed; None for a GET."""
    if request.method != "POST":
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    path = request.full_path if request.query_string else request.path
    fields = _safe(request.form.items(multi=True))
    return Submission(path, hasattr(view, "keeps_text"), fields, session.get(WHOSE, ""))


def carried() -> Submission | None:
    """Submission carried by the sign-in or password page; None without one."""
    where = tokens.opened(request.form.get(WHERE), WHERE)
    if where is None:
        return None
    kind, whose, path = where.split(" ", 2)
    sent = request.form.items(multi=True)
    brought = ((name.removeprefix(FIELD), text) for name, text in sent if name.startswith(FIELD))
    return Submission(path, kind == TEXT, _safe(brought), whose)


def is_for(submission: Submission) -> bool:
    """True if the signed-in account may receive this submission."""
    return _is_theirs(submission.whose)


def here() -> str | None:
    """Sealed path of the requested page, if marked `comes_back`; else None."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method != "GET" or not hasattr(view, "comes_back"):
        return None
    return tokens.sealed(f"{session.get(WHOSE, '')} {request.path}", WAY_BACK)


def way_back(sealed: str | None) -> str | None:
    """Path of a sealed target, if sealed for the account now signed in; else None."""
    whose, _, path = (tokens.opened(sealed, WAY_BACK) or "").partition(" ")
    return path if path and _is_theirs(whose) else None


def _is_theirs(whose: str) -> bool:
    return whose in ("", session.get(WHOSE))


def _safe(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Fields without the old CSRF token and without passwords."""
    return tuple((n, text) for n, text in fields if n != "csrf_token" and "password" not in n)
