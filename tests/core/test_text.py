import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.core.text import clean

FAMILY = "\U0001f469\u200d\u2695\ufe0f"  # a joiner holds this emoji together

PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # and this word


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("cafe\u0301", "café"),
        ("nul\0 bell\x07 escape\x1b[31m delete\x7f next\x85", "nul bell escape[31m delete next"),
        ("\u202edose\u202c \u2066x\u2069", "dose x"),
        ("ze\u200bro \u2060word\ufeff", "zero word"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("e\u200b\u0301", "é"),
        (FAMILY, FAMILY),
        (PERSIAN, PERSIAN),
        ("38.5\u00a0°C ≥ 5 µg ½", "38.5\u00a0°C ≥ 5 µg ½"),
    ],
)
def test_what_is_kept_of_what_is_typed(typed, kept):
    assert clean(typed) == kept


@pytest.mark.parametrize("typed", ["\ud800", "a\udfff", "\ud83d and \ude00"])
def test_half_a_surrogate_pair_is_refused(typed):
    with pytest.raises(ValueError, match="surrogates"):
        clean(typed)


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_more(typed):
    assert clean(clean(typed)) == clean(typed)


@pytest.mark.parametrize(
    "unit", ["\u0301\u0316", "\u0316\u0301a", "\r", "\u200b", "\u1100\u1161\u11a8"]
)
def test_a_whole_request_of_hostile_text_is_cleaned_at_once(unit):
    typed = unit * (128_000 // len(unit))

    start = time.process_time()
    clean(typed)

    assert time.process_time() - start < 0.5
