import re

import pytest

from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.discussions import drafts
from forum.policy.terms import AuthorMode
from tests.engine import of_sqlite
from tests.page import Page
from tests.world import EVENING, World

TOLD = {
    "template": "free",
    "field_story": "She asked for *nothing*, dose > 5 mg.",
    "title": "A quiet visit",
    "wish": "hear_me_out",
    "mode": "own_name",
    "do": "look",
}


def write(world, client, **fields):
    """Send a new reflection's composer as its page would; returns the response."""
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    return client.post(composer, data=client.tokens(composer) | TOLD | fields)


def area(answer, name):
    return Page(answer).field(name).value


def test_reflection_is_posted_in_four_requests(world):
    client = world.client("ray")
    where = client.get(Page(client.get("/")).link("Write")["href"])  # with one circle, on at once
    composer = client.get(where.location).location
    names = Page(client.get(composer)).all("input", name="mode")
    assert not any("checked" in each.attributes for each in names)  # no name is preselected

    looked = client.post(composer, data=client.tokens(composer) | TOLD)
    page = client.get(looked.location).text
    posted = client.submit(looked.location)

    assert "<em>nothing</em>, dose &gt; 5 mg." in page
    assert "It will appear straight away" in page
    assert Page(page).button("Post").text == "Post as Dr Ray"
    shown = client.get(client.get(posted.location).location).text
    assert "A quiet visit" in shown
    assert "A quiet visit" in world.client("mo").get(f"/circles/{world.ids['rose']}/").text


@pytest.mark.parametrize("mode", ["own_name", "thread_pseudonym"])
def test_second_text_from_posted_page_is_posted(world, mode):
    client = world.client("ray")
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    fields = client.tokens(composer) | TOLD | {"mode": mode}
    client.submit(client.post(composer, data=fields).location)

    other = fields | {"field_story": "Another day."}
    back = client.post(composer, data=other)
    assert (back.status_code, area(back, "field_story")) == (422, "Another day.")
    anew = Page(back).one("form", cls="composer")["action"]
    assert anew != composer
    client.submit(client.post(anew, data=other).location)

    world.moment = EVENING
    home = world.client("mo").get(f"/circles/{world.ids['rose']}/").text
    assert home.count("A quiet visit") == 2


def test_masked_reflection_waits_for_its_slot(world):
    client = world.client("ray")

    looked = write(world, client, mode="thread_pseudonym")
    assert "Post with my name hidden" in client.get(looked.location).text
    said = client.get(client.submit(looked.location).location).text

    label = re.search(r"It will appear about 7 this evening as (\w+ \w+)\.", said)[1]
    circle = f"/circles/{world.ids['rose']}/"
    assert "A quiet visit" not in world.client("mo").get(circle).text
    world.moment = EVENING
    assert label in world.client("mo").get(circle).text
    [row] = [
        each for each in Page(world.client("mo").get(circle)).all("li") if "A quiet" in each.text
    ]
    assert "Dr Ray" not in row.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": "x" * 201}, "At most 200 characters"),
        ({"field_story": ""}, "Enter a few words."),
        ({"field_story": "x" * 20_001}, "At most 20,000 characters"),
        ({"mode": ""}, "Choose the name it appears under."),
        ({"mode": "pseudonym"}, "Choose one of the options shown."),
        ({"wish": "money"}, "Choose one of the options shown."),
        ({"notes": "spoilers"}, "Choose one of the options shown."),
    ],
)
def test_missing_field_shows_an_error_beside_it(world, fields, said):
    answer = write(world, world.client("ray"), **fields)

    assert answer.status_code == 422
    assert said in answer.text
    assert area(answer, "field_story") == (TOLD | fields)["field_story"]


def test_changing_template_keeps_the_text(world):
    client = world.client("ray")

    prompted = write(world, client, to="what_so_what_now_what", do="")
    page = client.get(prompted.location)
    assert area(page, "field_what") == TOLD["field_story"]
    fields = {"template": "what_so_what_now_what", "field_what": "One", "field_so_what": "Two"}
    back = client.post(
        prompted.location,
        data=client.tokens(prompted.location) | TOLD | fields | {"to": "free", "do": ""},
    )

    assert area(client.get(back.location), "field_story") == "One\n\nTwo"


def test_draft_can_be_saved_found_and_discarded(world):
    client = world.client("ray")
    circle = f"/circles/{world.ids['rose']}/"

    kept = write(world, client, title="", mode="", do="save")
    assert area(client.get(kept.location), "field_story") == TOLD["field_story"]
    assert kept.location in client.get(circle).text
    assert "Continue draft" not in world.client("mo").get(circle).text
    assert world.client("mo").get(kept.location).text.count(TOLD["field_story"]) == 0

    looked = client.post(kept.location, data=client.tokens(kept.location) | TOLD).location
    page = client.get(looked).text
    assert "<button>Throw" not in page
    assert f'href="{looked}/discard"' in page
    asked = client.get(f"{looked}/discard").text
    assert "Delete this draft?" in asked
    assert kept.location in client.get(circle).text  # GET deletes nothing
    client.submit(f"{looked}/discard")
    assert kept.location not in client.get(circle).text
    assert client.get(looked).status_code == 404


def test_masked_draft_is_shown_only_after_password(world):
    client = world.client("ray")
    circle = f"/circles/{world.ids['rose']}/"
    looked = write(world, client, mode="circle_voice").location
    assert client.get(looked).status_code == 200

    with client.session_transaction() as session:
        session.pop("given_at")
    assert client.get(looked).status_code == 200  # in hand: written in this browser
    with client.session_transaction() as session:
        session.pop("writing")

    assert "A quiet visit" not in client.get(circle).text
    for url in (looked, f"{looked}/discard"):
        assert client.get(url).status_code == 303
        assert "A quiet visit" not in client.get(url).text


def test_posting_requires_agreement_to_changed_rules(world):
    from forum.circles.models import Circle
    from forum.core.randomness import new_id

    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).rules = new_id()
    client = world.client("ray")

    looked = write(world, client).location
    assert "Post as" not in client.get(looked).text
    assert client.submit(looked).status_code == 403
    assert "A quiet visit" in client.get(looked).text
    assert client.get(world.thread).status_code == 200


@pytest.mark.parametrize("members", [6, 5])
def test_review_page_states_the_anonymity_set(world, members):
    with world.app.app_context(), unit_of_work():
        for who in ("joe", "kit")[: 7 - members]:
            leave(world.ids[who], world.ids["rose"])
    client = world.client("ray")

    page = client.get(client.get(f"/circles/{world.ids['rose']}/write").location).text

    hint = "You are one of six who could have written it. Appears about 7 this evening."
    assert (hint in page) is (members == 6)
    missing = "in a reflection once six people have joined; there are five now. Write today"
    assert (missing in page) is (members == 5)
    assert "could find out" in page
    open_to_all = re.sub(r"<details.*?</details>", "", page, flags=re.S)
    assert "You joined this week, so people may guess it is you." in open_to_all


def test_folded_reflection_shows_its_content_notes(world):
    client = world.client("ray")
    looked = write(world, client, notes=["patient_death", "medical_error"]).location

    posted = client.get(client.submit(looked).location).location
    page = Page(client.get(posted))

    summaries = [each.text for each in page.all("summary")]
    assert any(s.startswith("Content note: a patient's death, a medical error") for s in summaries)


def test_second_text_under_an_id_is_refused(world):
    thread = world.present("ray", "First", "Words")
    with world.app.app_context():
        from forum.core.errors import InvalidInput
        from forum.discussions import posts
        from forum.discussions.composer import Reflection

        standing = world.standing("ray")
        words = Reflection("First", {"story": "Words"}, mode=AuthorMode.OWN_NAME)
        with unit_of_work():
            assert posts.present(standing, thread, words).id == thread
        with pytest.raises(InvalidInput), unit_of_work():
            posts.present(
                standing, thread, Reflection("Second", {"story": "Words"}, mode=AuthorMode.OWN_NAME)
            )


@pytest.mark.leaks
@pytest.mark.parametrize("changed", ["mode", "field_story"])
def test_only_the_reviewed_version_is_posted(world, changed):
    """The review page stays open in a window while another changes the draft."""
    client = world.client("ray")
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    fields = client.tokens(composer) | TOLD | {"mode": "thread_pseudonym"}
    looked = client.post(composer, data=fields).location
    seen = Page(client.get(looked)).field("version").value
    other = {"mode": "own_name", "field_story": "Other words"}[changed]
    client.post(composer, data=fields | {changed: other})

    pressed = client.submit(looked, version=seen)

    assert pressed.location == looked
    assert "A quiet visit" not in world.client("mo").get(f"/circles/{world.ids['rose']}/").text
    seen = Page(client.get(looked)).field("version").value
    assert client.submit(looked, version=seen).location != looked


def test_draft_beyond_the_limit_returns_its_text(world, monkeypatch):
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 2)
    client = world.client("ray")
    kept = [write(world, client, do="save") for _ in range(2)]
    assert [answer.status_code for answer in kept] == [303, 303]

    told = write(world, client, do="save")
    answered = client.answer(world.thread, body="And I", do="save")

    assert (told.status_code, answered.status_code) == (422, 422)
    assert area(told, "field_story") == TOLD["field_story"]
    assert area(answered, "body") == "And I"
    assert "delete one first" in told.text
    assert write(world, world.client("mo"), do="save").status_code == 303
    fields = client.tokens(kept[0].location) | TOLD | {"field_story": "More", "do": "save"}
    assert client.post(kept[0].location, data=fields).status_code == 303


@pytest.mark.parametrize("kind", ["reflection", "reply"])
def test_two_windows_on_a_draft_lose_nothing(world, kind):
    """The later window gets its text back under a new id, to be saved beside the first."""
    client = world.client("ray")
    start = (
        f"/circles/{world.ids['rose']}/write" if kind == "reflection" else f"{world.thread}/answer"
    )
    field, told = ("field_story", TOLD) if kind == "reflection" else ("body", {"body": ""})
    composer = client.get(start).location
    one = other = fields_of(client.get(composer)) | told | {"do": "save"}

    client.post(composer, data=one | {field: "Written for an hour"})
    twice = client.post(composer, data=one | {field: "Written for an hour"})
    later = client.post(composer, data=other | {field: "Another line"})
    again = Page(later).one("form", cls="composer")["action"]
    kept = client.post(again, data=fields_of(later) | other | {field: "Another line"})

    assert (twice.status_code, later.status_code, kept.status_code) == (303, 422, 303)
    assert area(later, field) == "Another line"
    assert area(client.get(composer), field) == "Written for an hour"
    assert area(client.get(kept.location), field) == "Another line"
    page = fields_of(client.get(composer)) | told | {field: "And went on", "do": "save"}
    assert client.post(composer, data=page).status_code == 303


def fields_of(answer):
    """Hidden fields of a composer's page."""
    sent = Page(answer).fields()
    return {name: sent[name] for name in ("csrf_token", "began")}


def test_rate_limit_page_says_draft_is_kept(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    client = world.client("ray")

    for _ in range(10):
        posted = client.submit(write(world, client, mode="thread_pseudonym").location)
        assert posted.status_code == 303
    looked = write(world, client, mode="thread_pseudonym").location
    refused = client.submit(looked)

    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 86_400
    assert "Your draft is saved: post it later." in refused.text
    assert "A quiet visit" in refused.text
    assert client.get(looked).status_code == 200


def test_rate_limit_page_shows_no_masked_draft(tmp_path):
    """An onlooker at an open session sends a button they were never shown."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    client = world.client("ray")
    for _ in range(10):
        client.submit(write(world, client, mode="thread_pseudonym").location)
    looked = write(world, client, mode="thread_pseudonym").location
    with client.session_transaction() as session:
        session.pop("given_at")
        session.pop("writing")

    refused = client.submit(looked)

    assert refused.status_code == 401
    assert "A quiet visit" not in refused.text


@of_sqlite
def test_busy_page_says_draft_is_kept(world, monkeypatch):
    monkeypatch.setattr("forum.core.db.WRITE_WAIT", 50)
    with world.app.app_context():
        db.engine.dispose()  # new connections take the shorter timeout
    client = world.client("ray")
    looked = write(world, client).location
    token = client.tokens(looked)
    with world.app.app_context():
        taken = db.engine.raw_connection()
        taken.driver_connection.execute("BEGIN IMMEDIATE")
        refused = client.post(looked, data=token)
        taken.driver_connection.rollback()
        taken.close()

    assert refused.status_code == 503
    assert "Your draft is saved: please try again" in refused.text
    assert client.submit(looked).status_code == 303
