"""Asking, deciding and opening, through the pages."""

from datetime import timedelta

import pytest

from forum.accounts.queries import account
from forum.core.db import unit_of_work
from forum.policy.terms import AuthorMode
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
    settle,
)
from tests.world import EVENING

MASK = AuthorMode.THREAD_PSEUDONYM
MINUTE = timedelta(minutes=1)


def test_two_yes_open_the_name(world, post):
    opened(world, post, "sol", "nan")

    shown = open_name(world, "sol")

    assert "Dr Ray" in shown.text
    assert "ray@example.org" not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    assert shown.headers["Refresh"].startswith("3600;")
    assert "Dr Ray" in open_name(world, "nan").text


@pytest.mark.parametrize("mode", sorted(AuthorMode))
def test_a_name_of_any_mode_is_opened(world, mode):
    name_guardians(world, "sol", "nan")
    if mode is AuthorMode.PSEUDONYM:
        pytest.skip("nobody in this world took one")
    post_id = world.reply("ray", "Goodbye", mode)
    world.moment = EVENING + MINUTE
    opened(world, post_id)

    assert "Dr Ray" in open_name(world, "sol").text


def test_an_opening_of_a_reflection_shows_its_presenter(world):
    name_guardians(world, "sol", "nan")
    told = world.present("fay", "A night", "I want to end it.", MASK)
    world.moment = EVENING + MINUTE
    opened(world, told)

    page = guardian(world, "sol").get(case(world)).text
    assert "I want to end it." in page
    assert "Torn between two" not in page
    assert "Rose" not in page
    assert "Dr Fay" in open_name(world, "sol").text


def test_a_result_is_shown_once(world, post):
    opened(world, post)
    open_name(world, "sol")

    again = open_name(world, "sol")

    assert again.status_code == 403
    assert "Dr Ray" not in again.text


@pytest.mark.parametrize(("later", "shown"), [(0, True), (2, True), (3, False)])
def test_a_form_pressed_twice_shows_its_result_for_two_minutes(world, post, later, shown):
    """A browser shows the answer to the last press, as on a slow telephone."""
    opened(world, post)
    sol, url = guardian(world, "sol"), case(world)
    form = sol.tokens(url)
    assert "Dr Ray" in sol.post(f"{url}/open", data=form).text
    world.moment += later * MINUTE

    again = sol.post(f"{url}/open", data=form)

    assert again.status_code == (200 if shown else 403)
    assert ("Dr Ray" in again.text) is shown


def test_the_form_of_another_shows_nothing_again(world, post):
    opened(world, post, "sol", "nan")
    sol, nan, url = guardian(world, "sol"), guardian(world, "nan"), case(world)
    form, own = sol.tokens(url), nan.tokens(url)
    assert sol.post(f"{url}/open", data=form).status_code == 200
    assert nan.post(f"{url}/open", data=own).status_code == 200

    answer = nan.post(f"{url}/open", data=own | {"form_key": form["form_key"]})

    assert answer.status_code == 403


def test_a_result_is_shown_for_an_hour(world, post):
    opened(world, post)
    world.moment += timedelta(minutes=61)

    assert open_name(world, "sol").status_code == 403


def test_only_approvers_see_a_result(world, post):
    opened(world, post, "sol", "nan")

    assert open_name(world, "gus").status_code == 403
    assert world.client("mo").submit(f"{case(world)}/open").status_code == 404
    assert world.client("ray").submit(f"{case(world)}/open").status_code == 404


def test_only_what_was_asked_for_is_shown(world, post):
    with world.app.app_context(), unit_of_work():
        account(world.ids["ray"]).emergency_contact = "07700 900123"
    opened(world, post, needs=["telephone"])

    shown = open_name(world, "sol").text

    assert "07700 900123" in shown
    assert "Dr Ray" not in shown
    assert "ray@example.org" not in shown


EMERGENCY = {"tel:999", "tel:112"}


@pytest.mark.parametrize(
    ("left", "link"),
    [
        ("07700 900123, my sister", "tel:07700900123"),
        ("home: +44 (0)7700 900123", "tel:+447700900123"),
        ("(020) 7946 0018", "tel:02079460018"),
        ("07700 900123 07700 900124", None),  # of two, which?
        ("", None),
    ],
)
def test_a_telephone_is_rung_by_one_press(world, post, left, link):
    """Fails when whoever has to ring copies digits by hand, or rings a wrong number."""
    with world.app.app_context(), unit_of_work():
        account(world.ids["ray"]).emergency_contact = left
    opened(world, post, needs=["telephone"])

    shown = Page(open_name(world, "sol"))

    links = [each["href"] for each in shown.all("a") if each["href"].startswith("tel:")]
    assert [each for each in links if each not in EMERGENCY] == ([link] if link else [])
    assert left in shown.text


def test_two_no_close_it(world, post):
    ask(world, post)
    decide(world, "sol", "no")
    decide(world, "nan", "no")

    assert open_name(world, "sol").status_code == 403
    page = world.client("mo").get(page_of(world, post)).text
    assert "The guardians did not open the name." in page
    assert "The guardians did not open the name" in world.client("mo").get("/").text
    assert log_of_service(world)[0] == "Two guardians refused to open a name: someone may die now."


def test_one_yes_and_one_no_wait_for_a_third(world, post):
    ask(world, post)
    decide(world, "sol", "no")
    decide(world, "nan", "yes")
    assert open_name(world, "nan").status_code == 403

    decide(world, "gus", "yes")

    assert "Dr Ray" in open_name(world, "gus").text


def test_one_guardian_has_one_voice(world, post):
    ask(world, post)
    for _ in range(2):
        decide(world, "sol", "yes")

    assert open_name(world, "sol").status_code == 403


@pytest.mark.parametrize(
    ("act", "words", "said"),
    [
        ("no", "I was wrong: it is a joke.", "Your first answer stands."),
        ("yes", "And her daughter says so.", "Your first answer stands."),
        ("yes", "I see it so.", "Your answer is stored."),
    ],
)
def test_a_second_answer_is_said_to_change_nothing(world, post, act, words, said):
    """Fails when the page says that an answer is stored which nobody will read."""
    ask(world, post)
    decide(world, "sol", "yes")

    assert said in told(world, "sol", act, words)

    [vote] = latest(world)[1].votes
    assert (vote.yes, vote.words) == (True, "I see it so.")


def test_no_after_two_yes_is_not_said_to_open(world, post):
    """Fails when somebody who did not approve is told that the name is below."""
    ask(world, post)
    for who in ("sol", "nan"):
        decide(world, who, "yes")

    assert "now, below" not in told(world, "gus", "no", "It is a joke.")


def told(world, who, act, words):
    """Text of the page to which an answer leads."""
    client = guardian(world, who)
    answer = client.post(case(world), data=client.tokens("/") | {"act": act, "words": words})
    assert answer.status_code == 303
    return Page(client.get(answer.location)).text


@pytest.mark.parametrize("worker_runs", [True, False])
def test_a_request_lapses_after_a_day(world, post, worker_runs):
    ask(world, post)
    decide(world, "sol", "yes")
    world.moment += timedelta(hours=24)
    if worker_runs:
        settle(world)

    decide(world, "nan", "yes")

    assert open_name(world, "sol").status_code == 403
    assert "your request has ended" in world.client("mo").get(page_of(world, post)).text
    assert "lapsed after 24 hours" in log_of_service(world)[0]


def test_the_asker_learns_no_more_than_in_hand(world, post):
    ask(world, post)
    before = Page(world.client("mo").get(page_of(world, post))).one("main").text
    decide(world, "sol", "yes")
    decide(world, "nan", "yes")
    open_name(world, "sol")

    after = Page(world.client("mo").get(page_of(world, post))).one("main").text

    assert before == after
    assert "Your request to the guardians is in hand." in after


def test_fewer_than_two_guardians_open_nothing(world):
    name_guardians(world, "sol", "ivy")  # one of them belongs here
    post_id = world.reply("ray", "Goodbye", MASK)
    world.moment = EVENING + MINUTE

    answer = ask(world, post_id)

    assert answer.status_code == 422
    assert "Fewer than two guardians can act here" in answer.text
    assert requests(world) == []


def test_all_that_lacks_is_said_at_once(world, post):
    """Fails when a moderator in a hurry is sent back for one field after another."""
    answer = ask(world, post, reason="", facts="", tried="", needs="")

    said = Page(answer).text
    for fault in (
        *("Choose a reason.", "Say what makes you think so.", "Say what you tried already."),
        "Choose the least that helps.",
    ):
        assert said.count(fault) >= 2, fault  # above, and beside its field


@pytest.mark.parametrize("left_out", ["facts", "tried", "needs", "reason"])
def test_a_request_is_complete(world, post, left_out):
    assert ask(world, post, **{left_out: ""}).status_code == 422
    assert requests(world) == []


def test_a_legal_order_needs_its_reference(world, post):
    assert ask(world, post, reason="legal_order").status_code == 422
    assert (
        ask(world, post, reason="legal_order", order="KB-1", advisor="A solicitor").status_code
        == 303
    )
    assert "KB-1" in guardian(world, "sol").get(case(world)).text


@pytest.mark.parametrize(("reason", "kept"), [("legal_order", "KB-1"), ("serious_abuse", "")])
def test_a_reference_is_kept_of_a_legal_order_alone(world, post, reason, kept):
    """Fails when words typed for another reason are stored, which nobody needs."""
    assert ask(world, post, reason=reason, order="KB-1", advisor="KB-1").status_code == 303

    request = latest(world)[1]

    assert (request.order, request.advisor) == (kept, kept)


def test_only_moderators_ask(world, post):
    assert ask(world, post, who="mo").status_code == 303
    client = world.client("ray")
    assert client.submit(f"{page_of(world, post)}/request").status_code == 403


def test_a_request_sent_twice_is_one(world, post):
    client, page = world.client("mo"), page_of(world, post)
    fields = client.tokens(page) | REASONS
    for _ in range(2):
        assert client.post(f"{page}/request", data=fields).status_code == 303

    assert len(requests(world)) == 1


def test_one_request_at_a_time_about_a_post(world, post):
    ask(world, post)

    answer = ask(world, post)

    assert answer.status_code == 422
    assert "It is in hand." in answer.text


def test_deciding_asks_for_the_factor_of_five_minutes(world, post):
    ask(world, post)
    client, url = guardian(world, "sol"), case(world)
    fields = client.tokens("/guardian") | {"act": "yes", "words": "Yes."}
    world.moment += timedelta(minutes=6)

    assert client.get(url).status_code == 303
    assert client.post(url, data=fields).status_code == 401
    assert client.post(f"{url}/open", data=fields).status_code == 401
    assert latest(world)[1].votes == ()


def test_home_tells_guardians_that_something_waits(world, post):
    ask(world, post)

    assert "The guardians are asked" in world.client("sol").get("/").text
    assert "The guardians are asked" not in world.client("kit").get("/").text


def test_advice_is_asked_without_a_name(world, post):
    client, page = world.client("mo"), page_of(world, post)
    fields = client.tokens(page) | {"question": "Somebody says goodbye. Would you ring?"}
    assert client.post(f"{page}/advice", data=fields).status_code == 303

    own = guardian(world, "sol")
    listed = Page(own.get("/guardian"))
    assert "Would you ring?" in listed.text
    assert "Rose" not in listed.text
    actions = (form.get("action", "") for form in listed.all("form"))
    url = next(each for each in actions if "questions" in each)
    own.post(url, data=own.tokens("/guardian") | {"answer": "I would."})

    assert "I would." in client.get(page).text
    assert "I would." not in world.client("nan").get(f"/circles/{world.ids['oak']}").text


def test_an_answer_overwrites_no_newer_one(world, post):
    """Fails when an older form replaces what another guardian answered meanwhile, unasked."""
    client, page = world.client("mo"), page_of(world, post)
    client.submit(f"{page}/advice", question="Shall I ring?")
    sol, nan = guardian(world, "sol"), guardian(world, "nan")
    first, second = answer_form(sol.get("/guardian")), answer_form(nan.get("/guardian"))
    for _pressed_twice in range(2):
        assert send(sol, first, "Ring now, do not wait.").status_code == 303

    asked = send(nan, second, "I would wait.")

    assert asked.status_code == 422
    assert "Ring now, do not wait." in Page(asked.text).text
    assert Page(asked.text).field("answer").value == "I would wait."
    assert "Ring now, do not wait." in client.get(page).text
    assert send(nan, answer_form(asked), "I would wait.").status_code == 303
    assert "I would wait." in client.get(page).text


def answer_form(answer):
    """Form of a page under the only question."""
    return next(each for each in Page(answer.text).all("form") if "questions" in each["action"])


def send(client, form, words):
    return client.post(form["action"], data=Page.fields(form) | {"answer": words})
