"""Changing the way to tell, or its version, loses nothing that was typed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.rounds.catalogue import shipped
from forum.rounds.field_texts import carried
from forum.rounds.templates import Field, newest

WAYS = shipped().newest_templates()
typed = st.text(min_size=1, max_size=12).filter(str.strip)


@st.composite
def told(draw):
    """A template, and texts for some of its fields, choices among them."""
    way = draw(st.sampled_from(WAYS))
    texts = {}
    for field in (*way.fields, *way.later):
        text = st.sampled_from(sorted(field.choices)) if field.choices else typed
        texts[field.key] = draw(st.one_of(st.just(""), text))
    return way, texts


def words_of(way, texts):
    """The typed texts in the template's order; choices are not typed."""
    keys = [field.key for field in (*way.fields, *way.later) if not field.choices]
    return [texts[key] for key in keys if texts.get(key, "").strip()]


@given(st.sampled_from(WAYS), st.sampled_from(WAYS), st.data())
def test_each_text_arrives_once_and_in_order_within_its_field(way, target, data):
    typed_in = [field.key for field in way.fields if not field.choices]
    keys = data.draw(st.lists(st.sampled_from(typed_in), unique=True))
    texts = {key: f"<{key}>" for key in keys}

    result = carried(texts, way, target)

    landed = [whole.split("\n\n") for whole in result.values() if whole]
    order = [f"<{key}>" for key in typed_in if key in keys]
    assert sorted(text for texts in landed for text in texts) == sorted(order)
    for found in landed:
        assert found == [text for text in order if text in found]


@given(told(), st.lists(st.sampled_from(WAYS), max_size=5))
def test_changing_the_way_again_and_again_loses_no_word(source, targets):
    way, texts = source
    typed_words = words_of(way, texts)

    for target in targets:
        texts = carried(texts, way, target)
        way = target

    everything = "\0".join(texts.values())
    assert all(text in everything for text in typed_words)


@given(told(), st.data())
def test_a_newer_version_drops_no_field_that_has_text(source, data):
    way, texts = source
    kept = data.draw(st.lists(st.sampled_from(way.fields), unique_by=str))
    newer = replace(
        way, version=2, later=(), fields=(Field("opening", "New", False, "opening"), *kept)
    )

    result = carried(texts, way, newer)

    everything = "\0".join(result.values())
    assert all(text in everything for text in words_of(way, texts))
    assert all(result[field.key] == texts[field.key] for field in kept)


@pytest.mark.parametrize(
    ("source", "texts", "target", "moved"),
    [
        (
            "kettle",
            {"on_my_mind": "Much", "one_question": "Why?"},
            "challenge",
            {"challenge": "Much", "question_for_the_circle": "Why?"},
        ),
        (
            "narrative",
            {"hoped_for": "Peace", "stuck_point": "Him", "story_so_far": "Once"},
            "relationship",
            {"story_from_memory": "Once\n\nPeace", "puzzle": "Him"},
        ),
        (
            "what_so_what_now_what",
            {"what": "A fall", "now_what": "Ask"},
            "gibbs",
            {"description": "A fall", "action_plan": "Ask"},
        ),
        ("free", {"story": "All"}, "kettle", {"on_my_mind": "All"}),
    ],
)
def test_a_text_goes_to_the_field_of_its_meaning_else_to_the_first(source, texts, target, moved):
    result = carried(texts, newest(source), newest(target))

    assert {key: text for key, text in result.items() if text} == moved


@pytest.mark.parametrize("way", [each for each in WAYS if each.key != "learning_event"])
def test_a_choice_never_becomes_text_of_another_way(way):
    """Fails when the value of a choice stands in somebody's words, as "not_needed"."""
    texts = {"what_happened": "A slip", "reported_elsewhere": "not_needed"}

    once = carried(texts, newest("learning_event"), way)
    twice = carried(once, way, way)

    assert "not_needed" not in "".join([*once.values(), *twice.values()])
    assert twice == once


def test_a_choice_that_is_no_longer_one_becomes_text():
    texts = {"what_happened": "A slip", "reported_elsewhere": "to the board"}

    result = carried(texts, None, newest("learning_event"))

    assert result["what_happened"] == "A slip\n\nto the board"


def test_texts_of_a_way_whose_file_is_gone_stand_in_the_first_field():
    result = carried({"b": "One", "a": "Two"}, None, newest("dilemma"))

    assert result["dilemma"] == "One\n\nTwo"
