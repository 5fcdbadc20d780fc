import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape
from threading import Barrier

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from config import TestConfig
from forum.accounts import links
from forum.accounts.models import Member, Purpose
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles import invitations, joining
from forum.circles.models import Circle, Invitation
from forum.circles.queries import people
from forum.circles.services import found, join, leave
from forum.core.db import db, unit_of_work
from forum.core.errors import NotFound
from forum.core.keys import key_ring
from forum.core.randomness import new_id
from forum.policy.terms import Role
from tests.circles import ways
from tests.page import Page
from tests.world import PASSWORD, transactions_of

WORDS_MAX = 120  # in all, from opening the link to the circle's page


@pytest.fixture
def mail(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"


@pytest.fixture
def path(world):
    return ways.link(world)


def names(world, circle="rose", who="mo"):
    with world.app.app_context():
        return [person.name for person in people(world.standing(who, circle))]


def accounts(world):
    with world.app.app_context():
        return {member.address for member in db.session.scalars(select(Member))}


def dump(world):
    """All rows of all tables."""
    with world.app.app_context():
        return {
            table.name: sorted(map(repr, db.session.execute(select(table))))
            for table in db.metadata.sorted_tables
        }


def words_of(page, part=r"<main.*?>(.*)</main>"):
    """Words visible on a page, without folded parts."""
    shown = re.search(part, page, re.DOTALL)[1]
    shown = re.sub(r"</summary>.*?</details>\s*(?=<form)", "", shown, flags=re.DOTALL)
    return re.findall(r"[\w']+", unescape(re.sub(r"<[^>]+>", " ", shown)))


def new_circle(world):
    """Circle with Mo alone and one reflection."""
    with world.app.app_context():
        with unit_of_work():
            circle = found("Thursday")
            world.ids["thursday"] = circle.id
            join(circle, world.ids["mo"], "Dr Mo", Role.MODERATOR)
        with unit_of_work():
            choose_own_name(world.standing("mo", "thursday"))
    world.present("mo", "A beginning", "A few lines.", circle="thursday")
    return "thursday"


@pytest.mark.parametrize("number", ["Two", "Eight"])
def test_joining_takes_under_120_words_in_all(world, number):
    path = ways.link(world, circle=new_circle(world) if number == "Two" else "rose")
    client = world.client()
    first = client.get(path).text
    second = ways.affirmed(client, path).text
    name = client.get(ways.signed_up(client, path).location)
    there = ways.send(client, name.request.path, name.text, choice="own")
    welcome = client.get(there.location).text

    counted = [
        words_of(first),
        words_of(second),
        words_of(name.text),
        words_of(welcome, r"</h1>(.*?)</div>"),
    ]

    assert "Dr Mo invites you to a private circle of GPs." in first
    assert first.count("<summary><strong>") == 10
    assert ("people may guess" in name.text) is (number == "Two")
    who = "Dr Mo" if number == "Two" else "Dr Pru"
    assert f"{number} people belong here. Begin with this, by {who}." in welcome
    assert [page[-1] for page in counted] == ["Continue", "instead", "name", "it"]
    assert sum(map(len, counted)) < WORDS_MAX


def test_a_newcomer_joins_and_chooses_a_name(world, path):
    client = world.client()
    answer = ways.signed_up(client, path)
    page = client.get(answer.location).text
    bird = Page(page).all("input", name="choice")[0]["value"]

    there = ways.send(client, answer.location, page, choice=bird)

    assert answer.location == f"/circles/{world.ids['rose']}/name"
    assert there.location == f"/circles/{world.ids['rose']}/"
    assert client.get(there.location).status_code == 200
    assert "Ana Patel" in names(world)
    assert bird not in world.client("mo").get(f"/circles/{world.ids['rose']}/people").text
    assert "people belong here" not in client.get(there.location).text  # that is said once


def test_members_join_with_their_account(world, path):
    client = world.client("sol")
    page = ways.affirmed(client, path).text

    answer = ways.send(client, "/join", page)

    assert "Join as Dr Sol?" in page
    assert "password" not in page
    assert answer.location == f"/circles/{world.ids['rose']}/name"
    assert "Dr Sol" in names(world)


def test_members_sign_in_while_joining(world, path):
    client = world.client()
    page = ways.affirmed(client, path).text
    asked = ways.send(client, "/join/sign-in", page, email="", name="").text

    typed = {"email": "sol@example.org", "password": PASSWORD}
    signed_in = client.post("/sign-in", data=ways.carried(asked) | typed).text
    answer = client.post("/join", data=ways.carried(signed_in))

    assert "Your text is safe" not in asked + signed_in
    assert "Dr Mo invites you. Join as Dr Sol?" in signed_in
    assert [each.text for each in Page(signed_in).one("main").all("button")] == ["Join"]
    assert answer.location == f"/circles/{world.ids['rose']}/name"
    assert "Dr Sol" in names(world)


def test_a_members_second_visit_keeps_the_link(world, path):
    assert "You are already in this circle." in ways.affirmed(world.client("ray"), path).text
    assert ways.joined(world.client("sol"), path).status_code == 303


@pytest.mark.parametrize("method", ["get", "head"])
def test_viewing_a_link_changes_nothing(world, path, method):
    service = _service_link(world)
    clients = (world.client(), world.client("ray"))
    before = dump(world)

    for client in clients:
        for url in (path, service, "/join/none", "/join/confirm/none"):
            getattr(client, method)(url)

    assert dump(world) == before


def test_dead_links_show_identical_pages(world):
    used, taken_back, expired, renewed = (ways.link(world) for _ in range(4))
    ways.signed_up(world.client(), used)
    with world.app.test_request_context():
        standing = world.standing("mo")
        by = {path: invitations.find(path.rsplit("/", 1)[1]).id for path in (taken_back, renewed)}
        with unit_of_work():
            invitations.cancel(standing, by[taken_back])
            invitations.send_again(standing, by[renewed])
    world.moment += timedelta(days=15)
    paths = (
        used,
        taken_back,
        renewed,
        expired,
        "/join/nonsense",
        "/welcome/nonsense",
        "/join/confirm/nonsense",
    )

    for who in (None, "ray"):
        client = world.client(who)
        answers = [client.get(path) for path in paths]
        answers += [client.post(url, data={"token": "x"}) for url in ("/join/account", "/join/new")]
        for answer in answers:
            assert answer.status_code == 410
            assert (answer.data, answer.headers) == (answers[0].data, answers[0].headers)
        assert "Rose" not in answers[0].text
        assert "Mo" not in answers[0].text


def test_a_link_lives_fourteen_days(world, path):
    world.moment += timedelta(days=14)
    assert world.client().get(path).status_code == 200
    world.moment += timedelta(days=1)
    assert world.client().get(path).status_code == 410


def test_the_programme_lead_cannot_join(world, path):
    client = world.client("lee")

    answers = [client.get(path), client.submit("/join", token=path.rsplit("/", 1)[1])]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert world.client().get(path).status_code == 200


def test_joining_needs_the_ticked_box(world, path):
    client = world.client()

    answer = ways.send(client, "/join/account", client.get(path).text)

    assert answer.status_code == 422
    assert "Tick the box to continue." in answer.text
    assert "One more step" not in answer.text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "ana"}, "anna@example.org"),
        ({"email": ""}, "Enter your email address."),
        ({"password": "short"}, "characters"),
        ({"password": "Ana Patel 123"}, "easy to guess"),
        ({"name": "A"}, "characters"),
        ({"name": "Dr R\u00e1y"}, "a very similar name"),
        ({"name": "Still Weir"}, "a very similar name"),
    ],
)
def test_an_error_keeps_the_link_valid(world, path, typed, said):
    answer = ways.signed_up(world.client(), path, **typed)

    assert answer.status_code == 422
    assert said in answer.text
    assert accounts(world).isdisjoint({"ana@example.org", "ana"})
    assert ways.signed_up(world.client(), path).status_code == 303


@pytest.mark.parametrize(
    ("typed", "all_said"),
    [
        (
            {"email": "ana", "password": "short", "name": "Dr Ray"},
            ["anna@example.org", "characters", "a very similar name"],
        ),
        (
            {"email": "", "password": "short", "name": "A"},
            ["Enter your email address.", "Use 12 to 256 characters", "Use 2 to 60 characters"],
        ),
        (
            {"email": "", "password": "", "name": ""},
            ["Enter your email address.", "Choose a password.", "Type your name."],
        ),
    ],
)
def test_all_joining_errors_show_at_once(world, path, typed, all_said):
    answer = ways.signed_up(world.client(), path, **typed)

    errors = [each.text for each in Page(answer).all("span", cls="error")]
    assert answer.status_code == 422
    assert len(errors) == 3
    for said, error in zip(all_said, errors, strict=True):
        assert said in error
    assert 'value="short"' not in answer.text  # a password is never shown back


def test_without_mail_a_known_address_is_refused(world, path):
    answer = ways.signed_up(world.client(), path, email="Sol@example.org")

    assert answer.status_code == 422
    assert "We could not create an account with these details." in answer.text
    assert "Dr Sol" not in names(world)
    assert world.client().get(path).status_code == 200


def test_with_mail_an_account_needs_confirmation(world, mail, path):
    client = world.client()
    answer = ways.signed_up(client, path)
    assert "Check your email" in answer.text
    assert "ana@example.org" not in accounts(world)
    letter = ways.letter_to(world, "ana@example.org")
    confirm = ways.LINK.search(letter)[1]
    page = client.get(confirm).text

    wrong = ways.send(client, "/join/confirm", page, password="another one altogether")
    right = ways.send(client, "/join/confirm", page, password=ways.PASSWORD)

    assert "Rose" not in letter
    assert (wrong.status_code, right.status_code) == (422, 303)
    assert client.get(right.location).status_code == 200
    assert "Ana Patel" in names(world)
    assert {client.get(url).status_code for url in (path, confirm)} == {410}


def test_with_mail_known_addresses_stay_hidden(world, mail, monkeypatch):
    """E1: equal bytes after equal work."""
    worked, hashing = [], PasswordHasher.hash
    counted = lambda *given: worked.append(1) or hashing(*given)  # noqa: E731  # and done
    monkeypatch.setattr(PasswordHasher, "hash", counted)

    known, unknown = (
        ways.signed_up(world.client(), ways.link(world), email=email)
        for email in ("sol@example.org", "new@example.org")
    )

    assert len(worked) == 2
    assert (known.data, known.status_code) == (unknown.data, unknown.status_code)
    assert "You already have an account" in ways.letter_to(world, "sol@example.org")
    assert "enter the password" in ways.letter_to(world, "new@example.org")
    assert "Dr Sol" not in names(world)


def test_a_mailed_invitation_proves_its_address(world, mail):
    ways.mailed(world, "ana@example.org")
    path = ways.LINK.search(ways.letter_to(world, "ana@example.org"))[1]

    answer = ways.signed_up(world.client(), path, email="Ana@Example.org")

    assert answer.location == f"/circles/{world.ids['rose']}/name"
    assert "Ana Patel" in names(world)


def test_a_new_account_ends_other_invitations_to_its_address(world, path):
    """Fails when an invitation to an address outlives its owner's joining by another link."""
    ways.mailed(world, "ana@example.org")

    ways.signed_up(world.client(), path)

    assert "Ana Patel" in names(world)
    with world.app.app_context():
        assert db.session.query(Invitation).filter_by(circle_id=world.ids["rose"]).all() == []


def test_a_used_invitation_voids_open_confirmations(world, mail, path):
    ways.signed_up(world.client(), path)
    confirm = ways.LINK.search(ways.letter_to(world, "ana@example.org"))[1]
    ways.joined(world.client("sol"), path)
    client = world.client()

    page = client.get(confirm).text
    answer = ways.send(client, "/join/confirm", page, password=ways.PASSWORD)

    assert answer.status_code == 410
    assert "ana@example.org" not in accounts(world)


def test_a_link_sent_again_voids_confirmations_of_the_old_one(world, mail, path):
    """Fails when whoever asked by a link that went astray still gets in once it is replaced."""
    ways.signed_up(world.client(), path)
    confirm = ways.LINK.search(ways.letter_to(world, "ana@example.org"))[1]
    with world.app.app_context(), unit_of_work():
        [waiting] = invitations.pending(world.standing("mo"))
        invitations.send_again(world.standing("mo"), waiting.id)
    client = world.client()

    page = client.get(confirm).text
    answer = ways.send(client, "/join/confirm", page, password=ways.PASSWORD)

    assert answer.status_code == 410
    assert "ana@example.org" not in accounts(world)


def test_a_name_taken_before_the_confirmation_leads_back_to_the_invitation(world, mail, path):
    """Fails when a page that has no field for a name asks for another, and not where to give it."""
    ways.signed_up(world.client(), path)
    confirm = ways.LINK.search(ways.letter_to(world, "ana@example.org"))[1]
    with world.app.app_context(), unit_of_work():
        other = register("other@example.org", "Ana Patel", "x")
        join(db.session.get(Circle, world.ids["rose"]), other.id, other.name)
    client = world.client()

    page = client.get(confirm).text
    answer = ways.send(client, "/join/confirm", page, password=ways.PASSWORD)

    assert answer.status_code == 422
    assert "Open your invitation again to choose another name." in answer.text
    again = ways.signed_up(world.client(), path, name="Ana B Patel")
    assert "Check your email" in again.text


def test_a_link_made_anew_meanwhile_lets_nobody_in(world):
    """Fails when the row alone is used up, whatever its secret is by then: on PostgreSQL a request
    with the old link may have read it before it waited for the circle.
    """
    with world.app.app_context():
        with unit_of_work():
            secret = invitations.create_link(world.standing("mo"), "")
        way = joining.way_in(secret)
        with unit_of_work():
            anew = invitations.send_again(world.standing("mo"), way.id)
        with pytest.raises(NotFound), unit_of_work():
            joining.join(way, world.ids["sol"], "Dr Sol", None)
        with unit_of_work():
            joining.join(joining.way_in(anew), world.ids["sol"], "Dr Sol", None)


def test_a_full_circle_keeps_the_link(world, path):
    with world.app.app_context(), unit_of_work():
        rose = db.session.get(Circle, world.ids["rose"])
        for number in range(13):
            one = register(f"n{number}@example.org", f"Dr N{number}", "hash")
            join(rose, one.id, one.name)

    answer = ways.signed_up(world.client(), path)

    assert answer.status_code == 422
    assert "This circle is full." in answer.text
    assert "ana@example.org" not in accounts(world)
    assert world.client().get(path).status_code == 200


def test_rules_changed_while_joining_are_shown(world, path):
    client = world.client("sol")
    page = ways.affirmed(client, path).text
    with world.app.app_context(), unit_of_work():
        db.session.get(Circle, world.ids["rose"]).rules = new_id()

    ways.send(client, "/join", page)

    with world.app.app_context():
        assert not world.standing("sol").agreed


def test_a_closed_circle_voids_its_invitations(world, path):
    with world.app.app_context():
        key_ring().destroy_circle(world.ids["rose"])

    assert world.client().get(path).status_code == 410


def test_one_of_twenty_simultaneous_joins_succeeds(world, path):
    """E3."""
    with world.app.app_context(), unit_of_work():
        for number in range(20):
            one = register(f"n{number}@example.org", f"Dr N{number}", "hash")
            world.ids[f"n{number}"] = one.id
    clients = [world.client(f"n{number}") for number in range(20)]
    pages = [ways.affirmed(client, path).text for client in clients]
    start = Barrier(20)

    def press(client, page):
        start.wait()
        return ways.send(client, "/join", page).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = Counter(pool.map(press, clients, pages))

    assert answers == {303: 1, 410: 19}
    assert len(names(world)) == 8


def test_an_account_asked_for_twice_at_once_answers_alike_for_every_address(world, path):
    """Fails when a holder of an invitation learns from an error that an address has an account."""
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    answers = set()
    for number in range(8):
        address = "ray@example.org" if number % 2 else f"nobody{number}@example.org"
        clients = [world.client() for _ in range(2)]
        pages = [ways.affirmed(client, path).text for client in clients]
        typed = ways.ANA | {"email": address, "form_key": f"{number:032x}"}
        start = Barrier(2)

        def press(client, page, typed=typed, start=start):
            start.wait()
            return client.post("/join/new", data=ways.hidden(page) | typed).status_code

        with ThreadPoolExecutor(2) as pool:
            answers |= {*pool.map(press, clients, pages)}
        world.moment += timedelta(hours=2)

    assert answers == {200}


def test_a_service_invitation_opens_a_circle(world):
    client = world.client()

    answer = ways.signed_up(client, path := _service_link(world))
    page = client.get(answer.location).text
    opened = ways.send(client, answer.location, page, name="Thursday circle")

    assert answer.location == "/circles/open"
    assert opened.location.endswith("/name")
    assert client.get(opened.location).status_code == 200
    assert world.client().get(path).status_code == 410
    assert "Thursday circle" in client.get("/").text


def _service_link(world):
    with world.app.app_context(), unit_of_work():
        return f"/welcome/{links.issue(Purpose.OPEN_CIRCLE, timedelta(days=14))}"


REFLECTION = "Six people have joined, so you can now hide your name in a reflection."
REPLY = "Seven people have joined, so you can now hide your name in a reply."


def joins(world, number, circle="oak"):
    """Join a circle; returns the days on which masks opened, in reflections and in replies."""
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids[circle])
        member = register(f"n{number}@example.org", f"Dr N{number}", "hash")
        join(home, member.id, member.name)
        world.ids[f"n{number}"] = member.id
        return home.masks_open_on, home.reply_masks_open_on


def test_masks_open_with_six_and_seven_members(world):
    days = []
    for number in range(3, 9):  # Nan and Gus are there
        world.moment += timedelta(days=1)
        days.append(joins(world, number))

    sixth, seventh = (world.moment.date() - timedelta(days=days) for days in (2, 1))
    assert days == [(None, None)] * 3 + [(sixth, None)] + [(sixth, seventh)] * 2


def test_pages_announce_masks_for_two_weeks(world):
    for number in range(3, 7):
        joins(world, number)
    url, pages = f"/circles/{world.ids['oak']}/", []

    for days in (0, 1, 12, 1, 1):
        world.moment += timedelta(days=days)
        if days == 1 and len(pages) == 1:
            joins(world, 7)
        page = world.client("nan").get(url).text
        pages.append((REFLECTION in page, REPLY in page))

    assert pages == [(True, False), (True, True), (True, True), (False, True), (False, False)]


def come_in(world, path):
    """Circle page as first seen by a newcomer."""
    client = world.client()
    naming = client.get(ways.signed_up(client, path).location)
    return client.get(ways.send(client, naming.request.path, naming.text, choice="own").location)


def test_newcomers_see_that_masks_are_open(world, path):
    page = come_in(world, path).text

    assert "people belong here" in page
    assert REFLECTION in page
    assert REPLY in page


@pytest.mark.parametrize("why", ["somebody left", "a moderator closed it"])
def test_closed_masks_are_not_announced(world, why):
    with world.app.app_context(), unit_of_work():
        if why == "somebody left":
            for who in ("joe", "kit"):
                leave(world.ids[who], world.ids["rose"])
        else:
            db.session.get(Circle, world.ids["rose"]).allows_thread_pseudonym = False

    page = world.client("ray").get(f"/circles/{world.ids['rose']}/").text

    assert "you can hide your name" not in page


def test_newcomers_see_the_first_reflection(world, path):
    world.moment += timedelta(hours=1)
    world.present("fay", "Another day", "It was long.")
    world.moment += timedelta(hours=1)
    world.reply("ray", "Late, and with you.")

    page = come_in(world, path).text

    assert "Begin with this, by Dr Pru." in page
    assert f'href="{world.thread}">Read it<' in page


def test_newcomers_see_no_withdrawn_reflection(world, path):
    world.moment += timedelta(hours=1)
    other = world.present("fay", "Another day", "It was long.")
    opening = world.url("discussions.withdraw", who="pru", post_id=world.ids["thread"])
    world.client("pru").submit(opening)

    page = come_in(world, path).text

    assert "Begin with this, by Dr Fay." in page
    assert f'threads/{other}">Read it<' in page


def test_finding_the_first_thread_has_constant_cost(world):
    costs = []
    for stories in (0, 40):
        for number in range(stories):
            world.moment += timedelta(hours=1)
            world.present("fay", f"Story {number}", "Told.")
        client, path = world.client(), ways.link(world)
        typed = {"email": f"n{stories}@example.org", "name": f"Dr N{stories}"}
        naming = client.get(ways.signed_up(client, path, **typed).location)
        there = ways.send(client, naming.request.path, naming.text, choice="own").location
        with world.app.app_context():
            engine = db.engine
        with transactions_of(engine) as transactions:
            page = client.get(there).text
        assert "Begin with this, by Dr Pru." in page
        costs.append(sum(map(len, transactions)))

    assert costs[0] == costs[1]


def test_rate_limited_sign_ups_return_the_text(world, path, monkeypatch):
    monkeypatch.setattr(TestConfig, "RATELIMIT_ENABLED", True)
    world.restart()
    client = world.client()
    page = ways.affirmed(client, path).text

    answers = [
        ways.send(client, "/join/new", page, **ways.ANA | {"password": "short"}) for _ in range(61)
    ]

    assert [answers[place].status_code for place in (0, 60)] == [422, 429]
    assert "ana@example.org" in answers[60].text
