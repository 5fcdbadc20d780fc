"""Drafts for whoever answers for the data: each claim leads to a file, and gaps are listed."""

import re
from pathlib import Path

import pytest

from scripts import parts_page

FOLDER = Path(__file__).parents[1] / "docs" / "governance"
LISTS = ("README.md", "parts.md", "left-to-fill-in.md")
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name not in LISTS)
LINES_OF_A_PAGE = 60
LINK = re.compile(r"\]\(([^)#]+)")
PINNED = r"[\w.-]+==[^ ]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+"
GAP = re.compile(r"\[to be filled in: ([^]]+)\]")


def claims(text):
    """Bullets with their further lines, numbered steps, and rows of tables without their heads."""
    without_heads = re.sub(r"^\|.*\n\|---.*$", "", text, flags=re.MULTILINE)
    blocks = re.split(r"\n(?=- |\d+\. |\||#|\n)", without_heads)
    return [each for each in blocks if re.match(r"- |\d+\. |\|", each)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_every_claim_leads_to_a_file_or_says_who_is_to_fill_it_in(page):
    text = page.read_text()
    bare = [each for each in claims(text) if not (LINK.search(each) or GAP.search(each))]

    assert bare == []
    assert claims(text)


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda path: path.stem)
def test_every_link_leads_somewhere(page):
    lost = [to for to in LINK.findall(page.read_text()) if not (page.parent / to).exists()]

    assert lost == []


def test_the_first_page_lists_all_that_is_left_to_fill_in():
    gaps = {path.name: GAP.findall(" ".join(path.read_text().split())) for path in PAGES}
    listed = (FOLDER / "README.md").read_text()
    asked = dict(re.findall(r"^\| \[[^]]+\]\(([^)]+)\) \| \S.* \| (\d+) \|$", listed, re.MULTILINE))

    assert {name: int(number) for name, number in asked.items()} == {
        name: len(found) for name, found in gaps.items()
    }


def test_one_list_has_every_gap_on_two_pages():
    """Fails when a gap of the kit or of the public texts is missing there, or filled in by now."""
    text = (FOLDER / "left-to-fill-in.md").read_text()
    listed = re.findall(r"^\| \d+ \| (.+?) \|", text, re.MULTILINE)
    public = [
        gap
        for path in sorted((FOLDER.parent / "legal").glob("*.md"))
        for gap in re.findall(r"\[([^]]*to be filled in[^]]*)\]", path.read_text())
    ]
    kit = [gap for path in PAGES for gap in GAP.findall(" ".join(path.read_text().split()))]

    assert sorted(listed) == sorted(
        [*kit, *(gap.replace(", to be filled in", "") for gap in public)]
    )
    assert len(text.splitlines()) <= 2 * LINES_OF_A_PAGE


def test_the_public_page_tells_a_patient_what_can_be_answered():
    """Fails when a patient who asks is told otherwise than whoever answers them."""
    public = (FOLDER.parent / "legal" / "privacy.md").read_text()
    [part] = re.findall(r"## If you are a patient\n(.*?)\n## ", public, re.DOTALL)

    for words in ("We cannot look for you.", "can take it down", "{CONTACT}", "no clinical record"):
        assert words in part


def test_the_list_of_parts_is_that_of_the_pins():
    listed = re.findall(r"^\| ([\w.-]+) \| (\S+) \| [^|]+ \|$", parts_page.PAGE.read_text(), re.M)

    assert [pair for pair in listed if pair[0] != "package"] == parts_page.pins()


@pytest.mark.parametrize("part", ["", "-dev", "-meaning", "-mutants"])
def test_each_pin_has_hashes_and_no_registry(part):
    """Fails when a package could come from elsewhere, or be another than was looked at."""
    text = (FOLDER.parents[1] / f"requirements{part}.txt").read_text()
    pins = re.split(r"\n(?=\S)", re.sub(r"(?m)^(#.*)?\n", "", text).strip())
    bare = [each for each in pins if not re.fullmatch(PINNED, each)]

    assert bare == []
    assert "://" not in text
