""" "Others told of something near", on the page before posting, and "More like this" by meaning."""

import pytest
from sqlalchemy import event

from forum.core.db import db
from forum.policy.terms import AuthorMode
from forum.search.engine import vectors
from tests.search.searching import folder, results, withdraw
from tests.search.stand_in import Broken, StandIn, catch_up, install, spread
from tests.search.test_meaning import rows
from tests.world import EVENING

HEADING = "Others told of something near"
SALT = "A kestrel kestrel kestrel, and lithium lithium lithium, afraid"


def look(world, who="ray", text=SALT, mode="own_name", circle="rose"):
    """The page before posting, for a draft with this text."""
    client = world.client(who)
    composer = client.get(f"/circles/{world.ids[circle]}/write").location
    told = {"template": "free", "field_story": text, "title": "", "wish": "hear_me_out"}
    sent = told | {"title": "A day", "mode": mode, "do": "look"}
    address = client.post(composer, data=client.tokens(composer) | sent).location
    return client, address


def page(world, **how):
    client, address = look(world, **how)
    return client.get(address).text


@pytest.fixture
def near(world):
    """Three threads near the draft, and one on something else."""
    install(world)
    world.present("fay", "Falcons", "The falcon, a hawk, and salt salt, scared")
    world.present("mo", "Salt", "Salt salt salt and a hawk hawk, dread")
    world.present("pru", "Holidays", "By the sea with a dog, a ball and a long book")
    catch_up(world)


def test_older_threads_stand_below_the_button(world, near):
    text = page(world)

    assert HEADING in text
    assert text.index("Post as") < text.index(HEADING)
    assert "Falcons" in text
    assert "Salt" in text
    assert "Holidays" not in text
    assert "Torn between two" not in text


def test_three_threads_are_the_most(world, near):
    for number in range(4):
        world.present("fay", f"Hawk {number}", "A hawk hawk, a salt salt, and dread")
    catch_up(world)

    listed = page(world).partition(HEADING)[2].partition("</ul>")[0]

    assert listed.count("<li>") == 3


def test_a_reply_leads_to_its_thread_once(world, near):
    world.reply("mo", "A hawk hawk hawk, salt salt salt, scared")
    catch_up(world)

    listed = page(world).partition(HEADING)[2].partition("</ul>")[0]

    assert listed.count("Torn between two") == 1


def test_what_one_told_by_name_oneself_is_no_others(world, near):
    world.present("ray", "My own hawk", "A hawk hawk hawk, salt salt salt, scared")
    catch_up(world)

    text = page(world)

    assert "Falcons" in text
    assert "My own hawk" not in text
    assert "My own hawk" in page(world, who="pru")


def test_nothing_near_shows_nothing(world, near):
    assert HEADING not in page(world, text="An appraisal with cake and nothing else")


@pytest.mark.parametrize("without", ["part", "vectors", "working encoder"])
def test_without_vectors_the_page_is_as_it_was(world, near, without, caplog):
    match without:
        case "part":
            world.restart()
        case "vectors":
            for path in folder(world).glob("*.vectors"):
                path.unlink()
        case "working encoder":
            install(world, Broken())

    assert HEADING not in page(world)
    assert "vector" not in caplog.text


@pytest.mark.leaks
def test_threads_next_door_withdrawn_or_waiting_are_not_near(world):
    install(world)
    world.present("nan", "Next door", "A falcon falcon, and salt salt, scared", circle="oak")
    world.present("fay", "Waiting", "A falcon falcon, salt salt, scared", AuthorMode.CIRCLE_VOICE)
    gone = world.reply("mo", "A falcon falcon, and salt salt, scared")
    catch_up(world)
    withdraw(world, "mo", gone)

    text = page(world)

    assert HEADING not in text
    world.moment = EVENING
    catch_up(world)
    assert "Waiting" in page(world)
    assert "Next door" not in page(world)


@pytest.mark.leaks
@pytest.mark.proof("M1")
@pytest.mark.parametrize("mode", ["thread_pseudonym", "circle_voice"])
def test_a_masked_draft_leaves_no_vector_no_row_and_no_line(world, near, mode, caplog):
    """Fails when the page before posting keeps or logs anything of a draft that hides its name."""
    client, address = look(world, mode=mode)
    client.get(address)  # reading it once may note that the session was used
    caplog.clear()
    caplog.set_level(0)
    before = {path: path.read_bytes() for path in (world.folder / "search_index").rglob("*.*")}
    written = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA", "BEGIN", "ROLLBACK")):
            written.append(statement)

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    text = client.get(address).text
    event.remove(engine, "before_cursor_execute", note)
    catch_up(world)

    assert HEADING in text
    assert written == []
    assert [each for each in caplog.records if each.name.startswith("forum")] == []
    assert {p: p.read_bytes() for p in (world.folder / "search_index").rglob("*.*")} == before
    vector = StandIn().vector(f"A day\n\n{SALT}")
    assert vectors.packed(vector) not in rows(world)
    assert len(rows(world)) == 4
    for path in world.folder.rglob("*"):
        assert path.is_dir() or spread(vector) not in path.read_bytes()


def test_more_like_this_finds_by_meaning_too(world, near):
    thread_id = world.present("ray", "Kestrel", "Kestrel kestrel")
    world.present("fay", "Hawk", "Hawk hawk in the hedge")
    catch_up(world)

    shown = world.client("mo").get(f"/search/like/{world.ids['rose']}/{thread_id}").text

    assert "in the hedge" in shown
    assert "Holidays" not in shown


def test_more_like_this_goes_by_words_without_a_vector(world, near):
    thread_id = world.present("ray", "Sea", "A dog by the sea with a ball")
    world.present("fay", "Dogs", "The dog and the ball again, by the sea")

    shown = world.client("mo").get(f"/search/like/{world.ids['rose']}/{thread_id}").text

    assert "Dogs" in shown
    assert results(world, "mo", "ball").hits


def test_ones_own_threads_leave_room_for_those_of_others(world, near):
    for number in range(11):
        world.present("ray", f"Mine {number}", SALT)
    catch_up(world)

    assert "Falcons" in page(world)
