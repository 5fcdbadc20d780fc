from multiprocessing import get_context
from os import environ

from tests.engine import of_sqlite
from tests.search.concurrent_process import word_of, work
from tests.search.searching import found, indexed_terms

SECONDS = 30 if environ.get("PROOF") else 3
CROWD = ("writer", "secondwriter", "taker", "reader", "secondreader")


@of_sqlite
def test_several_processes_write_withdraw_and_search_without_an_error(world):
    spawn = get_context("spawn")
    told = spawn.Queue()
    parts = [(world.folder, name, world.ids, SECONDS, told) for name in CROWD]
    processes = [spawn.Process(target=work, args=part) for part in parts]

    for process in processes:
        process.start()
    answers = [told.get(timeout=SECONDS + 60) for _ in processes]
    for process in processes:
        process.join()

    assert [error for _, _, error in answers if error] == []
    done = {name: many for name, many, _ in answers}
    assert all(done.values()), done
    assert found(
        world,
        "mo",
        " ".join((word_of("writer", 0), word_of("secondwriter", done["secondwriter"] - 1))),
    )
    kept = indexed_terms(world)
    assert {word_of("writer", number) for number in range(done["writer"])} <= kept
    assert not {word for word in kept if word.startswith("taker")}
