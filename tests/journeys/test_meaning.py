"""Has anyone been through this? Asked in other words than it was told."""

from importlib.util import find_spec

import pytest

from config import Config
from forum.search import vector_jobs
from forum.search.services import build_due
from tests.journeys.visitor import PHONE

HERE = Config.MEANING.exists() and find_spec("onnxruntime") is not None
LETTER = (
    "I saw from the crest that it was a complaint. For three days the envelope lay on my desk,"
    " and I could not bring myself to read the letter."
)


@pytest.mark.skipif(not HERE, reason="not run: the optional part is not installed")
def test_a_fear_finds_who_had_it_too(forum, visit):
    forum.world.present("ray", "The brown envelope", LETTER)
    forum.world.present("fay", "Methotrexate", "We changed how repeat prescriptions are signed.")
    with forum.app.app_context():
        build_due()
        vector_jobs.catch_up(lambda: False)
    pru = visit(forum, size=PHONE)
    pru.sign_in("pru")

    pru.follow("Search")
    pru.write(words="afraid of opening the post")
    pru.press("Search")

    assert "Near to it" in pru.words
    pru.follow("The brown envelope")
    assert "could not bring myself" in pru.words
