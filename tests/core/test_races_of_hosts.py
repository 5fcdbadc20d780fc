"""Two hosts that write at once on PostgreSQL: what SQLite's single writer held, locks hold."""

import pytest
from sqlalchemy import select, text

from forum.accounts import jobs as account_jobs
from forum.accounts import sessions
from forum.accounts.models import Session
from forum.accounts.owner_keys import SESSIONS
from forum.accounts.queries import account
from forum.authors.models import Author
from forum.authors.services import choose_pseudonym
from forum.circles import applicants, closing, invitations, joining
from forum.circles import queries as circles
from forum.circles.models import Applicant, Circle, Invitation
from forum.circles.services import join, leave
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy, InvalidInput, NotFound
from forum.core.keys import key_ring
from forum.discussions.models import Reply
from forum.offboarding import services as offboarding
from forum.policy.terms import AuthorMode, Role
from tests.circles import ways
from tests.hosts import Meanwhile
from tests.page import Page

HIDDEN = AuthorMode.THREAD_PSEUDONYM


def named(host, who, name):
    with host.app.app_context():
        standing = host.standing(who)
        with unit_of_work():
            choose_pseudonym(standing, name)


def test_a_pseudonym_is_taken_once(hosts):
    """Fails when names are compared outside the circle's lock."""
    here, there = hosts
    with here.app.app_context():
        with unit_of_work():
            home = db.session.get_one(Circle, here.ids["rose"])
            for who in ("sol", "gus"):
                join(home, here.ids[who], f"Dr {who.title()}", Role.MEMBER)
        standing = here.standing("sol")
        with unit_of_work():
            choose_pseudonym(standing, "Blue Heron")
            other = Meanwhile(lambda: named(there, "gus", "B1ue Heron"))

    assert isinstance(other.ended().failure, InvalidInput)
    with here.app.app_context():
        names = [author.name for author in db.session.query(Author)]
    assert names.count("Blue Heron") == 1
    assert "B1ue Heron" not in names


def test_floor_of_six_holds_while_somebody_leaves(hosts):
    """Fails when a mask opens by a number of members read before the lock."""
    here, there = hosts
    with here.app.app_context(), unit_of_work():
        leave(here.ids["kit"], here.ids["rose"])
        other = Meanwhile(lambda: there.reply("fay", "Hidden among six", HIDDEN))  # of seven

    assert isinstance(other.ended().failure, Busy)
    with here.app.app_context():
        assert not db.session.query(Reply).count()


def test_nothing_is_written_into_a_closed_circle(hosts):
    """Fails when a host writes while another erases: rows would stay whose key is gone."""
    here, there = hosts
    rose = here.ids["rose"]
    with here.app.app_context(), unit_of_work():
        closing.lock_circle(rose)
        other = Meanwhile(lambda: there.reply("fay", "Too late"))
        key_ring().destroy_circle(rose)
        closing.erase(rose)

    assert other.ended().failure is not None
    with here.app.app_context():
        assert not db.session.query(Reply).count()


def test_a_link_is_used_up_after_the_circles_lock(hosts):
    """Fails when whoever joins deletes the link first: beside "Send again", which locks the circle
    first, each would wait for the other.
    """
    here, there = hosts
    with here.app.app_context(), unit_of_work():
        secret = invitations.create_link(here.standing("mo"), "")

    def come_in():
        with there.app.test_request_context(), unit_of_work():
            joining.join(joining.way_in(secret), there.ids["sol"], "Dr Sol", None)

    with here.app.app_context(), unit_of_work():
        closing.lock_circle(here.ids["rose"])
        other = Meanwhile(come_in)
        rows = db.session.scalars(select(Invitation).with_for_update(nowait=True)).all()

    assert len(rows) == 1
    assert other.ended().failure is None


def test_a_confirmation_finds_the_answer_given_while_it_waited(hosts):
    """Fails when a request is read before its circle's lock alone: its row is gone by then."""
    here, there = hosts
    here.app.config["MAIL_SERVER"] = "mail.example.org"
    ways.asks(here.client(), ways.group_link(here))
    with here.app.app_context():
        [asked] = db.session.scalars(select(Applicant))
        applicant_id, secret = asked.id, asked.secret

    def confirm():
        with there.app.app_context(), unit_of_work():
            applicants.confirm(secret)

    with here.app.app_context(), unit_of_work():
        applicants.confirm(secret)
        other = Meanwhile(confirm)
        assert applicants.refuse(here.standing("mo"), applicant_id)

    assert isinstance(other.ended().failure, NotFound)


def test_one_press_at_two_hosts_is_one_post(hosts):
    here, there = hosts
    ray = here.client("ray")
    composer = ray.get(f"{here.thread}/answer").location
    sent = ray.tokens(composer) | {"body": "Once alone", "do": "own_name"}
    twin = there.app.test_client()
    twin.set_cookie("s", ray.get_cookie("s").value)

    other = Meanwhile(lambda: twin.post(composer, data=sent).status_code)
    mine = ray.post(composer, data=sent).status_code

    assert {mine, other.ended().result} == {303}
    assert here.client("pru").get(here.thread).text.count("Once alone") == 1


def moved_at(host):
    with host.app.app_context():
        return account_jobs.move_rows()


def test_a_move_keeps_rows_of_a_secret_drawn_meanwhile(hosts):
    """Fails when accounts are moved as they were read before the lock."""
    here, there = hosts
    with here.app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE member SET secret = NULL"))
    with here.app.test_request_context(), unit_of_work():
        sessions.begin(here.ids["fay"], own_device=True)
        other = Meanwhile(lambda: moved_at(there))

    assert other.ended().result is True
    with here.app.app_context():
        [row] = db.session.query(Session)
        assert [each.id for each in SESSIONS.rows(account(here.ids["fay"]))] == [row.id]


@pytest.mark.parametrize("way", ["leave", "undo"])
def test_leaving_and_coming_back_pressed_twice_at_once_say_the_same(hosts, way):
    """Fails when the second press reads the membership before the first has changed it: whoever is
    back would read that a colleague has their name, or that the page is not there."""
    here, there = hosts
    ray, page = here.client("ray"), f"/circles/{here.ids['rose']}/leave"
    form = ray.tokens(page) | {"words": "stay"}
    if way == "undo":
        ray.post(page, data=form)
        undo = Page(ray.get("/account")).form("/undo")
        page, form = undo["action"], undo.fields()
    twin = there.app.test_client()
    twin.set_cookie("s", ray.get_cookie("s").value)
    there.moment = here.moment
    with here.app.test_request_context():
        known = circles.left_places(here.ids["ray"])
        with unit_of_work():
            if way == "undo":
                offboarding.undo(known[0])
            else:
                offboarding.leave(here.ids["ray"], here.ids["rose"], words_go=False)
            db.session.flush()
            other = Meanwhile(lambda: twin.post(page, data=form))
    answer = other.ended().result

    assert answer.status_code == 303
    assert answer.location == ("/account" if way == "leave" else f"/circles/{here.ids['rose']}/")
