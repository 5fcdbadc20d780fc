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

import pytest
from sqlalchemy import select

from forum.core.db import db
from forum.policy.terms import MASKS, AuthorMode
from tests.notifications.post import ring
from tests.postoffice import PostOffice
from tests.test_doors import routes_of
from tests.world import EVENING, MORNING, SEALED, TOKEN, World

pytestmark = pytest.mark.proof("M1")

AUTHORS = ("ray", "fay")
FULL = bool(os.environ.get("PROOF"))
OTHERS = ("mo", "pru", "ivy", "joe", "nan", "sol", "lee", None) if FULL else ("mo", "ivy", "lee")
NEXT_DAY = MORNING.replace(hour=7, minute=15) + timedelta(days=1)
MOMENTS = (MORNING + timedelta(minutes=5), EVENING, NEXT_DAY) if FULL else (MORNING, NEXT_DAY)
OF_EACH_SEAL = re.compile(r"\b[0-9a-f]{4}( [0-9a-f]{4}){3}\b")  # where a log ends, over its seals
DRAWN = re.compile(r"(?<=UID:)\w+|(?<=/letters/stop/)[\w-]+|(?<=Date: ).*|(?<=Message-ID: ).*")


def a_day(folder, author, mode):
    """A world in which two have read and answered alike, and one of them hides once more."""
    world = World(folder)
    clients = {who: world.client(who) for who in AUTHORS}
    for who in AUTHORS:
        world.reply(who, "In the open", AuthorMode.OWN_NAME)
        clients[who].get("/")
        clients[who].get(world.thread)
    hides = clients[author]
    looked = hides.answer(world.thread, body="From behind", do=mode)
    hides.submit(looked.location)
    hides.answer(world.thread, body="Half a thought", do=mode)  # a draft that stays one
    world.ids["told"] = world.present(author, "Never told", "Told behind a mask.", mode)
    gone = world.reply(author, "Too much said", mode)
    hides.submit(world.url("discussions.withdraw", who=author, post_id=gone))
    for who in AUTHORS:
        clients[who].get(world.thread)
    world.reply("joe", "Later")
    return world


def as_seen(world, urls, who):
    """What somebody meets at each page."""
    client = world.client(who)
    return {name: told(client.get(url)) for name, url in urls.items()}


def told(answer):
    """An answer without what each one draws anew."""
    headers = sorted((k, v) for k, v in answer.headers if k not in ("Set-Cookie", "Location"))
    cookies = len(answer.headers.getlist("Set-Cookie"))
    location = blank(answer.location or "")
    body = blank(answer.text)
    return [f"{answer.status_code}", f"{headers}", f"{cookies}", location, *body.splitlines()]


def blank(text):
    """A text without what is drawn, keyed or sealed."""
    for each in (TOKEN, SEALED, OF_EACH_SEAL, DRAWN):
        text = each.sub("", text)
    return text


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
    """Every row of every table, keyed and sealed values blanked to their lengths."""
    with world.app.app_context():
        return {
            table.name: Counter(
                tuple(blanked(value) for value in row) for row in db.session.execute(select(table))
            )
            for table in db.metadata.sorted_tables
        }


def blanked(value):
    return len(value) if isinstance(value, bytes) else value


def files(world):
    """The files of an instance with their sizes; those that are drawn have names of their own."""
    return Counter(
        (re.sub(r"(?<=MAIN_)\w+|[0-9a-f]{32,}", "", path.name), path.stat().st_size)
        for path in world.folder.rglob("*")
        if path.is_file() and ".db" not in path.name
    )


def logged(caplog):
    """What we log; the mail server of the test has a log of its own."""
    return [said.getMessage() for said in caplog.records if not said.name.startswith("mail.")]


@pytest.mark.parametrize("mode", sorted(MASKS))
def test_mask_swap(tmp_path, mode, caplog):
    """Fails when a hidden name is computed from its holder's key, or when what is behind one
    appears at an hour that depends on who wrote it."""
    caplog.set_level(logging.DEBUG)
    seen = {}
    for author in AUTHORS:
        caplog.clear()
        world = a_day(tmp_path / author, author, mode)
        routes = routes_of(world)
        urls = {name: url for name, method, url in routes if method == "GET" and name != "static"}
        pages, sent = {}, []
        with PostOffice() as office:
            office.serves(world)
            ring(world)
            for moment in MOMENTS:
                world.moment = moment
                ring(world)
                sent.append(letters(office))
                for who in OTHERS:
                    pages[moment, who] = as_seen(world, urls, who)
                    if who != "lee":
                        pages[moment, who]["search"] = told(world.client(who).search("behind"))
        seen[author] = (pages, sent, dump(world), files(world), logged(caplog))

    one, other = seen.values()
    for place in one[0]:
        for page, lines in one[0][place].items():
            differs = [*unified_diff(lines, other[0][place][page], lineterm="", n=0)]
            assert not differs, (place, page)
    assert one[1] == other[1]
    assert sum(map(len, one[1])) > 3
    for table in one[2]:
        assert one[2][table] == other[2][table], table
    assert one[3] == other[3]
    assert one[4] == other[4]
    assert "From behind" in str(one[0][NEXT_DAY, "mo"])
    assert "<mark>behind</mark>" in str(one[0][NEXT_DAY, "mo"]["search"])
