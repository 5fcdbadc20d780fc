"""A group link: asking to join, waiting, and a moderator's answer."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from forum.accounts.models import Member
from forum.accounts.services import suspend
from forum.circles import applicants, closing, group_links, invitations, membership
from forum.circles.models import Applicant, Circle, GroupLink, Invitation, Membership
from forum.circles.queries import people
from forum.core.db import db, unit_of_work
from forum.policy.terms import Role
from tests.circles import ways
from tests.circles.test_while_waiting import meanwhile
from tests.page import Page
from tests.world import World

DAY = timedelta(days=1)
NOT_THROUGH = "This did not go through"


@pytest.fixture
def url(world):
    return f"/circles/{world.ids['rose']}/invite"


@pytest.fixture
def mail(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"


def count(world, *tables):
    with world.app.app_context():
        return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]


def make_moderator(world, who):
    with world.app.test_request_context():
        standing = world.standing("mo")
        places = {each.name: each.membership_id for each in people(standing)}
        with unit_of_work():
            membership.give_role(standing, places[f"Dr {who.title()}"], Role.MODERATOR)


def test_a_group_link_leads_to_a_first_page_by_a_moderators_yes(world, url):
    mo, before = world.client("mo"), count(world, Member, Membership)
    path = ways.group_link(world)

    person, own = ways.waits(world, path)
    assert count(world, Member, Membership) == before
    assert "A moderator of this circle will say yes" in person.get(own).text
    assert "Waiting to be let in" in mo.get(url).text
    page = ways.answered(mo, url, "Ana Patel", "yes").text
    assert "Ana Patel" not in page
    assert "ana@example.org" not in page
    assert "Someone you said yes to" in page
    assert "Four places." in Page(page).text
    assert count(world, Member, Membership) == before

    form = person.get(own)
    assert "A moderator said yes to you: Ana Patel, ana@example.org." in form.text
    joined = ways.send(person, "/join/new", form.text, password=ways.PASSWORD)
    assert joined.status_code == 303
    assert joined.location.endswith("/name")
    assert person.get(joined.location).status_code == 200
    assert count(world, Applicant, Invitation) == [0, 0]
    assert NOT_THROUGH in person.get(own).text
    assert "Someone you said yes to" not in mo.get(url).text


def test_what_was_typed_lies_sealed(world, url):
    ways.waits(world, ways.group_link(world), name="Wilhelmina Quist", email="quist@example.net")

    for said in (b"Wilhelmina", b"quist@example.net"):
        assert not any(said in file.read_bytes() for file in world.files())


def test_with_mail_an_address_is_confirmed_before_anybody_sees_it(world, mail, url):
    mo, person = world.client("mo"), world.client()

    answer = ways.asks(person, ways.group_link(world))
    assert "Check your email" in answer.text
    letter = ways.letter_to(world, "ana@example.org")
    own = re.search(r"http://localhost(/waiting/\S+)", letter)[1]
    assert "ana@example.org" not in mo.get(url).text
    reader = world.client()
    first = reader.get(own).text
    unticked = ways.send(reader, "/waiting/confirm", first)
    assert (unticked.status_code, "Tick the box to continue." in unticked.text) == (422, True)
    assert "ana@example.org" not in mo.get(url).text
    for _press in range(2):
        confirmed = ways.send(reader, "/waiting/confirm", first, asked="y")
        assert confirmed.location == own
    assert "ana@example.org" in mo.get(url).text

    ways.answered(mo, url, "Ana Patel", "yes")
    [_, (to, text)] = ways.letters(world)
    assert to == "ana@example.org"
    assert own in text
    assert "Rose" not in letter + text
    joined = ways.send(reader, "/join/new", reader.get(own).text, password=ways.PASSWORD)
    assert joined.location.endswith("/name")


def over(world, how, url):
    """Own page of somebody who asked, after this end."""
    if how == "invented":
        return world.client(), "/waiting/" + "x" * 43
    person, own = ways.waits(world, ways.group_link(world))
    if how == "refused":
        ways.answered(world.client("mo"), url, "Ana Patel", "no")
    if how == "lapsed":
        world.moment += 8 * DAY
    if how in ("cancelled", "expired"):
        ways.answered(world.client("mo"), url, "Ana Patel", "yes")
    if how == "expired":
        world.moment += 15 * DAY
    if how == "cancelled":
        with world.app.test_request_context():
            mo = world.standing("mo")
            [each] = invitations.pending(mo)
            with unit_of_work():
                invitations.cancel(mo, each.id)
    return person, own


@pytest.mark.parametrize("how", ["refused", "lapsed", "cancelled", "expired"])
def test_a_no_and_a_lapse_look_alike_and_erase_all(world, url, how):
    person, own = over(world, how, url)
    other, invented = over(world, "invented", url)

    answers = [person.get(own), other.get(invented)]

    assert [answer.status_code for answer in answers] == [410, 410]
    assert answers[0].data == answers[1].data
    assert "Ask the colleague who sent you the link." in answers[0].text
    with world.app.app_context(), unit_of_work():
        applicants.purge()
        invitations.purge()
        group_links.purge()
    assert count(world, Applicant, Invitation) == [0, 0]
    if how == "refused":
        assert not [line for _to, line in ways.letters(world) if "ana patel" in line.lower()]


def test_people_who_said_no_or_yes_meanwhile_are_told(world, url):
    make_moderator(world, "fay")
    mo, fay = world.client("mo"), world.client("fay")
    ways.waits(world, ways.group_link(world))
    with world.app.app_context():
        applicant_id = db.session.scalar(select(Applicant.id))
    action = f"/circles/{world.ids['rose']}/waiting/{applicant_id}"

    ways.answered(mo, url, "Ana Patel", "no")
    late = fay.post(action, data=fay.tokens(url) | {"answer": "yes"})

    assert "This was answered already" in fay.get(late.location).text
    assert count(world, Applicant, Invitation) == [0, 0]


def test_yes_and_no_at_once_are_one_answer(world, url):
    make_moderator(world, "fay")
    outcomes = set()
    for number in range(4):
        email = f"n{number}@example.org"
        path = ways.group_link(world)
        _person, own = ways.waits(world, path, email=email, name=f"Colleague {number}")
        with world.app.app_context():
            applicant_id = db.session.scalar(select(Applicant.id))
        action, start = f"/circles/{world.ids['rose']}/waiting/{applicant_id}", Barrier(2)

        def answers(who, answer, action=action, start=start):
            client = world.client(who)
            fields = client.tokens(url) | {"answer": answer}
            start.wait()
            return client.post(action, data=fields).status_code

        pairs = [("mo", "yes"), ("fay", "no")]
        with ThreadPoolExecutor(2) as pool:
            codes = [*pool.map(lambda pair: answers(*pair), pairs)]
        with world.app.app_context():
            outcome = str(applicants.state(own.rsplit("/", 1)[1]))
        assert codes == [303, 303]
        assert outcome in ("let_in", "over")
        assert count(world, Applicant) == [0]
        outcomes.add(outcome)
    let_in = count(world, Invitation)[0]
    print(f"of 4 races {let_in} ended in a yes")


def test_the_twentieth_place_is_given_once(world, url):
    mo, path = world.client("mo"), ways.group_link(world, 13)
    for number in range(12):  # seven belong already
        ways.link(world, words=str(number))
    for who in ("Ann Ash", "Bo Birch"):
        ways.waits(world, path, name=who, email=f"{who[:2].lower()}@example.org")

    first = ways.answered(mo, url, "Ann Ash", "yes").text
    second = ways.answered(mo, url, "Bo Birch", "yes").text

    assert "Yes. They can join now" in first
    assert "This circle is full." in second
    assert "Bo Birch" in second
    assert count(world, Invitation, Applicant) == [13, 1]
    assert world.client().get(path).status_code == 410


def test_at_most_twenty_wait(world, url):
    path = ways.group_link(world)
    late = world.client()
    form = late.get(path).text
    for number in range(20):
        ways.waits(world, path, name=f"Colleague {number}", email=f"n{number}@example.org")

    refused = ways.send(
        late, "/with", form, affirmed="y", name="Zoe Zander", email="zoe@example.org"
    )

    assert refused.status_code in (410, 422)
    assert "The circle can take nobody new at the moment." in refused.text
    assert "zoe@example.org" in refused.text
    assert world.client().get(path).status_code == 410
    assert "as many wait as may" in world.client("mo").get(url).text
    ways.answered(world.client("mo"), url, "Colleague 3", "no")
    assert world.client().get(path).status_code == 200
    assert count(world, Applicant) == [19]


def test_whoever_typed_an_address_never_gets_its_page(world, url, mail):
    """Fails when a form sent again gives the secret that went to somebody else by email."""
    path, typist, owner = ways.group_link(world), world.client(), world.client()
    form = ways.hidden(typist.get(path).text) | {"affirmed": "y"}
    form |= {"email": "ana@example.org", "name": "Ana Patel"}
    assert typist.post("/with", data=form).status_code == 200
    letter = ways.letter_to(world, "ana@example.org")
    own = re.search(r"http://localhost(/waiting/\S+)", letter)[1]
    ways.send(owner, "/waiting/confirm", owner.get(own).text, asked="y")

    again = typist.post("/with", data=form)
    as_ray = world.client("ray").post("/with", data=form)

    assert again.status_code == 200
    assert own not in again.text
    assert as_ray.location != own
    assert world.client("mo").get(url).text.count("Ana Patel") >= 1


def test_an_address_that_asked_often_is_answered_alike(tmp_path):
    """Fails when a refusal tells whoever types a colleague's address that its owner asked today."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    path, typist = ways.group_link(world), world.client()
    answers = [ways.asks(typist, path) for _ in range(5)]
    elsewhere = ways.asks(typist, path, email="joe.smith@example.org")

    assert {(each.status_code, each.data) for each in answers} == {(200, elsewhere.data)}
    assert count(world, Applicant) == [4]  # three of the one address


def test_unconfirmed_requests_shut_no_door(world, url, mail):
    """Fails when whoever has a link can use up its places with addresses of others."""
    path, stranger = ways.group_link(world), world.client()
    form = stranger.get(path).text
    for number in range(25):
        typed = {"name": f"N {number}", "email": f"n{number}@example.org", "affirmed": "y"}
        ways.send(stranger, "/with", form, **typed, form_key=form_key(world))

    assert world.client().get(path).status_code == 200
    assert count(world, Applicant) == [25]
    world.client("mo").submit(f"{url.removesuffix('/invite')}/group-link/end")
    assert count(world, Applicant) == [0]


def test_a_link_is_full_while_too_many_addresses_are_unconfirmed(world, url, mail, monkeypatch):
    """Fails when somebody with a link can have letters sent to as many addresses as they like."""
    monkeypatch.setattr(group_links, "UNCONFIRMED_MAX", 3)
    path, stranger = ways.group_link(world), world.client()
    form, keys = stranger.get(path).text, [form_key(world) for _ in range(5)]
    for number, key in enumerate(keys):
        typed = {"name": f"N {number}", "email": f"n{number}@example.org", "affirmed": "y"}
        ways.send(stranger, "/with", form, **typed, form_key=key)

    assert count(world, Applicant) == [3]


def form_key(world):
    """The key of another form."""
    return Page(world.client().get(ways.group_link(world))).one("input", name="form_key")["value"]


def test_a_closing_circle_takes_nobody(world, url):
    path = ways.group_link(world)
    person, own = ways.waits(world, path)
    form = world.client()
    page = form.get(path).text
    make_moderator(world, "fay")
    with world.app.test_request_context():
        for who in ("mo", "fay"):
            with unit_of_work():
                closing.ask(world.standing(who))

    assert world.client().get(path).status_code == 410
    asked = ways.send(form, "/with", page, affirmed="y", name="Bo Birch", email="bo@example.org")
    assert asked.status_code == 410
    mo = world.client("mo")
    fields = mo.tokens(url) | {"answer": "yes"}
    with world.app.app_context():
        applicant_id = db.session.scalar(select(Applicant.id))
    yes = mo.post(f"/circles/{world.ids['rose']}/waiting/{applicant_id}", data=fields)
    assert yes.status_code == 303
    assert count(world, Applicant, Invitation) == [1, 0]
    assert "will say yes" in person.get(own).text


def test_a_member_is_led_to_the_circle(world):
    path, ray = ways.group_link(world), world.client("ray")

    page = ray.get(path).text
    sent = ray.post("/with", data=ray.tokens("/") | {"token": path.rsplit("/", 1)[1]})

    assert "You are already in this circle." in page
    assert "You are already in this circle." in sent.text
    assert count(world, Applicant) == [0]


def test_a_members_address_makes_no_invitation(world, url):
    ways.waits(world, ways.group_link(world), name="Ray Again", email="RAY@example.org")

    ways.answered(world.client("mo"), url, "Ray Again", "yes")

    assert count(world, Applicant, Invitation) == [0, 0]


def test_somebody_removed_waits_like_anyone(world, url):
    with world.app.test_request_context():
        standing = world.standing("mo")
        places = {each.name: each.membership_id for each in people(standing)}
        with unit_of_work():
            membership.remove(standing, places["Dr Ivy"])
    ivy, path = world.client("ivy"), ways.group_link(world)
    page = ivy.get(path).text
    assert "You ask as Dr Ivy, ivy@example.org." in page

    own = ways.send(ivy, "/with", page, affirmed="y").location

    assert "will say yes" in ivy.get(own).text
    assert ivy.get(f"/circles/{world.ids['rose']}/").status_code == 404
    ways.answered(world.client("mo"), url, "Dr Ivy", "yes")
    assert ivy.get(f"/circles/{world.ids['rose']}/").status_code == 404
    joined = ways.send(ivy, "/join", ivy.get(own).text)
    assert joined.status_code == 303
    assert ivy.get(f"/circles/{world.ids['rose']}/").status_code == 200


def test_an_account_asks_once_and_joins_as_itself(world, url):
    sol, path = world.client("sol"), ways.group_link(world)

    first = ways.send(sol, "/with", sol.get(path).text, affirmed="y").location
    again = ways.send(sol, "/with", sol.get(path).text, affirmed="y").location

    assert first == again
    assert count(world, Applicant) == [1]
    ways.answered(world.client("mo"), url, "Dr Sol", "yes")
    gus = world.client("gus")
    foreign = ways.send(gus, "/join", gus.get(first).text)
    assert foreign.status_code == 422
    assert "You asked to join with another email address." in foreign.text
    assert ways.send(sol, "/join", sol.get(first).text).location.endswith("/name")


def test_another_account_with_the_same_form_gets_no_page_of_its_asker(world):
    """Fails when a form pressed again by another account gives it the asker's own page."""
    secret, form = ways.group_link(world).rsplit("/", 1)[1], uuid4()
    found = []
    for who in ("sol", "gus", "sol"):
        with world.app.test_request_context(), unit_of_work():
            asked = applicants.Request(who.title(), f"{who}@example.org", proved=True)
            found.append(applicants.ask(secret, asked, form))

    assert found[0] == found[2] is not None
    assert found[1] is None
    assert count(world, Applicant) == [1]


def test_a_form_sent_twice_asks_once(world):
    person = world.client()
    page = person.get(ways.group_link(world)).text
    fields = {"affirmed": "y", "name": "Ana Patel", "email": "ana@example.org"}

    places = {ways.send(person, "/with", page, **fields).location for _press in range(2)}

    assert len(places) == 1
    assert count(world, Applicant) == [1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"email": "ana"}, "Enter an email address like anna@example.org."),
        ({"email": ""}, "Enter your email address."),
        ({"name": ""}, "Type your name."),
        ({"name": "A"}, "Use 2 to 60 characters."),
        ({"affirmed": ""}, "Tick the box to continue."),
    ],
    ids=str,
)
def test_what_is_missing_is_said_and_the_rest_is_kept(world, typed, said):
    answer = ways.asks(world.client(), ways.group_link(world), **typed)

    assert answer.status_code == 422
    assert said in answer.text
    assert ("Ana Patel" in answer.text) == ("name" not in typed)
    assert count(world, Applicant) == [0]


@pytest.mark.parametrize("typed", ["0", "14", "-1", "many", "", "\uff19", "1e3"])
def test_a_wrong_number_of_places_comes_back(world, url, typed):
    mo = world.client("mo")

    answer = mo.post(
        f"/circles/{world.ids['rose']}/group-link", data=mo.tokens(url) | {"places": typed}
    )

    assert answer.status_code == 422
    assert "Type a number from one to thirteen." in answer.text
    assert Page(answer).field("places").value == typed
    assert count(world, GroupLink) == [0]


def test_any_moderator_ends_the_link(world, url):
    make_moderator(world, "fay")
    path = ways.group_link(world)
    person, own = ways.waits(world, path)
    fay = world.client("fay")

    for _press in range(2):
        sent = fay.post(f"/circles/{world.ids['rose']}/group-link/end", data=fay.tokens(url))
    page = fay.get(sent.location).text

    assert "The group link has ended." in page
    assert world.client().get(path).status_code == 410
    assert "will say yes" in person.get(own).text
    assert "Yes. They can join now" in ways.answered(fay, url, "Ana Patel", "yes").text


@pytest.mark.parametrize(("days", "status"), [(7, 200), (8, 410)])
def test_a_group_link_opens_through_its_last_day(world, url, days, status):
    """Fails when a link ends a day before the one that its moderator read."""
    path = ways.group_link(world)
    world.moment += days * DAY

    assert world.client().get(path).status_code == status
    assert (path in world.client("mo").get(url).text) is (status == 200)


def test_the_last_of_its_places_ends_a_group_link(world, url):
    """Fails when a link for one brings in a second whom nobody was asked about."""
    path = ways.group_link(world, 1)
    ways.waits(world, path)

    ways.answered(world.client("mo"), url, "Ana Patel", "yes")

    assert world.client().get(path).status_code == 410
    assert count(world, GroupLink) == [0]


def test_a_group_link_ends_today_on_its_last_day(world, url):
    ways.group_link(world)
    world.moment += 7 * DAY

    assert "It ends today." in world.client("mo").get(url).text


def test_no_way_in_is_purged_before_its_last_day_is_over(world):
    """Fails when a request, a link or an invitation goes on a day on which it still counts."""
    ways.link(world)
    ways.waits(world, ways.group_link(world))
    begun, found = world.moment, []
    for days in (7, 8, 14, 15):
        world.moment = begun + days * DAY
        with world.app.app_context(), unit_of_work():
            applicants.purge()
            group_links.purge()
            invitations.purge()
        found.append(count(world, Applicant, GroupLink, Invitation))

    assert found == [[1, 1, 1], [0, 0, 1], [0, 0, 1], [0, 0, 0]]


def test_whoever_says_yes_vouches(world, url):
    make_moderator(world, "fay")
    person, own = ways.waits(world, ways.group_link(world))
    ways.answered(world.client("fay"), url, "Ana Patel", "yes")
    assert "A moderator said yes to you" in person.get(own).text

    with world.app.app_context():
        with unit_of_work():
            suspend("fay@example.org")
        invitations.end_unvouched()

    assert NOT_THROUGH in person.get(own).text
    assert count(world, Invitation) == [0]


def test_a_name_that_is_taken_meanwhile_can_be_changed(world, url):
    person, own = ways.waits(world, ways.group_link(world), name="Dr Ray")
    ways.answered(world.client("mo"), url, "ana@example.org", "yes")

    taken = ways.send(person, "/join/new", person.get(own).text, password=ways.PASSWORD)
    assert taken.status_code == 422
    assert "very similar name" in taken.text
    joined = ways.send(person, "/join/new", taken.text, password=ways.PASSWORD, name="Ray Quillon")

    assert joined.location.endswith("/name")


def test_name_and_address_stay_as_they_were_known(world, url):
    person, own = ways.waits(world, ways.group_link(world))
    ways.answered(world.client("mo"), url, "Ana Patel", "yes")

    typed = {"password": ways.PASSWORD, "name": "Bob Stranger", "email": "bob@example.org"}
    joined = ways.send(person, "/join/new", person.get(own).text, **typed)

    assert joined.status_code == 303
    names = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/people")).text
    assert "Ana Patel" in names
    assert "Bob" not in names


@pytest.mark.parametrize("address", ["ana@example.org", "ANA@example.org"])
def test_joining_ends_what_else_was_asked(world, url, address):
    """Fails when a request outlives its owner's joining, however they typed their address."""
    path = ways.group_link(world)
    person, own = ways.waits(world, path)
    mo = world.client("mo")
    with world.app.app_context():
        first = db.session.scalar(select(Applicant.id))
    ways.asks(world.client(), path, email=address)  # from another device
    fields = mo.tokens(url) | {"answer": "yes"}
    mo.post(f"/circles/{world.ids['rose']}/waiting/{first}", data=fields)

    ways.send(person, "/join/new", person.get(own).text, password=ways.PASSWORD)

    assert count(world, Applicant, Invitation) == [0, 0]


def test_members_and_strangers_answer_nobody(world, url):
    ways.waits(world, ways.group_link(world))
    with world.app.app_context():
        applicant_id = db.session.scalar(select(Applicant.id))
    nan = world.client("nan")

    answers = [
        world.client("ray").submit(
            f"/circles/{world.ids['rose']}/waiting/{applicant_id}", answer="yes"
        ),
        nan.submit(f"/circles/{world.ids['rose']}/waiting/{applicant_id}", answer="yes"),
        nan.submit(f"/circles/{world.ids['oak']}/waiting/{applicant_id}", answer="yes"),
    ]

    assert [answer.status_code for answer in answers] == [403, 404, 303]
    assert count(world, Applicant, Invitation) == [1, 0]


def test_moderators_hear_at_home_that_somebody_waits(world, url):
    mo, ray, path = world.client("mo"), world.client("ray"), ways.group_link(world)
    before = ray.get("/").text
    ways.waits(world, path)

    assert "1 item to look at" in mo.get("/").text
    assert "One person asks to join." in mo.get(f"/circles/{world.ids['rose']}/desk").text
    token = re.compile(r'value="[\w.=-]{20,}"')
    assert token.sub("", ray.get("/").text) == token.sub("", before)


def test_the_log_names_nobody(world, url):
    ways.waits(world, ways.group_link(world))
    ways.answered(world.client("mo"), url, "Ana Patel", "yes")
    fields = world.client("mo").tokens(url)
    world.client("mo").post(f"/circles/{world.ids['rose']}/group-link/end", data=fields)

    page = Page(world.client("ray").get(f"/circles/{world.ids['rose']}/log")).text

    assert "A moderator made a group link." in page
    assert "A moderator sent or made invitations: 1." in page
    assert "Ana" not in page


def test_a_closing_circle_offers_no_yes_and_says_why(world, url):
    """Fails when "Yes", on the page or on one opened before, leads to an error page."""
    ways.waits(world, ways.group_link(world))
    mo = world.client("mo")
    row = Page(mo.get(url)).one("ul", cls="pending").one("li")
    before = row.all("form")[0]
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        home.closes_on = (world.moment + timedelta(days=20)).date()

    row = Page(mo.get(url)).one("ul", cls="pending").one("li")
    assert [each.one(name="answer").get("value") for each in row.all("form")] == ["no"]
    said = mo.post(before["action"], data=before.fields())

    assert said.status_code == 303
    assert "Nobody can join now" in Page(mo.get(said.location)).one(cls="flash").text


def test_yes_of_somebody_who_moderates_no_more_is_refused(world, url):
    """Fails when each refusal is taken for that of a circle that closes."""
    ways.waits(world, ways.group_link(world))
    make_moderator(world, "fay")
    fay, home = world.client("fay"), world.ids["rose"]
    form = Page(fay.get(url)).one("ul", cls="pending").one("li").all("form")[0]
    sent = form.fields()

    def change():
        place = db.session.scalar(select(Membership).filter_by(circle_id=home, member_id=fays))
        place.role = Role.MEMBER

    fays = world.ids["fay"]
    answer = meanwhile(world, change, lambda: fay.post(form["action"], data=sent))

    assert answer.status_code == 403
    assert count(world, Applicant, Invitation) == [1, 0]
