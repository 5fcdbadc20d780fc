"""Rendered HTML as a browser reads it: elements, layout, and the typed text."""

from collections import Counter
from html.parser import HTMLParser
from unicodedata import category, normalize
from urllib.parse import urlsplit

from bleach._vendor import html5lib


class Reading(HTMLParser):
    """typed: the visible text, with what we add set aside and what a link hides put back."""

    def __init__(self, html):
        super().__init__()
        self.parts, self.tags, self.link, self.words, self.beside = [], Counter(), "", "", ""
        self.feed(str(html))

    @property
    def typed(self):
        return "".join(self.parts)

    @property
    def lines(self):
        return [" ".join(line.split()) for line in self.typed.split("\n") if line.strip()]

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        found = dict(attributes)
        if tag == "a":
            self.link, self.words = found["href"], ""
        elif tag == "li" and "value" in found:
            self.parts.append(f"\n{found['value']}. ")
        elif tag in {"br", "p", "li", "tr", "h2", "h3", "h4", "h5", "pre", "hr"}:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append("\t")

    def handle_endtag(self, tag):
        if tag == "a" and self.words != self.link:  # not an address that stands for itself
            target = urlsplit(self.link)
            self.beside = f" ({(target.netloc or target.path).lower()})"
            self.parts.append(self.link)
        if tag == "a":
            self.link = ""

    def handle_data(self, data):
        if self.beside:
            assert data.startswith(self.beside), "the host is not shown after the link"
            data, self.beside = data.removeprefix(self.beside), ""
        self.words += data
        self.parts.append(data)


def elements(html):
    """(tag, attributes) of all elements, as HTML's own parsing algorithm finds them."""
    tree = html5lib.parseFragment(str(html), namespaceHTMLElements=False)
    return [(element.tag, dict(element.attrib)) for element in tree.iter()][1:]


def layout(html):
    """Blocks of the page, in order, as a reader sees them.

    (tag, lines) for a block of text; ("table", rows of cells); ("ul" or "ol", items);
    ("blockquote", blocks). An item is its words, or (words, blocks) where it holds blocks.
    """
    tree = html5lib.parseFragment(str(html), namespaceHTMLElements=False)
    return [_block(element) for element in tree]


def signs(typed):
    """Visible signs of a typed text, in NFC, without white space and controls.

    Codes U+0080 to U+009F count as Windows-1252's signs, except NEL.
    """
    shown = "".join(_windows_sign(char) for char in typed)
    return "".join(char for char in normalize("NFC", shown) if not _is_unseen(char))


def _windows_sign(char):
    if not "\x80" <= char <= "\x9f" or char == "\x85":
        return char
    return bytes([ord(char)]).decode("cp1252", "ignore")


def _is_unseen(char):
    directing = "\u202a" <= char <= "\u202e" or "\u2066" <= char <= "\u2069"
    tagging = "\U000e0000" <= char <= "\U000e007f"
    blank = char.isspace() or char in "\u200b\u2060\ufeff"
    return blank or category(char) == "Cc" or directing or tagging


def _block(element):
    if element.tag == "table":
        return "table", [[_text(cell) for cell in row] for row in element.iter("tr")]
    if element.tag in ("ul", "ol"):
        return element.tag, [_item(item) for item in element]
    if element.tag == "blockquote":
        return element.tag, [_block(each) for each in element]
    return element.tag, _text(element).split("\n")


def _item(item):
    blocks = [_block(each) for each in item if each.tag in BLOCKS]
    number = f"{item.get('value')}. " if item.get("value") else ""
    return (number + _text(item), blocks) if blocks else number + _text(item)


def _text(element):
    parts = [element.text or ""]
    for each in element:
        if each.tag not in BLOCKS:
            parts.append("\n" if each.tag == "br" else _text(each))
        parts.append(each.tail or "")
    return "".join(parts)


BLOCKS = {"p", "pre", "h2", "h3", "h4", "h5", "ul", "ol", "table", "blockquote"}
