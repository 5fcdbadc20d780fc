"""Passkeys: made, used alone and again, refused, taken away."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.accounts.jobs import move_rows
from forum.accounts.models import Passkey
from forum.accounts.owner_keys import PASSKEYS
from forum.accounts.passkeys import Content
from forum.accounts.queries import account
from forum.accounts.services import forget, suspend
from forum.core.db import db, unit_of_work
from forum.operations import rotation
from tests.accounts.authenticator import PRESENT, Device, asks, make, options_of, sign_in_by
from tests.accounts.people import is_in, sign_in
from tests.accounts.second_factors import CODES, add_app, give_code
from tests.world import World

FIVE_MINUTES = timedelta(minutes=5)
SECOND = timedelta(seconds=1)
TRIES = 20


@pytest.fixture
def phone(world):
    """Ray's phone, with a passkey."""
    return make(world.client("ray"))[0]


def contents(world):
    with world.app.app_context():
        return [Content.of(row) for row in db.session.scalars(select(Passkey))]


def test_a_passkey_signs_in_alone(world, phone):
    client = world.client()

    assert sign_in_by(client, phone).status_code == 303
    assert is_in(client)
    assert "passkey" in client.get("/account").text


def test_a_first_passkey_brings_eight_recovery_codes(world):
    client = world.client("ray")
    _device, page = make(client)
    codes = CODES.findall(page.text)

    assert len(codes) == 8
    other = world.client()
    step = sign_in(other, "ray")
    assert not is_in(other)
    assert give_code(other, step, "", recovery=codes[0]).status_code == 303


def test_a_page_left_open_too_long_says_so_and_then_adds_the_passkey(world):
    """Fails when a set-up that is over stays on the page: each press would be refused."""
    old = options_of(world.client("ray").submit("/account/lock/passkey"))[1]["setup"]
    world.moment += timedelta(minutes=31)
    client = world.client()
    sign_in(client, "ray", device="own")
    options, sent, action = options_of(client.submit("/account/lock/passkey"))
    answer = Device().make(options)
    late = client.post(action, data=sent | {"setup": old, "answer": answer})

    assert late.status_code == 422
    assert "Please try again" in late.text
    device = Device()
    options, sent, action = options_of(late)
    added = client.post(action, data=sent | {"answer": device.make(options)})
    assert len(CODES.findall(added.text)) == 8
    assert sign_in_by(world.client(), device).status_code == 303


def test_several_passkeys_each_sign_in(world, phone):
    client = world.client()
    sign_in_by(client, phone, device="own")
    laptop, done = make(client, name="This laptop")

    assert done.status_code == 303
    page = client.get("/account/lock").text
    assert "This phone" in page
    assert "This laptop" in page
    assert "March 2026" in page
    assert sign_in_by(world.client(), laptop).status_code == 303
    assert sign_in_by(world.client(), phone).status_code == 303
    assert len({each.handle for each in contents(world)}) == 1


def other_account(world, phone):
    """Fay's key under the id of Ray's passkey."""
    fays, _page = make(world.client("fay"))
    fays.id = phone.id
    return fays


def other_handle(world, phone):
    phone.handle = bytes(32)
    return phone


def other_site(world, phone):
    phone.site = "example.org"
    return phone


def unverified(world, phone):
    phone.flags = PRESENT
    return phone


def other_origin(world, phone):
    phone.origin = "http://localhost.example.org"
    return phone


def copied(world, phone):
    phone.counter = 0  # so that the next is no greater than the one that was kept
    return phone


@pytest.mark.parametrize(
    "wrong", [other_account, other_handle, other_site, unverified, other_origin, copied]
)
@pytest.mark.proof("E2")
def test_a_wrong_signature_opens_nothing(world, phone, wrong):
    """Fails when origin, site, verification, handle, key or counter are not compared."""
    client = world.client()
    answer = sign_in_by(client, wrong(world, phone))

    assert answer.status_code == 422
    assert "That passkey did not work here." in answer.text
    assert not is_in(client)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda sent: sent[: len(sent) // 2],
        lambda sent: "",
        lambda sent: "[]",
        lambda sent: "{" * 5_000,
        lambda sent: json.dumps(json.loads(sent) | {"response": {}}),
        lambda sent: json.dumps(json.loads(sent) | {"rawId": 7}),
        lambda sent: json.dumps(json.loads(sent) | {"rawId": "AAAA", "id": "AAAA"}),
    ],
)
def test_a_spoilt_answer_is_refused(world, phone, spoilt):
    client = world.client()
    options, sent, action = asks(client)
    refused = client.post(action, data=sent | {"answer": spoilt(phone.sign(options))})

    assert refused.status_code == 422
    assert not is_in(client)


@pytest.mark.proof("E3")
def test_a_challenge_works_once(world):
    """Fails when an assertion can be replayed, by a passkey that counts its uses or does not."""
    phone = Device()
    phone.counter = 0
    make(world.client("ray"), phone)
    options, sent, action = asks(world.client())
    answer = phone.sign(options, counts=False)
    statuses = []
    for _ in range(2):
        client = world.client()
        fields = asks(client)[1] | {"challenge": sent["challenge"], "answer": answer}
        statuses.append(client.post(action, data=fields).status_code)

    assert statuses == [303, 422]


def test_a_passkey_taken_away_is_not_made_by_its_old_answer(world):
    """Fails when an answer to a question of "One more lock" can be replayed."""
    client, device = world.client("ray"), Device()
    options, sent, action = options_of(client.submit("/account/lock/passkey"))
    old = {"challenge": sent["challenge"], "answer": device.make(options)}
    client.post(action, data=sent | old | {"name": "This phone"})
    with world.app.app_context():
        [row] = PASSKEYS.rows(account(world.ids["ray"]))
    client.submit(f"/account/lock/passkey/{row.id}/off")
    assert contents(world) == []

    fresh = options_of(client.submit("/account/lock/passkey"))[1]
    assert client.post(action, data=fresh | old | {"name": "This phone"}).status_code == 422
    assert contents(world) == []


def test_a_question_to_one_account_adds_nothing_to_another(world):
    options, rays, action = options_of(world.client("ray").submit("/account/lock/passkey"))
    fay = world.client("fay")
    mine = options_of(fay.submit("/account/lock/passkey"))[1]
    answer = {"challenge": rays["challenge"], "answer": Device().make(options)}

    assert fay.post(action, data=mine | answer | {"name": "This phone"}).status_code == 422
    assert contents(world) == []


def test_of_twenty_uses_at_once_one_signs_in(world, phone):
    options, sent, action = asks(world.client())
    answer = phone.sign(options)
    browsers = [(client := world.client(), asks(client)[1]) for _ in range(TRIES)]

    def use(browser):
        client, mine = browser
        fields = mine | {"challenge": sent["challenge"], "answer": answer}
        return client.post(action, data=fields).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, browsers)) == [303] + [422] * (TRIES - 1)


@pytest.mark.parametrize(("late", "status"), [(-SECOND, 303), (SECOND, 422)])
def test_a_challenge_lasts_five_minutes(world, phone, late, status):
    client = world.client()
    options, sent, action = asks(client)
    world.moment += FIVE_MINUTES + late

    assert client.post(action, data=sent | {"answer": phone.sign(options)}).status_code == status


def test_a_key_rotated_between_question_and_answer_loses_nothing(world, phone):
    client = world.client()
    options, sent, action = asks(client)
    with world.app.app_context():
        rotation.rotate(lambda *_: None)
    world.restart()
    world.cookies.clear()
    other = world.client()
    mine = asks(other)[1]
    answer = phone.sign(options)
    fields = mine | {"challenge": sent["challenge"], "answer": answer}

    assert other.post(action, data=fields).status_code == 303


def test_a_passkey_taken_away_opens_nothing(world, phone):
    client, other = world.client(), world.client()
    sign_in_by(other, phone)
    sign_in_by(client, phone)
    with world.app.app_context():
        [row] = PASSKEYS.rows(account(world.ids["ray"]))
    client.submit(f"/account/lock/passkey/{row.id}/off")

    assert is_in(client)
    assert not is_in(other)
    assert sign_in_by(world.client(), phone).status_code == 422
    with world.app.app_context():
        assert not account(world.ids["ray"]).recovery_digests


def test_nobody_takes_a_colleagues_passkey_away(world, phone):
    with world.app.app_context():
        [row] = PASSKEYS.rows(account(world.ids["ray"]))
    world.client("fay").submit(f"/account/lock/passkey/{row.id}/off")

    assert sign_in_by(world.client(), phone).status_code == 303


def test_a_passkey_stands_in_for_the_password_at_private_pages(world, phone):
    """Fails when a passkey has to be followed by a password, or its counter is written."""
    client = world.client()
    sign_in_by(client, phone)
    before = contents(world)
    assert client.get("/account/words").status_code == 200
    world.moment += timedelta(minutes=11)
    asked = client.get("/account/words")
    options, sent, action = options_of(client.get(asked.location))
    back = client.post(action, data=sent | {"answer": phone.sign(options)})

    assert back.location == "/account/words"
    assert client.get("/account/words").status_code == 200
    assert contents(world) == before


def test_a_colleagues_passkey_confirms_nothing(world, phone):
    fays, _page = make(world.client("fay"))
    client = world.client()
    sign_in_by(client, phone)
    world.moment += timedelta(minutes=11)
    options, sent, action = options_of(client.get(client.get("/account/words").location))

    assert client.post(action, data=sent | {"answer": fays.sign(options)}).status_code == 422
    assert client.get("/account/words").status_code == 303


def test_a_confirmation_pressed_twice_goes_on_twice(world, phone):
    """Fails when the second press is said to have failed, since its challenge is used; and when a
    used challenge confirms anything later.
    """
    client = world.client()
    sign_in_by(client, phone)
    world.moment += timedelta(minutes=11)
    options, sent, action = options_of(client.get(client.get("/account/words").location))
    answer = sent | {"answer": phone.sign(options)}

    assert client.post(action, data=answer).location == "/account/words"
    assert client.post(action, data=answer).location == "/account/words"
    world.moment += timedelta(minutes=11)
    assert client.post(action, data=answer).status_code == 422
    assert client.get("/account/words").status_code == 303


def test_passkeys_are_not_made_on_a_shared_computer(world):
    client = world.client()
    sign_in(client, "ray", device="shared")

    assert "Add a passkey" not in client.get("/account/lock").text
    assert client.submit("/account/lock/passkey").status_code == 404


def test_a_site_without_a_name_offers_no_passkeys(tmp_path):
    world = World(tmp_path, SITE_URL="http://127.0.0.1:8000")

    assert "data-options" not in world.client().get("/sign-in").text
    assert "Add a passkey" not in world.client("ray").get("/account/lock").text


@pytest.mark.proof("M13")
def test_a_passkey_is_called_after_the_site(world):
    """Fails when a device's list of passkeys would show a name or an address."""
    options, _sent, _action = options_of(world.client("ray").submit("/account/lock/passkey"))
    user = options["user"]

    assert (user["name"], user["displayName"], options["rp"]["name"]) == ("Kettle",) * 3
    assert len(user["id"]) == 43
    assert options.get("attestation", "none") == "none"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    other = options_of(world.client("ray").submit("/account/lock/passkey"))[0]
    assert other["user"]["id"] != user["id"]  # no function of the account


def test_a_second_press_adds_one_passkey(world):
    client, device = world.client("ray"), Device()
    options, sent, action = options_of(client.submit("/account/lock/passkey"))
    fields = sent | {"answer": device.make(options), "name": "This phone"}
    once, twice = (client.post(action, data=fields) for _ in range(2))

    assert CODES.findall(once.text) == CODES.findall(twice.text) != []
    assert len(contents(world)) == 1


def test_a_passkey_belongs_to_one_account(world, phone):
    """Fails when a credential of one account can be added to another."""
    _device, answer = make(world.client("fay"), phone)

    assert answer.status_code == 422
    assert [each.whose for each in contents(world)] == [str(world.ids["ray"])]


def test_a_suspended_member_has_no_way_in(world, phone):
    with world.app.app_context(), unit_of_work():
        suspend("ray@example.org")

    assert sign_in_by(world.client(), phone).status_code == 422


def test_passkeys_go_with_their_account(world):
    with world.app.app_context(), unit_of_work():
        pass
    make(world.client("sol"))
    with world.app.app_context(), unit_of_work():
        forget(world.ids["sol"])

    assert contents(world) == []


def test_six_digits_stand_beside_a_passkey(world, phone):
    client = world.client()
    sign_in_by(client, phone)
    assert "Add six digits as well" in client.get("/account/lock").text
    app, _codes = add_app(world, client)
    world.moment += timedelta(minutes=2)
    other = world.client()

    assert give_code(other, sign_in(other, "ray"), app.digits()).status_code == 303
    assert sign_in_by(world.client(), phone).status_code == 303


def test_a_passkey_that_moved_is_not_said_to_be_removed(world):
    """Fails when a page of before the weekly move says that a passkey is gone, and it is not."""
    client = world.client("ray")
    phone, _page = make(client)
    with world.app.app_context():
        [row] = PASSKEYS.rows(account(world.ids["ray"]))
        move_rows()

    sent = client.submit(f"/account/lock/passkey/{row.id}/off")

    said = client.get(sent.location).text
    assert "This list has changed since you opened it." in said
    assert "The passkey is removed" not in said
    assert sign_in_by(world.client(), phone).status_code == 303
