"""Look-backs offered on home, by an everyday name alone."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from forum.circles import talk_settings
from forum.circles.models import Circle
from forum.circles.queries import circle, places
from forum.core.db import db, unit_of_work
from forum.discussions import look_backs, thread_queries
from tests.blanking import blank
from tests.discussions.test_actions import (
    HIDDEN,
    NAMED,
    at_actions,
    on_the_day,
    own_page,
    try_something,
    worker_runs,
)
from tests.discussions.test_walk_rounds import begun, line
from tests.engine import of_sqlite
from tests.page import Page
from tests.proofs.test_m1_swap import dump
from tests.world import transactions_of

SECOND = timedelta(seconds=1)
OFFER = "You told something in March. Look back?"
IN_THREAD = "You told this in March. Would you like to look back?"


@pytest.fixture(autouse=True)
def first_thread_asks_no_more(world):
    """The thread of the cast is Just talk too, and would be offered beside that of a test."""
    world.client("pru").submit(f"{world.thread}/ask-no-more")


def home(world, who):
    return world.client(who).get("/").text.replace("\u00a0", " ")


def closed(world, who="pru", mode=NAMED, weeks=4):
    """A thread whose round closed some weeks ago, to the morning."""
    told = begun(world, "questions_first", who, mode)
    while line(world).now.phase.key != "closed":
        world.moment = line(world).phase_ends + timedelta(minutes=1)
    world.moment += timedelta(weeks=weeks)
    worker_runs(world)
    return told


@pytest.mark.parametrize(("weeks", "is_offered"), [(3, False), (4, True), (7, False), (12, True)])
def test_home_offers_a_look_back_for_two_weeks(world, weeks, is_offered):
    closed(world, weeks=weeks)

    assert (OFFER in home(world, "pru")) is is_offered
    assert OFFER not in home(world, "ray")
    assert "Told" not in home(world, "pru").split('id="for-you"')[-1].split("</section>")[0]


def test_looking_back_ends_the_offer(world):
    told = closed(world)

    world.client("pru").answer(told, body="It went well.", do="own_name")

    assert OFFER not in home(world, "pru")


@pytest.mark.parametrize("talk", ["", "questions_first"])
def test_threads_of_others_crowd_out_no_offer(world, monkeypatch, talk):
    monkeypatch.setattr(look_backs, "THREADS", 2)
    closed(world)

    for number in range(3):
        world.present("ray", f"Nr {number}", "Words.", talk=talk)

    assert OFFER in home(world, "pru")


@pytest.mark.parametrize("who", ["pru", "ivy"])
def test_own_threads_add_no_phases(world, monkeypatch, who):
    """Fails when home names phases to their presenters alone."""
    monkeypatch.setattr(look_backs, "THREADS", 1)
    world.moment += timedelta(hours=1)
    world.present("pru", "In a round", "Words.", talk="questions_first")
    assert "takes questions" in home(world, who)
    world.moment += timedelta(hours=1)

    world.present("ray", "Just talk", "Words.")

    assert "takes questions" not in home(world, who)


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Asia/Kathmandu"])
def test_looking_back_minutes_after_the_slot_ends_the_offer(world, zone):
    """Fails when a named post's hour begins before the morning slot of a zone with half hours."""
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Circle, world.ids["rose"]).timezone = zone
    told = closed(world)

    assert OFFER in home(world, "pru")
    world.client("pru").answer(told, body="It went well.", do="own_name")

    assert OFFER not in home(world, "pru")


def test_not_now_rests_until_the_next_sign_in(world):
    closed(world)
    pru = world.client("pru")
    action = [
        each["action"] for each in Page(pru.get("/")).all("form") if "not-now" in each["action"]
    ]

    assert pru.submit(action[0]).status_code == 303

    assert OFFER not in pru.get("/").text
    assert OFFER in home(world, "pru")  # of another session: nothing is stored


def test_an_actions_day_is_asked_about_on_home(world):
    told = at_actions(world)
    try_something(world, told)
    on_the_day(world)

    assert "How did it go?" in home(world, "pru")
    assert "How did it go?" not in home(world, "ray")


def test_home_never_offers_to_a_hidden_presenter(world):
    """Fails when home tells onlookers who presented behind a hidden name."""
    closed(world, "ray", HIDDEN)

    assert OFFER not in home(world, "ray")
    page = world.client("ray").get(f"/circles/{world.ids['rose']}/your-words").text
    assert "You told this in March. Would you like to look back?" in page


def test_home_takes_as_many_statements_however_many_rounds(world):
    def statements():
        said = []

        def note(_connection, _cursor, statement, *_rest):
            said.append(statement)

        with world.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        pru = world.client("pru")
        pru.get("/")
        event.remove(engine, "before_cursor_execute", note)
        return len(said)

    closed(world)
    home(world, "pru")
    one = statements()
    for _ in range(3):
        begun(world, "questions_first", "pru", NAMED)
    home(world, "pru")

    assert statements() == one


def talked(world, who="pru", mode=NAMED, weeks=4):
    """A thread that was Just talk, and had its last word some weeks ago."""
    world.ids["told"] = world.present(who, "Told", "It was a long night.", mode)
    world.moment += timedelta(days=1)
    worker_runs(world)
    world.reply("ivy", "I have been there.", thread_id=world.ids["told"])
    world.moment += timedelta(weeks=weeks, days=1)
    worker_runs(world)
    return f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"


@pytest.mark.parametrize(("weeks", "is_offered"), [(3, False), (4, True), (7, False), (12, True)])
def test_just_talk_offers_some_weeks_after_its_last_word(world, weeks, is_offered):
    told = talked(world, weeks=weeks)

    assert (OFFER in home(world, "pru")) is is_offered
    assert OFFER not in home(world, "ivy")
    shown = [IN_THREAD in world.client(who).get(told).text for who in ("pru", "ivy", "mo")]
    assert shown == [weeks >= 4, False, False]


def test_a_new_word_puts_the_offer_off(world):
    told = talked(world)
    world.reply("joe", "And how is it now?", thread_id=world.ids["told"])

    assert OFFER not in home(world, "pru")
    assert IN_THREAD not in world.client("pru").get(told).text


def test_looking_back_in_just_talk_is_a_post_of_its_own(world):
    told, pru = talked(world), world.client("pru")
    composer = pru.get(told + "/answer").location
    chosen = Page(pru.get(composer)).one("input", name="kind", checked="")

    pru.answer(told, body="I sleep again.", kind=chosen["value"], do="own_name")
    page = Page(world.client("ivy").get(told)).text

    assert "Looking back" in page
    assert OFFER not in home(world, "pru")
    assert IN_THREAD not in pru.get(told).text
    world.moment += timedelta(weeks=8)  # twelve since the last word of anybody
    assert OFFER in home(world, "pru")


def test_nobody_chooses_a_kind_while_nothing_is_due(world):
    told = talked(world, weeks=1)
    pru = world.client("pru")

    composer = Page(pru.get(pru.get(told + "/answer").location))

    assert not composer.all("input", name="kind")


def test_dont_ask_again_lasts(world):
    told = talked(world)
    pru = world.client("pru")
    [action] = [
        each["action"] for each in Page(pru.get("/")).all("form") if "no-more" in each["action"]
    ]

    assert pru.submit(action).location == "/"

    assert OFFER not in home(world, "pru")
    assert IN_THREAD not in world.client("pru").get(told).text
    world.moment += timedelta(weeks=8)
    assert OFFER not in home(world, "pru")


def test_dont_ask_again_ends_the_offers_of_a_round_too(world):
    told = closed(world)

    world.client("pru").submit(f"{told}/ask-no-more")

    assert OFFER not in home(world, "pru")
    assert "Would you like to look back?" not in world.client("pru").get(told).text


def test_a_hidden_presenter_of_just_talk_is_asked_on_their_own_page(world):
    told, own = talked(world, "ray", HIDDEN), f"/circles/{world.ids['rose']}/your-words"
    ray = world.client("ray")
    before = ray.get(own).text
    for who in ("ray", "joe", "kit"):
        world.client(who).get(told)  # read once, nothing is new in it
    pages = [blank(world.client(who).get(told).text) for who in ("ray", "joe", "kit")]

    answer = ray.submit(f"{told}/ask-no-more", came_from="posts")

    assert IN_THREAD in before
    assert IN_THREAD not in ray.get(own).text
    assert answer.location == own
    assert OFFER not in home(world, "ray")
    assert pages[0] == pages[1] == pages[2]
    assert blank(world.client("joe").get(told).text) == pages[1]


@of_sqlite
@pytest.mark.leaks
@pytest.mark.proof("M1")
def test_dont_ask_again_leaves_no_row_of_its_own(world):
    """Fails when a thief can tell that a presenter was asked, or wanted to be asked no more."""
    told = talked(world, "ray", HIDDEN)
    for who in ("ray", "joe"):
        world.client(who).get(told)
    before = dump(world)

    world.client("ray").submit(f"{told}/ask-no-more")

    assert dump(world) == before


@pytest.mark.leaks
@pytest.mark.proof("M12")
def test_a_hidden_presenter_of_just_talk_takes_equal_work(world):
    """Fails when the thread or home runs a statement for the presenter who may look back."""
    told = talked(world, "ray", HIDDEN)
    with world.app.app_context():
        engine = db.engine

    def ran(who):
        client = world.client(who)
        for page in (told, "/"):
            client.get(page)
        with transactions_of(engine) as transactions:
            for page in (told, "/"):
                client.get(page)
        return [re.sub(r"IN \([?, ]+\)", "IN (…)", one) for each in transactions for one in each]

    assert ran("ray") == ran("joe") == ran("kit")


def test_home_and_thread_keep_their_statements_with_an_offer(world):
    told = talked(world)
    with world.app.app_context():
        engine = db.engine
    pru, ran = world.client("pru"), {}
    for page in (told, "/"):
        pru.get(page)
        with transactions_of(engine) as transactions:
            pru.get(page)
        ran[page] = sum(map(len, transactions))

    assert ran[told] <= 10
    assert ran["/"] <= 13


@pytest.mark.parametrize("day", ["2026-10-20", "2027-02-01"])
def test_a_day_long_after_the_last_word_reaches_home(world, day):
    """Fails when home looks at threads of lately alone: an action's day may be a year ahead."""
    told = at_actions(world)
    try_something(world, told, report_on=day)
    world.moment = datetime.fromisoformat(f"{day}T08:01+00:00")
    worker_runs(world)

    assert "How did it go?" in home(world, "pru")
    assert "How did it go?" not in home(world, "ray")


def due(world):
    """When the present offer about the thread is due."""
    with world.app.app_context():
        standing = world.standing("pru")
        thread = thread_queries.thread(standing, world.ids["told"])
        return look_backs.offer(standing, thread).due


@pytest.mark.parametrize("told", [closed, talked], ids=["a round", "just talk"])
def test_an_offer_stands_from_its_moment_for_fourteen_days(world, told):
    """Fails when either end of an offer, to the moment, is on the wrong side."""
    told(world)
    begins, found = due(world), []
    for moment in (-SECOND, 0 * SECOND, timedelta(days=14) - SECOND, timedelta(days=14)):
        world.moment = begins + moment
        found.append(OFFER in home(world, "pru"))

    assert found == [False, True, True, False]


@pytest.mark.parametrize("told", [closed, talked], ids=["a round", "just talk"])
def test_looking_back_at_the_very_moment_ends_the_offer(world, told):
    """Fails when a post of the hour in which its offer began counts as earlier."""
    page = told(world)
    world.moment = due(world)

    world.client("pru").answer(page, body="It went well.", kind="look_back", do="own_name")

    assert OFFER not in home(world, "pru")
    assert IN_THREAD not in world.client("pru").get(page).text
    assert IN_THREAD not in own_page(world, "pru")


@pytest.mark.parametrize("told", [closed, talked], ids=["a round", "just talk"])
def test_a_withdrawn_thread_is_not_offered(world, told):
    page = told(world)
    assert OFFER in home(world, "pru")

    world.client("pru").submit(
        world.url("discussions.withdraw", who="pru", post_id=world.ids["told"])
    )

    assert OFFER not in home(world, "pru")
    assert IN_THREAD not in world.client("pru").get(page).text
    assert IN_THREAD not in own_page(world, "pru")


def test_a_day_before_the_closing_is_asked_about_from_the_closing_on(world):
    """Fails when the offer counts from a day on which the round still spoke."""
    told = at_actions(world)
    tomorrow = (world.moment + timedelta(days=1)).date()
    try_something(world, told, report_on=tomorrow.isoformat())
    while line(world).now.phase.key != "closed":
        world.moment = line(world).phase_ends + timedelta(minutes=1)
    worker_runs(world)

    closes = line(world).now.begins
    assert closes.date() > tomorrow
    assert due(world) == closes
    world.moment = closes + timedelta(days=14) - SECOND
    assert "How did it go?" in home(world, "pru")


def test_your_posts_take_as_many_statements_however_many_threads(world):
    """Fails when each thread is asked apart whether a look back is due."""

    def statements():
        pru, page = world.client("pru"), f"/circles/{world.ids['rose']}/your-words"
        pru.get(page)
        with world.app.app_context():
            engine = db.engine
        with transactions_of(engine) as transactions:
            assert pru.get(page).status_code == 200
        return sum(map(len, transactions))

    begun(world, "action_learning", "pru", HIDDEN)
    closed(world)
    talked(world)
    one = statements()
    for _ in range(3):
        begun(world, "questions_first", "pru", NAMED)
        begun(world, "action_learning", "pru", HIDDEN)
        talked(world)

    assert statements() == one


PROMPTS = [
    "What happened next?",
    "What helped, here or elsewhere?",
    "Has anything shifted or grown?",
    "What is still open?",
]


@pytest.mark.parametrize("mode", [NAMED, HIDDEN])
@pytest.mark.parametrize("weeks", [4, 12])
@pytest.mark.parametrize("kind", ["round", "talk"])
def test_the_composer_of_a_look_back_has_its_prompts(world, mode, weeks, kind):
    who = "pru" if mode is NAMED else "ray"
    told = (closed if kind == "round" else talked)(world, who, mode, weeks=weeks)

    page = Page(world.client(who).get(f"{told}/answer", follow_redirects=True))

    assert [each.text for each in page.all("li") if each.text in PROMPTS] == PROMPTS
    other = world.client("ivy").get(f"{told}/answer", follow_redirects=True).text
    assert PROMPTS[0] not in other


def test_no_prompts_stand_where_nothing_is_due(world):
    told = talked(world, weeks=1)

    page = world.client("pru").get(f"{told}/answer", follow_redirects=True).text

    assert PROMPTS[0] not in page


def test_a_rest_day_begins_at_home_with_the_local_midnight(world):
    """Fails when what was worked out for an hour is shown past a midnight inside it."""
    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).timezone = "Asia/Kolkata"
    world.present("pru", "Told", "Words", talk="questions_first")
    with world.app.app_context(), unit_of_work():
        moderator = world.standing("mo")
        tomorrow = world.moment.astimezone(circle(moderator).zone).date() + timedelta(days=1)
        talk_settings.add_rest(moderator, tomorrow, tomorrow)

    def phases():
        with world.app.app_context():
            standings = [each.standing for each in places(world.ids["ray"])]
            return len(look_backs.on_home(standings).phases)

    world.moment = world.moment.replace(hour=18, minute=10)  # 23:40 in Kolkata
    before = phases()
    world.moment = world.moment.replace(minute=40)

    assert (before, phases()) == (1, 0)
