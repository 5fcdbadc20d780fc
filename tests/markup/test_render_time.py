"""Hostile text costs no more than a second, where an ordinary post as long costs 25 ms (C5)."""

import time

import pytest

from forum import markup

SIZE = 20_000  # characters, a post's most
PARAGRAPH = "She sat down and said nothing for a while, *as if* she waited. " * 19 + "\n\n"
ORDINARY = (PARAGRAPH * 20)[:SIZE]
UNITS = [
    *(
        "[",
        "]",
        "![",
        "[a](",
        "[a](https://e.org/",
        "[a](https://e.org)",
        "<https://e.org>",
        "](x)",
    ),
    *("*", "**a ", "*a* ", "***a** b* ", "*a **b ~~c [d ", "*!", "_a ", "a_b ", "~~", "~~a "),
    *("`", "`a", "``a` ", "<", "<a", "&", "&amp;", "\\", "\\*", "\0", "\u00a0", "\u0301\u0316"),
    *(">", "> ", "> > a\n", ">" * 20 + "a\n\n", "- ", "- a\n", "  - a\n", "- - - - a\n", "1. a\n"),
    *(
        "\n- a\n\n  b\n",
        "- a\n  > 1. b\n",
        "- " * 20 + "a\n",
        "- a\n\n\n\n",
        "|",
        "|a",
        "a|b\n-|-\n",
    ),
    *("## a\n", "#", "---\n", "```\n", "```a\n", "~~~\n`", "\n", "a\n", "a\n\n", " ", "\t", "a "),
]
WHOLES = {
    "brackets open and close": "[" * 10_000 + "]" * 10_000,
    "emphasis opens and closes": "*a " * 3_300 + "a* " * 3_300,
    "one mark opens and another closes": "*a " * 3_300 + "b_ " * 3_300,
    "quotations": ">" * 19_999 + "a",
    "lists, each deeper": "".join("  " * depth + "- a\n" for depth in range(139)),
    "fences, each shorter": "\n".join("`" * length for length in range(198, 3, -1)),
    "backticks, each longer": "a".join("`" * length for length in range(1, 198)),
    "a wide table": "|a" * 5_000 + "|\n" + "|-" * 4_990 + "|",
    "a tall table": "a|b\n-|-\n" + "a|b\n" * 4_990,
    "tables": "a|b\n-|-\n\n" * 2_222,
    "a long host": "[a](https://" + "a." * 9_900 + ")",
    "an open path": "[a](https://e.org/" + "(" * 19_900 + ")",
    "blank lines in a list": "- a\n" + "\n" * 19_990 + "- b",
    "code that never ends": "`" * 9_999 + "a" + "`" * 9_998,
    "no line ends": "a" * SIZE,
    "one run of backticks": "`" * SIZE,
    "backticks as apostrophes": "a`" * (SIZE // 2),
    "backticks that could open": "`a" * (SIZE // 2),
    "a fence, spaces, a backtick": "```" + " " * 19_990 + "`",
    "a fence of tildes and a backtick": "~" * 19_990 + "`",
    "spaces between two words": "a" + " " * 19_990 + "b",
    "spaces after a dash": "-" + " " * 19_990 + "a",
    "spaces after a number": "1." + " " * 19_990 + "a",
    "spaces after a quotation's mark": ">" + " " * 19_990 + "a",
    "spaces and tabs after a bullet": "\u2022" + " " * 9_990 + "\t" + " " * 9_990,
    "tabs": "\t" * SIZE,
    "cells in one row": "a\t" * (SIZE // 2),
    "rows": "a\tb\n" * (SIZE // 4),
    "two-line tables": "a\tb\nc\td\n\n" * (SIZE // 9),
    "cells of several lines, opened": 'a\t"b\n' * 3_990,
    "cells of several lines, opened again": 'x"\t"y\n' * 3_300,
    "a cell that is never closed": 'a\t"b' + "\nx" * 9_990,
    "items of a word processor": "\u2022\ta\no\tb\n\u00a7\tc\n" * 1_600,
    "doubtful items": "- 3 a\n" * 3_300,
    "lone comparisons": ">a\n" * 6_600,
    "bare addresses": "https://e.org/ " * 1_300,
    "bare addresses without end": "https://" * 2_500,
    "addresses that no sanitiser reads": "<https://a.1> " * 1_400,
    "bare addresses in brackets": "[https://e.org/ " * 1_250,
    "lost controls": "a\0" * (SIZE // 2),
}
HOSTILE = {repr(unit): unit * (SIZE // len(unit)) for unit in UNITS} | WHOLES


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.proof("C5")
def test_render_time(source):
    assert len(HOSTILE) >= 40
    assert 0.9 * SIZE < len(source) <= SIZE

    assert len(ORDINARY) == SIZE
    # others may be at work on the machine
    assert any(seconds(source) < 40 * seconds(ORDINARY) for _ in range(3))


def seconds(source):
    """CPU time of rendering."""
    start = time.process_time()
    markup.render(source)
    return time.process_time() - start


def test_an_ordinary_post_renders_in_milliseconds():
    paragraph = "She came back on **Monday** with the same cough, and I thought of Mr B. " * 5
    source = "\n\n".join([paragraph] * 4 + ["- one\n- two *three*", "> and so on", "1. a\n2. b"])
    markup.render(source)

    start = time.process_time()
    for _ in range(20):
        markup.render(source)

    assert (time.process_time() - start) / 20 < 0.02
