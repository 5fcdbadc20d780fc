"""An excerpt matches the visible text of a post, and is found there again."""

import pytest

from forum import markup

POST = (
    "## Plan\n\nNot **both** at once, he said.\n\n- rest\n  - 2 weeks\n\n"
    "3. tea\n4. 2.5 mg, then 110 mg\n\n> she had >38.5\n> and left\n\n"
    "Drug\tAM\nAlpha\t\nBeta\t5 mg\n\nI waited\u2026 and [read](https://e.org)."
)
SHOWN = (
    "Plan\n\nNot both at once, he said.\n\n\u2022 rest\n  \u2022 2 weeks\n\n"
    "3. tea\n4. 2.5 mg, then 110 mg\n\n> she had >38.5\n> and left\n\n"
    "Drug\tAM\nAlpha\t\nBeta\t5 mg\n\nI waited\u2026 and read (e.org)."
)


def is_excerpt(excerpt, source=POST):
    return markup.is_excerpt(excerpt, source, markup.render(source))


def test_an_excerpt_matches_the_visible_text():
    assert markup.beginning(markup.render(POST), 500) == SHOWN


@pytest.mark.parametrize("most", range(8, 40))
def test_a_long_post_is_cut_between_words(most):
    cut = markup.beginning(markup.render("Rest for ten days\nand call me"), most)

    assert len(cut) <= most
    assert cut == "Rest for ten days\nand call me" or (
        cut[-1] == "\u2026" and is_excerpt(cut, "Rest for ten days\nand call me")
    )


@pytest.mark.parametrize(
    "excerpt",
    [
        *(POST, SHOWN, "Not both at once", "Not **both** at once", "Not both\n  at once"),
        *(
            "3. tea",
            "tea\n2.5 mg",
            "\u2022 rest \u2022 2 weeks",
            "rest 2 weeks",
            "- rest",
            "he\u2026rest",
        ),
        *("she had >38.5\nand left", "> she had >38.5 > and left", "Beta\t5 mg", "Beta 5 mg"),
        *("Not both\u2026 he said.", "[...] tea ... 110 mg", "I waited\u2026 and read (e.org)."),
    ],
)
def test_visible_or_typed_words_are_an_excerpt(excerpt):
    assert is_excerpt(excerpt)


@pytest.mark.parametrize(
    "excerpt",
    [
        *("Not both at all", "both Not", "tea \u2026 rest", "4. tea", "\u2022 tea", "5. 110 mg"),
        *(
            "10 mg",
            "5 mg, then",
            "2.5 mg, then 11",
            "38.5 and left",
            "she had > 38.5 mg",
            "ed\u2026 and",
        ),
        *("\u2026", "", "2 5 mg", "Alpha 5 mg"),
    ],
)
def test_cut_words_are_no_excerpt(excerpt):
    """Fails when 10 mg may be quoted from 110 mg, or 5 mg from 2.5 mg."""
    assert not is_excerpt(excerpt)


@pytest.mark.parametrize(
    ("excerpt", "after"),
    [
        ("1. rest\n2. tea", "1. walk\n2. rest\n3. tea"),
        ("Not both", "Not *both*, and more"),
        ("\u2022 rest", "Now:\n\n1. rest"),
        ("Not **both**", "Not **both** at once"),
    ],
)
def test_an_unrelated_edit_leaves_the_excerpt(excerpt, after):
    assert markup.is_still_excerpt(excerpt, after, markup.render(after))


@pytest.mark.parametrize(
    ("excerpt", "after"), [("10 mg", "110 mg"), ("rest", "walk"), ("1. rest", "1. restful")]
)
def test_an_edit_of_its_words_ends_the_excerpt(excerpt, after):
    assert not markup.is_still_excerpt(excerpt, after, markup.render(after))
