"""What an onlooker at an open screen learns of a member's masks: nothing, without the password."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from forum.authors.models import Author
from forum.circles.models import Circle
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.errors import TooMany
from forum.discussions import restrictions, thread_queries
from forum.discussions.models import Reply
from forum.discussions.views import drafts as views
from forum.policy.terms import AuthorMode
from forum.web import limits
from tests.accounts.people import sign_in
from tests.accounts.second_factors import with_app
from tests.accounts.test_account_recovery import DAY, MINUTE, confirm, vouch
from tests.discussions.test_details import Desk
from tests.moderation.test_notes import HEAVY, contact
from tests.page import Page
from tests.rows import row_of
from tests.world import TOKEN, Client, World

MASK = AuthorMode.THREAD_PSEUDONYM
HOUR = timedelta(hours=1)
NAMED = "You reply here as"
NOT_YET = "You can hide your name in a reply once"


@pytest.fixture
def mask(world):
    """Id and name of the author row under which Kit has replied."""
    reply_id = world.reply("kit", "A hidden answer.", MASK)
    world.moment += 20 * HOUR
    with world.app.app_context():
        author = row_of(Reply, reply_id).author
        return author.id, author.name


def unlocked(world, who):
    """A browser left open, whose password was given long ago."""
    client = world.client(who)
    with client.session_transaction() as session:
        session["given_at"] = 0
    return client


def composer(client, world):
    return client.get(client.get(f"{world.thread}/answer").location)


def pause(world, mask):
    with world.app.app_context(), unit_of_work():
        mo = world.standing("mo")
        thread = thread_queries.thread(mo, world.ids["thread"])
        restrictions.mute(mo, thread, row_of(Author, mask[0]), muted=True)


def switch_off(world, _mask):
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Circle, world.ids["rose"]).allows_thread_pseudonym = False


def shrink(world, _mask):
    with world.app.app_context(), unit_of_work():
        leave(world.ids["ivy"], world.ids["rose"], removed=True)


@pytest.mark.parametrize("happens", [pause, switch_off, shrink])
def test_the_composer_is_alike_for_whoever_hides_there(world, mask, happens):
    """Fails when a page says what only a mask of its reader explains."""
    happens(world, mask)

    pages = [composer(unlocked(world, who), world).text for who in ("kit", "joe")]

    for said in ("paused you", "Reply with my name hidden"):
        assert (said in pages[0]) == (said in pages[1]), said


def test_the_check_of_a_hidden_reply_is_alike_below_the_floor(world, mask):
    shrink(world, mask)

    pages = [checked(unlocked(world, who), world)[0].text for who in ("kit", "joe")]

    assert [NOT_YET in page for page in pages] == [True, True]


def checked(client, world, words="A few words."):
    """The page that looks a hidden reply over, and its address."""
    page = client.get(f"{world.thread}/answer").location
    typed = {"body": words, "do": "thread_pseudonym"}
    look = client.post(page, data=client.tokens(page) | typed).location
    return client.get(look), look


def post_hidden(client, world, words="A few words."):
    """What is said after a hidden reply was posted."""
    page, look = checked(client, world, words)
    fields = client.tokens_of(page) | {"version": Page(page).field("version").value}
    return client.get(client.post(look, data=fields).location).text


def test_posting_a_hidden_reply_names_no_mask_without_the_password(world, mask):
    said = post_hidden(unlocked(world, "kit"), world)

    assert "Saved. It will appear" in said
    assert f"as {mask[1]}" not in said
    assert f"as {mask[1]}" in post_hidden(world.client("kit"), world)


@pytest.mark.parametrize("is_open_screen", [True, False])
def test_the_panel_of_help_names_no_mask_without_the_password(world, mask, is_open_screen):
    """Fails when heavy words, typed at an open screen, bring a page that says whose mask it is."""
    kit = unlocked(world, "kit") if is_open_screen else world.client("kit")
    whom = "your hidden name" if is_open_screen else mask[1]

    page = post_hidden(kit, world, HEAVY)
    url, token = contact(page)
    told = kit.get(kit.submit(url, token=token).location).text

    assert re.findall("they hear from (.+?) now", page) == [whom]
    assert re.findall(r"Sent, from (.+?)\. The", told) == [whom]


def test_closed_days_name_no_mask(world):
    """Fails when whoever came in after a recovery learns which hidden thread is theirs."""
    own = world.present("ray", "Behind a mask", "It rained.", MASK)
    other = world.present("joe", "Behind another", "It rained.", MASK)
    world.moment += 20 * HOUR
    with_app(world, "ray")
    world.moment += 2 * MINUTE
    vouch(world, "mo")
    world.moment += DAY + HOUR
    confirm(world)
    ray = world.client()
    sign_in(ray, "ray")

    answers = {each: answers_in(ray, world, each) for each in (own, other)}

    assert answers[own] == answers[other]
    assert {status for status, _ in answers[own].values()} == {403}
    assert NAMED not in str(answers[own])
    assert "Kept by itself" not in ray.get("/drafts").text


def answers_in(client, world, thread_id):
    """Answers of all pages with which one answers in a thread, by request."""
    page = f"/circles/{world.ids['rose']}/threads/{thread_id}/answer"
    sent = client.tokens("/") | {"body": "Kept by itself"}
    answers = {
        "composer": client.get(page),
        "company": client.get(f"{page}?company=1"),
        "address": client.get(f"{page}/x"),
        "kept": client.post(f"{page}/x", data=sent | {"do": "auto"}),
        "another kind": client.post(f"{page}/x", data=sent | {"do": "auto", "kind": "none"}),
        "saved": client.post(f"{page}/x", data=sent | {"do": "save"}),
    }
    hidden = re.compile(thread_id.hex + "|" + str(thread_id))
    return {
        name: (answer.status_code, hidden.sub("", TOKEN.sub("", answer.text)))
        for name, answer in answers.items()
    }


REPLY = {"body": "A few words.", "do": "thread_pseudonym"}
TOLD = {"title": "A night", "template": "free", "field_story": "It rained.", "do": "look"}


@pytest.mark.leaks
@pytest.mark.parametrize(
    ("page", "typed"),
    [("threads/{thread}/answer", REPLY), ("write", TOLD | {"mode": "thread_pseudonym"})],
)
def test_a_composer_in_the_history_tells_of_no_hidden_post(world, page, typed):
    """Fails when the composer of a hidden text that was posted answers otherwise than a new one:
    who sits at an open screen finds its address in the history."""
    kit, page = world.client("kit"), f"/circles/{world.ids['rose']}/{page.format(**world.ids)}"
    used = kit.get(page).location
    look = kit.post(used, data=kit.tokens(used) | typed).location
    fields = kit.tokens_of(shown := kit.get(look))
    version = Page(shown).field("version").value
    assert kit.post(look, data=fields | {"version": version}).status_code == 303
    world.moment += 20 * HOUR

    screen = unlocked(world, "kit")
    answers = [typing(screen, composer, typed) for composer in (used, screen.get(page).location)]

    assert answers[0] == answers[1]


def typing(client, composer, typed):
    """Answers of a composer to whoever opens it, types, saves and types on: status, and what a
    script reads."""
    words = client.tokens("/") | typed | {"tab": "a"}
    acts = ({"do": "auto"}, {"do": "auto"}, {"do": "save"}, {"do": "auto"})
    answers = [client.get(composer), *(client.post(composer, data=words | act) for act in acts)]
    answers.append(client.get(composer))
    return [(answer.status_code, answer.json and answer.json.get("said", "")) for answer in answers]


@pytest.mark.leaks
def test_a_composer_left_open_keeps_no_hidden_post_as_a_draft(world):
    """Fails when a page that showed a hidden reply, still open in another window once that was
    posted, saves its words again: a new draft has no name yet, and is listed in the open."""
    kit, page = world.client("kit"), f"{world.thread}/answer"
    used = kit.get(page).location
    look = kit.post(used, data=kit.tokens(used) | REPLY).location
    left_open = Page(kit.get(used)).form(used).fields() | {
        "body": "A few words. More.",
        "do": "auto",
    }
    shown = kit.get(look)
    version = Page(shown).field("version").value
    kit.post(look, data=kit.tokens_of(shown) | {"version": version})

    answers = [kit.post(composer, data=left_open) for composer in (used, kit.get(page).location)]

    assert "A few words" not in kit.get("/drafts").text
    assert [answer.status_code for answer in answers] == [409, 409]
    assert answers[0].json == answers[1].json


@pytest.mark.leaks
@pytest.mark.parametrize("meanwhile", ["changed", "posted"])
def test_a_hidden_reply_saved_under_another_id_is_no_open_draft(world, meanwhile):
    """Fails when the page that comes back, since another window changed or posted its draft, saves
    a hidden reply as a draft without a name, which is listed in the open."""
    kit, page = world.client("kit"), f"{world.thread}/answer"
    used = kit.get(page).location
    look = kit.post(used, data=kit.tokens(used) | REPLY).location
    mine = Page(kit.get(used)).form(used).fields() | {"body": "A few words. Mine."}
    if meanwhile == "changed":
        kit.post(used, data=mine | {"body": "Other words.", "tab": "b", "do": "auto"})
    else:
        version = Page(shown := kit.get(look)).field("version").value
        kit.post(look, data=kit.tokens_of(shown) | {"version": version})

    refused = kit.post(used, data=mine | {"do": "save"})
    again = Page(refused).one("form", cls="composer")["action"]
    typed = kit.post(again, data=Page(refused).form(again).fields() | {"do": "auto"})

    assert (again != used, typed.status_code) == (True, 200)
    assert "A few words" not in kit.get("/drafts").text


@pytest.mark.leaks
@pytest.mark.parametrize("posts", [False, True], ids=["hidden", "posted"])
@pytest.mark.parametrize(
    ("page", "typed", "hides"),
    [
        ("threads/{thread}/answer", {"body": "A night"}, {"do": "thread_pseudonym"}),
        ("write", {"title": "A night"}, {"mode": "thread_pseudonym"}),
    ],
)
def test_a_page_from_before_its_draft_was_hidden_saves_no_open_draft(
    world, page, typed, hides, posts
):
    """Fails when the page of a draft, from before another window hid or posted it, comes back under
    another id and saves the same words as a draft without a name, which is listed in the open."""
    kit, page = world.client("kit"), f"/circles/{world.ids['rose']}/{page.format(**world.ids)}"
    used, told = kit.get(page).location, TOLD | typed
    kit.post(used, data=kit.tokens(used) | told | {"do": "save"})
    before, meanwhile = (Page(kit.get(used)).form(used).fields() | told for _ in range(2))
    look = kit.post(used, data=meanwhile | hides).location
    if posts:
        version = Page(shown := kit.get(look)).field("version").value
        kit.post(look, data=kit.tokens_of(shown) | {"version": version})

    mine = {name: f"{words}. Mine." for name, words in typed.items()}
    refused = kit.post(used, data=before | mine | {"do": "save"})
    again = Page(refused).one("form", cls="composer")["action"]
    saved = kit.post(again, data=Page(refused).form(again).fields() | {"do": "auto"})

    assert (again != used, saved.status_code) == (True, 200)
    assert "A night" not in kit.get("/drafts").text


@pytest.mark.leaks
def test_a_hidden_story_goes_on_hiding_where_the_circle_hides_no_names_by_now(world):
    """Fails when a page on which the mask can no longer be chosen saves a hidden story without it,
    in the open."""
    kit, page = world.client("kit"), f"/circles/{world.ids['rose']}/write"
    used = kit.get(page).location
    kit.post(used, data=kit.tokens(used) | TOLD | {"mode": "thread_pseudonym"})
    switch_off(world, None)
    shown = Page(kit.get(used)).form(used).fields()
    assert "mode" not in shown

    saved = kit.post(used, data=shown | {"title": "A night. More.", "do": "auto"})

    assert saved.status_code == 200
    assert "A night" not in kit.get("/drafts").text


@pytest.fixture
def counting(tmp_path):
    return World(tmp_path, RATELIMIT_ENABLED=True)


def test_presses_that_post_nothing_count_for_nothing(counting):
    """Fails when somebody presses in vain until the day's limit of hidden posts is reached, and so
    learns how many the member wrote."""
    world = counting
    for _ in range(2):
        post_hidden(world.client("kit"), world)
    left_open = {who: unlocked(world, who) for who in ("kit", "joe")}
    looks = {who: checked(client, world) for who, client in left_open.items()}
    with world.app.app_context(), unit_of_work():
        mo = world.standing("mo")
        restrictions.lock(mo, thread_queries.thread(mo, world.ids["thread"]), locked=True)

    met = {who: [] for who in left_open}
    for who, (page, look) in looks.items():
        fields = Client.tokens_of(page) | {"version": Page(page).field("version").value}
        met[who] = [left_open[who].post(look, data=fields).status_code for _ in range(12)]

    assert met["kit"] == met["joe"]


def test_a_post_sent_again_counts_once(counting):
    """Fails when one reply, sent again and again, tells how many hidden ones came before it."""
    world, met = counting, {}
    post_hidden(world.client("kit"), world)
    for who in ("kit", "joe"):
        client = unlocked(world, who)
        composer = client.get(f"{world.thread}/answer").location
        typed = client.tokens(composer) | {"body": "In the open.", "do": "own_name"}
        met[who] = [client.post(composer, data=typed).status_code for _ in range(31)]

    assert met["kit"] == met["joe"]


def pressed_twice(world, client, monkeypatch, page, look):
    """Statuses of two presses of "Post", both of which have read the draft."""
    both, looked_over = Barrier(2), views.looked_over

    def looked(*given, **named):
        found = looked_over(*given, **named)
        both.wait(20)
        return found

    fields = Client.tokens_of(page) | {"version": Page(page).field("version").value}
    twin = world.client()
    twin.set_cookie("s", client.get_cookie("s").value)
    with monkeypatch.context() as patched, ThreadPoolExecutor() as pool:
        patched.setattr(views, "looked_over", looked)
        pressed = [pool.submit(each.post, look, data=fields) for each in (client, twin)]
        return [each.result().status_code for each in pressed]


@pytest.mark.parametrize("before", [0, 9])
def test_a_hidden_post_pressed_twice_at_once_counts_once(tmp_path, monkeypatch, before):
    """Fails when presses at once count each, and so tell at an open screen how many hidden posts
    came before; or the last of the day, pressed twice, meets an error."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    kit = world.client("kit")
    for number in range(before):
        post_hidden(kit, world, f"Words number {number}.")

    assert pressed_twice(world, kit, monkeypatch, *checked(kit, world)) == [303, 303]

    with world.app.app_context():
        assert db.session.query(Reply).count() == before + 1
    with world.app.test_request_context():
        for _ in range(9 - before):
            limits.take("masked posts", views.MASKED_MOST, world.ids["kit"])
        with pytest.raises(TooMany):
            limits.take("masked posts", views.MASKED_MOST, world.ids["kit"])


def test_a_hidden_story_pressed_twice_at_once_counts_once(tmp_path, monkeypatch):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    desk = Desk(world, "kit")
    look, page = desk.tell("A long evening.", mode="thread_pseudonym")

    assert pressed_twice(world, desk.client, monkeypatch, page, look) == [303, 303]

    with world.app.test_request_context():
        for _ in range(9):
            limits.take("masked posts", views.MASKED_MOST, world.ids["kit"])


def test_hidden_posts_refused_for_the_day_take_no_room_of_named_ones(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    kit = world.client("kit")
    for number in range(10):
        post_hidden(kit, world, f"Words number {number}.")
    page, look = checked(kit, world)
    fields = Client.tokens_of(page) | {"version": Page(page).field("version").value}

    assert {kit.post(look, data=fields).status_code for _ in range(20)} == {429}

    assert kit.answer(world.thread, body="By name.", do="own_name").status_code == 303
