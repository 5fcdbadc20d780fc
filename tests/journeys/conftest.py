"""A browser, forums to open in it, and people to sit in front of it."""

from contextlib import contextmanager
from shutil import which

import pytest
from flask_migrate import upgrade
from playwright.sync_api import sync_playwright

from tests import engine
from tests.journeys.installation import Installation
from tests.journeys.visitor import Visitor
from tests.world import World

CHROMIUM = which("chromium") or which("chromium-browser")
CALM = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("not run: there is no chromium here, and make test could not install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CALM)
        yield browser
        browser.close()


@pytest.fixture
def empty_forum(tmp_path):
    """A forum in which nobody is yet."""
    engine.begin(tmp_path)
    forum = Installation(tmp_path)
    with forum.app.app_context():
        upgrade()
    with served(forum):
        yield forum


@pytest.fixture(scope="module")
def forum(tmp_path_factory):
    """A forum with the cast in it, shared by the stories of a module; `world` is its inside."""
    folder = tmp_path_factory.mktemp("forum")
    world = World(folder)
    forum = Installation(folder)
    forum.world = world
    with served(forum):
        yield forum


@contextmanager
def served(forum):
    forum.serve()
    yield
    assert "Traceback" not in forum.close()


@pytest.fixture
def visit(browser):
    """Gives a person who visits a forum."""
    here = []

    def visit(forum, **ways):
        here.append(Visitor(browser, forum.url, **ways))
        return here[-1]

    yield visit
    for visitor in here:
        visitor.close()
