"""Output never leaves the allowlist (C1), and both sanitisers take part."""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum import markup
from forum.core.text import clean
from forum.markup import sanitizers
from forum.markup.addresses import REL
from forum.markup.dialect import Dialect
from tests.markup.reading import Reading, elements

TAGS = {
    *("p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "hr", "a"),
    *("h2", "h3", "h4", "h5", "table", "thead", "tbody", "tr", "th", "td"),
}
DIRECTED = {"p", "pre", "li", "h2", "h3", "h4", "h5", "th", "td"}
ADDRESS = re.compile(
    r"(https?://[a-z0-9.-]+(:\d+)?([/?#][!-~]*)?|mailto:[\w.+-]+@[a-z0-9.-]+)", re.I
)
SPEC = os.environ.get("COMMONMARK_SPEC")  # the file of CommonMark's examples, where there is one

VECTORS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//e.org/x.js></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    '<img src="https://e.org/pixel.gif">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)><embed src=javascript:alert(1)>",
    "<base href=//e.org><meta http-equiv=refresh content='0;url=//e.org'>",
    "<link rel=stylesheet href=//e.org/x.css><style>*{background:url(//e.org)}</style>",
    "<form action=//e.org><input name=password><button formaction=javascript:alert(1)>x",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<a href=javascript:alert(1)>x</a>",
    "<p style='background:url(//e.org)' onclick=alert(1)>x",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><script>alert(1)</script>",
    "<title><a href='</title><img src=x onerror=alert(1)>'>",
    "<xmp><p title='</xmp><script>alert(1)</script>'>",
    "<template><script>alert(1)</script></template>",
    "<plaintext><b>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE html [<!ENTITY x 'y'>]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#x3c;/script&#x3e;",
    "\x02amp\x03lt;script\x02amp\x03gt; \x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03",
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    '[x](https://e.org/" onmouseover="alert(1))',
    "[x](https://e.org/' onmouseover='alert(1))",
    '[x](https://e.org "t\\" onclick=alert(1) x=\\"")',
    "[x](https://e.org/`onclick`)",
    "[x](<javascript:alert(1)>)",
    "[x](https://e.org\\@evil.org)",
    "[x](https://user:pass@evil.org)",
    "[<img src=x onerror=alert(1)>](https://e.org)",
    "[![x](https://e.org/x.png)](https://e.org)",
    "![x](https://e.org/x.png)",
    "![x](javascript:alert(1))",
    "![x][y]\n\n[y]: https://e.org/x.png 'onerror=alert(1)'",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "[x]\n\n[x]: <javascript:alert(1)>",
    "<javascript:alert(1)>",
    '<https://e.org/"onclick=alert(1)>',
    "<https://e.org><script>alert(1)</script>",
    "<mailto:a@e.org?subject=<script>>",
    '```"><script>alert(1)</script>\nx\n```',
    "``` {.x onclick=alert(1)}\nx\n```",
    "~~~ <img src=x onerror=alert(1)>\nx\n~~~",
    "`<script>`alert(1)`</script>`",
    "## x {#id onclick=alert(1)}",
    "text\n{: onclick=alert(1) }",
    "*x*{onclick=alert(1)}",
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "|<td onclick=alert(1)>|b|\n|:-|-:|\n|c|d|",
    "> <script>\n> alert(1)\n> </script>",
    "- <img src=x\n  onerror=alert(1)>",
    "1. </li></ol><script>alert(1)</script>",
    "99999999999999999999. x",
    "**<b onclick=alert(1)>**x**</b>**",
    "\u2028<script>\u2029alert(1)</script>",
    "\ufeff<script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
    "\uff1cscript\uff1ealert(1)",
    "<a/href=//e.org>x</a><a\nhref=//e.org>x",
    "</p></div></body><script>alert(1)</script>",
    "[x](https://e.org)<!--",
    "*".join(["<script>"] * 20),
    "[a](https://e.org/" + "a" * 3_000 + ")",
    "<" * 500 + "script" + ">" * 500,
]


def assert_inside_the_allowlist(html):
    for tag, attributes in elements(html):
        assert tag in TAGS, f"<{tag}> came out"
        assert (attributes.pop("dir", None) == "auto") == (tag in DIRECTED)
        if tag == "a":
            assert set(attributes) == {"href", "rel"}
            assert ADDRESS.fullmatch(attributes["href"])
            assert attributes["rel"] == REL
        elif tag == "li":
            assert re.fullmatch(r"\d{1,9}", attributes.get("value", "1"))
            assert set(attributes) <= {"value"}
        elif tag == "table":
            assert attributes == {"tabindex": "0"}
        else:
            assert not attributes


@pytest.mark.parametrize("source", VECTORS)
@pytest.mark.parametrize(
    "place", ["{}", "a **{}** b", "[{}](https://e.org)", "- {}", "|{}|b|\n|-|-|"]
)
@pytest.mark.proof("C1")
def test_xss_tree(source, place):
    assert_inside_the_allowlist(markup.render(place.format(source)))


HAZARDS = [
    *(
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "&lt;",
        "&#60;",
        "&",
        ";",
        '"',
        "'",
        "`",
        "=",
        "\\",
        "\0",
    ),
    *("script", "img src=x", " onerror=", "svg", "math", "style", "table", "td", "p", "a href="),
    *("javascript:", "data:", "https://e.org", "mailto:a@e.org", "](", "[", ")", "(", "![", "://"),
    *(
        "*",
        "**",
        "_",
        "~~",
        "\n",
        "\n\n",
        "> ",
        "- ",
        "1. ",
        "## ",
        "|",
        "\n|-|\n",
        "```",
        "\n    ",
    ),
    *("x", " ", "\t", "\u00a0", "\x02", "\x03", "\u2028", "\u202e", "\ufffe", "é", "\ud800"),
]


@given(st.lists(st.sampled_from(HAZARDS), max_size=40))
@pytest.mark.proof("C1")
def test_nothing_outside_the_allowlist_comes_of_hazards(pieces):
    assert_inside_the_allowlist(markup.render("".join(pieces)))


@given(st.text(max_size=200) | st.lists(st.sampled_from(HAZARDS), max_size=40).map("".join))
def test_sanitisers_change_nothing_the_dialect_makes(source):
    source = source.encode("utf-8", "replace").decode()

    html = Dialect().convert(clean(source))

    assert sanitizers.sanitized(html) == html


@pytest.mark.skipif(not SPEC, reason="COMMONMARK_SPEC names no file of CommonMark's examples")
def test_commonmark_examples_stay_inside_the_allowlist():
    examples = [example["markdown"] for example in json.loads(Path(SPEC).read_text())]

    assert len(examples) > 600
    for source in examples:
        html = Dialect().convert(clean(source))
        assert sanitizers.sanitized(html) == html
        assert_inside_the_allowlist(markup.render(source))


PLANTED = [
    "<p><script>alert(1)</script></p>",
    '<p onclick="alert(1)">x</p>',
    '<p style="color:red">x</p>',
    '<p class="x">x</p>',
    '<p title="x">x</p>',
    '<p lang="en">x</p>',
    '<p id="x">x</p>',
    '<p dir="rtl">x</p>',
    '<a href="https://e.org" dir="auto">x</a>',
    '<blockquote dir="auto">x</blockquote>',
    '<img src="https://e.org/x.png">',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="data:text/html,x">x</a>',
    '<a href="https://e.org" rel="opener">x</a>',
    '<a href="https://e.org" target="_blank">x</a>',
    '<ol start="3"><li>x</li></ol>',
    '<li value="x">x</li>',
    "<svg><circle></circle></svg>",
    "<!-- x -->",
    "<iframe></iframe>",
    "<h1>x</h1>",
    "<span>x</span>",
]


@pytest.mark.parametrize("sanitizer", [sanitizers.by_bleach, sanitizers.by_nh3])
@pytest.mark.parametrize("html", PLANTED)
@pytest.mark.proof("C1")
def test_each_sanitiser_alone_stops_foreign_html(sanitizer, html):
    assert sanitizer(html) != html


@pytest.mark.parametrize(
    ("html", "served"),
    [
        ('<p onclick="alert(1)">x</p>', "<p>x</p>"),
        ('<a href="javascript:alert(1)">x</a>', "<a>x</a>"),
        ("<p><em>a", "<p><em>a</em></p>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
    ],
)
def test_bleach_output_is_served(html, served):
    """Fails when the dialect's own HTML is served after a comparison."""
    assert markup.sanitized(html, "source") == served


@pytest.mark.parametrize("html", ["<p><script>x</script></p>", "<svg><p>x</p></svg>"])
def test_html_that_nh3_reads_otherwise_is_refused(html):
    assert sanitizers.by_bleach(html) != sanitizers.by_nh3(html)
    assert sanitizers.sanitized(html) is None


def test_refused_html_shows_as_typed(caplog):
    shown = markup.sanitized("<p><script>x</script></p>", "**Zebrafinch**\n<script>")

    assert shown == '<p dir="auto">**Zebrafinch**<br>&lt;script&gt;</p>'
    assert [record.getMessage() for record in caplog.records] == ["markup.sanitizers_disagree"]


UNREADABLE = [
    "https://e.org:70001/",
    "https://2023.10.9/",
    "http://1.2.3.4.5/",
    "https://xn--a.org",
]


@pytest.mark.parametrize("address", UNREADABLE)
@pytest.mark.parametrize("place", ["<{}>", "[list]({})", "see {} and more"])
def test_an_unreadable_address_becomes_text(address, place, caplog):
    typed = place.format(address)

    reading = Reading(markup.render(f"## Plan\n\n- **one**\n- {typed}\n\n[ok](https://e.org)"))

    assert reading.tags == {"h2": 1, "ul": 1, "li": 2, "strong": 1, "p": 1, "a": 1}
    assert typed in reading.lines
    assert not caplog.records


def test_an_unreadable_address_is_no_link_too_many():
    typed = f"<{UNREADABLE[0]}> " * 60

    assert markup.excess(typed) is None
