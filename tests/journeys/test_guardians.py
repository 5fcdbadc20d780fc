"""A name opened when a life is at stake, by a moderator, two guardians and the person."""

from base64 import b32encode
from datetime import timedelta

import pyotp
import pytest

from forum.accounts import totp
from forum.accounts.queries import account
from forum.core.db import db, unit_of_work
from forum.policy.terms import AuthorMode
from forum.safety.models import Guardian
from tests.journeys.conftest import served
from tests.journeys.installation import Installation
from tests.journeys.visitor import DESKTOP, PHONE
from tests.world import EVENING, World

NEXT_MORNING = EVENING + timedelta(hours=12, minutes=5)
LOOKS = {
    "phone, light": {"size": PHONE},
    "desk, light": {"size": DESKTOP},
    "phone, dark": {"size": PHONE, "scheme": "dark"},
    "desk, dark, no scripts": {"size": DESKTOP, "scheme": "dark", "scripts": False},
}


@pytest.fixture
def forum(tmp_path):
    """A forum in which Ray said goodbye behind a hidden name; Nan is a guardian with an app."""
    world = World(tmp_path)
    forum = Installation(tmp_path)
    forum.world = world
    secret = totp.new_secret()
    with world.app.app_context(), unit_of_work():
        nan = account(world.ids["nan"])
        nan.totp_secret = secret
        db.session.add(Guardian(member_id=nan.id, accepted=True))
        account(world.ids["ray"]).emergency_contact = "07700 900123"
    forum.nans_app = pyotp.TOTP(b32encode(secret).decode())
    world.ids["said"] = world.reply("ray", "I say goodbye to you all.", AuthorMode.THREAD_PSEUDONYM)
    forum.turn_clock(EVENING + timedelta(minutes=1))
    with served(forum):
        yield forum


def accepts(forum, lead, sol):
    """The programme lead asks Sol, who adds a second lock and accepts; gives Sol's app."""
    lead.sign_in("lee")
    lead.follow("Guardians")
    lead.write(address="sol@example.org")
    lead.press("Ask to be a guardian")
    sol.sign_in("sol")
    sol.follow("You are asked to be a guardian")
    sol.press("Accept")
    app = sol.add_app(forum.moment)
    sol.open("/guardian")
    sol.press("Accept")
    assert "You are a guardian of this service." in sol.words
    return app


def asks(forum, mo):
    """A moderator goes by the lesser steps to the last."""
    mo.sign_in("mo")
    mo.open(forum.world.url("moderation.care", post_id=forum.world.ids["said"]))
    mo.follow("What you can do now")
    assert "Nobody watches at night. If you know who or where, ring 999 now." in mo.words
    mo.press("Show the help panel")
    mo.press("Ask the guardians")
    assert "Choose the least that helps." in mo.words
    mo.choose("Someone may die now")
    mo.write(facts="They say goodbye, and mean it.", tried="A note, and the panel.")
    mo.choose("Their name")
    mo.choose("The telephone they left for an emergency")
    mo.press("Ask the guardians")
    assert "Your request to the guardians is in hand." in mo.words


def decides(guardian):
    """A guardian reads the request and says yes."""
    assert "They say goodbye, and mean it." in guardian.words
    assert "I say goodbye to you all." in guardian.words
    guardian.write(words="I would ring at once.")
    guardian.press("Yes, open it")


@pytest.mark.parametrize("looks", LOOKS.values(), ids=LOOKS.keys())
def test_a_name_is_opened_by_two_and_the_person_told(forum, visit, looks):
    """Fails when a guardian finds no way to a request, or the person none to the note."""
    lead, sol, mo, nan, ray = (visit(forum, **looks) for _ in range(5))
    app = accepts(forum, lead, sol)
    asks(forum, mo)

    forum.turn_clock(forum.moment + timedelta(minutes=6))
    sol.open("/")
    sol.follow("The guardians are asked")
    sol.follow("Someone may die now")
    sol.write(digits=app.at(forum.moment))
    sol.press("Continue")
    decides(sol)
    assert "Your answer is stored." in sol.words

    nan.sign_in("nan")
    nan.write(digits=forum.nans_app.at(forum.moment))
    nan.press("Sign in")
    nan.follow("The guardians are asked")
    nan.follow("Someone may die now")
    decides(nan)
    nan.press("Show it now")
    assert "Dr Ray" in nan.words
    assert "07700 900123" in nan.words
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
