"""Pages that explain, and the texts that an operator makes their own."""

import pytest

from config import TestConfig
from forum import create_app

TEMPLATE = "A template: whoever runs this server has not yet made it their own."


@pytest.mark.parametrize("name", ["privacy", "terms"])
def test_a_template_says_that_it_is_one_and_what_is_still_to_be_filled_in(world, name):
    page = world.client().get(f"/{name}").text

    assert TEMPLATE in page
    assert "to be filled in" in page
    assert world.app.config["OPERATOR"] in page
    assert "{OPERATOR}" not in page


@pytest.mark.parametrize("name", ["privacy", "terms"])
def test_what_the_operator_adopted_stands_in_its_place(world, name):
    own = "## Ours\n\nRun by {OPERATOR}; <script>alert(1)</script>"
    (world.folder / "instance" / f"{name}.md").write_text(own)

    page = world.client().get(f"/{name}").text

    assert TEMPLATE not in page
    assert f"Run by {world.app.config['OPERATOR']}" in page
    assert "<script>alert" not in page


def test_contact_is_named_where_there_is_one(world):
    world.app.config["CONTACT"] = "help@example.org"

    assert "help@example.org" in world.client().get("/accessibility").text
    assert "[CONTACT: to be filled in]" not in world.client().get("/privacy").text


def test_what_hiding_means_names_who_could_find_out(world):
    page = world.client().get("/help/hidden-names").text

    assert f"keys: {world.app.config['OPERATOR']}" in page
    assert "could" in page


def test_the_style_guide_is_for_those_who_change_pages_alone(tmp_path):
    config = TestConfig(tmp_path / "instance")
    config.PRODUCTION = True
    rules = {rule.endpoint for rule in create_app(config).url_map.iter_rules()}

    assert "styleguide" not in rules
    assert "help.index" in rules
