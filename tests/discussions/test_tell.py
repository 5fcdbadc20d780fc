"""Ways to tell a reflection: their list, their fields, their titles, and what they bring along."""

from dataclasses import replace

import pytest

from forum.core.db import db
from forum.discussions import courses
from forum.discussions.models import Thread
from forum.rounds.catalogue import catalogue, shipped
from forum.web.round_catalogue import NAME
from tests.page import Page
from tests.world import EVENING

OWN = """
key = "corridor"
version = 1
order = 3
name = "In the corridor"
line = "A word between two doors."
on = true

[[fields]]
key = "word"
prompt = "Which word?"
required = true
"""


def composer_of(world, client):
    return client.get(f"/circles/{world.ids['rose']}/write").location


def told_by(world, client, way):
    """The address of a composer for a way to tell."""
    composer = composer_of(world, client)
    client.post(composer, data=fields(client, composer) | {"to": way})
    return composer


def fields(client, composer):
    return Page(client.get(composer)).one("form", id="typed").fields()


def send(world, client, composer, **typed):
    """Look it over and post; the answer of the page that refused, or the thread."""
    sent = client.post(composer, data=fields(client, composer) | typed | {"do": "look"})
    if sent.status_code != 303:
        return sent
    client.submit(sent.location)
    with world.app.app_context():
        return db.session.query(Thread).order_by(Thread.appears_at.desc(), Thread.id).all()


def newest_of(world, title):
    with world.app.app_context():
        [found] = [each for each in db.session.query(Thread) if each.title == title]
        return found.id, (courses.course(found).chosen.key if found.course else "")


def offered(world, client):
    page = Page(client.get(composer_of(world, client)))
    return [each["value"] for each in page.all("button", name="to")]


def test_a_new_circle_lists_its_ways_with_a_line_each(world):
    page = Page(world.client("pru").get(composer_of(world, world.client("pru"))))

    ways = page.one("ul", cls="ways-to-tell").all("li")
    assert [each.one("button").text for each in ways] == [
        "Over the kettle", "What? So what? Now what?", "Between patient and doctor",
        "Learning from an event", "Torn between", "Running the practice",
    ]  # fmt: skip
    assert all(each.one("span", cls="hint").text for each in ways)


def test_a_circle_switches_ways_to_tell(world):
    mo, page = world.client("mo"), f"/circles/{world.ids['rose']}/ways-to-talk"
    form = Page(mo.get(page))
    sent = {
        "rounds": ["questions_first"],
        "templates": ["gibbs", "quick_question"],
        "version": form.one("input", name="version")["value"],
        "tells": "1",
    }

    assert mo.submit(page, **sent).status_code == 303
    assert offered(world, world.client("pru")) == ["gibbs", "quick_question"]
    assert mo.submit(page, **(sent | {"templates": []})).status_code == 409  # from an older page
    client = world.client("pru")
    composer = told_by(world, client, "dilemma")
    assert Page(client.get(composer)).field("template").value == "free"


def test_an_operators_way_stands_in_the_list(world, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "corridor.1.toml").write_text(OWN)
    world.app.extensions[NAME] = catalogue(tmp_path)
    client = world.client("pru")

    composer = told_by(world, client, "corridor")

    assert "corridor" in offered(world, client)
    assert Page(client.get(composer)).field("field_word")
    send(world, client, composer, field_word="Sorry.", title="A word", mode="own_name")
    thread, _ = newest_of(world, "A word")
    url = f"/circles/{world.ids['rose']}/threads/{thread}"
    assert "Sorry." in world.client("ray").get(url).text


def test_changing_the_way_loses_nothing_on_any_page(world):
    client = world.client("pru")
    composer = told_by(world, client, "what_so_what_now_what")
    typed = {
        "field_what": "First words", "field_so_what": "Second words",
        "field_now_what": "Third words",
    }  # fmt: skip

    for way in ("relationship", "dilemma", "kettle", "learning_event", "practice_matter", "free"):
        client.post(composer, data=fields(client, composer) | typed | {"to": way})
        typed = {}
        boxes = fields(client, composer)
        text = "\n".join(value for key, value in boxes.items() if key.startswith("field_"))
        assert all(words in text for words in ("First words", "Second words", "Third words"))

    story = fields(client, composer)["field_story"]
    assert story.index("First") < story.index("Second") < story.index("Third")


@pytest.mark.parametrize(("way", "box"), [("free", "field_story"), ("kettle", "field_on_my_mind")])
def test_a_line_over_the_kettle_needs_no_title(world, way, box):
    client = world.client("pru")
    composer = told_by(world, client, way) if way != "free" else composer_of(world, client)
    assert "Title (optional" in client.get(composer).text

    send(world, client, composer, mode="own_name", **{box: "**So** tired after the night visit."})

    first = "So tired after the night visit."
    thread, _ = newest_of(world, first)
    listed = world.client("ray").get(f"/circles/{world.ids['rose']}/").text
    page = Page(world.client("ray").get(f"/circles/{world.ids['rose']}/threads/{thread}"))
    assert first in listed
    assert page.one("h1").text == first


def test_a_line_without_a_word_says_so_in_lists(world):
    """Fails when a line of dashes leaves a link without a text."""
    world.present("ray", "", "---")

    assert "Without a title" in Page(world.client("ivy").get("/")).text


def test_other_ways_ask_for_a_title(world):
    client = world.client("pru")
    composer = told_by(world, client, "dilemma")

    sent = send(world, client, composer, mode="own_name", field_dilemma="To stay or to go.")

    assert sent.status_code == 422
    assert "Add a title" in Page(sent).error("title")
    assert Page(sent).field("field_dilemma").value == "To stay or to go."


def test_a_content_note_stands_in_place_of_the_first_words(world):
    client = world.client("pru")
    words = {"field_story": "She died on my birthday.", "notes": ["patient_death"]}

    send(world, client, composer_of(world, client), mode="own_name", **words)

    listed = world.client("ray").get(f"/circles/{world.ids['rose']}/").text
    thread, _ = newest_of(world, "A patient's death")
    assert "my birthday" not in listed
    page = Page(world.client("ray").get(f"/circles/{world.ids['rose']}/threads/{thread}"))
    assert page.one("h1").text == "A patient's death"


def test_a_title_of_first_words_follows_them(world):
    """Fails where a detail that was changed in the text stays in the title."""
    client = world.client("pru")
    send(world, client, composer_of(world, client), mode="own_name", field_story="Mrs B from Elm.")
    thread, _ = newest_of(world, "Mrs B from Elm.")
    edit = world.url("discussions.edit", who="pru", post_id=thread)
    form = fields_of(client, edit)
    assert form["title"] == ""

    changed = client.post(edit, data=form | {"field_story": "Somebody from here.", "do": "keep"})

    assert changed.status_code == 303
    newest_of(world, "Somebody from here.")
    listed = world.client("ray").get(f"/circles/{world.ids['rose']}/").text
    assert "Mrs B" not in listed


def fields_of(client, url):
    forms = Page(client.get(url)).all("form", cls="composer")
    return forms[0].fields()


def test_a_choice_is_asked_for_and_shown(world):
    client = world.client("pru")
    composer = told_by(world, client, "learning_event")
    typed = {"field_what_happened": "A result was missed.", "title": "Missed", "mode": "own_name"}

    refused = send(world, client, composer, **typed)

    assert "Choose one of these." in refused.text
    assert Page(refused).field("field_what_happened").value == "A result was missed."
    send(world, client, composer, **typed, field_reported_elsewhere="not_needed")
    thread, _ = newest_of(world, "Missed")
    page = world.client("ray").get(f"/circles/{world.ids['rose']}/threads/{thread}").text
    assert "Not needed" in page
    assert "Has that been seen to?" in page


def test_a_choice_is_no_text_of_another_way(world):
    client = world.client("ray")
    composer = told_by(world, client, "learning_event")
    typed = {"field_what_happened": "It went wrong.", "field_reported_elsewhere": "not_needed"}

    client.post(composer, data=fields(client, composer) | typed | {"to": "free"})

    assert fields(client, composer)["field_story"] == "It went wrong."


@pytest.mark.parametrize(
    ("wish", "talk"),
    [
        ("hear_me_out", ""),
        ("ask_me", "inviting_change"),
        ("been_there", ""),
        ("advice", "questions_first"),
        ("no_reply", ""),
    ],
)
def test_the_wish_fills_in_how_we_talk(world, wish, talk):
    client = world.client("pru")
    composer = composer_of(world, client)
    page = Page(client.get(composer))
    assert page.one("form", id="typed").fields()["talk"] == "suits"
    assert "For “Advice welcome” we suggest Questions first." in page.text
    typed = {"field_story": "Words", "title": "Filled in", "mode": "own_name", "wish": wish}

    send(world, client, composer, **typed)

    assert newest_of(world, "Filled in")[1] == talk


@pytest.mark.parametrize(
    ("way", "talk"), [("relationship", "balint_style"), ("practice_matter", "")]
)
def test_a_way_to_tell_brings_how_we_talk(world, way, talk):
    mo, page = world.client("mo"), f"/circles/{world.ids['rose']}/ways-to-talk"
    version = Page(mo.get(page)).one("input", name="version")["value"]
    mo.submit(page, rounds=["questions_first", "balint_style"], version=version)
    client = world.client("pru")
    composer = composer_of(world, client)
    client.post(composer, data=fields(client, composer) | {"talk": "questions_first", "to": way})
    form = fields(client, composer)
    assert form["talk"] == "suits"
    box = next(key for key in form if key.startswith("field_"))

    send(world, client, composer, **{box: "Words", "title": "Brought", "mode": "own_name"})

    assert newest_of(world, "Brought")[1] == talk


def test_a_newer_version_drops_no_text_of_drafts_and_threads(world):
    client = world.client("pru")
    composer = told_by(world, client, "what_so_what_now_what")
    typed = {"field_what": "First", "field_so_what": "Second", "field_now_what": "Third"}
    client.post(composer, data=fields(client, composer) | typed | {"do": "save"})
    other = told_by(world, client, "what_so_what_now_what")
    send(world, client, other, **typed, title="Before", mode="own_name")
    thread, _ = newest_of(world, "Before")
    known = shipped()
    old = known.template("what_so_what_now_what", 1)
    newer = replace(old, version=2, fields=old.fields[:1])
    world.app.extensions[NAME] = replace(known, templates={**known.templates, (old.key, 2): newer})

    edit = fields_of(client, world.url("discussions.edit", who="pru", post_id=thread))

    for form in (fields(client, composer), edit):
        assert form["field_what"].split("\n\n") == ["First", "Second", "Third"]
    url = f"/circles/{world.ids['rose']}/threads/{thread}"
    assert "Second" in world.client("ray").get(url).text


def test_a_masked_line_without_a_title_shows_at_its_slot(world):
    client = world.client("ray")
    composer = composer_of(world, client)
    send(world, client, composer, mode="thread_pseudonym", field_story="Nobody knows.")
    early = world.client("ivy").get(f"/circles/{world.ids['rose']}/").text
    world.moment = EVENING

    assert "Nobody knows." not in early
    assert "Nobody knows." in world.client("ivy").get(f"/circles/{world.ids['rose']}/").text


def test_the_composer_tells_of_a_round_that_runs_beside(world):
    client = world.client("ivy")
    assert "runs beside it" not in client.get(composer_of(world, client)).text
    world.present("pru", "Told", "Words.", talk="questions_first", wish="advice")

    page = client.get(composer_of(world, client)).text.replace("\u00a0", " ")

    assert page.count("Another of this kind runs until Fri 20 Mar; yours runs beside it.") == 1
