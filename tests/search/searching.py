"""What the tests of search do again and again."""

from whoosh.index import FileIndex

from forum.core.db import unit_of_work
from forum.core.keys import key_ring
from forum.discussions import posts
from forum.discussions.models import Reply
from forum.search.engine import reader
from forum.search.engine.doc_values import SCHEMA
from forum.search.engine.storage import VECTORS, SealedStorage
from forum.search.engine.vectors import NONE_YET
from forum.search.queries import search
from forum.search.sentence_encoder import WIDTH
from tests.rows import row_of


def results(world, who, words, *circles, **how):
    """A page of what someone finds in these circles, Rose unless told."""
    with world.app.app_context():
        standings = [world.standing(who, circle) for circle in circles or ("rose",)]
        return search(standings, words, **how)


def found(world, who, words, *circles, **how):
    """The texts of it, in order."""
    with world.app.app_context():
        standings = [world.standing(who, circle) for circle in circles or ("rose",)]
        return [hit.post.body for hit in search(standings, words, **how).hits]


def withdraw(world, who, reply_id):
    """Take a reply back, as its page would."""
    with world.app.app_context():
        standing = world.standing(who)
        with unit_of_work():
            posts.withdraw(standing, row_of(Reply, reply_id))


def folder(world, circle="rose"):
    return world.folder / "search_index" / str(world.ids[circle])


def index_files(world, circle="rose"):
    kept = (".seg", ".posts", ".toc", ".json")
    return sorted(path for path in folder(world, circle).iterdir() if path.suffix in kept)


def indexed_terms(world, circle="rose"):
    """The words in the index as it lies there, whether they are found or not."""
    with world.app.app_context():
        kept = FileIndex(SealedStorage(folder(world, circle), world.ids[circle]), SCHEMA)
        return {word.decode() for word in kept.reader().lexicon("text")}


def spelled(world, circle="rose"):
    """The same as they are spelled, for help with typing errors."""
    with world.app.app_context():
        lying = reader.opened(SealedStorage(folder(world, circle), world.ids[circle]))
        doc_values = (each for leaf in lying.leaves for each in leaf.spelled(range(40)))
        return {word for known, _ in doc_values for word in known}


def rows_kept(world, circle="rose"):
    """Vectors of a circle in whichever file they lie, opened with its key.

    Files of segments that nobody reads any more count, and half-written ones.
    """
    place = folder(world, circle)
    kept = SealedStorage(place, world.ids[circle])
    found = []
    for path in place.glob(f"*{VECTORS}*"):
        name = path.name.removesuffix(".draft")
        with world.app.app_context():
            plain = (
                key_ring().circle(world.ids[circle]).open(path.read_bytes(), kept._location(name))
            )
        rows = plain.partition(b"\n")[2]
        found += [rows[start : start + WIDTH] for start in range(0, len(rows), WIDTH)]
    return [row for row in found if row != NONE_YET]
