"""Template fragments equal on all pages of a language, rendered once per process."""

from functools import lru_cache
from typing import Any, cast

from flask import Flask

from forum.web.language import page_language

Drawn = Any  # markup of a template's block assignment


def init_app(app: Flask) -> None:
    """Add template functions `cached_fragment(name)`, which renders a template's variable `whole`,
    and `path_of`.

    Fragments may depend on the language and on URLs, never on the reader.
    """

    @lru_cache(maxsize=64)
    def drawn(name: str, language: str) -> Drawn:
        module = app.jinja_env.get_template(name).make_module()
        return cast(Any, module).whole

    @lru_cache(maxsize=64)
    def path_of(endpoint: str) -> str:
        """URL of an endpoint without arguments."""
        return app.url_for(endpoint, _external=False)

    def cached_fragment(name: str) -> Drawn:
        if app.debug:
            drawn.cache_clear()
        return drawn(name, page_language())

    app.jinja_env.globals |= {"cached_fragment": cached_fragment, "path_of": path_of}
