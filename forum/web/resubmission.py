"""Forms submitted without a living session or fresh password: carried along, then resubmitted.

Fields travel in hidden inputs of the sign-in or password page, and are stored nowhere. The target
and the account are sealed: no foreign page can name a target, and the next person to sign in on a
shared computer never receives a colleague's text.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from flask import current_app, request, session
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from forum.core import tokens
from forum.web.access import WHOSE

WHERE = "kept-where"
FIELD = "kept."  # prefix of each field name
TEXT, PRESS = "text", "press"
WAY_BACK = "way-back"
HOME = "/"
READS = frozenset({"GET", "HEAD"})
QUERY_SIGNS = "%=&+/?:@!$'()*,;~"  # as RFC 3986 allows in a query
WAY_BACK_SIZE = 767  # bytes, the most that fill three blocks of the envelope
ADDRESS_MAX = 700  # characters; the rest of a sealed value is the digest of the account


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
    """Submission of the current request, which could not be processed; None for a GET, and for a
    form that cannot be read, such as one over its size.
    """
    if request.method != "POST":
        return None
    try:
        fields = _safe(request.form.items(multi=True))
    except HTTPException:
        return None
    view = current_app.view_functions.get(request.endpoint or "")
    path = request.full_path if request.query_string else request.path
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
    """Sealed address of the requested page, the same length for all, existing or not.

    None for a form, and for the home page, where sign-in leads anyway. An address longer than
    ADDRESS_MAX leads there too.
    """
    if request.method not in READS or request.path == HOME:
        return None
    address = quote(request.path)
    if request.query_string:
        address += "?" + quote(request.query_string, safe=QUERY_SIGNS)
    return sealed_way(address if len(address) <= ADDRESS_MAX else HOME)


def sealed_way(address: str) -> str:
    """Sealed address of a page of ours, for the account signed in or typing here."""
    known = f"{session.get(WHOSE, '')} {address}"
    return tokens.sealed(known.ljust(WAY_BACK_SIZE), WAY_BACK)


def asked_way(place: str = WAY_BACK) -> str:
    """Sealed target in the address of this request; "" for anything else: a page that repeated
    words of an address would tell, compressed, whether they are on it."""
    sealed = request.args.get("next", "")
    return sealed if tokens.opened(sealed, place) else ""


def way_back(sealed: str | None) -> str | None:
    """Address of a sealed target; None unless it is a page of ours, and sealed for the account now
    signed in.

    Call after sign-in alone: a response before it would reveal which addresses lead to a page.
    """
    whose, _, address = (tokens.opened(sealed, WAY_BACK) or "").rstrip().partition(" ")
    return address if _is_theirs(whose) and _is_page(address) else None


def endpoint_of(address: str) -> str:
    """Endpoint of the page at a path of ours, for messages shown there; "" for any other text."""
    try:
        return str(current_app.url_map.bind("").match(unquote(address.partition("?")[0]))[0])
    except HTTPException:
        return ""


def _is_page(address: str) -> bool:
    """True for an absolute path, never a host, that some route of ours answers with a page."""
    path = address.partition("?")[0]
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return False
    try:
        current_app.url_map.bind("").match(unquote(path), method="GET")
    except RequestRedirect:  # a slash is missing at the end
        return True
    except HTTPException:
        return False
    return True


def _is_theirs(whose: str) -> bool:
    return whose in ("", session.get(WHOSE))


def _safe(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Fields without the old CSRF token and without passwords."""
    return tuple((n, text) for n, text in fields if n != "csrf_token" and "password" not in n)
