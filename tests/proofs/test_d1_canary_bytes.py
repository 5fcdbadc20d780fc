"""Nothing that people write lies in clear in any file of the installation."""

import re
import sqlite3
import tempfile
from urllib.parse import quote

from sqlalchemy import select

from config import TestConfig
from forum import create_app
from forum.accounts.models import Member
from forum.authors.models import Author
from forum.circles.models import Circle
from forum.core.db import db
from forum.discussions.models import Reply, Thread
from tests.page import Page
from tests.rows import dump
from tests.world import EVENING

SHAPES = (str, str.lower, str.upper, quote, lambda word: word.encode("utf-16-le").decode("latin-1"))


def write_everywhere(world):
    """Put a word of its own into every field that the pages offer; gives the words."""
    mo, ray, circle = world.client("mo"), world.client("ray"), f"/circles/{world.ids['rose']}"
    send(mo, f"{circle}/invite", words="Bitterncress", by="link")
    composer = ray.get(f"{circle}/write").location
    told = {"template": "free", "field_story": "Lapwingish *Dotterell*", "title": "Fieldfarewell"}
    rest = {"wish": "hear_me_out", "mode": "thread_pseudonym", "notes": "other", "do": "look"}
    looked = ray.post(composer, data=ray.tokens(composer) | told | rest).location
    ray.submit(looked, looked="1")  # what may be a name was looked at
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
    hidden = Page(client.get(page)).all("input", type="hidden")
    kept = {each["name"]: each.value for each in hidden}
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
    passing = world.folder / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))

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
    figure(f"{len(words)} canaries in none of {len(files)} files, in {len(SHAPES)} spellings")


def test_a_database_copied_away_without_keys_yields_none_of_it(world):
    words = write_everywhere(world)

    with world.app.app_context():
        kept = dump().casefold()

    assert "insert into" in kept
    as_hex = [word.encode().hex() for word in words]
    assert not [word for word in [*words, *as_hex] if word.casefold() in kept]


def test_a_dump_of_an_invented_forum_says_none_of_it(tmp_path, figure):
    """Fails when a title, a name or a sentence is kept in a column that is not sealed."""
    app = create_app(TestConfig(tmp_path / "instance"))
    with app.app_context():
        db.create_all()
        words = ["--circles=3", "--members=18", "--threads=24", "--replies=90", "--draw=11"]
        assert app.test_cli_runner().invoke(args=["forum", "seed", *words]).exit_code == 0
        assert app.test_cli_runner().invoke(args=["forum", "reindex"]).exit_code == 0
        said = {
            each
            for table in (Thread, Reply)
            for row in db.session.scalars(select(table))
            for each in re.split(r"[.\n]", row.body)
        }
        said |= {row.title for row in db.session.scalars(select(Thread))}
        said |= {
            row.name
            for table in (Circle, Member, Author)
            for row in db.session.scalars(select(table))
        }
        said |= {row.address for row in db.session.scalars(select(Member))}
    said = {each.strip() for each in said if len(each.strip()) >= 8}
    with sqlite3.connect(tmp_path / "instance" / "forum.db") as copy:
        dump = "\n".join(copy.iterdump())
    files = b"\n".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    figure(
        f"{len(said)} names, addresses, titles and sentences in a dump of {len(dump)} characters"
    )
    assert len(said) > 200
    assert not [each for each in said if each in dump or each.encode().hex().upper() in dump]
    assert not [each for each in said if each.encode() in files]
