"""Layout with a meaning survives: cells, items, quoted lines, and text direction."""

from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum import markup
from tests.markup.reading import Reading, elements, layout, signs

SIGNS = "+-=%/.,:;&'\"!?()\u00b5\u00b0\u2265\u2264\u00b1\u2013\u2022\u00a7\u20ac"
WORD = st.text(ascii_letters + "0123456789" + SIGNS, min_size=1, max_size=8)
WORDS = st.lists(WORD, min_size=1, max_size=4).map(" ".join)
# Words that begin nothing else: a line of them is an item or a quoted line by its mark alone.
CALM = st.builds("{}{}".format, st.sampled_from("abc\u00e9\u0645"), WORDS)
NUMERIC = st.builds("{} {}".format, st.sampled_from(["2", "3.5", ".5", "\u00bd"]), WORDS)
ANY = CALM | NUMERIC


@st.composite
def tables(draw):
    width = draw(st.integers(2, 5))
    cells = st.lists(st.just("") | WORDS, min_size=width, max_size=width)
    cells = cells.filter(lambda row: row[0] != "\u2022")  # with a tab, an item of Word's list
    rows = draw(st.lists(cells, min_size=1, max_size=5))
    return [draw(st.lists(CALM, min_size=width, max_size=width)), *rows]


@given(tables())
def test_pasted_cells_keep_their_place(rows):
    while not any(rows[-1]):
        rows.pop()
    if len(rows) < 2:
        rows.append(rows[0])

    shown = layout(markup.render("\n".join("\t".join(cells) for cells in rows)))

    assert shown == [("table", rows)]


@given(
    st.lists(ANY, max_size=5),
    CALM,
    st.lists(ANY, max_size=5),
    st.sampled_from(["- ", "* ", "\u2022\t"]),
)
def test_each_item_of_a_list_is_an_item(before, sure, after, mark):
    items = [*before, sure, *after]

    shown = layout(markup.render("\n".join(mark + item for item in items)))

    assert shown == [("ul", items)]


@given(
    st.lists(ANY, min_size=1, max_size=6), st.integers(0, 99_999_990), st.sampled_from([" ", "\t"])
)
def test_numbered_items_keep_their_numbers(items, first, gap):
    typed = [(f"{number}.", item) for number, item in enumerate(items, first)]

    shown = layout(markup.render("\n".join(f"{number}{gap}{item}" for number, item in typed)))

    assert shown == [("ol", [f"{number} {item}" for number, item in typed])]


@given(st.lists(ANY, max_size=5), CALM, st.lists(ANY, max_size=5))
def test_each_line_of_a_quotation_is_quoted(before, sure, after):
    lines = [*before, sure, *after]

    shown = layout(markup.render("\n".join(f"> {line}" for line in lines)))

    assert shown == [("blockquote", [("p", lines)])]


LAYOUT = (
    "\n",
    "\n\n",
    "\t",
    "  ",
    " ",
    "\n- ",
    "\n> ",
    "\n1. ",
    "\n\u2022\t",
    "\n\t",
    "\x0b",
    "\x96",
    "\0",
)
MARKS = set("*_~`#>-|\\[]()\u2022\u2013\u00a7o")  # o: with a tab, a bullet of Word
TEXTS = st.lists(WORD | st.sampled_from(LAYOUT) | st.text("*_~`#>|\\[]", max_size=3), max_size=40)


@given(TEXTS.map("".join))
@pytest.mark.proof("C2")
def test_every_sign_typed_is_shown_in_its_order(source):
    """Fails when a row loses a cell, an item its number, or a control joins two numbers."""
    shown = signs(Reading(markup.render(source)).typed)

    assert [sign for sign in shown if sign not in MARKS] == [
        sign for sign in signs(source) if sign not in MARKS
    ]


@given(st.lists(st.text("0123456789", min_size=1, max_size=4), min_size=2, max_size=8), st.data())
def test_no_gap_between_two_numbers_is_closed(numbers, data):
    """Fails when a control is taken out and 5 and 10 become 510."""
    gaps = st.sampled_from([" ", "\t", "   ", "\n", "\x0b", "\x0c", "\x85", "\0", "\x1f", "\u2028"])
    source = numbers[0] + "".join(data.draw(gaps) + number for number in numbers[1:])

    shown = " ".join(Reading(markup.render(source)).lines)

    assert shown.split() == numbers


@pytest.mark.parametrize(
    "source",
    [
        "one\n\n\u0645\u0631\u062d\u0628\u0627 5/7.",
        "- one\n- \u0645\u0631",
        "## A\n\n|a|b|\n|-|-|\n|1|2|\n\nx\ty\nz\t",
    ],
)
def test_each_block_of_text_finds_its_own_direction(source):
    directed = [tag for tag, attributes in elements(markup.render(source)) if "dir" in attributes]

    tags = Reading(markup.render(source)).tags
    assert sorted(directed) == sorted(
        t for t in tags.elements() if t in ("p", "li", "h2", "th", "td")
    )
