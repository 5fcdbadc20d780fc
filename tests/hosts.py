"""Installations of several hosts: one database, one key store, a folder each."""

from shutil import copy
from threading import Thread
from time import sleep

from tests.world import World

OPTIONS = {"pool_size": 2, "max_overflow": 0, "pool_timeout": 2}


def first_host(folder, new_database):
    """A world whose data and keys lie in PostgreSQL."""
    keys = new_database()
    return World(
        folder,
        SQLALCHEMY_DATABASE_URI=new_database(),
        SQLALCHEMY_ENGINE_OPTIONS=OPTIONS,
        KEYS_URL=keys,
        LOCKS_URL=keys,
    )


def another_host(world, folder):
    """A host beside the first, with the root keys that it has now."""
    host = object.__new__(type(world))
    vars(host).update(vars(world) | {"folder": folder, "cookies": {}})
    del host.app
    carry_roots(world, host)
    host.restart()
    return host


def carry_roots(here, there):
    """Copy the root keys of a host to another, as an operator does."""
    target = there.folder / "instance"
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in (here.folder / "instance").glob("root*.key"):
        (target / path.name).unlink(missing_ok=True)
        copy(path, target / path.name)


class Meanwhile(Thread):
    """Work of another host, begun while this one's transaction is open."""

    def __init__(self, act):
        super().__init__()
        self.act, self.failure, self.result = act, None, None
        self.start()
        sleep(1)

    def run(self):
        try:
            self.result = self.act()
        except Exception as error:  # whoever began it looks at it
            self.failure = error

    def ended(self):
        self.join(20)
        return self
