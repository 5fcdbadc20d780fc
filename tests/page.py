"""A page as its reader meets it: links, buttons and fields by their labels or names, and text.

page = Page(client.get(url))
page.link("Write a reflection")["href"]                        page.button("Post as Dr Ray")
page.field("body").value                          page.error("body")
page.one("form", cls="composer")["action"]        page.all("li")[0].text
"""

from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Element:
    """A tag with its attributes, elements and text."""

    def __init__(self, tag, attributes=()):
        self.tag, self.attributes, self.children = tag, dict(attributes), []

    def __getitem__(self, name):
        return self.attributes[name]

    def get(self, name, default=None):
        """An attribute's value; "" for an attribute without a value."""
        found = self.attributes.get(name, default)
        return "" if found is None and name in self.attributes else found

    def walk(self):
        """All elements inside, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    @property
    def raw(self):
        """Text with blanks as sent."""
        parts = (each.raw if isinstance(each, Element) else each for each in self.children)
        return "".join(parts)

    @property
    def text(self):
        """Text with runs of blanks as single spaces."""
        return " ".join(self.raw.split())

    @property
    def value(self):
        """A field's value: of a text area, the checked or selected choice, or an input."""
        if self.tag == "textarea":
            return self.raw.removeprefix("\r").removeprefix("\n")
        if self.tag == "select":
            options = self.all("option")
            chosen = [each for each in options if "selected" in each.attributes] or options[:1]
            return chosen[0].get("value", chosen[0].text) if chosen else ""
        return self.get("value", "")

    def all(self, tag=None, *, cls=None, **attributes):
        """Elements inside by tag, class and attributes, in the order of the page."""
        return [
            each
            for each in self.walk()
            if tag in (None, each.tag)
            and (cls is None or cls in each.get("class", "").split())
            and all(each.get(name.rstrip("_")) == value for name, value in attributes.items())
        ]

    def one(self, tag=None, *, cls=None, **attributes):
        """The only such element. Raises LookupError if there is none, or more."""
        found = self.all(tag, cls=cls, **attributes)
        if len(found) != 1:
            raise LookupError(f"{len(found)} elements match {tag} {cls or ''} {attributes or ''}")
        return found[0]

    def link(self, text):
        """The first link whose text begins so."""
        return self._begins(self.all("a"), text)

    def button(self, text):
        """The first button whose text begins so."""
        return self._begins(self.all("button"), text)

    def form(self, ending):
        """The first form whose address ends so."""
        for each in self.all("form"):
            if each.get("action", "").endswith(ending):
                return each
        raise LookupError(f"no form to …{ending}: {[f.get('action') for f in self.all('form')]}")

    def field(self, name):
        """The field of this name; of radio buttons the checked one, else the first."""
        found = [
            each for each in self.all(name=name) if each.tag in ("input", "textarea", "select")
        ]
        if not found:
            raise LookupError(f"no field {name}: {sorted(self.fields())}")
        return next((each for each in found if "checked" in each.attributes), found[0])

    def fields(self):
        """Values of all fields a browser would send, by name; the last of equal names."""
        sent = {}
        for each in self.walk():
            if each.tag not in ("input", "textarea", "select") or not each.get("name"):
                continue
            if each.get("type") in ("radio", "checkbox") and "checked" not in each.attributes:
                continue
            sent[each["name"]] = each.value
        return sent

    def error(self, name):
        """The error beside a field; "" for a field without an error."""
        found = self.all("span", cls="error", id=f"{name}-error")
        return found[0].text.removeprefix("Error:").strip() if found else ""

    def _begins(self, elements, text):
        for each in elements:
            if each.text.startswith(text):
                return each
        raise LookupError(f"no “{text}” among {[each.text for each in elements]}")


class Page(Element):
    """The root of a response, or of a page's HTML."""

    def __init__(self, response):
        super().__init__("page")
        builder = _Builder(self)
        builder.feed(response if isinstance(response, str) else response.text)
        builder.close()


class _Builder(HTMLParser):
    def __init__(self, root):
        super().__init__(convert_charrefs=True)
        self.open = [root]

    def handle_starttag(self, tag, attributes):
        element = Element(tag, attributes)
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.open[-1].children.append(Element(tag, attributes))

    def handle_endtag(self, tag):
        if tag in (each.tag for each in self.open):
            while self.open.pop().tag != tag:
                pass

    def handle_data(self, data):
        self.open[-1].children.append(data)
