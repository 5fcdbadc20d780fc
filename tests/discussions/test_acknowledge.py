from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.discussions import courses, posts, restrictions, thread_queries
from forum.discussions.models import Acknowledgement, Reply
from forum.policy.terms import AuthorMode, ReplyKind
from tests.page import Page
from tests.world import EVENING

SAID = "Someone has read this and is with you."


def kept(world):
    with world.app.app_context():
        return len(db.session.scalars(select(Acknowledgement)).all())


def test_acknowledgement_shows_from_next_slot_uncounted(world):
    for who in ("ray", "fay", "ray"):
        world.client(who).submit(f"{world.thread}/acknowledge")
    early = world.client("pru").get(world.thread).text
    world.moment = EVENING

    late = world.client("pru").get(world.thread).text

    assert SAID not in early
    assert late.count(SAID) == 1
    assert kept(world) == 2


def test_presenter_cannot_acknowledge_their_own_thread(world):
    world.client("pru").submit(f"{world.thread}/acknowledge")
    world.moment = EVENING

    assert SAID not in world.client("mo").get(world.thread).text
    assert kept(world) == 0


@pytest.mark.leaks
@pytest.mark.parametrize("who", ["kit", "ray"])
def test_a_tap_in_a_hidden_thread_counts_whosever_it_is(world, who):
    """Fails when nothing comes of a tap in one's own hidden thread: whoever presses at somebody's
    open screen would see after the slot that it is theirs."""
    thread_id = world.present("kit", "Hidden", "It rained.", AuthorMode.THREAD_PSEUDONYM)
    page = f"/circles/{world.ids['rose']}/threads/{thread_id}"
    world.moment = EVENING + timedelta(minutes=1)
    world.client(who).submit(f"{page}/acknowledge")
    world.moment += timedelta(days=1)

    assert SAID in world.client("mo").get(page).text


def test_a_tap_on_a_story_withdrawn_meanwhile_leads_to_its_place(world):
    """Fails when whoever was reading gets an error page, or thanks for what came to nothing."""
    with world.app.app_context(), unit_of_work():
        standing = world.standing("pru")
        posts.withdraw(standing, thread_queries.thread(standing, world.ids["thread"]))

    ray = world.client("ray")
    sent = ray.submit(f"{world.thread}/acknowledge")

    assert (sent.status_code, sent.location) == (303, world.thread)
    assert "Thank you. From" not in ray.get(sent.location).text


def test_concurrent_acknowledgements_store_one_row(world):
    client = world.client("ray")
    tokens = client.tokens("/")
    with ThreadPoolExecutor(4) as pool:
        sent = list(
            pool.map(lambda _: client.post(f"{world.thread}/acknowledge", data=tokens), range(4))
        )

    assert {answer.status_code for answer in sent} == {303}
    assert kept(world) == 1


@pytest.mark.parametrize("wish", ["no_reply", "hear_me_out"])
def test_no_reply_needed_offers_only_acknowledgement(world, wish):
    thread = world.present("ray", "Only so you know", "It is over.", wish=wish)
    page = world.client("fay").get(f"/circles/{world.ids['rose']}/threads/{thread}").text

    assert "I've read this and I'm with you" in page
    assert (">Reply<" in page) is (wish == "hear_me_out")


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def test_a_named_presenter_is_not_offered_it(world, mode):
    """Behind a hidden name the button stays, or its absence would tell who wrote."""
    thread = world.present("ray", "Mine", "It is over.", mode)
    world.moment += timedelta(days=1)
    page = world.client("ray").get(f"/circles/{world.ids['rose']}/threads/{thread}").text

    assert ("I've read this and I'm with you" in page) is mode.masked


# A line of company

LINE = "I have read this, and I am with you."


def company(world, who, thread, body=LINE, do="own_name", **more):
    """Write a line by the link beside "Read, and with you"."""
    client = world.client(who)
    page = client.get(thread)
    link = Page(page).link("Say it in a line")["href"]
    composer = client.get(link).location
    typed = Page(client.get(composer)).one("form", id="typed").fields()
    return client.post(composer.partition("?")[0], data=typed | {"body": body, "do": do} | more)


def replies(world, thread_id):
    with world.app.app_context():
        rows = db.session.scalars(select(Reply).filter_by(thread_id=thread_id))
        return [(each.kind, each.body) for each in rows]


WAYS = [
    *(("questions_first", "advice"), ("balint_style", "hear_me_out")),
    *(("inviting_change", "hear_me_out"), ("action_learning", "advice")),
    *(("", "no_reply"), ("", "been_there"), ("", "ask_me")),
]


@pytest.mark.parametrize(("talk", "wish"), WAYS)
@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def test_a_line_of_company_is_open_in_each_phase(world, talk, wish, mode):
    turn_all_on(world)
    told = world.present("pru", "Told", "Words.", mode, talk=talk, wish=wish)
    url, said = f"/circles/{world.ids['rose']}/threads/{told}", 0
    world.moment = EVENING + timedelta(minutes=1)
    for _ in range(8):
        sent = company(world, "ray", url, f"With you, {said}.")
        assert sent.status_code == 303, sent.text
        said += 1
        ends = phase_ends(world, told)
        if ends is None:
            break
        world.moment = ends + timedelta(minutes=1)

    assert len(replies(world, told)) == said >= (3 if talk else 1)
    assert {kind for kind, _ in replies(world, told)} == {ReplyKind.ACKNOWLEDGEMENT}
    page = world.client("mo").get(url).text
    assert f"With you, {said - 1}." in page


def turn_all_on(world):
    mo, page = world.client("mo"), f"/circles/{world.ids['rose']}/ways-to-talk"
    version = Page(mo.get(page)).one("input", name="version")["value"]
    rounds = ["questions_first", "balint_style", "inviting_change", "action_learning"]
    mo.submit(page, rounds=rounds, version=version)


def phase_ends(world, told):
    with world.app.app_context():
        standing = world.standing("ivy")
        thread = thread_queries.thread(standing, told)
        return courses.timeline_now(standing, thread).phase_ends if thread.course else None


@pytest.mark.parametrize("state", ["paused", "closed", "locked", "quota"])
def test_a_line_of_company_is_refused_by_no_state(world, state):
    told = world.present("pru", "Told", "Words.", talk="questions_first", wish="advice")
    url = f"/circles/{world.ids['rose']}/threads/{told}"
    if state in ("paused", "closed"):
        move = {"paused": "pause", "closed": "end"}[state]
        world.client("pru").submit(f"{url}/round", move=move, sure="1")
    if state == "locked":
        with world.app.app_context():
            standing = world.standing("mo")
            with unit_of_work():
                restrictions.lock(standing, thread_queries.thread(standing, told), locked=True)
    if state == "quota":
        for number in range(2):
            world.reply("ray", f"Why {number}?", kind=ReplyKind.QUESTION, thread_id=told)

    sent = [company(world, "ray", url, f"With you, {number}.") for number in range(3)]

    assert [each.status_code for each in sent] == [303] * 3
    assert "With you, 2." in world.client("pru").get(url).text


def test_a_hidden_name_keeps_company_from_the_next_slot(world):
    sent = company(world, "ray", world.thread, do="thread_pseudonym")
    client = world.client("ray")
    look = client.get(sent.location)
    client.submit(sent.location, version=Page(look).field("version").value)
    early = world.client("pru").get(world.thread).text
    world.moment = EVENING + timedelta(minutes=1)

    late = world.client("pru").get(world.thread).text

    assert LINE not in early
    assert LINE in late
    assert "With you" in late


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def test_a_presenter_keeps_themselves_no_company(world, mode):
    told = world.present("ray", "Mine", "It is over.", mode)
    world.moment += timedelta(days=1)
    url = f"/circles/{world.ids['rose']}/threads/{told}"
    client = world.client("ray")
    composer = client.get(f"{url}/answer?company=1").location

    sent = client.post(
        composer,
        data=client.tokens(composer) | {"body": LINE, "do": mode.value, "kind": "acknowledgement"},
    )

    assert "company" not in composer
    assert sent.status_code == 403
    assert Page(sent).field("body").value == LINE
    assert replies(world, told) == []


def test_a_line_stays_a_line(world):
    long = "I am with you. " * 40

    sent = company(world, "ray", world.thread, long)

    assert sent.status_code == 422
    assert Page(sent).field("body").value == long.strip()
    assert "at most 300 characters" in Page(sent).error("body")
    assert company(world, "ray", world.thread).status_code == 303
    ray = world.client("ray")
    links = Page(ray.get(world.thread)).all("a")
    edit = next(each["href"] for each in links if each.text == "Edit or withdraw")
    changed = ray.post(edit, data=ray.tokens(edit) | {"body": long, "do": "post"})
    assert changed.status_code == 422
    assert "at most 300 characters" in Page(changed).error("body")


@pytest.mark.parametrize(("length", "status"), [(300, 303), (301, 422)])
def test_a_line_of_company_takes_300_characters(world, length, status):
    assert company(world, "ray", world.thread, "é" * length).status_code == status


def test_a_line_of_company_is_a_draft_of_its_own(world):
    client = world.client("ray")
    composer = client.get(f"{world.thread}/answer").location
    client.post(composer, data=client.tokens(composer) | {"body": "A long reply.", "do": "save"})

    line = company(world, "ray", world.thread, do="save")

    assert line.status_code == 303
    assert Page(client.get(line.location)).field("kind").value == "acknowledgement"
    assert "A long reply." in client.get(client.get(f"{world.thread}/answer").location).text
    again = client.get(f"{world.thread}/answer?company=1").location
    assert LINE in client.get(again).text


def test_a_line_of_company_that_advises_brings_a_hint_once(world):
    told = world.present("pru", "Told", "Words.", wish="hear_me_out")
    url = f"/circles/{world.ids['rose']}/threads/{told}"

    sent = company(world, "ray", url, "You should rest? And sleep?")
    page = Page(sent)
    ray = world.client("ray")
    typed = page.one("form", id="typed").fields() | {"do": "own_name"} | ray.tokens("/")
    again = ray.post(sent.request.path, data=typed)

    assert "This may sound like advice" in page.text
    assert again.status_code == 303


def test_withdrawn_and_hidden_openings_take_no_line(world):
    company(world, "ray", world.thread)
    with world.app.app_context():
        standing = world.standing("pru")
        with unit_of_work():
            posts.withdraw(standing, thread_queries.thread(standing, world.ids["thread"]))

    page = world.client("ivy").get(world.thread)
    sent = world.client("ivy").answer(
        world.thread, kind="acknowledgement", body=LINE, do="own_name"
    )

    assert "Say it in a line" not in page.text
    assert sent.status_code == 403
    assert Page(sent).field("body").value == LINE
