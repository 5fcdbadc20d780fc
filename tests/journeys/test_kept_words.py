"""Nothing typed is lost when the session ends under somebody's hands."""

import pytest
from sqlalchemy import delete

from forum.accounts.models import Session
from forum.core.db import db
from tests.journeys.visitor import PHONE

TYPED = "It was *late*.\n\nI gave 5*10*2 mg, dose<b and c>d, and went home."
TWO_WRONG = 2100  # milliseconds: longest wait after two wrong passwords


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def ray(forum, visit, request):
    ray = visit(forum, size=PHONE, scripts=request.param)
    ray.page.wait_for_timeout(TWO_WRONG)  # the walk before ended by a sign-in after a wrong one
    ray.sign_in("ray")
    return ray


def end_session(forum):
    with forum.app.app_context():
        db.session.execute(delete(Session))
        db.session.commit()


def test_a_reflection_outlives_the_session_in_which_it_was_written(forum, ray):
    ray.follow("Write")
    ray.write(field_story=TYPED, title="A long evening")
    ray.choose("Dr Ray")
    end_session(forum)

    ray.press("Check before posting")
    assert "Your text is safe" in ray.words
    ray.give_password("ray")
    ray.press("Continue writing")

    assert ray.typed("field_story") == TYPED
    assert ray.typed("title") == "A long evening"
    ray.press("Check before posting")
    ray.press("Post as Dr Ray")
    assert "dose<b and c>d" in ray.words


def test_a_reply_outlives_the_session_in_which_it_was_written(forum, ray):
    ray.open(forum.world.thread)
    ray.follow("Reply")
    ray.write(body=TYPED)
    ray.forget_cookies()

    ray.press("Reply as Dr Ray")
    ray.page.wait_for_timeout(TWO_WRONG)  # the walk before had a wrong password, too
    ray.write(email="ray@example.org", password="not this one")
    ray.press("Sign in")
    assert "do not match" in ray.words
    ray.page.wait_for_timeout(TWO_WRONG)
    ray.give_password("ray")
    ray.press("Continue writing")

    assert ray.typed("body") == TYPED
    ray.press("Reply as Dr Ray")
    assert "dose<b and c>d" in ray.words
