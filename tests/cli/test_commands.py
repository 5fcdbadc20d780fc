"""Commands of `flask forum`, run as an operator would."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from config import TestConfig
from forum import create_app
from forum.accounts import links
from forum.accounts.models import Purpose
from forum.core.db import db, unit_of_work
from forum.core.errors import NotFound
from forum.mail import outbox as mail
from tests.accounts.people import is_in, sign_in
from tests.accounts.second_factors import add_app
from tests.postoffice import PostOffice

HERE = Path(__file__).parents[2]


@pytest.fixture
def new(tmp_path):
    """Installation without accounts."""
    app = create_app(TestConfig(tmp_path / "instance"))
    with app.app_context():
        db.create_all()
    return app


def run(app, *words):
    return app.test_cli_runner().invoke(args=["forum", *words])


def secret_in(output):
    [secret] = re.findall(r"http://localhost/set-up/([\w-]{43})$", output, re.MULTILINE)
    return secret


def test_a_set_up_link_expires_after_a_day(new):
    answer = run(new, "setup-link")

    assert answer.exit_code == 0
    with new.app_context():
        assert links.find(secret_in(answer.output), Purpose.SET_UP).member_id is None
        new.extensions["clock"] = later(new, timedelta(hours=24))
        with pytest.raises(NotFound):
            links.find(secret_in(answer.output), Purpose.SET_UP)


def later(app, span):
    moment = app.extensions["clock"]() + span
    return lambda: moment


def test_only_the_newest_set_up_link_works(new):
    first, second = (secret_in(run(new, "setup-link").output) for _ in range(2))

    with new.app_context():
        assert links.find(second, Purpose.SET_UP)
        with pytest.raises(NotFound):
            links.find(first, Purpose.SET_UP)


def test_no_set_up_link_with_an_account(world):
    answer = run(world.app, "setup-link")

    assert answer.exit_code == 1
    assert answer.output == (
        "Error: This forum is already set up. To add people, sign in as "
        "programme lead and invite them.\n"
    )


def test_quiet_set_up_link_prints_nothing(world):
    answer = run(world.app, "setup-link", "--quiet")

    assert (answer.exit_code, answer.output) == (0, "")


def test_purge_prints_its_counts(world):
    with PostOffice() as office:
        office.serves(world)
        with world.app.app_context(), unit_of_work():
            mail.queue("ray@example.org", "This link no longer works", "Here it is.")

        first, second = (run(world.app, "purge").output for _ in range(2))

    assert first == "mail.sent: 1\n"
    assert second == "Nothing was due.\n"


def test_an_operator_takes_a_second_factor_off(world):
    """Fails when the command leaves a factor, a session, or no line in the service's log."""
    client = world.client("lee")
    add_app(world, client)
    command = ("second-factor", "reset")

    done = run(world.app, *command, "lee@example.org")

    assert done.exit_code == 0, done.output
    assert not is_in(client)
    assert sign_in(world.client(), "lee").status_code == 303
    assert "The second lock of an account was taken off on the server." in (
        world.client("lee").get("/service/log").text
    )
    for who in ("lee", "x"):
        assert run(world.app, *command, f"{who}@example.org").exit_code == 1


def test_reset_link_needs_a_known_address(world):
    known, unknown = (run(world.app, "reset-link", f"{who}@example.org") for who in ("ray", "x"))

    assert known.exit_code == 0
    assert re.search(r"^http://localhost/password/reset/[\w-]{43}$", known.output, re.MULTILINE)
    assert unknown.exit_code == 1
    assert unknown.output == "Error: No account uses that address. Check the spelling.\n"
    page = re.search(r"/password/reset/\S+", known.output)[0]
    assert world.client().get(page).status_code == 200


def test_reindex_builds_every_circles_index(world):
    assert "Built the index of 2 circles." in run(world.app, "reindex").output
    folders = [path for path in (world.folder / "search_index").iterdir() if path.is_dir()]
    assert len(folders) == 2


def production(folder, *words, module=("flask", "forum")):
    """Run a command in a process of its own, as in production."""
    settings = {"FORUM_ENV": "production", "SITE_URL": "https://circles.example.org"}
    return subprocess.run(  # noqa: S603  # words of our own
        [sys.executable, "-m", *module, *words],
        env=os.environ | settings | {"FORUM_INSTANCE": str(folder)},
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_needs_a_root_key(tmp_path):
    folder = tmp_path / "instance"

    refused = production(folder, "purge")
    made = production(folder, "root-key", module=("forum.cli",))
    again = production(folder, "root-key", module=("forum.cli",))
    started = production(folder, "setup-link", "--help")

    assert refused.returncode == 1
    assert "root.key must be there" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert made.returncode == 0
    assert (folder / "root.key").stat().st_mode & 0o777 == 0o400
    assert again.returncode == 1
    assert started.returncode == 0
    assert (folder / "root.key").read_bytes().hex() not in made.stdout + made.stderr


def test_check_text_prints_words_on_request(new, tmp_path):
    file = tmp_path / "story.md"
    file.write_text("A long day.\nI saw Mrs Exampleton, 07700 900123.\n", encoding="utf-8")

    silent, spoken = run(new, "check-text", str(file)), run(new, "check-text", str(file), "--words")

    assert silent.output.splitlines() == [
        "line 2, column 7: confirm, a name",
        "line 2, column 23: stop, a phone number",
    ]
    assert "Exampleton" not in silent.output
    assert "'07700 900123'" in spoken.output


def test_check_text_rejects_other_encodings(new, tmp_path):
    file = tmp_path / "story.bin"
    file.write_bytes(b"\xff\xfe\x00")

    result = run(new, "check-text", str(file))

    assert result.exit_code == 1
    assert "is not a text in UTF-8" in result.output
