"""M3. A transaction that writes what is masked, or what names nobody, names no member either."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from forum import worker
from forum.authors.queries import everyday_names
from forum.circles.member_names import write_bylines
from forum.circles.queries import circle, left_places, own_place
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.offboarding import services as leaving
from forum.policy.terms import AuthorMode
from tests.accounts.people import hidden
from tests.accounts.second_factors import with_app
from tests.world import EVENING, transactions_of

HIDDEN = AuthorMode.THREAD_PSEUDONYM
WRITES = re.compile(r"^(INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)")
OF_MEMBERS = {  # whose rows say, or tell to whoever has the keys, which account they belong to
    "member", "membership", "mail_plan", "session", "known_device", "one_time_link",
    "account_event", "outgoing_mail", "passkey", "account_recovery",
}  # fmt: skip
DOOR = re.compile(r"SELECT membership\.circle_id,.*\sFROM membership JOIN circle ON\s", re.S)
TOLD = {"template": "free", "field_story": "Words", "title": "A visit", "wish": "hear_me_out"}


def written_by(world, act):
    """The transactions in which something was written, and what was."""
    with world.app.app_context():
        engine = db.engine
    with transactions_of(engine) as transactions:
        act()
    return [
        (each, {found[2] for one in each if (found := WRITES.match(one))})
        for each in transactions
        if any(map(WRITES.match, each))
    ]


def reflect(world):
    ray, page = world.client("ray"), f"/circles/{world.ids['rose']}/write"
    composer = ray.get(page).location
    hidden = TOLD | {"mode": HIDDEN, "do": "look"}
    ray.submit(ray.post(composer, data=ray.tokens(composer) | hidden).location)


def answer(world):
    ray = world.client("ray")
    ray.submit(ray.answer(world.thread, body="From behind", do=HIDDEN).location)


def change(world):
    edit = world.url("discussions.amend", post_id=world.ids["said"])
    ray = world.client("ray")
    ray.post(edit, data=ray.tokens(edit) | {"body": "Other words"})


def take_back(world):
    world.client("ray").submit(world.url("discussions.withdraw", post_id=world.ids["said"]))


def take_back_now(world):
    url = world.url("discussions.withdraw", post_id=world.ids["said"])
    world.client("ray").submit(url, do="now")


def begin_a_draft(world):
    world.client("ray").answer(world.thread, body="Half a thought", do="auto")


def acknowledge(world):
    world.client("ray").submit(f"{world.thread}/acknowledge")


def thank(world):
    post_id = world.ids["open"]
    world.client("ray").submit(f"{world.thread}/posts", thank=short_id(post_id))


def thank_oneself(world):
    post_id = world.ids["said"]
    world.client("ray").submit(f"{world.thread}/posts", thank=short_id(post_id))


def flag(world):
    url = world.url("moderation.send", post_id=world.ids["thread"])
    world.client("ray").submit(url, reason="patient", words="")


def write_to_the_moderators(world):
    world.client("ray").submit(
        f"/circles/{world.ids['rose']}/moderators", words="A word.", signed="unsigned"
    )


def say_what_cannot_wait(world):
    world.client("ray").submit(f"{world.told}/concern", words="A word.", signed="unsigned")


def suggest_a_content_note(world):
    world.client("ray").submit(f"{world.told}/content-note", note="patient_death")


def answer_in_a_round(world):
    ray = world.client("ray")
    ray.submit(ray.answer(world.told, body="Why now?", do=HIDDEN).location)


def be_refused_a_third_question(world):
    world.reply("ray", "Second?", HIDDEN, thread_id=world.ids["told"])
    answer_in_a_round(world)


def move_a_round(world):
    own = world.url("discussions.own_round", post_id=world.ids["own"])
    for move in ("more_time", "pause", "next_step", "end"):
        world.client("ray").submit(own, move=move, sure="1")


def sit_with_a_question(world):
    own = world.url("discussions.own_round", post_id=world.ids["own"])
    world.client("ray").submit(own, sit=str(world.ids["asked"]))


def look(world):
    world.client("ray").get(world.thread)


MEANT = {
    reflect: {"thread", "author", "draft"},
    answer: {"reply", "draft"},
    change: {"reply", "draft"},
    take_back: {"reply", "draft"},
    take_back_now: {
        *("reply", "thread", "draft", "circle"),
        *("quote", "hiding", "marked_passages", "thank_you"),
    },
    begin_a_draft: {"draft"},
    answer_in_a_round: {"reply", "draft"},
    be_refused_a_third_question: {"reply", "draft"},
    move_a_round: {"thread"},
    sit_with_a_question: {"thread"},
    acknowledge: {"acknowledgement"},
    thank: {"thank_you"},
    thank_oneself: {"thank_you"},
    flag: {"flag", "thread", "circle", "quote", "hiding", "marked_passages", "log_entry"},
    write_to_the_moderators: {"flag"},
    say_what_cannot_wait: {"flag", "name_note"},
    suggest_a_content_note: {"name_note"},
    look: {"read_mark"},
}


@pytest.mark.parametrize("act", MEANT, ids=lambda act: act.__name__)
def test_statement_recorder(world, act, figure):
    """Fails when the transaction writes a row of an account, or reads one for any other end than
    to ask once more whether its writer is there still, which leaves no trace."""
    world.ids["said"] = world.reply("ray", "Words behind", HIDDEN)
    world.ids["open"] = world.reply("fay", "In the open")
    world.ids["own"] = world.present("ray", "Own", "Ray's.", HIDDEN, talk="questions_first")
    world.ids["told"] = world.present("pru", "Round", "Pru's.", talk="questions_first")
    world.told = f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"
    if act in (answer_in_a_round, be_refused_a_third_question):
        world.reply("ray", "Before", HIDDEN, thread_id=world.ids["told"])
    world.moment = EVENING
    world.ids["asked"] = world.reply("ivy", "Why now?", thread_id=world.ids["own"])
    client = world.client("ray")
    client.get("/")  # so that what a first visit keeps is kept

    wrote = written_by(world, lambda: act(world))

    assert {table for _, tables in wrote for table in tables} == MEANT[act]
    for statements, tables in wrote:
        assert not tables & OF_MEMBERS
        naming = {each for each in statements if names_a_member(each)}
        assert all(map(DOOR.match, naming)), (tables, naming)
    figure(f"{len(MEANT)} kinds of writing")


def test_a_factor_given_again_shares_no_transaction_with_a_mask(world):
    """Fails when digits before a masked post are marked, or their moment kept, with the post."""
    app, _codes = with_app(world)
    ray = world.client("ray")
    world.moment += timedelta(minutes=2)

    def act():
        page = ray.get("/account/confirm")
        ray.post("/account/confirm", data=hidden(page) | {"digits": app.digits()})
        ray.submit(ray.answer(world.thread, body="From behind", do=HIDDEN).location)

    tables = [tables for _, tables in written_by(world, act)]

    assert {"used_code", "session"} in tables
    assert {"reply", "author", "draft"} & set().union(*tables)
    for each in tables:
        assert not (each & {"reply", "author", "draft"} and each & (OF_MEMBERS | {"used_code"}))
        assert "account_event" not in each


def names_a_member(statement):
    return any(re.search(rf"\b{name}\b", statement) for name in OF_MEMBERS)


def press(path, who="ray", **fields):
    """A form that somebody sends. path: may ask the world for its own part."""

    def pressed(world):
        url = path(world) if callable(path) else path
        world.client(who).submit(url, **fields)

    return pressed


def in_rose(path):
    return lambda world: f"/circles/{world.ids['rose']}{path}"


def remove(world):
    return in_rose(f"/people/{place_of(world, 'ray')}/remove")(world)


def undo(world):
    with world.app.app_context():
        [left] = left_places(world.ids["ray"])
    return f"/account/left/{left.id}/undo"


def place_of(world, who):
    with world.app.app_context():
        return own_place(world.standing(who), world.ids[who]).id


def go(world):
    with world.app.app_context(), unit_of_work():
        leaving.leave(world.ids["ray"], world.ids["rose"], words_go=False)


def come(world):
    with world.app.app_context():
        home = circle(world.standing("mo"))
        with unit_of_work():
            join(home, world.ids["sol"], "Dr Sol")


def have_gone(world):
    go(world)
    with world.app.app_context():
        write_bylines()


def have_gone_long_ago(world):
    have_gone(world)
    world.moment += timedelta(days=7, minutes=1)


def ring(world):
    with world.app.app_context():
        worker.run_due_jobs()


# What has to be there first, and what is done: (nothing or a function, a function).
NAMING = {
    "choosing one's own name": (come, press(in_rose("/name"), "sol", choice="own", pseudonym="")),
    "choosing an invented name": (come, press(in_rose("/name"), "sol", choice="Early Wren")),
    "changing one's name": (None, press("/account/name", name="Dr Rayner")),
    "leaving": (None, press(in_rose("/leave"), words="stay")),
    "being removed": (None, press(remove, "mo")),
    "undoing it": (have_gone, press(undo)),
    "deleting the account": (None, press("/account/delete", words="stay", sure="y")),
    "what the worker does after a crash": (go, ring),
    "what it does in the end": (have_gone_long_ago, ring),
}
AUTHORS = {"author", "thread", "reply", "quote", "turn"}  # who wrote what, and under which name


@pytest.mark.parametrize("act", NAMING)
def test_no_transaction_writes_who_a_member_is_and_what_they_wrote(world, act, figure):
    """PostgreSQL keeps in each row which transaction wrote it. Fails when leaving or renaming puts
    the name on the author row in its own transaction."""
    world.reply("ray", "In the open")
    first, then = NAMING[act]
    if first:
        first(world)
    before = names_of(world)

    wrote = written_by(world, lambda: then(world))

    assert wrote
    for _, tables in wrote:
        assert not (tables & OF_MEMBERS and tables & AUTHORS), tables
    assert (names_of(world) != before) is (first is not have_gone_long_ago)
    figure(f"{len(NAMING)} ways to change who is who, in transactions apart")


def names_of(world):
    """Every everyday name of Rose as its members read it."""
    with world.app.app_context():
        return sorted(each.name for each in everyday_names([world.standing("mo")]))


def test_no_lock_is_written_into_a_row_that_others_share():
    """PostgreSQL keeps in a row which transaction locked it last (`xmax`). A letter's plan is its
    member's own row, and locked beside nothing that anybody wrote. Rows sealed at night are all
    of a table or circle, and accounts without a telephone all that there are, written again in
    the same transaction."""
    rooms = Path(worker.__file__).parent

    locking = {
        str(path.relative_to(rooms))
        for path in rooms.rglob("*.py")
        if "with_for_update" in path.read_text()
    }

    assert locking == {"notifications/digests.py", "core/resealing.py", "accounts/services.py"}
