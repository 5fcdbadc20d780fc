"""Pages hold together in words twice as long, and from right to left.

Both languages are made here from what pages say: every vowel doubled and marked.
"""

import json
import os

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from scripts.translations import messages
from tests.journeys.conftest import served
from tests.journeys.installation import Installation
from tests.journeys.test_every_page import pages_of
from tests.journeys.visitor import PHONE
from tests.world import World

LONGER = str.maketrans({a: b * 2 for a, b in zip("aeiouyAEIOUY", "àéîöüÿÀÉÎÖÜÝ", strict=True)})


@pytest.fixture(scope="module")
def abroad(tmp_path_factory):
    """A forum that also speaks a language of long words, and one from right to left."""
    folder = tmp_path_factory.mktemp("abroad")
    words = folder / "translations"
    for language in ("de", "ar"):
        _write(language, words / language / "LC_MESSAGES" / "messages.mo")
    settings = {"LANGUAGES": ["en-GB", "de", "ar"], "BABEL_TRANSLATION_DIRECTORIES": str(words)}
    (folder / "settings.json").write_text(json.dumps(settings))
    world = World(folder)
    forum = Installation(folder)
    forum.world = world
    with served(forum):
        yield forum


@pytest.fixture(scope="module")
def pages(abroad):
    """(who, url) of every page; what has to be there for one is made once."""
    return pages_of(abroad.world)


def _write(language, file):
    catalog = Catalog(locale=language)
    for said in messages():
        if said.id:
            several = (longer(said.id[1]),) * catalog.num_plurals if said.pluralizable else None
            catalog.add(said.id, several or longer(said.id), context=said.context)
    file.parent.mkdir(parents=True)
    with file.open("wb") as opened:
        write_mo(opened, catalog)


def longer(sentence):
    """The same, with places of names and numbers as they were."""
    parts = sentence.split("%(")
    rest = [part.partition(")") for part in parts[1:]]
    return parts[0].translate(LONGER) + "".join(
        f"%({name}){end[:1]}{end[1:].translate(LONGER)}" for name, _, end in rest
    )


WAYS = [("ar", "rtl"), ("de", "ltr")] if os.environ.get("PROOF") else [("ar", "rtl")]


@pytest.mark.parametrize(("language", "way"), WAYS)
def test_every_page_holds_longer_words(abroad, pages, visit, language, way):
    for who in ("ray", "mo", "lee", None):
        person = visit(abroad, size=PHONE)
        if who:
            person.sign_in(who)
        person.choose_language(language)
        for url in [url for asked, url in pages if asked == who]:
            person.open(url)
            shown = person.page.locator("html")
            if shown.get_attribute("lang") != "en-GB":  # as those are that look alike for all
                assert shown.get_attribute("dir") == way, url
        person.open("/search" if who not in ("lee", None) else "/help")
        assert person.page.locator("html").get_attribute("lang") == language
        assert "é" in person.words
