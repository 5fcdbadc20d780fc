"""Of twenty simultaneous requests, one is served."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from forum.accounts import links, passwords, services
from forum.accounts.models import Purpose
from forum.core.db import unit_of_work
from forum.core.errors import NotFound
from tests.accounts.test_reset import link_for

TRIES = 20


def all_at_once(act):
    with ThreadPoolExecutor(TRIES) as pool:
        return list(pool.map(act, range(TRIES)))


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.proof("E3")
def test_single_use(world, purpose):
    """Fails when a used link is not deleted."""
    with world.app.app_context(), unit_of_work():
        member_id = world.ids["ray"]
        secret = links.issue(purpose, services.LINK_LIFE, member_id=member_id)

    def use(_):
        with world.app.app_context():
            try:
                with unit_of_work():
                    links.use(secret, purpose)
            except NotFound:
                return False
            return True

    assert sum(all_at_once(use)) == 1


def test_one_link_sets_one_password(world):
    secret = link_for(world).rpartition("/")[2]
    with world.app.app_context():
        new = [passwords.hashed(f"hedgehog number {n} sings") for n in range(TRIES)]

    def reset(number):
        with world.app.app_context():
            try:
                with unit_of_work():
                    services.reset_password(secret, new[number])
            except NotFound:
                return False
            return True

    served = all_at_once(reset)

    assert sum(served) == 1
    with world.app.app_context():
        member = services.member_by_address("ray@example.org")
        assert member.password_hash == new[served.index(True)]
