"""What comes after an opening: the log, the note to the person, holding back, the review."""

import os
import re
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from forum.audit import queries as audit
from forum.audit.actions import Actor, Deed
from forum.audit.models import SERVICE
from forum.audit.services import note_service
from forum.core import last_runs
from forum.core.db import db, unit_of_work
from forum.policy.terms import AuthorMode
from forum.safety import jobs, queries
from forum.safety.matters import HELD_AT_MOST, TOLD_FOR
from tests.page import Page
from tests.safety.people import (
    ask,
    case,
    guardian,
    latest,
    log_of_service,
    name_guardians,
    open_name,
    opened,
    page_of,
    requests,
)
from tests.world import EVENING, World, transactions_of

MASK = AuthorMode.THREAD_PSEUDONYM
DAY = timedelta(days=1)
ROOT = Path(__file__).parents[2]
TOLD = "A name of yours was opened"
UNDER = "Something under Your posts"


@pytest.fixture
def post(world):
    """A post of Ray's behind a mask, seen by all; Sol, Nan and Gus are guardians."""
    name_guardians(world, "sol", "nan", "gus")
    post_id = world.reply("ray", "Goodbye to you all", MASK)
    world.moment = EVENING + timedelta(minutes=1)
    return post_id


def own_posts(world, who):
    return world.client(who).get(f"/circles/{world.ids['rose']}/your-words").text


def submit(world, who, path, **fields):
    client = guardian(world, who)
    return client.post(f"{case(world)}/{path}", data=client.tokens("/") | fields)


def test_the_log_has_day_reason_and_outcome_alone(world, post):
    opened(world, post)

    with world.app.test_request_context():
        [line, *_rest], _pages = audit.page(SERVICE, 1)
    assert log_of_service(world)[0] == "Two guardians opened a name: someone may die now."
    assert line.at == EVENING.replace(hour=0, minute=0)
    assert (line.action.about, line.action.words) == ("", "")


def test_the_circles_log_says_nothing(world, post):
    before = world.client("mo").get(f"/circles/{world.ids['rose']}/log").text

    opened(world, post)
    open_name(world, "sol")

    after = world.client("mo").get(f"/circles/{world.ids['rose']}/log").text
    assert Page(before).one("main").text == Page(after).one("main").text


def test_the_person_finds_a_note_from_the_next_day_on(world, post):
    opened(world, post)
    assert TOLD not in own_posts(world, "ray")
    world.moment += DAY

    assert TOLD in own_posts(world, "ray")
    assert "They saw: your name" in Page(world.client("ray").get(own_url(world))).text
    assert UNDER in world.client("ray").get("/").text
    for who in ("fay", "mo", "pru"):
        assert TOLD not in own_posts(world, who)
        assert UNDER not in world.client(who).get("/").text


def own_url(world):
    return f"/circles/{world.ids['rose']}/your-words"


def test_home_tells_at_a_slot_only(world, post):
    opened(world, post)
    world.moment = EVENING + timedelta(hours=11)  # 06:00, before the first slot
    assert UNDER not in world.client("ray").get("/").text

    world.moment += timedelta(hours=2)

    assert UNDER in world.client("ray").get("/").text


def test_home_tells_no_more_in_a_session_that_read_the_note(world, post):
    """Fails when the row stands for a year, before news of masks; or when a note that somebody read
    in one session is told in no other, as to a member who comes back after weeks."""
    opened(world, post)
    world.moment += 20 * DAY
    ray, other = world.client("ray"), world.client("ray")
    assert UNDER in ray.get("/").text
    before = cookie_of(ray)

    assert TOLD in ray.get(own_url(world)).text

    assert UNDER not in ray.get("/").text
    assert UNDER in other.get("/").text
    assert TOLD in ray.get(own_url(world)).text
    pru = world.client("pru")
    had = cookie_of(pru)
    pru.get(own_url(world))
    assert cookie_of(pru) - had == cookie_of(ray) - before == {"own_posts_on"}  # alike for all


def test_a_session_that_looked_before_the_note_is_told(world, post):
    opened(world, post)
    ray = world.client("ray")
    ray.get(own_url(world))
    world.moment += 20 * timedelta(hours=1)  # past a slot of the next day
    with ray.session_transaction() as session:
        session["given_at"] = session["busy"] = int(world.moment.timestamp())

    assert UNDER in ray.get("/").text


def cookie_of(client):
    """Fields of a browser's cookie, but for that of forms."""
    with client.session_transaction() as session:
        return {*session} - {"csrf_token"}


def test_the_note_stays_a_year_and_goes(world, post):
    opened(world, post)
    world.moment += TOLD_FOR - DAY
    run(world)
    assert TOLD in own_posts(world, "ray")

    world.moment += 3 * DAY
    run(world)

    assert TOLD not in own_posts(world, "ray")
    assert requests(world) == []


def run(world):
    with world.app.app_context():
        jobs.settle()


def test_a_note_is_held_back_week_by_week(world, post):
    opened(world, post)
    assert submit(world, "sol", "hold", hold_reason="").status_code == 422
    assert submit(world, "sol", "hold", hold_reason="He is being looked for.").status_code == 303
    world.moment += 6 * DAY
    assert TOLD not in own_posts(world, "ray")
    assert submit(world, "nan", "hold", hold_reason="Still looked for.").status_code == 303
    world.moment += 6 * DAY
    assert TOLD not in own_posts(world, "ray")

    world.moment += DAY

    assert TOLD in own_posts(world, "ray")
    assert submit(world, "sol", "hold", hold_reason="Too late.").status_code == 409


@pytest.mark.parametrize(("hour", "days"), [(19, 1), (20, 2), (23, 2)])
def test_there_are_hours_to_hold_a_note_back(world, post, hour, days):
    """Fails when a name is opened shortly before midnight, and the person reads it while they are
    looked for.
    """
    world.moment = EVENING.replace(hour=hour, minute=58)
    opened(world, post)
    midnight = EVENING.replace(hour=0, minute=0) + days * DAY
    world.moment = midnight - timedelta(minutes=1)
    assert TOLD not in own_posts(world, "ray")
    assert "Hold it back for a week" in guardian(world, "sol").get(case(world)).text

    world.moment = midnight

    assert TOLD in own_posts(world, "ray")


def test_a_hold_pressed_twice_is_one(world, post):
    opened(world, post)
    for _ in range(2):
        assert submit(world, "sol", "hold", hold_reason="He is looked for.").status_code == 303

    assert len(latest(world)[1].holds) == 1


def test_who_held_a_note_back_is_asked_again_before_the_week_ends(world, post):
    """Fails when a hold ends without a word to those who may hold it back further."""
    asked = "Must the person still not be told?"
    opened(world, post, "sol", "nan")
    submit(world, "gus", "review", verdict="upheld", words="I see it so.")
    world.moment += timedelta(hours=2)  # nothing is to be shown any more
    submit(world, "sol", "hold", hold_reason="He is being looked for.")
    assert asked not in guardian(world, "sol").get("/guardian").text
    world.moment += 5 * DAY

    for who, is_asked in (("sol", True), ("nan", True), ("gus", False)):
        assert (asked in guardian(world, who).get("/guardian").text) is is_asked
        assert ("The guardians are asked" in world.client(who).get("/").text) is is_asked
    submit(world, "nan", "hold", hold_reason="Still looked for.")
    assert asked not in guardian(world, "sol").get("/guardian").text
    assert "The guardians are asked" not in world.client("sol").get("/").text


@pytest.mark.parametrize(("reason", "is_told"), [("serious_abuse", True), ("legal_order", False)])
def test_after_twelve_weeks_they_are_told_court_orders_aside(world, post, reason, is_told):
    opened(world, post, reason=reason, order="KB-1", advisor="A solicitor")
    start = world.moment
    while world.moment + 6 * DAY <= start + HELD_AT_MOST:
        submit(world, "sol", "hold", hold_reason="Not yet.")
        world.moment += 6 * DAY
    submit(world, "sol", "hold", hold_reason="Not yet.")
    world.moment = start + HELD_AT_MOST

    assert (TOLD in own_posts(world, "ray")) is is_told


def test_only_who_approved_holds_a_note_back(world, post):
    opened(world, post, "sol", "nan")

    assert submit(world, "gus", "hold", hold_reason="Wait.").status_code == 409


def test_an_opening_is_reviewed_by_another_guardian(world, post):
    opened(world, post, "sol", "nan")
    fields = {"verdict": "learning", "words": "We rang too late."}
    assert submit(world, "sol", "review", **fields).status_code == 409

    assert "The guardians are asked" in world.client("gus").get("/").text
    assert submit(world, "gus", "review", **fields).status_code == 303

    said = "A guardian reviewed the opening of a name: something to learn. someone may die now."
    assert log_of_service(world)[0] == said
    assert "The guardians are asked" not in world.client("gus").get("/").text
    assert submit(world, "gus", "review", **fields).status_code == 303  # pressed twice
    late = submit(world, "gus", "review", **fields | {"words": "Rightly."})
    assert late.status_code == 409
    assert "This has changed since you opened the page." in late.text
    assert "Rightly." in late.text  # no form has it any more
    assert len([line for line in log_of_service(world) if line == said]) == 1
    assert latest(world)[1].review.words == "We rang too late."


def test_the_number_of_a_year_is_told_in_the_next(world, post):
    page, client = "/help/hidden-names", world.client("kit")
    opened(world, post)
    assert "In 2025 it was not done." in client.get(page).text

    world.moment = world.moment.replace(year=2027, month=1, day=1)

    assert "In 2026 it was done once." in world.client("kit").get(page).text


def test_the_number_of_a_year_is_counted_once(world, post):
    """Fails when each reader of a public page has every line of last year's log opened."""
    opened(world, post)
    world.moment = world.moment.replace(year=2027, month=1, day=1)
    with world.app.test_request_context():
        assert queries.openings_of_last_year() == (2026, 1)
        db.session.rollback()
        with transactions_of(db.engine) as done:
            assert queries.openings_of_last_year() == (2026, 1)
            db.session.rollback()

        [[statement]] = [each for each in done if each]
        assert "LIMIT" in statement
        with unit_of_work():  # as after a clock set back
            note_service(Deed.NAME_OPENED, Actor.GUARDIAN, at=world.moment - DAY)
        assert queries.openings_of_last_year() == (2026, 2)


def test_no_opening_is_not_one_in_french(tmp_path):
    """Fails when the plural of none, which in French is that of one, says that it was done once."""
    world = World(tmp_path, LANGUAGES=("en-GB", "fr-CA"))
    name_guardians(world, "sol", "nan")
    client = world.client("ray")
    client.set_cookie("l", "fr-CA")

    told = Page(client.get("/help/hidden-names")).text
    assert "En 2025, cela n" in told


def test_the_page_names_guardians_to_members_alone(world, post):
    page = "/help/hidden-names"

    assert "Dr Gus, Dr Nan, Dr Sol" in world.client("kit").get(page).text
    assert "Dr Gus" not in world.client().get(page).text


def test_a_drill_runs_apart_is_timed_and_remembered(world, tmp_path, figure):
    name_guardians(world, "sol", "nan")
    assert "no drill for half a year" in world.client("lee").get("/service").text
    instance = tmp_path / "real" / "instance"
    instance.mkdir(parents=True)

    done = subprocess.run(  # noqa: S603  # our own script
        [str(ROOT / "scripts" / "forum"), "drill"],
        env=os.environ | {"FORUM_INSTANCE": str(instance)},
        capture_output=True,
        text=True,
        check=True,
    )

    steps = re.findall(r"^ *(\d+\.\d\d) s  (.+)\.$", done.stdout, re.MULTILINE)
    figure(f"{steps[-1][0]} s from asking to the note")
    assert steps[-1][1] == "The writer alone finds the note"
    assert [float(seconds) for seconds, _step in steps] == sorted(float(each) for each, _ in steps)
    assert (instance / "drill.done").exists()
    with world.app.app_context():
        last_runs.note_drill()
    assert "no drill for half a year" not in world.client("lee").get("/service").text
    world.moment += 183 * DAY
    assert "no drill for half a year" in world.client("lee").get("/service").text


def test_pages_cost_a_guardian_no_statements_for_each_request(world):
    name_guardians(world, "sol", "nan", "gus")
    with world.app.app_context():
        engine = db.engine
    found = []
    for turn in range(2):
        for number in range(2 + 2 * turn):
            assert ask(world, world.present("pru", f"Title {turn}{number}", "Words."))
            page = page_of(world, world.ids["thread"])
            fields = {"question": f"What then, {turn}{number}?"}
            assert world.client("mo").submit(f"{page}/advice", **fields).status_code == 303
        for page in ("/", "/guardian"):
            client = guardian(world, "nan")
            with transactions_of(engine) as done:
                assert client.get(page).status_code == 200
            found.append(sum(map(len, done)))

    assert len(requests(world)) == 6
    assert found[:2] == found[2:]
