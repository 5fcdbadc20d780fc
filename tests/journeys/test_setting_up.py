"""A newcomer sets a forum up with email, as docs/setting-up.md says it, word for word."""

import json
import re
from pathlib import Path

import pytest
from flask_migrate import upgrade

from forum import worker
from tests import engine
from tests.journeys.conftest import served
from tests.journeys.installation import Installation
from tests.journeys.visitor import PHONE
from tests.postoffice import PostOffice
from tests.world import PASSWORD

STEPS = Path(__file__).parents[2] / "docs" / "setting-up.md"
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
LINK = re.compile(r"http://\S+/(?:set-up|join|welcome)/\S+")


@pytest.fixture
def office():
    with PostOffice() as office:
        yield office


@pytest.fixture
def empty(tmp_path, office):
    """A forum in which nobody is yet, and a mail server that takes its mail."""
    mail = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": office.port, "MAIL_SECURITY": "none"}
    (tmp_path / "settings.json").write_text(json.dumps(mail))
    engine.begin(tmp_path)
    forum = Installation(tmp_path)
    with forum.app.app_context():
        upgrade()
    with served(forum):
        yield forum


class Walk:
    """What was read on the way."""

    def __init__(self, forum, office):
        self.read, self._forum, self._office = [], forum, office

    def reads(self, person):
        self.read.append(person.words)

    def mail(self, to):
        """Text of the newest email to an address, sent by the worker's jobs."""
        with self._forum.app.app_context():
            worker.run_due_jobs()
        [*_, letter] = [each for each in self._office.letters if each["To"] == to]
        self.read += [letter["Subject"], letter.get_body().get_content()]
        assert "Traceback" not in self.read[-1]
        return self.read[-1]


def joins(walk, person, link, who, name):
    person.open(link)
    walk.reads(person)
    person.choose("I am a clinician.")
    person.press("Continue")
    walk.reads(person)
    person.become(who, name)
    person.press("Join")


def test_the_recorded_steps_lead_to_a_first_colleague(empty, office, visit):
    walk, lee = Walk(empty, office), visit(empty, size=PHONE)
    printed = empty.app.test_cli_runner().invoke(args=["forum", "setup-link"]).output
    lee.open(LINK.search(printed)[0])
    walk.reads(lee)
    lee.write(test_address="lee@example.org")
    lee.press("Send a test email")
    walk.reads(lee)
    walk.mail("lee@example.org")
    lee.write(address="lee@example.org", password=PASSWORD, name="Lee Lind")
    lee.press("Create account")
    walk.reads(lee)
    lee.add_app(empty.moment)
    walk.reads(lee)
    lee.write(address="mo@example.org")
    lee.press("Send the invitation")
    walk.reads(lee)

    mo = visit(empty, size=PHONE)
    joins(walk, mo, LINK.search(walk.mail("mo@example.org"))[0], "mo", "Mo Okoro")
    walk.reads(mo)
    mo.write(name="Tuesday circle")
    mo.press("Start circle")
    walk.reads(mo)
    mo.choose("Mo Okoro")
    mo.press("Use this name")
    mo.write(field_story="The tea went cold again.", title="Kettle lines")
    mo.choose("Mo Okoro")
    mo.press("Check before posting")
    mo.press("Post as Mo Okoro")
    walk.reads(mo)
    mo.write(addresses="Patel, Pru <pru@example.org>")
    mo.press("Send invitations")
    walk.reads(mo)

    pru = visit(empty, size=PHONE)
    joins(walk, pru, LINK.search(walk.mail("pru@example.org"))[0], "pru", "Pru Patel")
    pru.choose("Pru Patel")
    pru.press("Use this name")
    walk.reads(pru)
    pru.follow("Read it")
    assert "The tea went cold again." in pru.words
    lee.open("/service")
    walk.reads(lee)

    said = " ".join(" ".join(walk.read).split())
    steps = [" ".join(words.split()) for words in BOLD.findall(STEPS.read_text())]
    assert [words for words in steps[1:] if words not in said] == []
    assert len(steps) > 20
