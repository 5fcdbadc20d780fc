"""A small encoder for tests of all around it: words of one line mean the same, others nothing."""

from zlib import crc32

import numpy as np

from forum.search import vector_jobs
from forum.search.engine import vectors
from forum.search.sentence_encoder import WIDTH
from forum.search.services import build_due

CONCEPTS = (
    ("kestrel", "falcon", "hawk"),
    ("letter", "envelope", "mail"),
    ("afraid", "scared", "dread"),
    ("lithium", "salt"),
)


class StandIn:
    """An encoder. called: the texts that it was given."""

    version = "stand-in"

    def __init__(self):
        self.called = []

    def get(self, *, quiet=False):
        return self

    def vector(self, text):
        self.called.append(text)
        found = np.zeros(WIDTH, np.float32)
        for word in "".join(each if each.isalpha() else " " for each in text.lower()).split():
            line = next((n for n, words in enumerate(CONCEPTS) if word in words), None)
            found[crc32(word.encode()) % 300 + 80 if line is None else line] += 1
        return found / max(np.linalg.norm(found), 1e-9)


class Broken(StandIn):
    """Fails whenever it is asked."""

    def vector(self, text):
        raise RuntimeError(f"no room for {text}")


def spread(vector):
    """A vector's row from its first number to its last that is not zero.

    Its beginning alone is one number and zeros, as any file may hold by chance.
    """
    row = np.trim_zeros(np.frombuffer(vectors.packed(vector), np.int8))
    assert np.count_nonzero(row) > 3
    return row.tobytes()


def install(world, encoder=None):
    """Give the installation an encoder; returns it."""
    world.app.extensions["encoder"] = encoder = encoder or StandIn()
    return encoder


def catch_up(world, stop=lambda: False):
    """Bring indexes up to date, and compute what is missing, as the worker does."""
    with world.app.app_context():
        build_due()
        vector_jobs.catch_up(stop)
