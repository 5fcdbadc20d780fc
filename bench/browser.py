"""A minimal browser for measurements: it keeps cookies, fills in a form, and loads pages
quickly."""

import re
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from time import perf_counter
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import (
    HTTPCookieProcessor,
    HTTPRedirectHandler,
    ProxyHandler,
    Request,
    build_opener,
)

FILES = re.compile(r'(?:href|src)="(/(?:static|sheet)/[^"]+)"')
FILES_OF_SHEET = re.compile(r'url\("(/[^"]+)"\)')


class Form(HTMLParser):
    """Initial values of the fields in a page's forms."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Collect fields a browser would send."""
        field = dict(attributes)
        kind = field.get("type")
        chosen = kind != "submit" and (kind not in ("radio", "checkbox") or "checked" in field)
        if tag == "input" and chosen and (name := field.get("name")):
            self.values[name] = field.get("value") or ""


class _Stay(HTTPRedirectHandler):
    """Redirects are answers, not followed."""

    def redirect_request(self, *_: Any) -> None:
        """None, for any redirect."""


class Browser:
    """A signed-in session at a site."""

    def __init__(self, site: str) -> None:
        self.site = site
        self._jar = CookieJar()
        self._opener = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._jar))
        self._staying = build_opener(ProxyHandler({}), HTTPCookieProcessor(self._jar), _Stay)

    def sign_in(self, address: str, password: str) -> None:
        """Sign in through the form. Raises RuntimeError on failure."""
        page, _ = self.get("/sign-in")
        said = {"email": address, "password": password}
        values = Form(page.decode()).values | said
        with self._opener.open(self._request("/sign-in", urlencode(values).encode())) as answer:
            if answer.url.endswith("/sign-in"):
                raise RuntimeError("Signing in failed.")

    def get(self, path: str) -> tuple[bytes, str]:
        """A page, and its final path after redirects."""
        with self._opener.open(urljoin(self.site, path)) as answer:
            return answer.read(), answer.url.removeprefix(self.site)

    def post(self, path: str, fields: dict[str, str]) -> str:
        """Send a form; returns the path of the redirect. Raises OSError for a refusal."""
        with self._opener.open(self._request(path, urlencode(fields).encode())) as answer:
            return str(answer.url.removeprefix(self.site))

    def send(self, path: str, fields: dict[str, str]) -> tuple[bytes, str]:
        """Send a form; returns the page, and where a redirect leads, which is not followed.

        Raises OSError for a refusal.
        """
        try:
            with self._staying.open(self._request(path, urlencode(fields).encode())) as answer:
                return answer.read(), ""
        except HTTPError as answer:
            if answer.code not in (302, 303):
                raise
            return answer.read(), answer.headers["Location"].removeprefix(self.site)

    def files_of(self, page: bytes) -> int:
        """Transferred bytes of a page's files, and of its style sheet's."""
        paths, whole = set(FILES.findall(page.decode())), 0
        for sheet in [path for path in paths if path.endswith(".css")]:
            paths.update(FILES_OF_SHEET.findall(self.get(sheet)[0].decode()))
        for path in paths:
            request = self._request(path)
            request.add_header("Accept-Encoding", "br, gzip")
            with self._opener.open(request) as answer:
                whole += len(answer.read())
        return whole

    def _request(self, path: str, body: bytes | None = None) -> Request:
        return Request(urljoin(self.site, path), body)  # noqa: S310  # of a server of ours

    @property
    def cookies(self) -> dict[str, str]:
        """The Cookie header."""
        return {cookie.name: cookie.value or "" for cookie in self._jar}


def hurry(port: int, path: str, cookies: dict[str, str], requests: int, connections: int) -> float:
    """Request a page `times` over several connections; returns the seconds taken.

    Raises RuntimeError for any status but 200.
    """
    head = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    share = requests // connections

    def ask() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(share):
            connection.request("GET", path, headers=head)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path} answered {answer.status}.")
        connection.close()

    begun = perf_counter()
    with ThreadPoolExecutor(connections) as people:
        for done in [people.submit(ask) for _ in range(connections)]:
            done.result()
    return perf_counter() - begun
