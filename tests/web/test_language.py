"""Each page is in one language, declares it, and is complete in it."""

import re
from gettext import NullTranslations
from io import BytesIO

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask_babel import get_translations

from forum.policy.terms import AuthorMode
from forum.web.language import BEGUN, COOKIE
from tests.circles import ways
from tests.page import Page
from tests.routes import routes_of
from tests.web.test_look import ROOT
from tests.world import World

PO = ROOT / "forum/translations/fr_CA/LC_MESSAGES/messages.po"
LANG = re.compile(r'<html lang="([^"]+)" dir="([^"]+)">')


@pytest.fixture
def canada(tmp_path):
    return World(tmp_path, LANGUAGES=("en-GB", "fr-CA"))


def speaking(world, who, tag="fr-CA"):
    client = world.client(who)
    client.set_cookie(COOKIE, tag)
    return client


class Missing(NullTranslations):
    """Last fallback of a catalogue: collects sentences without a translation."""

    def __init__(self):
        super().__init__()
        self.sentences = set()

    def gettext(self, message):
        self.sentences.add(message)
        return message

    def ngettext(self, one, many, number):
        self.sentences.add(one)
        return one if number == 1 else many

    def pgettext(self, context, message):
        self.sentences.add(message)
        return message

    ugettext, ungettext, upgettext = gettext, ngettext, pgettext


def missing_in(world):
    missing = Missing()
    with world.app.test_request_context("/sign-in", headers={"Cookie": f"{COOKIE}=fr-CA"}):
        get_translations().add_fallback(missing)
    return missing


def test_begun_pages_are_wholly_translated(canada):
    """A new sentence on a begun page is translated with `make translations`, or the page leaves
    BEGUN until then.
    """
    missing = missing_in(canada)
    canada.reply("ray", "An answer.")
    for endpoint, method, url in routes_of(canada):
        if method == "GET" and endpoint in BEGUN["fr-CA"]:
            for who in ("ray", "mo", None):
                speaking(canada, who).get(url)
    path = ways.link(canada)
    client = speaking(canada, None)
    ways.affirmed(client, path)
    name = client.get(ways.signed_up(client, path).location)
    ways.send(client, name.request.path, name.text, choice="")
    composer = speaking(canada, "ray").get(f"{canada.url('discussions.write')}").location
    speaking(canada, "ray").submit(composer, do="look")
    details = "I can't go on. She is being beaten at home. Ring 07700 900123."
    asked = speaking(canada, "ray").answer(canada.thread, body=details, do="own_name")
    page = speaking(canada, "ray").get(asked.location)
    heavy = speaking(canada, "ray")
    heavy.get(heavy.answer(canada.thread, body="I can't go on.", do="own_name").location)
    heavy.get(canada.thread)
    speaking(canada, "ray").post(asked.location, data=canada.client("ray").tokens_of(page))
    speaking(canada, "ray").submit("/sign-in", email="", password="")

    assert missing.sentences == set()


def test_a_chosen_language_applies_to_begun_pages(canada):
    client = speaking(canada, "ray")
    circle, settings = f"/circles/{canada.ids['rose']}/", "/account"

    assert LANG.search(client.get(circle).text).groups() == ("fr-CA", "ltr")
    assert "Écrire" in client.get(circle).text
    assert LANG.search(client.get(settings).text).groups() == ("en-GB", "ltr")


def test_choosing_a_language_returns_to_the_page(canada):
    client = canada.client("ray")
    circle = f"/circles/{canada.ids['rose']}/"
    assert "Français (Canada)" in client.get(circle).text

    answer = client.post(
        "/language",
        data=client.tokens(circle) | {"language": "fr-CA"},
        headers={"Referer": f"http://localhost{circle}"},
    )

    assert answer.location == circle
    assert "Les gens de ce cercle" in client.get(circle).text


@pytest.mark.parametrize(
    "referer",
    ["http://evil.example/", "http://localhost//evil.example", "http://localhost/\\evil.example"],
)
def test_choosing_a_language_never_leaves_the_site(canada, referer):
    client = canada.client("ray")

    answer = client.post(
        "/language", data=client.tokens("/") | {"language": "fr-CA"}, headers={"Referer": referer}
    )

    assert re.fullmatch(r"/[\w.]*", answer.location)


@pytest.mark.parametrize("tag", ["xx", "fr-CA", ""])
def test_a_language_not_offered_is_ignored(world, tag):
    page = speaking(world, "ray", tag).get(f"/circles/{world.ids['rose']}/").text

    assert LANG.search(page)[1] == "en-GB"
    assert "Français" not in page


def test_the_compiled_catalogue_matches_its_source():
    with PO.open("rb") as file:
        catalog, compiled = read_po(file), BytesIO()
    write_mo(compiled, catalog)

    assert compiled.getvalue() == PO.with_suffix(".mo").read_bytes()


def test_translations_keep_all_placeholders():
    with PO.open("rb") as file:
        catalog = read_po(file)
    places = re.compile(r"%\(\w+\)[sd]")

    for said in catalog:
        if said.id and isinstance(said.id, str) and said.string:
            assert sorted(places.findall(said.id)) == sorted(places.findall(said.string)), said.id


def test_switching_keeps_the_step_of_joining(canada):
    path, client = ways.link(canada), canada.app.test_client()
    page = Page(ways.affirmed(client, path))
    button = next(each for each in page.all("button") if each.text.startswith("Français"))
    sent = {name: page.field(name).value for name in ("csrf_token", "token", "rules", "affirmed")}

    answer = client.post(button["formaction"], data=sent | {"language": "fr-CA"})

    assert button["form"] == "typed"
    assert answer.status_code == 200
    assert LANG.search(answer.text)[1] == "fr-CA"
    assert 'name="password"' in answer.text


def test_switching_keeps_typed_words(canada):
    ray = canada.client("ray")
    composer = ray.get(canada.url("discussions.write")).location
    page = Page(ray.get(composer))
    button = next(each for each in page.all("button") if each.text.startswith("Français"))
    typed = {"template": "free", "field_story": "Half a line", "language": "fr-CA"}

    answer = ray.post(button["formaction"], data=ray.tokens(composer) | typed)
    back = ray.get(answer.location).text

    assert "Half a line" in back
    assert LANG.search(back)[1] == "fr-CA"
    assert "Brouillon enregistré" in back


def pressed(world, who, url, **fields):
    """The page on which somebody who reads French lands."""
    client = speaking(world, who)
    return client.get(client.post(url, data=client.tokens("/") | fields).location)


def test_what_was_done_is_said_in_the_pages_language(canada):
    """Fails when "Changes saved." stands on a French page, or French on an English one."""
    own, flagged = canada.reply("ray", "Only mine"), canada.reply("mo", "A post")
    masked = canada.reply("ray", "From behind", AuthorMode.THREAD_PSEUDONYM)
    rose = f"/circles/{canada.ids['rose']}"
    pages = {
        "Modifications enregistrées.": pressed(
            canada, "ray", f"{rose}/following", follows="everything"
        ),
        "Modifications enregistrées. ": pressed(canada, "ray", f"{canada.thread}/keep", saved="y"),
        "Votre texte est retiré.": pressed(
            canada, "ray", canada.url("discussions.withdraw", post_id=own)
        ),
        "Your post is withdrawn.": pressed(
            canada, "ray", canada.url("discussions.withdraw", post_id=masked)
        ),
        "Merci. Les modérateurs vont regarder": pressed(
            canada, "ray", canada.url("moderation.send", post_id=flagged), reason="unkind"
        ),
    }

    for said, page in pages.items():
        [flashed] = Page(page).all(cls="flash")
        assert flashed.text.startswith(said.strip())
        assert (LANG.search(page.text)[1] == "en-GB") == (said == "Your post is withdrawn.")
