"""Ways to talk: switched by moderators; an operator's own files, read at start."""

from datetime import UTC, date, datetime, timedelta

import pytest

from forum.circles import talk_settings
from forum.circles.models import Circle
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.discussions import courses
from forum.discussions.models import Thread
from tests.page import Page
from tests.rows import row_of
from tests.world import MORNING

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

    assert offered(world) == ["suits", "", "balint_style", "action_learning"]


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

    assert "Another moderator changed this." in again.text
    assert offered(world) == ["suits", "", "balint_style"]


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
        assert courses.course(row_of(Thread, told)).chosen.version == 1


def test_a_file_changed_in_place_loses_no_text(world):
    own_file(world, OWN)
    world.restart()
    told = world.present("pru", "Told", "Words.", talk="slow_talk")
    url = f"/circles/{world.ids['rose']}/threads/{told}"
    ray = world.client("ray")
    composer = ray.get(f"{url}/answer").location
    fields = ray.tokens(composer) | {"body": "Why now?", "kind": "question", "do": "own_name"}
    own_file(world, OWN.replace('responder = ["question"]', 'responder = ["idea"]'))
    world.restart()

    sent = world.client("ray").post(composer, data=fields | world.client("ray").tokens("/"))

    assert sent.status_code == 422
    assert Page(sent).field("body").value == "Why now?"
    assert "Questions, until" in world.client("ray").get(url).text


def test_a_missing_file_leaves_its_threads_readable(world):
    own_file(world, OWN)
    world.restart()
    told = world.present("pru", "Told", "Words.", talk="slow_talk")
    (world.folder / "instance" / "rounds" / "slow_talk.1.toml").unlink()
    world.restart()

    url = f"/circles/{world.ids['rose']}/threads/{told}"
    assert "Anyone answers when they like." in world.client("ray").get(url).text
    assert world.client("ray").answer(url, body="Me too", do="own_name").status_code == 303


# Days that rounds count


def days(world, who="mo", **fields):
    """The page that follows a press in "Rest days" or "Weekends"."""
    client = world.client(who)
    sent = client.submit(f"/circles/{world.ids['rose']}/days", **fields)
    return client.get(sent.location).text.replace("\u00a0", " ") if sent.location else sent


def ends(world, told):
    """The day on which the present phase ends, as its row says it."""
    url = f"/circles/{world.ids['rose']}/threads/{told}"
    row = Page(world.client("ray").get(url)).one("ol", cls="phases").all("li")[0].text
    return row.replace("\u00a0", " ")


def kept(world):
    with world.app.app_context():
        return [(each.first, each.last) for each in talk_settings.rests(world.standing("mo"))]


def test_clocks_stand_still_on_rest_days(world):
    told = world.present("pru", "Told", "Words.", talk="questions_first")
    assert "until Fri 6 Mar" in ends(world, told)

    page = days(world, do="add", first="2026-03-04", last="2026-03-05")

    assert "The circle rests 4 March to 5 March." in page
    assert "until Tue 10 Mar" in ends(world, told)
    page = days(world, do="end", first="2026-03-04", last="2026-03-05")
    assert "The circle rests" not in page
    assert "until Fri 6 Mar" in ends(world, told)


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ("2026-03-02", "2026-03-05", "tomorrow at the earliest"),
        ("2026-03-05", "2026-03-04", "from one day to 60 days"),
        ("2026-03-05", "2026-05-04", "from one day to 60 days"),
        ("2026-03-05", "9999-12-31", "from one day to 60 days"),
        ("9999-12-31", "9999-12-30", "from one day to 60 days"),
        ("", "2026-05-04", "Choose the first and the last day."),
        ("soon", "later", "Choose the first and the last day."),
    ],
)
def test_a_rest_that_cannot_be_says_why(world, first, last, reason):
    assert reason in days(world, do="add", first=first, last=last)

    assert kept(world) == []


def test_a_rest_that_has_begun_ends_today_and_keeps_its_days(world):
    told = world.present("pru", "Told", "Words.", talk="questions_first")
    days(world, do="add", first="2026-03-03", last="2026-03-20")
    world.moment = datetime(2026, 3, 4, 10, tzinfo=UTC)

    days(world, do="end", first="2026-03-03", last="2026-03-20")

    assert kept(world) == [(date(2026, 3, 3), date(2026, 3, 4))]
    assert "until Tue 10 Mar" in ends(world, told)


def test_a_rest_of_the_past_is_not_ended_any_more(world):
    days(world, do="add", first="2026-03-03", last="2026-03-04")
    world.moment = MORNING + timedelta(days=5)
    assert kept(world) == []

    days(world, do="end", first="2026-03-03", last="2026-03-04")

    with world.app.app_context():
        [rest] = talk_settings.counted_days(world.standing("mo")).rests
    assert rest.first == date(2026, 3, 3)


def test_weekends_count_from_tomorrow(world):
    told = world.present("pru", "Told", "Words.", talk="inviting_change")
    world.moment = MORNING + timedelta(days=2)
    before = ends(world, told)

    assert "checked" in days(world, do="weekends", counted="y").split('id="weekends"')[1][:20]

    assert ends(world, told) != before
    assert "checked" not in days(world, do="weekends").split('id="weekends"')[1][:20]
    assert ends(world, told) == before


def test_a_circle_has_room_for_twelve_rests(world):
    for month in range(4, 13):
        days(world, do="add", first=f"2026-{month:02}-01", last=f"2026-{month:02}-02")
    for month in range(1, 4):
        days(world, do="add", first=f"2027-{month:02}-01", last=f"2027-{month:02}-02")

    assert "At most 12 rests" in days(world, do="add", first="2027-05-01", last="2027-05-02")
    assert len(kept(world)) == 12
    world.moment += timedelta(days=60)  # the first is over
    assert "At most 12 rests" not in days(world, do="add", first="2027-05-01", last="2027-05-02")
    assert kept(world)[-1][0] == date(2027, 5, 1)


@pytest.mark.parametrize("who", ["ray", "fay"])
def test_only_moderators_set_days(world, who):
    assert days(world, who, do="add", first="2026-03-04", last="2026-03-05").status_code == 403
    assert kept(world) == []


def sent(world, **more):
    """The form of ways to talk as it is shown, with other values in some fields."""
    shown = Page(world.client("mo").get(page(world)))
    days = {each["name"]: each["value"] for each in shown.all("input", type="number")}
    on = [
        each["value"] for each in shown.all("input", name="rounds") if "checked" in each.attributes
    ]
    return {"rounds": on, "version": shown.one("input", name="version")["value"], **days, **more}


def asking(world, told):
    url = f"/circles/{world.ids['rose']}/threads/{told}"
    return Page(world.client("ray").get(url)).all("ol", cls="phases")[0].all("li")[0].text


def test_moderators_set_the_days_of_a_phase(world):
    before = world.present("pru", "Told", "Words.", talk="questions_first")

    world.client("mo").submit(page(world), **sent(world, **{"days-questions_first-asking": "5"}))
    after = world.present("pru", "Told later", "Words.", talk="questions_first")

    assert asking(world, before) == "Questions, until Fri 6 Mar, now"
    assert asking(world, after) == "Questions, until Tue 10 Mar, now"
    composer = world.client("pru").get(f"/circles/{world.ids['rose']}/write").location
    assert "A few days of questions, then answers." in world.client("pru").get(composer).text


@pytest.mark.parametrize("days", ["0", "61", "-3", "4.5", "two", ""])
def test_days_out_of_range_are_refused_and_stay_typed(world, days):
    mo = world.client("mo")

    answer = mo.submit(
        page(world), **sent(world, **{"days-questions_first-asking": days, "rounds": ["theme"]})
    )

    assert answer.status_code == 422
    shown = Page(answer)
    assert "A phase lasts from 1 to 60 days." in shown.error("days-questions_first-asking")
    assert shown.field("days-questions_first-asking").value == days
    on = [
        each["value"] for each in shown.all("input", name="rounds") if "checked" in each.attributes
    ]
    assert on == ["theme"]
    assert asking(world, world.present("pru", "Told", "Words.", talk="questions_first")) == (
        "Questions, until Fri 6 Mar, now"
    )


def test_an_unchanged_form_stores_nothing(world):
    world.client("mo").submit(page(world), **sent(world))

    with world.app.app_context():
        assert db.session.get(Circle, world.ids["rose"]).talk == ""


def test_two_moderators_do_not_overwrite_each_others_days(world):
    mine = sent(world, **{"days-questions_first-asking": "5"})
    world.client("mo").submit(page(world), **sent(world, **{"days-questions_first-asking": "9"}))

    answer = world.client("mo").submit(page(world), **mine)

    assert answer.status_code == 409
    assert "Another moderator changed this." in answer.text
    assert Page(answer).field("days-questions_first-asking").value == "5"
    # pressed again, it is meant
    again = sent(world, **{"days-questions_first-asking": "5"})
    assert world.client("mo").submit(page(world), **again).status_code == 303


def test_an_unknown_time_zone_of_old_slots_stops_no_page(world):
    """Fails when a zone that this machine lost, of slots long past, keeps every round from being
    read."""
    told = world.present("pru", "Told", "Her words.", talk="questions_first")
    with world.app.app_context(), unit_of_work():
        circle = db.session.get_one(Circle, world.ids["rose"])
        for zone in ("Mars/Olympus", "Europe/London", "UTC"):
            circle.set_slots(circle.slots, zone, world.moment)
            circle.slots_from = world.moment - timedelta(days=1)

    read = world.client("ray").get(f"/circles/{world.ids['rose']}/threads/{told}")

    assert read.status_code == 200
