from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.discussions.composer import Quoted
from forum.discussions.jobs import settle
from forum.discussions.models import Reply, Thread
from forum.policy.terms import AuthorMode, ContentNote
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING

HIDDEN = AuthorMode.THREAD_PSEUDONYM
NEXT_MORNING = EVENING.replace(day=3, hour=7)


def edit(world, who, post_id, **fields):
    client = world.client(who)
    url = world.url("discussions.edit", who=who, post_id=post_id)
    return client.post(url, data=client.tokens(url) | fields)


def test_named_post_changes_at_once_marked_edited(world):
    reply_id = world.reply("ray", "A kestrel")

    edit(world, "ray", reply_id, body="A *merlin*")

    shown = world.client("mo").get(world.thread).text
    assert "<em>merlin</em>" in shown
    assert "kestrel" not in shown
    assert "edited" in shown


def test_the_page_to_edit_says_that_a_closing_circle_is_only_read(world):
    """Fails when somebody types a change that is refused, and was not told before."""
    reply_id = world.reply("ray", "A kestrel")
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        home.closes_on = (world.moment + timedelta(days=20)).date()

    page = world.client("ray").get(world.url("discussions.edit", post_id=reply_id))

    assert "Until then you can read it and download your posts." in page.text


@pytest.mark.parametrize("works", [False, True], ids=["no worker", "worker"])
def test_masked_post_changes_at_next_slot(world, works):
    reply_id = world.reply("ray", "A kestrel", HIDDEN)
    world.moment = EVENING
    mo = world.client("mo")

    edit(world, "ray", reply_id, body="A merlin")
    early = mo.get(world.thread).text
    world.moment = NEXT_MORNING
    with world.app.app_context():
        done = settle() if works else {}
    late, found = (
        world.client("mo").get(world.thread).text,
        world.client("mo").search("merlin").text,
    )

    assert "A kestrel" in early
    assert "merlin" not in early
    assert "A merlin" in late
    assert "kestrel" not in late
    assert "edited" in late
    assert "<mark>merlin</mark>" in found
    assert done.get("changes", 1) == 1


def test_unseen_masked_post_changes_without_edited_mark(world):
    reply_id = world.reply("ray", "A kestrel", HIDDEN)

    edit(world, "ray", reply_id, body="A merlin")
    world.moment = EVENING

    shown = world.client("mo").get(world.thread).text
    assert "A merlin" in shown
    assert "edited" not in shown


@pytest.mark.parametrize("address", ["of its author", "of one's own"])
@pytest.mark.parametrize("who", ["mo", "pru", "nan"])
def test_only_its_author_may_amend_a_post(world, who, address):
    reply_id = world.reply("ray", "A kestrel")
    client = world.client(who)
    whose = "ray" if address == "of its author" else who

    url = world.url("discussions.edit", who=whose, post_id=reply_id)
    sent = client.submit(url, body="Mine now")

    assert sent.status_code == 404
    assert "A kestrel" in world.client("ray").get(world.thread).text


def test_amending_a_reflection_changes_title_and_notes(world):
    fields = {"template": "free", "field_story": "Another morning", "title": "Torn no more"}
    edit(world, "pru", world.ids["thread"], **fields, wish="ask_me", notes="colleague_death")

    shown = world.client("mo").get(world.thread).text
    assert "Torn no more" in shown
    assert "Ask me questions" in shown
    assert "a colleague's death" in shown
    assert "A hard morning" not in shown


@pytest.mark.parametrize("body", ["", "x" * 20_001])
def test_refused_amendment_returns_the_typed_text(world, body):
    reply_id = world.reply("ray", "A kestrel")

    sent = edit(world, "ray", reply_id, body=body)

    assert sent.status_code == 422
    assert Page(sent).field("body").value == body
    assert "A kestrel" in world.client("mo").get(world.thread).text


def test_second_masked_change_starts_from_the_first(world):
    reply_id = world.reply("ray", "A kestrel", HIDDEN)
    world.moment = EVENING
    edit(world, "ray", reply_id, body="A merlin, written anew over an hour")

    page = world.client("ray").get(world.url("discussions.edit", post_id=reply_id)).text

    assert "A merlin, written anew over an hour" in page
    assert "A kestrel" in world.client("mo").get(world.thread).text
    world.moment = NEXT_MORNING
    assert "A merlin" in world.client("mo").get(world.thread).text


def test_amendment_survives_asking_for_the_password(world):
    reply_id = world.reply("ray", "A kestrel", HIDDEN)
    world.moment = EVENING
    client, url = world.client("ray"), world.url("discussions.edit", post_id=reply_id)
    page = client.tokens(url)
    with client.session_transaction() as session:
        session.pop("given_at")

    asked = client.post(url, data=page | {"body": "A merlin", "do": "keep"})

    assert asked.status_code == 401
    assert "A merlin" in asked.text
    assert "A merlin" not in client.get(world.thread).text


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
def test_concurrent_amendments_ask_before_overwriting(world, mode):
    reply_id = world.reply("ray", "A kestrel", mode)
    world.moment = EVENING
    client, url = world.client("ray"), world.url("discussions.edit", post_id=reply_id)
    fields = client.tokens(url) | began(client.get(url))

    first, twice, other = (
        client.post(url, data=fields | {"body": body})
        for body in ("A merlin", "A merlin", "A kite")
    )
    assert (first.status_code, twice.status_code, other.status_code) == (303, 303, 409)
    assert "A kite" in other.text
    assert "A merlin" in client.get(url).text

    assert client.post(url, data=fields | began(other) | {"body": "A kite"}).status_code == 303
    assert "A kite" in client.get(url).text


@pytest.mark.parametrize(
    ("sent", "first"),
    [({"notes": ["suicide_or_self_harm"]}, "suicide or self-harm"), ({"wish": "ask_me"}, "Ask me")],
    ids=["content note", "wish"],
)
def test_a_stale_window_cannot_undo_what_it_never_saw(world, sent, first):
    """Fails when title and body alone are compared with what another window stored."""
    client = world.client("pru")
    url = world.url("discussions.edit", who="pru", post_id=world.ids["thread"])
    fields = client.tokens(url) | began(client.get(url))
    fields |= {"title": "Torn between two", "field_story": "A hard morning.", "wish": "advice"}
    kept_words = {"notes": [], "wish": "advice"} | sent

    assert client.post(url, data=fields | sent).status_code == 303
    stored = kept(world, Thread, world.ids["thread"])
    other = client.post(url, data=fields)

    assert other.status_code == 409
    assert first in Page(other).one("section", cls="notice").text
    assert kept(world, Thread, world.ids["thread"]) == stored
    assert client.post(url, data=fields | kept_words).status_code == 303  # as it is already
    assert client.post(url, data=fields | began(other)).status_code == 303
    assert kept(world, Thread, world.ids["thread"]) != stored


def test_a_change_calls_a_withdrawal_off_at_one_press(world):
    reply_id = world.reply("ray", "A kestrel", HIDDEN)
    world.moment = EVENING
    client, url = world.client("ray"), world.url("discussions.edit", post_id=reply_id)
    client.submit(world.url("discussions.withdraw", post_id=reply_id))

    fields = client.tokens(url) | began(client.get(url))

    assert client.post(url, data=fields | {"body": "A merlin"}).status_code == 303


def began(answer):
    return {"version": Page(answer).field("version").value}


def test_due_change_does_not_return_after_a_third(world):
    """The second text is due but not applied by the worker when the third is sent."""
    reply_id = world.reply("ray", "First words", HIDDEN)
    world.moment = EVENING
    edit(world, "ray", reply_id, body="Second words")
    world.moment += timedelta(hours=13)
    assert "Second words" in world.client("mo").get(world.thread).text

    edit(world, "ray", reply_id, body="Third words")

    shown = world.client("mo").get(world.thread).text
    assert "First words" not in shown
    assert "Second words" in shown


def test_quotation_is_deleted_with_its_source_text(world):
    source = world.reply("ray", "A kestrel over the road, and then a merlin")
    for who, excerpt in (("fay", "a kestrel over the road"), ("mo", "then a merlin")):
        world.reply(who, f"{who} answers", quoted=Quoted(source, excerpt.replace("a k", "A k")))

    edit(world, "ray", source, body="Only this: then a merlin")

    shown = world.client("ivy").get(world.thread).text
    assert shown.count("Dr Ray wrote:") == 1
    assert "kestrel" not in shown


def test_amending_a_withdrawn_post_returns_the_text(world):
    reply_id = world.reply("ray", "A kestrel")
    client, url = world.client("ray"), world.url("discussions.edit", post_id=reply_id)
    fields = client.tokens(url) | {"body": "Typed with care"}
    client.submit(world.url("discussions.withdraw", post_id=reply_id))

    sent = client.post(url, data=fields)

    assert sent.status_code == 409
    assert "Typed with care" in sent.text
    assert "Typed with care" not in client.get(world.thread).text


def kept(world, kind, post_id):
    """The post's row, and its circle's revision."""
    with world.app.app_context():
        row = db.session.execute(select(kind.__table__).filter_by(id=post_id)).one()
        return tuple(row), db.session.get(Circle, world.ids["rose"]).revision


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
def test_amending_with_unchanged_text_changes_nothing(world, mode):
    notes = (ContentNote.PATIENT_DEATH,)
    thread_id = world.present("ray", "Torn", "A kestrel", mode, notes=notes)
    reply_id = world.reply("ray", "A merlin", mode)
    world.moment = EVENING
    before = [kept(world, Thread, thread_id), kept(world, Reply, reply_id)]

    fields = {"template": "free", "field_story": "A kestrel", "title": "Torn"}
    answers = [
        edit(world, "ray", thread_id, **fields, wish="hear_me_out", notes="patient_death"),
        edit(world, "ray", reply_id, body=" A merlin\r\n"),
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert [kept(world, Thread, thread_id), kept(world, Reply, reply_id)] == before
    assert "edited" not in world.client("mo").get(world.thread).text
    assert "Changed." not in world.client("ray").get("/").text


def test_a_new_wish_alone_marks_post_edited(world):
    fields = {"template": "free", "field_story": "A hard morning.", "title": "Torn between two"}
    edit(world, "pru", world.ids["thread"], **fields, wish="ask_me")

    shown = world.client("mo").get(world.thread).text
    assert "Ask me questions" in shown
    assert "edited" in shown


def test_cancelled_masked_change_leaves_no_trace(world):
    reply_id = world.reply("ray", "A kestrel", HIDDEN)
    world.moment = EVENING
    edit(world, "ray", reply_id, body="A merlin")
    edit(world, "ray", reply_id, body="A kestrel")

    world.moment = NEXT_MORNING
    with world.app.app_context():
        settle()

    shown = world.client("mo").get(world.thread).text
    assert "A kestrel" in shown
    assert "edited" not in shown


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def test_an_edit_says_on_which_day(world, mode):
    """A mask's day is that of the slot at which its change appears, also before the worker came."""
    post_id = world.reply("ray", "One", mode)
    world.moment = EVENING + timedelta(hours=1)
    url = world.url("discussions.amend", post_id=post_id)
    client = world.client("ray")
    client.post(url, data=client.tokens(url) | {"body": "Two"})
    world.moment += timedelta(days=1)
    early = world.client("ivy").get(world.thread).text
    with world.app.app_context():
        settle()

    late = world.client("ivy").get(world.thread).text

    told = "edited today" if mode.masked else "edited yesterday"
    assert (told in early, told in late) == (True, True)


def test_a_masked_change_is_dated_by_its_slot(world):
    """Fails when the day of writing, not of the slot, stands in the row."""
    post_id = world.reply("ray", "One", HIDDEN)
    world.moment = EVENING + timedelta(hours=1)
    edit(world, "ray", post_id, body="Two")

    world.moment = NEXT_MORNING
    with world.app.app_context():
        settle()
        row = row_of(Reply, post_id)

        assert row.edited_on == NEXT_MORNING.date() != EVENING.date()
