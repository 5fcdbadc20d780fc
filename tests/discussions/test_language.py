"""A post says its language: found from its text, changed by its author, told of nobody."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.discussions import jobs
from forum.discussions.composer import Quoted
from forum.discussions.models import Reply, Thread
from forum.policy.terms import AuthorMode
from forum.web.language import COOKIE
from tests.discussions.test_tell import composer_of, fields_of, send
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING, World

FRENCH = "J'ai eu une matinée difficile avec une patiente, et je ne sais pas quoi en faire."
ENGLISH = "I had a hard morning with a patient, and I do not know what to do with it."


def marked(world, text, who="ivy"):
    """Value of lang= around a post; None without one."""
    bodies = Page(world.client(who).get(world.thread)).all("div", cls="post-body")
    [body] = [each for each in bodies if text in each.text]
    return body.get("lang")


@pytest.mark.parametrize(("text", "tag"), [(FRENCH, "fr"), (ENGLISH, "en"), ("OK.", None)])
def test_a_reply_is_marked_with_its_language(world, text, tag):
    world.client("ray").answer(world.thread, body=text, do="own_name")

    assert marked(world, text) == tag


def test_an_opening_and_its_title_are_marked(world):
    thread = world.present("ray", "Une matinée", FRENCH)

    page = Page(world.client("ivy").get(f"/circles/{world.ids['rose']}/threads/{thread}"))

    assert page.one("h1")["lang"] == "fr"
    assert page.all("div", cls="post-body")[0]["lang"] == "fr"


def test_the_author_changes_it(world):
    reply = world.reply("ray", "Bof.")
    client, url = world.client("ray"), world.url("discussions.edit", post_id=reply)
    fields = client.tokens(url) | {"body": "Bof.", "do": "keep", "text_language": "fr"}
    version = Page(client.get(url)).one("input", name="version").value

    assert client.post(url, data=fields | {"version": version}).status_code == 303
    assert marked(world, "Bof.") == "fr"
    assert Page(client.get(url)).one("select", name="text_language").value == "fr"

    version = Page(client.get(url)).one("input", name="version").value
    client.post(url, data=fields | {"version": version, "text_language": "", "body": ENGLISH})
    assert marked(world, ENGLISH) == "en"


def test_a_choice_is_kept_in_the_draft_and_checked(world):
    client = world.client("ray")
    composer = client.get(f"{world.thread}/answer").location
    fields = client.tokens(composer) | {"body": "Bof.", "text_language": "fr"}
    client.post(composer, data=fields | {"do": "save"})

    assert Page(client.get(composer)).one("select", name="text_language").value == "fr"
    refused = client.post(composer, data=fields | {"do": "own_name", "text_language": "xx"})
    assert refused.status_code == 422


def test_a_withdrawn_post_keeps_no_language(world):
    reply = world.reply("ray", FRENCH)
    client = world.client("ray")
    client.submit(world.url("discussions.withdraw", post_id=reply))
    world.moment += timedelta(minutes=41)

    with world.app.app_context():
        jobs.settle()
        jobs.erase()
        assert row_of(Reply, reply).language == ""
        assert db.session.scalars(select(Thread)).one().language == ""


@pytest.mark.leaks
def test_a_masked_text_has_the_same_language_whoever_writes(tmp_path):
    """Fails when the default comes from the account or its pages: a French reader's "OK." would
    be marked as French, and there may be one of them.
    """
    told = {}
    for tag in ("en-GB", "fr-CA"):
        world = World(tmp_path / tag, LANGUAGES=("en-GB", "fr-CA"))
        client = world.client("ray")
        client.set_cookie("l", tag)
        for text in ("OK.", FRENCH):
            composer = client.get(f"{world.thread}/answer").location
            fields = client.tokens(composer) | {"body": text, "do": "thread_pseudonym"}
            look = client.post(composer, data=fields).location
            version = Page(client.get(look)).one("input", name="version").value
            fields = client.tokens(look) | {"version": version}
            assert client.post(look, data=fields).status_code == 303
        with world.app.app_context():
            rows = db.session.scalars(select(Reply)).all()
            told[tag] = sorted((row.body, row.language) for row in rows)
            assert len({len(row._language) for row in rows}) == 1  # as long for none
            assert all(row.author.mode is AuthorMode.THREAD_PSEUDONYM for row in rows)
        world.moment = EVENING
        assert marked(world, "OK.") is None
        assert marked(world, FRENCH) == "fr"

    assert told["en-GB"] == told["fr-CA"] == [(FRENCH, "fr"), ("OK.", "")]


TITLE = "Une matinée qui ne finit pas"


def languages(element, text, language=""):
    """Languages in which an element's text nodes with these words are marked, innermost first."""
    language, found = element.get("lang", language), []
    for child in element.children:
        if not isinstance(child, str):
            found += languages(child, text, language)
        elif text in child and element.tag not in ("title", "textarea", "option"):
            found.append(language)
    return found


def everywhere(world, thread, reply):
    """Pages on which words of posts stand: who opens which."""
    here = f"/circles/{world.ids['rose']}"
    url = f"{here}/threads/{thread}"
    return {
        "home": ("ivy", "/"),
        "answered on home": ("ray", "/"),
        "circle": ("ivy", f"{here}/"),
        "thread": ("ivy", url),
        "reply": ("ivy", world.client("ivy").get(f"{url}/answer").location),
        "save": ("ivy", f"{url}/keep"),
        "saved": ("ivy", "/saved"),
        "note": ("ivy", world.url("discussions.content_note", thread_id=thread)),
        "urgent": ("ivy", world.url("moderation.concern", thread_id=thread)),
        "found": ("ivy", "/search?q=patiente"),
        "own posts": ("ray", f"{here}/your-words"),
        "withdraw": ("ray", world.url("discussions.withdrawing", post_id=thread)),
        "own round": ("ray", world.url("discussions.own_round", post_id=thread)),
        "drafts": ("joe", "/drafts"),
        "flag": ("ivy", world.url("moderation.flag", who="ivy", post_id=thread)),
        "moderate": ("mo", world.url("moderation.care", post_id=thread)),
        "moderate a reply": ("mo", world.url("moderation.care", post_id=reply)),
    }


@pytest.fixture
def told(world):
    """Words of one language on pages of another: a thread, a reply that quotes it, a draft."""
    thread = world.present("ray", TITLE, FRENCH)
    quoted = Quoted(thread, "J'ai eu une matinée difficile")
    reply = world.reply("pru", f"Oui. {FRENCH}", quoted=quoted, thread_id=thread)
    world.client("ivy").submit(f"/circles/{world.ids['rose']}/threads/{thread}/keep", saved="y")
    joe = world.client("joe")
    composer = joe.get(f"/circles/{world.ids['rose']}/threads/{thread}/answer").location
    joe.post(composer, data=joe.tokens(composer) | {"body": FRENCH, "do": "save"})
    return everywhere(world, thread, reply)


PAGES = (
    *("home", "answered on home", "circle", "thread", "reply", "save", "saved", "note", "urgent"),
    *("found", "own posts", "withdraw", "own round", "drafts", "flag", "moderate"),
    "moderate a reply",
)


@pytest.mark.parametrize("page", PAGES)
def test_words_of_posts_are_marked_on_every_page(world, told, page):
    who, url = told[page]

    answer = world.client(who).get(url, follow_redirects=True)

    found = languages(Page(answer), "matinée")
    assert found
    assert set(found) == {"fr"}


def test_a_quotation_is_marked_as_its_source_is(world):
    source = world.reply("ray", FRENCH)
    world.reply("ivy", ENGLISH, quoted=Quoted(source, "J'ai"))  # too few words to tell by

    page = Page(world.client("pru").get(world.thread))

    assert page.one("div", cls="excerpt").one("p")["lang"] == "fr"


def test_a_placeholder_is_in_the_pages_language(world):
    thread = world.present("ray", TITLE, FRENCH)
    world.client("ray").submit(world.url("discussions.withdraw", post_id=thread))

    page = Page(world.client("ivy").get(f"/circles/{world.ids['rose']}/threads/{thread}"))

    assert page.one("h1").text == "Withdrawn reflection"
    assert page.one("h1").get("lang") is None


def test_desk_marks_titles_with_their_language(world):
    world.present("ray", TITLE, FRENCH)
    world.moment += timedelta(days=3)

    page = Page(world.client("mo").get(world.url("moderation.desk")))

    assert set(languages(page, "matinée")) == {"fr"}


@pytest.fixture
def canada(tmp_path):
    return World(tmp_path, LANGUAGES=("en-GB", "fr-CA"))


def reading(world, who, tag):
    client = world.client(who)
    client.set_cookie(COOKIE, tag)
    return client


@pytest.mark.parametrize("page", ["en-GB", "fr-CA"])
@pytest.mark.parametrize(
    ("text", "title"),
    [(ENGLISH, "A patient's death"), (FRENCH, "La mort d\u2019un patient"), ("OK.", None)],
)
def test_a_title_from_notes_is_in_the_language_of_its_text(canada, page, text, title):
    """Fails where a title tells in which language its writer, behind a hidden name, reads."""
    client = reading(canada, "ray", page)

    send(
        *(canada, client, composer_of(canada, client)),
        **{"mode": "thread_pseudonym", "field_story": text, "notes": ["patient_death"]},
    )

    assert titles(canada) == {"Torn between two", title or "A patient's death"}


@pytest.mark.parametrize("page", ["en-GB", "fr-CA"])
def test_a_title_from_notes_is_never_taken_as_typed(canada, page):
    client = reading(canada, "pru", page)
    typed = {"field_story": FRENCH, "notes": ["patient_death"], "mode": "own_name"}
    send(canada, client, composer_of(canada, client), **typed)
    with canada.app.app_context():
        [thread] = [each.id for each in db.session.query(Thread) if each.title[:2] == "La"]
    edit = canada.url("discussions.edit", who="pru", post_id=thread)
    form = fields_of(client, edit)
    assert form["title"] == ""

    client.post(edit, data=form | {"field_story": ENGLISH, "text_language": "", "do": "keep"})

    assert titles(canada) == {"Torn between two", "A patient's death"}
    assert fields_of(client, edit)["title"] == ""


def titles(world):
    with world.app.app_context():
        return {each.title for each in db.session.query(Thread)}
