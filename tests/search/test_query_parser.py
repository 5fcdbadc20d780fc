from hypothesis import example, given
from hypothesis import strategies as st

from forum.search.query_parser import PHRASES_MAX, WORDS_MAX, parse


def texts(items):
    return [item.text for item in items]


def test_a_query_is_read_as_words_phrases_and_what_to_leave_out():
    query = parse('troponin -ve "chest pain" -asthma -"heart burn" Chest')

    assert texts(query.words) == ["troponin", "-ve", "Chest"]
    assert texts(query.phrases) == ["chest pain"]
    assert texts(query.excluded) == ["asthma", "heart burn"]
    assert not query.truncated


def test_the_first_distinct_words_count_and_it_says_so():
    many = [f"w{number}" for number in range(WORDS_MAX + 5)]

    query, all_there = parse(" ".join(many)), parse(" ".join(many[:WORDS_MAX]))

    assert (texts(query.words), query.truncated) == (many[:WORDS_MAX], True)
    assert (texts(all_there.words), all_there.truncated) == (many[:WORDS_MAX], False)


def test_a_long_phrase_is_cut_to_what_counts():
    query = parse('"' + " ".join(f"w{number}" for number in range(40)) + '"')

    assert (len(query.phrases[0].terms), query.truncated) == (WORDS_MAX, True)
    assert query.phrases[0].text.endswith("w31")


def test_the_first_phrases_count_and_it_says_so():
    many = [f'"a b{number}"' for number in range(PHRASES_MAX - 1)] + ['-"c d"', '"e f"', "-g", "h"]

    query = parse(" ".join(many))

    assert len(query.phrases) == PHRASES_MAX - 1
    assert texts(query.excluded) == ["c d", "g"]
    assert texts(query.words) == ["h"]
    assert query.truncated


@example("\u0300 \u0300's")
@given(st.text(st.characters() | st.sampled_from('"-+&. '), max_size=300))
def test_no_query_is_an_error(text):
    query = parse(text)

    assert len(query.terms) <= WORDS_MAX
    assert all(item.terms for item in (*query.words, *query.phrases, *query.excluded))


def test_in_a_query_all_in_capitals_no_word_is_an_acronym():
    """Fails when whoever types with capitals on finds acronyms alone."""
    assert terms("CHEST PAIN CAT") == terms("chest pain cat") == ["chest", "pain", "cat"]
    assert terms("chest pain CAT") == ["chest", "pain", "CAT"]
    assert terms("PAIN CAT") == ["pain", "CAT"]  # of two words, the capitals may be meant


def terms(text):
    return [item.terms[0] for item in parse(text).words]
