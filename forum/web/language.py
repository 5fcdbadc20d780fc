"""The language of pages."""

from typing import Any, cast

from flask import Flask, g
from flask_babel import Babel, get_translations


def init_app(app: Flask) -> None:
    """Speak British English, and any language for which there are translations one day.

    Templates ask for sixty sentences a page: the translations are looked up once a request, not
    once a sentence.
    """
    Babel(app, default_locale="en_GB")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # of jinja2.ext.i18n
        gettext=lambda said: _words().ugettext(said),
        ngettext=lambda one, many, number: _words().ungettext(one, many, number),
        pgettext=lambda about, said: _words().upgettext(about, said),
        npgettext=lambda about, one, many, n: _words().unpgettext(about, one, many, n),
        newstyle=True,
    )


def _words() -> Any:
    words = g.get("words")
    if words is None:
        words = g.words = get_translations()
    return cast(Any, words)
