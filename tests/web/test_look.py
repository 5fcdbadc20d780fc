import re
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from forum.core.db import db
from forum.web import errors
from tests.engine import of_sqlite
from tests.page import Page

ROOT = Path(__file__).parents[2]
SHEETS = {sheet.name: sheet.read_text() for sheet in (ROOT / "static/css").glob("*.css")}
PAGES = {str(page.relative_to(ROOT)): page.read_text() for page in ROOT.glob("templates/**/*.html")}
LETTERS = ("templates/notifications/digest.html",)  # no page: mail programs fetch no sheet
LIGHT, DARK = re.findall(r":root \{(.*?)\}", SHEETS["tokens.css"], re.DOTALL)[:2]
READ = [  # what is read, and on what
    *((ink, ground) for ink in ("ink", "quiet", "link", "wrong") for ground in ("ground", "paper")),
    *((ink, other) for ink in ("ink", "link") for other in ("calm", "warm")),
    ("quiet", "calm"),
    ("ink", "gone"),
    *(("accent", ground) for ground in ("ground", "paper")),
    ("on-action", "over"),
    ("on-action", "action"),
    ("on-marked", "marked"),
]
SEEN = [(edge, ground) for edge in ("edge", "focus", "action") for ground in ("ground", "paper")]


def contrast(one, other):
    """Contrast ratio of two colours, from 1 to 21. Source: WCAG 2.2, relative luminance."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("pairs", "least"), [(READ, 4.5), (SEEN, 3)], ids=["what is read", "what is seen"]
)
@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_contrast_in_both_schemes(scheme, pairs, least):
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", scheme))

    faint = {pair: contrast(*(colours[name] for name in pair)) for pair in pairs}

    assert {pair: ratio for pair, ratio in faint.items() if ratio < least} == {}


HIDES = "[hidden]:not(.room-kept) { display: none !important; }"


def test_sheets_stay_small_and_self_contained():
    assert sum(len(sheet.encode()) for sheet in SHEETS.values()) < 44_000
    for name, sheet in SHEETS.items():
        others = sheet.replace('url("fonts/letter.woff2")', "")
        others = others.replace(HIDES, "")  # wins everywhere
        assert not re.search(
            r"url\(|@import|!important|(^|[\s,>+~])#[a-z][\w-]*\s*[{,.:]", others
        ), name


def test_the_hidden_attribute_always_hides():
    assert HIDES in SHEETS["base.css"]


def test_every_token_used_by_sheets_exists():
    asked = {name for sheet in SHEETS.values() for name in re.findall(r"var\(--([\w-]+)\)", sheet)}

    assert asked - set(re.findall(r"--([\w-]+):", LIGHT)) == set()


@pytest.mark.parametrize("page", PAGES)
def test_templates_hold_no_style_script_or_unescaped_text(page):
    inline = r"\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)|javascript:|\|\s*safe\b|autoescape false"

    assert not re.search(inline, PAGES[page])
    assert "<style" not in PAGES[page] or page in LETTERS


def test_page_titles_name_no_circle_or_thread():
    titles = {page: re.search(r"block title.*?%}(.*?){%", words) for page, words in PAGES.items()}

    for page, title in titles.items():
        if title:
            shown = re.sub(r'_\("[^"]*"\)', "", title[1])
            assert not re.search(r"circle\.|thread\.|post\.|name|\btitle\b", shown), page


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 414, 422, 429, 500, 503])
def test_each_error_page_explains_and_links_home(world, status):
    with world.app.test_request_context():
        page, other = (errors.page(which)[0] for which in (status, 418))

    assert Page(page).all("p")[0].text != Page(other).all("p")[0].text
    assert '<a href="/">' in page
    assert "<form" not in page


@pytest.mark.leaks
def test_a_missing_page_keeps_plain_links_alike_for_all(world):
    """Fails when the page of an absent, foreign or forbidden address differs by a byte."""
    ray, absent = world.client("ray"), uuid4()
    paths = (f"/circles/{absent}/", f"/circles/{world.ids['oak']}/", "/nothing-here")
    pages = {ray.get(path).data for path in paths} | {world.client("sol").get(world.thread).data}

    assert len(pages) == 1
    page = pages.pop().decode()
    links = [each.one("a")["href"] for each in Page(page).one("main").all("li")]
    assert links == ["/", "/search", "/help"]
    assert "csrf" not in page


@of_sqlite  # PostgreSQL's answers 503: another host may be at an upgrade
def test_a_broken_database_gives_a_plain_page(world):
    world.app.testing = False  # as for people, not for tests: no exception flies on
    client = world.client("ray")
    with world.app.app_context():
        db.session.execute(text("ALTER TABLE membership RENAME TO gone"))
        db.session.commit()

    answer = client.get("/")

    assert answer.status_code == 500
    assert "Something went wrong on our side." in answer.text
