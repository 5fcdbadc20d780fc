"""Numbers as general practitioners write them: a query finds a value, and no multiple of ten."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.search.query_parser import parse
from forum.search.tokenizer import tokenize
from tests.search.searching import found

UNITS = ["", "mg", " mg", " mcg", "\u00b5g", " units", "mmol", " \u00b5mol/L"]


def terms(text):
    return [token.term for token in tokenize(text)]


def matches(query, text):
    """Whether a post has every word of a query, under any of its terms."""
    indexed = {each for token in tokenize(text) for each in token.terms}
    return all(set(clause.terms) <= indexed for clause in parse(query).words)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("BP120/80 today", "120/80"),
        ("BP 120 / 80", "BP120/80"),
        ("CRP143 came back", "CRP"),
        ("CRP143 came back", "143"),
        ("CRP 143", "CRP143"),
        ("amlodipine10mg", "amlodipine"),
        ("amlodipine10mg", "amlodipine 10"),
        ("sertraline50mg nocte", "sertraline 50 mg"),
        ("eGFR48", "eGFR"),
        ("Na128 K5.9", "128"),
        ("PHQ9 of 21", "phq-9"),
        ("waited 20mins", "20 minutes"),
        ("for 6wks", "6 weeks"),
        ("5,000 units", "5000 units"),
        ("10 000 units", "10,000 units"),
        ("gave .25mg", "0.25mg"),
        ("gave 4.0mg", "4mg"),
        ("gave 4 mg", "4.00mg"),
        ("12,5 mg", "12.5mg"),
        ("120 \u00b5mol/L", "umol"),
        ("120 \u03bcmol/L", "micromol"),
        ("100 micrograms", "100mcg"),
        ("100 \u00b5g", "100 ug"),
        ("39\u00baC", "39"),
        ("39\u00b0C", "39"),
        ("39C", "39"),
        ("\u00bd a tablet", "0.5"),
        ("1\u00bd tablets", "1.5"),
        ("1/2 a tablet", "0.5"),
        ("platelets 12 x10\u2079/L", "12"),
        ("5-10mg", "5"),
        ("day 14/03/2025", "14/3/2025"),
        ("CKD 3a", "3a"),
        ("SpO\u2082 91", "spo2"),
        ("1st dose", "1st"),
    ],
)
def test_a_number_is_found_however_it_is_written(text, query):
    assert matches(query, text)


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("gave .25mg", "25mg"),
        ("gave .25mg", "25"),
        ("gave 0.5mg", "5mg"),
        ("gave 2.5mg", "25mg"),
        ("gave 0,5 mg", "5mg"),
        ("12,5 mg", "5mg"),
        ("5,000 units", "5 units"),
        ("10 000 units", "10"),
        ("10\u2079", "10"),
        ("10\u2079", "109"),
        ("7.50", "750"),
        ("\u00bd a tablet", "1"),
        ("CKD 3a", "3b"),
        ("2nd dose", "2"),
    ],
)
def test_a_number_is_not_found_as_another(text, query):
    assert not matches(query, text)


def written(value):
    """Notations of a value: plain, with trailing noughts, with thousands, without its nought."""
    plain = format(float(value), "f").rstrip("0").rstrip(".")
    whole, _, decimals = plain.partition(".")
    yield plain
    yield f"{plain}0" if decimals else f"{plain}.0"
    grouped = f"{int(whole):,}"
    yield f"{grouped}.{decimals}" if decimals else grouped
    if whole == "0" and decimals:
        yield f".{decimals}"


values = st.builds(
    lambda digits, power: Fraction(digits) / 10**power, st.integers(1, 99_999), st.integers(0, 3)
)


@given(values, st.data(), st.sampled_from(UNITS), st.sampled_from([1, 2, 3]))
def test_a_number_query_finds_its_value_and_no_multiple_of_ten(value, data, unit, power):
    text = f"gave {data.draw(st.sampled_from(list(written(value))))}{unit} today"

    for query in written(value):
        assert matches(query, text), (query, text)
    for other in (value * 10**power, value / 10**power):
        for query in written(other) if other >= Fraction(1, 1000) else ():
            assert not matches(query, text), (query, text)


def test_hyphens_join_words_and_never_numbers():
    assert next(tokenize("pre-eclampsia")).terms[1] == terms("preeclampsia")[0]
    assert [token.terms for token in tokenize("3-4")] == [("3",), ("4",)]


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff"])
def test_an_invisible_sign_inside_a_word_hides_nothing(world, sign):
    text = f"Diab{sign}etes review"
    world.reply("ray", text)

    assert len(found(world, "mo", "diabetes")) == 1


@pytest.mark.parametrize("hyphen", ["-", "\u2010", "\u2011"])
def test_every_hyphen_joins_words(world, hyphen):
    world.reply("ray", f"The part{hyphen}time post")

    for query in ("parttime", "part-time", '"part time"'):
        assert len(found(world, "mo", query)) == 1
