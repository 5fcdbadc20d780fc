"""A mark at the start of a line is judged by the lines around it."""

import pytest

from forum import markup
from tests.markup.reading import layout

NUMBERED_TWICE = [("p", ["Plan"]), ("ol", ["3. tea", "4. rest"])]
MIXED = [("ol", ["1. rest"]), ("ul", ["2 weeks"]), ("ol", ["2. walk"])]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "- 6 weeks off\n- 1.5 kg lost\n- her son",
            [("ul", ["6 weeks off", "1.5 kg lost", "her son"])],
        ),
        ("* her son\n* ½ tab\n* ve dip", [("ul", ["her son", "½ tab", "ve dip"])]),
        ("- tea\n\n- 3 cups", [("ul", ["tea", "3 cups"])]),
        ("Plan\n- 2 visits\n- a call", [("p", ["Plan"]), ("ul", ["2 visits", "a call"])]),
        ("- am:\n  - 5 mg\n  - 10 mg", [("ul", [("am:", [("ul", ["5 mg", "10 mg"])])])]),
        ("- am\n  more of it\n- 5 mg", [("ul", ["am\nmore of it", "5 mg"])]),
        ("1. rest\n  - 2 weeks", [("ol", [("1. rest", [("ul", ["2 weeks"])])])]),
        ("1. rest\n- 2 weeks\n2. walk", MIXED),
        ("4. 3 tablets\n5. 2 drinks", [("ol", ["4. 3 tablets", "5. 2 drinks"])]),
        ("Plan\n3. tea\n4. rest", NUMBERED_TWICE),
        ("- 3 kg since May", [("p", ["- 3 kg since May"])]),
        ("- 3 kg\n- 2 cm", [("p", ["- 3 kg", "- 2 cm"])]),
        ("- tea\n\n  - 3 kg", [("ul", [("tea", [("p", ["- 3 kg"])])])]),
        ("- tea\nWeight\n- 3 kg", [("ul", ["tea"]), ("p", ["Weight", "- 3 kg"])]),
        ("He came on\n14. Then\n- 3 kg", [("p", ["He came on", "14. Then", "- 3 kg"])]),
        ("- - 3 kg", [("ul", ["- 3 kg"])]),
    ],
)
def test_neighbours_decide_what_is_an_item(source, shown):
    """Fails when a dash before a number always is a sign, or always lists."""
    assert layout(markup.render(source)) == shown


@pytest.mark.parametrize(
    ("source", "quoted"),
    [
        (
            "> On Friday she had\n> 39.2 and took\n> 2 tablets",
            ["On Friday she had", "39.2 and took", "2 tablets"],
        ),
        ("> <5 she said,\n> never >5", ["<5 she said,", "never >5"]),
        (">He came in\n>with 3 bags\n>5 mg each", ["He came in", "with 3 bags", "5 mg each"]),
        ("> - 3 kg", ["- 3 kg"]),
        ("> NYHA II", ["NYHA II"]),
    ],
)
def test_a_run_decides_its_quotation_mark(source, quoted):
    """Fails when a quoted mail's line that begins with a number falls out of it."""
    assert layout(markup.render(source)) == [("blockquote", [("p", quoted)])]


@pytest.mark.parametrize(
    "source",
    [
        *(
            ">ULN",
            ">\u00a335",
            "> \u20ac35",
            ">\u22487 weeks",
            ">III",
            "> 38.5",
            ">=5",
            "> > 5",
            ">",
        ),
        *("ALT\n>ULN\nsince May", ">38.5 at noon\n>39 at six", "> 3\n> 4", ">ULN\n>3 x ULN"),
    ],
)
def test_a_comparison_keeps_its_sign(source):
    """Fails when two comparisons, one below the other, become a quotation."""
    assert layout(markup.render(source)) == [("p", source.split("\n"))]


def test_a_numbered_list_is_quoted_with_its_numbers():
    shown = layout(markup.render("> 1. Stop it\n> 2. Bloods\n\n> then this\n\n> 5"))

    quoted = [
        ("blockquote", [("ol", ["1. Stop it", "2. Bloods"])]),
        ("blockquote", [("p", ["then this"])]),
    ]
    assert shown == [*quoted, ("p", ["> 5"])]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("## 3rd and 4th toes", [("p", ["## 3rd and 4th toes"])]),
        ("## Third and fourth", [("h2", ["Third and fourth"])]),
        ("### 2 toes", [("p", ["### 2 toes"])]),
    ],
)
def test_fractures_are_no_heading(source, shown):
    assert layout(markup.render(source)) == shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("2`3 now and 4`5 then", "2`3 now and 4`5 then"),
        ("can`t, won`t, didn`t", "can`t, won`t, didn`t"),
        ("the GPs` and nurses` notes", "the GPs` and nurses` notes"),
        ("the patient`s `code`, isn`t it", "the patient`s <code>code</code>, isn`t it"),
        ("``a`b`` 2`3", "<code>a`b</code> 2`3"),
    ],
)
def test_a_backtick_between_letters_is_an_apostrophe(source, shown):
    assert markup.render(source) == f'<p dir="auto">{shown}</p>'
