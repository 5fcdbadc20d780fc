"""Rounds in threads: chosen when telling, phases, permissions, moves, closing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from forum import worker
from forum.circles import closing
from forum.circles.models import Circle
from forum.circles.queries import own_place
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.errors import NotFound
from forum.core.randomness import new_id
from forum.core.tokens import short_id
from forum.discussions import courses, post_queries, posts, restrictions, thread_queries
from forum.discussions.models import Draft, Reply, Thread
from forum.policy.terms import AuthorMode, Hidden, ReplyKind, RoundKind
from forum.programme import services as programme
from forum.web.round_catalogue import NAME
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING, MORNING, World, transactions_of

HIDDEN = AuthorMode.THREAD_PSEUDONYM
TOLD = {"template": "free", "field_story": "Words", "title": "A visit", "mode": "own_name"}
# of Questions first, begun on Monday 2 March: weekends do not count
ASKING, ANSWERS, CLOSING, CLOSED = (
    MORNING,
    datetime(2026, 3, 6, 8, tzinfo=UTC),
    datetime(2026, 3, 17, 8, tzinfo=UTC),
    datetime(2026, 3, 20, 8, tzinfo=UTC),
)

FOR_THEN = "We save this as a draft until then."
ELSE = "This round asks for something else now. We save this as a draft."


@pytest.fixture
def told(world):
    """The address of Pru's thread, Questions first."""
    return begun(world)


def begun(world, who="pru", mode=AuthorMode.OWN_NAME, talk="questions_first", **more):
    world.ids["told"] = world.present(who, "Told", "Her words.", mode, talk=talk, **more)
    return f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"


def row(world, url, who="ray"):
    """The row of phases as somebody reads it."""
    page = Page(world.client(who).get(url))
    rows = page.all("ol", cls="phases")
    return [each.text for each in rows[0].all("li")] if rows else []


def now(world, url, who="ray"):
    page = Page(world.client(who).get(url))
    return " ".join(each.text for each in page.all("p", cls="round-now"))


def buttons(world, url, who):
    """Moves that somebody is offered."""
    page = Page(world.client(who).get(url))
    return [each["value"] for each in page.all("input", name="move")]


def press(world, url, who, move, **more):
    return world.client(who).submit(f"{url}/round", move=move, **more)


def reply_rows(world):
    with world.app.app_context():
        rows = db.session.scalars(select(Reply).filter_by(thread_id=world.ids["told"]))
        return {each.body: (each.kind, each.step) for each in rows}


def drafts(world):
    with world.app.app_context():
        return [(each.words, each.kept_until) for each in db.session.scalars(select(Draft))]


def test_telling_offers_ways_to_talk(world):
    client = world.client("pru")
    composer = client.get(f"/circles/{world.ids['rose']}/write").location

    page = Page(client.get(composer))
    assert [each["value"] for each in page.all("input", name="talk")] == [
        "suits", "", "questions_first", "inviting_change",
    ]  # fmt: skip
    assert [
        each["value"] for each in page.all("input", name="talk") if "checked" in each.attributes
    ] == ["suits"]

    sent = TOLD | {"wish": "advice", "talk": "questions_first", "do": "look"}
    looked = client.post(composer, data=client.tokens(composer) | sent).location
    assert "How we talk about it: Questions first." in client.get(looked).text
    thread = client.get(client.submit(looked).location).location
    assert row(world, thread) == [
        "Questions, until Fri 6 Mar, now", "Answers, from then", "Closing",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "talk", "status"),
    [
        ("hear_me_out", "questions_first", 303),
        ("no_reply", "questions_first", 422),
        ("been_there", "inviting_change", 422),
        ("advice", "theme", 422),
        ("advice", "no_such_round", 422),
        ("no_reply", "", 303),
    ],
)
def test_wish_decides_which_ways_are_open(world, wish, talk, status):
    client = world.client("pru")
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    sent = TOLD | {"wish": wish, "talk": talk, "do": "look"}

    answer = client.post(composer, data=client.tokens(composer) | sent)

    assert answer.status_code == status
    if status == 422:
        assert Page(answer).field("field_story").value == "Words"
        assert "we talk another way" in Page(answer).error("talk")


def test_just_talk_stays_as_it_was(world):
    page = world.client("ray").get(world.thread).text

    assert 'class="round"' not in page
    with world.app.app_context():
        assert row_of(Thread, world.ids["thread"]).course == ""
    world.reply("ray", "In the open")
    assert "In the open" in world.client("mo").get(world.thread).text


@pytest.mark.parametrize(
    ("moment", "who", "kind", "reason"),
    [
        (ASKING, "ray", "question", None),
        (ASKING, "ray", "idea", "Answers open on Fri 6 Mar. " + FOR_THEN),
        (ASKING, "ray", "takeaway", "Closing begins on Tue 17 Mar. " + FOR_THEN),
        (ASKING, "ray", "summary", ELSE),
        (ASKING, "pru", "answer", None),
        (ANSWERS, "ray", "idea", None),
        (ANSWERS, "ray", "", None),
        (CLOSING, "ray", "takeaway", None),
        (CLOSING, "ray", "question", ELSE),
        (CLOSING, "fay", "summary", None),
        (CLOSED, "ray", "idea", "This round is closed. We save this as a draft."),
        (CLOSED, "pru", "look_back", None),
    ],
)  # fmt: skip
def test_a_phase_takes_its_own_replies(world, moment, who, kind, reason):
    told = begun(world, wish="advice")
    world.moment = moment

    sent = world.client(who).answer(told, body="What I typed?", kind=kind, do="own_name")

    if reason is None:
        assert sent.status_code == 303
        assert "What I typed?" in world.client("mo").get(told).text
    else:
        assert sent.status_code == 422
        assert Page(sent).error("body").endswith(reason)
        assert Page(sent).field("body").value == "What I typed?"
        [(words, _)] = drafts(world)
        assert "What I typed?" in words
        assert "What I typed?" not in world.client("mo").get(told).text


def test_a_draft_lives_fourteen_days_from_its_day(world):
    told = begun(world, wish="advice")

    world.client("ray").answer(told, body="Try this", kind="takeaway", do="own_name")

    [(_, kept_until)] = drafts(world)
    assert kept_until == (CLOSING + timedelta(days=14)).date()
    world.client("ray").answer(told, body="Try this, too", kind="takeaway", do="save")
    assert [until for _, until in drafts(world)] == [kept_until]


def test_two_questions_are_for_each_name(world, told):
    for body in ("First?", "Second?"):
        assert world.client("ray").answer(told, body=body, do="own_name").status_code == 303

    third = world.client("ray").answer(told, body="Third?", do="own_name")
    assert "Two each, so that nobody feels examined." in Page(third).error("body")
    looked = world.client("ray").answer(told, body="Hidden?", do="thread_pseudonym").location
    assert world.client("ray").submit(looked).status_code == 303

    assert set(reply_rows(world)) == {"First?", "Second?", "Hidden?"}


def test_a_masked_reply_that_is_not_open_keeps_its_draft(world, told):
    ray = world.client("ray")
    looked = ray.answer(told, body="Behind a name", kind="idea", do="thread_pseudonym").location

    back = ray.submit(looked)

    assert "This round asks for something else now." in ray.get(back.location).text
    assert Page(ray.get(back.location)).field("body").value == "Behind a name"
    assert reply_rows(world) == {}


def test_a_question_waits_for_its_answer_or_two_days(world):
    told = begun(world, talk="inviting_change")
    ray = world.client("ray")
    ray.answer(told, body="First?", do="own_name")
    refused = ray.answer(told, body="Second?", do="own_name")
    assert "One question at a time" in Page(refused).error("body")
    with world.app.app_context():
        first = db.session.scalars(select(Reply).filter_by(thread_id=world.ids["told"])).one().id

    pru = world.client("pru")
    composer = pru.get(pru.submit(f"{told}/posts", quote=short_id(first)).location)
    fields = {"quoted": str(first), "excerpt": "First?", "body": "This", "do": "own_name"}
    pru.post(composer.request.path, data=pru.tokens_of(composer) | fields)

    assert ray.answer(told, body="Third?", do="own_name").status_code == 303


def test_a_composer_says_that_the_last_question_is_open(world):
    told = begun(world, talk="inviting_change")
    ray = world.client("ray")
    assert "One question at a time" not in ray.get(told + "/answer", follow_redirects=True).text

    ray.answer(told, body="First?", do="own_name")

    assert (
        "One question at a time: you can" in ray.get(told + "/answer", follow_redirects=True).text
    )
    refused = ray.answer(told, body="Second?", do="own_name")
    said = Page(refused).error("body").replace("\u00a0", " ")
    assert "That is on Wed 4 Mar at the latest. We save this as a draft until then." in said
    other = world.client("ivy").get(told + "/answer", follow_redirects=True).text
    assert "One question at a time: you can" not in other


def test_no_draft_is_promised_where_none_is_saved(world, told, monkeypatch):
    """Fails when whoever has as many drafts as fit reads that one more is saved, and goes."""
    monkeypatch.setattr("forum.discussions.drafts.MAX_DRAFTS", 0)

    refused = world.client("ray").answer(told, body="Try rest.", kind="idea", do="own_name")

    said = Page(refused).error("body").replace("\u00a0", " ")
    assert "something else now. You have 0 drafts in this circle, the most it can hold." in said
    assert "We save this" not in said
    assert Page(refused).field("body").value == "Try rest."


def test_a_withdrawn_question_leaves_room_for_another(world):
    told = begun(world, talk="inviting_change")
    first = world.reply("ray", "First?", thread_id=world.ids["told"])
    with world.app.app_context(), unit_of_work():
        standing = world.standing("ray")
        posts.withdraw(standing, post_queries.post(standing, first))

    assert world.client("ray").answer(told, body="Again?", do="own_name").status_code == 303


def test_a_presenter_reads_no_withdrawn_question_counted(world, told):
    """Fails when the thread says that there is one question, and its composer two."""
    first, _second = (
        world.reply(who, "Why?", thread_id=world.ids["told"]) for who in ("ray", "ivy")
    )
    with world.app.app_context(), unit_of_work():
        standing = world.standing("ray")
        posts.withdraw(standing, post_queries.post(standing, first))

    pru = world.client("pru")
    for page in (told, f"{told}/answer"):
        assert "One question." in pru.get(page, follow_redirects=True).text


def test_a_presenter_answers_a_question_by_one_press(world, told):
    asked = world.reply("ray", "Why now?", thread_id=world.ids["told"])
    pru, code = world.client("pru"), short_id(asked)
    buttons = {each["value"]: each.text for each in Page(pru.get(told)).all("button", name="quote")}
    others = Page(world.client("ivy").get(told)).all("button", name="quote")

    composer = pru.get(pru.submit(f"{told}/posts", quote=code).location)

    assert buttons[code] == "Answer"
    assert {each.text for each in others} == {"Quote"}
    assert Page(composer).field("excerpt").value == "Why now?"


def test_a_hidden_presenter_answers_from_their_own_page(world, masked):
    asked = world.reply("ivy", "Why now?", thread_id=world.ids["told"])
    ray = world.client("ray")

    [code] = [each["value"] for each in Page(ray.get(own(world))).all("input", name="quote")]
    composer = ray.get(ray.submit(f"{masked}/posts", quote=code).location)

    assert code == short_id(asked)
    assert Page(composer).field("excerpt").value == "Why now?"
    assert {each.text for each in Page(ray.get(masked)).all("button", name="quote")} == {"Quote"}


LAST_EVENING = datetime(2026, 3, 11, 18, tzinfo=UTC)  # of questions, one at a time
NEXT_DAY = LAST_EVENING + timedelta(hours=14)


def test_pressed_twice_across_the_end_shows_the_first(world):
    told = begun(world, talk="inviting_change")
    world.moment = LAST_EVENING
    ray = world.client("ray")
    composer = ray.get(f"{told}/answer").location
    fields = ray.tokens(composer) | {"body": "Why now?", "kind": "question", "do": "own_name"}
    first = ray.post(composer, data=fields)
    world.moment = NEXT_DAY

    again = ray.post(composer, data=fields)

    assert (first.status_code, again.status_code) == (303, 303)
    assert again.location == first.location
    assert reply_rows(world) == {"Why now?": (ReplyKind.QUESTION, 0)}


def test_a_phase_that_ends_while_writing_keeps_the_text(world):
    told = begun(world, talk="inviting_change")
    world.moment = LAST_EVENING
    ray = world.client("ray")
    composer = ray.get(f"{told}/answer").location
    kind = Page(ray.get(composer)).one("input", name="kind")["value"]
    world.moment = NEXT_DAY

    sent = ray.post(
        composer, data=ray.tokens("/") | {"body": "Why?", "kind": kind, "do": "own_name"}
    )

    assert kind == "question"
    assert sent.status_code == 422
    assert Page(sent).field("body").value == "Why?"
    assert Page(sent).one("input", name="kind")["value"] == "takeaway"
    assert len(drafts(world)) == 1


def test_an_answer_without_a_kind_becomes_nothing_else(world):
    told = begun(world)
    world.moment = CLOSING - timedelta(hours=2)
    ray = world.client("ray")
    composer = ray.get(f"{told}/answer").location
    fields = Page(ray.get(composer)).one("form", id="typed").fields()
    world.moment = CLOSING

    sent = ray.post(composer, data=fields | {"body": "So it was for me.", "do": "own_name"})

    assert sent.status_code == 422
    assert Page(sent).field("body").value == "So it was for me."
    assert ELSE in Page(sent).error("body")
    assert reply_rows(world) == {}


@pytest.mark.parametrize("state", ["asking", "paused", "closed", "locked"])
def test_read_and_with_you_is_always_open(world, told, state):
    if state == "paused":
        press(world, told, "pru", "pause")
    if state == "locked":
        with world.app.app_context():
            standing = world.standing("mo")
            with unit_of_work():
                restrictions.lock(
                    standing, thread_queries.thread(standing, world.ids["told"]), locked=True
                )
    if state == "closed":
        world.moment = CLOSED

    assert "m with you" in world.client("ray").get(told).text
    sent = world.client("ray").submit(f"{told}/acknowledge")

    assert "Thank you." in world.client("ray").get(sent.location).text or sent.status_code == 303
    with world.app.app_context():
        thread = thread_queries.thread(world.standing("mo"), world.ids["told"])
        world.moment += timedelta(days=1)
        assert thread_queries.is_acknowledged(world.standing("mo"), thread)


# Moves


def test_moves_are_offered_by_part(world, told):
    assert buttons(world, told, "pru") == ["more_time", "next_step", "pause", "end"]
    assert buttons(world, told, "fay") == ["more_time", "next_step", "end"]
    assert buttons(world, told, "ray") == buttons(world, told, "mo") == []


def test_next_step_begins_tomorrow_morning(world, told):
    press(world, told, "pru", "next_step")
    assert row(world, told)[0] == "Questions, until Fri 6 Mar, now"
    assert "Next step: from Tue 3 Mar." in Page(world.client("pru").get(told)).text
    assert "Next step: from" not in world.client("fay").get(told).text

    world.moment = MORNING + timedelta(days=1)

    assert row(world, told)[:2] == ["Questions, over", "Answers, until Thu 12 Mar, now"]


def test_two_people_who_step_on_take_one_step(world, told):
    for who in ("pru", "fay", "pru"):
        press(world, told, who, "next_step")
    world.moment = MORNING + timedelta(days=1)

    assert row(world, told)[1].endswith("now")


def test_more_time_gives_three_days(world, told):
    press(world, told, "fay", "more_time")
    world.moment = EVENING + timedelta(minutes=1)

    assert row(world, told)[0] == "Questions, until Wed 11 Mar, now"
    assert "This phase was given more time." in world.client("ray").get(told).text


def test_a_pause_stops_the_clock_at_once(world, told):
    press(world, told, "pru", "pause")
    assert now(world, told).startswith("Paused.")
    refused = world.client("ray").answer(told, body="Why?", kind="question", do="own_name")
    assert "This round is paused. We save this as a draft." in Page(refused).error("body")
    world.moment = MORNING + timedelta(days=14)
    press(world, told, "pru", "resume")

    world.moment = EVENING + timedelta(days=14, minutes=1)

    assert row(world, told)[0] == "Questions, until Fri 20 Mar, now"


def test_end_asks_once_and_can_be_opened_again(world, told):
    asked = press(world, told, "pru", "end")
    assert "End this round? All stays readable; you can open it again." in asked.text
    assert row(world, told)
    press(world, told, "pru", "end", sure="1")
    assert now(world, told) == "Closed on Mon 2 Mar."

    press(world, told, "pru", "reopen")
    world.moment = EVENING + timedelta(minutes=1)

    assert now(world, told) == "Now: answer, until Thu 12 Mar."


def test_a_move_in_a_closed_round_is_refused(world, told):
    press(world, told, "pru", "end", sure="1")

    fay = world.client("fay")
    sent = fay.submit(f"{told}/round", move="more_time")

    assert "The round has moved on." in fay.get(sent.location).text
    with world.app.app_context():
        assert len(courses.course(row_of(Thread, world.ids["told"])).moves) == 1


@pytest.mark.parametrize("move", ["", "shout", "next_step", "change"])
def test_strangers_to_a_round_move_nothing(world, told, move):
    press(world, told, "ray", move)

    with world.app.app_context():
        assert courses.course(row_of(Thread, world.ids["told"])).moves == ()


def test_talk_another_way_begins_in_the_morning(world):
    told = world.thread  # Just talk
    page = Page(world.client("pru").get(f"{told}/round"))
    assert [each["value"] for each in page.all("input", name="to")] == [
        "questions_first", "inviting_change",
    ]  # fmt: skip
    world.reply("ray", "Before it")
    press(world, told, "pru", "change", to="inviting_change")
    assert row(world, told) == []
    world.moment = MORNING + timedelta(days=1)

    assert row(world, told) == ["Questions, until Thu 12 Mar, now", "Closing, from then"]
    assert "Before it" in world.client("ray").get(told).text


def test_moderators_lead_where_nobody_facilitates(world, told):
    with world.app.app_context(), unit_of_work():
        leave(world.ids["fay"], world.ids["rose"])

    assert buttons(world, told, "mo") == ["more_time", "next_step", "end"]


# Hidden presenters


@pytest.fixture
def masked(world):
    """The address of Ray's thread, behind a mask and visible."""
    told = begun(world, "ray", HIDDEN)
    world.moment = EVENING + timedelta(minutes=1)
    return told


def own(world, who="ray"):
    return world.url("discussions.own_round", who=who, post_id=world.ids["told"])


def test_a_hidden_presenter_sees_what_responders_see(world, masked):
    assert buttons(world, masked, "ray") == []
    assert now(world, masked, "ray") == now(world, masked, "ivy")
    assert row(world, masked, "ray") == row(world, masked, "ivy")
    assert "Ask a question" in world.client("ray").get(masked).text


def test_a_hidden_presenter_moves_from_a_page_of_their_own(world, masked):
    ray = world.client("ray")
    words = ray.get(f"/circles/{world.ids['rose']}/your-words")
    assert own(world) in [each.get("href") for each in Page(words).all("a")]
    page = Page(ray.get(own(world)))
    moves = [each["value"] for each in page.all("input", name="move")]
    assert moves == ["more_time", "next_step", "pause", "end", "change"]

    ray.submit(own(world), move="pause")

    assert not now(world, masked).startswith("Paused.")
    with world.app.app_context():
        [move] = courses.course(row_of(Thread, world.ids["told"])).moves
    assert move.acts_at == datetime(2026, 3, 3, 7, tzinfo=UTC)
    world.moment = move.acts_at
    assert now(world, masked).startswith("Paused.")


def test_a_hidden_presenter_is_asked_for_the_password(world, masked):
    ray = world.client("ray")
    url = own(world)
    world.moment += timedelta(minutes=20)

    with ray.session_transaction() as session:
        session["given_at"] = 0

    assert ray.get(url).location.startswith("/confirm-password") or ray.get(url).status_code == 303
    ray.submit(url, move="pause")
    with world.app.app_context():
        assert courses.course(row_of(Thread, world.ids["told"])).moves == ()


def test_others_cannot_open_the_presenters_page(world, masked):
    assert world.client("ivy").get(own(world, "ivy")).status_code == 404


def test_a_course_keeps_its_size_while_moved(world, masked):
    def size():
        with world.app.app_context():
            return len(row_of(Thread, world.ids["told"])._course)

    before = size()
    for move in ("more_time", "next_step", "pause"):
        world.client("ray").submit(own(world), move=move)

    assert size() == before


# Bad days


def leave_circle(world):
    world.client("ray").submit(f"/circles/{world.ids['rose']}/leave", words="stay")


def be_removed(world):
    with world.app.app_context():
        place = own_place(world.standing("ray"), world.ids["ray"]).id
    world.client("mo").submit(f"/circles/{world.ids['rose']}/people/{place}/remove")


def be_suspended(world):
    with world.app.app_context(), unit_of_work():
        programme.suspend(world.ids["lee"], "ray@example.org")


def delete_the_account(world):
    world.client("ray").submit("/account/delete", words="stay", sure="y")


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
@pytest.mark.parametrize("go", [leave_circle, be_removed, be_suspended, delete_the_account])
def test_a_round_runs_on_without_its_presenter(world, mode, go):
    told = begun(world, "ray", mode)
    world.moment = EVENING + timedelta(minutes=1)
    before = row(world, told, "ivy")

    go(world)

    with world.app.app_context(), pytest.raises(NotFound):
        world.standing("ray")
    assert row(world, told, "ivy") == before
    assert world.client("ivy").answer(told, body="Why?", do="own_name").status_code == 303
    world.moment = CLOSING
    with world.app.app_context():
        worker.run_due_jobs()  # the days of grace are over
    assert now(world, told, "ivy").startswith("Now: one line")
    press(world, told, "fay", "end", sure="1")
    assert now(world, told, "ivy") == "Closed on Tue 17 Mar."


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
@pytest.mark.parametrize("go", [leave_circle, be_removed, be_suspended, delete_the_account])
def test_what_was_typed_stays_as_the_presenter_goes(world, mode, go):
    """Fails when a colleague's open form or early draft loses its text with the presenter."""
    told = begun(world, "ray", mode, wish="advice")
    world.moment = EVENING + timedelta(minutes=1)
    ivy, joe = world.client("ivy"), world.client("joe")
    composer = ivy.get(f"{told}/answer").location
    fields = Page(ivy.get(composer)).one("form", id="typed").fields()
    early = {"body": "Try a walk.", "kind": "idea", "do": "own_name"}
    assert joe.answer(told, **early).status_code == 422

    go(world)

    sent = ivy.post(composer, data=fields | {"body": "Why then?", "do": "own_name"})
    assert sent.status_code == 303
    assert "Why then?" in world.client("mo").get(told).text
    world.moment = datetime(2026, 3, 10, 8, tzinfo=UTC)
    [(words, _)] = drafts(world)
    assert "Try a walk." in words
    assert world.client("joe").answer(told, **early).status_code == 303
    assert "Try a walk." in world.client("mo").get(told).text


def test_an_end_while_others_write_keeps_their_texts(world, told):
    """Fails when one of two presses at once takes words along: one reply is posted, or both come
    back."""
    writers = [(who, world.client(who)) for who in ("ray", "ivy")]
    sent = []
    for who, client in writers:
        composer = client.get(f"{told}/answer").location
        fields = Page(client.get(composer)).one("form", id="typed").fields()
        sent.append((client, composer, fields | {"body": f"Why, {who}?", "do": "own_name"}))
    pru = world.client("pru")
    sent.append((pru, f"{told}/round", pru.tokens("/") | {"move": "end", "sure": "1"}))
    start = Barrier(len(sent))

    def at_once(place):
        client, url, fields = sent[place]
        start.wait()
        return client.post(url, data=fields)

    with ThreadPoolExecutor(len(sent)) as pool:
        *answers, ended = pool.map(at_once, range(len(sent)))

    assert ended.status_code == 303
    kept = [words for words, _ in drafts(world)]
    for (who, _client), answer in zip(writers, answers, strict=True):
        body = f"Why, {who}?"
        if answer.status_code == 303:
            assert body in reply_rows(world)
        else:
            assert Page(answer).field("body").value == body
            assert any(body in words for words in kept)


def test_two_people_move_a_phase_at_the_same_moment(world, told):
    clients = [(who, world.client(who)) for who in ("pru", "fay", "pru", "fay")]
    fields = [client.tokens("/") | {"move": "next_step"} for _, client in clients]
    start = Barrier(len(clients))

    def at_once(place):
        start.wait()
        return clients[place][1].post(f"{told}/round", data=fields[place]).status_code

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(at_once, range(len(clients))))

    assert answers == [303] * 4
    assert sorted(each.by for each in courses_of(world).moves) == ["facilitator", "presenter"]
    world.moment = MORNING + timedelta(days=1)
    assert row(world, told)[1].endswith("now")


def test_a_circle_that_becomes_read_only_keeps_what_was_typed(world, told):
    ray = world.client("ray")
    composer = ray.get(f"{told}/answer").location
    fields = ray.tokens(composer) | {"body": "Why now?", "do": "own_name"}
    before = row(world, told)
    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).closes_on = (MORNING + timedelta(days=30)).date()

    sent = ray.post(composer, data=fields)

    ray.submit(sent.location)  # to post it all the same
    [(words, _)] = drafts(world)
    assert "Why now?" in words
    assert "Why now?" in ray.get(sent.location).text
    assert reply_rows(world) == {}
    assert row(world, told) == before
    world.moment = ANSWERS
    assert row(world, told)[0] == "Questions, over"


def test_a_withdrawn_opening_takes_no_reply_and_no_move(world, told):
    with world.app.app_context():
        standing = world.standing("pru")
        with unit_of_work():
            posts.withdraw(standing, post_queries.any_post(standing, world.ids["told"]))

    assert buttons(world, told, "pru") == []
    sent = world.client("ray").answer(told, body="Still typed?", kind="question", do="own_name")
    assert sent.status_code == 403
    assert Page(sent).field("body").value == "Still typed?"


@pytest.mark.parametrize("how", ["hidden", "locked"])
def test_clocks_stand_while_nobody_can_answer(world, told, how):
    with world.app.app_context():
        standing = world.standing("mo")
        thread = thread_queries.thread(standing, world.ids["told"])
        with unit_of_work():
            if how == "hidden":
                restrictions.hide(standing, thread, Hidden.MODERATOR)
            else:
                restrictions.lock(standing, thread, locked=True)
    world.moment = MORNING + timedelta(days=7)
    assert now(world, told).startswith("The days of this round stand still.")
    with world.app.app_context():
        standing = world.standing("mo")
        thread = thread_queries.thread(standing, world.ids["told"])
        with unit_of_work():
            if how == "hidden":
                restrictions.show_again(standing, thread)
            else:
                restrictions.lock(standing, thread, locked=False)

    assert row(world, told)[0] == "Questions, until Fri 13 Mar, now"


def test_clocks_stand_while_a_circle_closes(world, told):
    """Fails when a round runs out in the weeks in which nobody can post."""
    with world.app.app_context(), unit_of_work():
        for who in ("pru", "ray", "ivy", "fay", "mo", "joe", "sol"):
            closing.ask(world.standing(who))
            if db.session.get(Circle, world.ids["rose"]).closes_on:
                break
    world.moment = MORNING + timedelta(days=25)
    assert now(world, told).startswith("The days of this round stand still.")

    with world.app.app_context(), unit_of_work():
        closing.call_off(world.standing("mo"))

    assert row(world, told)[0].startswith("Questions, until")
    assert row(world, told)[0].endswith(", now")


def test_an_end_drops_what_was_to_come(world, told):
    """Fails when a step pressed before it closes the round that was opened again."""
    press(world, told, "pru", "next_step")
    press(world, told, "pru", "end", sure="1")
    press(world, told, "pru", "reopen")

    world.moment = MORNING + timedelta(days=2)

    assert now(world, told).startswith("Now: answer")


@pytest.mark.parametrize("last", ["questions_first", "inviting_change"])
def test_the_last_way_chosen_counts(world, last):
    told = world.thread
    for way in ("inviting_change", "questions_first", last):
        press(world, told, "pru", "change", to=way)
    world.moment = MORNING + timedelta(days=1)

    with world.app.app_context():
        thread = thread_queries.thread(world.standing("pru"), world.ids["thread"])
        assert courses.timeline_now(world.standing("pru"), thread).now.round.key == last


def test_a_closing_circle_takes_no_move(world, told):
    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).closes_on = (MORNING + timedelta(days=30)).date()

    assert buttons(world, told, "pru") == []
    pru = world.client("pru")
    sent = pru.submit(f"{told}/round", move="pause")
    assert "This circle can only be read now." in pru.get(sent.location).text


def test_a_move_under_changed_rules_says_why_it_is_refused(world, told):
    """Fails when it says that a circle can only be read which is written in."""
    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).rules = new_id()
    pru = world.client("pru")

    sent = pru.submit(f"{told}/round", move="pause")

    said = pru.get(sent.location).text
    assert "The ground rules have changed. Agree on the circle" in said
    assert "can only be read" not in said


def test_new_slots_do_not_move_what_is_past(world, told):
    press(world, told, "pru", "next_step")
    world.moment = MORNING + timedelta(days=1)
    before = row(world, told)
    for slots in ("06:00 20:00", "08:30"):
        with world.app.app_context(), unit_of_work():
            circle = db.session.get(Circle, world.ids["rose"])
            circle.set_slots(slots, "Europe/London", world.moment + timedelta(days=1))
        world.moment += timedelta(days=2)

    assert row(world, told)[0] == before[0] == "Questions, over"
    assert row(world, told)[1].startswith("Answers, until")


# Hints


def test_advice_brings_a_hint_once(world):
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    typed = {"body": "Have you tried yoga?", "do": "own_name"}

    hinted = ray.post(composer, data=ray.tokens(composer) | typed)

    assert "This may sound like advice; only listening was asked for." in hinted.text
    assert Page(hinted).one("mark").text == "Have you tried"
    assert Page(hinted).field("body").value == typed["body"]
    sent = Page(hinted).one("input", name="hinted")["value"]
    again = ray.post(composer, data=ray.tokens_of(hinted) | typed | {"hinted": sent})
    assert again.status_code == 303


def test_advice_that_comes_too_early_is_told_to_be_welcome_here(world):
    """Fails when a page says that only listening was asked for, where advice is welcome."""
    told = begun(world, wish="advice")
    ray = world.client("ray")
    composer = ray.get(f"{told}/answer").location

    sent = {"body": "Have you tried yoga?", "kind": "question", "do": "own_name"}
    hinted = ray.post(composer, data=ray.tokens(composer) | sent)

    said = "This may sound like advice, which is welcome here, but not in this step."
    assert said in Page(hinted).one("section", role="alert").text


def test_advice_brings_no_hint_where_it_is_welcome(world):
    told = begun(world, talk="", wish="advice")

    sent = world.client("ray").answer(told, body="Have you tried yoga?", do="own_name")

    assert sent.status_code == 303


def test_a_question_that_asks_nothing_brings_a_hint_once(world, told):
    ray = world.client("ray")
    composer = ray.get(f"{told}/answer").location
    typed = {"body": "He needs to be seen by somebody.", "kind": "question", "do": "own_name"}

    hinted = ray.post(composer, data=ray.tokens(composer) | typed)

    assert "There is no question in this. Send it as it is?" in hinted.text
    assert Page(hinted).field("body").value == typed["body"]
    sent = Page(hinted).one("input", name="hinted")["value"]
    again = ray.post(composer, data=ray.tokens_of(hinted) | typed | {"hinted": sent})
    assert again.status_code == 303


def test_a_question_brings_no_hint(world, told):
    sent = world.client("ray").answer(told, body="Who saw him?", kind="question", do="own_name")

    assert sent.status_code == 303


def test_several_questions_at_once_bring_a_hint(world, told):
    sent = world.client("ray").answer(told, body="Why? When? Who?", do="own_name")

    assert "You ask three things. Which one matters most?" in sent.text


@pytest.mark.parametrize("who", ["pru", "fay"])
def test_early_advice_is_kept_for_later(world, who):
    told = begun(world, wish="advice")
    world.reply("ray", "You should rest. Why not?", thread_id=world.ids["told"])
    page = Page(world.client(who).get(told))
    [early] = [each["value"] for each in page.all("button", name="keep")]

    world.client(who).submit(f"{told}/round", keep=early)

    folded = Page(world.client("ivy").get(told)).one("summary", cls="content-note").text
    assert folded == "Kept for the answers, from Fri 6 Mar"
    assert "it waits for the day" in world.client("ray").get(told).text
    world.moment = ANSWERS
    assert "Kept for" not in world.client("ivy").get(told).text


@pytest.mark.parametrize("who", ["ray", "mo"])
def test_others_keep_nothing_for_later(world, told, who):
    early = world.reply("ivy", "You should rest.", thread_id=world.ids["told"])

    world.client(who).submit(f"{told}/round", keep=str(early))

    assert "keep" not in [
        each.get("name") for each in Page(world.client(who).get(told)).all("button")
    ]
    assert "Kept for" not in world.client("joe").get(told).text


def test_a_hidden_presenter_keeps_for_later_at_a_slot(world, masked):
    world.reply("ivy", "You should rest.", thread_id=world.ids["told"])
    ray = world.client("ray")
    assert not Page(ray.get(masked)).all("button", name="keep")
    [early] = [each["value"] for each in Page(ray.get(own(world))).all("input", name="keep")]

    ray.submit(own(world), keep=early)

    assert "Kept for" not in world.client("ivy").get(masked).text
    world.moment = datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert "Kept for" in world.client("ivy").get(masked).text


@pytest.mark.parametrize("state", ["asking", "paused", "closed", "locked"])
def test_a_presenter_sits_with_a_question_in_any_phase(world, told, state):
    asked = world.reply("ray", "Why now?", thread_id=world.ids["told"])
    if state == "paused":
        press(world, told, "pru", "pause")
    if state == "locked":
        with world.app.app_context():
            standing = world.standing("mo")
            with unit_of_work():
                restrictions.lock(
                    standing, thread_queries.thread(standing, world.ids["told"]), locked=True
                )
    if state == "closed":
        world.moment = CLOSED
    page = Page(world.client("pru").get(told))
    assert [each["value"] for each in page.all("button", name="sit")] == [str(asked)]

    for _ in range(2):
        world.client("pru").submit(f"{told}/round", sit=str(asked))

    assert "Dr Pru sits with this question." in world.client("ivy").get(told).text
    assert not Page(world.client("pru").get(told)).all("button", name="sit")
    with world.app.app_context():
        assert len(courses.course(row_of(Thread, world.ids["told"])).sat) == 1


def test_a_question_sat_with_makes_room_for_the_next(world):
    told = begun(world, talk="inviting_change")
    asked = world.reply("ray", "First?", thread_id=world.ids["told"])
    refused = world.client("ray").answer(told, body="Second?", do="own_name")
    assert "One question at a time" in Page(refused).error("body")

    world.client("pru").submit(f"{told}/round", sit=str(asked))

    assert world.client("ray").answer(told, body="Third?", do="own_name").status_code == 303


@pytest.mark.parametrize("who", ["ray", "mo", "fay"])
def test_only_the_presenter_sits_with_a_question(world, told, who):
    asked = world.reply("ivy", "Why now?", thread_id=world.ids["told"])

    world.client(who).submit(f"{told}/round", sit=str(asked))

    assert not Page(world.client(who).get(told)).all("button", name="sit")
    assert "sits with this question" not in world.client("joe").get(told).text


def test_nothing_but_a_question_is_sat_with(world, told):
    told = begun(world, wish="advice")
    world.moment = ANSWERS
    idea = world.reply("ivy", "An idea.", thread_id=world.ids["told"])
    elsewhere = world.reply("ivy", "Why there?", kind=ReplyKind.QUESTION)
    pru = world.client("pru")

    for each, reason in ((idea, "You can only sit with"), (elsewhere, "moved on"), ("x", "Choose")):
        sent = pru.submit(f"{told}/round", sit=str(each))
        assert reason in pru.get(sent.location).text

    world.moment = ASKING
    pru.answer(told, body="Sits?", kind="sit_with", do="own_name")
    assert "Sits?" not in reply_rows(world)


def test_a_hidden_presenter_sits_with_a_question_at_a_slot(world, masked):
    asked = world.reply("ivy", "Why now?", thread_id=world.ids["told"])
    ray = world.client("ray")
    assert not Page(ray.get(masked)).all("button", name="sit")
    assert [each["value"] for each in Page(ray.get(own(world))).all("input", name="sit")] == [
        str(asked)
    ]

    ray.submit(f"{masked}/round", sit=str(asked))
    assert courses_of(world).sat == ()
    ray.submit(own(world), sit=str(asked))

    assert "sits with this question" not in world.client("ivy").get(masked).text
    world.moment = datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert courses_of(world).sat == ((asked, world.moment),)
    assert "sits with this question" in world.client("ivy").get(masked).text


def courses_of(world):
    with world.app.app_context():
        return courses.course(row_of(Thread, world.ids["told"]))


# After


def test_takeaways_close_a_round(world, told):
    world.moment = CLOSING
    for who, body in (("ray", "Being patient"), ("pru", "Being kind")):
        world.client(who).answer(told, body=body, kind="takeaway", do="own_name")
    again = world.client("ray").answer(told, body="One more", kind="takeaway", do="own_name")

    assert "One line each at closing." in Page(again).error("body")
    assert set(reply_rows(world).values()) == {(RoundKind.TAKEAWAY, 2)}
    assert "Taken along" in world.client("mo").get(told).text


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
def test_a_look_back_is_offered_to_the_presenter_alone(world, mode):
    told = begun(world, "ray", mode)
    offer = "You told this in March. Would you like to look back?"
    words = f"/circles/{world.ids['rose']}/your-words"
    world.moment = CLOSED + timedelta(days=5)
    assert offer not in world.client("ray").get(words).text
    world.moment = CLOSED + timedelta(weeks=4, days=4)

    assert offer in world.client("ray").get(words).text
    assert (offer in world.client("ray").get(told).text) is (not mode.masked)
    assert offer not in world.client("ivy").get(told).text

    ray = world.client("ray")
    ray.answer(told, body="It went well.", kind="look_back", do=mode.value)
    world.moment += timedelta(days=1)
    assert "It went well." in world.client("ivy").get(told).text
    assert offer not in world.client("ray").get(words).text
    world.moment = CLOSED + timedelta(weeks=12, days=4)
    assert offer in world.client("ray").get(words).text
    assert offer not in world.client("ivy").get(told).text
    world.client("ray").answer(told, body="And better.", kind="look_back", do=mode.value)
    world.moment += timedelta(days=1)
    assert offer not in world.client("ray").get(words).text


def test_roles_decide_who_sums_up(world, told):
    world.moment = CLOSING
    kinds = {
        who: [each["value"] for each in Page(
            world.client(who).get(world.client(who).get(f"{told}/answer").location)
        ).all("input", name="kind")]
        for who in ("ray", "fay")
    }  # fmt: skip

    assert kinds == {"ray": ["takeaway"], "fay": ["takeaway", "summary"]}


def statements(world, url, who):
    """Number of statements that a second visit to a page takes."""
    client = world.client(who)
    client.get(url)
    with world.app.app_context():
        engine = db.engine
    with transactions_of(engine) as done:
        client.get(url)
    return sum(map(len, done))


@pytest.mark.parametrize("who", ["ray", "fay", "mo", "pru"])
def test_a_round_takes_no_further_statement(world, told, who):
    world.reply("ray", "Why now?", thread_id=world.ids["told"])

    in_round, just_talk = statements(world, told, who), statements(world, world.thread, who)

    assert in_round <= just_talk + 1  # the reply's author
    assert in_round <= 10
    assert statements(world, "/", who) <= 13


# On home


def on_home(world, who):
    found = Page(world.client(who).get("/")).all("section", cls="in-rounds")
    return [each.text.replace("\u00a0", " ") for part in found for each in part.all("p")]


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
def test_home_tells_every_member_alike_in_which_phases_threads_are(world, mode):
    for _ in range(2):
        world.present("ray", "Told", "Words.", mode, talk="questions_first", wish="advice")
    if mode.masked:
        assert on_home(world, "ray") == on_home(world, "ivy") == []
    world.moment = EVENING + timedelta(minutes=1)

    said = {who: on_home(world, who) for who in ("ray", "ivy", "mo", "fay")}

    assert said["ivy"] == ["Two threads take questions until Fri 6 Mar."]
    assert all(each == said["ivy"] for each in said.values())
    assert on_home(world, "nan") == []


def test_home_follows_the_phases(world, told):
    world.reply("ray", "Why?", kind=ReplyKind.QUESTION, thread_id=world.ids["told"])
    said = []
    for moment in (ASKING, ANSWERS, CLOSING, CLOSED):
        world.moment = moment
        said += on_home(world, "ivy") or [""]

    assert said == [
        "One thread takes questions until Fri 6 Mar.",
        "One thread takes answers until Tue 17 Mar.",
        "“Closing” until Fri 20 Mar: one thread.",
        "",
    ]


def test_home_counts_no_round_that_stands_still(world, told):
    press(world, told, "pru", "pause")

    assert on_home(world, "ivy") == []


def test_home_keeps_its_statements_with_rounds(world):
    before = statements(world, "/", "ivy")
    for number in range(5):
        world.present("pru", f"Told {number}", "Words.", talk="questions_first", wish="advice")
        world.client("ivy").get("/")

    assert statements(world, "/", "ivy") <= before + 1  # that of what is new


# Definitions that change under running threads


def gone(known):
    return replace(known, rounds={each: known.rounds[each] for each in known.rounds
                                  if each[0] != "questions_first"})  # fmt: skip


def shorter(known):
    """The same version with its first phase alone: a file changed in place."""
    round_ = known.rounds["questions_first", 1]
    only = (replace(round_.phases[0], follows=None),)
    return replace(known, rounds=known.rounds | {(round_.key, 1): replace(round_, phases=only)})


def newer(known):
    """A second version, which threads that have begun do not take."""
    round_ = known.rounds["questions_first", 1]
    second = replace(round_, version=2, phases=round_.phases[1:])
    return replace(known, rounds=known.rounds | {(round_.key, 2): second})


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
@pytest.mark.parametrize("change", [gone, shorter, newer])
def test_a_definition_that_changes_keeps_every_word(world, change, mode):
    told = begun(world, "ray", mode, wish="advice")
    world.moment = ASKING + timedelta(days=1)
    ivy = world.client("ivy")
    ivy.answer(told, body="Asked before?", do="own_name")
    composer = ivy.get(f"{told}/answer").location
    fields = Page(ivy.get(composer)).one("form", id="typed").fields()
    press(world, told, "fay", "more_time")
    world.app.extensions[NAME] = change(world.app.extensions[NAME])

    sent = ivy.post(composer, data=fields | {"body": "Typed before?", "do": "own_name"})

    kept = sent.status_code == 303 or Page(sent).field("body").value == "Typed before?"
    assert kept
    for moment in (world.moment, CLOSING, CLOSED + timedelta(days=7)):
        world.moment = moment
        page = world.client("mo").get(told)
        assert "Asked before?" in page.text
        own_page = world.url("discussions.own_round", who="ray", post_id=world.ids["told"])
        assert world.client("ray").get(own_page).status_code == 200
        for who in ("ray", "fay"):
            press(world, told, who, "next_step")
            assert world.client(who).get("/").status_code == 200
    if change is newer:
        world.moment = ASKING + timedelta(days=2)
        assert row(world, told)[0].startswith("Questions")


def test_a_draft_of_a_round_that_is_gone_can_be_posted_or_kept(world, told):
    ivy = world.client("ivy")
    ivy.answer(told, body="An idea before its time.", kind="idea", do="own_name")
    [(words, _)] = drafts(world)
    assert "before its time" in words
    world.app.extensions[NAME] = gone(world.app.extensions[NAME])

    page = Page(ivy.get(f"{told}/answer", follow_redirects=True))

    assert page.field("body").value == "An idea before its time."


@pytest.mark.parametrize("move", [{"move": "pause"}, {"move": "end", "sure": "1"}])
def test_a_move_pressed_twice_is_not_said_to_have_failed(world, move):
    """Fails when the second answer, which the browser shows, says that the round has moved on."""
    thread = world.present("ray", "A hard call", "It rained.", talk="questions_first")
    ray, url = world.client("ray"), f"/circles/{world.ids['rose']}/threads/{thread}"
    said = []
    for _ in range(2):
        ray.submit(f"{url}/round", **move)
        said.append("The round has moved on" in ray.get(url).text)

    assert said == [False, False]
    with world.app.app_context():
        stored = thread_queries.thread(world.standing("ray"), thread)
        assert len(courses.course(stored).moves) == 1


def test_a_press_after_another_move_says_how_the_round_stands(world):
    """Fails when a press is taken for one's own second because a move of its kind was once made."""
    thread = world.present("ray", "A hard call", "It rained.", talk="questions_first")
    ray, url = world.client("ray"), f"/circles/{world.ids['rose']}/threads/{thread}"
    for move in ({"move": "pause"}, {"move": "resume"}):
        ray.submit(f"{url}/round", **move)

    ray.submit(f"{url}/round", move="resume")
    assert "The round has moved on" not in ray.get(url).text
    ray.submit(f"{url}/round", move="end", sure="1")
    ray.submit(f"{url}/round", move="resume")
    assert "The round has moved on" in ray.get(url).text


@pytest.mark.parametrize(
    ("kind", "hidden", "more"),
    [("more_time", "pause", {}), ("next_step", "end", {"sure": "1"}), ("next_step", "pause", {})],
)
def test_no_second_press_tells_when_a_hidden_presenter_pressed(tmp_path, kind, hidden, more):
    """Fails when a facilitator's press, once both moves act, is answered by their order."""
    said = {}
    for first in ("facilitator", "presenter"):
        (tmp_path / first).mkdir()
        world = World(tmp_path / first)
        url = begun(world, "ray", HIDDEN)
        world.moment = EVENING + timedelta(minutes=1)
        acts = [
            ("fay", f"{url}/round", {"move": kind}),
            ("ray", own(world), {"move": hidden} | more),
        ]
        for who, page, fields in acts if first == "facilitator" else acts[::-1]:
            world.client(who).submit(page, **fields)
            world.moment += timedelta(minutes=10)
        world.moment = (EVENING + timedelta(days=1)).replace(hour=7, minute=10)
        fay = world.client("fay")
        fay.submit(f"{url}/round", move=kind)
        said[first] = "The round has moved on" in fay.get(url).text

    assert said["facilitator"] == said["presenter"]
