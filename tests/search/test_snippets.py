import re

from hypothesis import given
from hypothesis import strategies as st

from forum.search.engine.snippets import CUT, marked, snippet
from forum.search.query_parser import parse

FILLER = "and so it went on for a good while longer with nothing to tell. " * 8


def shown(text, query, **weights):
    query = parse(query)
    return snippet(text, query, dict.fromkeys(query.terms, 1.0) | weights)


def text_of(pieces):
    return "".join(text for text, _ in pieces)


def test_words_that_were_asked_for_are_told_apart_in_all_their_forms():
    pieces = shown("Worrying about a kestrel; she worries.", "worried kestrels")

    assert [text for text, query in pieces if query] == ["Worrying", "kestrel", "worries"]
    assert text_of(pieces) == "Worrying about a kestrel; she worries."


def test_a_phrase_is_marked_as_one():
    pieces = shown("Pain, then chest pain at rest.", '"chest pain"')

    assert [text for text, query in pieces if query] == ["chest pain"]


def test_two_passages_show_what_lies_far_apart():
    text = f"{FILLER}A kestrel came. {FILLER}{FILLER}Lithium was given. {FILLER}"

    pieces = shown(text, "kestrel lithium")

    assert [text for text, query in pieces if query] == ["kestrel", "Lithium"]
    assert text_of(pieces).count(CUT) == 3
    assert len(text_of(pieces)) < 2 * 200


def test_the_passage_that_says_more_is_chosen():
    text = f"A kestrel. {FILLER}{FILLER}{FILLER}A kestrel, and lithium. {FILLER}"

    assert "A kestrel, and lithium" in text_of(shown(text, "kestrel lithium"))


def test_common_words_are_not_marked_beside_rare_ones():
    pieces = shown("The level of the lithium.", "the lithium", the=0.01)

    assert [text for text, query in pieces if query] == ["lithium"]


def test_without_a_match_it_is_the_beginning():
    pieces = shown(FILLER, "kestrel")

    assert pieces[0][0].startswith("and so it went")
    assert text_of(pieces).endswith(CUT)


def test_an_endless_word_is_cut():
    assert len(text_of(shown("a" * 20_000, "kestrel"))) < 400


@given(st.text(max_size=800), st.text(max_size=40))
def test_a_passage_is_what_the_text_says_in_whole_words(text, query):
    flat = re.sub(r"\s+", " ", text).strip()

    for passage in text_of(shown(text, query)).split(CUT) if CUT not in text else ():
        part = passage.strip()
        at = flat.find(part)
        assert at >= 0
        before, after = flat[:at][-1:], flat[at + len(part) :][:1]
        assert len(part) > 300 or not part or not (before.isalnum() and part[0].isalnum())
        assert len(part) > 300 or not part or not (after.isalnum() and part[-1].isalnum())


@given(st.text(max_size=300), st.text(max_size=40))
def test_a_title_is_shown_whole(text, query):
    query = parse(query)

    assert text_of(marked(text, query, dict.fromkeys(query.terms, 1.0))) == text
