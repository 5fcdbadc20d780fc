import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.search.tokenizer import TOKENIZER, tokenize


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("AS US IT AF MI HIV", ["as", "us", "it", "af", "mi", "hiv"]),
        ("U&E, A&E; 2WW and C. diff", ["u&e", "a&e", "2ww", "and", "c diff"]),
        ("IBS gas his GPs ECGs", ["ibs", "gas", "his", "gp", "ecg"]),
        ("120/80 38.5C 3/7 >38.5", ["120/80", "38.5", "c", "3/7", "38.5"]),
        ("trop -ve, CRP +ve", ["trop", "-ve", "crp", "+ve"]),
        ("p.r.n. c/o and/or", ["prn", "c/o", "and", "or"]),
        ("_calm_ **strong** #NOF", ["calm", "strong", "nof"]),
        ("patient's patients don't don\u2019t", ["patient", "patient", "dont", "dont"]),
        ("café CAFE cafe\u0301", ["cafe", "cafe", "cafe"]),
        ("worried worrying", ["worri", "worri"]),
        ("שלום 👍", ["שלום", "👍"]),
        ("", []),
    ],
)
def test_what_counts_as_a_word(text, terms):
    assert [word.term for word in tokenize(text)] == terms


@given(st.text())
def test_what_is_kept_and_what_is_highlighted_are_the_same_words(text):
    kept = [(token.text, token.pos) for token in TOKENIZER(text)]

    assert kept == [
        (each, at) for at, w in enumerate(tokenize(text)) for each in dict.fromkeys(w.terms)
    ]


@given(st.text())
def test_each_word_has_a_key_and_stands_where_it_says(text):
    for word in tokenize(text):
        assert word.term
        assert text.replace("_", " ")[word.start : word.end].strip()
