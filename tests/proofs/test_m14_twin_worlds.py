"""M14. Two worlds, alike but for one act that waits for its slot, cannot be told apart before it.

Everybody but the one who acted looks at every page, once and once more, and searches: answers,
statements and writing transactions are the same, and no row that was there has changed but the
row of the hidden post itself.
"""

import os
import re
from collections import Counter
from datetime import timedelta
from difflib import unified_diff

import pytest
from sqlalchemy import select

from forum import worker
from forum.accounts.services import register
from forum.circles.models import Circle
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.discussions import post_queries, posts, round_moves, thread_queries, unread
from forum.discussions.composer import Quoted, ReplyWords
from forum.discussions.models import Thread
from forum.policy.terms import AuthorMode
from forum.rounds.moves import MoveKind
from tests.proofs.test_m1_swap import dump, told
from tests.proofs.test_m3_statement_recorder import WRITES
from tests.routes import parts_of, routes_of
from tests.world import EVENING, MORNING, World, transactions_of

FULL = bool(os.environ.get("PROOF"))
HIDDEN, VOICE = AuthorMode.THREAD_PSEUDONYM, AuthorMode.CIRCLE_VOICE
OTHERS = ("mo", "fay", "ray", "ivy", "pru", "lee", "nan") if FULL else ("mo", "ivy")
ASKED = ("Hidden", "Named", "is:unanswered", "is:unread", "changed words")
OWN_ROWS = {
    "reply",
    "thread",
    "author",
    "quote",
    "acknowledgement",
    "thank_you",
}  # that an act may add to
LATER = MORNING + timedelta(days=2, minutes=5)


def begun(folder):
    """A circle in which something was said, and everybody has read all of it."""
    world = World(folder)
    with world.app.app_context(), unit_of_work():  # one of seven is to leave: see parts_of
        una = register("una@example.org", "Dr Una", "hash")
        join(db.session.get_one(Circle, world.ids["rose"]), una.id, una.name)
    world.moment = MORNING + timedelta(hours=1)
    world.ids["lonely"] = world.present("ray", "Second one", "Nobody answered this.")
    world.ids["mask"] = world.reply("kit", "A mask of old", HIDDEN)
    world.ids["round"] = world.present(
        "kit", "A round of Kit's", "Hidden.", HIDDEN, talk="questions_first"
    )
    world.moment = EVENING + timedelta(minutes=1)
    world.ids["asked"] = world.reply("ray", "Why now?", thread_id=world.ids["round"])
    world.ids["hidden"] = world.reply("kit", "She was the mayor", VOICE)
    world.ids["named"] = world.reply("ray", "Named by Ray")
    world.moment = LATER - timedelta(days=1)
    flagged = world.url("moderation.send", who="ivy", post_id=world.ids["hidden"])
    world.client("ivy").submit(flagged, reason="patient", words="")
    parts = parts_of(world)
    world.moment = LATER
    ring(world)
    for who in OTHERS:
        visit(world, who, parts)
    return world, parts


def act(world, name):
    """What Kit does and nobody may notice."""
    match name:
        case "a reply":
            world.reply("kit", "Hidden answer", HIDDEN)
        case "a first reply":
            world.reply("kit", "Hidden answer", VOICE, thread_id=world.ids["lonely"])
        case "Reflection":
            world.present("kit", "Hidden title", "Hidden.", HIDDEN)
        case "a quotation":
            quoted = Quoted(world.ids["named"], "Named by Ray")
            world.reply("kit", "Quoting", VOICE, quoted=quoted)
        case "a change":
            do(world, posts.amend, "mask", ReplyWords("changed words"))
        case "a change to what is hidden":
            do(world, posts.amend, "hidden", ReplyWords("She held an office"))
        case "a withdrawal":
            do(world, posts.withdraw, "mask")
        case "a withdrawal called off":
            do(world, posts.withdraw, "mask")
            do(world, posts.call_off, "mask")
        case "a reply withdrawn":
            world.ids["brief"] = world.reply("kit", "Hidden", HIDDEN, thread_id=world.ids["lonely"])
            do(world, posts.withdraw, "brief")
        case "a move" | "several moves" | "an end" | "another way to talk":
            for move in MOVES[name]:
                with world.app.app_context():
                    standing = world.standing("kit")
                    thread = thread_queries.thread(standing, world.ids["round"])
                    to = "inviting_change" if move is MoveKind.CHANGE else ""
                    with unit_of_work():
                        round_moves.move(standing, thread, move, to, own=True)
        case "a question sat with":
            with world.app.app_context():
                standing = world.standing("kit")
                thread = thread_queries.thread(standing, world.ids["round"])
                with unit_of_work():
                    round_moves.sit_with(standing, thread, world.ids["asked"], own=True)
        case "thanks":
            do(world, posts.thank, "named")
        case "thanks for one's own":
            do(world, posts.thank, "mask")
        case "being with somebody":
            with world.app.app_context():
                standing = world.standing("kit")
                thread = thread_queries.thread(standing, world.ids["lonely"])
                with unit_of_work():
                    posts.acknowledge(standing, thread)


MOVES = {
    "a move": (MoveKind.NEXT_STEP,),
    "several moves": (MoveKind.MORE_TIME, MoveKind.PAUSE, MoveKind.NEXT_STEP),
    "an end": (MoveKind.END,),
    "another way to talk": (MoveKind.CHANGE,),
}


def do(world, service, post, *more):
    with world.app.app_context():
        standing = world.standing("kit")
        with unit_of_work():
            service(standing, post_queries.any_post(standing, world.ids[post]), *more)


ACTS = (
    *("a reply", "a first reply", "Reflection", "a quotation", "a change"),
    *("a change to what is hidden", "a withdrawal", "a withdrawal called off"),
    *("a reply withdrawn", "being with somebody", "thanks", "thanks for one's own"),
    "a question sat with",
    *MOVES,
)


def visit(world, who, parts, turn=0):
    """{page: (its answer, the statements that it took)} of every page that somebody opens."""
    client, found = world.client(who), {}
    with world.app.app_context():
        engine = db.engine
    doors = [each for each in routes_of(world, parts, who) if each[1] == "GET"]
    doors = [each for each in doors if each[0] not in {"static", "accounts.sign_out"}]
    masked = f"/circles/{world.ids['rose']}/threads/{world.ids['round']}"
    doors += [(page, "GET", f"{masked}{page}") for page in ("", "/round", "/answer")]
    for endpoint, _, url in doors:
        world.chance.seed(f"{turn} {who} {url}")  # what is drawn is drawn alike in both worlds
        with transactions_of(engine) as done:
            answer = told(client.get(url))
        found[endpoint] = (answer, [shape(each) for each in done])
    for words in ASKED if who not in ("lee", "nan") else ():
        world.chance.seed(f"{turn} {who} {words}")
        found[f"search {words}"] = (told(client.search(words)), [])
    return found


def shape(transaction):
    """The statements of a transaction, however many values they were asked with."""
    return [re.sub(r"\(\?(, \?)*\)", "(?)", each) for each in transaction]


def seen_by_all(world, parts):
    """Two visits by everybody else: the second finds nothing left to be marked as read."""
    return {(who, turn): visit(world, who, parts, turn) for turn in (1, 2) for who in OTHERS}


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    """The world in which nobody does anything: what is seen of it, and its rows before that."""
    world, parts = begun(tmp_path_factory.mktemp("quiet"))
    return dump(world), seen_by_all(world, parts)


@pytest.mark.parametrize("name", ACTS)
def test_twin_worlds(tmp_path, quiet, name, figure):
    """Fails when a waiting reply moves its thread, when a waiting answer takes a reflection off
    the moderators' list, or when a reader's mark is left half set while something waits."""
    world, parts = begun(tmp_path)
    act(world, name)
    rows, there = dump(world), quiet[0]
    pages = seen_by_all(world, parts)

    for place, before in quiet[1].items():
        for page, (lines, statements) in before.items():
            answer, took = pages[place][page]
            differs = [*unified_diff(lines, answer, lineterm="", n=0)]
            assert not differs, (name, place, page)
            assert took == statements, (name, place, page)
    for table, kept in there.items():
        lost = Counter(map(str, kept)) - Counter(map(str, rows[table]))
        added = Counter(map(str, rows[table])) - Counter(map(str, kept))
        own = table in OWN_ROWS
        assert lost.total() <= own, (name, table)
        assert not added or own, (name, table)
    figure(f"{len(ACTS)} acts, {sum(map(len, pages.values()))} pages each")


def test_a_mark_put_back_is_noticed(tmp_path, quiet):
    """The control: a thread that is moved while something waits shows in a reader's statements."""
    world, parts = begun(tmp_path)
    world.reply("kit", "Hidden answer", HIDDEN)
    with world.app.app_context(), unit_of_work():
        posts.mark_changed(world.ids["rose"], world.ids["thread"])

    pages = seen_by_all(world, parts)

    assert any(
        pages[place][page][1] != statements
        for place, before in quiet[1].items()
        for page, (_, statements) in before.items()
    )


def test_a_reader_who_polls_a_thread_writes_nothing_when_somebody_hides_there(world):
    """Fails when a mark says that something was to come."""
    client = world.client("fay")
    client.get(world.thread)
    with world.app.app_context():
        engine = db.engine
    wrote = []
    for step in ("quiet", "a reply waits", "it still does"):
        if step == "a reply waits":
            world.reply("kit", "Hidden", HIDDEN)
        with transactions_of(engine) as done:
            client.get(world.thread)
        wrote.append(sum(any(map(WRITES.match, each)) for each in done))

    assert wrote == [0, 0, 0]


@pytest.mark.parametrize("rings", [False, True], ids=["no worker", "a worker"])
def test_at_its_slot_a_post_is_new_once_whether_or_not_the_worker_was_there(world, rings):
    """Readers go by `appears_at`; a worker that is late hides nothing and shows nothing twice."""
    client = world.client("fay")
    ring(world)
    client.get(world.thread)
    world.reply("kit", "Hidden", HIDDEN)
    new = [is_new(world)]
    world.moment = EVENING + timedelta(minutes=1)
    if rings:
        ring(world)
    new.append(is_new(world))
    assert "Hidden" in client.get(world.thread).text
    new.append(is_new(world))
    ring(world)
    new.append(is_new(world))

    assert new == [False, True, False, False]
    with world.app.app_context():
        assert db.session.scalars(select(Thread)).one().moved_at == EVENING
        assert not world.standing("fay").behind


def ring(world):
    with world.app.app_context():
        worker.run_due_jobs()


def is_new(world):
    """Whether home tells Fay of the thread."""
    with world.app.app_context():
        return bool(unread.look([world.standing("fay")]).news)
