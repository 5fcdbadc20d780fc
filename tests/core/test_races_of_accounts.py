"""What is done to an account while another host gives it a new secret, and its rows new ids."""

from datetime import timedelta

import flask
import pytest
from sqlalchemy import event, select, update

from forum.accounts import jobs, links, sessions
from forum.accounts import services as accounts
from forum.accounts.models import EventKind, Member, Purpose, Session
from forum.accounts.owner_keys import EVENTS, LINKS, SESSIONS
from forum.accounts.queries import SessionContent, account
from forum.circles.queries import circle
from forum.circles.services import join
from forum.core.db import db, one_at_a_time, unit_of_work
from forum.operations import people as operators
from forum.programme import services as programme
from forum.safety import guardians
from tests.accounts.people import PASSWORD, sign_in
from tests.hosts import Meanwhile
from tests.safety.people import name_guardians

DAY = timedelta(days=1)
LOCK = "pg_advisory_xact_lock"


def inside(host, act):
    """Act in a request and a unit of work of a host."""
    with host.app.test_request_context(), unit_of_work():
        return act()


def while_moving(here, who, act):
    """Act while a host moves an account's rows: it writes when the next account is read."""
    with here.app.app_context(), unit_of_work():
        jobs._move(account(here.ids[who]))
        db.session.flush()
        other = Meanwhile(act)
    assert other.ended().failure is None
    return other.result


def open_sessions(host):
    with host.app.app_context():
        rows = db.session.scalars(select(Session))
        return [row.id for row in rows if not SessionContent.from_json(row.whose).is_over]


def signed_in(host, who):
    inside(host, lambda: sessions.begin(host.ids[who], own_device=True))


def test_a_session_begun_meanwhile_can_be_ended(hosts):
    """Fails when its id is made of the secret as it was before the lock: suspended, the account
    stays signed in.
    """
    here, there = hosts
    while_moving(here, "ray", lambda: signed_in(there, "ray"))

    assert len(open_sessions(here)) == 1
    inside(here, lambda: accounts.suspend("ray@example.org"))
    assert not open_sessions(here)


def test_a_browser_that_signs_out_meanwhile_stops_no_move(hosts):
    """Fails when it deletes its row without the account's lock: the move, which goes on to write
    that row, would fail for this account and for all that move with it.
    """
    here, there = hosts
    with here.app.test_request_context():
        with unit_of_work():
            sessions.begin(here.ids["ray"], own_device=True)
        kept = dict(flask.session)

    def sign_out():
        with there.app.test_request_context():
            flask.session |= kept
            with unit_of_work():
                sessions.end()

    with here.app.app_context(), unit_of_work():
        jobs._move(account(here.ids["ray"]))
        other = Meanwhile(sign_out)

    assert other.ended().failure is None
    assert not open_sessions(here)


ENDINGS = {
    "suspended": lambda host: accounts.suspend("ray@example.org"),
    "signed out": lambda host: sessions.end_all(host.ids["ray"]),
    "other devices": lambda host: sessions.end_others(host.ids["ray"]),
    "leaving": lambda host: accounts.schedule_deletion(host.ids["ray"], host.moment.date()),
    "forgotten": lambda host: accounts.forget(host.ids["ray"]),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_sessions_end_meanwhile(hosts, ending):
    """Fails when the rows to delete are looked for under the secret from before the lock."""
    here, there = hosts
    if ending == "forgotten":
        here.ids["ray"] = there.ids["ray"] = here.ids["sol"]  # of no circle
    signed_in(here, "ray")
    while_moving(here, "ray", lambda: inside(there, lambda: ENDINGS[ending](there)))

    assert not open_sessions(here)


def test_a_link_and_an_event_of_meanwhile_are_found(hosts):
    """Fails when their ids are made of the secret as it was before the lock: a later reset would
    leave the link, and the owner would not see the event.
    """
    here, there = hosts
    ray = here.ids["ray"]

    def act():
        links.issue(Purpose.RESET_PASSWORD, DAY, member_id=ray)
        accounts.note(ray, EventKind.PASSWORD_RESET)

    while_moving(here, "ray", lambda: inside(there, act))
    with here.app.app_context():
        assert LINKS[Purpose.RESET_PASSWORD].rows(account(ray))
        assert EVENTS.rows(account(ray))


def test_sessions_moved_meanwhile_know_that_the_account_stays(hosts):
    """Fails when the sessions to change are looked for under the secret from before the lock:
    every page would go on to tell of the day on which the account goes.
    """
    here, there = hosts
    ray = here.ids["ray"]
    inside(here, lambda: accounts.schedule_deletion(ray, here.moment.date()))
    signed_in(here, "ray")
    while_moving(here, "ray", lambda: inside(there, lambda: accounts.cancel_deletion(ray)))

    with here.app.app_context():
        [row] = SESSIONS.rows(account(ray))
        assert SessionContent.from_json(row.whose).account.goes_on is None


def test_a_reset_link_used_as_the_move_begins(hosts):
    """Fails when the link is deleted before the account's lock is asked for: each host would wait
    for the other, and one of them be refused.
    """
    here, there = hosts
    ray = here.ids["ray"]
    signed_in(here, "ray")
    secret = inside(here, lambda: links.issue(Purpose.RESET_PASSWORD, DAY, member_id=ray))

    def reset():
        inside(there, lambda: accounts.reset_password(secret, "as hashed"))

    with here.app.app_context(), unit_of_work():
        one_at_a_time("account", ray)
        other = Meanwhile(reset)
        jobs._move(account(ray))

    assert other.ended().failure is None
    assert not open_sessions(here)
    with here.app.app_context():
        assert account(ray).password_hash == "as hashed"


def test_the_password_given_again_meanwhile(hosts):
    """Fails when the session's row is looked for under the secret from before the lock: the answer
    was a redirect, and the person was signed out.
    """
    here, there = hosts
    client = there.client("ray")
    page = client.get("/account/confirm")
    sent = client.tokens_of(page) | {"password": PASSWORD}
    answer = while_moving(here, "ray", lambda: client.post("/account/confirm", data=sent))

    assert answer.status_code == 303
    assert client.get("/account").status_code == 200


def test_nobody_signs_in_while_being_suspended(hosts):
    """Fails when a sign-in asks whether an account is suspended before it has the lock."""
    here, there = hosts
    client = there.app.test_client()
    with here.app.app_context(), unit_of_work():
        accounts.suspend("ray@example.org")
        db.session.flush()
        other = Meanwhile(lambda: sign_in(client, "ray").status_code)

    assert other.ended().result == 422
    assert not open_sessions(here)


def test_a_sign_in_of_a_forgotten_account_leaves_no_row(hosts):
    """Fails when a row is written for an account that went while the lock was waited for."""
    here, there = hosts
    with here.app.app_context(), unit_of_work():
        accounts.forget(here.ids["sol"])
        other = Meanwhile(lambda: signed_in(there, "sol"))

    assert other.ended().failure is not None
    assert not open_sessions(here)


def test_two_who_leave_the_first_telephones_keep_theirs(hosts):
    """Fails when a host gives accounts of an earlier release an empty value over one that another
    host is storing.
    """
    here, there = hosts
    with here.app.app_context(), unit_of_work():
        db.session.execute(update(Member).values(_emergency_contact=None))

    with here.app.app_context(), unit_of_work():
        account(here.ids["ray"]).emergency_contact = "01632 960001"
        db.session.flush()
        fays = there.ids["fay"], "01632 960002"
        other = Meanwhile(lambda: inside(there, lambda: accounts.new_emergency_contact(*fays)))

    assert other.ended().failure is None
    with here.app.app_context():
        said = [account(here.ids[who]).emergency_contact for who in ("ray", "fay", "mo")]
    assert said == ["01632 960001", "01632 960002", ""]


def test_nobody_who_joins_a_circle_meanwhile_is_ended_as_unfinished(hosts):
    """Fails when an account is looked at before its lock: it would wait to be deleted, with a
    circle.
    """
    here, there = hosts
    with here.app.test_request_context(), unit_of_work():
        join(circle(here.standing("mo")), here.ids["sol"], "Dr Sol")
        accounts.cancel_deletion(here.ids["sol"])
        other = Meanwhile(
            lambda: inside(there, lambda: operators.end_unfinished("sol@example.org"))
        )

    assert "belongs to a circle" in str(other.ended().failure)
    with here.app.app_context():
        assert account(here.ids["sol"]).goes_on is None


def test_two_who_invite_one_address_at_once_send_one_invitation(hosts):
    """Fails when invitations that wait are read before the lock: two links would leave."""
    here, there = hosts
    with here.app.test_request_context(), unit_of_work():
        assert programme.invite("ann@example.org")
        other = Meanwhile(lambda: inside(there, lambda: programme.invite("Ann@example.org")))

    assert other.ended().failure is None
    assert other.result is False


@pytest.mark.parametrize(
    "act",
    [
        lambda _ids: programme.restore("ray@example.org"),
        lambda ids: programme.suspend(ids["lee"], "ray@example.org"),
        lambda _ids: guardians.take_back("sol@example.org"),
        lambda ids: guardians.end(guardians.row_of(ids["sol"]).id),
        lambda ids: guardians.step_down(ids["sol"]),
    ],
    ids=["restore", "suspend", "take back", "end", "step down"],
)
def test_the_log_of_the_service_is_locked_before_a_row_is_written(here, act):
    """Fails where a row is locked first: two hosts could wait for each other, as accepting and
    suspending lock the log before the row.
    """
    name_guardians(here, "sol")
    said = []

    def look(_connection, _cursor, statement, *_more):
        if statement.startswith(("UPDATE", "DELETE")) or LOCK in statement:
            said.append(statement)

    with here.app.test_request_context():
        event.listen(db.engine, "before_cursor_execute", look)
        with unit_of_work():
            act(here.ids)

    assert LOCK in said[0]
