"""Drafts save themselves, refuse to overwrite each other, and are listed."""

from datetime import timedelta
from uuid import UUID

import pytest

from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import drafts, jobs, thread_queries
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.models import Draft
from forum.policy.terms import AuthorMode
from tests.accounts.people import sign_in
from tests.page import Page
from tests.world import EVENING

TOLD = {"template": "free", "field_story": "A quiet visit", "title": "", "wish": "hear_me_out"}
HIDDEN = {"csrf_token", "began", "tab", "version"}


def fields_of(page):
    """Hidden fields of a composer's page."""
    return {name: value for name, value in Page(page).fields().items() if name in HIDDEN}


def area(page, name):
    return Page(page).field(name).value


def kept_drafts(world):
    with world.app.app_context():
        return db.session.query(Draft).count()


@pytest.fixture
def composer(world):
    return world.client("ray").get(f"/circles/{world.ids['rose']}/write").location


@pytest.fixture
def answering(world):
    return world.client("ray").get(f"{world.thread}/answer").location


class Window:
    """A browser tab with a composer and its autosave script."""

    def __init__(self, client, url, **typed):
        self.client, self.url = client, url
        self.fields = fields_of(client.get(url)) | typed

    def keep(self, **typed):
        self.fields |= typed
        answer = self.client.post(self.url, data=self.fields | {"do": "auto"})
        if answer.is_json and "began" in answer.json:
            self.fields["began"] = answer.json["began"]
        return answer

    def press(self, do, **typed):
        return self.client.post(self.url, data=self.fields | typed | {"do": do})


def test_autosave_replaces_the_draft_each_time(world, composer):
    window = Window(world.client("ray"), composer, **TOLD)

    kept = [window.keep(field_story=f"A quiet visit, {word}") for word in ("and", "then", "home")]

    assert [answer.status_code for answer in kept] == [200] * 3
    assert area(world.client("ray").get(composer), "field_story") == "A quiet visit, home"
    assert kept_drafts(world) == 1


def test_draft_stores_the_chosen_author_mode(world, composer):
    Window(world.client("ray"), composer, **TOLD).keep(mode="thread_pseudonym")

    page = Page(world.client("ray").get(composer))
    assert page.field("mode").value == "thread_pseudonym"
    assert "A quiet visit" not in world.client("ray").get("/drafts").text
    assert "A quiet visit" in world.client("ray").get("/drafts/hidden").text


def test_reviewed_reply_keeps_its_author_mode(world, answering):
    window = Window(world.client("ray"), answering, body="Half a thought")
    window.press("thread_pseudonym")
    Window(world.client("ray"), answering, body="A whole thought").keep()

    assert "A whole thought" not in world.client("ray").get("/drafts").text
    assert "with your name hidden" in world.client("ray").get("/drafts/hidden").text


def test_masked_draft_is_listed_only_after_password(world, composer):
    Window(world.client("ray"), composer, **TOLD).keep(mode="thread_pseudonym")
    client = world.client("ray")
    with client.session_transaction() as session:
        session["given_at"] = 0

    assert 'type="password"' in client.get("/drafts/hidden", follow_redirects=True).text


@pytest.mark.leaks
@pytest.mark.parametrize("hides_first", [True, False])
def test_masked_draft_does_not_affect_reply_address(world, hides_first):
    """Fails when only the thread's first draft is looked at, and skipped under a hidden name."""
    modes = [AuthorMode.THREAD_PSEUDONYM, AuthorMode.OWN_NAME]
    with world.app.app_context():
        standing = world.standing("ray")
        thread = thread_queries.thread(standing, world.ids["thread"])
        for number, mode in enumerate(modes if hides_first else reversed(modes)):
            with unit_of_work():  # drafts of a day are ordered by id
                drafts.save(standing, UUID(int=number), ReplyWords(f"{mode}", mode), thread)
    client = world.client("ray")
    with client.session_transaction() as session:
        session["given_at"] = 0

    assert area(client.get(client.get(f"{world.thread}/answer").location), "body") == "own_name"


def test_drafts_page_lists_every_circle(world):
    for who, circle in (("mo", "rose"), ("nan", "oak")):
        client = world.client(who)
        url = client.get(f"/circles/{world.ids[circle]}/write").location
        Window(client, url, **TOLD).keep(title=f"Told in {circle}")

    assert "Told in rose" in world.client("mo").get("/drafts").text
    assert "Told in oak" not in world.client("mo").get("/drafts").text


@pytest.mark.parametrize("first", ["keeps", "is pressed"])
def test_second_window_cannot_overwrite_a_draft(world, composer, first):
    one = Window(world.client("ray"), composer, **TOLD)
    other = Window(world.client("ray"), composer, **TOLD)
    if first == "keeps":
        assert one.keep(field_story="An hour of writing").status_code == 200
    else:
        assert one.press("save", field_story="An hour of writing").status_code == 303

    refused = other.keep(field_story="A line")
    later = other.press("save", field_story="A line")

    assert (refused.status_code, later.status_code) == (409, 422)
    assert "changed in another window" in refused.json["said"]
    assert area(later, "field_story") == "A line"
    assert area(world.client("ray").get(composer), "field_story") == "An hour of writing"


def test_page_may_save_again_after_lost_response(world, composer):
    window = Window(world.client("ray"), composer, **TOLD)
    began = window.fields["began"]
    window.keep(field_story="The answer to this is lost on the way")
    window.fields["began"] = began

    assert window.keep(field_story="More words").status_code == 200


def test_autosave_after_posting_stores_no_draft(world, answering):
    window = Window(world.client("ray"), answering, body="I know this.")
    assert window.press("own_name").status_code == 303

    refused = window.keep(body="I know this. And")

    assert refused.status_code == 409
    assert refused.json["said"].startswith("This has already been posted.")
    assert kept_drafts(world) == 0


def test_autosave_reports_a_refused_draft(world, composer):
    window = Window(world.client("ray"), composer, **TOLD)

    long = window.keep(field_story="x" * 20_001)
    window.fields["csrf_token"] = "stale"
    stale = window.keep(field_story="x")

    assert (long.status_code, stale.status_code) == (422, 422)
    assert "20,000 characters" in long.json["said"]
    assert kept_drafts(world) == 0


def test_autosave_without_session_reports_an_error(world, composer):
    window = Window(world.client("ray"), composer, **TOLD)
    window.client = world.client()

    assert window.keep().status_code == 401
    assert kept_drafts(world) == 0


@pytest.mark.parametrize("where", ["write", "answer", "edit"])
def test_sign_in_returns_to_the_composer(world, composer, answering, where):
    url = {"write": composer, "answer": answering}.get(where)
    url = url or world.url("discussions.edit", post_id=world.reply("ray", "A kestrel"))
    client = world.client()

    page = client.get(client.get(url).location)
    back = sign_in(client, "ray", at=page)

    assert back.location == url
    assert client.get(back.location).status_code == 200


def test_another_member_is_not_redirected_there(world, composer):
    client = world.client("ray")
    world.moment += timedelta(days=31)
    page = client.get(client.get(composer).location)

    assert sign_in(client, "fay", at=page).location == "/"


@pytest.mark.parametrize("way_on", ["https://evil.example/", "//evil.example", "/circles/"])
def test_sign_in_redirects_to_no_foreign_address(world, way_on):
    client = world.client()
    page = client.get(f"/sign-in?next={way_on}")

    assert sign_in(client, "ray", at=page).location == "/"


@pytest.fixture(params=[AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def edit(world, request):
    """Address of the composer for a change to Ray's reply."""
    reply_id = world.reply("ray", "A kestrel", request.param)
    world.moment = EVENING
    return world.url("discussions.edit", post_id=reply_id)


def test_draft_of_a_change_leaves_post_unchanged(world, edit):
    Window(world.client("ray"), edit, body="A red kite").keep()

    assert "A kestrel" in world.client("mo").get(world.thread).text
    page = world.client("ray").get(edit)
    assert area(page, "body") == "A red kite"
    assert "here is your draft" in page.text


def test_button_saves_a_change_without_script(world, edit):
    saved = Window(world.client("ray"), edit).press("save", body="A red kite")

    assert saved.location == edit
    assert area(world.client("ray").get(edit), "body") == "A red kite"


def test_amending_deletes_the_draft(world, edit):
    window = Window(world.client("ray"), edit, body="A red kite")
    window.keep()

    assert window.press("keep").status_code == 303
    assert kept_drafts(world) == 0


def test_withdrawing_deletes_the_draft_of_a_change(world, edit):
    Window(world.client("ray"), edit, body="A red kite").keep()

    world.client("ray").submit(edit.replace("/edit", "/withdraw"))
    world.moment += timedelta(minutes=41)
    with world.app.app_context():
        jobs.settle()
        jobs.erase()

    assert kept_drafts(world) == 0


def test_a_draft_posted_meanwhile_is_not_called_deleted(world):
    """Fails when whoever presses "Delete draft" on a page from before reads that nothing was
    posted."""
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    look = ray.post(
        composer, data=ray.tokens(composer) | {"body": "A hobby", "do": "check"}
    ).location
    gone = Page(ray.get(look)).link("Delete draft")["href"]
    form = Page(ray.get(gone)).form("/discard").fields()
    fields = Page(ray.get(composer)).form(composer).fields()
    assert ray.post(composer, data=fields | {"do": "own_name"}).status_code == 303

    ray.post(gone, data=form)

    said = ray.get(world.thread).text
    assert "A hobby" in said
    assert "Draft deleted" not in said
    assert "This draft is gone: it was deleted, or posted." in said


def test_discarded_change_does_not_become_a_reply(world, edit):
    Window(world.client("ray"), edit, body="A red kite").keep()
    ray = world.client("ray")

    answering = ray.get(ray.get(f"{world.thread}/answer").location)
    assert area(answering, "body") == ""
    gone = Page(ray.get(edit)).link("Delete draft")["href"]
    form = Page(ray.get(gone)).form("/discard").fields()
    answers = [ray.post(gone, data=form) for _ in range(2)]  # pressed twice

    assert [each.status_code for each in answers] == [303, 303]
    assert ray.post(gone, data=form | {"token": ""}).status_code == 404
    assert area(ray.get(edit), "body") == "A kestrel"


def test_draft_of_a_change_cannot_be_published(world, edit):
    Window(world.client("ray"), edit, body="A red kite").keep()
    ray = world.client("ray")
    look = Page(ray.get(edit)).link("Delete draft")["href"].removesuffix("/discard")

    assert ray.get(look).location == edit
    assert ray.submit(look).location == edit
    assert "A red kite" not in world.client("mo").get(world.thread).text


def test_second_window_cannot_overwrite_a_change(world, edit):
    one, other = (Window(world.client("ray"), edit) for _ in range(2))
    one.keep(body="A red kite")

    assert other.keep(body="A buzzard").status_code == 409
    refused = other.press("save", body="A buzzard")
    assert (refused.status_code, area(refused, "body")) == (409, "A buzzard")
    again = fields_of(refused) | {"body": "A buzzard", "do": "save"}
    assert other.client.post(edit, data=again).status_code == 303


@pytest.mark.parametrize(
    ("left", "stay"),
    [((), set()), (("joe",), {"reply"}), (("joe", "kit"), {"reply", "reflection"})],
    ids=["seven", "six", "five"],
)
def test_purge_keeps_drafts_waiting_for_members(world, left, stay):
    """A change to a masked post waits for nobody, and is purged like named drafts."""
    post_id = world.reply("ray", "A kestrel", AuthorMode.THREAD_PSEUDONYM)
    with world.app.app_context():
        standing = world.standing("ray")
        thread = thread_queries.thread(standing, world.ids["thread"])
        hidden, named = AuthorMode.THREAD_PSEUDONYM, AuthorMode.OWN_NAME
        with unit_of_work():
            drafts.save(standing, new_id(), Reflection("reflection", mode=hidden), None)
            drafts.save(standing, new_id(), ReplyWords("reply", hidden), thread)
            drafts.save(standing, new_id(), ReplyWords("by name", named), thread)
            drafts.save(standing, post_id, ReplyWords("change", hidden), thread, amends=True)
        with unit_of_work():
            for who in left:
                leave(world.ids[who], world.ids["rose"])
    world.moment += timedelta(days=15)
    with world.app.app_context():
        jobs.settle()
        jobs.erase()
        kept = [drafts.words(each) for each in drafts.own(world.standing("ray"))]

    assert {getattr(each, "title", each.body) for each in kept} == stay
