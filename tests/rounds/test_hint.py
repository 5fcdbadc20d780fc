"""Hints to the writer alone: advice that was not asked for, several questions at once, openings."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.policy.terms import Part
from forum.rounds.advice import advice_in, questions_in
from forum.rounds.catalogue import shipped
from forum.rounds.definitions import CLOSED, OPEN, REOPENED
from forum.rounds.openings import groups, openings_for


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("You should rest.", "You should"),
        ("I think YOU SHOULD rest.", "YOU SHOULD"),
        ("Why didn't you ring?", "Why didn't you"),
        ("Why didn\u2019t you ring?", "Why didn\u2019t you"),
        ("why didnt you ring?", "why didnt you"),
        ("Why don't you ring?", "Why don't you"),
        ("Have you tried a walk?", "Have you tried"),
        ("Have you thought of it?", "Have you thought of"),
        ("If I were you, I might go.", "If I were you"),
        ("I would have gone.", "I would have"),
        ("You need to sleep.", "You need to"),
        ("You ought to ring.", "You ought to"),
        ("You could always ask her son.", "You could always"),
        ("Have you considered a letter?", "Have you considered"),
        ("Maybe it's time to stop.", "Maybe it's time to"),
        ("It might be worth a call.", "It might be worth"),
        ("Would it help to ring the partner?", "Would it help to"),
        ("At least he came.", "At least"),
        ("Just ring them.", "Just"),
        ("You\n  should rest.", "You\n  should"),
        ("Just reading this, go.", "Just"),
        ("I would ring him tonight.", "I would"),
        ("I'd ring him tonight.", "I'd ring"),
        ("I\u2019d suggest a letter.", "I\u2019d suggest"),
        ("I'd ask her son.", "I'd ask"),
        ("I'd have gone.", "I'd have"),
        ("He should see a specialist.", "He should"),
        ("She should not drive.", "She should"),
        ("Could you not ask her son?", "Could you not"),
        ("Couldn\u2019t you ask her son?", "Couldn\u2019t you"),
    ],
)
def test_wording_that_sounds_like_advice_is_found_where_it_stands(text, place):
    (found,) = advice_in(text)

    assert text[slice(*found)] == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I was just wondering how you slept.",
        "I just read this.",
        "Just to say I am with you.",
        "It took at least 3 weeks.",
        "At least three of us know it.",
        "at least a dozen times, at least £5, at least ≥2",
        "You shouldered it alone.",
        "An adjustment; unjust; justice.",
        "That seems just.",
        "I would love to hear more.",
        "I'd like to understand what she meant.",
        "I'd love to hear more. I'd be sad too. I'd never met that.",
        "I'd been there an hour, and I'd lost her notes.",
        "I'd have felt the same. I'd ask myself that too.",
        "I'd miss him. I'd want to know.",
        "An ID check; her photo ID, ring in hand.",
        "I would imagine he was afraid.",
        "The shoulder hurt.",
        "If I were the doctor in this story I might feel lost.",
        "> You should rest.",
        "He said\n> just go\nand I wondered.",
        "What would have helped? Have you slept?",
        "Reading this I just felt tired for both of them.",
        "In her chair I would have wept.",
        "I would have done the same.",
        "When you say \u201cyou should\u201d, whose voice is it?",
        'She wrote "you need to rest", and you did not.',
    ],
)
def test_wording_that_only_looks_like_it_is_left_alone(text):
    assert advice_in(text) == []


def test_several_places_stand_in_order_and_apart():
    text = "You should go. > not a quote: just ask. Have you tried?"

    assert [text[slice(*each)] for each in advice_in(text)] == [
        "You should", "just", "Have you tried",
    ]  # fmt: skip


@given(st.text())
def test_places_lie_within_the_text(text):
    places = advice_in(text)

    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


def test_a_long_text_is_read_at_once():
    text = "just at least you " * 1_100

    assert len(advice_in(text)) == 2_200


def test_no_opening_sounds_like_advice_or_asks_twice():
    for group in groups().values():
        for words in group.words:
            assert advice_in(words) == []
            assert questions_in(words) <= 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("I wonder.", 0),
        ("Why?", 1),
        ("Why?? Really?!", 2),
        ("What stayed? And who? And when?", 3),
        ("See https://example.org/?a=1&b=2 or http://example.org/?x", 0),
        ("> Why?\n> And how?\nWhat was it like?", 1),
        ("Pourquoi ? Comment ?", 2),
    ],
)
def test_questions_are_counted(text, number):
    assert questions_in(text) == number


def test_twelve_openings_stand_in_three_groups_and_three_are_for_reflecting():
    sizes = {key: len(group.words) for key, group in groups().items()}

    assert sizes == {
        **{"meet": 3, "stand_beside": 2, "open": 7, "reflecting": 3},
        **{"facts": 3, "stirring": 2, "noticing": 2},
    }
    assert "I have no answer; I am glad you wrote." in groups()["meet"].words
    assert "May I wonder about another side?" in groups()["open"].words


@pytest.mark.parametrize(
    ("key", "phase", "expected"),
    [
        ("questions_first", "asking", ["open"]),
        ("questions_first", "open_reply", ["meet", "stand_beside", "open"]),
        ("balint_style", "clarifying", ["facts"]),
        ("balint_style", "reflecting", ["stirring", "reflecting"]),
        ("action_learning", "noticing", ["noticing"]),
        ("inviting_change", "offering", ["meet", "stand_beside", "open"]),
        ("questions_first", "closing", []),
    ],
)
def test_openings_fit_their_phase(key, phase, expected):
    found = openings_for(shipped().newest_rounds()[key].phase(phase))

    assert [each.key for each in found] == expected


def test_no_opening_of_a_reflecting_phase_speaks_to_the_presenter():
    """Fails when a phase that says "not to the presenter" offers words to them."""
    for each in shipped().newest_rounds().values():
        for phase in each.phases:
            if "not to the presenter" in phase.now.get(Part.RESPONDER, ""):
                words = " ".join(line for group in openings_for(phase) for line in group.words)
                assert not re.search(r"\byou\b", words, re.IGNORECASE)


@pytest.mark.parametrize("key", ["balint_style", "action_learning"])
def test_running_threads_keep_the_openings_they_began_with(key):
    found = {version: one for (name, version), one in shipped().rounds.items() if name == key}

    assert {*found} == {1, 2}
    assert [phase.key for phase in found[1].phases] == [phase.key for phase in found[2].phases]
    assert "meet" in {group for phase in found[1].phases for group in phase.openings}


def test_openings_outside_phases_are_those_for_answers():
    assert [each.key for each in openings_for(OPEN)] == ["meet", "stand_beside", "open"]
    assert len(openings_for(REOPENED)) == 3
    assert openings_for(CLOSED) == []
