import re
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import func, select

from forum import worker
from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import membership, queries
from forum.circles.ground_rules import in_force
from forum.circles.models import Invitation, Membership
from forum.circles.queries import people
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.policy.terms import Role
from tests.circles import ways
from tests.page import Page


@pytest.fixture
def url(world):
    return f"/circles/{world.ids['rose']}/people"


def place(world, who):
    with world.app.app_context():
        found = {each.name: each.membership_id for each in people(world.standing("mo"))}
    return found[f"Dr {who.title()}"]


def post(client, url, **typed):
    return client.post(url, data=client.tokens("/account/name") | typed)


def test_people_are_listed_without_dates(world, url):
    ways.joined(world.client("sol"), ways.link(world))

    page = world.client("ray").get(url).text

    shown = [each.text for each in Page(page).all("span", dir="auto")]
    names = [name for name in shown if name.startswith("Dr ")]
    assert names == [f"Dr {who}" for who in ("Fay", "Ivy", "Joe", "Kit", "Mo", "Pru", "Ray", "Sol")]
    assert page.count("moderator</span>") == page.count("facilitator</span>") == 1
    assert not re.search(r"\b2026\b", page)
    assert "Remove" not in page


def test_a_moderator_appoints_another_and_steps_down(world, url):
    mo = world.client("mo")
    assert post(mo, f"{url}/step-down").status_code == 403  # the last one stays

    post(mo, f"{url}/{place(world, 'ray')}/role", role="moderator")
    answer = post(mo, f"{url}/step-down")

    assert answer.status_code == 303
    assert world.client("mo").get(f"{url[:-7]}/settings").status_code == 403
    assert world.client("ray").get(f"{url[:-7]}/settings").status_code == 200
    assert post(world.client("ray"), f"{url}/step-down").status_code == 403


@pytest.mark.parametrize(
    ("who", "whom", "role", "status"),
    [
        ("mo", "ray", "facilitator", 303),
        ("mo", "fay", "member", 303),
        ("mo", "mo", "member", 403),
        ("mo", "ray", "king", 422),
        ("fay", "ray", "facilitator", 403),
        ("ray", "ray", "moderator", 403),
        ("nan", "ray", "moderator", 404),
    ],
)
def test_moderators_alone_give_roles(world, url, who, whom, role, status):
    answer = post(world.client(who), f"{url}/{place(world, whom)}/role", role=role)

    assert answer.status_code == status


def test_a_foreign_membership_is_not_found(world, url):
    with world.app.app_context():
        theirs = people(world.standing("nan", "oak"))[0].membership_id

    answers = [
        post(world.client("mo"), f"{url}/{theirs}/role", role="moderator"),
        world.client("mo").get(f"{url}/{theirs}/remove"),
        post(world.client("mo"), f"{url}/{theirs}/remove"),
    ]

    assert {answer.status_code for answer in answers} == {404}


def test_removing_ends_access_at_once(world, url):
    ray, mo = world.client("ray"), world.client("mo")
    remove = f"{url}/{place(world, 'ray')}/remove"
    page = mo.get(remove).text
    assert ray.get(url).status_code == 200

    post(mo, remove)

    assert "Remove Dr Ray from this circle?" in page
    assert "no longer read, search or write" in page
    for asked in (url, f"{url[:-7]}/", world.thread, f"{url[:-7]}/rules"):
        assert ray.get(asked).status_code == 404
    assert "Rose" not in ray.get("/").text
    assert "Dr Ray" not in mo.get(url).text


def test_moderators_cannot_remove_moderators(world, url):
    post(world.client("mo"), f"{url}/{place(world, 'ray')}/role", role="moderator")

    answer = post(world.client("mo"), f"{url}/{place(world, 'ray')}/remove")

    assert answer.status_code == 403


def test_invitations_of_removed_members_end(world, url):
    post(world.client("mo"), f"{url}/{place(world, 'ray')}/role", role="moderator")
    path, other = ways.link(world, "ray"), ways.link(world)
    post(world.client("ray"), f"{url}/step-down")

    post(world.client("mo"), f"{url}/{place(world, 'ray')}/remove")

    assert world.client().get(path).status_code == 410
    assert world.client().get(other).status_code == 200


def test_a_removed_members_secret_is_purged(world, url):
    world.app.config["LEAVING_GRACE_DAYS"] = 3
    world.reply("ray", "I have been there.")
    post(world.client("mo"), f"{url}/{place(world, 'ray')}/remove")

    left = []
    for days in (2, 1):
        world.moment += timedelta(days=days)
        with world.app.app_context():
            worker.run_due_jobs()
            left.append(memberships_of(world, "ray"))

    assert left == [1, 0]
    assert "I have been there." in world.client("mo").get(world.thread).text


def memberships_of(world, who):
    mine = Membership.member_id == world.ids[who]
    return db.session.scalar(select(func.count()).select_from(Membership).where(mine))


@pytest.mark.parametrize(
    ("name", "said"), [("Dr Mo", "Someone in Rose"), ("Dr M0", "Someone in Rose"), ("X", "2 to 60")]
)
def test_a_display_name_is_unique_in_circles(world, name, said):
    client = world.client("ray")

    answer = post(client, "/account/name", name=name)

    assert answer.status_code == 422
    assert said in answer.text
    assert "Dr Ray" in client.get(f"/circles/{world.ids['rose']}/people").text


def test_a_display_name_resembles_no_pseudonym(world):
    sol = world.client("sol")
    url = ways.joined(sol, ways.link(world)).location
    ways.send(sol, url, sol.get(url).text, choice="another", pseudonym="Quiet Heron")

    answer = post(world.client("ray"), "/account/name", name="Qu1et Her\u00f3n")

    assert answer.status_code == 422


def test_a_changed_name_shows_everywhere(world, url):
    world.reply("mo", "Signed.")
    path = ways.link(world)
    mo = world.client("mo")

    for name in ("Maud Okoro", "Dr Mo", "Maud Okoro"):
        assert post(mo, "/account/name", name=name).status_code == 303

    assert "Maud Okoro" in world.client("ray").get(url).text
    assert "Maud Okoro" in world.client("ray").get(world.thread).text
    assert "Maud Okoro invites you" in world.client().get(path).text
    assert 'value="Maud Okoro"' in mo.get("/account/name").text


@pytest.mark.parametrize(("hours", "alone"), [(0, False), (7 * 24 - 2, False), (7 * 24 + 2, True)])
def test_whoever_took_a_circle_on_lately_does_not_vouch_alone(world, hours, alone):
    """Fails when one member can take a circle on and vouch for a stranger the same day."""
    rose = world.ids["rose"]
    with world.app.app_context():
        assert membership.vouches_alone(world.standing("mo"))
        with unit_of_work():
            audit.note(rose, Deed.TAKEN_ON, Actor.MEMBER)
    world.moment += timedelta(hours=hours)
    with world.app.app_context():
        assert membership.vouches_alone(world.standing("mo")) is alone


def test_a_membership_that_is_over_is_known_in_its_circle_alone(world):
    with world.app.app_context():
        mine = queries.own_place(world.standing("ivy"), world.ids["ivy"]).id
        assert not queries.has_left(world.standing("mo"), mine)
        with unit_of_work():
            leave(world.ids["ivy"], world.ids["rose"])
        assert queries.has_left(world.standing("mo"), mine)
        assert not queries.has_left(world.standing("nan", "oak"), mine)


def test_agreeing_counts_for_the_rules_that_were_shown(world):
    with world.app.app_context():
        standing, stale = world.standing("ray"), new_id()
        with unit_of_work():
            assert not membership.agree(standing, world.ids["ray"], stale)
            rules = in_force(queries.circle(standing).rules)
            assert membership.agree(standing, world.ids["ray"], rules)


def test_an_invitation_counts_on_its_last_day(world):
    ways.link(world)
    rose = world.ids["rose"]
    with world.app.app_context():
        [last] = db.session.scalars(select(Invitation.expires_on)).all()
        counted = {}
        for days in (0, 1):
            world.moment = datetime.combine(last, time(12), UTC) + timedelta(days=days)
            counted[days] = queries.pending(rose)

    assert counted == {0: 1, 1: 0}


def test_every_hand_of_a_circle_belongs_to_one_member(world):
    with world.app.app_context():
        found = queries.hands(world.ids["rose"])
        people = queries.members(world.ids["rose"])

    assert len(found) == people
    assert sorted(role for _hand, role in found if role is not Role.MEMBER) == [
        Role.FACILITATOR,
        Role.MODERATOR,
    ]


def test_no_secret_stands_in_what_a_traceback_shows(world):
    """Fails when a membership, or the secret that finds a member's names, is printed with it."""
    with world.app.app_context():
        standing = world.standing("ray")
        [place] = queries.places(world.ids["ray"])
        secret = queries.own_place(standing, world.ids["ray"]).mask_secret
        shown = repr(standing) + repr(standing.hand) + repr(place)

    assert repr(secret) not in shown
    assert "Membership" not in repr(place)
