"""Look-backs offered on home, by an everyday name alone."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from forum.core.db import db
from tests.discussions.test_actions import (
    HIDDEN,
    NAMED,
    at_actions,
    on_the_day,
    try_something,
    worker_runs,
)
from tests.discussions.test_walk_rounds import begun, line
from tests.page import Page

OFFER = "You told something in March. Look back?"


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
