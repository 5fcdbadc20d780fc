"""What clinicians write is found by what clinicians type."""

import tomllib
from pathlib import Path

import pytest

from forum.search import vocabulary
from forum.search.query_parser import parse
from forum.search.synonyms import find_synonyms
from forum.search.tokenizer import tokenize
from forum.search.vocabulary import CAPITALS, SYNONYMS
from tests.search.searching import found
from tests.world import World

WRITTEN = tomllib.loads(Path(__file__).with_name("clinical_pairs.toml").read_text())["pairs"]
PAIRS = [(query, text) for text, queries in WRITTEN for query in queries]
FIRST = 3  # hits that are seen without scrolling


@pytest.fixture(scope="module")
def circle(tmp_path_factory):
    """A circle in which all of it was written."""
    world = World(tmp_path_factory.mktemp("clinical"))
    for text, _ in WRITTEN:
        world.reply("ray", text)
    return world


def test_there_are_enough_pairs_to_mean_something():
    assert len(PAIRS) >= 150


@pytest.mark.parametrize(("query", "text"), PAIRS)
def test_a_clinicians_words_find_the_post(circle, query, text):
    assert text in found(circle, "mo", query)[:FIRST]


@pytest.mark.parametrize(
    ("query", "exact", "other"),
    [
        ("PMR", "We spoke of PMR", "We spoke of polymyalgia rheumatica"),
        ("polymyalgia rheumatica", "We spoke of polymyalgia rheumatica", "We spoke of PMR"),
        ("af", "We spoke of AF", "We spoke of atrial fibrillation"),
        ("aortic stenosis", "We spoke of aortic stenosis", "We spoke of AS"),
        ("ultrasound", "We spoke of ultrasound", "We spoke of US"),
        ("paracetamol", "We spoke of paracetamol", "We spoke of Tylenol"),
    ],
)
@pytest.mark.parametrize("exact_first", [True, False])
def test_another_way_to_say_it_comes_after_the_word_itself(world, query, exact, other, exact_first):
    for text in (exact, other) if exact_first else (other, exact):
        world.reply("ray", text)

    assert found(world, "mo", query) == [exact, other]


def test_many_other_ways_to_say_it_hide_no_post_with_the_word(world):
    for number in range(25):
        world.reply("ray", f"Shortness of breath, short of breath, breathlessness {number}")
    world.reply("fay", "One line on the dog, on tea, on how we are, and at the end of it all SOB")

    assert found(world, "mo", "SOB")[0].endswith("SOB")


def test_small_words_are_no_abbreviations_unless_in_capitals(world):
    world.reply("ray", "It was as bad for us as it was for them")
    world.reply("fay", "Aortic stenosis")

    assert found(world, "mo", "as it was for us") == ["It was as bad for us as it was for them"]
    assert found(world, "mo", "AS") == ["Aortic stenosis"]


def test_capitals_find_the_small_word_where_nothing_else_is_there(world):
    world.reply("ray", "It was as bad for us as it was for them")

    assert found(world, "mo", "AS") == ["It was as bad for us as it was for them"]


@pytest.mark.parametrize("same", SYNONYMS, ids=lambda same: same[0])
def test_each_way_to_say_it_leads_to_each_other(same):
    for text in same:
        terms = [word.acronym or word.term for word in tokenize(text)]
        assert terms
        assert [each for each in find_synonyms(list(tokenize(text))) if each.run == tuple(terms)]


def test_all_capitals_are_words_that_are_abbreviated():
    spellings = {text for same in SYNONYMS for text in same}

    assert CAPITALS - spellings == {"ACE", "CAT", "WHO"}  # which have no other way to say them


MEDICINES = tomllib.loads((Path(vocabulary.__file__).with_name("medicines.toml")).read_text())[
    "names"
]


def test_the_medicines_most_prescribed_are_there():
    assert len(MEDICINES) >= 300
    assert not [approved for approved, names in MEDICINES.items() if not names]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("Lipitor", "Stopped the atorvastatin"),
        ("apixaban", "Eliquis ran out"),
        ("Fostair", "On beclometasone/formoterol since May"),
        ("Epilim", "Her sodium valproate"),
        ("dothiepin", "Dosulepin for years"),
        ("frusemide", "Lasix at breakfast"),
        ("Adcal", "Adcal-D3 in the cupboard"),
        ("noradrenaline", "Norepinephrine in the States"),
        ("glyburide", "Glibenclamide, in 1998"),
        ("five days", "Better for 5/7"),
        ("5 days", "Better for 5/7"),
        ("5/7", "Better in five days"),
        ("four weeks", "Back in 4/52"),
        ("4/52", "Back in 4 weeks"),
        ("3/12", "A three-month wait"),
        ("11 months", "Seen 11/12 later"),
        ("fortnight", "Off for 2/52"),
        ("two weeks", "A fortnight off"),
    ],
)
def test_names_and_spans_lead_to_each_other(world, query, text):
    world.reply("ray", text)

    assert found(world, "mo", query)[0] == text


@pytest.mark.parametrize(("query", "text"), [("5 days", "for 5/52"), ("2/7", "in two weeks")])
def test_a_span_is_no_other_span(query, text):
    forms = [form for each in parse(query).synonyms for form in (each.run, *each.forms)]
    tokens = [token.term for token in tokenize(text)]

    assert not [form for form in forms if "\n".join(form) in "\n".join(tokens)]
