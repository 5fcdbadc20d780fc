"""Every translatable sentence keeps to the terms of docs/glossary.md: one word for one thing."""

import importlib.util
import re
from pathlib import Path

import pytest

from forum.rounds.catalogue import shipped

HERE = Path(__file__).parents[2]
# Phrases that once stood for a term of the glossary, or for nothing a reader could name.
NEVER = (
    *("take back", "take it back", "taken back", "take away", "throw away", "throw it away"),
    *(
        "under Your words",
        "Look it over",
        "more of these letters",
        "no letter",
        "the digest",
        "the desk",
    ),
    *("first page", "Who is here", "people are here", "Carry on", "Let it stand"),
    *("mail address", "cannot send mail", "This server cannot", "Go on tomorrow", "anew"),
    *("chance words", "whoever", "somebody", "everybody", "meanwhile"),
    *("Draft kept", "laid down", "opens nothing"),
)
PHRASES = re.compile("|".join(rf"\b{re.escape(each)}\b" for each in NEVER), re.IGNORECASE)


def test_no_sentence_has_a_phrase_that_is_never_used(sentences):
    """Rounds and templates of reflections keep the sentences of their own flow."""
    own = set(shipped().sentences())

    assert {each for each in sentences - own if PHRASES.search(each)} == set()


@pytest.fixture
def sentences():
    catalog = translations().messages()
    return {
        sentence
        for message in catalog
        if message.id
        for sentence in ([message.id] if isinstance(message.id, str) else message.id)
    }


def translations():
    spec = importlib.util.spec_from_file_location("translations", HERE / "scripts/translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
