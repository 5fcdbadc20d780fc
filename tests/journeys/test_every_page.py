"""Every page there is, looked at by whoever may come in, on a phone by night and a desk by day."""

import pytest

from tests.doors import MET
from tests.journeys.visitor import DESKTOP, PHONE
from tests.routes import DOORS, routes_of

NO_PAGES = {"static", "sheet", "manifest", "healthz", "notifications.calendar"}
NARROW = {"width": 320, "height": 512}  # 1280 px at 400 %

WIDE = f"""
## A heading {"that goes on " * 9}

| drug | dose | when | why | since | until | by |
|---|---|---|---|---|---|---|
| {" | ".join(["paracetamol"] * 7)} |

> {"quoted" * 40}

- a list
  1. within a list

https://example.org/{"path/" * 40}

```
{"one line of code " * 12}
```

`{"code" * 60}` and ~~{"struck" * 30}~~
"""


@pytest.fixture(scope="module")
def pages(forum):
    return pages_of(forum.world)


def pages_of(world):
    """(who, url) of every page, each for the first of these who may come in."""
    found = [
        (next((who for who in ("ray", "mo", "lee") if MET[DOORS[page]][who] == "in"), None), url)
        for page, method, url in routes_of(world)
        if method == "GET" and page not in NO_PAGES
    ]
    wide = world.present("pru", "Incomprehensibilities" * 9, WIDE)
    folded = world.present("ray", "Folded", "Told *softly*.", notes=("patient_death",))
    threads = [world.thread.replace(str(world.ids["thread"]), str(id)) for id in (wide, folded)]
    return [*found, *(("ray", thread) for thread in threads), ("ray", f"{threads[0]}/answer")]


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "dark"), (DESKTOP, "light"), (NARROW, "light")],
    ids=["phone by night", "desk by day", "enlarged fourfold"],
)
@pytest.mark.proof("C3", "C4")
def test_every_page_is_calm_named_and_open_to_all(forum, visit, pages, size, scheme):
    for who in ("ray", "mo", "lee", None):
        person = visit(forum, size=size, scheme=scheme, untitled=("Rose", "Torn", "Incomp"))
        if who:
            person.sign_in(who)
        for url in [url for asked, url in pages if asked == who]:
            person.open(url)


@pytest.mark.parametrize(
    ("url", "button"),
    [
        ("/circles/{rose}/write", "Check before posting"),
        ("/circles/{rose}/threads/{thread}/answer", "Reply as Dr Mo"),
        ("/circles/{rose}/settings", "Save changes"),
        ("/circles/open", "Start circle"),
        ("/account/password", "Change password"),
        ("/search", "Search"),
    ],
)
def test_a_form_sent_empty_says_what_is_missing_to_all(forum, visit, url, button):
    mo = visit(forum, size=PHONE, scheme="dark")
    mo.sign_in("mo")
    mo.open(url.format(**forum.world.ids))
    for field in mo.page.locator("main input:visible, main textarea:visible").all():
        if field.get_attribute("type") not in {"radio", "checkbox"}:
            field.fill("")

    mo.press(button)
