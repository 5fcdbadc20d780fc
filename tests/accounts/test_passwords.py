from contextlib import suppress
from threading import Barrier, Event, Thread
from time import perf_counter
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forum.accounts import passwords
from forum.core.errors import Busy, InvalidInput
from tests.world import PASSWORD


@pytest.fixture
def inside(world):
    with world.app.test_request_context():
        yield


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "x" * 257,
        "aaaaaaaaaaaa",
        "123456789012",
        "qwertyuiopasdf",
        "abcdefghijkl",
        "lovelovelove",
        "Password1234",
        "P@ssw0rd2026!",
        "Summer2026!!",
        "1q2w3e4r5t6y",
        "manchesterunited",
        "anna.patel2026",
        "annapatel-anna",
        "kettlekettle1",
        "gp-surgery-nhs",
        "Emansipation",  # among the 10,000 commonest of twelve characters or more
        "elvisofrock87",
        "qwerty asdf zxcv uiop",
        "summer summer summer banana",
        "anna patel kettle example",
        "orange tuesday hospital",
    ],
)
def test_an_easily_guessed_password_is_refused(inside, password):
    with pytest.raises(InvalidInput) as refused:
        passwords.hashed(password, "anna.patel@example.org", "Dr Anna Patel")

    assert set(refused.value.fields) == {"password"}
    assert password not in str(refused.value)


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "correct horse battery staple",
        "orange tuesday hospital river",  # four words, however common
        "summer flower banana teapot",
        "winter football kettle garden",
        "WinterFootballSummerBanana",
        "Kettle's on, biscuits too",
        "Anna rides her bicycle",
        "tK9#vq2LmX!z",
        "  spaces at both ends  ",
        "Ein Spaß für Öl & Ähre",
        "🍵🍞🧀🍎🚲🌧🐕🦆🌲📚🎻🕯",
        "y" + "ab1cd2ef3gh4" * 21,
    ],
)
def test_other_passwords_are_accepted_as_typed(inside, password):
    kept = passwords.hashed(password, "anna.patel@example.org", "Dr Anna Patel")

    assert kept.startswith("nfkc$argon2id$v=19$")
    assert passwords.matches(kept, password)
    assert not passwords.matches(kept, password.strip() + " ")
    assert not passwords.matches(kept, password.swapcase() + "x")


def test_every_text_is_accepted_or_refused(world):
    @settings(deadline=None, max_examples=200)
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
    def holds(password):
        with world.app.test_request_context(), suppress(InvalidInput):
            assert passwords.matches(passwords.hashed(password, "a@example.org"), password)

    holds()


def test_each_unicode_form_of_a_password_matches(inside):
    """Source: NIST SP 800-63B section 5.1.1.2."""
    typed = "Ein Spaß für Öl & Ähre ½ ﬁ"
    kept = passwords.hashed(typed)

    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert passwords.matches(kept, normalize(form, typed))
        assert passwords.matches(passwords.hashed(normalize(form, typed)), typed)


def test_a_password_of_before_matches_as_typed(inside):
    typed = normalize("NFD", "Ein Spaß für Öl & Ähre")
    kept = passwords._hasher().hash(typed)

    assert passwords.is_old(kept)
    assert passwords.matches(kept, typed)
    assert not passwords.matches(kept, normalize("NFC", typed))
    assert not passwords.is_old(passwords.rehashed(typed))


def test_long_marks_are_normalised_quickly(inside):
    began = perf_counter()
    assert not passwords.matches(None, "a" + "\u0301\u0323" * 120_000)

    assert perf_counter() - began < 1


def test_the_list_holds_ten_thousand_long_passwords():
    known = passwords._long()

    assert len(known) == 10_000
    assert all(len(each) >= 12 and each == each.casefold() for each in known)


@pytest.mark.parametrize("kept", [None, "", "not a hash", "nfkc"])
def test_no_password_matches_without_a_hash(inside, kept):
    assert not passwords.matches(kept, PASSWORD)


def test_an_unknown_account_costs_a_full_hash(world):
    """The stand-in hash has today's cost, like a real one."""
    with world.app.test_request_context():
        stand_in = passwords._nobodys(passwords._hasher())
        real = passwords.hashed(PASSWORD)

    assert stand_in.split("$")[:4] == real.split("$")[:4]
    assert [len(part) for part in stand_in.split("$")] == [len(part) for part in real.split("$")]


@pytest.mark.parametrize("full", ["KNOWN", "STRANGERS"])
def test_a_sixth_caller_finds_the_queue_full(world, full):
    queue = getattr(passwords, full)
    other = passwords.STRANGERS if full == "KNOWN" else passwords.KNOWN
    go_on, begun, served, refused, inside = Event(), Event(), [], [], Barrier(6)

    def take_a_turn():
        with queue.place() as turn:
            inside.wait(10)
            with turn:
                served.append("waits")
                begun.set()
                go_on.wait(10)

    crowd = [Thread(target=take_a_turn) for _ in range(5)]
    for one in crowd:
        one.start()
    inside.wait(10)
    begun.wait(10)
    with world.app.test_request_context():
        with pytest.raises(Busy):
            passwords.matches(None, PASSWORD, queue, lambda: refused.append("counted"))
        assert not passwords.matches(None, PASSWORD, other)
    assert (served, refused) == (["waits"], [])
    go_on.set()
    for one in crowd:
        one.join()

    assert served == ["waits"] * 5
    with world.app.test_request_context():
        assert not passwords.matches(None, PASSWORD, queue)
