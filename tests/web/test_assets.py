import gzip
import re

import brotli
import pytest

from forum.web.assets import FOR_A_YEAR
from tests.page import Page


def linked(client, url="/sign-in"):
    """URLs of the files that a page links."""
    links = (each.get("href") or each.get("src", "") for each in Page(client.get(url)).walk())
    return [link for link in links if link.startswith(("/static/", "/sheet/"))]


def test_linked_files_exist_and_are_cacheable(world):
    client = world.client()
    files = {file: client.get(file) for file in linked(client)}

    assert {answer.status_code for answer in files.values()} == {200}
    assert {answer.headers["Cache-Control"] for answer in files.values()} == {FOR_A_YEAR}
    kinds = {"text/css", "text/javascript", "image/svg+xml", "image/png", "font/woff2"}
    assert {answer.mimetype for answer in files.values()} == kinds


def test_the_sheet_links_its_font_with_digest(world):
    client = world.client()
    [sheet] = [file for file in linked(client) if file.endswith(".css")]

    [font] = re.findall(r'url\("([^"]+)"\)', client.get(sheet).text)

    answer = client.get(font)
    assert answer.mimetype == "font/woff2"
    assert answer.headers["Cache-Control"] == FOR_A_YEAR


@pytest.mark.parametrize("version", ["", "?v=0123456789abcdef"], ids=["none", "another"])
@pytest.mark.parametrize("file", ["/static/css/base.css", "/sheet/0123456789abcdef.css"])
def test_a_file_without_digest_is_not_cached(world, file, version):
    answer = world.client().get(f"{file}{version}")

    assert answer.status_code == 200
    assert "no-cache" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "way", "opened"),
    [
        ("gzip, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("identity", None, bytes),
    ],
)
def test_text_is_compressed_as_the_browser_accepts(world, asked, way, opened):
    client = world.client()
    [sheet] = [file for file in linked(client) if file.endswith(".css")]
    plain = client.get(sheet).data

    answer = client.get(sheet, headers={"Accept-Encoding": asked})

    assert answer.content_encoding == way
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert opened(answer.data) == plain
    assert way is None or len(answer.data) < len(plain) / 3


def test_a_changed_file_gets_a_new_url(world, tmp_path):
    sheet = tmp_path / "static" / "a.css"
    sheet.parent.mkdir()
    world.app.static_folder = sheet.parent
    addresses = []

    for content in ("p {}", "p { margin: 0; }"):
        sheet.write_text(content)
        with world.app.test_request_context():
            addresses.append(world.app.url_for("static", filename="a.css"))

    assert len(set(addresses)) == 2


def test_a_missing_file_is_a_plain_404(world):
    assert world.client().get("/static/none.css?v=1").status_code == 404
