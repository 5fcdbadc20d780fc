"""Before it is posted: a story is loosened press by press, a phone number is stopped, and a clean
reply goes in one step. Every page on the way is looked at by axe, at 360 px, day and night."""

import pytest

from tests.journeys.visitor import PHONE

STORY = (
    "A 15-year-old girl was taken overseas, and came back to Sampleton Surgery before her wedding."
)
PHONED = "Ring him on 07700 900123 if it helps."
CLEAN = "I have been there, and it was hard."


@pytest.fixture(params=["scripts on", "scripts off", "by night"])
def ray(forum, visit, request):
    dark = {"scheme": "dark"} if request.param == "by night" else {}
    ray = visit(forum, size=PHONE, scripts=request.param != "scripts off", **dark)
    ray.sign_in("ray")
    return ray


def test_a_hidden_story_is_loosened_and_posted(forum, ray):
    ray.open(f"/circles/{forum.world.ids['rose']}/write")
    ray.write(field_story=STORY, title="A journey")
    ray.page.locator("[name=mode]").nth(1).check()
    ray.press("Check before posting")
    assert ray.page.locator("mark").count() >= 2

    ray.press("Use “a teenager”")
    ray.press("Use “the surgery”")
    if ray.page.get_by_label("I have looked at these.").count():
        ray.choose("I have looked at these.")
    ray.press("Post with my name hidden")

    assert "Saved." in ray.words


def test_a_phone_number_is_stopped_until_a_reason_is_chosen(forum, ray):
    ray.open(f"{forum.world.thread}/answer")
    ray.write(body=PHONED)
    ray.press("Reply as Dr Ray")
    ray.press("Post as Dr Ray")
    assert "Not done yet." in ray.words
    assert ray.page.locator("mark").inner_text().endswith("07700 900123")

    ray.page.get_by_label("Change it, or say why it may stay").select_option("a public helpline")
    ray.press("Post as Dr Ray")

    assert PHONED in ray.words


def test_a_clean_reply_is_not_slowed_by_a_step(forum, ray):
    ray.open(f"{forum.world.thread}/answer")
    ray.write(body=CLEAN)
    ray.press("Reply as Dr Ray")

    assert CLEAN in ray.words
    assert "Check before posting" not in ray.words


def test_the_composer_says_how_many_there_are_while_one_types(forum, visit):
    ray = visit(forum, size=PHONE)
    ray.sign_in("ray")
    ray.open(f"{forum.world.thread}/answer")
    ray.write(body=PHONED)

    ray.page.get_by_text("One detail that could identify someone.").wait_for()
    ray.press("See them")

    assert "a phone number" in ray.words
