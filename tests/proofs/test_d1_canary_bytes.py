"""D1. Nothing that people write lies in clear in any file of the installation."""

import os
import re
import tempfile
from urllib.parse import quote

import pytest
from sqlalchemy import select

from config import TestConfig
from forum import create_app, worker
from forum.accounts.models import Member
from forum.authors.models import Author
from forum.authors.pseudonyms import VOICE
from forum.circles.models import Circle, Membership
from forum.core.db import db
from forum.discussions.models import Reply, Thread
from tests.world import EVENING, MORNING

pytestmark = pytest.mark.leaks
FULL = bool(os.environ.get("PROOF"))
SHAPES = (str, str.lower, str.upper, quote, lambda word: word.encode("utf-16-le").decode("latin-1"))


def write_everywhere(world):
    """Put a word of its own into every field that the pages offer; gives the words."""
    mo, ray, circle = world.client("mo"), world.client("ray"), f"/circles/{world.ids['rose']}"
    send(mo, f"{circle}/invite", words="Bitterncress", by="link")
    composer = ray.get(f"{circle}/write").location
    told = {"template": "free", "field_story": "Lapwingish *Dotterell*", "title": "Fieldfarewell"}
    rest = {"wish": "hear_me_out", "mode": "thread_pseudonym", "notes": "other", "do": "look"}
    looked = ray.post(composer, data=ray.tokens(composer) | told | rest).location
    ray.submit(looked)
    mo.answer(world.thread, body="Dunlinesque", do="save")
    ray.answer(world.thread, body="Whimbrelled", do="own_name")
    send(ray, f"{circle}/moderators", words="Treecreepery", signed="unsigned")
    send(ray, f"{world.thread}/keep", saved="y", note="Stonechatty", follows="")
    send(mo, f"{circle}/invite", for_whom="Sandpiperish", by="link")
    flags = world.url("moderation.send", post_id=world.ids["thread"])
    send(ray, flags, reason="other", words="Turnstonish")
    send(ray, "/account/name", name="Rupert Goosander")
    send(
        mo,
        f"{circle}/settings",
        name="Zebrafinch",
        purpose="Wagtailish",
        rules="Nightjarring",
        slots="07:00, 19:00",
        timezone="Europe/London",
        modes=["own_name", "pseudonym", "thread_pseudonym", "circle_voice"],
    )
    world.moment = EVENING
    assert "Lapwingish" in mo.search("Lapwingish").text
    return [
        "Zebrafinch", "Wagtailish", "Nightjarring", "Bitterncress", "Lapwingish", "Dotterell",
        "Fieldfarewell", "Dunlinesque", "Whimbrelled", "Goosander", "ray@example.org",
        "Treecreepery", "Stonechatty", "Sandpiperish", "Turnstonish",
    ]  # fmt: skip


def send(client, page, **fields):
    """Fill in a page's form and press its button."""
    hidden = re.findall(r'<input[^>]*type="hidden"[^>]*>', client.get(page).text)
    kept = dict(re.search(r'name="([^"]+)"[^>]*value="([^"]*)"', each).groups() for each in hidden)
    return client.post(page, data=kept | fields)


def pages(world):
    """Where the words that are for few can be read."""
    mo, circle = world.client("mo"), f"/circles/{world.ids['rose']}"
    desk = mo.get(f"{circle}/desk").text
    care = mo.get(world.url("moderation.care", post_id=world.ids["thread"])).text
    return [desk, care, mo.get(f"{circle}/invite").text, world.client("ray").get("/saved").text]


def test_canary_bytes(world, caplog, monkeypatch, figure):
    """Fails when a draft, a note or an index is kept as it was typed, or logged."""
    caplog.set_level(0)
    elsewhere = world.folder / "passing"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))

    words = write_everywhere(world)

    few = ("Treecreepery", "Turnstonish", "Sandpiperish", "Stonechatty")
    assert all(word in page for word, page in zip(few, pages(world), strict=True))
    shown = world.client("mo").get(f"/circles/{world.ids['rose']}/").text
    assert all(word in shown for word in ("Zebrafinch", "Wagtailish", "Fieldfarewell", "Goosander"))
    files = {path: path.read_bytes() for path in world.files()}
    assert any("search_index" in str(path) for path in files)
    for word in words:
        for shape in SHAPES:
            planted = shape(word).encode("latin-1")
            assert not [path.name for path, kept in files.items() if planted in kept], word
        assert word not in caplog.text
    figure(f"{len(words)} canaries in none of {len(files)} files, nor in {len(SHAPES)} spellings")


def test_a_database_copied_away_without_keys_yields_none_of_it(world):
    words = write_everywhere(world)

    with world.app.app_context():
        raw = db.session.connection().connection.driver_connection
        dump = "\n".join(raw.iterdump())

    assert "INSERT INTO" in dump
    as_hex = [word.encode().hex() for word in words]
    assert not [word for word in [*words, *as_hex] if word.casefold() in dump.casefold()]


def spoken(app):
    """What was invented: names of people and circles, addresses, titles, sentences."""
    with app.app_context():
        words = [member.address for member in db.session.scalars(select(Member))]
        words += [place.own_name for place in db.session.scalars(select(Membership))]
        words += [circle.name for circle in db.session.scalars(select(Circle))]
        names = [each.name for each in db.session.scalars(select(Author))]
        words += [name for name in names if name != VOICE]
        for kind in (Thread, Reply):
            for post in db.session.scalars(select(kind)):
                words += [getattr(post, "title", ""), *re.split(r"[\n.?!]+", post.body)]
    return {word.strip() for word in words if len(word.strip()) > 7}


def test_a_copy_of_an_invented_forum_holds_none_of_its_words(tmp_path, figure):
    """Fails when a column of words is not sealed, or an index lies there as it was made."""
    app = create_app(TestConfig(tmp_path / "instance"), clock=lambda: MORNING)
    with app.app_context():
        db.create_all()
    few = ("--circles=1", "--members=8", "--threads=6", "--replies=20", "--draw=1")
    told = app.test_cli_runner().invoke(args=["forum", "seed", "--demo", *(() if FULL else few)])
    assert told.exit_code == 0, told.output
    with app.app_context():
        worker.ring()
        raw = db.session.connection().connection.driver_connection
        copy = "\n".join(raw.iterdump())
    words = spoken(app)

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    kept = b"\n".join(path.read_bytes() for path in files).lower()
    assert any("search_index" in str(path) for path in files)
    assert copy.count("INSERT INTO") > 50
    assert len(words) > 60
    lowered = copy.casefold()
    assert [w for w in words if w.casefold() in lowered or w.encode().hex() in lowered] == []
    assert [word for word in words if word.lower().encode() in kept] == []
    figure(f"{len(words)} names, addresses, titles and sentences in none of {len(files)} files")
