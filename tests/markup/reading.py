"""Reads rendered HTML as a browser would: what it is made of, and what of it was typed."""

from collections import Counter
from html.parser import HTMLParser
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
