"""Privacy notice, terms and help pages."""

import re
from datetime import timedelta

import pytest

from config import TestConfig
from forum import create_app
from forum.core.errors import Forbidden
from forum.policy.terms import AuthorMode
from tests.page import Page
from tests.world import EVENING

NAMES = ("privacy", "terms", "safety", "complaints", "about")
TEMPLATE = "This is a template. The people who run this service have not adopted it yet."


@pytest.mark.parametrize("name", NAMES)
def test_a_template_marks_itself_and_its_gaps(world, name):
    page = world.client().get(f"/{name}").text

    assert TEMPLATE in page
    assert "to be filled in" in page
    assert not re.search(r"\{[A-Z_]+\}", page)


@pytest.mark.parametrize("name", NAMES)
def test_an_adopted_text_replaces_the_template(world, name):
    own = "## Ours\n\nRun by {OPERATOR}; <script>alert(1)</script>"
    (world.folder / "instance" / f"{name}.md").write_text(own)

    page = world.client().get(f"/{name}").text

    assert TEMPLATE not in page
    assert f"Run by {world.app.config['OPERATOR']}" in page
    assert "<script>alert" not in page


def test_a_configured_contact_is_shown(world):
    world.app.config["CONTACT"] = "help@example.org"

    assert "help@example.org" in world.client().get("/accessibility").text
    assert "[CONTACT: to be filled in]" not in world.client().get("/privacy").text


def test_the_hiding_page_names_the_operator(world):
    page = world.client().get("/help/hidden-names").text

    assert f"keys: {world.app.config['OPERATOR']}" in page
    assert "could" in page


def test_the_hiding_page_says_whom_an_answer_rules_out(world):
    """Fails when help is silent about colleagues who cannot be a hidden presenter; or, once such a
    presenter may answer by name, when help still rules them out."""
    thread_id = world.present("ray", "Hidden", "It rained.", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + timedelta(hours=1)

    with pytest.raises(Forbidden):
        world.reply("ray", "By name.", thread_id=thread_id)
    page = Page(world.client("ivy").get("/help/hidden-names"))
    assert (
        "a colleague who answers there by their everyday name is not you" in page.one("main").text
    )


def test_production_has_no_style_guide(tmp_path):
    config = TestConfig(tmp_path / "instance")
    config.PRODUCTION = True
    rules = {rule.endpoint for rule in create_app(config).url_map.iter_rules()}

    assert "styleguide" not in rules
    assert "help.index" in rules
