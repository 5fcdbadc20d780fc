"""Export of a member's own texts, under every name, without anyone else's."""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest

from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.policy.terms import AuthorMode
from tests import copies
from tests.world import EVENING, World

HIDDEN = AuthorMode.THREAD_PSEUDONYM


def copy(world, who="ray"):
    client = world.client(who)
    return client.post("/account/words", data=client.tokens("/account/words"))


def opened(answer):
    return copies.opened(answer.data)


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
    assert set(files) == {"words.json", "words.md", "words.xlsx"}
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


def test_a_reply_tells_what_it_answered_by_day_and_link(world):
    world.reply("ray", "In reply to Pru")
    own = world.present("ray", "My own story", "Told")
    world.reply("ray", "To myself", thread_id=own)

    files = opened(copy(world))

    [circle] = json.loads(files["words.json"])["circles"]
    answered = {post["body"]: post.get("in_reply_to") for post in circle["posts"]}
    theirs = f"http://localhost{world.thread}"
    mine = f"http://localhost/circles/{world.ids['rose']}/threads/{own}"
    assert answered == {
        "In reply to Pru": {"on": "2026-03-02", "link": theirs},
        "To myself": {"on": "2026-03-02", "link": mine, "title": "My own story"},
        "Told": None,
    }
    assert f"*In reply to a reflection, 2026-03-02: <{theirs}>*" in files["words.md"]
    assert f"*In reply to My own story, 2026-03-02: <{mine}>*" in files["words.md"]
    for text in files.values():
        assert theirs in text
        for other in ("Torn between two", "Dr Pru", "A hard morning"):
            assert other not in text
    assert world.client("ray").get(theirs).status_code == 200


TEXTS = ["=1+1", "@SUM(A1)", "-2", "\tIndented", "Été; à dix-sept ans, « oui »", "_x0041_", "1,5"]


def test_a_sheet_opens_in_any_settings(world):
    for number, text in enumerate(TEXTS):
        world.moment = world.moment.replace(hour=10 + number)
        world.reply("ray", text)
    world.client("ray").answer(world.thread, body="Half a thought", do="save")

    workbook = workbook_of(world)
    heading, *found = copies.rows(workbook)

    assert heading[:3] == ["Circle", "Day", "Kind"]
    assert [row[heading.index("Text")] for row in found] == [*reversed(TEXTS), "Half a thought"]
    assert {row[heading.index("Day")] for row in found[:-1]} == {"46083"}  # days since 1899-12-30
    with ZipFile(BytesIO(workbook)) as parts:
        whole = b"".join(parts.read(name) for name in parts.namelist())
        page = parts.read("xl/worksheets/sheet1.xml")
        assert b'numFmtId="14"' in parts.read("xl/styles.xml")  # as the reader's settings write it
    assert b"<f>" not in page
    assert b"hyperlink" not in page
    for said in (b"ray@example.org", b"T10:", b"python", b"Xlsx"):
        assert said not in whole


def test_a_long_text_goes_on_in_the_row_below(world):
    text = "A line of it. " * 1_400
    world.reply("ray", text)

    heading, *found = copies.rows(workbook_of(world))

    parts = [row[heading.index("Text")] for row in found]
    assert len(parts) == 2
    assert "".join(parts).strip() == text.strip()


def workbook_of(world):
    with ZipFile(BytesIO(copy(world).data)) as archive:
        return archive.read("words.xlsx")
