"""What our scripts do where a browser gives them little: no storage, no line, nothing new."""

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import PHONE

BLOCKED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("denied", "SecurityError") },
})"""
KEPT = 15_000  # milliseconds, until a pause in typing has been noticed and sent


def test_a_thread_with_nothing_new_runs_without_a_fault(forum, visit):
    """A fault of a script fails in `look`, here as on every page."""
    world = forum.world
    for number in range(8):
        world.reply(("mo", "fay", "ivy")[number % 3], f"Reply {number}")
    joe = visit(forum, size=PHONE)
    joe.sign_in("joe")

    joe.open(world.thread)
    joe.open(world.thread)

    expect(joe.page.locator(".next-new")).to_have_count(0)


def test_shortcuts_stay_off_after_signing_out(forum, visit):
    ray = visit(forum)
    ray.sign_in("ray")
    ray.page.keyboard.press("?")
    ray.page.get_by_label("Use single-letter shortcuts").uncheck()
    ray.page.get_by_role("button", name="Close").click()
    ray.press("Sign out")

    ray.sign_in("ray")
    here = ray.page.url
    ray.page.keyboard.press("/")
    ray.page.wait_for_timeout(300)

    assert ray.page.url == here
    ray.page.keyboard.press("?")
    expect(ray.page.get_by_label("Use single-letter shortcuts")).to_have_count(1)
    assert not ray.page.locator("#keys-on").is_checked()


def test_the_screen_is_covered_where_storage_is_blocked(forum, visit):
    ray = visit(forum, size=PHONE)
    ray.page.add_init_script(BLOCKED)
    ray.sign_in("ray")

    button = ray.page.get_by_role("button", name="Cover screen")
    expect(button).to_be_visible()
    button.click()
    expect(ray.page.get_by_role("dialog", name="Screen covered")).to_be_visible()


@pytest.mark.parametrize("size", [PHONE])
def test_without_script_no_button_does_nothing(forum, visit, size):
    ray = visit(forum, size=size, scripts=False)
    ray.sign_in("ray")

    assert not ray.page.get_by_role("button", name="Cover screen").is_visible()
    assert not ray.page.get_by_role("button", name="Keyboard shortcuts").is_visible()


def test_a_draft_typed_without_a_line_is_saved_once_it_is_back(forum, visit):
    ray = visit(forum, size=PHONE)
    ray.sign_in("ray")
    ray.open(f"/circles/{forum.world.ids['rose']}/write")
    area, said = ray.page.locator("textarea[name=field_story]"), ray.page.locator("#kept")
    area.fill("A first line.")
    expect(said).to_have_text("Draft saved", timeout=KEPT)

    ray.page.context.set_offline(True)
    area.fill("A first line. And more.")
    expect(said).to_have_text(
        "Not saved yet. Your text is still here and we will try again.", timeout=KEPT
    )
    ray.page.context.set_offline(False)
    expect(said).to_have_text("Draft saved", timeout=KEPT)

    ray.page.reload()
    assert ray.typed("field_story") == "A first line. And more."
