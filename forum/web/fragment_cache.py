"""Fragments that are alike on every page of a language: rendered once a process."""

from functools import lru_cache
from typing import Any, cast

from flask import Flask

from forum.web.language import page_language

Drawn = Any  # markup, as a template's block assignment makes it


def init_app(app: Flask) -> None:
    """Give templates `cached_fragment(name)`, the variable `whole` of that template, and `path_of`.

    Such a template may ask for the language and for addresses, never for the reader.
    """

    @lru_cache(maxsize=64)
    def drawn(name: str, language: str) -> Drawn:
        module = app.jinja_env.get_template(name).make_module()
        return cast(Any, module).whole

    @lru_cache(maxsize=64)
    def path_of(endpoint: str) -> str:
        """The address of a page that has no parts."""
        return app.url_for(endpoint, _external=False)

    def cached_fragment(name: str) -> Drawn:
        if app.debug:
            drawn.cache_clear()
        return drawn(name, page_language())

    app.jinja_env.globals |= {"cached_fragment": cached_fragment, "path_of": path_of}
