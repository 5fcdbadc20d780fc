"""A member's copy of their posts, opened: every text in it, those of the workbook too."""

from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def opened(content):
    """Name -> text of each file of the zip; of a workbook its cells."""
    with ZipFile(BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return {
        name: "\n".join("\t".join(row) for row in rows(file))
        if name.endswith(".xlsx")
        else file.decode()
        for name, file in files.items()
    }


def rows(workbook):
    """Cells of a workbook's only sheet as ECMA-376 stores them: texts, and days as numbers."""
    with ZipFile(BytesIO(workbook)) as parts:
        shared = ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314  # our own
        page = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314  # our own
    texts = ["".join(item.itertext()) for item in shared.iter(f"{SHEET}si")]
    texts = [text.replace("_x005F_", "_") for text in texts]  # an underscore, ECMA-376 22.9.2.19
    found = []
    for row in page.iter(f"{SHEET}row"):
        cells = []
        for cell in row.iter(f"{SHEET}c"):
            value = cell.findtext(f"{SHEET}v", "")
            cells.append(texts[int(value)] if cell.get("t") == "s" else value)
        found.append(cells)
    return found
