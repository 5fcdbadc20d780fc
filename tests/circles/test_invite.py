from datetime import timedelta

import pytest
from sqlalchemy import select

from forum.circles import invitations, membership, queries
from forum.circles.models import Invitation
from forum.circles.queries import people as everybody
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.mail.outbox import send_due
from forum.policy.terms import Role
from tests.circles import ways
from tests.page import Page
from tests.postoffice import PostOffice


@pytest.fixture
def mail(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"


@pytest.fixture
def url(world):
    return f"/circles/{world.ids['rose']}/invite"


def press(client, url, **typed):
    """Submit the inviting form; returns the next page, or the page with errors."""
    form = Page(client.get(url)).form(url)
    kept = {each["name"]: each.value for each in form.all("input", type="hidden")}
    answer = client.post(url, data=kept | typed)
    return client.get(answer.location) if answer.status_code == 303 else answer


def button(page, name):
    return Page(page).form(f"/{name}")["action"]


def test_a_button_drops_no_list_that_is_the_others(world, url, mail):
    """Fails when names typed for links vanish as invitations are mailed, or the other way."""
    mo = world.client("mo")

    mailed = press(mo, url, by="mail", addresses="ana@example.org", for_whom="Ben\nCas")
    linked = press(mo, url, by="link", addresses="ana@example.org", for_whom="Ben\nCas")

    for answer in (mailed, linked):
        assert answer.status_code == 422
        assert "This list would be lost" in answer.text
        assert "Ben" in answer.text
        assert "ana@example.org" in answer.text


def test_without_mail_only_links_are_offered(world, url):
    client = world.client("mo")

    page = client.get(url).text
    press(client, url, by="mail", addresses="ana@example.org")
    after = client.get(url).text

    assert "copy the link and send it yourself" in page
    assert 'name="addresses"' not in page
    assert "By inviting you vouch that this is a clinician you know." in page
    assert "ana@example.org" not in after
    assert "A copied link" in after


def test_a_link_is_shown_once_and_sealed(world, url):
    client = world.client("mo")

    page = press(client, url, by="link", words="You would like it here.").text

    path = ways.LINK.search(page)[1]
    secret = path.rsplit("/", 1)[1]
    assert "You would like it here." in Page(page).one(cls="copy").text
    assert "You would like it here." in world.client().get(path).text
    assert secret not in client.get(url).text
    for said in (secret, "You would like"):
        assert not any(said.encode() in file.read_bytes() for file in world.files())


def test_moderators_see_notes_on_copied_links(world, url):
    client = world.client("mo")

    press(client, url, by="link", for_whom="Anna,\tThursday  list")
    paths = [ways.LINK.search(press(client, url, by="link").text)[1]]
    page = client.get(url).text

    listed = [row.all("span")[0].text for row in Page(page).one(cls="pending").all("li")]
    assert sorted(listed) == ["A copied link", "Anna, Thursday list"]
    assert 'Make a new link<span class="visually-hidden"> Anna, Thursday list' in page
    again = client.post(button(page, "send-again"), data=client.tokens(url))
    paths.append(ways.LINK.search(client.get(again.location).text)[1])
    assert "Anna, Thursday list" in client.get(url).text  # a new link is for the same person
    for path in paths:
        assert "Thursday list" not in world.client().get(path).text
    assert not any(b"Thursday list" in file.read_bytes() for file in world.files())


def test_an_overlong_note_is_returned(world, url):
    answer = press(world.client("mo"), url, by="link", for_whom="x" * 61)

    assert answer.status_code == 422
    assert "At most 60 characters" in answer.text
    assert "x" * 61 in answer.text


def test_a_mail_names_the_inviter_with_consent(world, mail, url):
    client = world.client("mo")
    words = {"by": "mail", "words": "Rose is warm."}

    press(client, url, addresses="ana@example.org", **words)
    page = press(client, url, addresses="bo@example.org", names_inviter="y", **words).text

    unnamed, named = (ways.letter_to(world, f"{who}@example.org") for who in ("ana", "bo"))
    assert "One invitation is on its way." in page
    assert unnamed.startswith("Hello,\n\nA colleague invites you")
    assert named.startswith("Hello,\n\nDr Mo invites you")
    assert "Rose" not in unnamed + named
    assert "Rose is warm." in world.client().get(ways.LINK.search(unnamed)[1]).text


def test_a_request_takes_nineteen_addresses(world, mail):
    with world.app.app_context():
        many = [f"n{number}@example.org" for number in range(20)]

        assert invitations.addresses(" ana@example.org,\nAna@Example.org; bo@example.org ") == [
            "ana@example.org",
            "bo@example.org",
        ]
        assert len(invitations.addresses("\n".join(many[:19]))) == 19
        for wrong in ("\n".join(many), "", "ana@example.org, nobody"):
            with pytest.raises(InvalidInput):
                invitations.addresses(wrong)


def test_nobody_is_invited_twice(world, mail, url):
    client = world.client("mo")
    press(client, url, by="mail", addresses="ana@example.org")

    page = press(client, url, by="mail", addresses="ANA@example.org bo@example.org").text
    more = press(client, url, by="mail", addresses="cy@example.org di@example.org").text

    assert "we did not send another" in page
    assert "Two invitations are on their way." in more
    assert len(ways.letters(world)) == 4


def test_members_and_invitations_reach_twenty(world, mail, url):
    client = world.client("mo")  # one of seven
    ways.mailed(world, *(f"n{number}@example.org" for number in range(12)))

    refused = press(client, url, by="mail", addresses="ana@example.org bo@example.org")
    press(client, url, by="link")
    last = client.get(url).text

    assert (refused.status_code, "room for one more" in refused.text) == (422, True)
    assert "ana@example.org bo@example.org" in refused.text
    assert "This circle is full: 20 people, counting invitations not used yet." in last
    assert 'value="link"' not in last


@pytest.mark.parametrize("closes", [False, True], ids=["full", "closing"])
def test_words_typed_as_nobody_could_join_any_more_come_back(world, mail, url, closes):
    """Fails when an invitation's words vanish with the last place, or with a vote to close."""
    mo = world.client("mo")
    typed = mo.tokens(url) | {"by": "link", "words": "Do join us.", "for_whom": "Ana"}
    ways.mailed(world, *(f"n{number}@example.org" for number in range(13)))
    if closes:
        close(world)

    refused = mo.post(url, data=typed)
    for_a_group = mo.submit(f"/circles/{world.ids['rose']}/group-link", places="3")

    assert refused.status_code == 422
    said = "this circle can only be read" if closes else "This circle is full."
    assert said in Page(refused).error("for_whom")
    assert (Page(refused).field("words").value, "Ana" in refused.text) == ("Do join us.", True)
    assert for_a_group.status_code == (403 if closes else 422)
    assert "to no" not in for_a_group.text


def test_a_closing_circle_offers_no_invitation(world, mail, url):
    ways.mailed(world, "ana@example.org")
    close(world)

    page = world.client("mo").get(url).text

    assert "Nobody can join now: this circle can only be read." in page
    assert "Cancel invitation" in page
    assert not [each for each in ("Send again", "room for", "Make links") if each in page]


def close(world):
    """Let the circle close in thirty days."""
    with world.app.app_context(), unit_of_work():
        home = queries.circle(world.standing("mo"))
        home.closes_on = home.today + timedelta(days=30)


@pytest.mark.parametrize("by", ["mail", "link"])
def test_renewing_an_invitation_ends_its_link(world, mail, url, by):
    press(world.client("mo"), url, by=by, addresses="ana@example.org" if by == "mail" else "")
    with world.app.test_request_context():
        standing = world.standing("mo")
        fay = {each.name: each.membership_id for each in everybody(standing)}["Dr Fay"]
        with unit_of_work():
            membership.give_role(standing, fay, Role.MODERATOR)
            old = db.session.scalar(select(Invitation)).digest
    world.moment += timedelta(days=10)
    client = world.client("fay")
    page = client.get(url).text
    assert "4 days left" in page
    assert ("Send again" in page, "Make a new link" in page) == (by == "mail", by == "link")

    again = button(page, "send-again")
    answer = client.post(again, data=client.tokens(url))
    shown = client.get(answer.location).text

    assert "14 days left" in client.get(url).text
    text = ways.letters(world)[-1][1] if by == "mail" else shown
    assert len(ways.letters(world)) == (2 if by == "mail" else 0)
    paths = [ways.LINK.search(text)[1] for _, text in ways.letters(world)] or [
        ways.LINK.search(text)[1]
    ]
    assert sorted(world.client().get(path).status_code for path in paths) == (
        [200, 410] if by == "mail" else [200]
    )
    with world.app.app_context():
        assert db.session.scalar(select(Invitation)).digest != old


def test_a_cancelled_invitation_opens_nothing(world, url):
    client, path = world.client("mo"), ways.link(world)
    page = client.get(url).text

    client.post(button(page, "take-back"), data=client.tokens(url))

    assert world.client().get(path).status_code == 410
    assert "A copied link" not in client.get(url).text


def test_foreign_moderators_change_no_invitation(world, url):
    ways.link(world)
    with world.app.app_context():
        [ours] = invitations.pending(world.standing("mo"))
    client = world.client("nan")
    theirs = f"/circles/{world.ids['oak']}/invitations/{ours.id}"

    answers = [client.submit(f"{theirs}/{verb}") for verb in ("send-again", "take-back")]

    assert [answer.status_code for answer in answers] == [404, 303]
    with world.app.app_context():
        assert [each.id for each in invitations.pending(world.standing("mo"))] == [ours.id]


def test_used_and_expired_invitations_are_deleted(world, mail, url):
    ways.mailed(world, "ana@example.org", "bo@example.org")
    path = ways.LINK.search(ways.letter_to(world, "ana@example.org"))[1]

    ways.signed_up(world.client(), path)
    page = world.client("mo").get(url).text
    assert ("ana@example.org" in page, "bo@example.org" in page) == (False, True)

    world.moment += timedelta(days=15)
    with world.app.app_context():
        assert invitations.pending(world.standing("mo")) == []
        with unit_of_work():
            invitations.purge()
        assert db.session.scalars(select(Invitation)).all() == []


def test_an_overlong_personal_text_is_returned(world, url):
    answer = press(world.client("mo"), url, by="link", words="word " * 200)

    assert answer.status_code == 422
    assert "At most 600 characters" in answer.text
    assert "word word" in answer.text


def test_an_expired_invitation_is_not_renewed(world):
    with world.app.test_request_context():
        standing = world.standing("mo")
        with unit_of_work():
            invitations.create_link(standing, "")
        old = db.session.scalars(select(Invitation.id)).one()
        world.moment += timedelta(days=15)

        with pytest.raises(NotFound), unit_of_work():
            invitations.send_again(standing, old)


def test_an_invitation_is_renewed_on_its_last_day(world):
    """Fails when a link that opens still cannot be sent again."""
    with world.app.test_request_context():
        standing = world.standing("mo")
        with unit_of_work():
            old = invitations.create_link(standing, "")
        [there] = invitations.pending(standing)
        world.moment += timedelta(days=14)
        with unit_of_work():
            invitations.find(old)
            fresh = invitations.send_again(standing, there.id)

    assert world.client().get(f"/join/{fresh}").status_code == 200


def test_an_email_that_was_refused_is_told(world, url):
    mo, told = world.client("mo"), "The email could not be delivered."
    with PostOffice() as office:
        office.serves(world)
        office.answer = "550 5.1.1 unknown"
        press(mo, url, addresses="ana@example.org", by="mail")
        assert told not in mo.get(url).text
        with world.app.app_context():
            send_due()
        assert told in mo.get(url).text

        office.answer = "250 OK"
        mo.post(button(mo.get(url).text, "send-again"), data=mo.tokens(url))
        with world.app.app_context():
            assert send_due() == 1
        assert told not in mo.get(url).text


def test_nothing_is_sent_to_those_inside(world, mail, url):
    page = press(
        world.client("mo"),
        url,
        by="mail",
        addresses="mo@example.org RAY@example.org sol@example.org",
    ).text

    assert [to for to, _ in ways.letters(world)] == ["sol@example.org"]
    assert "Some addresses already have an invitation or belong to this circle" in page
    assert "sol@example.org" in page
    assert "ray@example.org" not in page.lower()


def test_joining_ends_other_invitations_of_an_address(world, mail, url):
    ways.mailed(world, "Sol@example.org", "ana@example.org")
    mailed = ways.LINK.search(ways.letter_to(world, "Sol@example.org"))[1]
    kept = ways.LINK.search(ways.letter_to(world, "ana@example.org"))[1]

    ways.joined(world.client("sol"), ways.link(world))

    assert world.client().get(mailed).status_code == 410
    assert world.client().get(kept).status_code == 200
    ways.signed_up(world.client(), kept)
    assert "Invitations not used yet" not in world.client("mo").get(url).text


NINE = [
    *("Nadia Petrova", "Owen Vaughan", "Lucia Ferri", "Ahmed Nasser", "Kirsty Muir"),
    *("Joseph Banda", "ruth.feldman@example.org", "Влад Ковальчук", "Helen Marsh"),
]


def rows(page):
    """Rows of the page of links, as (who, link)."""
    found = Page(page).one(cls="link-rows").all("li")
    return [(row.one(cls="who").text, row.one(cls="way").text) for row in found]


def test_nine_names_make_nine_links(world, url):
    client = world.client("mo")

    page = press(client, url, by="link", for_whom="\r\n".join(NINE), words="Do join.").text

    links = dict(rows(page))
    assert "Nine links, one for each" in page
    assert list(links) == NINE
    assert len(set(links.values())) == 9
    for row in Page(page).one(cls="link-rows").all("li"):
        assert row.get("data-text").startswith("Do join.")
        assert row.get("data-text").endswith(row.one(cls="way").text)
    for link in links.values():
        assert world.client().get(link).status_code == 200
    again = client.get(url).text
    assert not any(link in again for link in links.values())
    assert [each in again for each in NINE] == [True] * 9


@pytest.mark.parametrize(
    ("typed", "whom"),
    [
        ("Nadia\n\nNadia \n  Owen  Vaughan ", ["Nadia", "Owen Vaughan"]),
        ("Patel, Anna; Marsh, Helen", ["Patel, Anna", "Marsh, Helen"]),
        ('"Petrova, N." <n@x.example>, Bo <bo@x.example>', ["n@x.example", "bo@x.example"]),
        ("Nadia <n@x.example>", ["Nadia <n@x.example>"]),
        (" \n ;", []),
    ],
)
def test_a_list_of_names_is_read(world, typed, whom):
    with world.app.test_request_context():
        assert invitations.names(typed) == whom


def test_a_list_with_addresses_and_names_leaves_nobody_out(world, url):
    """Fails when a name between addresses gets no link, and nobody is told."""
    typed = "ana@example.org, Bob, cy@example.org, Dee"

    page = press(world.client("mo"), url, by="link", for_whom=typed)

    assert page.status_code == 422
    assert "“Bob”, “Dee”" in page.text
    assert Page(page).field("for_whom").value == typed


def test_a_list_that_is_too_long_comes_back(world, url):
    many = "\n".join(f"Colleague {number}" for number in range(20))

    answers = [
        press(world.client("mo"), url, by="link", for_whom=many),
        press(world.client("mo"), url, by="link", for_whom=many[: many.index("Colleague 14")]),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "Enter at most nineteen names." in answers[0].text
    assert "There is room for only thirteen more." in answers[1].text
    assert "Colleague 19" in answers[0].text
    assert "Colleague 13" in answers[1].text
    with world.app.app_context():
        assert db.session.scalars(select(Invitation)).all() == []


def test_nineteen_links_fit_into_a_cookie(world):
    client = world.client("sol")
    answer = client.submit("/circles/open", name="Lantern")
    place = answer.location.partition("/name")[0]
    many = "\n".join(f"Colleague {number}" for number in range(19))

    answer = client.post(
        f"{place}/invite", data=client.tokens(f"{place}/invite") | {"by": "link", "for_whom": many}
    )

    assert max(len(each) for each in answer.headers.getlist("Set-Cookie")) < 4000
    assert len(rows(client.get(f"{place}/invite").text)) == 19


def test_a_list_sent_twice_makes_its_links_once(world, url):
    client = world.client("mo")
    fields = client.tokens(url) | {"by": "link", "for_whom": "Nadia\nOwen"}

    for _press in range(2):
        client.post(url, data=fields)

    page = client.get(url).text
    assert [world.client().get(link).status_code for _who, link in rows(page)] == [200, 200]
    with world.app.app_context():
        assert len(invitations.pending(world.standing("mo"))) == 2


@pytest.mark.parametrize(
    "stray", [".", ">", "%20", ",", ")", "%22", "%E2%80%9D", ".%20Thank", "]*"]
)
def test_a_stray_sign_after_a_link_does_no_harm(world, stray):
    path = ways.link(world)

    answer = ways.signed_up(world.client(), path + stray)

    assert answer.status_code == 303
    assert "/name" in answer.location


@pytest.mark.parametrize(
    ("more", "said"), [(0, None), (7, None), (8, "More than fourteen people")], ids=str
)
def test_the_page_says_why_size_matters(world, url, more, said):
    for number in range(more):
        ways.link(world, words=str(number))

    page = world.client("mo").get(url).text

    assert ("More than fourteen people" in page) == (said is not None)
    assert "Hiding a name opens at six people." not in page
    assert (
        "Hiding a name opens at six people."
        in world.client("nan").get(url.replace(str(world.ids["rose"]), str(world.ids["oak"]))).text
    )
