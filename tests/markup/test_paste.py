"""Text pasted from a spreadsheet, a word processor, a phone or a mail keeps its structure."""

import pytest

from forum import markup
from forum.markup.blocks import PASTED_MAX
from tests.markup.reading import Reading, layout

CHART = [["Drug", "Morning", "Night"], ["Amlodipine", "5 mg", ""], ["Ramipril", "", "10 mg"]]
EM = "\u2003"


def table(rows):
    return "\n".join("\t".join(cells) for cells in rows)


@pytest.mark.parametrize(
    "rows",
    [
        CHART,
        [["", "Morning"], ["Drug", "5 mg"]],
        [["a", "b"], ["", ""], ["c", ""]],
        [["-", "3"], ["-", "4"]],
        [["1.", "a", "b"], ["2.", "c", "d"]],
        [["Drug", "a"], ["", "- rash"], ["", "- cough"]],
        [["Drug", "a"], ["- ramipril", "5 mg"]],
        [["No.", "Drug"], ["1.", "Ramipril"], ["-", "none"]],
        [["# NOF", "*2"], [">5", "`"]],
    ],
)
def test_rows_with_equal_tabs_are_a_table(rows):
    """Fails when an empty cell is lost, so that a dose stands under another hour."""
    shown = layout(markup.render(f"Chart:\n{table(rows)}\n\nThanks"))

    assert shown == [("p", ["Chart:"]), ("table", rows), ("p", ["Thanks"])]


def test_a_cell_of_several_lines_stays_one_cell():
    source = 'Alpha\t"5 mg\n\n""late"""\tx\nBeta\t"10"\ty'

    assert layout(markup.render(source)) == [
        ("table", [["Alpha", '"5 mg\n\n""late"""', "x"], ["Beta", '"10"', "y"]])
    ]


def test_a_quote_left_open_joins_no_rows():
    rows = [["a", '"b'], ["c", "d"], ["e", "f"]]

    assert layout(markup.render(table(rows))) == [("table", rows)]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("Alpha\t\t5 mg", [f"Alpha{EM}{EM}5 mg"]),
        ("Drug\tDose\nAlpha\t\t5 mg", [f"Drug{EM}Dose", f"Alpha{EM}{EM}5 mg"]),
        ("Drug\tDose\n\t\t5 mg", [f"Drug{EM}Dose", f"{EM}{EM}5 mg"]),
        ("Na   140", ["Na\u00a0\u00a0 140"]),
        ("so.  Then", ["so.\u00a0 Then"]),
        ("\tone\n\ttwo", ["one", "two"]),
        ("a    b     c", ["a\u00a0 \u00a0 b\u00a0\u00a0 \u00a0 c"]),
        ("a b", ["a b"]),
    ],
)
def test_other_tabs_and_spaces_stay_visible(source, shown):
    assert layout(markup.render(source)) == [("p", shown)]


def test_an_oversized_table_stays_text():
    rows = [["a", "b", "c"]] * 334

    assert markup.excess(table(rows)) == markup.Excess.CELLS
    assert layout(markup.render(table(rows))) == [("p", [f"a{EM}b{EM}c"] * 334)]


def test_tables_beyond_the_limit_stay_text():
    shown = layout(markup.render("a\tb\nc\td\n\n" * (PASTED_MAX + 1)))

    assert shown == [("table", [["a", "b"], ["c", "d"]])] * PASTED_MAX + [
        ("p", [f"a{EM}b", f"c{EM}d"])
    ]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("\u2022\tRest\n\u2022\t2 weeks off", [("ul", ["Rest", "2 weeks off"])]),
        (
            "\u2022\tHeart\no\tRate 90\n\u00a7\tat rest\n\u2022\tLungs",
            [("ul", [("Heart", [("ul", [("Rate 90", [("ul", ["at rest"])])])]), "Lungs"])],
        ),
        ("\u2013\tRest\n\u2013\t5 mg", [("ul", ["Rest", "5 mg"])]),
        ("\uf0b7\tRest\n\uf0a7\tWalk", [("ul", [("Rest", [("ul", ["Walk"])])])]),
        ("o\tRest\no\tWalk", [("ul", ["Rest", "Walk"])]),
        ("1.\tRest\n2.\t5 mg", [("ol", ["1. Rest", "2. 5 mg"])]),
        (
            "1.\tRest\n\u2022\t5 mg\n2.\tWalk",
            [("ol", ["1. Rest"]), ("ul", ["5 mg"]), ("ol", ["2. Walk"])],
        ),
        ("\u2022\tRest\n\t- walks\n\t- tea", [("ul", [("Rest", [("ul", ["walks", "tea"])])])]),
        ("At home:\t2 March\n\u2022\tRest", [("p", [f"At home:{EM}2 March"]), ("ul", ["Rest"])]),
        ("Dear Ray\x0bFay", [("p", ["Dear Ray", "Fay"])]),
        ("o\tRest", [("p", [f"o{EM}Rest"])]),
        ("\u00a7\t5\n\nx", [("p", [f"\u00a7{EM}5"]), ("p", ["x"])]),
        ("-\t5\n-\t6", [("table", [["-", "5"], ["-", "6"]])]),
    ],
)
def test_lists_of_a_word_processor_stay_lists(source, shown):
    assert layout(markup.render(source)) == shown


def test_a_chat_keeps_its_lines():
    lines = [
        "[02/03/2026, 19:04:11] Ray: >38.5 since noon?",
        "\u200e[02/03/2026, 19:05:02] Fay\u202f: - 2 doses so far",
        "- 3 to come",
        "2/3/26, 19:06 - Ray: # NOF [ward 3] (left)",
    ]

    assert layout(markup.render("\n".join(lines))) == [("p", lines)]


def test_a_quoted_mail_keeps_its_voices_apart():
    source = (
        "Yes.\n\nOn Mon, 2 Mar 2026 at 19:04, Ray wrote:\n"
        "> She has\n> 38.5 and\n>\n>> - 2 doses\n>> - a drink\n> 3 days now\n\nFay\n-- \nPractice"
    )

    shown = layout(markup.render(source))

    inner = ("blockquote", [("ul", ["2 doses", "a drink"])])
    quoted = ("blockquote", [("p", ["She has", "38.5 and"]), inner, ("p", ["3 days now"])])
    assert shown[1:3] == [("p", ["On Mon, 2 Mar 2026 at 19:04, Ray wrote:"]), quoted]
    assert shown[3:] == [("p", ["Fay", "--", "Practice"])]


def test_the_head_of_a_mail_is_a_table():
    rows = [["From:", "Ray"], ["Sent:", "2 March 2026 19:04"], ["Subject:", "RE: chart"]]

    assert layout(markup.render(table(rows))) == [("table", rows)]


def test_plain_words_hold_no_gap_of_the_page():
    assert markup.plain("Alpha\t\t5  mg\n\n" + table(CHART[:2])).split("\n") == [
        "Alpha 5 mg",
        "Drug Morning Night",
        "Amlodipine 5 mg",
    ]
    assert Reading(markup.render("a\tb")).tags == {"p": 1}
