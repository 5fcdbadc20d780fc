from hypothesis import example, given
from hypothesis import strategies as st

from forum.search.query_parser import PHRASES_MAX, WORDS_MAX, understood


def texts(items):
    return [item.text for item in items]


def test_a_query_is_read_as_words_phrases_and_what_to_leave_out():
    asked = understood('troponin -ve "chest pain" -asthma -"heart burn" Chest')

    assert texts(asked.words) == ["troponin", "-ve", "Chest"]
    assert texts(asked.phrases) == ["chest pain"]
    assert texts(asked.without) == ["asthma", "heart burn"]
    assert not asked.cut


def test_the_first_distinct_words_count_and_it_says_so():
    many = [f"w{number}" for number in range(WORDS_MAX + 5)]

    asked, all_there = understood(" ".join(many)), understood(" ".join(many[:WORDS_MAX]))

    assert (texts(asked.words), asked.cut) == (many[:WORDS_MAX], True)
    assert (texts(all_there.words), all_there.cut) == (many[:WORDS_MAX], False)


def test_a_long_phrase_is_cut_to_what_counts():
    asked = understood('"' + " ".join(f"w{number}" for number in range(40)) + '"')

    assert (len(asked.phrases[0].keys), asked.cut) == (WORDS_MAX, True)
    assert asked.phrases[0].text.endswith("w31")


def test_the_first_phrases_count_and_it_says_so():
    many = [f'"a b{number}"' for number in range(PHRASES_MAX - 1)] + ['-"c d"', '"e f"', "-g", "h"]

    asked = understood(" ".join(many))

    assert len(asked.phrases) == PHRASES_MAX - 1
    assert texts(asked.without) == ["c d", "g"]
    assert texts(asked.words) == ["h"]
    assert asked.cut


@example("\u0300 \u0300's")
@given(st.text(st.characters() | st.sampled_from('"-+&. '), max_size=300))
def test_no_query_is_an_error(text):
    asked = understood(text)

    assert len(asked.keys) <= WORDS_MAX
    assert all(item.keys for item in (*asked.words, *asked.phrases, *asked.without))
