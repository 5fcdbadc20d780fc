"""Bare addresses become links, and no link contains another."""

import pytest

from forum import markup
from tests.markup.reading import Reading, elements


def linked(source):
    return [attributes["href"] for tag, attributes in elements(markup.render(source)) if tag == "a"]


@pytest.mark.parametrize(
    ("source", "addresses"),
    [
        ("see https://e.org/a_b_c, and go", ["https://e.org/a_b_c"]),
        ("(https://e.org/x)", ["https://e.org/x"]),
        ("[https://e.org/x]", ["https://e.org/x"]),
        ("https://e.org/x_(y).", ["https://e.org/x_(y)"]),
        ("**https://e.org/x**", ["https://e.org/x"]),
        ("\u201chttps://e.org\u201d; HTTP://E.org!", ["https://e.org", "HTTP://E.org"]),
        ("<https://e.org/x y>", ["https://e.org/x"]),
        ("|a|https://e.org|\n|-|-|", ["https://e.org"]),
        ("https://a.org https://b.org", ["https://a.org", "https://b.org"]),
        ("[see https://a.org](https://b.org)", ["https://b.org"]),
        ("[see https://a.org] (https://b.org)", ["https://a.org", "https://b.org"]),
        ("[x](https://e.org/a b)", []),
        ("![x](https://e.org/x.png)", []),
        ("`https://e.org`", []),
        ("xhttps://e.org www.e.org //e.org ftp://e.org", []),
        ("https://me:secret@e.org https://e.org\\@f.org https://e.org/caf\u00e9", []),
        ("https:// https://? https://[::1]/", []),
    ],
)
def test_a_bare_address_is_a_link(source, addresses):
    assert linked(source) == addresses


@pytest.mark.parametrize(
    "source", ["See https://e.org/a?b=1&c=2#d, thanks.", "(https://e.org/_a_)"]
)
def test_a_bare_address_shows_its_host_once(source):
    """Fails when the host is shown beside an address as beside the words of a link."""
    shown = Reading(markup.render(source))

    assert shown.lines == [source]
    assert shown.tags["a"] == 1


def test_bare_addresses_past_the_limit_stay_text():
    source = "https://e.org " * (markup.LINKS_MAX + 5)

    assert markup.excess(source) is None
    assert len(linked(source)) == markup.LINKS_MAX
    assert Reading(markup.render(source)).lines == [source.strip()]
