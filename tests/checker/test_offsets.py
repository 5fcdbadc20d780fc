"""Offsets lie within what was typed and hold what was found, whatever the text."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.checker import Facet, Finding, Kind, Severity, check
from forum.checker.normalised import normalised

PIECES = [
    "999 000 0018", "9990000018", "07700 900123", "ZZ99 3WZ", "QQ 12 34 56 C",
    "someone@example.org", "Mrs Exampleton", "Sampleton Surgery", "14 Sample Street", "aged 93",
    "DOB 02/03/1981", "@someone", "15-year-old", "in Diss", "12 May 2023",
    "https://example.org/x", "KX00 ABC", "\n", "\n\n", " ", ", ", "**", "_", "`", "<!-- ", " -->",
    "&nbsp;", "&#57;", "\u200b", "\u00a0", "\u202e", "\u2066", "😀", "é", "e\u0301", "ﬁ", "½", "９",
    "٣", "\ufe0f\u20e3", "| a |", "> ", "\\", "İ", "ß", "नमस्ते", "مرحبا", "😶‍🌫️",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40).map("".join)


def _normal(text: str) -> str:
    return normalised(text).text


@given(TEXTS)
@settings(deadline=None)
def test_offsets_lie_within_the_text(text: str) -> None:
    for each in check(text, own=["Joan Exampleton", "joan@example.org"], rural=True):
        assert 0 <= each.start < each.end <= len(text)


@given(TEXTS)
@settings(deadline=None)
def test_a_piece_of_the_normalised_text_leads_back_to_what_was_typed(text: str) -> None:
    source = normalised(text)

    assert len(source.starts) == len(source.ends) == len(source.text)
    for place in range(len(source.text)):
        start, end = source.span(place, place + 1)
        assert 0 <= start < end <= len(text)
        assert source.text[place] in _normal(text[start:end]) or text[start] in ">_"


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        (Kind.NHS_NUMBER, "9**43** 476 5919", "943 476 5919"),
        (Kind.NHS_NUMBER, "９４３\u00a0４７６\u00a0５９１９", "943 476 5919"),
        (Kind.PHONE, "07700\u2011900\u200b123", "07700-900123"),
        (Kind.POSTCODE, "ZZ99&nbsp;3WZ", "ZZ99 3WZ"),
        (Kind.PERSON_NAME, "Mrs Ro\u0301isi\u0301n", "Mrs Róisín"),
        (Kind.EMAIL, "some\u200bone@example.org", "someone@example.org"),
    ],
)
def test_what_is_found_normalises_to_what_was_sought(kind: Kind, written: str, read: str) -> None:
    text = f"😀 a\u0301 ½ {written}, and so on"

    (found,) = [each for each in check(text) if each.kind is kind]

    assert text[found.start : found.end] == written
    assert unicodedata.normalize("NFC", _normal(written)) == read


def test_a_finding_holds_no_word_of_the_text() -> None:
    text = "Mrs Exampleton, 94, of Sampleton Surgery, 07700 900123, her twin died"

    for each in check(text):
        assert not {"Exampleton", "Sampleton", "07700"} & set(repr(each).replace("'", " ").split())


def test_findings_stand_in_order_and_only_combinations_overlap() -> None:
    found = check("Mrs Exampleton, aged 94, of Sampleton Surgery, born 02/03/1931, 07700 900123")
    single = [each for each in found if each.kind is not Kind.COMBINATION]

    assert [each.start for each in found] == sorted(each.start for each in found)
    assert all(a.end <= b.start for a, b in pairwise(single))


def _meeting(text: str, *, rural: bool = False) -> Finding | None:
    return next((f for f in check(text, rural=rural) if f.kind is Kind.COMBINATION), None)


def test_three_details_meet_and_name_their_facets() -> None:
    text = "She is 34, has porphyria, and teaches at St Wilfrid's Primary."

    found = _meeting(text)

    assert found
    assert found.severity is Severity.CONFIRM
    assert {Facet.EXACT_AGE, Facet.RARE_CONDITION, Facet.PLACE} <= found.facets
    assert text[found.start : found.end] == "34"


def test_two_details_meet_for_a_child_the_very_old_and_where_few_live() -> None:
    assert _meeting("The girl, 8, drew a house.")
    assert _meeting("She is 95 and a widow.")
    assert not _meeting("She is 45 now.")
    assert not _meeting("A man of 45.")
    assert _meeting("A man of 45.", rural=True)
    assert _meeting("On the island a man of 45, a baker.")


def test_details_far_apart_do_not_meet() -> None:
    far = "It rained, and nobody came, and I read. " * 60

    assert not _meeting(f"The patient is 34. {far} Somebody has porphyria. {far} It was in Diss.")
    assert _meeting("The patient is 34. Somebody has porphyria. It was in Diss.")


def test_own_names_and_addresses_are_found_whole_and_in_parts() -> None:
    own = ["Hilary Moor", "h.moor@example.org", "Calm Fell"]
    written = [
        "I am Hilary.", "so said hilary", "Moor it is", "H. Moor", "write to h.moor@example.org",
        "as Calm Fell I wrote", "H\u200bilary",
    ]  # fmt: skip

    found = [
        text
        for text in written
        if any(each.kind is Kind.OWN_TELL for each in check(f"Well, {text} today", own=own))
    ]

    assert found == written
    assert not [each for each in check("the moor and a fell walk, calm", own=own)]


def test_another_language_is_checked_for_numbers_and_not_for_names() -> None:
    text = "Mme Gagnon, 82 ans, de Rye, 07700 900123, le 4 octobre 2023, ZZ99 3WZ"

    kinds = {each.kind for each in check(text, language="fr-CA")}

    assert kinds == {Kind.PHONE, Kind.FULL_DATE, Kind.POSTCODE}
    assert Kind.PERSON_NAME in {each.kind for each in check(text, language="en-GB")}
