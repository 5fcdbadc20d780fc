"""URLs: absolute form, encrypted ids in paths, and secrets in links."""

import re
from functools import lru_cache
from uuid import UUID

from flask import Flask, current_app, url_for
from flask_login import current_user
from werkzeug.routing import BaseConverter

from forum.core import tokens

NOTHING = UUID(int=0)
SECRET = re.compile(r"[\w-]*", re.ASCII)  # base64url, RFC 4648 section 5


def full_url(path: str) -> str:
    """Absolute URL of a path; the host comes from configuration, never from a request."""
    return str(current_app.config["SITE_URL"]).rstrip("/") + path


def address(endpoint: str, **ids: UUID) -> str:
    """Path of a page by its ids: `url_for` for lists, where it would be a third of the cost.

    Raises ValueError where an id is hidden: such a path is one account's alone, see HiddenId.
    """
    return _pattern(endpoint, tuple(ids)).format(*ids.values())


@lru_cache(maxsize=128)
def _pattern(endpoint: str, names: tuple[str, ...]) -> str:
    """Path of an endpoint, with fields of `str.format` in place of its ids."""
    ids = {name: UUID(int=number) for number, name in enumerate(names)}
    path = url_for(endpoint, _external=False, **ids)  # type: ignore[arg-type]
    for number, id_ in enumerate(ids.values()):
        if str(id_) not in path:
            raise ValueError(f"{endpoint} hides an id: ask url_for for its path")
        path = path.replace(str(id_), f"{{{number}}}")
    return path


class HiddenId(BaseConverter):
    """URL converter `<hidden:draft_id>` for ids that browser history must not reveal.

    A thread's page names each post by id. Reading an equal id in the history of a shared computer,
    under "Change your words" or a draft, would reveal who sat there. So ids are encrypted for the
    signed-in account, and under another account's URL there is no page, not even a refusal.
    """

    regex = r"[\w-]{43}"

    def to_python(self, value: str) -> UUID:
        """Decrypted id; NOTHING, which no row has, if encrypted for another account.

        Visitors without a session are asked to sign in, as on every page, and return.
        """
        if not current_user.is_authenticated:
            return NOTHING
        return tokens.id_of(value, _place()) or NOTHING

    def to_url(self, value: UUID) -> str:
        """Encrypted id for the signed-in account."""
        return tokens.hidden_id(value, _place())


class ShortId(BaseConverter):
    """URL converter `<short:post_id>` for ids as pages with many of them write them."""

    regex = r"[\w-]{22}"

    def to_python(self, value: str) -> UUID:
        """Id; NOTHING, which no row has, of any other string."""
        return tokens.id_of_short(value) or NOTHING

    def to_url(self, value: UUID) -> str:
        """Id in 22 characters."""
        return tokens.short_id(value)


class LinkSecret(BaseConverter):
    """URL converter `<link:secret>` for the secret of a link sent by email or copied by hand.

    Programs that find links in text often take a sign after it along: "…k7Q." or "…k7Q>". What
    follows the secret is dropped, so the link opens all the same.
    """

    regex = r"[^/]+"

    def to_python(self, value: str) -> str:
        """Secret without the signs after it."""
        found = SECRET.match(value)
        return found[0] if found else ""


def _place() -> str:
    return f"url|{current_user.id}"


def init_app(app: Flask) -> None:
    """Register the converters `hidden`, `short` and `link`, and `address` for templates."""
    app.jinja_env.globals["address"] = address
    app.url_map.converters |= {"hidden": HiddenId, "short": ShortId, "link": LinkSecret}
