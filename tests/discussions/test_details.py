"""Details by which somebody may be recognised are shown to their writer before anybody reads them.

Fails when a text is posted unasked, asked about twice, or when what was found leaves a trace.
"""

from datetime import timedelta
from uuid import UUID

import pytest

from forum.circles.queries import circle
from forum.core.db import db, unit_of_work
from forum.discussions import decisions, jobs, thread_queries
from forum.discussions.models import Draft, Reply, Thread
from forum.policy.terms import AuthorMode
from forum.web.language import COOKIE
from tests import engine as engine_of_tests
from tests.circles.test_pairs import pair
from tests.discussions.test_drafts import Window, area
from tests.page import Page
from tests.world import EVENING, World, transactions_of

PHONE = "Ring him on 07700 900123 if it helps."
NAMED = "I asked Mrs Exampleton about it, and she laughed."
AGED = "A 47-year-old with a cough; I have been there."
CLEAN = "I have been there, and it was hard."
STORY = "A 15-year-old girl was taken to Sampleton Surgery before her wedding."
TOLD = {"template": "free", "title": "A journey", "wish": "hear_me_out", "mode": "own_name"}
HIDDEN = AuthorMode.THREAD_PSEUDONYM


def erased(world):
    """The worker's runs until what was withdrawn by name can no longer come back."""
    world.moment += timedelta(minutes=41)
    with world.app.app_context():
        jobs.settle()
        jobs.erase()


def form_of(page):
    """Fields that a page has for what was found, as it stands."""
    shown = Page(page)
    names = {each.get("name", "") for each in shown.walk()}
    found = {name: "" for name in names if name == "looked" or name.startswith("reason-")}
    return {"version": shown.field("version").value} | found


def uses(page):
    """Suggestions of a page: label of the button -> its value."""
    buttons = Page(page).all("button", name="use")
    return {each.text.removeprefix("Use “").removesuffix("”"): each["value"] for each in buttons}


class Desk:
    """Somebody who writes, from composer to post."""

    def __init__(self, world, who="ray"):
        self.world, self.client = world, world.client(who)

    def reply(self, body, do="own_name"):
        """Press the button of a reply; gives the answer and the page that it leads to."""
        sent = self.client.answer(self.world.thread, body=body, do=do)
        return sent, self.client.get(sent.location)

    def tell(self, body, **more):
        composer = self.client.get(f"/circles/{self.world.ids['rose']}/write").location
        window = Window(self.client, composer, **TOLD | {"field_story": body} | more)
        sent = window.press("look")
        return sent.location, self.client.get(sent.location)

    def press(self, url, page, **answers):
        return self.client.post(url, data=self.client.tokens_of(page) | form_of(page) | answers)


@pytest.fixture
def ray(world):
    return Desk(world)


def seen_by_others(world):
    return world.client("mo").get(world.thread).text


def rows(world, kind):
    with world.app.app_context():
        return db.session.query(kind).all()


def kept(world, kind=Reply):
    """Decisions of every row of a kind."""
    with world.app.app_context():
        return [decisions.from_json(row.decisions) for row in db.session.query(kind)]


@pytest.mark.parametrize("body", [CLEAN, AGED])
def test_a_reply_with_nothing_to_ask_goes_in_one_step(world, ray, body):
    sent, _page = ray.reply(body)

    assert "/posts/" in sent.location
    assert body in seen_by_others(world)


@pytest.mark.parametrize("body", [PHONE, NAMED])
def test_a_reply_with_something_to_ask_waits_on_a_page(world, ray, body):
    sent, page = ray.reply(body)

    assert "/drafts/" in sent.location
    assert "<mark" in page.text
    assert body not in seen_by_others(world)


def test_what_stops_is_posted_only_with_a_reason(world, ray):
    sent, page = ray.reply(PHONE)
    [reason] = [name for name in form_of(page) if name.startswith("reason-")]

    refused = [ray.press(sent.location, page, **{reason: value}) for value in ("", "because")]
    ticked = ray.press(sent.location, page, looked="1")
    posted = ray.press(sent.location, page, **{reason: "helpline"})

    assert [answer.status_code for answer in (*refused, ticked)] == [422] * 3
    assert 'role="alert"' in refused[0].text
    assert (posted.status_code, PHONE in seen_by_others(world)) == (303, True)
    assert [each.choice for each in kept(world)[0]] == [decisions.Choice.HELPLINE]


def test_ones_own_number_is_no_reason_in_a_group(ray):
    sent, page = ray.reply(PHONE)
    [reason] = [name for name in form_of(page) if name.startswith("reason-")]

    refused = ray.press(sent.location, page, **{reason: "own"})

    assert refused.status_code == 422
    assert "my own, and I mean to share it" not in page.text


def test_ones_own_number_may_be_shared_in_a_pair(world, ray):
    there = pair(world)
    composer = ray.client.get(f"{there}write").location
    window = Window(ray.client, composer, **TOLD | {"field_story": "Ring me on 07700 900123."})
    sent = window.press("look")
    page = ray.client.get(sent.location)
    [reason] = [name for name in form_of(page) if name.startswith("reason-")]

    posted = ray.press(sent.location, page, **{reason: "own"})

    assert "my own, and I mean to share it" in page.text
    assert posted.status_code == 303
    assert "07700 900123" in world.client("pru").get(there).text
    told = [each for each in kept(world, Thread) if each]
    assert [each.choice for each in told[0]] == [decisions.Choice.OWN]


def test_what_is_to_be_confirmed_takes_one_tick(world, ray):
    sent, page = ray.reply(f"{NAMED} Mr Sampleford was there too.")

    unticked = ray.press(sent.location, page)
    posted = ray.press(sent.location, page, looked="1")

    assert (unticked.status_code, posted.status_code) == (422, 303)
    assert len(kept(world)[0]) == 2


def test_a_story_is_loosened_press_by_press_and_posted(world, ray):
    url, page = ray.tell(STORY, mode=str(HIDDEN))
    for words in ("a teenager", "the surgery"):
        url = ray.press(url, page, use=uses(page)[words]).location.partition("#")[0]
        page = ray.client.get(url)

    posted = ray.press(url, page)
    world.moment = EVENING

    [told] = [each for each in rows(world, Thread) if each.id != world.ids["thread"]]
    with world.app.app_context():
        thread = thread_queries.thread(world.standing("mo"), told.id)
        assert thread.body == "A teenager was taken to the surgery before her wedding."
    assert posted.status_code == 303


def test_a_name_is_loosened_wherever_it_stands(world, ray):
    url, page = ray.tell("Mrs Exampleton rang. I liked Mrs Exampleton.", title="Mrs Exampleton")

    ray.press(url, page, use=uses(page)["the patient"])

    looked = ray.client.get(url).text
    assert "Exampleton" not in looked
    assert "The patient rang. I liked the patient." in looked


def test_words_that_were_kept_are_not_asked_about_again(world, ray):
    sent, page = ray.reply(NAMED)
    post_id = UUID(ray.press(sent.location, page, looked="1").location.rpartition("/")[2])
    edit = world.url("discussions.edit", post_id=post_id)

    again = Window(ray.client, edit).press("keep", body=f"{NAMED} She laughed twice.")
    other = Window(ray.client, edit).press("keep", body=f"{NAMED} Mr Sampleford did not.")

    assert (again.status_code, other.status_code) == (303, 422)
    assert "You checked this before" in other.text
    assert len(Page(other).all("mark")) == 2


def test_a_kept_detail_does_not_excuse_a_graver_one(world, ray):
    """Fails when what was confirmed as a name lets the number through that stands in its place."""
    sent, page = ray.reply(NAMED)
    post_id = UUID(ray.press(sent.location, page, looked="1").location.rpartition("/")[2])
    edit = Window(ray.client, world.url("discussions.edit", post_id=post_id))

    assert edit.press("keep", body=f"{NAMED} 07700 900123", looked="1").status_code == 422


def test_a_change_is_loosened_in_its_box(world, ray):
    edit = Window(ray.client, world.url("discussions.edit", post_id=world.reply("ray", CLEAN)))
    asked = edit.press("keep", body=NAMED)

    loose = edit.press("keep", body=NAMED, use=uses(asked)["the patient"])
    saved = edit.press("keep", body=area(loose, "body"))

    assert (asked.status_code, loose.status_code, saved.status_code) == (422, 200, 303)
    assert "I asked the patient about it" in seen_by_others(world)


def test_what_was_decided_survives_half_an_answer(world, ray):
    sent, page = ray.reply(f"{PHONE} {NAMED}")
    [reason] = [name for name in form_of(page) if name.startswith("reason-")]
    half = ray.press(sent.location, page, looked="1")
    assert half.status_code == 422

    assert ray.press(sent.location, page, **{reason: "teaching"}).status_code == 303


def test_a_composer_is_told_how_many_there_are_as_one_types(world, ray):
    window = Window(ray.client, ray.client.get(f"{world.thread}/answer").location)

    counts = [window.keep(body=body).json["found"] for body in (CLEAN, PHONE, PHONE + NAMED)]

    assert counts == [
        "",
        "One detail that could identify someone.",
        "Two details that could identify someone.",
    ]


def test_what_was_found_is_shown_before_a_name_is_chosen(world, ray):
    window = Window(ray.client, ray.client.get(f"{world.thread}/answer").location)

    page = ray.client.get(window.press("check", body=PHONE).location)

    assert "a phone number" in page.text
    assert "Edit" in page.text
    assert "two random words, chosen when you post" not in page.text


@pytest.mark.parametrize("own", ["Yours, Ray", "Write to ray@example.org"])
def test_the_writers_own_tells_are_found(world, ray, own):
    _sent, page = ray.reply(f"{CLEAN}\n\n{own}")

    assert "<mark" in page.text


@pytest.mark.leaks
def test_hidden_names_of_ones_own_are_looked_for_after_the_password_alone(world, ray):
    """Fails when who sits before an open session can learn masks by trying their names."""
    world.reply("ray", CLEAN, HIDDEN)
    with world.app.app_context():
        [label] = [row.author.name for row in db.session.query(Reply)]
    composer = ray.client.get(f"{world.thread}/answer").location

    def page(body):
        return ray.client.get(Window(ray.client, composer).press("check", body=body).location).text

    fresh = page(f"I heard {label} say so.")
    with ray.client.session_transaction() as session:
        session["given_at"] = 0
    stale = page(f"I heard {label} say that.")

    assert "something of your own" in fresh
    assert "something of your own" not in stale


@pytest.mark.leaks
def test_a_digest_is_another_in_every_post_and_holds_no_words(world, ray):
    for _ in range(2):
        sent, page = ray.reply(NAMED)
        ray.press(sent.location, page, looked="1")

    [one], [other] = kept(world)

    assert one.digest != other.digest
    assert not [each for each in rows(world, Draft)]
    with world.app.app_context():
        texts = [row.decisions for row in db.session.query(Reply)]
    assert not [text for text in texts if "Exampleton" in text or "exampleton" in text]


@pytest.mark.leaks
def test_what_was_found_stands_in_no_file_and_no_log(world, ray, caplog):
    canary = "Mrs Zyxwvution"
    sent, page = ray.reply(f"I asked {canary} about it.")
    ray.press(sent.location, page, looked="1")

    found = [path for path in world.files() if b"Zyxwvution" in path.read_bytes()]

    assert "Zyxwvution" in seen_by_others(world)
    assert not found
    assert "Zyxwvution" not in caplog.text


@pytest.mark.leaks
def test_nobody_else_sees_what_was_found_and_no_row_tells_a_mask(world, ray):
    for mode in (AuthorMode.OWN_NAME, HIDDEN):
        sent, page = ray.reply(NAMED, do=str(mode))
        ray.press(sent.location, page, looked="1")
    world.reply("ray", CLEAN, HIDDEN)
    world.reply("ray", CLEAN)
    world.moment = EVENING

    with world.app.app_context():
        sealed = {(row.author.mode, row.body): len(row._decisions) for row in
                  db.session.query(Reply)}  # fmt: skip

    assert "<mark" not in seen_by_others(world)
    assert "Nobody could be recognised" not in seen_by_others(world)
    for body in (NAMED, CLEAN):
        assert sealed[AuthorMode.OWN_NAME, body] == sealed[HIDDEN, body]


def test_a_draft_of_no_ones_own_is_not_looked_over(world, ray):
    sent, _page = ray.reply(NAMED)

    assert world.client("mo").get(sent.location).status_code == 404
    assert world.client("mo").submit(sent.location, looked="1").status_code == 404


def test_withdrawn_words_leave_no_decision(world, ray):
    sent, page = ray.reply(NAMED)
    post_id = UUID(ray.press(sent.location, page, looked="1").location.rpartition("/")[2])

    ray.client.submit(world.url("discussions.withdraw", post_id=post_id))
    erased(world)

    assert kept(world) == [()]


def test_in_french_a_page_says_that_names_are_not_checked(tmp_path):
    world = World(tmp_path, LANGUAGES=("en-GB", "fr-CA"))
    desk = Desk(world)
    desk.client.set_cookie(COOKIE, "fr-CA")

    sent, page = desk.reply("J'ai vu Mme Exampleton. Appelez le 07700 900123.")
    named, _page = desk.reply("J'ai vu Mme Exampleton hier.")

    assert "Les noms et les lieux ne sont pas vérifiés dans cette langue." in page.text
    assert "un numéro de téléphone" in page.text
    assert "Exampleton</mark>" not in page.text
    assert ("/drafts/" in sent.location, "/posts/" in named.location) == (True, True)


def test_a_clean_reply_costs_as_many_statements_as_before(world, ray):
    """Fails when the check asks the database more often than the page does without it: 30,
    of which four see whether a post has the draft's id, one whether it is sent again, and one that
    the story has not gone meanwhile; and on PostgreSQL a lock."""
    composer = ray.client.get(f"{world.thread}/answer").location
    fields = ray.client.tokens(composer) | {"body": CLEAN, "do": "own_name"}
    with world.app.app_context():
        engine = db.engine

    with transactions_of(engine) as done:
        assert ray.client.post(composer, data=fields).status_code == 303

    assert sum(map(len, done)) <= 30 + engine_of_tests.IS_POSTGRESQL


def test_in_a_rural_circle_two_details_that_meet_are_enough(world, ray):
    shepherd = "A 47-year-old shepherd with a cough; I have been there."
    elsewhere, _page = ray.reply(shepherd)
    with world.app.app_context(), unit_of_work():
        circle(world.standing("mo")).rural = True

    rural, page = ray.reply(f"{shepherd} Twice.")

    assert "/posts/" in elsewhere.location
    assert "/drafts/" in rural.location
    assert "together these can point to one person" in page.text
