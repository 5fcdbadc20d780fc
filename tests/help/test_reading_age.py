"""Help pages are read by somebody tired: a reading age of nine at most."""

import html
import re

import pytest
import textstat

GRADE_MAX = 4  # of school, by Flesch and Kincaid: a reading age of nine
MARGIN = 0.25  # so that the next sentence may be a long one
PAGES = (
    *("/help", "/help/hidden-names", "/help/example", "/accessibility"),
    *("/safety", "/complaints", "/about", "/privacy", "/terms"),
)
FOR_MODERATORS = "/help/looking-after-a-circle"


@pytest.mark.parametrize("path", PAGES)
def test_a_help_page_is_read_at_nine(world, path):
    check(text_of(world.client().get(path).text))


def test_the_handbook_is_read_at_nine(world):
    check(text_of(world.client("mo").get(FOR_MODERATORS).text))


def check(words):
    assert len(words.split()) > 100
    assert textstat.flesch_kincaid_grade(words) < GRADE_MAX - MARGIN


def text_of(page):
    """Sentences of a page without the ground rules and the gaps of a template."""
    main = re.search(r"<main.*?>(.*?)</main>", page, re.DOTALL)[1]
    main = main.partition('<h2 id="rules">')[0]
    main = re.sub(r'<ul class="sources".*?</ul>', "", main, flags=re.DOTALL)  # titles of books
    main = re.sub(r"</(?:h\d|li|p|td|th|caption)>", ". ", main)
    main = re.sub(r"<[^>]+>|\[[^\]]*\]", "", main)
    return re.sub(r"([.?!:])(?:\s*\.)+", r"\1", " ".join(html.unescape(main).split()))
