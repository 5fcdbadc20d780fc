"""A name asked for when a life is at stake: every path, by a moderator, two guardians and the
person."""

import json
import os
from base64 import b32encode
from contextlib import contextmanager
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import delete

from forum.accounts import totp
from forum.accounts.models import Session
from forum.accounts.queries import account
from forum.core.db import db, unit_of_work
from forum.mail.outbox import send_due
from forum.policy.terms import AuthorMode
from forum.safety import jobs
from forum.safety.models import Guardian
from tests.journeys.conftest import served
from tests.journeys.installation import Installation
from tests.journeys.visitor import DESKTOP, PHONE
from tests.postoffice import PostOffice
from tests.world import EVENING, World

NEXT_MORNING = EVENING + timedelta(hours=12, minutes=5)
A_WHILE = timedelta(minutes=1)  # in which an app shows other digits
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
IS_WHOLE = bool(os.environ.get("PROOF"))  # else each path is walked once, two yes twice
LOOKS = {
    "phone, light": {"size": PHONE},
    "phone, no scripts": {"size": PHONE, "scripts": False},
    "desk, light": {"size": DESKTOP},
    "phone, dark": {"size": PHONE, "scheme": "dark"},
    "desk, dark, no scripts": {"size": DESKTOP, "scheme": "dark", "scripts": False},
}
PHONES = {"scripts": {"size": PHONE}, "no scripts": {"size": PHONE, "scripts": False}}


def walked_by(looks, *first):
    """Parametrise a journey by how it is looked at: by all at full size, else by the first."""
    names = [*looks] if IS_WHOLE else first
    return pytest.mark.parametrize("looks", [looks[each] for each in names], ids=names)


@contextmanager
def a_forum(folder, *guardians, **settings):
    """A forum in which Ray said goodbye behind a hidden name; guardians have an app each."""
    world = World(folder)
    (folder / "settings.json").write_text(json.dumps(settings))  # after the world: it is copied on
    forum = Installation(folder)
    forum.world, forum.apps = world, {}
    for who in guardians:
        secret = totp.new_secret()
        with world.app.app_context(), unit_of_work():
            account(world.ids[who]).totp_secret = secret
            db.session.add(Guardian(member_id=world.ids[who], accepted=True))
        forum.apps[who] = pyotp.TOTP(b32encode(secret).decode())
    with world.app.app_context(), unit_of_work():
        account(world.ids["ray"]).emergency_contact = "07700 900123"
    world.ids["said"] = world.reply("ray", "I say goodbye to you all.", AuthorMode.THREAD_PSEUDONYM)
    forum.turn_clock(EVENING + timedelta(minutes=1))
    with served(forum):
        yield forum


@pytest.fixture
def silent_forum(tmp_path):
    """A forum without email, in which Sol and Nan are guardians."""
    with a_forum(tmp_path, "sol", "nan") as forum:
        yield forum


@pytest.fixture
def calling_forum(tmp_path):
    """The same, with a mail server: `office`."""
    with PostOffice() as office:
        mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": office.port, "MAIL_SECURITY": "none"}
        with a_forum(tmp_path, "sol", "nan", **mail) as forum:
            forum.office = office
            yield forum


def accepts(forum, lead, sol):
    """The programme lead asks Sol, who adds a second lock and accepts."""
    lead.sign_in("lee")
    lead.follow("Guardians")
    lead.write(address="sol@example.org")
    lead.press("Ask to be a guardian")
    sol.sign_in("sol")
    sol.follow("You are asked to be a guardian")
    sol.press("Accept")
    forum.apps["sol"] = sol.add_app(forum.moment)
    sol.open("/guardian")
    sol.press("Accept")
    assert "You are a guardian of this service." in sol.words


def goes_to_the_last_step(forum, mo):
    """A moderator goes by the lesser steps to the last."""
    mo.sign_in("mo")
    mo.open(forum.world.url("moderation.care", post_id=forum.world.ids["said"]))
    mo.follow("What you can do now")
    assert "Nobody watches at night. If you know who or where, ring 999 now." in mo.words
    mo.press("Show the help panel")


def asks(forum, mo):
    """A moderator asks for name and telephone."""
    goes_to_the_last_step(forum, mo)
    mo.press("Ask the guardians")
    assert "Choose the least that helps." in mo.words
    mo.choose("Someone may die now")
    mo.write(facts="They say goodbye, and mean it.", tried="A note, and the panel.")
    mo.choose("Their name")
    mo.choose("The telephone they left for an emergency")
    mo.press("Ask the guardians")
    assert "Your request to the guardians is in hand." in mo.words


def signs_in(forum, guardian, who):
    """A guardian comes in with their app."""
    forum.turn_clock(forum.moment + A_WHILE)
    guardian.sign_in(who)
    guardian.write(digits=forum.apps[who].at(forum.moment))
    guardian.press("Sign in")


def takes_up(forum, guardian, who):
    """A guardian comes in and reads what waits for them."""
    signs_in(forum, guardian, who)
    guardian.follow("The guardians are asked")
    guardian.follow("Someone may die now")
    assert "They say goodbye, and mean it." in guardian.words
    assert "I say goodbye to you all." in guardian.words
    assert "Dr Ray" not in guardian.words


def comes_back(forum, guardian, who):
    """A guardian, signed in still, gives their factor anew for the page they are at."""
    forum.turn_clock(forum.moment + A_WHILE)
    guardian.reload()
    guardian.write(digits=forum.apps[who].at(forum.moment))
    guardian.press("Continue")


def decides(guardian, answer):
    """A guardian answers with a sentence."""
    guardian.write(words="I see it so.")
    guardian.press(answer)


def looks_for_a_note(forum, ray):
    """The person reads "Your posts" on a later day."""
    ray.sign_in("ray", own_device=True)
    ray.open(f"/circles/{forum.world.ids['rose']}/your-words")


def posts_what_waits(forum):
    """The worker's turn: emails leave, and requests are settled."""
    with forum.app.app_context():
        send_due()
        jobs.settle()


def end_sessions(forum):
    """All sessions end on the server, as after a day or by a press elsewhere."""
    with forum.app.app_context(), unit_of_work():
        db.session.execute(delete(Session))


def signs_in_again(forum, guardian, who):
    """A guardian comes in by the page that asks them to, with their app."""
    forum.turn_clock(forum.moment + A_WHILE)
    guardian.give_password(who)
    guardian.write(digits=forum.apps[who].at(forum.moment))
    guardian.press("Sign in")


@walked_by(LOOKS, "phone, light", "desk, dark, no scripts")
def test_a_name_is_opened_by_two_and_the_person_told(tmp_path, visit, looks):
    """Fails when a guardian finds no way to a request, or the person none to the note."""
    with a_forum(tmp_path, "nan") as forum:
        lead, sol, mo, nan, ray = (visit(forum, **looks) for _ in range(5))
        accepts(forum, lead, sol)
        asks(forum, mo)

        forum.turn_clock(forum.moment + timedelta(minutes=6))
        sol.open("/")
        sol.follow("The guardians are asked")
        sol.follow("Someone may die now")
        sol.write(digits=forum.apps["sol"].at(forum.moment))
        sol.press("Continue")
        decides(sol, "Yes, open it")
        assert "Your answer is stored." in sol.words

        takes_up(forum, nan, "nan")
        decides(nan, "Yes, open it")
        nan.press("Show it now")
        assert "Dr Ray" in nan.words
        assert "07700 900123" in nan.words
        assert "999" in nan.words
        sol.reload()
        sol.press("Show it now")
        assert "Dr Ray" in sol.words
        mo.reload()
        assert "in hand" in mo.words

        forum.turn_clock(NEXT_MORNING)
        ray.sign_in("ray", own_device=True)
        ray.follow("Something under Your posts")
        ray.follow("Rose")
        assert "A name of yours was opened" in ray.words
        assert "They saw: your name" in ray.words


@walked_by(PHONES, "no scripts")
def test_two_who_say_no_leave_the_name_closed(silent_forum, visit, looks):
    """Fails when a refusal shows a name, or the moderator is left to wait."""
    forum = silent_forum
    mo, sol, nan, ray = (visit(forum, **looks) for _ in range(4))
    asks(forum, mo)
    takes_up(forum, sol, "sol")
    decides(sol, "No")
    assert "Your answer is stored." in sol.words
    assert "Yes, open it" not in sol.words

    takes_up(forum, nan, "nan")
    decides(nan, "No")

    assert "Two of you said no. The name stays closed." in nan.words
    for guardian in (nan, sol):
        guardian.reload()
        assert "It was not opened." in guardian.words
        assert guardian.page.get_by_role("button", name="Show it now").count() == 0
    mo.reload()
    assert "The guardians did not open the name." in mo.words
    mo.open("/")
    mo.follow("The guardians did not open the name")
    assert "Someone may be in danger" in mo.words
    forum.turn_clock(NEXT_MORNING)
    looks_for_a_note(forum, ray)
    assert "A name of yours was opened" not in ray.words


@walked_by(PHONES, "scripts")
def test_a_request_lapses_after_a_day_with_one_yes(silent_forum, visit, looks):
    """Fails when a yes of today counts tomorrow."""
    forum = silent_forum
    mo, sol, nan, ray = (visit(forum, **looks) for _ in range(4))
    asks(forum, mo)
    takes_up(forum, sol, "sol")
    decides(sol, "Yes, open it")
    takes_up(forum, nan, "nan")

    forum.turn_clock(forum.moment + DAY)
    nan.sign_in("nan")
    nan.write(digits=forum.apps["nan"].at(forum.moment))
    nan.press("Sign in")
    nan.open("/guardian")
    assert "Lapsed" in nan.words
    nan.follow("Someone may die now")
    assert "It lapsed: 24 hours have passed." in nan.words
    for button in ("Yes, open it", "Open it alone now", "Show it now"):
        assert nan.page.get_by_role("button", name=button).count() == 0
    mo.sign_in("mo")
    mo.follow("Your request to the guardians has ended")
    assert "24 hours have passed, and your request has ended." in mo.words
    looks_for_a_note(forum, ray)
    assert "A name of yours was opened" not in ray.words


@walked_by(PHONES, "no scripts")
def test_one_guardian_opens_a_name_alone_and_another_reviews(calling_forum, visit, looks):
    """Fails when one can open it before 15 minutes, or the review or the note has no way in."""
    forum = calling_forum
    mo, sol, nan, ray = (visit(forum, **looks) for _ in range(4))
    asks(forum, mo)
    assert "No guardian is called" not in mo.words
    posts_what_waits(forum)
    called = sorted(each.rcpt_tos[0] for each in forum.office.envelopes)
    assert called == ["nan@example.org", "sol@example.org"]
    takes_up(forum, sol, "sol")
    assert sol.page.get_by_role("button", name="Open it alone now").count() == 0

    forum.turn_clock(forum.moment + QUARTER)
    comes_back(forum, sol, "sol")
    assert "15 minutes have passed since our emails left" in sol.words
    decides(sol, "Open it alone now")
    sol.press("Show it now")
    assert "Dr Ray" in sol.words
    assert "07700 900123" in sol.words
    mo.reload()
    assert "Your request to the guardians is in hand." in mo.words

    takes_up(forum, nan, "nan")
    assert nan.page.get_by_role("button", name="Show it now").count() == 0
    nan.choose("Upheld: it was right to open it")
    nan.write(words="I would have done the same.")
    nan.press("Store the review")
    assert "The outcome is in the service's log." in nan.words

    forum.turn_clock(NEXT_MORNING)
    looks_for_a_note(forum, ray)
    assert "One guardian alone opened the name behind a post of yours" in ray.words


@walked_by(PHONES, "scripts")
def test_without_email_nobody_is_called_and_no_one_opens_alone(silent_forum, visit, looks):
    """Fails when a page lets a moderator believe that somebody is on the way."""
    forum = silent_forum
    mo, sol, nan = (visit(forum, **looks) for _ in range(3))
    asks(forum, mo)
    first = mo.page.locator("main p").first.inner_text()
    assert "ring 999 now" in first
    assert "No guardian is called: this service sends no email." in first
    posts_what_waits(forum)

    forum.turn_clock(forum.moment + timedelta(hours=3))
    takes_up(forum, sol, "sol")
    assert sol.page.get_by_role("button", name="Open it alone now").count() == 0
    decides(sol, "Yes, open it")
    assert sol.page.get_by_role("button", name="Show it now").count() == 0
    takes_up(forum, nan, "nan")
    decides(nan, "Yes, open it")
    nan.press("Show it now")
    assert "Dr Ray" in nan.words


@walked_by(PHONES, "no scripts")
def test_a_note_held_back_is_found_a_week_later(silent_forum, visit, looks):
    """Fails when a guardian cannot hold the note back, or holding it back loses it."""
    forum = silent_forum
    mo, sol, nan, ray = (visit(forum, **looks) for _ in range(4))
    asks(forum, mo)
    for guardian, who in ((sol, "sol"), (nan, "nan")):
        takes_up(forum, guardian, who)
        decides(guardian, "Yes, open it")
    nan.write(hold_reason="They are being looked for.")
    nan.press("Hold it back for a week")
    assert "Held back for a week." in nan.words

    forum.turn_clock(NEXT_MORNING)
    looks_for_a_note(forum, ray)
    assert "A name of yours was opened" not in ray.words
    forum.turn_clock(NEXT_MORNING + 7 * DAY)
    ray.forget_cookies()
    looks_for_a_note(forum, ray)
    assert "Two guardians opened the name behind a post of yours." in ray.words


@walked_by(PHONES, "scripts")
def test_a_session_that_ends_in_the_middle_loses_nothing(silent_forum, visit, looks):
    """Fails when a guardian's answer is lost, or a showing is used up that nobody saw."""
    forum = silent_forum
    mo, sol, nan = (visit(forum, **looks) for _ in range(3))
    asks(forum, mo)
    takes_up(forum, nan, "nan")
    decides(nan, "Yes, open it")
    takes_up(forum, sol, "sol")
    sol.write(words="They say goodbye, twice.")
    end_sessions(forum)
    sol.press("Yes, open it")
    assert "Your text is safe" in sol.words
    signs_in_again(forum, sol, "sol")
    sol.press("Continue writing")
    assert "The name can be opened now, below." in sol.words
    assert "They say goodbye, twice." in sol.words

    end_sessions(forum)
    sol.press("Show it now")
    assert "Dr Ray" not in sol.words
    signs_in_again(forum, sol, "sol")
    sol.follow("The guardians are asked")
    sol.follow("Someone may die now")
    sol.press("Show it now")
    assert "Dr Ray" in sol.words
