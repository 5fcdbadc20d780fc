"""Ways to talk: switched by moderators; an operator's own files, read at start."""

import pytest

from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.discussions import courses
from forum.discussions.models import Thread
from tests.page import Page

OWN = """key = "slow_talk"
version = 1
order = 9
name = "Slow talk"
sentence = "A week of questions."
on = true

[[phases]]
key = "asking"
name = "Questions"
days = 7
opens_on = "Questions open on %(day)s."

[phases.opens]
responder = ["question"]
presenter = ["answer"]
"""


def page(world):
    return f"/circles/{world.ids['rose']}/ways-to-talk"


def offered(world, who="pru"):
    client = world.client(who)
    composer = client.get(f"/circles/{world.ids['rose']}/write").location
    return [each["value"] for each in Page(client.get(composer)).all("input", name="talk")]


def own_file(world, text, name="slow_talk.1.toml"):
    folder = world.folder / "instance" / "rounds"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def test_moderators_switch_ways_on_and_off(world):
    mo = world.client("mo")
    version = Page(mo.get(page(world))).one("input", name="version")["value"]

    mo.submit(page(world), rounds=["balint_style", "action_learning"], version=version)

    assert offered(world) == ["", "balint_style", "action_learning"]


def test_a_thread_keeps_a_way_that_is_switched_off(world):
    told = world.present("pru", "Told", "Words.", talk="questions_first")
    mo = world.client("mo")
    version = Page(mo.get(page(world))).one("input", name="version")["value"]

    mo.submit(page(world), rounds=[], version=version)

    assert offered(world) == []
    shown = world.client("ray").get(f"/circles/{world.ids['rose']}/threads/{told}").text
    assert "Questions, until Fri" in shown.replace("\u00a0", " ")


def test_two_moderators_do_not_overwrite_each_other(world):
    mo = world.client("mo")
    version = Page(mo.get(page(world))).one("input", name="version")["value"]
    mo.submit(page(world), rounds=["balint_style"], version=version)

    again = mo.submit(page(world), rounds=["action_learning"], version=version)

    assert "Another moderator changed this." in mo.get(again.location).text
    assert offered(world) == ["", "balint_style"]


def test_ways_that_need_a_facilitator_wait_for_one(world):
    mo = world.client("mo")
    version = Page(mo.get(page(world))).one("input", name="version")["value"]
    mo.submit(page(world), rounds=["balint_style"], version=version)
    with world.app.app_context(), unit_of_work():
        leave(world.ids["fay"], world.ids["rose"])

    assert offered(world) == []


def test_an_operators_own_way_is_offered(world):
    own_file(world, OWN)
    world.restart()

    assert "slow_talk" in offered(world)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (("days = 7", "days = 61"), "slow_talk.1.toml:11: days"),
        (('responder = ["question"]', "responder = []"), "nobody may write"),
        (('name = "Questions"', 'name = "Questions"\nnext = "asking"'), "a cycle"),
        (('["answer"]', '["sing"]'), "no kind of reply"),
        (("order = 9", "order = 9\nmood = 1"), "mood"),
    ],
)
def test_a_file_that_cannot_be_used_stops_the_start(world, fault, told):
    text = OWN.replace(*fault)
    if "nobody" in told:
        text = text.replace('presenter = ["answer"]', "")
    own_file(world, text)

    with pytest.raises(SystemExit) as stopped:
        world.restart()

    assert "slow_talk.1.toml" in str(stopped.value)
    assert told.split(":")[-1].strip() in str(stopped.value)


def test_a_changed_file_leaves_running_threads_their_version(world):
    own_file(world, OWN)
    world.restart()
    told = world.present("pru", "Told", "Words.", talk="slow_talk")
    url = f"/circles/{world.ids['rose']}/threads/{told}"
    before = world.client("ray").get(url).text.count("Questions, until")
    own_file(world, OWN.replace("version = 1", "version = 2").replace("days = 7", "days = 1"),
             "slow_talk.2.toml")  # fmt: skip
    world.restart()

    assert world.client("ray").get(url).text.count("Questions, until") == before == 1
    with world.app.app_context():
        assert courses.course(db.session.get(Thread, told)).chosen.version == 1


def test_a_missing_file_leaves_its_threads_readable(world):
    own_file(world, OWN)
    world.restart()
    told = world.present("pru", "Told", "Words.", talk="slow_talk")
    (world.folder / "instance" / "rounds" / "slow_talk.1.toml").unlink()
    world.restart()

    url = f"/circles/{world.ids['rose']}/threads/{told}"
    assert "Anyone answers when they like." in world.client("ray").get(url).text
    assert world.client("ray").answer(url, body="Me too", do="own_name").status_code == 303
