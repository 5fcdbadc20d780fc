"""Passkeys in a browser, with the authenticator that Chromium plays."""

import json

import pytest

from tests.journeys.conftest import served
from tests.journeys.installation import Installation
from tests.journeys.visitor import DESKTOP, PHONE
from tests.world import World

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def forum(tmp_path_factory):
    """A forum with the cast at a name, since browsers give no passkey to an address of numbers."""
    folder = tmp_path_factory.mktemp("forum")
    world = World(folder)
    forum = Installation(folder)
    forum.world, forum.url = world, forum.url.replace("127.0.0.1", "localhost")
    (folder / "settings.json").write_text(json.dumps({"SITE_URL": forum.url}))
    with served(forum):
        yield forum


class Phone:
    """The authenticator of one browser; it keeps its passkeys as long as the browser is open."""

    def __init__(self, person):
        self._session = person.page.context.new_cdp_session(person.page)
        self._session.send("WebAuthn.enable")
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self._id = made["authenticatorId"]

    def passkeys(self):
        return self._send("getCredentials")["credentials"]

    def forgets_to_count(self):
        """Become a copy, whose counter stands where it stood before."""
        [known] = self.passkeys()
        self._send("removeCredential", credentialId=known["credentialId"])
        self._send("addCredential", credential=known | {"signCount": 0})

    def _send(self, command, **values):
        return self._session.send(f"WebAuthn.{command}", {"authenticatorId": self._id} | values)


def has_passkey(person, who):
    """Somebody at home adds a passkey; gives their phone."""
    phone = Phone(person)
    person.sign_in(who, own_device=True)
    person.open("/account/lock")
    person.press("Add a passkey")
    person.press("Add a passkey")
    assert "Recovery codes" in person.words
    person.press("I have kept them")
    return phone


def offers_nothing(person):
    """From now on be a browser whose address field offers no passkeys, as an older one."""
    person.page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_one_tap_signs_in(forum, visit, size):
    """Fails when signing in with a passkey asks for anything typed."""
    who = "ray" if size is PHONE else "fay"
    person = visit(forum, size=size)
    phone = has_passkey(person, who)
    [known] = phone.passkeys()
    assert known["rpId"] == "localhost"
    assert known["userName"] == known["userDisplayName"] == "Kettle"
    offers_nothing(person)
    person.press("Sign out")
    person.taps = 0
    person.press("Sign in with a passkey")

    assert person.taps == 1
    assert "Your circles" in person.page.content()
    person.open("/account")
    assert "passkey" in person.words
    person.open("/account/words")  # no password in between
    assert "Confirm your password" not in person.words


def test_the_address_field_offers_a_passkey(forum, visit):
    person = visit(forum, size=PHONE)
    has_passkey(person, "pru")
    person.page.get_by_role("button", name="Sign out").click()
    person.page.wait_for_url("**/")  # the finger lies there, so the offer is taken

    person.open("/account")
    assert "passkey" in person.words


def test_a_copied_passkey_is_refused(forum, visit):
    person = visit(forum, size=PHONE)
    phone = has_passkey(person, "joe")
    offers_nothing(person)
    person.press("Sign out")
    phone.forgets_to_count()
    person.press("Sign in with a passkey")
    assert "That passkey did not work here." in person.words


def test_a_passkey_taken_away_signs_in_no_more(forum, visit):
    person = visit(forum, size=DESKTOP)
    has_passkey(person, "kit")
    person.open("/account/lock")
    person.follow("Remove")
    person.press("Remove the passkey")
    offers_nothing(person)
    person.press("Sign out")
    person.press("Sign in with a passkey")
    assert "That passkey did not work here." in person.words


def test_without_scripts_digits_do_everything(forum, visit):
    person = visit(forum, size=PHONE, scripts=False)
    person.sign_in("ivy", own_device=True)
    person.open("/account/lock")
    app = person.add_app(forum.moment)
    assert not person.page.get_by_role("button", name="Sign in with a passkey").is_visible()
    person.press("Sign out")
    forum.turn_clock(forum.moment.replace(minute=forum.moment.minute + 2))
    person.sign_in("ivy")
    person.write(digits=app.at(forum.moment))
    person.press("Sign in")
    person.open("/account")

    assert "password and six digits" in person.words
