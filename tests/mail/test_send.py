"""Emails sent to a real mail server on a local socket."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from forum.core.db import db, unit_of_work
from forum.mail import outbox, queries, smtp
from forum.mail.models import OutgoingMail, State
from tests.engine import of_sqlite
from tests.postoffice import PostOffice, send_mail_to, silent_server

ADDRESS, SUBJECT = "ray@example.org", "A link for you"
TEXT = "Guten Tag, Zoë: temp >38.5 °C.\nhttps://example.org/reset/" + "x" * 90
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("Content-Type", "Content-Transfer-Encoding", "MIME-Version"),
}


@pytest.fixture
def office():
    with PostOffice() as office:
        yield office


def queue(world, address=ADDRESS, **more):
    with world.app.app_context(), unit_of_work():
        outbox.queue(address, SUBJECT, TEXT, **more)


def send(world, *wanted):
    with world.app.app_context():
        return outbox.send_due(*wanted)


def states(world):
    with world.app.app_context():
        return sorted(row.state for row in db.session.query(OutgoingMail))


def counts(world):
    """(waiting, failed)"""
    with world.app.app_context():
        return queries.waiting(), queries.failed()


def test_a_delivered_email_leaves_no_row(world, office):
    office.serves(world)
    queue(world)

    assert send(world) == 1

    [email] = office.letters
    assert office.envelopes[0].rcpt_tos == [ADDRESS]
    assert (email["To"], email["Subject"]) == (ADDRESS, SUBJECT)
    assert email["Auto-Submitted"] == "auto-generated"
    assert email.get_content_type() == "text/plain"
    assert email.get_content().replace("\r\n", "\n") == TEXT + "\n"
    assert counts(world) == (0, 0)
    assert send(world) == 0
    assert len(office.letters) == 1


def test_an_email_names_the_site_not_the_host(world, office):
    office.serves(world, SITE_URL="https://circles.example.org")
    queue(world)

    send(world)

    [email] = office.letters
    assert email["From"] == "Kettle <no-reply@circles.example.org>"
    assert email["Message-ID"].endswith("@circles.example.org>")
    assert office.callers == ["circles.example.org"]
    assert set(email.keys()) - {"X-Peer"} == HEADERS


@of_sqlite
def test_a_waiting_email_is_sealed(world, office):
    office.serves(world)
    queue(world)

    kept = b"".join(file.read_bytes() for file in world.files())
    assert b"outgoing_mail" in kept
    assert not [word for word in (ADDRESS, SUBJECT, "Guten Tag") if word.encode() in kept]


def test_without_a_mail_server_nothing_is_queued(world):
    queue(world)

    assert counts(world) == (0, 0)
    assert send(world) == 0
    with world.app.app_context():
        assert not queries.is_on()


def test_temporary_refusals_are_retried_with_growing_waits(world, office):
    office.serves(world)
    queue(world)
    office.answer, tried, began = "451 later", [], world.moment

    for _ in range(40 * 12):
        before = office.asked
        send(world)
        tried += [world.moment - began] * (office.asked - before)
        world.moment += timedelta(minutes=5)

    minutes = [each // timedelta(minutes=1) for each in tried]
    waits = [later - before for before, later in pairwise(minutes)]
    assert waits == [5, 15, 30, 60, 120, 240, 480, 960]
    assert counts(world) == (0, 1)


def test_a_server_that_takes_an_email_minutes_later_gets_it(world, office):
    """Greylisting, RFC 6647."""
    office.serves(world)
    queue(world)
    office.answer = "451 4.7.1 greylisted"
    send(world)
    office.answer = "250 OK"
    world.moment += timedelta(minutes=4)
    assert send(world) == 0
    world.moment += timedelta(minutes=1)

    assert send(world) == 1


def test_an_email_refused_once_arrives_later(world, office):
    office.serves(world)
    queue(world)
    office.answer = "451 later"
    send(world)

    office.answer = "250 OK"
    world.moment += timedelta(hours=1)

    assert send(world) == 1
    assert counts(world) == (0, 0)


def test_a_permanent_refusal_deletes_the_content(world, office):
    office.serves(world)
    queue(world)
    office.answer = "550 no such person"

    assert send(world) == 0

    assert (office.asked, counts(world)) == (1, (0, 1))
    with world.app.app_context():
        [row] = db.session.query(OutgoingMail)
        assert (row.address, row.subject, row.text) == ("", "", "")


def test_a_bad_address_blocks_no_other_email(world, office):
    office.serves(world)
    queue(world, "two lines\nof an address")
    queue(world)

    assert send(world) == 1

    assert counts(world) == (0, 1)


def test_an_unreachable_server_costs_no_try(world, office, caplog):
    office.serves(world, MAIL_PORT=1)
    queue(world)

    assert [send(world) for _ in range(10)] == [0] * 10

    assert caplog.messages[-1] == "mail: the server was lost with ConnectionRefusedError"
    office.serves(world)
    assert send(world) == 1


def test_no_log_line_names_a_recipient(world, office, caplog):
    office.serves(world)
    queue(world)
    office.answer = f"550 {ADDRESS} is unknown"

    send(world)

    assert caplog.messages == ["mail: an email was refused with SMTPRecipientsRefused"]


@pytest.fixture
def certificate(tmp_path):
    """PEM file with a certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begun, life = datetime.now(UTC) - timedelta(days=1), timedelta(days=3)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1)
    made = made.not_valid_before(begun).not_valid_after(begun + life)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = made.add_extension(names, critical=False).sign(key, SHA256())
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(secret + signed.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def let_in(server, session, envelope, mechanism, data):
    return AuthResult(success=(data.login, data.password) == (b"kettle", b"a mail password"))


def test_an_email_is_sent_over_authenticated_tls(world, tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    strict = {"tls_context": tls, "require_starttls": True, "auth_required": True}
    with PostOffice(**strict, authenticator=let_in) as office:
        signed_in = {"MAIL_USER": "kettle", "MAIL_PASSWORD": "a mail password"}
        office.serves(world, MAIL_SECURITY="starttls", **signed_in)
        queue(world)

        assert send(world) == 1


def test_a_server_without_valid_certificate_gets_nothing(world, tls, caplog):
    with PostOffice(tls_context=tls) as office:
        office.serves(world, MAIL_SECURITY="starttls")
        queue(world)

        assert send(world) == 0

        assert (office.letters, counts(world)) == ([], (1, 0))
        ours = [each.message for each in caplog.records if each.name == "forum.app"]
        assert ours == ["mail: the server was lost with SSLCertVerificationError"]


def test_an_html_email_has_text_and_unsubscribe_link(world, office):
    office.serves(world)
    stop = f"https://circles.example.org/stop/{'abc' * 20}"
    queue(world, html="<p>Guten Tag, Zoë</p>", unsubscribe=stop)

    send(world)

    [email] = office.letters
    assert email.get_content_type() == "multipart/alternative"
    plain, html = email.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == TEXT + "\n"
    assert html.get_content_type() == "text/html"
    assert html.get_content().strip() == "<p>Guten Tag, Zoë</p>"
    assert f"List-Unsubscribe: <{stop}>\r\n".encode() in office.envelopes[0].original_content
    assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_an_unwanted_email_is_dropped(world, office):
    office.serves(world)
    queue(world, whose=world.ids["ray"])
    queue(world)  # without `whose`: always sent

    asked = []
    assert send(world, lambda member_id: asked.append(member_id)) == 1

    assert asked == [world.ids["ray"]]
    assert (len(office.letters), counts(world)) == (1, (0, 0))


def test_an_email_wanted_later_waits(world, office):
    office.serves(world)
    queue(world, whose=world.ids["ray"])
    morning = world.moment + timedelta(hours=3)

    assert send(world, lambda _: morning) == 0
    world.moment = morning - timedelta(minutes=1)
    assert send(world, lambda _: morning) == 0
    world.moment = morning
    assert send(world, lambda _: morning) == 1


@pytest.mark.parametrize("says", [(), ("220 here",), ("220 here", "250 good day")])
def test_a_silent_server_costs_no_try(world, monkeypatch, says):
    monkeypatch.setattr(smtp, "TIMEOUT", 0.3)
    with silent_server(*says) as port:
        send_mail_to(world, port)
        queue(world)

        assert [send(world) for _ in range(3)] == [0] * 3

    assert states(world) == [State.WAITING]
    with PostOffice() as office:
        office.serves(world)
        assert send(world) == 1


def test_a_connection_lost_after_handover_flags_the_email(world, office):
    office.serves(world)
    queue(world)
    office.taken = ""

    assert [send(world) for _ in range(3)] == [0] * 3

    assert len(office.letters) == 1  # delivered, and only once
    assert states(world) == [State.UNSURE]


def test_a_refusal_after_data_is_retried(world, office):
    office.serves(world)
    queue(world)
    office.taken = "452 no room"

    assert send(world) == 0
    assert states(world) == [State.WAITING]

    office.taken = "250 OK"
    world.moment += timedelta(hours=1)
    assert send(world) == 1


def test_an_unsure_email_is_resent_or_forgotten(world, office):
    office.serves(world)
    for _ in range(2):
        queue(world)
    office.taken = ""
    send(world)
    send(world)
    with world.app.app_context():
        one, other = queries.trouble()
        assert one.is_unsure
        with unit_of_work():
            outbox.send_again(one.id)
            outbox.forget(other.id)

    office.taken = "250 OK"

    assert send(world) == 1
    assert counts(world) == (0, 0)


def test_a_given_up_email_cannot_be_resent(world, office):
    office.serves(world)
    queue(world)
    office.answer = "550 no such person"
    send(world)

    with world.app.app_context():
        [lost] = queries.trouble()
        assert (lost.is_unsure, lost.tries, lost.code) == (False, 1, 550)
        with unit_of_work():
            outbox.send_again(lost.id)
    office.answer = "250 OK"

    assert (send(world), states(world)) == (0, [State.GIVEN_UP])


def test_undelivered_emails_go_after_a_week(world, office):
    office.serves(world)
    queue(world)
    office.answer = "550 no such person"
    send(world)

    for days, left in ((6, 1), (2, 0)):
        world.moment += timedelta(days=days)
        with world.app.app_context(), unit_of_work():
            outbox.purge()
        assert len(states(world)) == left


def test_two_workers_send_an_email_once(world, office):
    """The second worker runs after the first has claimed the email, and before the hand-over."""
    office.serves(world)
    queue(world)
    rung = []

    def deliver(server, email):
        if not rung:
            rung.append(send(world))
        return smtp_deliver(server, email)

    smtp_deliver = smtp.deliver
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(smtp, "deliver", deliver)
        assert send(world) == 1

    assert (rung, len(office.letters)) == ([0], 1)


def test_an_email_that_another_worker_claimed_meanwhile_is_left_to_it(world, office, monkeypatch):
    """Fails when an email is sent twice where two workers found it at once."""
    office.serves(world)
    queue(world)
    opened = smtp.opened

    def claimed_first():
        with world.app.app_context():
            [(email_id, tries)] = outbox._due()
            assert outbox._claim(email_id, tries)
        return opened()

    monkeypatch.setattr(smtp, "opened", claimed_first)

    assert send(world) == 0
    assert office.letters == []
    assert states(world) == [State.SENDING]


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(9, State.SENDING), (10, State.UNSURE), (-9, State.SENDING), (-10, State.UNSURE)],
)
def test_an_email_of_a_lost_worker_is_flagged(world, office, minutes, state):
    """Fails when an email claimed under a clock that ran ahead is never told of."""
    office.serves(world)
    queue(world)
    with world.app.app_context():
        assert outbox._claim(*outbox._due()[0])
    world.moment += timedelta(minutes=minutes)

    assert (send(world), states(world)) == (0, [state])
