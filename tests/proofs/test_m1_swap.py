"""M1. Two worlds, alike but for who is behind a mask, cannot be told apart.

Whatever anyone else may see, on any page at any time, in letters, in logs and in a copy of the
database whose keyed and sealed values are blanked to their lengths, is byte for byte the same.
"""

import logging
import os
import re
from collections import Counter
from datetime import timedelta
from difflib import unified_diff
from email import message_from_bytes
from uuid import UUID

import pytest
from sqlalchemy import literal, literal_column, select

from forum.accounts.owner_keys import RINGS
from forum.circles.models import Membership
from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.discussions import jobs
from forum.discussions.composer import Quoted
from forum.moderation import jobs as moderation
from forum.policy.terms import MASKS, AuthorMode, Follows
from tests import engine
from tests.blanking import blank
from tests.copies import opened
from tests.notifications.post import ring
from tests.offboarding.test_copy_link import take, unlocked
from tests.operations.test_leads import NEW
from tests.operations.test_people_commands import run
from tests.postoffice import PostOffice
from tests.programme.test_set_up import send
from tests.routes import parts_of, routes_of
from tests.world import EVENING, MORNING, World

AUTHORS = ("ray", "fay")
DIGESTS = {"read_mark.stirred"}  # keyed, over values sealed at random
FULL = bool(os.environ.get("PROOF"))
EVERYONE_ELSE = ("mo", "pru", "ivy", "joe", "nan", "sol", "lee", None)
NEXT_DAY = MORNING.replace(hour=7, minute=15) + timedelta(days=1)
LINK = re.compile(r"[\w-]{43}$", re.MULTILINE)
SOON = MORNING + timedelta(minutes=5)
LOOK = {SOON: ("ivy",), EVENING: ("mo",), NEXT_DAY: ("mo", "lee")}  # who looks at every page when
if FULL:
    LOOK = dict.fromkeys(LOOK, EVERYONE_ELSE)
PRESSING = ("mo", "ivy", "lee") if FULL else ("mo",)  # who at last presses every button there is


def a_day(folder, author, mode):
    """A world in which two have read and answered alike, and one of them hides once more.

    Both want to be told of what answers them alone; and a hidden answer is flagged and mended.
    """
    world = World(folder)
    clients = {who: world.client(who) for who in AUTHORS}
    for who in AUTHORS:
        follow(world, who, Follows.ANSWERS)
        world.reply(who, "In the open", AuthorMode.OWN_NAME)
        clients[who].get("/")
        clients[who].get(world.thread)
    hides = clients[author]
    looked = hides.answer(world.thread, body="From behind", do=mode)
    hides.submit(looked.location)
    hides.answer(world.thread, body="Half a thought", do=mode)  # a draft that stays one
    round_ = {"talk": "questions_first"}
    world.ids["told"] = world.present(author, "Never told", "Told behind a mask.", mode, **round_)
    world.ids["said"] = world.reply(author, "Where she works", mode)
    gone = world.reply(author, "Too much said", mode)
    hides.submit(world.url("discussions.withdraw", who=author, post_id=gone))
    for who in AUTHORS:
        clients[who].get(world.thread)
    world.ids["later"] = world.reply("joe", "Later")
    return world


def follow(world, who, closely):
    with world.app.app_context(), unit_of_work():
        mine = select(Membership).filter_by(member_id=world.ids[who], circle_id=world.ids["rose"])
        db.session.scalars(mine).one().follows = closely


def go_on(world, author, moment):
    """What comes after the slot: it is answered, and flagged; then its author mends it.

    And the hidden presenter moves the round, asks for a page of it, and at last ends it.
    """
    moves = {EVENING: ("more_time", "pause", "resume"), NEXT_DAY: ("next_step", "end")}
    own_round = world.url("discussions.own_round", who=author, post_id=world.ids["told"])
    for move in moves.get(moment, ()):
        client = world.client(author)
        assert client.get(own_round).status_code == 200
        assert client.submit(own_round, move=move, sure="1").location == own_round
    if moment == NEXT_DAY:
        sat = {"sit": str(world.ids["asked"])}
        assert world.client(author).submit(own_round, **sat).location == own_round
        page = world.url("discussions.revealing", who=author, post_id=world.ids["told"])
        # from the evening's slot on: until then nobody can tell, and a thief reads no name
        assert world.client(author).submit(page, sure="1").status_code == 303
    if moment == EVENING:
        for who in (author, "ivy"):  # the first of them for a reply of their own
            for said in ("said", "later"):
                thanks = {"thank": short_id(world.ids[said])}
                assert (
                    world.client(who).submit(f"{world.thread}/posts", **thanks).status_code == 303
                )
        world.ids["asked"] = world.reply("ivy", "To whoever told it", thread_id=world.ids["told"])
        flags = world.url("moderation.send", who="ivy", post_id=world.ids["said"])
        world.client("ivy").submit(flags, reason="patient", words="She could be known.")
        edit = world.url("discussions.amend", who=author, post_id=world.ids["said"])
        client = world.client(author)
        client.post(edit, data=client.tokens(edit) | {"body": "Where somebody works"})


def doors_of(world, parts, who):
    """Every page's address as it stands for somebody: of what is in the open, of what hides."""
    said, told = world.ids["said"], world.ids["told"]
    behind = {"thread_id": told, "post_id": said, "draft_id": said}
    return [
        (f"{endpoint} {where}", method, url)
        for where, ids in {"open": parts, "behind": parts | behind}.items()
        for endpoint, method, url in routes_of(world, ids, who)
        if endpoint not in {"static", "accounts.sign_out"}
    ]


def as_seen(client, doors, method="GET"):
    """What somebody meets at each page."""
    return {
        name: told(client.get(url) if method == "GET" else client.submit(url))
        for name, its, url in doors
        if its == method
    }


def told(answer):
    """An answer without what each one draws anew."""
    headers = sorted((k, v) for k, v in answer.headers if k not in ("Set-Cookie", "Location"))
    cookies = len(answer.headers.getlist("Set-Cookie"))
    location = blank(answer.location or "")
    body = blank(unpacked(answer.data) if answer.mimetype == "application/zip" else answer.text)
    return [f"{answer.status_code}", f"{headers}", f"{cookies}", location, *body.splitlines()]


def unpacked(archive):
    return "\n".join(f"{name} {text}" for name, text in opened(archive).items())


def letters(office):
    """Who got which letter, without the tokens in it."""
    found = []
    for envelope in office.envelopes:
        letter = message_from_bytes(envelope.content)
        parts = [part.get_payload(decode=True) or b"" for part in letter.walk()]
        heads = [f"{name}: {value}" for name, value in letter.items() if name != "Content-Type"]
        whole = "\n".join([*heads, *(part.decode() for part in parts)])
        found.append((envelope.rcpt_tos, blank(whole)))
    return sorted(found)


def dump(world):
    """Every row of every table as it lies there, keyed and sealed values blanked to their lengths.

    What has a rowid gives it too: it tells the order of writing. Rows of accounts have keyed ids.
    Places of PostgreSQL's rows are of M4: a night mends them.
    """
    keyed = {ring.table.__tablename__ for ring in RINGS}
    with world.app.app_context():
        return {
            table.name: rows_of(table, table.name in keyed) for table in db.metadata.sorted_tables
        }


def rows_of(table, keyed):
    columns = [literal("digest") if str(each) in DIGESTS else each for each in table.columns]
    found = [
        [blanked(value, keyed) for value in row]
        for row in db.session.execute(select(rowid_of(table), *columns))
    ]
    return sorted(found, key=repr) if keyed or engine.IS_POSTGRESQL else found


def rowid_of(table):
    has_one = not engine.IS_POSTGRESQL and table.dialect_options["sqlite"]["with_rowid"]
    return literal_column("rowid" if has_one else "0")


def blanked(value, ids_are_keyed):
    if isinstance(value, UUID) and ids_are_keyed:
        return "id"
    return len(value) if isinstance(value, bytes) else value


def files(world):
    """The files of an instance with their sizes; those that are drawn have names of their own."""
    return Counter(
        (re.sub(r"(?<=MAIN_)\w+|[0-9a-f]{32,}", "", path.name), path.stat().st_size)
        for path in world.folder.rglob("*")
        if path.is_file() and ".db" not in path.name and path.name != engine.FILE
    )


def logged(caplog):
    """What we log; the mail server of the test has a log of its own."""
    return [said.getMessage() for said in caplog.records if not said.name.startswith("mail.")]


# Pages that show a secret or a challenge drawn for them alone, in a drawing or a text of its size.
FRESH = {"accounts.add_app", "accounts.add_passkey"}


@pytest.mark.parametrize("mode", sorted(MASKS))
def test_mask_swap(tmp_path, mode, caplog):
    """Fails when a hidden name is computed from its holder's key, when what is behind one appears
    at an hour that depends on who wrote it, or when what answers it is told by mail."""
    caplog.set_level(logging.DEBUG)
    seen = {}
    for author in AUTHORS:
        caplog.clear()
        world = a_day(tmp_path / author, author, mode)
        parts, pages, sent = parts_of(world), {}, []
        with PostOffice() as office:
            office.serves(world)
            ring(world)
            for moment, others in LOOK.items():
                world.moment = moment
                settle(world)
                sent.append(letters(office))
                for who in others:
                    client, doors = world.client(who), doors_of(world, parts, who or "sol")
                    pages[moment, who] = as_seen(client, doors)
                    if who not in ("lee", None):
                        pages[moment, who]["search"] = told(world.client(who).search("behind"))
                go_on(world, author, moment)
            for who in PRESSING:
                doors = doors_of(world, parts, who)
                pages["pressed", who] = as_seen(world.client(who), doors, "POST")
            sent.append(letters(office))
        seen[author] = (pages, sent, dump(world), files(world), logged(caplog))

    one, other = seen.values()
    for place in one[0]:
        for page, lines in one[0][place].items():
            if page.split()[0] in FRESH:
                continue
            differs = [*unified_diff(lines, other[0][place][page], lineterm="", n=0)]
            assert not differs, (place, page)
    assert one[1] == other[1]
    assert sum(map(len, one[1])) > 3
    for table in one[2]:
        assert one[2][table] == other[2][table], table
    assert one[3] == other[3]
    assert one[4] == other[4]
    assert "From behind" in str(one[0][NEXT_DAY, "mo"])
    assert "Someone says thank you" in str(one[0][NEXT_DAY, "mo"])
    assert "Where somebody works" in str(one[0][NEXT_DAY, "mo"])
    assert "<mark>behind</mark>" in str(one[0][NEXT_DAY, "mo"]["search"])


def settle(world):
    """What the worker does each minute."""
    with world.app.app_context():
        jobs.settle()
        jobs.erase()
        moderation.settle()
    ring(world)


@pytest.mark.parametrize("mode", sorted(MASKS))
def test_what_an_operator_does_tells_no_mask(tmp_path, mode, caplog):
    """A copy is handed to each who may hide, and the programme lead hands over.

    Fails when a copy that passes through other hands, its size, the email about it, the output of
    a command, a row or a line of a log depends on who wrote behind a mask.
    """
    caplog.set_level(logging.DEBUG)
    seen = []
    for author in AUTHORS:
        caplog.clear()
        world = a_day(tmp_path / author, author, mode)
        world.moment = NEXT_DAY
        settle(world)
        with PostOffice() as office:
            office.serves(world)
            said, copies = operated(world)
            ring(world)
            sent = letters(office)
        seen.append((said, copies, sent, dump(world), logged(caplog)))

    one, other = seen
    for part, like_it in zip(one, other, strict=True):
        assert part == like_it
    assert "In the open" in one[1]["ray"][1]["words.md"]
    assert "From behind" not in str(one[1])


def operated(world):
    """Outputs of the commands on people, and what each author took by a link."""
    said, copies = [], {}
    for who in AUTHORS:
        output = run(world, "copy-link", f"{who}@example.org").output
        file = take(world, output.split("http://localhost")[1].strip())
        copies[who] = len(file.data), unlocked(file)
        said.append(LINK.sub("", output))
    for words in (
        ("unfinished", "list", "--addresses"),
        ("lead", "hand-over", "lee@example.org"),
        ("keys", "exposed", "1"),
        ("rest", "announce", "2026-03-05 22:00", "2026-03-06 02:00", "--email"),
        ("sign-out-everyone",),
    ):
        answer = run(world, *words)
        assert answer.exit_code == 0, answer.output
        said.append(LINK.sub("", answer.output))
        if "hand-over" in words:
            handed = world.client()
            url = answer.output.split("http://localhost")[1].strip()
            said.append(send(handed, url, **NEW).status_code)
    return said, copies


def test_an_open_screen_does_not_tell_which_masks_are_its_readers(tmp_path):
    """Somebody else sits down at a shared computer, long after the password was given; the name
    under which a masked presenter answers is left out, which its composer has to say.

    Fails when what answers a mask is new to its holder alone, when a draft that hides a name is
    listed, or when the way to the composer leads to it.
    """
    seen = {}
    for author in AUTHORS:
        world = a_day(tmp_path / author, author, AuthorMode.THREAD_PSEUDONYM)
        world.moment = NEXT_DAY
        settle(world)
        world.reply("ivy", "Yes", quoted=Quoted(world.ids["said"], "Where she works"))
        world.reply("ivy", "To whoever told it", thread_id=world.ids["told"])
        parts = parts_of(world) | {"thread_id": world.ids["thread"]}
        parts |= dict.fromkeys(("post_id", "draft_id"), world.ids["said"])
        for who in AUTHORS:
            client = world.client(who)
            with client.session_transaction() as session:
                session.pop("given_at")
                session.permanent = False
            pages = [each for each in routes_of(world, parts, who) if each[0] != "static"]
            first = {"what is new": told(client.get("/")), "next": told(client.get("/next"))}
            first["composer"] = told(client.get(f"{world.thread}/answer", follow_redirects=True))
            seen.setdefault(who, []).append(first | as_seen(client, pages))

    for one, other in seen.values():
        for page in one:
            differs = [*unified_diff(one[page], other[page], lineterm="", n=0)]
            assert not differs, page
        assert "Where she works" in str(one["discussions.show"])
