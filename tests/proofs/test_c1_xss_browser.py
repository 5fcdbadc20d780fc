"""C1. In a real browser nothing of a post runs, and what the browser makes of it is what we made.

The page has no policy of ours, so that the text alone is tried; a control shows that what is not
cleaned would run."""

import pytest

from forum import markup
from tests.journeys.conftest import browser
from tests.markup.test_c1_xss_tree import TAGS, VECTORS

__all__ = ["browser"]
pytestmark = pytest.mark.leaks

PLACES = ("{}", "a **{}** b", "[{}](https://e.org)", "> - {}", "|{}|b|\n|-|-|")
RAN = "document.title='ran'"
TRAVELS = 3  # times out of the document and in again, as a browser's own mending goes
PUT_IN = """([html, travels]) => {
  document.body.innerHTML = html;
  for (let n = 0; n < travels; n++) document.body.innerHTML = document.body.innerHTML;
  return [...document.body.querySelectorAll("*")]
    .map(each => [each.localName, each.getAttributeNames()]);
}"""
ALLOWED = {"a": {"href", "rel"}, "li": {"value"}, "table": {"tabindex"}, "ol": {"start"}}


def hostile(vector):
    """A vector that tells when it ran, and asks nobody."""
    return vector.replace("alert(1)", RAN)


@pytest.fixture
def page(browser):  # the fixture
    context = browser.new_context()
    asked = []
    context.route("**/*", lambda route: (asked.append(route.request.url), route.abort()))
    page = context.new_page()
    page.set_content("<!doctype html><title>still</title><body></body>")
    page.asked = asked
    yield page
    context.close()


def test_xss_browser(page, figure):
    """Fails when a wall lets a handler, an image or an address of script through."""
    tried, strange = 0, []
    for vector in VECTORS:
        for place in PLACES:
            html = str(markup.render(place.format(hostile(vector))))
            for tag, attributes in page.evaluate(PUT_IN, [html, TRAVELS]):
                if tag not in TAGS or not ALLOWED.get(tag, set()).issuperset(attributes):
                    strange.append((vector, tag, attributes))
            tried += 1
        page.wait_for_timeout(0)
        assert page.title() == "still", vector

    assert strange == []
    assert page.asked == []
    figure(f"{tried} texts, none ran")


@pytest.mark.parametrize(
    "vector", ["<img src=x onerror=alert(1)>", "<details open ontoggle=alert(1)>"]
)
def test_what_is_not_cleaned_would_run(page, vector):
    """The control: else a page in which nothing can run would pass."""
    page.evaluate(PUT_IN, [hostile(vector), 0])
    page.wait_for_function("document.title === 'ran'", timeout=15_000)
