"""Hosts of one installation."""

import pytest

from tests.hosts import another_host, first_host


@pytest.fixture
def here(tmp_path, new_database):
    host = first_host(tmp_path / "here", new_database)
    yield host
    host.close()


@pytest.fixture
def hosts(here, tmp_path):
    there = another_host(here, tmp_path / "there")
    yield here, there
    there.close()
