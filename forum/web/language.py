"""Page language: British English, and further languages that an operator offers.

A partly translated language applies to fully translated pages alone; all others stay English. So no
page mixes two languages, and each declares its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from babel import Locale
from flask import Flask, Response, current_app, g, has_request_context, redirect, request
from flask_babel import Babel, force_locale, get_locale, get_translations
from werkzeug.exceptions import RequestEntityTooLarge

from forum.markup.languages import written_in
from forum.web.access import public

ENGLISH = "en-GB"
NAMES = {ENGLISH: "English", "fr-CA": "Français (Canada)"}
BEGUN = {
    "fr-CA": frozenset(
        {
            *("accounts.sign_in", "circles.invited", "circles.account", "circles.sign_up"),
            *("circles.join", "circles.choose_name", "discussions.index", "discussions.show"),
            *("discussions.acknowledge", "discussions.compose", "discussions.keep"),
            *("discussions.answer_on", "discussions.reply", "discussions.look"),
            *("discussions.publish", "discussions.discard", "discussions.drop_message"),
            *("circles.call_off", "circles.take_on", "circles.log", "circles.rules"),
            *("help.index", "help.hiding", "help.handbook", "help.example"),
            *("help.yourself", "help.accessibility"),
            *("search.ask", "search.find", "search.results", "search.like"),
        }
    )
}
COOKIE = "l"
# Views that show a form again, or save a draft of it, where no further button was pressed.
KEEPING = frozenset({"circles.account", "discussions.keep", "discussions.reply"})


def init_app(app: Flask) -> None:
    """Select the reader's language, and look translations up once a request.

    Templates ask for sixty sentences a page; a look-up for each would be slow.
    """
    Babel(app, default_locale="en_GB", locale_selector=_locale)
    app.add_url_rule("/language", "speak", speak, methods=["POST"])
    app.after_request(_store_choice)
    app.jinja_env.globals |= {
        "languages": languages,
        "page_language": page_language,
        "written_in": written_in,
        "page_direction": lambda: cast(Locale, get_locale()).text_direction,
    }
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of jinja2.ext.i18n
        gettext=lambda text: _words().ugettext(text),
        ngettext=lambda one, many, number: _words().ungettext(one, many, number),
        pgettext=lambda about, text: _words().upgettext(about, text),
        npgettext=lambda about, one, many, n: _words().unpgettext(about, one, many, n),
        newstyle=True,
    )


def languages() -> dict[str, str]:
    """Languages on offer: RFC 5646 tag -> native name."""
    return {tag: NAMES.get(tag, tag) for tag in current_app.config["LANGUAGES"]}


def page_language() -> str:
    """RFC 5646 tag of the current page's language."""
    if not has_request_context():
        return ENGLISH
    return _language_of(g.get("spoken_on", request.endpoint))


def _language_of(endpoint: str | None) -> str:
    tag = chosen_language()
    return tag if endpoint in BEGUN.get(tag, (endpoint,)) else ENGLISH


def chosen_language() -> str:
    """The tag of the language that the reader chose, whether or not the page at hand speaks it.

    Texts are taken to be written in it.
    """
    offered: tuple[str, ...] = current_app.config["LANGUAGES"]
    asked = _pressed() or request.cookies.get(COOKIE, "")
    return asked if asked in offered else offered[0]


@contextmanager
def spoken_on(endpoint: str) -> Iterator[None]:
    """Render the block in the language of another page, for a message that is shown there."""
    g.spoken_on = endpoint
    g.pop("words", None)
    with force_locale(page_language().replace("-", "_")):
        yield
    g.pop("spoken_on")
    g.pop("words", None)


@contextmanager
def in_english() -> Iterator[None]:
    """Render the block in English, for pages whose language must not reveal their URL."""
    g.pop("words", None)
    with force_locale("en_GB"):
        yield
    g.pop("words", None)


@contextmanager
def in_language_of(text: str) -> Iterator[None]:
    """Render the block in the page language of a text, for words that become part of it.

    text: RFC 5646 tag of its language. Any other language, or none, gives the first on offer, so
    that no choice of a reader or writer shows.
    """
    offered: tuple[str, ...] = current_app.config["LANGUAGES"]
    found = next((tag for tag in offered if text and tag.split("-")[0] == text), offered[0])
    g.pop("words", None)
    with force_locale(found.replace("-", "_")):
        yield
    g.pop("words", None)


@public
def speak() -> Response:
    """Store the chosen language in this browser, and return to the previous page."""
    answer = cast(Response, redirect(_back(), 303))
    if (tag := request.form.get("language", "")) in languages():
        _set(answer, tag)
    return answer


def _pressed() -> str:
    """Language whose button sent a page's own form along, with what was typed; else ""."""
    if request.method != "POST" or request.endpoint not in KEEPING:
        return ""
    try:
        return request.form.get("language", "")
    except RequestEntityTooLarge:  # the page that says so is in the language chosen before
        return ""


def _store_choice(answer: Response) -> Response:
    if (tag := _pressed()) in languages():
        _set(answer, tag)
    return answer


def _set(answer: Response, tag: str) -> None:
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(COOKIE, tag, secure=secure, httponly=True, samesite="Lax")


def _back() -> str:
    """Path of the previous page, if one of ours; else "/"."""
    came, here = request.referrer or "", request.host_url
    return "/" + came.removeprefix(here).lstrip("/\\") if came.startswith(here) else "/"


def _locale() -> str:
    return page_language().replace("-", "_")


def _words() -> Any:
    words = g.get("words")
    if words is None:
        words = g.words = get_translations()
    return cast(Any, words)
