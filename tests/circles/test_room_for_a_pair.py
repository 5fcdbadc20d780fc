"""Room for a pair: said on the list of people, asked for there, answered there and on home."""

from datetime import timedelta
from uuid import UUID

import pytest

from forum.accounts.models import Member
from forum.circles.pair_requests import LIFE, current, pairing
from forum.circles.queries import people
from forum.core.db import db, unit_of_work
from forum.offboarding.services import leave
from forum.policy.terms import CircleKind, Role
from tests.page import Page

ROOM = "“I have room for one pair”"
ASKS = "Dr Ray asks whether you two would talk for a while."


def place(world, who):
    with world.app.test_request_context():
        found = {each.name: each.membership_id for each in people(world.standing("mo"))}
    return found[f"Dr {who.title()}"]


def listed(world, who):
    """The list of people; what is said once there belongs to the browser that pressed."""
    return Page(world.client(who).get(f"/circles/{world.ids['rose']}/people"))


def says_room(world, who="pru", **do):
    here = f"/circles/{world.ids['rose']}/room-for-a-pair"
    return world.client(who).submit(here, **do)


def asks(world, who="ray", whom="pru", **fields):
    """Press Ask, as the page that is open there would."""
    here = f"/circles/{world.ids['rose']}/people"
    client = world.client(who)
    answer = client.post(
        f"{here}/{place(world, whom)}/pair", data=client.tokens("/") | {"form_key": "k"} | fields
    )
    return Page(client.get(answer.location))


def pressed(world, words, who="pru"):
    """Press a button of the row on home; gives its address, the answer, and the next page."""
    client = world.client(who)
    home = Page(client.get("/"))
    url = next(
        form["action"]
        for row in home.all("div", cls="row-do")
        for form in row.all("form")
        if form.all("button")[0].text.startswith(words)
    )
    answer = client.submit(url)
    return url, answer.location, Page(client.get(answer.location))


def pair(world):
    says_room(world)
    asks(world)
    return pressed(world, "Yes")[1]


def test_room_is_said_and_removed_by_oneself(world):
    assert listed(world, "ray").text.count(ROOM) == 0

    says_room(world)
    shown = [ROOM in listed(world, who).text for who in ("pru", "ray", "mo")]
    says_room(world, do="end")

    assert shown == [True] * 3
    assert not any(ROOM in listed(world, who).text for who in ("pru", "ray", "mo"))


def test_nobody_is_asked_who_has_no_room(world):
    page = listed(world, "ray")

    assert "has no room for a pair now" in asks(world).text
    assert "Ask for a pair" not in page.text
    assert ASKS not in Page(world.client("pru").get("/")).text


def test_only_who_is_asked_reads_of_it(world):
    says_room(world)
    asks(world)

    homes = {who: Page(world.client(who).get("/")).text for who in ("pru", "ray", "mo", "ivy")}
    lists = {who: listed(world, who).text for who in ("pru", "ray", "mo", "ivy")}

    assert [who for who, page in homes.items() if ASKS in page] == ["pru"]
    assert [who for who, page in lists.items() if ASKS in page] == ["pru"]
    assert [who for who, page in lists.items() if "You have asked" in page] == ["ray"]


def test_yes_opens_a_circle_of_the_two(world):
    there = pair(world)

    world.ids["pair"] = UUID(there.split("/")[2])
    with world.app.app_context():
        both = [world.standing(who, "pair") for who in ("pru", "ray")]
        assert [each.kind for each in both] == [CircleKind.PAIR] * 2
        assert [each.role for each in both] == [Role.MODERATOR] * 2
    pages = [Page(world.client(who).get(there)).text for who in ("pru", "ray")]
    assert all("Dr Ray and Dr Pru" in page for page in pages)
    assert all("How often would you like to write" in page for page in pages)
    assert world.client("mo").get(there).status_code == 404
    assert ROOM not in listed(world, "ivy").text  # it was room for one
    assert ASKS not in Page(world.client("pru").get("/")).text


def test_both_can_write_in_the_pair_at_once(world):
    there = pair(world)

    for who in ("ray", "pru"):
        client = world.client(who)
        assert client.get(client.get(f"{there}write").location).status_code == 200


def test_yes_pressed_twice_opens_one_pair(world):
    says_room(world)
    asks(world)
    url, first, _ = pressed(world, "Yes")

    second = world.client("pru").submit(url)

    assert second.location == first


def test_not_now_is_told_to_nobody(world):
    says_room(world)
    asks(world)
    before = listed(world, "ray").text

    pressed(world, "Not now")

    assert listed(world, "ray").text == before
    assert ASKS not in Page(world.client("pru").get("/")).text


@pytest.mark.parametrize("answered", [True, False])
def test_a_withdrawn_request_comes_back_only_unanswered(world, answered):
    says_room(world)
    asks(world)
    if answered:
        pressed(world, "Not now")

    asks(world, do="withdraw")
    asks(world)

    assert "You have asked" in listed(world, "ray").text
    assert (ASKS in Page(world.client("pru").get("/")).text) is not answered


def test_a_request_lapses_after_a_fortnight(world):
    says_room(world)
    asks(world)

    world.moment += LIFE
    still = ASKS in Page(world.client("pru").get("/")).text
    world.moment += timedelta(days=1)

    assert still
    assert ASKS not in Page(world.client("pru").get("/")).text
    assert "You have asked" not in listed(world, "ray").text


def test_removing_the_room_hides_what_was_asked(world):
    says_room(world)
    asks(world)

    says_room(world, do="end")
    says_room(world)

    assert ASKS not in Page(world.client("pru").get("/")).text
    assert "You have asked" in listed(world, "ray").text


@pytest.mark.parametrize("gone", ["ray", "pru"])
def test_who_leaves_takes_what_was_asked_along(world, gone):
    says_room(world)
    asks(world)
    with world.app.test_request_context(), unit_of_work():
        leave(world.ids[gone], world.ids["rose"], words_go=False)

    with world.app.app_context():
        left = [pairing(each) for each in current(world.ids["rose"]).values()]
    assert not any(each.requests for each in left)
    assert ROOM not in listed(world, "ivy").text or gone == "ray"


def test_a_suspended_asker_begins_no_pair(world):
    says_room(world)
    asks(world)
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids["ray"]).is_suspended = True

    _, there, page = pressed(world, "Yes")

    assert there.endswith("/people")
    assert "cannot begin at the moment" in page.text


def test_a_changed_name_stands_in_the_request(world):
    says_room(world)
    asks(world)
    client = world.client("ray")
    client.submit("/account/name", name="Raymond Okoro")

    home = Page(world.client("pru").get("/")).text

    assert "Raymond Okoro asks whether you two would talk for a while." in home


def test_two_who_ask_each_other_begin_one_pair(world):
    says_room(world)
    says_room(world, "ray")
    asks(world)
    asks(world, "pru", "ray")

    there = pressed(world, "Yes")[1]

    assert world.client("ray").get(there).status_code == 200
    for who in ("pru", "ray"):
        assert "asks whether" not in Page(world.client(who).get("/")).text


def test_nothing_leads_from_a_thread_to_a_pair(world):
    says_room(world, "ray")
    world.reply("ray", "I have been there.")

    page = Page(world.client("pru").get(world.thread))

    assert "pair" not in page.text.casefold()
    assert not [each for each in page.all("form") if "pair" in each["action"]]


def test_a_pair_has_no_room_for_another(world):
    there = pair(world)

    answer = world.client("pru").submit(f"{there}room-for-a-pair")

    assert answer.status_code == 403
    assert "room for one pair" not in Page(world.client("pru").get(f"{there}people")).text
