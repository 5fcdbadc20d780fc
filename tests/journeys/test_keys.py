"""Hands on the keyboard: everything by keys alone, and the keys that are only a courtesy."""

import pytest
from playwright.sync_api import expect

from forum.core.db import db
from forum.core.tokens import short_id
from forum.discussions.models import ReadMark
from tests.journeys.visitor import DESKTOP, PHONE

STOPS = 60  # presses of Tab that reach anything on our pages
FOCUSED = """() => {
  const here = document.activeElement
  return [here.tagName, here.type ?? "", here.name ?? "", here.innerText || here.ariaLabel || ""]
}"""
RING = "() => getComputedStyle(document.activeElement).outlineStyle"


@pytest.fixture
def ray(forum, visit):
    ray = visit(forum, size=DESKTOP)
    ray.sign_in("ray")
    return ray


def tab_to(person, *, words=None, name=None):
    """Go on with Tab to what is called so; it must show where one is."""
    for _ in range(STOPS):
        person.page.keyboard.press("Tab")
        tag, _kind, its_name, said = person.page.evaluate(FOCUSED)
        if (words and words in said and tag in {"A", "BUTTON", "SUMMARY"}) or its_name == name:
            assert person.page.evaluate(RING) != "none", f"no ring around {words or name}"
            return
    raise AssertionError(f"{words or name} cannot be reached")


def test_a_reflection_is_told_and_answered_without_a_mouse(forum, visit):
    person = visit(forum, size=PHONE)
    keys = person.page.keyboard
    person.open("/sign-in")
    tab_to(person, name="email")
    keys.type("ray@example.org")
    tab_to(person, name="password")
    keys.type("a long evening in March")
    with person.page.expect_navigation():
        keys.press("Enter")

    tab_to(person, words="Write")
    with person.page.expect_navigation():
        keys.press("Enter")
    tab_to(person, name="field_story")
    keys.type("Told by keys.")
    tab_to(person, name="title")
    keys.type("By keys alone")
    tab_to(person, name="mode")
    keys.press("Space")
    tab_to(person, words="Check before posting")
    with person.page.expect_navigation():
        keys.press("Enter")
    person.look()
    tab_to(person, words="Post as")
    with person.page.expect_navigation():
        keys.press("Enter")
    tab_to(person, words="Reply")
    with person.page.expect_navigation():
        keys.press("Enter")
    tab_to(person, name="body")
    keys.type("Answered by keys.")
    tab_to(person, words="Reply as")
    with person.page.expect_navigation():
        keys.press("Enter")

    person.look()
    assert "Told by keys." in person.words
    assert "Answered by keys." in person.words


def test_the_first_stop_skips_to_the_page(ray):
    ray.page.keyboard.press("Tab")
    assert "Skip to main content" in ray.page.evaluate(FOCUSED)[3]
    ray.page.keyboard.press("Enter")

    assert ray.page.evaluate("document.activeElement.id") == "main"


def test_a_question_mark_shows_the_keys_and_they_lead_on(ray):
    keys = ray.page.keyboard
    keys.press("?")
    expect(ray.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    ray.look()
    keys.press("Escape")
    with ray.page.expect_navigation():
        keys.press("/")

    assert ray.page.url.endswith("/search")


def test_keys_can_be_switched_off_and_typing_is_left_alone(ray):
    ray.page.keyboard.press("?")
    ray.page.get_by_label("Use single-letter shortcuts").uncheck()
    ray.page.get_by_role("button", name="Close").click()
    here = ray.page.url
    ray.page.keyboard.press("/")
    assert ray.page.url == here

    ray.open("/search")
    ray.page.get_by_label("Search for").focus()
    ray.page.keyboard.type("h/?w")
    assert ray.typed("words") == "h/?w"


@pytest.mark.parametrize("typing", [False, True], ids=["reading", "typing"])
def test_one_key_covers_the_page_and_the_same_uncovers_it(forum, ray, typing):
    ray.open(forum.world.thread)
    if typing:
        ray.follow("Reply")
        ray.page.locator("[name=body]").fill("Half a word")
        ray.page.locator("[name=body]").focus()
    shown = ray.page.get_by_role("main")

    ray.page.keyboard.press("Escape")
    cover = ray.page.get_by_role("dialog", name="Screen covered")
    expect(cover).to_be_visible()
    box = cover.bounding_box()
    assert (box["width"], box["height"]) == (DESKTOP["width"], DESKTOP["height"])
    ray.page.keyboard.press("Escape")

    expect(cover).to_be_hidden()
    expect(shown).to_be_visible()
    if typing:
        assert ray.page.evaluate("document.activeElement.name") == "body"
        assert ray.typed("body") == "Half a word"


def test_in_a_long_thread_a_link_floats_from_one_new_post_to_the_next(forum, visit, ray):
    world = forum.world
    thread_id = world.present("pru", "A long evening", "It went on. " * 40)
    thread = f"/circles/{world.ids['rose']}/threads/{thread_id}"
    ray.open(thread)
    replies = [
        world.reply(("mo", "fay", "ivy")[n % 3], f"{n} " + "And on. " * 60, thread_id=thread_id)
        for n in range(8)
    ]

    for scripts in (True, False):
        person = visit(forum, size=PHONE, scripts=scripts)
        person.sign_in("joe")
        person.open(thread)
        person.page.get_by_role("link", name="Next unread").first.click()
        assert person.page.url.endswith(f"#post-{short_id(replies[0])}")
        if scripts:
            link = person.page.locator(".next-new")
            expect(link).to_have_attribute("href", f"#post-{short_id(replies[1])}")
            person.page.locator("footer").scroll_into_view_if_needed()
            expect(link).to_have_attribute("href", "/next")
        with forum.app.app_context():
            db.session.query(ReadMark).delete()  # the next one comes as if for the first time
            db.session.commit()


def test_a_field_that_is_nearly_full_says_how_much_is_left(ray):
    ray.follow("Write")
    title = ray.page.locator("[name=title]")
    title.fill("x" * 100)
    expect(ray.page.get_by_text("characters left")).to_have_count(0)
    title.fill("x" * 190)
    expect(ray.page.get_by_text("10 characters left")).to_be_visible()
    title.fill("x" * 203)
    expect(ray.page.get_by_text("3 characters too many")).to_be_visible()
    ray.look()
