"""What may go wrong between a request and an opening."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from forum.accounts.queries import account
from forum.accounts.services import schedule_deletion, suspend
from forum.circles import closing, member_names, membership
from forum.circles.models import Circle, Membership
from forum.circles.services import join, leave, purge
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.core.randomness import new_id
from forum.discussions import post_queries, posts
from forum.operations.rotation import rotate
from forum.policy.terms import AuthorMode, Role
from forum.safety import guardians, jobs, queries, services
from forum.safety.models import Guardian, Matter
from tests.page import Page
from tests.safety.people import (
    REASONS,
    ask,
    case,
    decide,
    guardian,
    latest,
    log_of_service,
    name_guardians,
    open_name,
    opened,
    page_of,
    requests,
)
from tests.world import EVENING

MASK = AuthorMode.THREAD_PSEUDONYM
MINUTE = timedelta(minutes=1)


def lose(world, who, how):
    """Have a guardian lose what makes them one for this circle."""
    with world.app.app_context(), unit_of_work():
        match how:
            case "steps down":
                guardians.step_down(world.ids[who])
            case "is ended by the lead":
                guardians.end(guardians.asked(world.ids[who]).id)
            case "loses the second lock":
                account(world.ids[who]).totp_secret = b""
            case "is suspended":
                suspend(f"{who}@example.org")
            case "goes":
                schedule_deletion(world.ids[who], world.moment.date())
            case "joins the circle":
                circle = db.session.get_one(Circle, world.ids["rose"])
                join(circle, world.ids[who], f"Dr {who.title()}", Role.MEMBER)


LOSSES = (
    *("steps down", "is ended by the lead", "is suspended", "goes", "joins the circle"),
    "loses the second lock",
)


@pytest.mark.parametrize("how", LOSSES)
def test_a_yes_of_somebody_who_can_act_no_more_does_not_count(world, post, how):
    ask(world, post)
    url = case(world)
    decide(world, "sol", "yes")
    lose(world, "sol", how)

    decide(world, "nan", "yes", url=url)

    assert open_name(world, "nan", url).status_code == 403
    decide(world, "gus", "yes", url=url)
    assert "Dr Ray" in open_name(world, "gus", url).text


@pytest.mark.parametrize("how", LOSSES)
def test_who_can_act_no_more_is_forgotten_with_the_next_answer(world, post, how):
    """Fails when a request goes on naming somebody whose answer counts no more."""
    ask(world, post)
    decide(world, "sol", "yes")
    lose(world, "sol", how)

    decide(world, "nan", "yes")

    assert [vote.guardian for vote in latest(world)[1].votes] == [world.ids["nan"]]


@pytest.mark.parametrize("how", LOSSES)
def test_who_can_act_no_more_decides_and_sees_nothing(world, post, how):
    opened(world, post, "sol", "nan")
    world.moment += MINUTE
    ask(world, world.ids["thread"])  # of which nothing is decided yet
    pages = [f"/guardian/requests/{row_id}" for row_id, _request in requests(world)]
    lose(world, "sol", how)

    for page in pages:
        read, shown = guardian(world, "sol").get(page), open_name(world, "sol", page)
        said = decide(world, "sol", "yes", url=page)
        assert [read.status_code, shown.status_code, said.status_code] == [404] * 3
        assert "Dr Ray" not in shown.text
    (_id, waits), (_other, done) = requests(world)
    assert (waits.votes, done.shown_to) == ((), ())


def test_a_guardian_who_left_the_circle_cannot_act_before_the_purge(world, post):
    name_guardians(world, "kit")
    with world.app.app_context(), unit_of_work():
        leave(world.ids["kit"], world.ids["rose"])
    ask(world, post)

    assert guardian(world, "kit").get(case(world)).status_code == 404


@pytest.mark.parametrize("state", ["withdrawn", "hidden"])
def test_a_post_that_shows_no_more_can_be_asked_about(world, post, state):
    with world.app.app_context():
        standing = world.standing("ray" if state == "withdrawn" else "mo")
        found = post_queries.any_post(standing, post)
        with unit_of_work():
            if state == "withdrawn":
                posts.withdraw(standing, found)
        if state == "hidden":
            world.client("mo").submit(world.url("moderation.do", post_id=post), do="hide")
    world.moment += timedelta(hours=13)
    opened(world, post)

    page = guardian(world, "sol").get(case(world)).text
    assert ("Goodbye to you all" in page) is (state == "hidden")
    assert "Dr Ray" in open_name(world, "sol").text


def test_a_post_withdrawn_meanwhile_leaves_the_request(world, post):
    ask(world, post)
    with world.app.app_context():
        standing = world.standing("ray")
        with unit_of_work():
            posts.withdraw(standing, post_queries.any_post(standing, post))
    world.moment += timedelta(hours=13)
    for who in ("sol", "nan"):
        decide(world, who, "yes")

    assert "This post has been withdrawn." in guardian(world, "sol").get(case(world)).text
    assert "Dr Ray" in open_name(world, "sol").text


@pytest.mark.parametrize("how", ["leaves", "is removed", "deletes the account"])
def test_who_goes_is_found_within_the_days_of_grace(world, post, how):
    ask(world, post)
    with world.app.app_context(), unit_of_work():
        match how:
            case "leaves":
                leave(world.ids["ray"], world.ids["rose"])
            case "is removed":
                mine = Membership.member_id == world.ids["ray"]
                place = db.session.scalars(db.select(Membership).where(mine)).one()
                membership.remove(world.standing("mo"), place.id)
            case "deletes the account":
                leave(world.ids["ray"], world.ids["rose"])
                schedule_deletion(world.ids["ray"], world.moment.date() + timedelta(days=7))
    for who in ("sol", "nan"):
        decide(world, who, "yes")

    assert "Dr Ray" in open_name(world, "sol").text


def test_who_was_purged_is_found_no_more(world, post):
    with world.app.app_context():
        with unit_of_work():
            leave(world.ids["ray"], world.ids["rose"])
        member_names.write_bylines()
        world.moment += timedelta(days=9)
        with unit_of_work():
            purge(world.ids["rose"], lambda _place: False)
    opened(world, post)

    shown = Page(open_name(world, "sol")).one("main").text

    assert "Nobody can be found behind this name any more" in shown
    assert "Dr Ray" not in shown


def test_keys_rotated_meanwhile_open_the_same_name(world, post):
    ask(world, post)
    decide(world, "sol", "yes")
    with world.app.app_context():
        rotate(lambda *_: None)
        db.session.remove()
        db.engine.dispose()
    world.restart()
    world.cookies.clear()
    decide(world, "nan", "yes")

    assert "Dr Ray" in open_name(world, "sol").text


def test_of_two_showings_at_once_one_is_made(world, post):
    opened(world, post)
    url = case(world)
    clients = [guardian(world, "sol") for _ in range(4)]
    fields = [client.tokens("/guardian") for client in clients]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: clients[n].post(f"{url}/open", data=fields[n]), range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403]


def test_of_two_answers_at_once_both_count(world, post):
    ask(world, post)
    url = case(world)
    clients = [guardian(world, who) for who in ("sol", "nan")]
    fields = [each.tokens("/guardian") | {"act": "yes", "words": "Yes."} for each in clients]

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda n: clients[n].post(url, data=fields[n]), range(2)))

    assert latest(world)[1].opened_on == EVENING.date()
    assert len(latest(world)[1].votes) == 2


def test_an_ended_session_gives_the_sentence_back(world, post):
    ask(world, post)
    client, url = guardian(world, "sol"), case(world)
    fields = client.tokens("/guardian") | {"act": "yes", "words": "He says goodbye, twice."}
    client.post("/sign-out", data=client.tokens("/guardian"))

    answer = client.post(url, data=fields)

    assert answer.status_code in (303, 401)
    assert latest(world)[1].votes == ()


def test_a_fourth_request_in_thirty_days_is_refused_and_logged(world, post):
    fields = {"reason": "serious_abuse"}
    for _ in range(3):
        assert ask(world, post, **fields).status_code == 303
        decide(world, "sol", "no")
        decide(world, "nan", "no")
    assert "One circle asked" not in world.client("lee").get("/service").text

    answer = ask(world, post, **fields)

    assert answer.status_code == 409
    assert "three times in 30 days" in answer.text
    assert "was refused, as its circle had asked three times" in log_of_service(world)[0]
    assert len(requests(world)) == 3
    assert ask(world, post).status_code == 303  # someone may die now
    lead = Page(world.client("lee").get("/service")).text
    assert "One circle asked the guardians 4 times in 30 days." in lead
    assert "Rose" not in lead


def test_requests_of_a_month_ago_do_not_count(world, post):
    fields = {"reason": "serious_abuse"}
    for _ in range(3):
        ask(world, post, **fields)
        decide(world, "sol", "no")
        decide(world, "nan", "no")
    world.moment += timedelta(days=30)

    assert ask(world, post, **fields).status_code == 303
    assert "One circle asked" not in world.client("lee").get("/service").text


def test_a_clock_set_back_opens_nothing_early_or_late(world, post):
    opened(world, post)
    url, then = case(world), world.moment
    world.moment -= timedelta(hours=2)
    assert open_name(world, "sol", url).status_code == 403

    world.moment = then

    assert open_name(world, "sol", url).status_code == 200


def test_a_clock_set_back_shows_no_name_again(world, post):
    """Fails when a form shows its result again after a clock was set back before its press."""
    opened(world, post)
    world.moment += 30 * MINUTE
    sol, url = guardian(world, "sol"), case(world)
    form = sol.tokens(url)
    assert "Dr Ray" in sol.post(f"{url}/open", data=form).text
    world.moment -= 20 * MINUTE
    sol = guardian(world, "sol")  # the second factor given again

    again = sol.tokens("/") | {"form_key": form["form_key"]}
    assert sol.post(f"{url}/open", data=again).status_code == 403


def test_a_clock_set_back_begins_no_quarter_of_an_hour(world, post):
    ask(world, post)
    world.moment -= timedelta(hours=2)

    assert decide(world, "sol", "alone").status_code == 409


def close(world):
    """Destroy Rose's key and rows, as on the last day of a circle."""
    with world.app.app_context(), unit_of_work():
        key_ring().destroy_circle(world.ids["rose"])
        closing.erase(world.ids["rose"])


def test_a_closed_circle_leaves_no_name(world, post):
    opened(world, post)
    url = case(world)
    with world.app.app_context():
        key_ring().destroy_circle(world.ids["rose"])

    assert open_name(world, "sol", url).status_code == 404


def test_a_closed_circle_leaves_nothing_to_read(world, post):
    """Fails when a guardian who belonged to a closed circle passes for a stranger to it."""
    name_guardians(world, "fay")
    ask(world, post)
    url, page, question = case(world), page_of(world, post), "Shall I ring, or wait?"
    assert world.client("mo").submit(f"{page}/advice", question=question).status_code == 303
    assert guardian(world, "fay").get(url).status_code == 404
    assert question in guardian(world, "sol").get("/guardian").text

    close(world)

    for who in ("fay", "sol"):
        assert guardian(world, who).get(url).status_code == 404
        assert decide(world, who, "yes", url=url).status_code == 404
        assert question not in guardian(world, who).get("/guardian").text
        assert "The guardians are asked" not in world.client(who).get("/").text


def test_matters_go_with_their_circle(world, post):
    """Fails when a request or a question stays in the database after its circle."""
    opened(world, post)
    page, question = page_of(world, post), "Shall I ring, or wait?"
    assert world.client("mo").submit(f"{page}/advice", question=question).status_code == 303
    ask(world, world.present("pru", "Another", "Words."))
    close(world)
    before = log_of_service(world)

    with world.app.app_context():
        jobs.settle()

        assert queries.rows() == []
    assert log_of_service(world) == before


def test_a_request_of_another_circles_moderator_finds_nothing(world, post):
    client = world.client("nan")

    answer = client.post(f"{page_of(world, post)}/request", data=client.tokens("/") | REASONS)

    assert answer.status_code == 404


def test_one_damaged_matter_stops_no_page_and_no_clock(world, post, caplog):
    ask(world, post)
    url = case(world)
    with world.app.app_context(), unit_of_work():
        damaged = db.insert(Matter.__table__).values(id=new_id(), stored=b"\x01\x01" + b"x" * 60)
        db.session.execute(damaged)
    rose = f"/circles/{world.ids['rose']}"
    pages = (("pru", "/"), ("ray", f"{rose}/your-words"), ("mo", page_of(world, post)))
    for who, page in (*pages, ("lee", "/service"), ("joe", f"{rose}/")):
        assert world.client(who).get(page).status_code == 200
    assert guardian(world, "sol").get(url).status_code == 200
    world.moment += timedelta(days=1)

    with world.app.app_context():
        jobs.settle()

    assert "lapsed after 24 hours" in log_of_service(world)[0]
    assert "safety.settled: a damaged row was left out: SealBroken" in caplog.messages
    with world.app.app_context():
        assert len(queries.rows()) == 2  # left as it is


def test_a_vote_beside_the_clock_is_not_lost(world, post):
    """Fails when the clock writes a request that it read before a guardian's answer."""
    ask(world, post)
    row_id = latest(world)[0]
    with world.app.app_context():
        stale = db.session.get_one(Matter, row_id)
        decide(world, "sol", "yes")
        world.moment += timedelta(days=1)
        with unit_of_work():
            services.settle(stale.id)

    assert len(latest(world)[1].votes) == 1


def test_asked_twice_at_once_answers_alike_for_every_address(world):
    """Fails when the lead learns from an error that an address has an account."""
    page, answers = "/service/guardians", set()
    for number in range(4):
        for address in ("ray@example.org", f"nobody{number}@example.org"):
            with world.app.app_context(), unit_of_work():
                db.session.execute(db.delete(Guardian))
            leads = [world.client("lee") for _ in range(2)]
            sent = [
                (each, each.tokens(page) | {"address": address, "act": "ask"}) for each in leads
            ]
            start = Barrier(2)

            def press(client, fields, start=start):
                start.wait()
                return client.post(page, data=fields).status_code

            with ThreadPoolExecutor(2) as pool:
                answers |= {*pool.map(lambda each, press=press: press(*each), sent)}

    assert answers == {303}
