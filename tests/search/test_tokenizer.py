import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.search.tokenizer import TOKENIZER, term, tokenize
from forum.search.vocabulary import APART, families
from tests.search.searching import found


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("AS US IT AF MI HIV", ["as", "us", "it", "af", "mi", "hiv"]),
        ("U&E, A&E; 2WW and C. diff", ["u&e", "a&e", "2ww", "and", "c diff"]),
        ("IBS gas his GPs ECGs", ["ibs", "gas", "his", "gp", "ecg"]),
        ("120/80 38.5C 3/7 >38.5", ["120/80", "38.5", "c", "3/7", "38.5"]),
        ("trop -ve, CRP +ve", ["trop", "-ve", "crp", "+ve"]),
        ("p.r.n. c/o and/or", ["prn", "c/o", "and", "or"]),
        ("_calm_ **strong** #NOF", ["calm", "strong", "nof"]),
        ("patient's patients don't don\u2019t", ["patient", "patient", "dont", "dont"]),
        ("café CAFE cafe\u0301", ["cafe", "cafe", "cafe"]),
        ("worried worrying", ["worri", "worri"]),
        ("שלום 👍", ["שלום", "👍"]),
        ("", []),
    ],
)
def test_what_counts_as_a_word(text, terms):
    assert [word.term for word in tokenize(text)] == terms


@given(st.text())
def test_what_is_kept_and_what_is_highlighted_are_the_same_words(text):
    kept = [(token.text, token.pos) for token in TOKENIZER(text)]

    assert kept == [(each, w.position) for w in tokenize(text) for each in dict.fromkeys(w.terms)]


@given(st.text())
def test_each_word_has_a_key_and_stands_where_it_says(text):
    for word in tokenize(text):
        assert word.term
        assert text.replace("_", " ")[word.start : word.end].strip()


@pytest.mark.parametrize(
    "text",
    [
        "Chest. Pain later.",
        "A tight chest! Pain later.",
        "Was it the chest? Pain later.",
        "(The chest.) Pain later.",
        "The chest\n\npain later",
        "- the chest\n- pain later",
        "1. the chest\n2. pain later",
        "the chest\nPain later",
        "chest\tpain\nx\ty",
        "a\tchest\npain\tb",
        "> of the chest\n\npain later",
    ],
)
def test_a_phrase_ends_with_sentence_block_and_cell(world, text):
    world.reply("ray", text)

    assert found(world, "mo", '"chest pain"') == []
    assert len(found(world, "mo", "chest pain")) == 1


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Seen by Dr. Smith", "dr smith"),
        ("Seen by Dr. Smith", "Dr. Smith"),
        ("C. diff again", "c diff"),
        ("a tight\nchest pain that\nlasted", "that lasted"),
        ("chest, pain", "chest pain"),
        ("gave p.r.n. codeine", "prn codeine"),
        ("approx. 5 mg", "approx 5mg"),
        ("one **tight** chest", "tight chest"),
    ],
)
def test_a_phrase_goes_on_after_what_ends_no_sentence(world, text, phrase):
    world.reply("ray", text)

    assert len(found(world, "mo", f'"{phrase}"')) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("general", "generous"),
        ("university", "universe"),
        ("several", "severe"),
        ("secretion", "secret"),
        ("experience", "experiment"),
        ("hospital", "hospitality"),
        ("import", "important"),
        ("positive", "position"),
        ("organ", "organism"),
        ("organ", "organisation"),
        ("animal", "animated"),
        ("author", "authority"),
        ("relative", "related"),
        ("policy", "police"),
        ("new", "news"),
        ("arm", "army"),
        ("past", "paste"),
        ("patient", "patience"),
        ("medical", "medicine"),
        ("community", "communicate"),
        ("intern", "internal"),
        ("emergency", "emerge"),
        ("lung", "lunge"),
        ("stock", "stockings"),
        ("critical", "criticism"),
        ("capital", "capitation"),
        ("desert", "desertion"),
        ("colon", "colony"),
        ("tablet", "table"),
        ("station", "state"),
        ("ward", "wardrobe"),
        ("skin", "skinny"),
        ("Pariet", "parietal"),
    ],
)
def test_false_friends_have_different_terms(one, other):
    assert term(one) != term(other)


@pytest.mark.parametrize(
    "words",
    [
        *("stop stopped stopping stops", "refer referred referring", "admit admitted admitting"),
        *("vaccinate vaccinated vaccination", "dehydrated dehydration", "worry worried worries"),
        *("hypothyroid hypothyroidism", "plan planned planning", "hesitated hesitation"),
        *("diagnosis diagnoses diagnosed diagnostic", "analyse analysed analyze analysing"),
        *("organise organised organization organising", "practise practice practising"),
        *("ischaemic ischemia", "haemorrhage hemorrhagic", "labelled labeled labelling"),
        *("defence defense", "enquiry inquiries", "titre titer", "amoebic amebic"),
    ],
)
def test_forms_of_a_word_share_its_term(words):
    assert len({term(word) for word in words.split()}) == 1


@pytest.mark.parametrize("family", families(), ids=lambda family: family[0])
def test_a_family_of_words_shares_a_term(family):
    assert len({term(word) for word in family}) == 1


def test_words_set_apart_share_no_term_with_a_family():
    assert not {term(word) for family in families() for word in family} & set(APART.values())
    assert all(term(word) == first for word, first in APART.items())
