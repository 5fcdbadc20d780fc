"""Pages of docs: every link leads somewhere, and each decision is found by its subject."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DECISIONS = ROOT / "docs" / "decisions"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")


def anchors(page):
    """Anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page):
    """Fails when a page, or a heading that another leads to, is renamed."""
    for path, anchor in LINK.findall(page.read_text()):
        target = page.parent / path if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), (path, anchor)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_comment_follows_a_setting(page):
    """Fails when an example of `.env` has a comment behind a value, of which it would be part."""
    lines = re.findall(r"^ *[A-Z][A-Z_]+=.*", page.read_text(), re.MULTILINE)

    assert [line for line in lines if "#" in line] == []


def test_every_decision_is_listed_by_subject():
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (DECISIONS / "README.md").read_text())

    assert sorted(listed) == sorted(path.name for path in DECISIONS.glob("[0-9]*.md"))
