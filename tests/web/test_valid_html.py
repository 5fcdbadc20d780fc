"""Every page there is, read by the HTML validator vnu (the Nu Html Checker of the W3C)."""

import json
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest

from forum.web.language import COOKIE
from tests.doors import MET
from tests.routes import DOORS, parts_of, routes_of
from tests.world import World

JAR = Path(sys.prefix, "vnu", "node_modules", "vnu-jar", "build", "dist", "vnu.jar")
ASIDE = (
    "Article lacks heading.",  # a reply is named by its writer; fifty headings would bury it
    "This document appears to be written in",  # a guess from its words
)


@pytest.fixture(scope="module")
def validator():
    if which("java") is None:
        pytest.skip("not run: there is no Java here, which the HTML validator needs")
    if not JAR.exists():
        pytest.skip("not run: the HTML validator is not here; make test installs it from npm")
    return ["java", "-jar", str(JAR)]


def pages_of(world):
    """(name, text) of every page, each as all who may come in see it."""
    parts = parts_of(world)
    for who in (None, "ray", "mo", "lee"):
        client = world.client(who)
        for endpoint, method, url in routes_of(world, parts, who=who or "ray"):
            if method == "GET" and who in {None, "ray"} | {first_inside(endpoint)}:
                answer = client.get(url)
                if answer.mimetype == "text/html" and answer.status_code != 303:
                    yield f"{who}-{endpoint}-{answer.status_code}", answer.text


def refused_pages(world):
    """(name, text) of forms sent empty, with their errors, and of pages in French."""
    mo, rose = world.client("mo"), f"/circles/{world.ids['rose']}"
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    composer = mo.get(f"{rose}/write").location
    forms = (
        *("/sign-in", "/account/password", "/account/address", "/account/timezone"),
        *("/circles/open", f"{rose}/settings", f"{rose}/invite", composer),
    )
    for number, url in enumerate(forms):
        client = world.client() if url == "/sign-in" else mo
        fields = client.tokens(url) | {"by": "mail", "do": "look", "template": "free"}
        answer = client.post(url, data=fields)
        assert answer.status_code == 422, url
        yield f"sent-empty-{number}", answer.text
    mo.set_cookie(COOKIE, "fr-CA")
    for number, url in enumerate((f"{rose}/", world.thread, composer)):
        yield f"in-french-{number}", mo.get(url).text


def first_inside(endpoint):
    return next((who for who in ("ray", "mo", "lee") if MET[DOORS[endpoint]][who] == "in"), None)


def test_every_page_is_valid_html(validator, tmp_path):
    world = World(tmp_path / "world", LANGUAGES=("en-GB", "fr-CA"))
    for body in ("# Heading\n\n- a list\n  1. within\n\n| a | b |\n|---|---|\n| 1 | 2 |", "OK."):
        world.reply("ray", body)
    folder = tmp_path / "pages"
    folder.mkdir()
    count = 0
    for name, text in (*pages_of(world), *refused_pages(world)):
        count += 1
        (folder / f"{name}.html").write_text(text)

    command = [*validator, "--format", "json", "--stdout", "--exit-zero-always", str(folder)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603

    found = {
        f"{Path(each['url']).stem}: {each['message']} | {each.get('extract', '')[:120]}"
        for each in json.loads(told)["messages"]
        if each["type"] == "error" or each.get("subType") == "warning"
        if not each["message"].startswith(ASIDE)
    }
    assert count > 100
    assert not found, "\n".join(sorted(found))
