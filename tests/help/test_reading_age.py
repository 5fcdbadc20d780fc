"""Help pages are read by somebody tired: a reading age of nine at most."""

import html
import re

import pytest
import textstat

GRADE_MAX = 4  # of school, by Flesch and Kincaid: a reading age of nine
PAGES = (
    *("/help", "/help/hidden-names", "/help/example", "/accessibility"),
    *("/safety", "/complaints", "/about", "/privacy", "/terms"),
)


@pytest.mark.parametrize("path", PAGES)
def test_a_help_page_is_read_at_nine(world, path):
    words = text_of(world.client().get(path).text)

    assert len(words.split()) > 100
    assert textstat.flesch_kincaid_grade(words) < GRADE_MAX


def text_of(page):
    """Sentences of a page without the ground rules and the gaps of a template."""
    main = re.search(r"<main.*?>(.*?)</main>", page, re.DOTALL)[1]
    main = main.partition('<h2 id="rules">')[0]
    main = re.sub(r"</(?:h\d|li|p|td|th|caption)>", ". ", main)
    main = re.sub(r"<[^>]+>|\[[^\]]*\]", "", main)
    return re.sub(r"([.?!:])(?:\s*\.)+", r"\1", " ".join(html.unescape(main).split()))
