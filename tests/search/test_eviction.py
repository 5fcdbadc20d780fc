"""Indexes of a host within their bound: those used longest ago go, and come back when searched."""

from datetime import timedelta
from errno import ENOSPC
from fcntl import LOCK_EX, flock
from pathlib import Path
from shutil import rmtree

import pytest

from forum.operations import rotation
from forum.operations.checks import of_installation
from forum.search import services
from forum.search.engine.cache import ReaderCache
from forum.search.queries import due
from forum.search.services import build_due, evict, held
from forum.worker import run_due_jobs
from tests.search.searching import folder, found, index_files, results, withdraw
from tests.world import World

FORTNIGHT = timedelta(days=14)


@pytest.fixture
def world(tmp_path):
    """An installation in which one index is within the bound, and two are not."""
    return World(tmp_path, SEARCH_INDEX_MAX=10_000)


def weigh(world):
    """The worker's job, an hour after the last."""
    world.app.extensions.pop("indexes_weighed", None)
    with world.app.app_context():
        evict()


def size(world, circle):
    return sum(each.stat().st_size for each in folder(world, circle).iterdir())


def bound(world, most):
    world.app.config["SEARCH_INDEX_MAX"] = most


def search_both(world):
    """Oak a fortnight after Rose."""
    found(world, "mo", "hard")
    world.moment += FORTNIGHT
    found(world, "nan", "hard", "oak")


def test_what_was_used_longest_ago_goes_and_is_found_by_the_next_search(world):
    search_both(world)
    bound(world, size(world, "rose") + size(world, "oak") - 1)

    weigh(world)

    assert not folder(world).exists()
    assert folder(world, "oak").exists()
    world.restart()
    assert found(world, "mo", "hard") == ["A hard morning."]


def test_a_later_search_keeps_an_index(world):
    search_both(world)
    world.moment += FORTNIGHT
    found(world, "mo", "hard")
    bound(world, size(world, "rose") + size(world, "oak") - 1)

    weigh(world)

    assert folder(world).exists()
    assert not folder(world, "oak").exists()


def test_nothing_goes_while_there_is_room(world):
    search_both(world)
    bound(world, size(world, "rose") + size(world, "oak"))

    weigh(world)

    assert folder(world).exists()
    assert folder(world, "oak").exists()


def test_the_folder_is_weighed_each_hour(world, monkeypatch):
    search_both(world)
    bound(world, 1)
    weigh(world)
    found(world, "mo", "hard")
    with world.app.app_context():
        evict()
        assert folder(world).exists()
        monkeypatch.setattr(services, "WEIGH_EACH", 0.0)
        evict()

    assert not folder(world).exists()


def test_a_machine_that_has_just_started_weighs_the_folder(world, monkeypatch):
    search_both(world)
    bound(world, 1)
    monkeypatch.setattr(services, "monotonic", lambda: 5.0)

    weigh(world)

    assert not folder(world).exists()


def test_an_index_that_is_written_to_is_left(world):
    search_both(world)
    bound(world, 1)

    with folder(world).with_suffix(".lock").open("a") as lock:
        flock(lock, LOCK_EX)
        weigh(world)

    assert folder(world).exists()
    assert not folder(world, "oak").exists()


def test_the_worker_builds_what_is_held_alone(world):
    found(world, "mo", "hard")
    world.reply("ray", "A kestrel over the road")
    with world.app.app_context():
        assert due() == [world.ids["rose"]]
        build_due()
        assert held() == [world.ids["rose"]]
        assert due() == []

    assert not folder(world, "oak").exists()


@pytest.mark.parametrize("by_hand", [False, True])
def test_the_worker_finishes_what_a_search_began_again(world, by_hand):
    """Fails when the worker goes on remembering that an evicted index was whole."""
    for number in range(8):
        world.reply("ray", f"A kestrel, number n{number}")
    found(world, "mo", "kestrel")
    with world.app.app_context():
        build_due()
    if by_hand:
        rmtree(folder(world))
        with world.app.app_context():
            build_due()
    else:
        bound(world, 1)
        weigh(world)
    world.app.extensions["open_indexes"] = ReaderCache()
    world.app.config["SEARCH_PATIENCE"] = 0.0
    assert results(world, "mo", "kestrel").behind == ["Rose"]

    with world.app.app_context():
        build_due()

    assert len(results(world, "mo", "kestrel").hits) == 8


def test_a_withdrawal_builds_no_index(world):
    reply_id = world.reply("ray", "A kestrel over the road")

    withdraw(world, "ray", reply_id)

    assert not folder(world).exists()


def test_an_open_index_is_searched_though_its_files_are_gone(world):
    found(world, "mo", "hard")
    bound(world, 1)
    weigh(world)

    assert found(world, "mo", "hard") == ["A hard morning."]
    assert not folder(world).exists()
    world.reply("ray", "A kestrel over the road")
    assert found(world, "mo", "kestrel") == ["A kestrel over the road"]
    assert found(world, "mo", "hard") == ["A hard morning."]


def test_use_is_noted_by_the_week(world):
    for _ in range(7):  # from a Monday to the Sunday of its week
        found(world, "mo", "hard")
        times = {path.stat().st_mtime for path in (folder(world), *folder(world).iterdir())}
        assert all(each % 86_400 == 0 for each in times)
        [mark] = [each for each in folder(world).iterdir() if each.name == "used"]
        assert mark.stat().st_mtime == world.moment.replace(day=2, hour=0, minute=0).timestamp()
        assert not mark.read_bytes()
        world.moment += timedelta(days=1)

    found(world, "mo", "hard")
    assert mark.stat().st_mtime == world.moment.replace(day=9, hour=0, minute=0).timestamp()


def test_a_search_moves_the_time_of_its_mark_alone(world):
    """Fails when the folder says on which day of a week somebody searched first."""
    found(world, "mo", "hard")
    world.moment += timedelta(days=16)  # a Wednesday
    with world.app.app_context():
        run_due_jobs()
    here = folder(world)
    before = {path: path.stat().st_mtime for path in (here, *here.iterdir())}

    found(world, "mo", "hard")

    after = {path: path.stat().st_mtime for path in (here, *here.iterdir())}
    week = world.moment.replace(day=16, hour=0, minute=0).timestamp()
    assert after == before | {here / "used": week}
    assert world.moment.replace(hour=0, minute=0).timestamp() not in after.values()


def test_a_withdrawal_notes_no_search(world):
    reply_id = world.reply("ray", "A kestrel over the road")
    found(world, "mo", "hard")
    mark = folder(world) / "used"
    before = mark.stat().st_mtime
    world.moment += timedelta(days=16)

    withdraw(world, "ray", reply_id)

    assert mark.stat().st_mtime == before


def test_a_full_disk_fails_no_search(world, monkeypatch):
    found(world, "mo", "hard")
    world.moment += FORTNIGHT

    def full(*_, **__):
        raise OSError(ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)

    assert found(world, "mo", "hard") == ["A hard morning."]


def test_a_second_search_in_a_week_writes_nothing(world):
    found(world, "mo", "hard")
    before = {path: path.stat().st_ctime_ns for path in folder(world).iterdir()}

    found(world, "mo", "hard")

    assert {path: path.stat().st_ctime_ns for path in folder(world).iterdir()} == before


def test_no_use_is_noted_where_all_indexes_are_kept(world):
    bound(world, None)
    search_both(world)

    weigh(world)

    assert index_files(world)
    assert not (folder(world) / "used").exists()


def test_check_says_how_many_indexes_are_held(world):
    found(world, "mo", "hard")
    with world.app.app_context():
        said = [each.said for each in of_installation() if "search indexes" in each.said]

    assert said == [
        "All search indexes are up to date; 2 circles are kept, 1 with an index on this host."
    ]


def test_changing_keys_builds_what_was_held(world):
    found(world, "mo", "hard")
    before = index_files(world)
    with world.app.app_context():
        rotation.rotate(lambda *_: None)

    assert index_files(world) != before
    assert not folder(world, "oak").exists()
