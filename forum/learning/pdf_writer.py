"""Program that turns an HTML page into a tagged PDF; run by `pdf` in a process of its own.

Reads UTF-8 HTML from standard input and writes the PDF to standard output. It opens one font file
and nothing else that a page names, and imports nothing of the forum: the process is small and sees
no key.
"""

import os
import resource
import sys
from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

SHEET = Path(__file__).with_name("record.css")
FONT = (Path(__file__).parents[2] / "static" / "fonts" / "letter.woff2").as_uri()
MEMORY = 1024 * 1024 * 1024  # bytes of address space
SECONDS = 120  # of processor time


class FontFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint has no types
    """Fetcher of the one font: no page can make this program read a file or ask a server."""

    def fetch(self, url: str, headers: object = None) -> object:
        """The font. Raises ValueError for any other URL."""
        if url != FONT:
            raise ValueError("not fetched")
        return super().fetch(url, headers)


def name_columns(_document: object, made: object) -> None:
    """Say of each header cell that it heads a column, which the library leaves open.

    All tables of a record have their headers in one row. Source: ISO 32000-1, table 349.
    """
    for each in made.objects:  # type: ignore[attr-defined]  # of pydyf, without types
        if isinstance(each, dict) and each.get("S") == "/TH":
            each["A"]["Scope"] = "/Column"


def main() -> None:
    """Write the PDF, after everyone else in the queue for the processor."""
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    fetcher, fonts = FontFetcher(), FontConfiguration()
    face = f'@font-face {{ font-family: Letter; src: url("{FONT}"); font-weight: 400 700 }}'
    sheets = [CSS(string=face + SHEET.read_text(), font_config=fonts, url_fetcher=fetcher)]
    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=fetcher)
    sys.stdout.buffer.write(
        page.write_pdf(
            finisher=name_columns, stylesheets=sheets, font_config=fonts, pdf_variant="pdf/ua-1"
        )
    )


if __name__ == "__main__":
    main()
