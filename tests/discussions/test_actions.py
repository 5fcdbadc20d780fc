"""Actions with a day: a presenter's next steps, asked about once their day has come."""

import json
import re
from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from forum import worker
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.discussions import actions, courses, thread_queries
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode, ReplyKind, RoundKind
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


@pytest.mark.parametrize(("ahead", "is_open"), [(0, False), (1, True), (366, True), (367, False)])
def test_a_day_lies_between_tomorrow_and_a_year(world, ahead, is_open):
    day = (world.moment + timedelta(days=ahead)).date().isoformat()
    with world.app.test_request_context():
        standing = world.standing("pru")
        with nullcontext() if is_open else pytest.raises(InvalidInput):
            assert actions.day_to_report(standing, day) == day


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


def test_the_words_of_an_action_are_changed_after_its_day(world):
    """Fails when a day that has passed keeps its writer from mending the words beside it."""
    told = at_actions(world)
    try_something(world, told)
    on_the_day(world)
    world.moment += timedelta(days=1)
    with world.app.app_context():
        [action] = db.session.scalars(select(Reply).filter_by(kind=RoundKind.ACTION))
    url, pru = world.url("discussions.edit", who="pru", post_id=action.id), world.client("pru")

    kept = pru.submit(url, body="Ring her on Mondays.", report_on=DAY, do="keep")
    moved = pru.submit(url, body="Ring her on Mondays.", report_on="2026-04-15", do="keep")

    assert (kept.status_code, moved.status_code) == (303, 422)
    assert "Ring her on Mondays." in shown(world, told, "ray")
    assert DAY in days(world)


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


# After the days for actions


def closed(world, who="pru", mode=NAMED):
    """The address of a round that closed before its presenter wrote an action."""
    told = at_actions(world, who, mode)
    world.moment = phase(world).ends + timedelta(minutes=1)
    return told


def composed(world, told, who="pru", mode=NAMED, **more):
    """Send what the composer's own page holds, and more."""
    client = world.client(who)
    composer = client.get(f"{told}/answer").location
    typed = Page(client.get(composer)).one("form", id="typed").fields()
    return client.post(composer, data=typed | {"body": "Ring her.", "do": mode.value} | more)


def kinds_of(world):
    with world.app.app_context():
        return [each.kind for each in db.session.scalars(select(Reply).order_by(Reply.place))]


def test_nobody_is_late_with_an_action(world):
    told = closed(world)
    page = shown(world, told, "pru")

    assert "You can still write a next step of your own, if you like." in page
    assert Page(world.client("pru").get(told)).link("Write")
    for number, day in enumerate(("2026-04-16", "2026-04-20")):
        sent = composed(world, told, kind="action", body=f"Step {number}", report_on=day)
        assert sent.status_code == 303, Page(sent).one("main").text
    third = composed(world, told, kind="action", body="Step 3")
    assert "Two actions are enough." in Page(third).error("body")

    assert "You can still write" not in shown(world, told, "pru")
    assert Page(world.client("pru").get(told)).link("Look back")
    on_the_day(world)
    assert ASKED in shown(world, told, "pru")


@pytest.mark.parametrize("who", ["ray", "fay", "mo"])
def test_a_late_action_is_the_presenters_alone(world, who):
    told = closed(world)

    sent = try_something(world, told, who)

    assert sent.status_code == 422
    assert "You can still write" not in shown(world, told, who)
    assert RoundKind.ACTION not in kinds_of(world)


def test_a_late_action_is_open_once_the_round_is_opened_again(world):
    told = closed(world)
    world.client("pru").submit(f"{told}/round", move="reopen")
    world.moment += timedelta(days=1)

    assert try_something(world, told).status_code == 303
    assert RoundKind.ACTION in kinds_of(world)


def test_other_rounds_take_no_late_action(world):
    told = begun(world, "questions_first", "pru", NAMED)
    world.client("pru").submit(f"{told}/round", move="end", sure="1")

    assert try_something(world, told).status_code == 422


def test_a_hidden_presenters_late_action_waits_for_its_slot(world):
    told = closed(world, "ray", HIDDEN)
    shown(world, told, "ivy")
    before = blank(shown(world, told, "ivy"))
    assert "You can still write" not in shown(world, told, "ray")

    assert try_something(world, told, "ray", HIDDEN).status_code == 303

    assert blank(shown(world, told, "ivy")) == before
    world.moment += timedelta(days=1)
    assert "Ring her on Fridays." in shown(world, told, "ivy")


def test_a_day_on_the_page_makes_an_action(world):
    """Fails where the page's usual kind wins over a day, which would then be lost."""
    told = at_actions(world)

    assert composed(world, told, report_on=DAY).status_code == 303

    assert DAY in days(world)


def test_a_day_without_an_action_comes_back(world):
    told = at_actions(world)

    sent = composed(world, told, report_on=DAY, kind="answer")

    assert sent.status_code == 422
    assert "A day belongs to a next step" in Page(sent).error("report_on")
    assert Page(sent).field("report_on").value == DAY
    assert Page(sent).field("body").value == "Ring her."


def test_what_is_written_after_closing_looks_back_unless_it_is_an_action(world):
    told = closed(world)

    assert composed(world, told, body="It went well.").status_code == 303

    assert kinds_of(world)[-1] == ReplyKind.LOOK_BACK
