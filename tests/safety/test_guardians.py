import pytest

from forum.accounts.queries import account
from forum.accounts.services import forget, restore, schedule_deletion, suspend
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.mail.outbox import send_due
from forum.safety import guardians
from tests.accounts.second_factors import add_app
from tests.page import Page
from tests.postoffice import PostOffice
from tests.safety.people import by_pages, guardian, log_of_service, name_guardians
from tests.world import TOKEN, World

LIST = "/service/guardians"


@pytest.fixture
def lee(world):
    return world.client("lee")


def ask(lee, who, act="ask"):
    return lee.post(LIST, data=lee.tokens(LIST) | {"address": f"{who}@example.org", "act": act})


def acting(world):
    with world.app.app_context():
        return [member.name for _row, member in guardians.acting()]


def test_a_guardian_is_asked_and_accepts(world, lee):
    by_pages(world, "sol")

    assert acting(world) == ["Dr Sol"]
    assert "Dr Sol" in lee.get(LIST).text
    assert "Stop being a guardian" in world.client("sol").get("/guardian").text


def test_home_tells_who_is_asked(world, lee):
    ask(lee, "sol")

    page = Page(world.client("sol").get("/"))
    assert page.link("You are asked to be a guardian")["href"] == "/guardian"
    assert "asked to be a guardian" not in world.client("nan").get("/").text


@pytest.mark.parametrize("accepted", [False, True])
def test_a_guardian_is_told_whether_emails_call_them(world, lee, accepted):
    """Fails when somebody accepts in the belief that they will be called, and nothing calls."""
    if accepted:
        name_guardians(world, "sol")
    else:
        ask(lee, "sol")
    silent = "This service sends no email, so nothing calls you. Please sign in every day."
    assert silent in world.client("sol").get("/guardian").text

    with PostOffice() as office:
        office.serves(world)
        page = world.client("sol").get("/guardian").text

    assert silent not in page
    assert ("We email you when something waits" in page) is not accepted


def test_accepting_needs_a_second_factor(world, lee):
    ask(lee, "sol")

    answer = world.client("sol").submit("/guardian/accept")

    assert answer.location.startswith("/account/lock?next=")
    assert acting(world) == []
    with world.app.app_context(), pytest.raises(InvalidInput), unit_of_work():
        guardians.accept(world.ids["sol"])


def test_accepting_asks_for_the_factor_again(world, lee):
    ask(lee, "sol")
    name_guardians(world, "nan")
    with world.app.app_context(), unit_of_work():
        account(world.ids["sol"]).totp_secret = b"x" * 20

    answer = world.client("sol").submit("/guardian/accept")

    assert answer.status_code == 401
    assert acting(world) == ["Dr Nan"]


def test_an_unknown_address_is_answered_alike(world):
    pages = []
    for who in ("sol", "nobody"):
        client = world.client("lee")
        answer = ask(client, who)
        page = client.get(answer.location).text
        pages.append((answer.status_code, answer.data, TOKEN.sub("", page)))

    assert pages[0] == pages[1]


@pytest.mark.parametrize("accepted", [0, 4])
def test_an_address_changes_no_later_answer(world, lee, accepted):
    """Fails when the lead learns from a limit which address has an account: of somebody free, of
    somebody asked already, of a suspended account, of nobody."""
    name_guardians(world, *("nan", "gus", "ivy", "joe")[:accepted])
    with world.app.app_context(), unit_of_work():
        suspend("ray@example.org")

    answers = []
    for who in ("sol", "sol", "kit", "nan", "ray", "nobody", "no-one", "nobody-else"):
        answers.append((ask(lee, who), ask(lee, "no-such-person")))

    assert {answer.status_code for pair in answers for answer in pair} == {303}


def test_five_who_accepted_are_enough_for_every_address(world, lee):
    name_guardians(world, "nan", "gus", "ivy", "joe", "kit")

    answers = [ask(lee, who) for who in ("sol", "nobody", "gus")]

    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert all("Five guardians have accepted already" in answer.text for answer in answers)
    assert ask(lee, "kit", "end").status_code == 303
    assert ask(lee, "sol").status_code == 303


def test_a_sixth_who_was_asked_cannot_accept(world, lee):
    """Fails when more than five become guardians: asking alone is counted for nobody."""
    ask(lee, "sol")
    name_guardians(world, "nan", "gus", "ivy", "joe", "kit")
    add_app(world, world.client("sol"))

    client = guardian(world, "sol")
    assert client.submit("/guardian/accept").status_code == 303

    assert "Five guardians have accepted already, so nobody is" in client.get("/guardian").text
    assert not guardian_row(world, "sol").accepted


def test_declining_leaves_no_line_for_the_lead(world, lee):
    """Fails when the service's log tells that somebody with an account was asked."""
    ask(lee, "sol")
    before = log_of_service(world)

    assert world.client("sol").submit("/guardian/step-down").status_code == 303

    assert log_of_service(world) == before
    assert not guardian_row(world, "sol")


def test_asking_has_a_limit_of_its_own(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    lee = world.client("lee")

    answers = [ask(lee, who).status_code for who in ("nobody",) * 20 + ("sol", "nobody")]

    assert answers == [303] * 20 + [429] * 2


def test_a_suspended_account_is_not_asked(world, lee):
    with world.app.app_context(), unit_of_work():
        suspend("sol@example.org")

    assert ask(lee, "sol").status_code == 303

    assert not guardian_row(world, "sol")


def guardian_row(world, who):
    with world.app.app_context():
        return guardians.row_of(world.ids[who])


def test_no_name_leaves_the_members_list_by_a_suspension(world, lee):
    """Fails when members read off the list that a guardian was suspended."""
    name_guardians(world, "nan", "sol")
    with world.app.app_context(), unit_of_work():
        suspend("nan@example.org")

    assert acting(world) == ["Dr Sol"]
    assert "Dr Nan" in world.client("ivy").get("/help/hidden-names").text


def test_the_lead_is_no_guardian(world, lee):
    assert "other people than the programme lead" in ask(lee, "lee").text


def test_who_was_not_asked_finds_no_page(world):
    client = world.client("sol")

    assert client.get("/guardian").status_code == 404
    assert client.submit("/guardian/accept").status_code == 404


@pytest.mark.parametrize("loss", ["suspended", "going", "without a factor"])
def test_a_guardian_who_cannot_act_is_not_listed(world, loss):
    name_guardians(world, "sol", "nan")
    with world.app.app_context(), unit_of_work():
        match loss:
            case "suspended":
                suspend("sol@example.org")
            case "going":
                schedule_deletion(world.ids["sol"], world.moment.date())
            case "without a factor":
                account(world.ids["sol"]).totp_secret = b""

    assert acting(world) == ["Dr Nan"]
    with world.app.app_context(), unit_of_work():
        restore("sol@example.org")


def test_stepping_down_is_possible_at_any_time(world, lee):
    name_guardians(world, "sol")
    before = len(log_of_service(world))

    for _pressed_twice in range(2):
        assert world.client("sol").submit("/guardian/step-down").status_code == 303

    assert len(log_of_service(world)) == before + 1
    assert acting(world) == []
    assert world.client("sol").get("/guardian").status_code == 404


def test_the_lead_ends_a_guardian(world, lee):
    name_guardians(world, "sol", "nan")
    form = Page(lee.get(LIST)).all("form", cls="post-button")[-1]

    lee.post(form["action"], data=lee.tokens(LIST))

    assert acting(world) == ["Dr Nan"]
    lines = Page(lee.get("/service/log")).text
    assert "The programme lead ended someone's task as a guardian." in lines


def test_the_overview_says_that_guardians_lack(world, lee):
    lacks = "Fewer than two guardians can act now"
    assert lacks in lee.get("/service").text
    name_guardians(world, "sol", "nan")

    assert lacks not in lee.get("/service").text
    with world.app.app_context(), unit_of_work():  # two accepted all the same
        suspend("sol@example.org")
    assert lacks in lee.get("/service").text
    assert lacks in lee.get(LIST).text


def test_an_email_names_no_task(world, lee):
    with PostOffice() as office:
        office.serves(world)
        ask(lee, "sol")
        with world.app.app_context():
            send_due()
        [letter] = office.envelopes

    said = letter.content.decode()
    assert letter.rcpt_tos == ["sol@example.org"]
    assert "uardian" not in said
    assert "sign in" in said


def test_a_deleted_account_is_no_guardian(world):
    name_guardians(world, "sol")
    with world.app.app_context(), unit_of_work():
        forget(world.ids["sol"])

    assert acting(world) == []
