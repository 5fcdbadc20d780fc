"""A content note suggested by a reader: read by the presenter alone, of nobody in particular."""

from datetime import timedelta

from forum.core.db import db, unit_of_work
from forum.discussions import post_queries, posts
from forum.discussions.models import NameNote
from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.world import EVENING, World

HIDDEN = AuthorMode.THREAD_PSEUDONYM
SAID = "A colleague suggests a content note"


def suggest(world, thread, who="ray", note="patient_death", language=None):
    client, page = world.client(who), f"{thread}/content-note"
    if language:
        client.set_cookie("l", language)
    return client.post(page, data=client.tokens(page) | {"note": note})


def reading(world):
    """Who reads a suggestion anywhere that they may open."""
    rose = f"/circles/{world.ids['rose']}"
    pages = ("/", f"{rose}/messages", f"{rose}/your-words", f"{rose}/moderators", world.thread)
    return {
        who
        for who in ("pru", "ray", "fay", "mo")
        for page in pages
        if SAID in world.client(who).get(page).text
    }


def test_the_presenter_alone_reads_it_and_not_who_suggests_it(world):
    thread = f"/circles/{world.ids['rose']}/threads/{world.present('pru', 'Told', 'Her words.')}"

    sent = suggest(world, thread)

    assert sent.status_code == 303
    assert reading(world) == {"pru"}
    read = Page(world.client("pru").get(f"/circles/{world.ids['rose']}/messages"))
    assert "a patient's death" in read.text
    assert "Ray" not in read.text


def test_a_note_that_stands_already_is_not_offered(world):
    thread = f"/circles/{world.ids['rose']}/threads/{world.present('pru', 'Told', 'Her words.')}"

    refused = suggest(world, thread, note="no such note")

    assert refused.status_code == 422
    with world.app.app_context():
        assert db.session.query(NameNote).count() == 0


def test_to_a_hidden_name_all_are_told_that_a_message_waits(world):
    told = world.present("pru", "Told", "Her words.", mode=HIDDEN)
    world.moment = EVENING + timedelta(minutes=1)

    suggest(world, f"/circles/{world.ids['rose']}/threads/{told}")

    home = f"/circles/{world.ids['rose']}/"
    waits = "A message is waiting for a hidden name in this circle."
    assert all(waits in world.client(who).get(home).text for who in ("pru", "ray", "fay", "mo"))
    assert reading(world) == {"pru"}


def test_after_withdrawal_nothing_is_suggested(world):
    told = world.present("pru", "Told", "Her words.")
    thread = f"/circles/{world.ids['rose']}/threads/{told}"
    with world.app.app_context(), unit_of_work():
        pru = world.standing("pru")
        posts.withdraw(pru, post_queries.any_post(pru, told))

    assert world.client("ray").get(f"{thread}/content-note").status_code in (403, 404)


def test_no_language_of_a_page_tells_who_suggests(tmp_path):
    """Fails when a suggestion is worded, or its day written, in its sender's language."""
    world = World(tmp_path, LANGUAGES=("en-GB", "de"))
    told = world.present("pru", "Told", "Her words.")

    suggest(world, f"/circles/{world.ids['rose']}/threads/{told}", language="de")

    read = Page(world.client("pru").get(f"/circles/{world.ids['rose']}/messages"))
    assert "your reflection of 2 March: a patient's death" in read.text


def test_a_suggestion_sent_again_counts_once(tmp_path):
    """Fails when one form, sent again and again, tells how much its member has suggested today."""
    world, met = World(tmp_path, RATELIMIT_ENABLED=True), {}
    suggest(world, world.thread, "kit")
    for who in ("kit", "joe"):
        client, page = world.client(who), f"{world.thread}/content-note"
        sent = client.tokens(page) | {"note": "violence_or_abuse"}
        met[who] = [client.post(page, data=sent).status_code for _ in range(11)]

    assert met["kit"] == met["joe"]
