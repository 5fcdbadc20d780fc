"""Actions with a day: a presenter's next steps, asked about once their day has come."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from forum import worker
from forum.core.db import db
from forum.discussions import courses, thread_queries
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode, RoundKind
from tests.blanking import blank
from tests.discussions.test_walk_rounds import begun
from tests.offboarding.test_export import copy, opened
from tests.page import Page
from tests.world import transactions_of

NAMED, HIDDEN = AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM
DAY = "2026-04-16"  # a Thursday, after the round has closed
ASKED = "You meant to try something by Thu 16 Apr. How did it go?"


def at_actions(world, who="pru", mode=NAMED):
    """The address of a thread in its phase of actions."""
    told = begun(world, "action_learning", who, mode)
    while phase(world).phase.key != "actions":
        world.moment = phase(world).ends + timedelta(minutes=1)
    return told


def phase(world):
    with world.app.app_context():
        standing = world.standing("ivy")
        thread = thread_queries.thread(standing, world.ids["told"])
        return courses.timeline_now(standing, thread).now


def try_something(world, told, who="pru", mode=NAMED, **more):
    sent = {"body": "Ring her on Fridays.", "kind": "action", "report_on": DAY, "do": mode.value}
    return world.client(who).answer(told, **(sent | more))


def on_the_day(world):
    world.moment = world.moment.replace(month=4, day=16, hour=8, minute=1)
    worker_runs(world)


def worker_runs(world):
    with world.app.app_context():
        worker.run_due_jobs()


def own_page(world, who):
    return (
        world.client(who)
        .get(f"/circles/{world.ids['rose']}/your-words")
        .text.replace("\u00a0", " ")
    )


def shown(world, told, who):
    return world.client(who).get(told).text.replace("\u00a0", " ")


def days(world):
    with world.app.app_context():
        return [each.report_on for each in db.session.scalars(select(Reply))]


def test_an_action_tells_its_day(world):
    told = at_actions(world)

    assert try_something(world, told).status_code == 303

    assert "To tell how it went: 16 April" in shown(world, told, "ray")
    assert ASKED not in shown(world, told, "pru")


def test_the_check_page_tells_the_day(world):
    told, pru = at_actions(world), world.client("pru")
    sent = {"kind": "action", "report_on": DAY, "do": NAMED.value}

    answer = pru.answer(told, body="Ring Mrs Exampleton on Fridays.", **sent)
    page = Page(pru.get(answer.location))

    assert page.one("h1").text == "Check before posting"
    assert "To tell how it went: 16 April" in page.text.replace("\u00a0", " ")


def test_a_copy_of_ones_texts_holds_the_day(world):
    told, pru = at_actions(world), world.client("pru")
    try_something(world, told)
    waits = {"kind": "action", "report_on": "2026-04-23", "do": "save"}
    pru.answer(told, body="And rest.", **waits)

    files = opened(copy(world, "pru"))

    [circle] = json.loads(files["words.json"])["circles"]
    actions = [each for each in circle["posts"] if each["kind"] == "action"]
    assert [each["to_tell_how_it_went_on"] for each in actions] == [DAY]
    assert [each["to_tell_how_it_went_on"] for each in circle["drafts"]] == ["2026-04-23"]
    assert f"*To tell how it went on {DAY}*" in files["words.md"]
    assert all("to_tell" not in str(each) for each in circle["posts"] if each["kind"] != "action")


def test_the_presenter_alone_is_asked_on_that_day(world):
    told = at_actions(world)
    try_something(world, told)
    on_the_day(world)

    assert ASKED in shown(world, told, "pru")
    assert ASKED in own_page(world, "pru")
    for other in ("ray", "fay", "mo"):
        assert ASKED not in shown(world, told, other)
    composer = world.client("pru").get(f"{told}/answer", follow_redirects=True).text
    assert "What you meant to try:" in composer
    assert "Ring her on Fridays." in composer.split("What you meant to try:")[1]

    world.client("pru").answer(told, body="She rang first.", do="own_name")
    assert ASKED not in shown(world, told, "pru")


@pytest.mark.parametrize("day", ["2020-01-01", "2029-01-01", "Friday"])
def test_a_day_out_of_reach_comes_back_with_its_text(world, day):
    told = at_actions(world)

    sent = try_something(world, told, report_on=day)

    assert sent.status_code == 422
    assert Page(sent).error("report_on")
    assert Page(sent).field("body").value == "Ring her on Fridays."
    assert Page(sent).field("report_on").value == day
    assert days(world).count("") == 0


def test_a_day_without_a_kind_makes_an_action(world):
    told = at_actions(world)

    try_something(world, told, kind="")

    assert DAY in days(world)


def test_the_day_is_changed_and_goes_with_its_text(world):
    told = at_actions(world)
    try_something(world, told)
    pru = world.client("pru")
    page = [
        each["href"] for each in Page(pru.get(told)).all("a") if each.text == "Edit or withdraw"
    ][-1]
    assert Page(pru.get(page)).field("report_on").value == DAY

    pru.submit(page, body="Ring her on Mondays.", report_on="2026-04-20", do="keep")
    assert "To tell how it went: 20 April" in shown(world, told, "ray")
    pru.submit(page, body="Ring her on Mondays.", report_on="", do="keep")
    assert "To tell how it went" not in shown(world, told, "ray")


def test_a_stale_window_cannot_move_a_day_it_never_saw(world):
    """Fails when the day alone is not among what two windows are compared by."""
    told, pru = at_actions(world), world.client("pru")
    try_something(world, told)
    with world.app.app_context():
        [action] = db.session.scalars(select(Reply).filter_by(kind=RoundKind.ACTION))
    url = world.url("discussions.edit", who="pru", post_id=action.id)
    page = pru.get(url)
    fields = pru.tokens_of(page) | {"version": Page(page).field("version").value}
    fields |= {"body": Page(page).field("body").value}

    first, other = (
        pru.post(url, data=fields | {"report_on": day}) for day in ("2026-05-01", "2026-06-01")
    )

    assert (first.status_code, other.status_code) == (303, 409)
    assert "1 May" in Page(other).one("section", cls="notice").text.replace("\u00a0", " ")
    assert "1 May" in shown(world, told, "ray")


def test_a_hidden_presenters_day_shows_at_the_slot_and_asks_on_their_own_page(world):
    told = at_actions(world, "ray", HIDDEN)
    shown(world, told, "pru")  # read once, nothing is new in it
    before = blank(shown(world, told, "pru"))
    assert try_something(world, told, "ray", HIDDEN).status_code == 303
    assert blank(shown(world, told, "pru")) == before

    world.moment = phase(world).ends + timedelta(minutes=1)
    worker_runs(world)
    assert "To tell how it went: 16 April" in shown(world, told, "pru")
    on_the_day(world)

    alike = {shown(world, told, who).count("How did it go?") for who in ("ray", "pru", "ivy")}
    assert alike == {0}
    assert ASKED in own_page(world, "ray")
    assert ASKED not in own_page(world, "pru")


def test_only_actions_hold_a_sealed_day(world):
    """Fails when the day stands in clear, or a row of another kind shows that it has one."""
    told = at_actions(world)
    try_something(world, told)
    try_something(world, told, body="And rest.", report_on="")
    world.client("pru").answer(told, body="Thanks to all.", kind="answer", do="own_name")

    with world.app.app_context():
        rows = db.session.execute(text("SELECT kind, report_on FROM reply")).all()
    sealed = [day for kind, day in rows if kind == "action"]
    assert len(sealed) == 2
    assert {len(day) for day in sealed} == {2 + 12 + 256 + 16}
    assert DAY.encode() not in b"".join(sealed)
    assert {day for kind, day in rows if kind != "action"} == {None}


@pytest.mark.proof("M12")
@pytest.mark.leaks
def test_a_hidden_presenters_pages_take_equal_work_for_all(world):
    """Fails when the thread, the circle's page or home runs another statement for its hidden
    presenter: an action with its day waits, shows, is asked about, and a name is revealed."""
    told = at_actions(world, "ray", HIDDEN)
    pages = (told, f"/circles/{world.ids['rose']}/", "/")

    def statements(who):
        client = world.client(who)
        for page in pages:
            client.get(page)  # read once: then no read mark is written
        with transactions_of(engine) as transactions:
            for page in pages:
                client.get(page)
        alike = re.compile(r"IN \([?, ]+\)")
        return [alike.sub("IN (…)", one) for each in transactions for one in each]

    def alike():
        return statements("ray") == statements("joe") == statements("kit")

    with world.app.app_context():
        engine = db.engine
    try_something(world, told, "ray", HIDDEN)
    assert alike()
    world.moment = phase(world).ends + timedelta(minutes=1)
    worker_runs(world)
    assert alike()
    on_the_day(world)
    assert alike()
    links = Page(world.client("ray").get(f"/circles/{world.ids['rose']}/your-words")).all("a")
    [page] = [each["href"] for each in links if each.text == "Show your everyday name"]
    assert world.client("ray").submit(page, sure="1").status_code == 303
    assert alike()
    world.moment += timedelta(hours=13)
    worker_runs(world)
    assert "was Dr Ray." in shown(world, told, "joe")
    assert alike()
