"""Export of a member's own texts, under every name, without anyone else's."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.policy.terms import AuthorMode
from tests.world import EVENING, World

HIDDEN = AuthorMode.THREAD_PSEUDONYM


def copy(world, who="ray"):
    client = world.client(who)
    return client.post("/account/words", data=client.tokens("/account/words"))


def opened(answer):
    with ZipFile(BytesIO(answer.data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_an_export_holds_only_own_texts(world):
    world.reply("ray", "In the *open*")
    world.reply("ray", "From behind", HIDDEN)
    world.reply("ray", "As the circle", AuthorMode.CIRCLE_VOICE)
    world.present("ray", "My own story", "Told")
    world.reply("fay", "Not Ray's at all")
    world.client("ray").answer(world.thread, body="Half a thought", do="save")

    answer = copy(world)

    files = opened(answer)
    assert answer.headers["Content-Disposition"] == "attachment; filename=words.zip"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(files) == {"words.json", "words.md"}
    for text in files.values():
        for own in ("In the *open*", "From behind", "As the circle", "My own story", "Half a th"):
            assert own in text
        for other in ("Not Ray's", "Torn between two", "A hard morning", "Dr Fay", "Dr Pru"):
            assert other not in text
    [circle] = json.loads(files["words.json"])["circles"]
    assert circle["name"] == "Rose"
    assert [post["name_kind"] for post in circle["posts"]].count("thread_pseudonym") == 1


@pytest.mark.leaks
def test_an_export_needs_a_fresh_password(world):
    world.reply("ray", "From behind", HIDDEN)
    world.moment = EVENING
    client = world.client("ray")
    with client.session_transaction() as session:
        session.pop("given_at")

    asked = client.get("/account/words")
    refused = client.submit("/account/words")
    answer = copy(world)

    assert asked.location.startswith("/account/confirm")
    assert refused.status_code == 401
    assert "Rose" not in str(answer.headers)
    with ZipFile(BytesIO(answer.data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_exports_are_limited_to_three_a_day(tmp_path):
    world = World(tmp_path, RATELIMIT_ENABLED=True)

    assert [copy(world).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_an_export_is_stored_nowhere(world):
    world.reply("ray", "In the open")
    before = {path for path in world.files()}
    copy(world)

    assert {path for path in world.files()} == before
    assert "You downloaded a copy of your posts." in world.client("ray").get("/account").text


def test_a_post_in_which_somebody_could_be_recognised_says_so(world):
    world.reply("ray", "Ring Mrs Exampleton on 07700 900123.")
    world.reply("ray", "I have been there.")

    files = opened(copy(world))

    [circle] = json.loads(files["words.json"])["circles"]
    assert sorted(post["details"] for post in circle["posts"]) == [[], ["a name", "a phone number"]]
    assert "*Could identify somebody: a name, a phone number*" in files["words.md"]


def test_of_a_rural_circle_two_details_that_meet_are_marked(world):
    world.reply("ray", "A 47-year-old shepherd with a cough.")
    elsewhere = json.loads(opened(copy(world))["words.json"])
    with world.app.app_context(), unit_of_work():
        circle(world.standing("mo")).rural = True

    rural = json.loads(opened(copy(world))["words.json"])

    assert [post["details"] for post in elsewhere["circles"][0]["posts"]] == [[]]
    assert [post["details"] for post in rural["circles"][0]["posts"]] == [["together"]]
