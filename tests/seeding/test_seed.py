"""`flask forum seed`: readable content, never dated in the future."""

import json
import re
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from random import Random

import pytest
from sqlalchemy import select

from config import TestConfig
from forum import create_app
from forum.accounts.models import Member
from forum.circles.models import Circle, Membership
from forum.circles.pair_requests import pairing
from forum.circles.queries import enter
from forum.core.db import db
from forum.discussions import courses
from forum.discussions.decisions import Choice, from_json
from forum.discussions.models import BODY_MAX, TITLE_MAX, Quote, Reply, Thread
from forum.learning import queries
from forum.policy.terms import AuthorMode, CircleKind, ReplyKind, Role, RoundKind
from forum.seeding import people, rounds, stories

NOW = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)
SIGN_IN = re.compile(r"^DEMO_SIGN_IN email=(\S+@example\.org) password=(\S{12,}) role=(\S+)$")


@pytest.fixture
def app(tmp_path):
    """An empty installation with a pushed context."""
    with installed(tmp_path / "instance") as app:
        yield app


@contextmanager
def installed(folder):
    app = create_app(TestConfig(folder), clock=lambda: NOW)
    with app.app_context():
        db.create_all()
        yield app


def seed(app, *words, status=0):
    answer = app.test_cli_runner().invoke(args=["forum", "seed", "--draw=7", *words])
    assert answer.exit_code == status, answer.output
    return answer.output


def test_seed_gives_circles_a_purpose_and_topics(app):
    seed(app, "--circles=1", "--members=7", "--threads=25", "--replies=0")

    [circle] = rows(Circle)
    assert circle.purpose.startswith("What stays with us")
    picked = {topic for thread in rows(Thread) for topic in thread.topics}
    assert len(picked) > 2
    assert picked <= set(circle.topics)


def rows(table):
    return list(db.session.scalars(select(table)))


def test_seed_creates_the_requested_amounts(app):
    seed(app, "--circles=2", "--members=13", "--threads=12", "--replies=30")

    counts = {table: len(rows(table)) for table in (Circle, Membership, Thread, Reply)}
    assert counts == {Circle: 2, Membership: 13, Thread: 12, Reply: 30}
    leads = [member.is_programme_lead for member in rows(Member)]
    assert sorted(leads) == [False] * 13 + [True]


def test_three_members_have_learning_notes(app):
    seed(app, "--circles=1", "--members=8", "--threads=1", "--replies=1")

    written = [queries.notes(member.id) for member in rows(Member)]

    assert sorted(len(notes) for notes in written) == [0] * 6 + [4] * 3
    assert {note.content.scheme for notes in written for note in notes} == {"uk_appraisal"}
    assert all(note.content.day < NOW.date() for notes in written for note in notes)


def test_each_circle_has_a_moderator(app):
    seed(app, "--circles=2", "--members=24", "--threads=20", "--replies=60")

    roles = [(place.circle_id, place.role) for place in rows(Membership)]
    for circle in rows(Circle):
        assert roles.count((circle.id, Role.MODERATOR)) == 1
    modes = {post.author.mode for post in (*rows(Thread), *rows(Reply))}
    assert modes == {AuthorMode.OWN_NAME, AuthorMode.PSEUDONYM, AuthorMode.THREAD_PSEUDONYM}
    assert rows(Quote)


def test_replies_follow_threads_and_precede_now(app):
    seed(app, "--circles=1", "--members=9", "--threads=6", "--replies=80", "--days=7")

    begun = {thread.id: thread.appears_at for thread in rows(Thread)}
    replies = rows(Reply)
    assert all(reply.appears_at >= begun[reply.thread_id] for reply in replies)
    named = [reply for reply in replies if not reply.author.mode.masked]
    assert max(reply.appears_at for reply in named) <= NOW


def test_equal_seed_gives_equal_content(tmp_path):
    said = []
    for name in ("first", "second"):
        with installed(tmp_path / name) as app:
            seed(app, "--circles=1", "--members=8", "--threads=5", "--replies=10")
            said.append(sorted((thread.title, thread.author.mode) for thread in rows(Thread)))

    assert said[0] == said[1]


def test_small_circle_has_no_masks(app):
    seed(app, "--circles=1", "--members=5", "--threads=10", "--replies=20")

    assert not [t for t in rows(Thread) if t.author.mode.masked]


def test_demo_prints_sign_ins_by_role(app):
    output = seed(app, "--demo", "--threads=3", "--replies=3")

    people = [SIGN_IN.match(line).groups() for line in output.splitlines()]
    assert [role for _, _, role in people] == [
        *("moderator", "member", "member", "member-of-another-circle", "programme-lead")
    ]
    members = {member.address: member for member in rows(Member)}
    circles = {address: circles_of(members[address]) for address, _, _ in people}
    first, second, third, other, lead = circles.values()
    assert first == second == third
    assert len(other) == 1
    assert other != first
    assert lead == set()


def circles_of(member):
    places = rows(Membership)
    return {place.circle_id for place in places if place.member_id == member.id}


@pytest.mark.parametrize("sizes", [("--circles=3", "--members=5"), ("--members=61",)])
def test_wrong_circle_size_is_refused(app, sizes):
    output = seed(app, *sizes, status=1)

    assert output == "Error: From 2 to 20 members for each circle, please.\n"
    assert rows(Circle) == []


def test_second_seed_adds_to_the_first(app):
    for _ in range(2):
        seed(app, "--circles=1", "--members=4", "--threads=1", "--replies=1")

    assert len({member.address for member in rows(Member)}) == 9


def file_of(tmp_path, *texts):
    path = tmp_path / "texts.jsonl"
    path.write_text("\n".join(json.dumps(text) for text in texts), encoding="utf-8")
    return path


def test_imported_texts_are_posted_unchanged(app, tmp_path):
    texts = [{"title": f"Report {n}", "text": f"BP 120/{n}\n\n>38.5 °C"} for n in range(5)]

    seed(app, f"--from={file_of(tmp_path, *texts)}", "--circles=2", "--members=4")

    threads = rows(Thread)
    assert {t.title: t.body for t in threads} == {each["title"]: each["text"] for each in texts}
    assert len({t.circle_id for t in threads}) == 2


def test_too_long_text_continues_in_replies(app, tmp_path):
    paragraphs = [f"{n} " + "a word " * 700 for n in range(8)]
    text = {"title": "long " * 100, "text": "\n\n".join(paragraphs)}

    seed(app, f"--from={file_of(tmp_path, text)}", "--circles=1", "--members=2")

    [thread], replies = rows(Thread), rows(Reply)
    assert thread.title == ("long " * 40).strip()
    assert len(thread.title) <= TITLE_MAX
    pieces = [thread.body, *(reply.body for reply in sorted(replies, key=lambda r: r.place))]
    assert len(pieces) == 2
    assert max(map(len, pieces)) <= BODY_MAX
    assert "\n\n".join(pieces).split() == text["text"].split()
    assert {reply.author_id for reply in replies} == {thread.author_id}


@pytest.mark.parametrize("line", ["not json", "[]", '{"title": "no text"}', '{"title":1,"text":2}'])
def test_invalid_file_is_refused_before_seeding(app, tmp_path, line):
    path = tmp_path / "texts.jsonl"
    path.write_text('{"title": "a", "text": "b"}\n' + line, encoding="utf-8")

    output = seed(app, f"--from={path}", status=1)

    assert output.startswith("Error: Line 2 is not a JSON object")
    assert rows(Member) == []


def test_production_refuses_to_seed(app):
    app.config["PRODUCTION"] = True

    assert "seed is not allowed" in seed(app, status=1)


def test_every_written_story_can_be_posted(app):
    told = stories.by_hand(Random(1))
    assert len(told) > 20
    for story in told:
        assert 0 < len(story.title) <= TITLE_MAX
        for answer in story.answers:
            assert answer.quote in " ".join(story.fields.values())


@pytest.mark.parametrize("draw", ["7", "11"])
def test_demo_repeats_texts_only_when_exhausted(app, draw):
    sizes = ("--circles=3", "--members=24", "--threads=36", "--replies=150")
    seed(app, *sizes, f"--draw={draw}")

    told, answered = Counter(), Counter()
    for thread in rows(Thread):
        told.update((thread.circle_id, part) for part in said_in(thread))
    for reply in rows(Reply):
        answered[reply.circle_id, reply.body] += 1
    assert max(told.values()) == 1
    for (circle_id, text), number in answered.items():
        if number > 1:
            [kind] = {each.kind for each in stories.answers() if each.text == text}
            like_it = [each.text for each in stories.answers() if each.kind is kind]
            assert all(answered[circle_id, each] for each in like_it)
    assert sum(number > 1 for number in answered.values()) < 5


def said_in(thread):
    """Paragraphs of a reflection, without its template's prompts."""
    return [part for text in thread.fields.values() for part in text.split("\n\n") if part]


def test_stock_repeats_texts_only_when_exhausted():
    stock = stories.Stock(Random(1))

    for _ in "ab":
        assert sorted(stock.pick(("one", "two", "three")) for _ in range(3)) == [
            *("one", "three", "two")
        ]


def test_seed_leaves_no_text_in_clear(app, tmp_path):
    seed(app, "--circles=1", "--members=8", "--threads=4", "--replies=8")

    words = [thread.title.encode() for thread in rows(Thread)]
    words += [b"@example.org", b"Prentice"]
    files = [path for path in (tmp_path / "instance").rglob("*") if path.is_file()]
    assert not [word for file in files for word in words if word in file.read_bytes()]


def test_names_suffice_for_a_large_forum():
    assert len({*islice(people._names(), 12_000)}) == 12_000


def test_details_of_a_file_are_marked_instead_of_asked_about(app, tmp_path):
    text = {"title": "A call", "text": "Ring him on 07700 900123, said Mrs Exampleton."}

    output = seed(app, f"--from={file_of(tmp_path, text)}", "--circles=1", "--members=2")

    [thread] = rows(Thread)
    assert "Marked 1 x a phone number." in output
    assert {each.choice for each in from_json(thread.decisions)} == {Choice.IMPORTED}
    assert "900123" not in output


def test_a_pair_has_begun_and_another_is_asked_for(app):
    seed(app, "--circles=1", "--members=8", "--threads=2", "--replies=2", "--pairs")

    pair = db.session.scalars(select(Circle).filter_by(kind=CircleKind.PAIR)).one()
    both = db.session.scalars(select(Membership).filter_by(circle_id=pair.id)).all()
    assert len(both) == 2
    assert pair.complete
    told = db.session.scalars(select(Thread).filter_by(circle_id=pair.id)).one()
    assert told.title == "How often, and for how long"
    others = db.session.scalars(select(Membership).where(Membership.circle_id != pair.id))
    assert sum(len(pairing(each).waiting) for each in others) == 1


def test_rounds_are_seen_in_each_of_their_phases(app):
    plan = rounds._plan()
    seed(app, "--circles=1", "--members=8", "--threads=2", "--replies=2", f"--rounds={len(plan)}")

    [home] = [each for each in rows(Circle) if each.kind is CircleKind.GROUP]
    member = rows(Membership)[0].member_id
    standing = enter(member, home.id)
    told = [each for each in rows(Thread) if each.course]
    today = [courses.timeline_now(standing, each).now for each in told]
    assert {(each.round.key, each.phase.key) for each in today} == set(plan)
    kinds = {each.kind for each in rows(Reply)}
    assert {ReplyKind.LOOK_BACK, ReplyKind.RETURN, RoundKind.STORY, RoundKind.ACTION} <= kinds
    assert {RoundKind.TAKEAWAY, ReplyKind.IDEA, ReplyKind.REFLECTION} <= kinds


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--threads=0", "--replies=5"), "Replies need a thread"),
        (("--threads=1", "--replies=0", "--days=999999"), "is not in the range 7<=x<=3650"),
    ],
)
def test_sizes_that_cannot_be_are_said(app, words, said):
    """Fails when such a size is called a mistake of the forum, or leaves half of one behind."""
    assert said in seed(app, "--circles=1", "--members=3", *words, status=2)

    assert db.session.scalar(select(Member.id)) is None
