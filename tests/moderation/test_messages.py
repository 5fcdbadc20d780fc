"""Messages to the moderators, and their answers."""

from datetime import timedelta

import pytest

from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.moderation import queries
from tests.page import Page
from tests.world import World


def messages(world, who):
    return world.client(who).get(f"/circles/{world.ids['rose']}/moderators").text


def write(world, who, words, signed="unsigned"):
    client, page = world.client(who), f"/circles/{world.ids['rose']}/moderators"
    return client.post(page, data=client.tokens(page) | {"words": words, "signed": signed})


def answer(world, words, who="mo"):
    client, desk = world.client(who), f"/circles/{world.ids['rose']}/desk"
    [url] = [
        each["action"]
        for each in Page(client.get(desk)).all("form")
        if "/letters/" in each["action"]
    ]
    return client.post(url, data=client.tokens(desk) | {"words": words})


@pytest.mark.parametrize(("signed", "name"), [("signed", "Dr Ray"), ("unsigned", "No name given")])
def test_answer_to_message_reaches_its_writer_alone(world, signed, name):
    assert write(world, "ray", "Something weighs on me.", signed).status_code == 303
    desk = world.client("mo").get(f"/circles/{world.ids['rose']}/desk").text
    answer(world, "Thank you for telling us.")

    assert "Something weighs on me." in desk
    assert name in desk
    assert "Thank you for telling us." in messages(world, "ray")
    assert "Something weighs" not in messages(world, "fay") + messages(world, "mo")
    here = f"/circles/{world.ids['rose']}/"
    assert "The moderators have replied." in world.client("ray").get(here).text
    assert "The moderators have replied." not in world.client("fay").get(here).text


@pytest.mark.parametrize(("days", "is_listed"), [(29, True), (30, False)])
def test_the_desk_lists_a_message_for_thirty_days_after_its_reply(world, days, is_listed):
    write(world, "ray", "Something weighs on me.")
    answer(world, "Thank you for telling us.")
    world.moment += timedelta(days=days)

    desk = world.client("mo").get(f"/circles/{world.ids['rose']}/desk").text

    assert ("Something weighs on me." in desk) is is_listed


def test_a_reply_pressed_twice_is_one_reply(world):
    write(world, "ray", "Something weighs on me.")
    mo, desk = world.client("mo"), f"/circles/{world.ids['rose']}/desk"
    form = next(x for x in Page(mo.get(desk)).all("form") if "/letters/" in x["action"])
    sent = form.fields() | {"words": "Thank you for telling us."}

    pressed = [mo.post(form["action"], data=sent).status_code for _ in range(2)]

    assert pressed == [303, 303]
    assert messages(world, "ray").count("Thank you for telling us.") == 1


def test_seen_answer_is_not_announced_again(world):
    write(world, "ray", "Something weighs on me.")
    answer(world, "Password confirmed")
    client, here = world.client("ray"), f"/circles/{world.ids['rose']}/"
    page = client.get(here).text
    seen = page.partition("The moderators have replied.")[2].partition('action="')[2]
    client.post(seen.partition('"')[0], data=client.tokens_of(client.get(here)))

    assert "The moderators have replied." not in client.get(here).text
    assert "Password confirmed" in messages(world, "ray")


def test_nobody_marks_an_answer_as_seen_but_its_reader(world):
    """Fails when a colleague can keep somebody from hearing that they were answered."""
    write(world, "ray", "Something weighs on me.")
    here = f"/circles/{world.ids['rose']}/"
    with world.app.app_context():
        [message] = queries.own_messages(world.standing("ray"))
        seen = world.url("moderation.seen", flag_id=message.id)
    world.client("ray").submit(seen)  # nothing to see yet: hides no answer to come
    answer(world, "Password confirmed")

    for who in ("fay", "mo"):
        assert world.client(who).submit(seen).status_code == 404

    assert "The moderators have replied." in world.client("ray").get(here).text


def test_empty_or_too_long_message_returns(world):
    empty, endless = write(world, "ray", ""), write(world, "ray", "x" * 2001)

    assert (empty.status_code, endless.status_code) == (422, 422)
    assert "Write something first." in empty.text
    assert "x" * 2001 in endless.text


@pytest.mark.leaks
def test_unsigned_message_is_equal_for_every_writer(tmp_path):
    """Fails when a message stores any trace of its writer but the mark."""
    desks = []
    for who in ("ray", "fay"):
        world = World(tmp_path / who)
        write(world, who, "Something weighs on me.")
        desk = world.client("mo").get(f"/circles/{world.ids['rose']}/desk")
        desks.append([line for line in desk.text.splitlines() if "csrf_token" not in line])

    assert desks[0] == desks[1]


def test_second_answer_shows_both_texts(world):
    write(world, "ray", "Something weighs on me.")
    fay, page = world.client("mo"), f"/circles/{world.ids['rose']}/desk"
    desk = Page(fay.get(page))
    [url] = [each["action"] for each in desk.all("form") if "/letters/" in each["action"]]
    version = desk.field("version").value
    answer(world, "Thank you for telling us.")

    refused = fay.submit(url, words="Shall we talk?", version=version)
    assert refused.status_code == 422
    for words in ("Something weighs", "Thank you for telling us.", "Shall we talk?"):
        assert words in refused.text
    assert "Shall we talk?" not in messages(world, "ray")
    fay.submit(url, words="Shall we talk?", version=Page(refused).field("version").value)

    read = messages(world, "ray")
    assert read.index("Thank you for telling us.") < read.index("Shall we talk?")


def test_details_in_a_letter_are_told_of_and_never_stop_it(world):
    client, page = world.client("ray"), f"/circles/{world.ids['rose']}/moderators"
    words = "Please ring me on 07700 900123."
    client.post(page, data=client.tokens(page) | {"words": words, "signed": "unsigned"})

    assert "a detail that could identify someone" in client.get(page).text
    assert words in world.client("mo").get(f"/circles/{world.ids['rose']}/desk").text


def test_words_of_despair_in_a_letter_bring_help_to_their_writer(world):
    client, page = world.client("ray"), f"/circles/{world.ids['rose']}/moderators"
    fields = client.tokens(page) | {"words": "I can't go on like this.", "signed": "unsigned"}
    client.post(page, data=fields)

    assert "you need not carry it alone" in client.get(page).text
    assert "you need not carry it alone" not in client.get(page).text


def test_a_letter_of_a_rural_circle_is_read_as_one(world):
    with world.app.app_context(), unit_of_work():
        circle(world.standing("mo")).rural = True
    client, page = world.client("ray"), f"/circles/{world.ids['rose']}/moderators"
    words = "A 47-year-old shepherd with a cough."
    client.post(page, data=client.tokens(page) | {"words": words, "signed": "unsigned"})

    assert "two details that could identify someone" in client.get(page).text
