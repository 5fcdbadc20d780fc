"""A suggestion taken leaves a sentence that reads."""

import pytest

from forum.checker import Kind, check, loosened

SENTENCES = [
    ("A 15-year-old girl came alone.", Kind.EXACT_AGE, "A teenager came alone."),
    ("I saw a 15-year-old with a cough.", Kind.EXACT_AGE, "I saw a teenager with a cough."),
    ("The 15-year-old girl came back.", Kind.EXACT_AGE, "The teenager came back."),
    ("Her 15-year-old waited outside.", Kind.EXACT_AGE, "Her teenager waited outside."),
    ("I rang Sampleton Surgery twice.", Kind.PLACE_OR_ORG, "I rang the surgery twice."),
    ("Sampleton Surgery rang me.", Kind.PLACE_OR_ORG, "The surgery rang me."),
    ("On 22 August 2024 I went home.", Kind.FULL_DATE, "Some time ago I went home."),
    ("We met on 22 August 2024.", Kind.FULL_DATE, "We met some time ago."),
    ("I asked Mrs Exampleton about it.", Kind.PERSON_NAME, "I asked the patient about it."),
    ("Late.\n\nMrs Exampleton waited.", Kind.PERSON_NAME, "Late.\n\nThe patient waited."),
]


@pytest.mark.parametrize(("typed", "kind", "loose"), SENTENCES)
def test_a_suggestion_fits_its_sentence(typed: str, kind: Kind, loose: str) -> None:
    found = next(each for each in check(typed) if each.kind is kind)

    change = loosened(typed, kind, found.start, found.end, found.instead)

    assert typed[: change.start] + change.words + typed[change.end :] == loose


def test_only_a_date_after_another_is_about_that_time() -> None:
    found = check("On 2 May 2026 he fell, and on 4 May 2026 she rang.")

    dates = [each.instead for each in found if each.kind is Kind.FULL_DATE]
    assert dates == ["some time ago", "about that time"]
