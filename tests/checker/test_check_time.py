"""Long and hostile texts are answered in time, and twice as long takes about twice as long."""

import time

import pytest

from forum.checker import check, help_topics

SIZE = 20_000  # characters
BOUND = 2.0  # seconds of CPU for half as many characters of the worst kind; most take 0.1
UNITS = [
    "7", "7 ", "7.", "7-", "943 476 5919 ", "ZZ99 3WZ ", "a", "a ", "Aa ", "A B ", "A.", ". ",
    "Joan Smith ", "Mr ", "Mr and Mrs ", "*", "**a", "_a", "a_", "`", "\\", "<", "<b>", "<!--",
    "&", "&#57;", "a@", "a@b.", "@a ", "a at b dot c ", "www.a.", "http://", "2 May ", "May 2 ",
    "1/1/", "born ", "1 o l ", "one ", "oh double ", "\n", "|", "|a", "a-", "a'", "boy, 7, ",
    "he is 9 ", "3/12 ", "The St ", "Aa of the ", "St ", "in Aa ", "x" * 300 + " ", "ж",
    "e\u0301", "\u0301", "9😀", "\u200b", "\u202e", "١", " ", "14 Aa Street ", "Flat 1, ",
    "yours, A\n", "my surgery in Aa ", "I don't want to ", "she said \"", "bruises on ", "N9 ",
    "Q ", "QQ 1", "TEST 5", "V8", "(", ")(", "\u00bd",
]  # fmt: skip


def _seconds(text: str) -> float:
    began = time.process_time()
    check(text, own=["Joan Smith"])
    help_topics(text)
    return time.process_time() - began


@pytest.mark.parametrize("unit", UNITS)
def test_a_hostile_text_is_answered_in_time_that_grows_with_its_length(unit: str) -> None:
    short, long = (unit * SIZE)[: SIZE // 8], (unit * SIZE)[: SIZE // 2]
    _seconds("Dr Ann Smith of Diss, 020 7946 0123, 9 May")  # opens all lists

    quick = min(_seconds(short) for _ in range(3))
    slow = min(_seconds(long) for _ in range(2))

    assert slow < BOUND
    assert slow < 0.05 or slow / max(quick, 1e-3) < 11  # 4 where linear, 16 where quadratic


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "a", "7", "\u200b", "\ufeff", "😀", "\u0301", "&#0;", "&#55296;"]
)
def test_next_to_nothing_is_no_trouble(text: str) -> None:
    assert check(text) == []
    assert help_topics(text) == frozenset()


def test_five_thousand_postcodes_are_found() -> None:
    assert len(check("ZZ99 3WZ " * 5000)) == 5000
