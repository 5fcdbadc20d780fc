"""Each page is in one language, declares it, and is complete in it."""

import ast
import re
from datetime import timedelta
from gettext import NullTranslations
from inspect import getsource, unwrap
from io import BytesIO
from textwrap import dedent

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask_babel import get_translations

from forum.accounts import services
from forum.core.db import unit_of_work
from forum.policy.terms import AuthorMode
from forum.web.language import BEGUN, COOKIE
from scripts.translations import is_translated, messages
from tests.circles import ways
from tests.page import Page
from tests.routes import routes_of
from tests.web.test_look import ROOT
from tests.world import World

PO = ROOT / "forum/translations/fr_CA/LC_MESSAGES/messages.po"
LEADS = re.compile(r"return redirect\(url_for\('([\w.]+)'")
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


LONG = "x" * 20_001
REFUSED = {  # by page: what is sent, each with something wrong
    "/sign-in": [
        {"email": "ray@example.org", "password": "x"},
        {"email": "ray@example.org", "password": "a wrong guess", "device": "shared"},
    ],
    "new account": [
        {},
        {"email": "x", "password": "y", "name": ""},
        {"email": "a@example.org", "password": "password1234", "name": "Ana"},
        {"email": "ray@example.org", "password": ways.PASSWORD, "name": "Dr Ray"},
        {"email": "a@example.org", "password": "x" * 400, "name": "x" * 200},
    ],
    "name": [
        {"choice": "another", "pseudonym": typed}
        for typed in ("", "x", "Dr Ray", "x" * 99, "A\u0430")
    ],
    "write": [
        {"do": "look", "title": "T" * 300, "field_story": LONG, "wish": "zz", "talk": "zz"},
        {"do": "look", "field_story": "https://a.example " * 60, "notes": "zz", "mode": "zz"},
    ],
    "answer": [
        {"do": "own_name"},
        {"do": "own_name", "body": LONG, "kind": "zz", "text_language": "zz"},
        {"do": "own_name", "body": "A", "excerpt": "not their words"},
        {"do": "own_name", "body": "A", "excerpt": "x" * 600},
        {"do": "zz", "body": "A"},
    ],
}


def test_every_refusal_on_a_begun_page_is_translated(canada):
    """Fails when an error of a form or of a service is in English there."""
    missing, rose = missing_in(canada), f"/circles/{canada.ids['rose']}"
    quoted = str(canada.reply("mo", "The long night was hard."))
    nobody, sol, ray = (speaking(canada, who) for who in (None, "sol", "ray"))
    path = ways.link(canada)
    ways.joined(sol, path)
    other = ways.affirmed(nobody, ways.link(canada)).text
    pages = {
        "/sign-in": (nobody, "/sign-in", None),
        "new account": (nobody, "/join/new", other),
        "name": (sol, f"{rose}/name", None),
        "write": (ray, ray.get(f"{rose}/write").location, None),
        "answer": (ray, ray.get(f"{canada.thread}/answer").location, None),
    }

    for page, several in REFUSED.items():
        client, url, shown = pages[page]
        for fields in several:
            held = ways.hidden(shown) if shown else client.tokens(url)
            more = {"template": "free", "quoted": quoted} if page in ("write", "answer") else {}
            answer = client.post(url, data=held | more | fields)
            assert answer.status_code in {422, 403, 303}, (page, fields)
            assert LANG.search(answer.text)[1] == "fr-CA" or answer.status_code == 303
    assert missing.sentences == set()


def test_states_of_a_thread_and_its_circle_are_translated(canada):
    missing, rose = missing_in(canada), f"/circles/{canada.ids['rose']}/"
    flagged = canada.reply("mo", "She was the mayor.")
    canada.reply("fay", "From behind", AuthorMode.THREAD_PSEUDONYM)
    speaking(canada, "ivy").post(
        canada.url("moderation.send", who="ivy", post_id=flagged),
        data=canada.client("ivy").tokens("/") | {"reason": "patient"},
    )
    for days in (0, 15):
        canada.moment += timedelta(days=days)
        for who in ("ray", "mo", "ivy", "fay"):
            for url in (canada.thread, rose, f"{canada.thread}/answer"):
                answer = speaking(canada, who).get(url)
                speaking(canada, who).get(answer.location or url)
        canada.client("pru").submit(
            canada.url("discussions.withdraw", who="pru", post_id=canada.ids["thread"])
        )

    assert missing.sentences == set()


def test_every_sentence_is_translated():
    """No walk over pages meets every sentence: threads say some on one day of a round alone."""
    with PO.open("rb") as file:
        catalog = read_po(file)
    said = list(messages())
    missing = [str(each.id) for each in said if each.id and not _has_words(catalog, each)]

    assert len(said) > 1900
    assert not missing, (
        "No French yet. Run `make translations`, write it into the empty msgstr of these in "
        f"{PO.relative_to(ROOT)}, and run it again:\n" + "\n".join(missing)
    )


def _has_words(catalog, message):
    known = catalog.get(message.id, message.context)
    return known is not None and is_translated(known)


def test_a_move_of_a_round_is_told_in_the_threads_language(canada):
    client = speaking(canada, "pru")
    url = canada.url("discussions.move_round", thread_id=canada.ids["thread"])

    client.post(url, data=client.tokens(canada.thread) | {"move": "none of these"})
    page = Page(client.get(canada.thread))

    assert page.one("p", cls="flash").text == "Choisissez ce qui doit se passer."


def test_an_urgent_message_is_told_in_the_threads_language(canada):
    client = speaking(canada, "ivy")
    url = canada.url("moderation.concern", who="ivy", thread_id=canada.ids["thread"])

    client.post(url, data=client.tokens(url) | {"words": "She is not safe.", "signed": "unsigned"})

    assert "Envoyé à la personne qui présente" in client.get(canada.thread).text


def test_a_chosen_language_applies_to_begun_pages(canada):
    client = speaking(canada, "ray")
    circle, settings = f"/circles/{canada.ids['rose']}/", "/account"

    assert LANG.search(client.get(circle).text).groups() == ("fr-CA", "ltr")
    assert "Écrire" in client.get(circle).text
    assert LANG.search(client.get(settings).text).groups() == ("en-GB", "ltr")


def test_a_search_is_in_the_chosen_language_from_its_box_to_what_was_found(canada):
    """Fails when an error, a filter or a kind of post is in English on a French page."""
    missing, ray = missing_in(canada), speaking(canada, "ray")

    for words in ("", "night", 'long -day kind:reply from:"Quiet Heron" is:unread after:3/2025'):
        found = ray.submit("/search", words=words)
        page = ray.get(found.location).text if found.location else found.text
        assert LANG.search(page)[1] == "fr-CA"
        assert ("Entrez un mot à chercher." in page) == (not words)

    assert "réponses" in page
    assert missing.sentences == set()


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
    """Those of the plural for every form but the first, which may say "one"."""
    with PO.open("rb") as file:
        catalog = read_po(file)
    places = re.compile(r"%\(\w+\)[sd]|%%")

    for said in catalog:
        ids, forms = ([each] if isinstance(each, str) else each for each in (said.id, said.string))
        for number, form in enumerate(forms if said.id and any(forms) else ()):
            asked = ids[min(number, len(ids) - 1)]
            assert sorted(places.findall(asked)) == sorted(places.findall(form)), asked


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
            canada, "ray", canada.url("discussions.withdraw", post_id=own), do="now"
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


def test_answers_to_offers_and_notes_are_told_in_the_threads_language(canada):
    """Fails when a French page says in English what was done."""
    rose, thread = canada.ids["rose"], canada.ids["thread"]
    sent = {
        ("mo", f"/circles/{rose}/posts/{thread}/replies-off", ("reason", "Calme")),
        ("pru", f"/circles/{rose}/threads/{thread}/ask-no-more", ("came_from", "thread")),
        ("pru", f"/circles/{rose}/threads/{thread}/learning-offer/rest", ("came_from", "thread")),
    }
    for who, url, field in sent:
        client = speaking(canada, who)
        page = client.get(client.submit(url, **dict([field])).location)
        said = Page(page).one("p", role="status").text

        english = ("Replies are off.", "We will not ask", "“Keep what you learned” stays")
        assert said.startswith(english) is (LANG.search(page.text)[1] == "en-GB"), said


def pages_of_flashes(endpoint, view):
    """Pages to which a view leads right after a message that it says in its own language."""
    tree = ast.parse(dedent(getsource(unwrap(view))))
    blocks = [each for each in ast.walk(tree) if isinstance(each, ast.With)]
    spoken = [each for each in blocks if "spoken_on" in ast.unparse(each.items[0])]
    for call in [each for each in ast.walk(tree) if isinstance(each, ast.Call)]:
        if ast.unparse(call.func) != "flash" or any(call in ast.walk(each) for each in spoken):
            continue
        returns = [each for each in ast.walk(tree) if isinstance(each, ast.Return)]
        after = [each for each in returns if each.lineno > call.lineno]
        last = min(after, key=lambda each: each.lineno, default=None)
        if last and (found := LEADS.match(ast.unparse(last))):
            yield found[1] if found[1][0] != "." else endpoint.partition(".")[0] + found[1]


def test_every_message_is_said_in_the_language_of_the_page_it_leads_to(canada):
    """Fails when a message for a begun page is in English, or one for an English page in French:
    `spoken_on` names the page.
    """
    led = {
        (endpoint, page)
        for endpoint, view in canada.app.view_functions.items()
        for page in pages_of_flashes(endpoint, view)
    }

    for tag, begun in BEGUN.items():
        mixed = [pair for pair in led if len({each in begun for each in pair}) > 1]
        assert not mixed, tag
    assert len(led) > 50


def test_a_new_password_is_told_in_the_language_of_signing_in(canada):
    """Fails when "Your password is changed." stands above "Se connecter"."""
    with canada.app.test_request_context(), unit_of_work():
        link = services.reset_link("ray@example.org")
    client = speaking(canada, None)
    path = link.removeprefix("http://localhost")
    held = ways.hidden(client.get(path).text)
    page = client.get(client.post(path, data=held | {"password": "a long day in May"}).location)

    assert LANG.search(page.text)[1] == "fr-CA"
    [flashed] = Page(page).all(cls="flash")
    assert "Your password" not in flashed.text


def test_a_day_in_french_may_be_today_or_a_weekday():
    """Fails where a day that is relative has an article, as in "until the today"."""
    with PO.open("rb") as file:
        known = dict(words_of(each) for each in read_po(file))
    told = {*relative_days("templates/**/*.html", FILTERED), *relative_days("forum/**/*.py", GIVEN)}

    assert len(told) > 9
    assert not [said for said, name in told if re.search(ARTICLE % name, known[said])]


def words_of(message):
    """First form of a message, and all forms of its translation in one."""
    if isinstance(message.id, tuple):
        return message.id[0], " ".join(message.string)
    return message.id, message.string


ARTICLE = r"\b(?:le|du|au|de|jusqu.à) %%\(%s\)s"
CALL = re.compile(
    r'\b(?:n?gettext|_)\(\s*((?:"[^"]*"\s*)+),((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)'
)
FILTERED = re.compile(r"(\w+)=[^,|]*\| (?:on_day|last_day|day)\b")
GIVEN = re.compile(r"(\w+)=(?:on_day|last_day|day)\(")


def relative_days(paths, written):
    """Sentences, each with the name of a day in it that is "today" for a while."""
    for path in ROOT.glob(paths):
        for words, values in CALL.findall(path.read_text()):
            for name in written.findall(values):
                yield re.sub(r'"\s*"', "", words.strip()).strip('"'), name
