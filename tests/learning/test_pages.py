"""Pages of learning notes: from a thread to a note, its list, changing and deleting it."""

from datetime import date

import pytest
from sqlalchemy import delete

from forum.core.db import db, unit_of_work
from forum.discussions.models import Reply, Thread
from forum.learning import queries, services
from forum.learning.note_content import NoteContent
from forum.policy.terms import Hidden
from tests.page import Page

WORDS = {"learned": "I am late when a talk frightens me", "will_change": "Say so at the door"}


def notes_of(world, who="ray"):
    with world.app.app_context():
        return [note.content for note in queries.notes(world.ids[who])]


def write(world, who="ray", **fields):
    content = NoteContent(**{"learned": "To wait", "day": date(2026, 3, 2)} | fields)
    with world.app.app_context(), unit_of_work():
        return services.write(world.ids[who], content)


def kept(client, world, **fields):
    """Fill in and send the form that a thread leads to."""
    page = client.get(Page(client.get(world.thread)).link("Keep what you learned")["href"])
    return client.post("/learning/new", data=form_of(page) | WORDS | fields)


def form_of(answer):
    """Fields of a page's form as they stand."""
    page = Page(answer)
    form = next(each for each in page.all("form") if each.all("textarea"))
    sent = {}
    for each in form.walk():
        if each.tag not in ("input", "textarea", "select") or "name" not in each.attributes:
            continue
        if each.get("type") not in ("radio", "checkbox") or "checked" in each.attributes:
            sent[each["name"]] = each.value
    return sent


def test_a_thread_leads_to_a_note_with_everything_filled_in(world):
    client = world.client("ray")

    answer = kept(client, world)

    [note] = notes_of(world)
    assert answer.location == "/learning?note=0"
    assert (note.learned, note.will_change) == (WORDS["learned"], WORDS["will_change"])
    assert (note.title, note.day) == ("Peer reflection, March 2026", date(2026, 3, 2))
    assert (note.scheme, note.kind, note.minutes) == ("uk_appraisal", "cpd", 10)
    listed = client.get(answer.location).text
    assert WORDS["will_change"] in listed
    assert "Saved. Only you can read it." in listed


def test_a_second_visit_leads_to_the_same_note(world):
    client = world.client("ray")
    kept(client, world)

    led = client.get(f"{world.thread}/learned")

    assert led.location == "/learning/0"
    assert world.client("pru").get(f"{world.thread}/learned").status_code == 200


def test_minutes_are_suggested_from_lengths_in_steps_of_five(world):
    world.reply("fay", "A long answer. " * 900)

    page = Page(world.client("ray").get(f"{world.thread}/learned"))

    assert page.field("minutes").value == "20"


def test_a_hidden_reply_takes_no_minutes(world):
    """Fails when the length of a post that nobody may read stands in its readers' pages."""
    reply = world.reply("fay", "A long answer. " * 900)
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Reply, (world.ids["rose"], reply)).hidden = Hidden.MODERATOR

    page = Page(world.client("ray").get(f"{world.thread}/learned"))

    assert page.field("minutes").value == "10"


def test_no_more_than_an_hour_is_suggested(world):
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Thread, (world.ids["rose"], world.ids["thread"])).blocks = 999

    page = Page(world.client("ray").get(f"{world.thread}/learned"))

    assert page.field("minutes").value == "60"


def test_words_are_kept_when_the_thread_is_erased_meanwhile(world):
    """Fails when the form is sent to an address of the thread."""
    client = world.client("ray")
    page = client.get(f"{world.thread}/learned")
    [action] = [each["action"] for each in Page(page).all("form") if each.all("textarea")]
    with world.app.app_context(), unit_of_work():
        db.session.execute(delete(Reply))
        db.session.execute(delete(Thread))

    answer = client.post(action, data=form_of(page) | WORDS)

    assert answer.status_code == 303
    assert notes_of(world)[0].learned == WORDS["learned"]


def test_a_note_without_words_comes_back_with_a_reason(world):
    answer = kept(world.client("ray"), world, learned=" ", will_change="", title="Mine")

    assert answer.status_code == 422
    assert "Write a line about what you learned" in Page(answer).error("learned")
    assert Page(answer).field("title").value == "Mine"


@pytest.mark.parametrize(
    ("field", "sent", "said"),
    [
        ("learned", "x" * 20_001, "At most 20,000 characters, please."),
        ("minutes", "601", "Use a number from 0 to 600."),
        ("minutes", "ten", "We could not read this. Check it and try again."),
        ("day", "yesterday", "Choose a day, such as 12/05/2026."),
        ("day", "9999-01-01", "Choose a day from 1970 to 2027."),
        ("day", "0206-05-12", "Choose a day from 1970 to 2027."),
        ("day", "2028-01-01", "Choose a day from 1970 to 2027."),
        ("title", "x" * 121, "At most 120 characters, please."),
    ],
)
def test_what_is_wrong_is_said_beside_it(world, field, sent, said):
    answer = kept(world.client("ray"), world, **{field: sent})

    assert answer.status_code == 422
    assert said in Page(answer).error(field)
    assert WORDS["will_change"] in answer.text
    assert notes_of(world) == []


def test_twenty_thousand_characters_fit(world):
    assert kept(world.client("ray"), world, learned="é" * 20_000).status_code == 303
    assert len(notes_of(world)[0].learned) == 20_000


def test_a_form_pressed_twice_writes_one_note(world):
    client = world.client("ray")
    sent = form_of(client.get("/learning/new")) | WORDS

    assert {client.post("/learning/new", data=sent).location for _ in range(2)} == {
        "/learning?note=0"
    }
    client.post("/learning/new", data=sent | {"learned": "Something else, after going back"})

    assert len(notes_of(world)) == 2


def test_a_sealed_thread_of_somebody_else_marks_nothing(world):
    """Fails when the thread's id travels unsealed, or sealed for everybody."""
    prus = form_of(world.client("pru").get(f"{world.thread}/learned"))["about"]

    world.client("ray").submit("/learning/new", about=prus, **WORDS)

    [note] = notes_of(world)
    assert note.thread_mark == ""
    assert str(world.ids["thread"]) not in prus


def test_a_note_is_changed_for_another_scheme(world):
    write(world, scheme="uk_appraisal", kind="quality_improvement", domain="trust", minutes=30)
    client = world.client("ray")
    page = client.get("/learning/0")
    assert Page(page).field("domain").value == "trust"

    answer = client.post("/learning/0", data=form_of(page) | {"scheme": "au_cpd"})

    [note] = notes_of(world)
    assert answer.location == "/learning/0"
    assert (note.scheme, note.kind, note.domain) == ("au_cpd", "educational", "")
    split = form_of(client.get("/learning/0")) | {"split_1": "10", "split_2": "5"}
    client.post("/learning/0", data=split | {"ticks": ["professionalism", "made up"]})
    [note] = notes_of(world)
    assert note.split == {"reviewing_performance": 10, "measuring_outcomes": 5}
    assert note.ticks == ("professionalism",)
    more = client.post("/learning/0", data=form_of(client.get("/learning/0")) | {"split_1": "40"})
    assert "These are more than the minutes of the note." in Page(more).error("minutes")


def test_a_change_made_elsewhere_shows_both_texts(world):
    write(world, scheme="uk_appraisal")
    client = world.client("ray")
    stale = form_of(client.get("/learning/0"))
    for _pressed_twice in range(2):
        sent = client.post("/learning/0", data=stale | {"learned": "From my phone"})
        assert sent.status_code == 303

    answer = client.post("/learning/0", data=stale | {"learned": "From my desk"})

    assert answer.status_code == 422
    assert "From my phone" in answer.text
    assert Page(answer).field("learned").value == "From my desk"
    client.post("/learning/0", data=form_of(answer))
    assert notes_of(world)[0].learned == "From my desk"


def test_a_deleted_note_leaves_its_pages(world):
    write(world)
    client = world.client("ray")

    client.submit("/learning/0/delete")

    assert client.get("/learning/0").status_code == 404
    assert "To wait" not in client.get("/learning").text
    assert client.get("/learning").text.count("No notes yet") == 1


def test_notes_are_listed_by_year_with_their_total(world):
    write(world, minutes=40, scheme="uk_appraisal")
    write(world, learned="To ask", day=date(2025, 5, 1), minutes=15, scheme="uk_appraisal")
    client = world.client("ray")

    page = client.get("/learning?year=2025")

    assert "To ask" in page.text
    assert "To wait" not in page.text
    assert "0.25 credits in one note" in Page(page).text
    assert "0.75 credits in 2 notes" in Page(client.get("/learning")).text  # 55 minutes
    assert client.get("/learning?year=1999").text.count("learning-note") == 2


def test_search_finds_words_in_own_notes_alone(world):
    write(world, learned="Ask for the café key")
    write(world, learned="To wait")
    write(world, "pru", learned="A cafe of Pru's")
    client = world.client("ray")

    answer = client.submit("/learning", words="CAFE ask")

    found = client.get(answer.location)
    assert "cafe" not in answer.location.casefold()
    assert Page(found).text.count("Ask for the café key") == 1
    assert "To wait" not in found.text
    assert "Pru's" not in Page(found).text
    assert world.client("pru").get(answer.location).location == "/learning"


def test_a_long_list_has_pages_and_one_number_of_statements(world):
    for number in range(30):
        write(world, learned=f"Lesson {number}")
    client = world.client("ray")

    assert client.get("/learning?page=2").text.count('class="learning-note"') == 5
    assert client.get("/learning?page=3").status_code == 404


def test_a_thread_has_no_trace_of_who_kept_what(world):
    before = world.client("pru").get(world.thread).text
    client = world.client("ray")
    kept(client, world)

    after = world.client("pru").get(world.thread).text

    assert before.count("learned") == after.count("learned")
    for page in (client.get("/learning").text, client.get("/learning/0").text):
        for word in ("Rose", "Torn between two", str(world.ids["thread"]), str(world.ids["rose"])):
            assert word not in page
