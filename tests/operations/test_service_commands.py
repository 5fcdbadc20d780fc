"""Commands on the service as a whole: notice of a rest, read-only mode."""

from datetime import timedelta

import pytest

from forum.accounts import services as accounts
from forum.core.db import unit_of_work
from forum.mail import outbox
from forum.web.read_only import OPEN
from tests.accounts.people import hidden, is_in, sign_in
from tests.operations.test_people_commands import lines, run
from tests.page import Page
from tests.postoffice import PostOffice
from tests.routes import routes_of
from tests.world import World

REST = ("rest", "announce", "2026-03-05 22:00", "2026-03-06 02:00")
NOTICE = "The site rests from Thursday 5 March, 22:00 until about Friday 6 March, 02:00."


def test_members_read_of_a_rest_until_it_is_over(world):
    """Fails when the notice is missing, stays too long, or shows to strangers."""
    assert run(world, *REST).output == "The notice is up.\n"

    for url, who in ((world.thread, "ray"), ("/", "sol"), ("/service", "lee"), ("/account", "nan")):
        assert NOTICE in " ".join(world.client(who).get(url).text.split()), url
    assert "The site rests" not in world.client().get("/sign-in").text
    assert "told that the service will rest" in world.client("lee").get("/service/log").text
    world.moment += timedelta(days=3, hours=16)
    assert "The site rests" not in world.client("ray").get("/account").text


@pytest.mark.parametrize(
    ("zone", "year", "day"), [("Asia/Tokyo", "0001", "01-01"), ("America/Toronto", "9999", "12-31")]
)
def test_a_day_outside_all_calendars_is_refused(tmp_path, zone, year, day):
    world = World(tmp_path, TIMEZONE=zone)

    said = run(world, "rest", "announce", f"{year}-{day} 00:30", f"{year}-{day} 23:30")

    assert said.exit_code == 1
    assert said.output == "Error: That year cannot be right.\n"


def test_a_rest_is_told_once_by_email(world):
    """Fails when a suspended account is written to, or anybody twice."""
    with world.app.app_context(), unit_of_work():
        accounts.suspend("sol@example.org")
    with PostOffice() as office:
        office.serves(world)
        first, second = run(world, *REST, "--email"), run(world, *REST, "--email")
        with world.app.app_context():
            outbox.send_due()

    assert first.output == "The notice is up, and emails are on their way.\n"
    assert "up already" in second.output
    told = sorted(letter["To"] for letter in office.letters)
    everyone = {f"{who}@example.org" for who in world.ids if who not in ("rose", "oak", "thread")}
    assert told == sorted(everyone - {"sol@example.org"})
    assert "from Thursday 5 March, 22:00" in " ".join(office.letters[0].get_content().split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("announce", "2026-03-05 22:00", "2026-03-05 21:00"), "ends after it begins"),
        (("announce", "2026-03-05 22:00", "2026-03-25 21:00"), "within seven days"),
        (("announce", "2026-02-05 22:00", "2026-02-06 21:00"), "over"),
        (("announce", "2027-02-05 22:00", "2027-02-06 21:00"), "60 days"),
        (("announce", "2026-03-05 22:00", "2026-03-06 21:00", "--email"), "sends no email"),
        (("end",), "no notice"),
    ],
)
def test_a_rest_that_cannot_be_is_refused(world, words, said):
    before = lines(world)

    answer = run(world, "rest", *words)

    assert (answer.exit_code, said in answer.output) == (1, True), answer.output
    assert lines(world) == before


@pytest.mark.parametrize(("until", "exit_code"), [("22:00", 0), ("22:01", 1)])
def test_a_rest_lasts_seven_days_at_most(world, until, exit_code):
    """Fails when a rest of a week is refused, though within seven days it may be."""
    answer = run(world, "rest", "announce", "2026-03-05 22:00", f"2026-03-12 {until}")

    assert answer.exit_code == exit_code, answer.output


def test_a_rest_can_be_called_off(world):
    run(world, *REST)

    assert run(world, "rest", "end").output == "The notice is down.\n"
    assert "The site rests" not in world.client("ray").get("/account").text


def test_nothing_changes_while_read_only_and_no_text_is_lost(world):
    """Fails when a reply is posted, its text lost, or a reader refused."""
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    typed = ray.tokens(composer) | {"kind": "question", "body": "Half a line", "do": "own_name"}
    assert run(world, "read-only", "on").output == "Nothing can be changed now.\n"

    answer = ray.post(composer, data=typed)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "600")
    assert "Nothing can be changed right now." in answer.text
    assert "Half a line" in answer.text
    assert ray.get(world.thread).status_code == 200
    assert ray.search("morning").status_code == 200
    pressed = ray.submit(f"{world.thread}/acknowledge")
    assert (pressed.status_code, "everything can be read" in pressed.text) == (503, True)
    fresh = world.client()
    assert sign_in(fresh, "nan").status_code == 303
    fresh.submit("/sign-out")
    assert not is_in(fresh)

    assert run(world, "read-only", "off").exit_code == 0
    action = Page(answer).all("form", method="post")[-1]["action"]
    assert ray.post(action, data=hidden(answer)).status_code in (200, 303)
    log = world.client("lee").get("/service/log").text
    assert "made read-only" in log
    assert "opened for writing again" in log


def test_only_named_views_go_on_while_read_only(world):
    """Fails when a view that writes is open, or a name in the list has no view."""
    routes = [(name, url) for name, method, url in routes_of(world) if method == "POST"]
    run(world, "read-only", "on")

    assert {name for name, _ in routes} >= OPEN
    for name, url in routes:
        if name not in OPEN and not name.startswith("safety."):
            met = {world.client(who).post(url).status_code for who in ("ray", "lee")}
            assert met in ({503}, {503, 404}), name


@pytest.mark.parametrize("state", ["on", "off"])
def test_a_mode_set_twice_says_so(world, state):
    if state == "on":
        run(world, "read-only", state)
    before = lines(world)

    answer = run(world, "read-only", state)

    assert (answer.exit_code, answer.output) == (1, f"Error: Read-only mode is {state} already.\n")
    assert lines(world) == before


def test_an_interrupted_notice_tells_nobody(world, monkeypatch):
    """Fails when some are told of a rest and the notice is missing."""

    def cut(*_):
        raise ConnectionAbortedError

    before = lines(world)
    with PostOffice() as office:
        office.serves(world)
        monkeypatch.setattr("forum.core.service_state.announce_rest", cut)
        assert run(world, *REST, "--email").exit_code != 0
        monkeypatch.undo()
        with world.app.app_context():
            assert outbox.send_due() == 0
        assert run(world, *REST, "--email").exit_code == 0

    assert lines(world) == before + 1
