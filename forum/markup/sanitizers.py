"""bleach and nh3 behind our dialect: with one allowlist, they must change nothing."""

from threading import local

import bleach
import nh3

from forum.markup.inlines import REL

BLOCKS = {"p", "br", "pre", "blockquote", "ul", "ol", "li", "h2", "h3", "h4", "h5", "hr"}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
TAGS = BLOCKS | TABLE | {"strong", "em", "s", "code", "a"}
ATTRIBUTES = {"a": {"href", "rel"}, "li": {"value"}, "table": {"tabindex"}, "*": set[str]()}
SCHEMES = {"http", "https", "mailto"}

_own = local()  # bleach's parser has a state, so each thread has its own


def agree(html: str) -> bool:
    """True if both sanitisers give this HTML back unchanged.

    Equal spelling is more than an equal tree, and takes no third parser to tell.
    """
    return by_bleach(html) == html and by_nh3(html) == html


def by_bleach(html: str) -> str:
    """HTML as bleach lets it through."""
    if not hasattr(_own, "cleaner"):
        _own.cleaner = bleach.Cleaner(tags=TAGS, attributes=_allowed, protocols=SCHEMES)
    cleaner: bleach.Cleaner = _own.cleaner
    return cleaner.clean(html)


def by_nh3(html: str) -> str:
    """HTML as nh3 lets it through."""
    return _nh3.clean(html)


def _allowed(tag: str, name: str, value: str) -> bool:
    """True for an allowed attribute. The libraries check no values but those of addresses."""
    if name not in ATTRIBUTES.get(tag, set()):
        return False
    return {"rel": value == REL, "value": value.isdecimal(), "tabindex": value == "0"}.get(
        name, True
    )


def _filtered(tag: str, name: str, value: str) -> str | None:
    return value if _allowed(tag, name, value) else None


_nh3 = nh3.Cleaner(
    tags=TAGS, attributes=ATTRIBUTES, attribute_filter=_filtered, url_schemes=SCHEMES, link_rel=None
)
