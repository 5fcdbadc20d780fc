"""Half a reply, a lost session, another browser: the words are there."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from forum.accounts.models import Session
from forum.core.db import db
from forum.discussions.models import Draft
from tests.journeys.visitor import DESKTOP, PHONE

HALF = "I know this well. On Tuesday"
WHOLE = f"{HALF} I sat in the car for a while."


def end_sessions(forum):
    with forum.app.app_context():
        db.session.execute(delete(Session))
        db.session.commit()


def test_half_a_reply_is_finished_on_another_device_after_the_session_was_lost(forum, visit):
    phone = visit(forum, size=PHONE)
    phone.sign_in("ray")
    phone.open(forum.world.thread)
    phone.follow("Reply")
    composer = phone.page.url
    phone.write(body=HALF)
    expect(phone.page.locator("#kept")).to_have_text("Draft saved")
    end_sessions(forum)
    phone.write(body=f"{HALF} I")
    expect(phone.page.locator("#kept")).to_contain_text("Press Save draft")

    surgery = visit(forum, size=DESKTOP)
    surgery.open(composer)
    surgery.give_password("ray")
    assert surgery.page.url == composer
    assert surgery.typed("body") == HALF
    surgery.write(body=WHOLE)
    surgery.press("Reply as Dr Ray")

    assert "I sat in the car for a while." in surgery.words


def test_a_tab_that_is_closed_loses_nothing(forum, visit):
    ray = visit(forum, size=PHONE)
    ray.sign_in("ray")
    ray.follow("Write")
    composer = ray.page.url
    ray.write(field_story=WHOLE)
    ray.choose("Hide my name")
    ray.page.close(run_before_unload=True)

    again = visit(forum, size=PHONE)
    again.sign_in("ray")
    again.open(composer)
    assert again.typed("field_story") == WHOLE
    assert again.page.get_by_label("Hide my name").is_checked()


def test_two_tabs_on_one_draft_write_nothing_over(forum, visit):
    ray = visit(forum)
    ray.sign_in("ray")
    ray.follow("Write")
    composer = ray.page.url
    other = visit(forum)
    other.sign_in("ray")
    other.open(composer)

    ray.write(field_story="An hour of writing")
    expect(ray.page.locator("#kept")).to_have_text("Draft saved")
    other.write(field_story="A line")
    expect(other.page.locator("#kept")).to_contain_text("changed in another window")
    other.press("Save draft")
    other.press("Save draft")

    assert other.typed("field_story") == "A line"
    ray.reload()
    assert ray.typed("field_story") == "An hour of writing"


@pytest.mark.parametrize("pause", [0, 1600], ids=["at once", "as it is being kept"])
def test_a_press_while_the_page_keeps_its_draft_goes_through(forum, visit, pause):
    ray = visit(forum)
    ray.sign_in("ray")
    ray.open(forum.world.thread)
    ray.follow("Reply")
    ray.write(body=f"Pressed after {pause}")
    ray.page.wait_for_timeout(pause)
    ray.press("Reply as Dr Ray")

    assert f"Pressed after {pause}" in ray.words
    with forum.app.app_context():
        assert not [kept for kept in db.session.query(Draft) if str(pause) in kept.words]


def test_a_change_to_ones_words_keeps_itself_too(forum, visit):
    ray = visit(forum, size=PHONE)
    ray.sign_in("ray")
    ray.open(forum.world.thread)
    ray.follow("Reply")
    ray.write(body="A kestrel over the road")
    ray.press("Reply as Dr Ray")
    ray.page.get_by_role("link", name="Edit or withdraw").last.click()
    ray.write(body="A red kite over the road")
    expect(ray.page.locator("#kept")).to_have_text("Draft saved")
    ray.reload()

    assert ray.typed("body") == "A red kite over the road"
    ray.press("Post change")
    assert "A red kite over the road" in ray.words
