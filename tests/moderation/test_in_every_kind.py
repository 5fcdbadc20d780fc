"""The moderator page, hiding and showing again, in each kind of circle."""

import pytest

from forum.policy.terms import CircleKind
from tests.circles.test_conversations import begun
from tests.circles.test_pairs import pair
from tests.page import Page


def written(world, kind):
    """A thread of Pru's in a kind of circle: the circle's address, its id, and a moderator."""
    if kind is CircleKind.GROUP:
        thread = world.present("pru", "Again", "A long week.")
        return f"/circles/{world.ids['rose']}/", thread, "mo"
    if kind is CircleKind.PAIR:
        here = pair(world)
        return here, world.present("pru", "Us two", "A long week.", circle="pair"), "ray"
    here = begun(world)
    return here, world.present("pru", "Again", "A long week.", circle="one"), "ray"


@pytest.mark.parametrize("kind", list(CircleKind))
def test_a_post_is_hidden_found_and_shown_again(world, kind):
    here, thread, who = written(world, kind)
    client = world.client(who)
    care = f"{here}posts/{thread}/care"

    assert client.get(f"{here}desk").status_code == 200
    hidden = client.post(care, data=client.tokens(care) | {"do": "hide"}, follow_redirects=True)
    assert hidden.status_code == 200
    listed = [each["href"] for each in Page(hidden).all("a") if "/care" in each.get("href", "")]
    assert listed == [care]
    assert Page(client.get(f"{here}threads/{thread}")).button("Moderate")

    page = Page(client.get(listed[0]))
    assert page.button("Show post again")
    shown = client.post(care, data=client.tokens(care) | {"do": "show"}, follow_redirects=True)

    assert shown.status_code == 200
    text = Page(client.get(f"{here}threads/{thread}")).text
    assert "A long week." in text
    assert "Hidden by" not in text


@pytest.mark.parametrize("who", ["pru", "ray"])
def test_two_know_who_hid_a_post(world, who):
    here, thread, _ = written(world, CircleKind.PAIR)
    client, care = world.client("ray"), f"{here}posts/{thread}/care"
    client.post(care, data=client.tokens(care) | {"do": "hide"})

    page = Page(world.client(who).get(f"{here}threads/{thread}"))
    desk = world.client(who).get(f"{here}desk").text

    assert page.one("p", cls="tombstone").text == "Hidden by Dr Ray."
    assert "Hidden by Dr Ray." in desk
    assert "Hidden by a moderator" not in desk


def test_a_pair_is_offered_what_makes_sense_for_two(world):
    here, thread, _ = written(world, CircleKind.PAIR)

    page = world.client("ray").get(f"{here}posts/{thread}/care")

    assert Page(page).button("Hide post")
    assert Page(page).button("Hide until edited")
    for absent in ("another moderator", "Pause", "Pausing", "Write to", "Turn off", "Pin "):
        assert absent not in Page(page).text


@pytest.mark.parametrize(
    ("act", "fields"),
    [("care", {"do": "mute"}), ("care", {"do": "pin"}), ("replies-off", {"reason": "Enough"}),
     ("note", {"words": "A word"})],
)  # fmt: skip
def test_a_pair_refuses_acts_that_are_not_offered(world, act, fields):
    here, thread, _ = written(world, CircleKind.PAIR)
    client, care = world.client("ray"), f"{here}posts/{thread}/care"

    sent = client.post(f"{here}posts/{thread}/{act}", data=client.tokens(care) | fields)

    assert sent.status_code == (303 if act == "care" else 403)
    assert "Dr Pru" not in world.client("pru").get(f"{here}log").text


def test_either_edits_or_withdraws_their_own_in_a_pair(world):
    here, thread, _ = written(world, CircleKind.PAIR)
    client, care = world.client("pru"), f"{here}posts/{thread}/care"

    assert "Hide" not in Page(client.get(care)).text
    client.post(care, data=client.tokens(care) | {"do": "hide"})

    page = Page(client.get(f"{here}threads/{thread}"))
    assert "A long week." in page.text
    assert "Moderate" not in page.text
