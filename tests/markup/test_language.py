"""The language of a text, found from its words."""

from time import process_time

import pytest

from forum.markup import NAMES, language

TEXTS = {
    "en": "I had a hard morning with a patient who was not well, and I do not know what to do.",
    "fr": "J'ai eu une matinée difficile avec une patiente qui n'est pas bien, et je ne sais pas.",
    "cy": "Roedd hi yn fore caled gyda claf ac nid oedd dim i'w wneud, ond mae hi wedi mynd.",
    "de": "Ich hatte einen schweren Morgen mit der Patientin, und ich weiß nicht, was ich tue.",
    "es": "Tuve una mañana difícil con una paciente que no está bien y no sé qué hacer, pero es.",
    "it": "Ho avuto una mattina difficile con una paziente che non è sicura, e non so che fare.",
    "nl": "Ik had een zware ochtend met een patiënt en ik weet niet wat ik nu voor haar doe.",
    "pl": "To był trudny poranek z pacjentką i nie wiem, co się stało, ale jest już po tym.",
    "pt": "Foi uma manhã difícil com uma paciente que não está bem, mas eu também não sei o que.",
}


@pytest.mark.parametrize("tag", NAMES)
def test_a_few_sentences_tell_their_language(tag):
    assert language(TEXTS[tag]) == tag


@pytest.mark.parametrize(
    "text", ["", "OK.", "BP 120/80, HR 72", "صباح صعب", "Merci!", f"{TEXTS['fr']} {TEXTS['en']}"]
)
def test_a_text_that_does_not_tell_has_none(text):
    assert language(text) == ""


def test_a_quoted_line_of_code_does_not_count():
    assert language("```\nthe and of to was\n```") == ""


def test_the_longest_text_is_read_in_no_time():
    def seconds():
        began = process_time()
        language("the une der " * 6_000)
        return process_time() - began

    assert any(seconds() < 0.1 for _ in range(3))  # others may be at work on the machine
