from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from forum.authors.services import choose_pseudonym
from forum.circles.models import Circle
from forum.circles.queries import circle, enter
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.discussions.models import Reply
from forum.discussions.reply_preferences import Wish
from forum.policy.terms import AuthorMode, ReplyKind, kind_of
from forum.search.queries import search
from tests.rows import row_of
from tests.search.searching import found, results, withdraw
from tests.world import EVENING


@pytest.fixture
def told(world):
    thread_id = world.present("pru", "Advice, please", "A long day.", wish=Wish.ADVICE)
    world.reply("ray", "A kestrel by Ray", kind=ReplyKind.QUESTION, thread_id=thread_id)
    world.reply("fay", "A kestrel by Fay", kind=ReplyKind.IDEA, thread_id=thread_id)
    world.present("mo", "Kestrels", "A kestrel by Mo")
    return world


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        ("kestrel from:ray", {"A kestrel by Ray"}),
        ('kestrel from:"Dr Ray"', {"A kestrel by Ray"}),
        ("from:RAY", {"A kestrel by Ray"}),
        ("From:ray kestrel", {"A kestrel by Ray"}),
        ("kestrel -from:ray", {"A kestrel by Fay", "A kestrel by Mo"}),
        ("kestrel from:nobody", set()),
        ("kestrel in:rose", {"A kestrel by Ray", "A kestrel by Fay", "A kestrel by Mo"}),
        ("kestrel in:oak", set()),
        ("kestrel kind:question", {"A kestrel by Ray"}),
        ("kestrel kind:ideas", {"A kestrel by Fay"}),
        ("kestrel kind:reflection", {"A kestrel by Mo"}),
        ("kind:question", {"A kestrel by Ray"}),
        ("kestrel kind:reply", {"A kestrel by Ray", "A kestrel by Fay"}),
        ("kestrel kind:answers", {"A kestrel by Ray", "A kestrel by Fay"}),
        ("kestrel is:unanswered", {"A kestrel by Mo"}),
        ("kestrel is:mine", {"A kestrel by Ray"}),
        ("kestrel -is:mine kind:idea", {"A kestrel by Fay"}),
        ("kestrel before:2026", set()),
        ("kestrel after:2026", {"A kestrel by Ray", "A kestrel by Fay", "A kestrel by Mo"}),
        ("kestrel after:3/2026", {"A kestrel by Ray", "A kestrel by Fay", "A kestrel by Mo"}),
        ("kestrel after:3/3/2026", set()),
        ("kestrel before:2026-03-03 from:fay", {"A kestrel by Fay"}),
        ("kestrel before:2/3/2026", set()),
    ],
)
def test_a_search_is_narrowed(told, words, texts):
    assert set(found(told, "ray", words)) == texts


@pytest.mark.parametrize(
    "words",
    [
        "kind:xyz kestrel",
        "before:never kestrel",
        "is:gone kestrel",
        "after:31/2/2025 kestrel",
        "before:0000 kestrel",
        "after:9999-12-31 kestrel",
        "foo:kestrel",
        "from: kestrel",
        'from:"" kestrel',
        'in:" kestrel',
        "before:99999 kestrel",
        "kestrel :from",
    ],
)
def test_what_is_no_such_part_is_looked_for_as_words(told, words):
    assert len(found(told, "ray", words)) == 3


@pytest.fixture
def sol(world):
    """Sol, who joined Rose and took an invented name, and has not written."""
    with world.app.app_context():
        with unit_of_work():
            join(circle(world.standing("mo")), world.ids["sol"], "Dr Sol")
        with unit_of_work():
            choose_pseudonym(world.standing("sol"), "Heron")
    return world


@pytest.mark.leaks
def test_a_name_leads_to_no_other_name_of_the_same_person(sol):
    sol.reply("sol", "A kestrel, by an invented name", AuthorMode.PSEUDONYM)

    assert found(sol, "mo", "kestrel from:heron") == ["A kestrel, by an invented name"]
    for name in ("sol", '"Dr Sol"', "sol@example.org"):
        assert found(sol, "mo", f"kestrel from:{name}") == []


@pytest.mark.leaks
def test_masks_are_found_by_nothing_but_their_words(world):
    world.reply("ray", "A kestrel behind a mask", AuthorMode.THREAD_PSEUDONYM)
    world.reply("ray", "A kestrel with no name at all", AuthorMode.CIRCLE_VOICE)
    world.moment = EVENING
    with world.app.app_context():
        hit = search([world.standing("mo")], "behind mask").hits[0]
        mask = hit.post.author.name

    for who in ("ray", "mo"):  # its author included: it looks the same to everyone
        assert len(found(world, who, "kestrel")) == 2
        assert found(world, who, "kestrel is:mine") == []
        assert found(world, who, f'kestrel from:"{mask}"') == []
        assert found(world, who, 'kestrel from:"a member of this circle"') == []


@pytest.mark.leaks
def test_a_name_under_which_nobody_wrote_yet_and_no_name_look_alike(sol):
    pages = [results(sol, "mo", f"morning from:{name}") for name in ("heron", "nobody")]

    assert [page.hits for page in pages] == [[], []]
    assert [[each.value for each in page.unmatched] for page in pages] == [["heron"], ["nobody"]]


@pytest.mark.leaks
def test_names_and_circles_are_those_of_the_searched_circles(world):
    world.present("nan", "Ours", "A kestrel next door", circle="oak")

    page = world.client("mo").search("kestrel from:nan").text
    other = world.client("mo").search("kestrel in:oak").text

    assert "Nobody has posted as “nan” in your circles." in page
    assert "None of your circles is called “oak”." in other


def test_a_circle_is_named_in_words(world):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")
    world.present("nan", "Ours", "A kestrel next door", circle="oak")
    world.reply("ray", "A kestrel over the road")

    assert found(world, "ray", "kestrel in:oak", "rose", "oak") == ["A kestrel next door"]
    assert found(world, "ray", "kestrel -in:oak", "rose", "oak") == ["A kestrel over the road"]


def test_unread_is_what_was_not_shown_yet(world):
    world.reply("ray", "A kestrel over the road")
    mo = world.client("mo")
    assert found(world, "mo", "kestrel is:unread") == ["A kestrel over the road"]
    assert found(world, "ray", "kestrel is:unread") == []  # who wrote it

    mo.get(world.thread)
    world.reply("fay", "A second kestrel")

    assert found(world, "mo", "kestrel is:unread") == ["A second kestrel"]
    assert found(world, "mo", "kestrel -is:unread") == ["A kestrel over the road"]


def test_what_was_said_before_one_joined_is_not_unread(world):
    world.reply("ray", "A kestrel over the road")
    world.moment += timedelta(days=2)
    with world.app.app_context():
        with unit_of_work():
            join(circle(world.standing("mo")), world.ids["sol"], "Dr Sol")
        assert enter(world.ids["sol"], world.ids["rose"])

    assert found(world, "sol", "kestrel is:unread") == []
    assert len(found(world, "sol", "kestrel")) == 1


def test_an_answer_that_was_taken_back_answers_no_more(world):
    reply_id = world.reply("ray", "I was there too")
    assert found(world, "mo", "morning is:unanswered") == []

    withdraw(world, "ray", reply_id)

    assert found(world, "mo", "morning is:unanswered") == ["A hard morning."]


@pytest.mark.parametrize(("zone", "texts"), [("Pacific/Auckland", []), ("Europe/London", [1])])
def test_days_are_the_readers(world, zone, texts):
    world.moment = datetime(2026, 3, 5, 18, tzinfo=UTC)  # the 6th in Auckland
    world.reply("ray", "A kestrel over the road")

    page = found(world, "mo", "kestrel before:2026-03-06", zone=ZoneInfo(zone))

    assert len(page) == len(texts)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("round:questions_first visit", True),
        ('round:"questions first" visit', True),
        ("round:balint visit", False),
        ("phase:questions visit", True),
        ("phase:closing visit", False),
        ("-phase:closing visit", True),
        ("template:free visit", True),
        ("template:dilemma visit", False),
    ],
)
def test_rounds_phases_and_templates_narrow(world, query, found):
    world.present("pru", "A visit", "A visit in the snow.", talk="questions_first")

    assert ("in the snow" in world.client("ray").search(query).text) is found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("topic:nights visit", True),
        ('topic:"out of hours" visit', True),
        ("topic:hours visit", True),
        ("topic:teaching visit", False),
        ("-topic:teaching visit", True),
    ],
)
def test_topics_narrow(world, query, found):
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        home.topics = ["Nights", "Out of hours", "Teaching"]
    topics = ("Nights", "Out of hours")
    world.present("pru", "A visit", "A visit in the snow.", topics=topics)

    page = world.client("ray").search(query).text

    assert ("in the snow" in page) is found
    assert "on the topic" in page


@pytest.mark.parametrize("kind", ["action", "company", "takeaway"])
def test_kinds_of_rounds_are_found(world, kind):
    stored = {"company": "acknowledgement"}.get(kind, kind)
    reply = world.reply("ray", "A walk in the snow.")
    with world.app.app_context(), unit_of_work():
        row_of(Reply, reply).kind = kind_of(stored)
        row_of(Reply, reply).revision = uuid4()

    ivy = world.client("ivy")
    assert "A walk in the" in ivy.search(f"kind:{kind} snow").text
    assert "A walk in the" in ivy.search("kind:reply snow").text
    assert "A walk in the" not in ivy.search("kind:question snow").text


def test_a_phase_is_that_of_today(world):
    world.present("pru", "A visit", "A visit in the snow.", talk="questions_first")
    assert "in the snow" not in world.client("ray").search("phase:answers visit").text

    world.moment += timedelta(days=4)

    assert "in the snow" in world.client("ray").search("phase:answers visit").text
