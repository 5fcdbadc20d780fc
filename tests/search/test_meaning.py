"""Searching by meaning, with a small encoder in the model's place."""

import pytest

from forum.circles.queries import circle
from forum.circles.services import join
from forum.core.db import unit_of_work
from forum.discussions import posts
from forum.discussions.composer import ReplyWords
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from forum.search import vector_jobs
from forum.search.engine import index, vectors
from forum.search.queries import ranked
from forum.search.query_parser import parse
from forum.search.services import build_due
from forum.worker import use_spare_time
from tests.rows import row_of
from tests.search.searching import folder, found, index_files, results, withdraw
from tests.search.stand_in import Broken, StandIn, catch_up, install, spread
from tests.world import EVENING, World

FALCON = "A falcon sat there"


@pytest.fixture
def falcon(world):
    install(world)
    reply_id = world.reply("ray", FALCON)
    catch_up(world)
    return reply_id


def vector_files(world, circle="rose"):
    return sorted(folder(world, circle).glob("*.vectors"))


def rows(world, circle="rose"):
    """All vectors as they lie there, without those that are missing."""
    with world.app.app_context():
        storage = index._storage(world.ids[circle])
        found = []
        for segment in index._segments(storage):
            posts = len(index.doc_values.stored(storage, segment))
            known = vectors.stored(storage, segment, posts)
            found += [known.row(number) for number in range(posts)] if known else []
    return [row for row in found if row != vectors.NONE_YET]


def test_a_post_is_found_without_its_word(world, falcon):
    page = results(world, "mo", "kestrel")

    assert [(hit.post.id, hit.near, hit.whole) for hit in page.hits] == [(falcon, True, False)]
    assert page.by_meaning


def test_near_posts_stand_below_all_that_have_every_word(world, falcon):
    for number in range(3):
        world.reply("fay", f"One kestrel in a long text on something else, number {number}")
    world.reply("fay", "A kestrel and lithium")
    catch_up(world)

    hits = results(world, "mo", "kestrel").hits

    assert [hit.near for hit in hits] == [False] * 4 + [True]
    page = world.client("mo").search("kestrel").text
    assert "4 posts." in page
    assert page.index("Near to it") > page.index("number 2")
    assert page.index("Near to it") < page.index(FALCON)


def test_near_posts_alone_are_named_so(world, falcon):
    page = world.client("mo").search("kestrel").text

    assert "No post has all your words." in page
    assert "Near to it" in page
    assert FALCON in page


def test_without_the_part_a_search_goes_by_words(world, falcon):
    world.restart()

    assert found(world, "mo", "kestrel") == []
    assert found(world, "mo", "falcon") == [FALCON]


def test_a_post_is_found_by_words_before_it_has_a_vector(world, falcon):
    world.reply("fay", "A hawk on a wire")

    assert found(world, "mo", "wire") == ["A hawk on a wire"]
    assert found(world, "mo", "kestrel") == [FALCON]
    catch_up(world)
    assert set(found(world, "mo", "kestrel")) == {FALCON, "A hawk on a wire"}


@pytest.mark.parametrize(
    "words", ["kestrel -falcon", '"kestrel"', "kestrel from:Fay", "kestrel kind:reflection"]
)
def test_what_a_query_leaves_out_is_not_found_by_meaning(world, falcon, words):
    assert found(world, "mo", words) == []


def test_vectors_move_with_their_posts(world, falcon):
    encoder = world.app.extensions["encoder"]
    encoder.called.clear()

    world.reply("fay", "Nothing of it")
    catch_up(world)

    assert encoder.called == ["Nothing of it"]
    assert len(rows(world)) == 3


def test_an_open_index_keeps_its_vectors_though_their_files_go(world, falcon):
    """Fails when an index that is evicted while it is open finds by words alone, and is silent."""
    results(world, "mo", "kestrel")
    for path in vector_files(world):
        path.unlink()

    assert found(world, "mo", "kestrel") == [FALCON]


@pytest.mark.leaks
def test_a_withdrawn_post_leaves_no_vector(world, falcon):
    row = vectors.packed(StandIn().vector(FALCON))
    assert row in rows(world)

    withdraw(world, "ray", falcon)

    assert row not in rows(world)
    assert len(rows(world)) == 1
    assert found(world, "mo", "kestrel") == []


@pytest.mark.leaks
def test_a_post_withdrawn_while_its_vector_is_made_leaves_none(world):
    reply_id = world.reply("ray", FALCON)

    class Meanwhile(StandIn):
        def vector(self, text):
            if text == FALCON:
                withdraw(world, "ray", reply_id)
            return super().vector(text)

    install(world, Meanwhile())
    catch_up(world)

    assert vectors.packed(StandIn().vector(FALCON)) not in rows(world)
    assert len(rows(world)) == 1


@pytest.mark.leaks
def test_a_hidden_post_and_one_that_waits_have_no_vector(world):
    encoder = install(world)
    world.reply("ray", FALCON, AuthorMode.THREAD_PSEUDONYM)
    catch_up(world)

    assert FALCON not in encoder.called
    world.moment = EVENING
    catch_up(world)
    assert FALCON in encoder.called


def test_an_edited_post_has_the_vector_of_its_new_text(world, falcon):
    with world.app.app_context():
        standing = world.standing("ray")
        post = row_of(Reply, falcon)
        with unit_of_work():
            posts.amend(standing, post, ReplyWords("A salt cellar", AuthorMode.OWN_NAME))
    catch_up(world)

    assert found(world, "mo", "kestrel") == []
    assert found(world, "mo", "lithium") == ["A salt cellar"]


@pytest.mark.parametrize("harm", ["emptied", "cut", "byte changed", "other circle's", "deleted"])
def test_damaged_vectors_are_made_anew_and_words_go_on(world, falcon, harm):
    world.present("nan", "Ours", "A falcon next door", circle="oak")
    world.reply("ray", "A second text")  # so that the files differ in size
    catch_up(world)
    (path,) = vector_files(world)
    content = path.read_bytes()
    match harm:
        case "emptied":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(content[:-400])
        case "byte changed":
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "other circle's":
            path.write_bytes(vector_files(world, "oak")[0].read_bytes())
        case "deleted":
            path.unlink()
    world.restart()
    install(world)

    assert found(world, "mo", "falcon") == [FALCON]
    assert found(world, "mo", "kestrel") == []
    catch_up(world)
    assert found(world, "mo", "kestrel") == [FALCON]


def test_vectors_of_another_version_are_made_anew(world, falcon):
    class Newer(StandIn):
        version = "newer"

    encoder = install(world, Newer())
    assert found(world, "mo", "kestrel") == []
    assert found(world, "mo", "falcon") == [FALCON]

    catch_up(world)

    assert FALCON in encoder.called
    assert found(world, "mo", "kestrel") == [FALCON]


@pytest.mark.leaks
def test_an_encoder_that_fails_stops_no_search_and_quotes_nothing(world, falcon, caplog):
    install(world, Broken())
    world.reply("fay", "A hawk on a wire")
    catch_up(world)

    assert set(found(world, "mo", "falcon hawk")) == {"A hawk on a wire", FALCON}
    assert "no vector was made: RuntimeError" in caplog.text
    assert "hawk" not in caplog.text


@pytest.mark.parametrize("text", ["Falcon", "word " * 4_000, "x" * 20_000])
def test_short_and_long_posts_have_a_vector(world, text):
    install(world)
    world.reply("ray", text.strip())
    catch_up(world)

    assert len(rows(world)) == 2
    assert found(world, "mo", "falcon word hard")


def test_a_stopped_worker_goes_on_where_it_was(world, monkeypatch):
    monkeypatch.setattr(vector_jobs, "AT_ONCE", 2)
    for number in range(5):
        world.reply("ray", f"A falcon, number {number}")
    encoder = install(world)
    turns = iter([False, True])
    catch_up(world, lambda: next(turns, True))
    before = [*encoder.called]

    world.restart()
    encoder = install(world)
    catch_up(world)

    assert len(before) == 2
    assert len(encoder.called) == 4
    assert set(before).isdisjoint(encoder.called)


def test_a_killed_write_leaves_the_file_as_it_was(world, falcon, monkeypatch):
    before = rows(world)
    world.reply("fay", "A hawk on a wire")
    found(world, "mo", "wire")
    monkeypatch.setattr("forum.search.engine.storage.replace", _killed)
    with pytest.raises(KeyboardInterrupt):
        catch_up(world)
    monkeypatch.undo()
    world.restart()
    install(world)

    assert rows(world) == before
    assert set(found(world, "mo", "kestrel wire")) == {FALCON, "A hawk on a wire"}
    catch_up(world)
    assert len(rows(world)) == len(before) + 1


def _killed(*_):
    raise KeyboardInterrupt


def test_spare_time_of_the_worker_ends_when_something_is_queued(world):
    encoder = install(world)
    world.reply("ray", FALCON)
    with world.app.app_context():
        build_due()
        use_spare_time(lambda: True)
        assert encoder.called == []

        use_spare_time(lambda: False)

    assert FALCON in encoder.called


def test_a_log_line_tells_how_far_it_is(world, monkeypatch, caplog):
    monkeypatch.setattr(vector_jobs, "FAR", 1)
    monkeypatch.setattr(vector_jobs, "AT_ONCE", 1)
    install(world)
    world.reply("ray", FALCON)
    turns = iter([False, True])

    catch_up(world, lambda: next(turns, True))

    assert "meaning of some 1 of 2 posts is known" in caplog.text


def test_complete_circles_are_not_read_again(world, falcon, monkeypatch):
    catch_up(world)
    monkeypatch.setattr(index, "without_vector", lambda *_: pytest.fail("it was read again"))

    catch_up(world)


@pytest.mark.leaks
def test_no_vector_lies_in_clear(world, falcon):
    row = spread(StandIn().vector(FALCON))

    assert vector_files(world)
    for path in world.folder.rglob("*"):
        assert path.is_dir() or row not in path.read_bytes()


@pytest.mark.leaks
@pytest.mark.parametrize("sort", ["best", "newest"])
def test_vectors_next_door_change_no_score_and_no_order(tmp_path, sort):
    seen = []
    for name, loud in (("quiet", False), ("loud", True)):
        world = World(tmp_path / name)
        install(world)
        for number in range(5 if loud else 0):
            world.present("nan", f"Falcon {number}", "A falcon, a letter, a dread.", circle="oak")
        world.chance.seed(11)
        world.reply("ray", "A hawk over the road, and an envelope")
        world.reply("fay", "Lithium and a kestrel")
        catch_up(world)
        seen.append([])
        for words in ("kestrel", "falcon letter", "scared"):
            with world.app.app_context():
                listed = ranked([world.standing("mo")], parse(words), sort).found
            seen[-1].append([(one.id, one.near, one.score) for one in listed])

    assert seen[0] == seen[1]
    assert any(near for page in seen[0] for _, near, _ in page)


@pytest.mark.leaks
def test_scores_by_meaning_are_those_of_a_reader_of_one_circle(world, falcon):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")
    for number in range(3):
        world.present("nan", f"Hawk {number}", "A hawk and a kestrel, and a letter", circle="oak")
    world.reply("fay", "Lithium, an envelope and a kestrel")
    catch_up(world)

    def scores(who, *circles):
        with world.app.app_context():
            standings = [world.standing(who, name) for name in circles]
            return {
                one.id: one.score for one in ranked(standings, parse("falcon letter"), "best").found
            }

    both = scores("ray", "rose", "oak")

    assert both == scores("mo", "rose") | scores("nan", "oak")
    assert len(both) == 5


@pytest.mark.leaks
def test_nothing_next_door_is_found_by_meaning(world, falcon):
    assert found(world, "nan", "kestrel", "oak") == []


def test_a_reader_of_two_circles_meets_the_best_of_both(world, falcon):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")
    world.present("nan", "Ours", "A hawk", circle="oak")
    catch_up(world)

    assert set(found(world, "ray", "kestrel", "rose", "oak")) == {FALCON, "A hawk"}


def test_the_worker_computes_after_the_index_is_built(world):
    encoder = install(world)
    world.reply("ray", FALCON)
    with world.app.app_context():
        vector_jobs.catch_up(lambda: False)
    assert encoder.called == []  # no index yet

    with world.app.app_context():
        build_due()
        vector_jobs.catch_up(lambda: False)

    assert FALCON in encoder.called
    assert index_files(world)
