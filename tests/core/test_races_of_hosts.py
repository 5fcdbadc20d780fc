"""Two hosts that write at once on PostgreSQL: what SQLite's single writer held, locks hold."""

from sqlalchemy import text

from forum.accounts import jobs as account_jobs
from forum.accounts import sessions
from forum.accounts.models import Session
from forum.accounts.owner_keys import SESSIONS
from forum.accounts.queries import account
from forum.authors.models import Author
from forum.authors.services import choose_pseudonym
from forum.circles import closing
from forum.circles.models import Circle
from forum.circles.services import join, leave
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy, InvalidInput
from forum.core.keys import key_ring
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode, Role
from tests.hosts import Meanwhile

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
