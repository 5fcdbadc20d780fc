"""Log of a circle, as read by members: names and roles, never people."""

import pytest

from forum.audit import queries
from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.core.db import unit_of_work
from tests.circles import ways
from tests.circles.doors import arguments
from tests.page import Page


def said(world, who="ray", circle="rose"):
    return world.client(who).get(f"/circles/{world.ids[circle]}/log").text


def test_members_read_moderators_actions(world):
    mo, place = world.client("mo"), arguments(world)["place_id"]
    people = f"/circles/{world.ids['rose']}/people"
    for deed, fields in (("role", {"role": "facilitator"}), ("remove", {})):
        mo.submit(f"{people}/{place}/{deed}", **fields)
    ways.link(world)

    page = said(world)

    for line in (
        "The circle was started.",
        "A moderator made someone a facilitator.",
        "A moderator removed someone from the circle.",
        "A moderator sent or made invitations: 1.",
    ):
        assert line in page
    listed = page.partition('class="log"')[2].partition("</ul>")[0]
    assert not [who for who in ("Ivy", "Mo", "Ray") if f"Dr {who}" in listed]
    assert "removed someone" not in said(world, "nan", "oak")


def test_the_log_names_changed_settings(world):
    mo, url = world.client("mo"), f"/circles/{world.ids['rose']}/settings"
    fields = {"name": "Rosy", "slots": "08:00"}
    modes = {"modes": ["own_name", "pseudonym", "thread_pseudonym", "circle_voice"]}
    for _ in "ab":
        ways.send(mo, url, mo.get(url).text, **fields | modes)

    page = said(world)

    assert (
        page.count("settings were changed: name, times when posts with a hidden name appear.") == 1
    )
    assert "Rosy" not in page.partition('class="log"')[2].partition("</ul>")[0]


@pytest.mark.leaks
def test_the_log_omits_joining_writing_and_reading(world):
    before = said(world)
    ways.signed_up(world.client(), ways.link(world), name="Una Marsh")
    world.reply("ray", "In the open")
    world.client("fay").get(world.thread)
    after = said(world)

    assert after.replace("A moderator sent or made invitations: 1.", "").count("<li>") == (
        before.count("<li>") + 1
    )
    assert "Una Marsh" not in after


def test_the_service_log_names_nobody(world):
    lee = world.client("lee")
    page = "/service/accounts"
    ways.send(lee, page, lee.get(page).text, address="ray@example.org", act="suspend")
    lee.post("/service/invitations", data=lee.tokens("/service"))

    shown = lee.get("/service/log").text

    assert "The programme lead suspended an account." in shown
    assert "invited someone to start a circle" in shown
    assert "ray@" not in shown
    assert "Check code:" in shown


def test_the_log_tells_the_rota_from_ways_to_talk(world):
    mo, rose = world.client("mo"), f"/circles/{world.ids['rose']}"
    version = Page(mo.get(f"{rose}/rota")).all("input", name="version")[0]["value"]
    mo.submit(f"{rose}/rota/rhythm", weeks="2", version=version)
    version = Page(mo.get(f"{rose}/ways-to-talk")).one("input", name="version")["value"]
    mo.submit(f"{rose}/ways-to-talk", rounds=["balint_style"], version=version)

    page = said(world)

    assert page.count("The settings were changed: rota.") == 1
    assert page.count("The settings were changed: ways to talk.") == 1


def test_the_oldest_line_is_on_the_last_page(world):
    """Fails when a page for the last lines is missing, or one more has none."""
    rose, pages = world.ids["rose"], []
    with world.app.app_context():
        for _ in range(queries.LINES_PER_PAGE):
            with unit_of_work():
                audit.note(rose, Deed.THREAD_PINNED, Actor.MODERATOR, about="Dr Ray")
            pages.append(queries.page(rose, 1)[1])
            lines, _number = queries.page(rose, pages[-1])
            assert lines[-1].action.deed is Deed.CIRCLE_OPENED

    assert {*pages} == {1, 2}
