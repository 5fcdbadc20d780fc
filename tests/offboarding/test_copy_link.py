"""A copy for somebody who cannot sign in: by a link, once, under a password of their own."""

from datetime import timedelta
from io import BytesIO

import pytest
import pyzipper

from forum.accounts import services as accounts
from forum.core.db import unit_of_work
from forum.mail import outbox
from forum.policy.terms import AuthorMode
from tests.accounts.people import is_in
from tests.copies import rows
from tests.discussions.test_unread import keep
from tests.offboarding.leavers import heron
from tests.operations.test_people_commands import lines, run
from tests.page import Page
from tests.postoffice import PostOffice

PASSWORD = "four words and a tree"
HIDDEN = AuthorMode.THREAD_PSEUDONYM


def link(world, who):
    answer = run(world, "copy-link", f"{who}@example.org")
    assert answer.exit_code == 0, answer.output
    return answer.output.split("http://localhost")[1].strip()


def take(world, url, password=PASSWORD, client=None):
    client = client or world.client()
    return client.post(url, data=client.tokens(url) | {"password": password})


def unlocked(answer, password=PASSWORD):
    """Name -> text of each file."""
    with pyzipper.AESZipFile(BytesIO(answer.data)) as archive:
        archive.setpassword(password.encode())
        files = {name: archive.read(name) for name in archive.namelist()}
    return {
        name: f"{rows(file)}" if name.endswith("xlsx") else file.decode()
        for name, file in files.items()
    }


@pytest.mark.leaks
def test_a_copy_by_link_holds_open_posts_alone(world):
    """Fails when a hidden or an invented name is in a file that passes through other hands."""
    world.reply("ray", "In the open")
    world.reply("ray", "From behind", HIDDEN)
    world.reply("ray", "As the circle", AuthorMode.CIRCLE_VOICE)
    world.present("ray", "Hidden story", "Told behind", HIDDEN)
    world.reply("fay", "Not Ray's at all")
    ray = world.client("ray")
    ray.answer(world.thread, body="Half a thought", do="save")
    ray.answer(world.thread, body="Half behind", do=str(HIDDEN))
    keep(world, "ray", saved="y", note="A note of my own")
    assert "A note of my own" in ray.get("/saved").text

    answer = take(world, link(world, "ray"))

    assert answer.headers["Content-Disposition"] == "attachment; filename=words.zip"
    assert answer.headers["Cache-Control"] == "no-store"
    files = unlocked(answer)
    assert set(files) == {"words.json", "words.md", "words.xlsx"}
    for text in files.values():
        assert "In the open" in text
        for other in ("behind", "As the circle", "Hidden story", "Not Ray's", "A note of my own"):
            assert other not in text, other
    log = world.client("lee").get("/service/log").text
    assert "for a person to take a copy of their posts" in log
    assert "A person took a copy of their posts by a link" in log


@pytest.mark.leaks
def test_a_copy_by_link_ties_no_invented_name(world):
    heron(world)
    world.reply("sol", "By the river", AuthorMode.PSEUDONYM)

    files = unlocked(take(world, link(world, "sol")))

    assert not any("river" in text or "Heron" in text for text in files.values())


def test_the_file_opens_by_its_password_alone(world):
    answer = take(world, link(world, "ray"))

    with pytest.raises(RuntimeError):
        unlocked(answer, "another password")
    assert unlocked(answer)


def test_a_link_works_once_and_for_three_days(world):
    first, late = link(world, "ray"), link(world, "fay")
    assert world.client().get(first).status_code == 200
    assert take(world, first).status_code == 200

    again = world.client().get(first)
    world.moment += timedelta(days=3, minutes=1)

    assert (again.status_code, "has been used" in again.text) == (410, True)
    assert world.client().get(late).status_code == 410


def test_a_newer_link_or_its_cancelling_ends_one(world):
    first, second = link(world, "ray"), link(world, "ray")
    assert world.client().get(first).status_code == 410
    assert run(world, "copy-link", "ray@example.org", "--cancel").exit_code == 0
    assert world.client().get(second).status_code == 410

    twice = run(world, "copy-link", "ray@example.org", "--cancel")

    assert (twice.exit_code, "no link" in twice.output) == (1, True)
    assert "was cancelled" in world.client("lee").get("/service/log").text


@pytest.mark.parametrize("password", ["short", "", "mot de passe été 12", "tab\tand twelve more"])
def test_a_password_that_would_not_do_is_refused(world, password):
    """Fails when the link is used up by a form that came back."""
    url = link(world, "ray")

    answer = take(world, url, password)

    assert answer.status_code == 422
    assert Page(answer).error("password")
    assert take(world, url).status_code == 200


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("nobody@example.org", "No account uses that address."),
        ("lee@example.org", "writes in no circle"),
        ("sol@example.org", "belongs to no circle"),
    ],
)
def test_other_accounts_get_no_link(world, address, said):
    before = lines(world)

    answer = run(world, "copy-link", address)

    assert (answer.exit_code, said in answer.output) == (1, True), answer.output
    assert lines(world) == before


def test_a_suspended_person_gets_their_copy_and_stays_suspended(world):
    """Their right to a copy does not end; a link made before does."""
    world.reply("ray", "In the open")
    before = link(world, "ray")
    with world.app.app_context(), unit_of_work():
        accounts.suspend("ray@example.org")
    assert world.client().get(before).status_code == 410

    answer = take(world, link(world, "ray"))

    assert "In the open" in unlocked(answer)["words.md"]


def test_its_owner_is_told_and_stays_signed_in(world):
    ray = world.client("ray")
    with PostOffice() as office:
        office.serves(world)
        url = link(world, "ray")
        with world.app.app_context():
            outbox.send_due()

    [letter] = office.letters
    assert letter["To"] == "ray@example.org"
    assert "/account/copy/" not in letter.get_content()
    take(world, url)
    assert is_in(ray)
    assert "You downloaded a copy of your posts." in ray.get("/account").text


def test_an_interrupted_download_uses_no_link_up(world, monkeypatch):
    """Fails when the link is gone before there is a file."""
    url = link(world, "ray")

    def cut(*_):
        raise ConnectionAbortedError

    monkeypatch.setattr("forum.offboarding.export._locked", cut)
    with pytest.raises(ConnectionAbortedError):
        take(world, url)
    monkeypatch.undo()

    assert take(world, url).status_code == 200


def test_a_copy_link_resets_no_password(world):
    """Fails when a link of one purpose serves another."""
    secret = link(world, "ray").rpartition("/")[2]

    assert world.client().get(f"/password/reset/{secret}").status_code == 410
