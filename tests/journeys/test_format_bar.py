"""Four buttons below the box, where scripts run; where none do, the signs are explained."""

import pytest

from tests.journeys.visitor import PHONE

FIRST = "He slept"


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def ray(forum, visit, request):
    ray = visit(forum, size=PHONE, scripts=request.param)
    ray.scripts = request.param
    ray.sign_in("ray")
    ray.open(forum.world.thread)
    ray.follow("Reply")
    return ray


def select(box, start, end):
    box.evaluate(f"each => {{ each.focus(); each.setSelectionRange({start}, {end}) }}")


def test_a_button_types_the_signs_and_undo_takes_them_back(ray):
    box, bar = ray.page.locator("[name=body]"), ray.page.get_by_role("group", name="Format")
    assert bar.is_visible() == ray.scripts
    assert ray.page.get_by_text("How to write lists, quotes and links").is_visible()
    if not ray.scripts:
        return

    found = []
    for name, start, end in (("Bold", 0, 2), ("List", 0, 8), ("Quote", 4, 4), ("Link", 3, 8)):
        box.fill(FIRST)
        select(box, start, end)
        bar.get_by_role("button", name=name).click()
        found.append(box.input_value())
        box.press("Control+z")
        assert box.input_value() == FIRST
    assert found == ["**He** slept", "- He slept", "> He slept", "He [slept](https://)"]


def test_a_list_covers_all_lines_and_is_what_is_posted(ray):
    typed = "- Rest\n- Tea"
    if ray.scripts:
        ray.write(body="Rest\nTea")
        select(ray.page.locator("[name=body]"), 2, 8)
        ray.page.get_by_role("button", name="List").click()
    else:
        ray.write(body=typed)
    assert ray.typed("body") == typed

    ray.press("Reply as Dr Ray")

    items = ray.page.locator(".reply:last-of-type li").all()
    assert [each.inner_text() for each in items] == ["Rest", "Tea"]
