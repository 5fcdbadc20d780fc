"""C1. What is typed, shown in a real browser: nothing of it runs, whatever is done to it there."""

import pytest

from forum.markup import render
from tests.markup.test_sanitizers import TAGS, VECTORS

HEARD = """
    window.heard = [];
    for (const name of ["alert", "confirm", "prompt", "print", "open"])
        window[name] = () => window.heard.push(name);
    document.addEventListener("securitypolicyviolation", event => window.heard.push("asked"));
"""
LOOKED = """([html, rounds]) => {
    const place = document.createElement("div");
    document.body.append(place);
    place.innerHTML = html;
    for (let round = 1; round < rounds; round++) place.innerHTML = place.innerHTML;
    for (const each of place.querySelectorAll("*"))
        for (const name of ["click", "mouseover", "focus", "error", "load", "toggle"])
            each.dispatchEvent(new Event(name));
    const odd = [...place.querySelectorAll("*")].flatMap(each => [...each.attributes]
        .filter(one => one.name.startsWith("on") || /^\\s*(javascript|data):/i.test(one.value))
        .map(one => one.name));
    const tags = [...place.querySelectorAll("*")].map(each => each.localName);
    place.remove();
    return {odd, tags};
}"""


@pytest.fixture
def page(browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.add_init_script(HEARD)
    page.goto("about:blank")
    yield page
    context.close()


def shown(page, html):
    """What stands there after three rounds of reading and writing, and what was heard."""
    looked = page.evaluate(LOOKED, [html, 3])
    page.wait_for_timeout(5)
    return looked, page.evaluate("window.heard.splice(0, window.heard.length)")


@pytest.mark.proof("C1")
def test_xss_browser(page):
    """Fails when both sanitisers let an attribute through that begins with "on"."""
    for source in VECTORS:
        for place in ("{}", "- {}", "|{}|b|\\n|-|-|"):
            looked, heard = shown(page, str(render(place.replace("{}", source))))
            assert not heard, source
            assert not looked["odd"], source
            assert set(looked["tags"]) <= TAGS | {"tbody"}, source


def test_without_the_sanitisers_scripts_run(page):
    heard = [shown(page, source) for source in VECTORS]

    assert sum(bool(said) for _, said in heard) > 3
    assert sum(bool(looked["odd"]) for looked, _ in heard) > 3
