"""Emails whose link is dead by the time they could leave are dropped."""

from datetime import timedelta

import pytest

from forum import worker
from forum.accounts import links, services
from forum.accounts.models import Purpose
from forum.circles import applicants, group_links, invitations, joining
from forum.circles.models import Applicant
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.mail.models import OutgoingMail
from forum.programme import services as programme
from tests.postoffice import PostOffice

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
TO = "ana@example.org"


def _reset(world):
    services.send_reset_link("ray@example.org")


def _address(world):
    with unit_of_work():
        services.ask_address(world.ids["ray"], TO)


def _invitation(world):
    with unit_of_work():
        invitations.invite_by_email(world.standing("mo"), [TO], "", names_inviter=True)


def _service(world):
    with unit_of_work():
        programme.invite(TO)


def _sign_up(world):
    with unit_of_work():
        secret = invitations.create_link(world.standing("mo"), "")
        way = joining.WayIn.by(invitations.find(secret))
        joining.ask_to_confirm(way, joining.Newcomer(TO, "Ann Ash", "hash"), new_id())


def _asks_to_join(world):
    with unit_of_work():
        mo = world.standing("mo")
        group_links.make(mo, 3)
        secret = group_links.shown(mo).url.rsplit("/", 1)[1]
        applicants.ask(secret, applicants.Request("Ann Ash", TO), new_id())


def _answers_no(world):
    with unit_of_work():
        db.session.query(Applicant).delete()


def _take_back(world):
    with unit_of_work():
        [pending] = invitations.pending(world.standing("mo"))
        invitations.cancel(world.standing("mo"), pending.id)


def _end(purpose):
    def end(world):
        with unit_of_work():
            links.end_all(purpose)

    return end


def _new_password(world):
    with unit_of_work():
        services.new_password(world.ids["ray"], "another hash")


@pytest.fixture
def office(world):
    with PostOffice() as office:
        office.serves(world)
        yield office


def deliver(world):
    with world.app.app_context():
        worker.run_due_jobs(worker.EMAIL_JOBS)
        return db.session.query(OutgoingMail).count()


LETTERS = [_reset, _address, _invitation, _service, _sign_up, _asks_to_join]


@pytest.mark.parametrize("write", LETTERS)
def test_an_email_with_a_living_link_leaves(world, office, write):
    with world.app.test_request_context():
        write(world)
    world.moment += 49 * MINUTE

    assert deliver(world) == 0
    assert len(office.letters) == 1


@pytest.mark.parametrize(
    ("write", "wait"),
    [
        (_reset, 51 * MINUTE),  # ten minutes are left for reading
        (_address, 51 * MINUTE),
        (_reset, 24 * HOUR),
        *((write, 15 * 24 * HOUR) for write in (_invitation, _service, _sign_up)),
        (_asks_to_join, 8 * 24 * HOUR),
    ],
)
def test_an_email_that_waited_too_long_is_dropped(world, office, write, wait):
    with world.app.test_request_context():
        write(world)
    office.answer = "451 later"
    deliver(world)
    office.answer = "250 OK"
    world.moment += wait

    assert deliver(world) == 0
    assert office.letters == []


@pytest.mark.parametrize(
    ("write", "end"),
    [
        (_reset, _new_password),
        (_reset, _end(Purpose.RESET_PASSWORD)),
        (_address, _end(Purpose.CONFIRM_ADDRESS)),
        (_invitation, _take_back),
        (_service, _end(Purpose.OPEN_CIRCLE)),
        (_sign_up, _end(Purpose.SIGN_UP)),
        (_asks_to_join, _answers_no),
    ],
)
def test_an_email_whose_link_ended_is_dropped(world, office, write, end):
    with world.app.test_request_context():
        write(world)
        end(world)

    assert deliver(world) == 0
    assert office.letters == []


def test_only_the_newest_of_two_links_is_mailed(world, office):
    with world.app.test_request_context():
        _address(world)
        _address(world)

    assert deliver(world) == 0
    assert len(office.letters) == 1


def test_an_email_without_a_link_always_leaves(world, office):
    with world.app.test_request_context():
        _sign_up_of_known(world)
    world.moment += 30 * 24 * HOUR

    assert deliver(world) == 0
    assert len(office.letters) == 1


def _sign_up_of_known(world):
    with unit_of_work():
        secret = invitations.create_link(world.standing("mo"), "")
        way = joining.WayIn.by(invitations.find(secret))
        known = joining.Newcomer("sol@example.org", "Ann Ash", "hash")
        joining.ask_to_confirm(way, known, new_id())


def test_rows_of_known_and_unknown_addresses_are_of_one_size(world, office):
    sizes = []
    for write in (_sign_up, _sign_up_of_known):
        with world.app.test_request_context():
            write(world)
            [row] = db.session.query(OutgoingMail)
            sizes.append(len(row._link))
            with unit_of_work():
                db.session.delete(row)

    assert sizes[0] == sizes[1]
