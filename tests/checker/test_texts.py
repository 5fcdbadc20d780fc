"""Texts as GPs write them: what is marked is found, and clean ones are let be."""

from pathlib import Path

import pytest

from bench.checker import Text, score
from forum.checker import Severity, check
from tests.checker.marked import marked

TEXTS = [Text(each.id, each.text, each.spans, each.facets, each.clean) for each in marked()]


def test_what_must_not_be_posted_is_always_found() -> None:
    stop = score(TEXTS).scores["= stop"]

    assert stop.labels > 30
    assert (stop.recall, stop.precision) == (1.0, 1.0)


def test_names_places_and_dates_are_nearly_always_found() -> None:
    scores = score(TEXTS).scores

    assert scores["= confirm"].recall >= 0.90
    assert scores["= confirm"].precision >= 0.95
    assert scores["combination"].recall >= 0.85


@pytest.mark.parametrize("text", [each for each in TEXTS if each.clean], ids=lambda each: each.id)
def test_no_clean_text_is_stopped(text: Text) -> None:
    assert not [each for each in check(text.text) if each.severity is Severity.STOP]


def test_hardly_a_clean_text_asks_anything() -> None:
    result = score([each for each in TEXTS if each.clean])

    assert result.clean > 30
    assert result.clean_confirmed <= result.clean / 10


def test_each_module_that_reads_a_language_stays_out_of_the_others() -> None:
    """Names are looked for in English alone; numbers in every language."""
    for each in TEXTS:
        there = {finding.kind for finding in check(each.text, language="fr")}
        assert not there & {"person_name", "place_or_org", "exact_age", "address", "combination"}


def test_marks_of_the_texts_are_where_their_words_are() -> None:
    source = Path(__file__).with_name("texts.txt").read_text()

    assert source.count("⟦") == sum(len(each.spans) for each in TEXTS) + 1  # one explains them
