"""The copy of a member's posts as a sheet, which spreadsheet programs open in any country's
settings.

A file of separated values opens as one column where the list separator is another (";" in French
settings), and its encoding is guessed. An Office Open XML workbook (ECMA-376) says both.
"""

from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook

HEADINGS = {  # heading -> width in characters
    "Circle": 20,
    "Day": 12,
    "Kind": 14,
    "Written as": 18,
    "Title": 30,
    "Text": 80,
    "Could identify somebody": 24,
    "In reply to": 30,
    "Of": 12,
    "Link": 40,
}
SHORT_DAY = 14  # built-in number format: a day as the reader's settings write it
CELL_MAX = 16_000  # characters; a cell holds 32,767 units of UTF-16; the rest goes below


def sheet(exported: list[dict[str, Any]], made_on: date) -> bytes:
    """Workbook of one sheet: a row for each post, draft and note.

    Cells are texts and days, so that no text is taken for a formula or a link; the workbook names
    no person and no program, and is dated by day.
    """
    into = BytesIO()
    book = Workbook(into, {"in_memory": True})
    book.set_properties({"created": datetime.combine(made_on, time(), UTC).replace(tzinfo=None)})
    page = book.add_worksheet("words")
    bold = book.add_format({"bold": True})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": SHORT_DAY, "valign": "top"})
    for place, (heading, width) in enumerate(HEADINGS.items()):
        page.set_column(place, place, width)
        page.write_string(0, place, heading, bold)
    page.freeze_panes(1, 0)
    number = 0
    for cells in _rows(exported):
        for part in _parts(cells["Text"]):
            number += 1
            for place, heading in enumerate(HEADINGS):
                cell = (cells | {"Text": part}).get(heading, "")
                if isinstance(cell, date):
                    page.write_datetime(number, place, datetime.combine(cell, time()), day)
                else:
                    page.write_string(number, place, cell, text)
    book.close()
    return into.getvalue()


def _rows(exported: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = list[dict[str, Any]]()
    for circle in exported:
        for post in circle["posts"]:
            rows.append(_of_post(circle["name"], post))
        for draft in circle["drafts"]:
            known = {"Circle": circle["name"], "Kind": "draft", "Text": draft["body"]}
            rows.append(known | {"Title": draft.get("title", "")})
        for note in circle["notes"]:
            rows.append({"Circle": circle["name"], "Kind": "note", "Text": note})
    return rows


def _of_post(circle: str, post: dict[str, Any]) -> dict[str, Any]:
    answered = post.get("in_reply_to", {})
    return {
        "Circle": circle,
        "Day": date.fromisoformat(post["on"]),
        "Kind": post["kind"].replace("_", " "),
        "Written as": post["written_as"],
        "Title": post.get("title", ""),
        "Text": post["body"],
        "Could identify somebody": ", ".join(post["details"]),
        "In reply to": answered.get("title", ""),
        "Of": date.fromisoformat(answered["on"]) if answered else "",
        "Link": answered.get("link", ""),
    }


def _parts(text: str) -> list[str]:
    return [text[at : at + CELL_MAX] for at in range(0, len(text), CELL_MAX)] or [""]
