"""Letters, sent to a real mail server on a socket of this machine."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from forum.core.db import db, unit_of_work
from forum.mail import queries, services
from forum.mail.models import OutgoingMail
from tests.postoffice import PostOffice

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


def queue(world, address=ADDRESS):
    with world.app.app_context(), unit_of_work():
        services.queue(address, SUBJECT, TEXT)


def send(world):
    with world.app.app_context():
        return services.send_due()


def counts(world):
    """(waiting, failed)"""
    with world.app.app_context():
        return queries.waiting(), queries.failed()


def test_a_letter_arrives_as_it_was_written_and_its_row_is_gone(world, office):
    office.serves(world)
    queue(world)

    assert send(world) == 1

    [letter] = office.letters
    assert office.envelopes[0].rcpt_tos == [ADDRESS]
    assert (letter["To"], letter["Subject"]) == (ADDRESS, SUBJECT)
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content().replace("\r\n", "\n") == TEXT + "\n"
    assert counts(world) == (0, 0)
    assert send(world) == 0
    assert len(office.letters) == 1


def test_a_letter_names_the_site_and_nothing_of_the_machine_it_comes_from(world, office):
    office.serves(world, SITE_URL="https://circles.example.org")
    queue(world)

    send(world)

    [letter] = office.letters
    assert letter["From"] == "Kettle <no-reply@circles.example.org>"
    assert letter["Message-ID"].endswith("@circles.example.org>")
    assert office.callers == ["circles.example.org"]
    assert set(letter.keys()) - {"X-Peer"} == HEADERS


def test_a_waiting_letter_stands_in_no_file_in_clear(world, office):
    office.serves(world)
    queue(world)

    kept = b"".join(file.read_bytes() for file in world.files())
    assert b"outgoing_mail" in kept
    assert not [word for word in (ADDRESS, SUBJECT, "Guten Tag") if word.encode() in kept]


def test_without_a_mail_server_nothing_is_kept_and_nothing_pretends(world):
    queue(world)

    assert counts(world) == (0, 0)
    assert send(world) == 0
    with world.app.app_context():
        assert not queries.is_on()


def test_a_letter_refused_for_now_is_tried_again_with_growing_waits(world, office):
    office.serves(world)
    queue(world)
    office.answer, tried = "451 later", []

    for hour in range(40):
        before = office.asked
        send(world)
        tried += [hour] * (office.asked - before)
        world.moment += timedelta(hours=1)

    assert tried == [0, 1, 3, 7, 15, 31]
    assert counts(world) == (0, 1)


def test_a_letter_refused_once_still_arrives_later(world, office):
    office.serves(world)
    queue(world)
    office.answer = "451 later"
    send(world)

    office.answer = "250 OK"
    world.moment += timedelta(hours=1)

    assert send(world) == 1
    assert counts(world) == (0, 0)


def test_a_letter_refused_for_good_is_given_up_at_once_and_its_words_are_gone(world, office):
    office.serves(world)
    queue(world)
    office.answer = "550 no such person"

    assert send(world) == 0

    assert (office.asked, counts(world)) == (1, (0, 1))
    with world.app.app_context():
        [row] = db.session.query(OutgoingMail)
        assert (row.address, row.subject, row.text) == ("", "", "")


def test_a_letter_that_cannot_be_addressed_does_not_hold_up_the_others(world, office):
    office.serves(world)
    queue(world, "two lines\nof an address")
    queue(world)

    assert send(world) == 1

    assert counts(world) == (0, 1)


def test_while_the_server_is_out_of_reach_letters_wait_and_lose_no_try(world, office, caplog):
    office.serves(world, MAIL_PORT=1)
    queue(world)

    assert [send(world) for _ in range(10)] == [0] * 10

    assert caplog.messages[-1] == "mail: the server was lost with ConnectionRefusedError"
    office.serves(world)
    assert send(world) == 1


def test_no_log_line_names_whom_a_letter_was_for(world, office, caplog):
    office.serves(world)
    queue(world)
    office.answer = f"550 {ADDRESS} is unknown"

    send(world)

    assert caplog.messages == ["mail: a letter was refused with SMTPRecipientsRefused"]


@pytest.fixture
def certificate(tmp_path):
    """A server's certificate for 127.0.0.1: the file that holds it and its key."""
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


def test_a_letter_leaves_over_tls_after_signing_in(world, tls, certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    strict = {"tls_context": tls, "require_starttls": True, "auth_required": True}
    with PostOffice(**strict, authenticator=let_in) as office:
        signed_in = {"MAIL_USER": "kettle", "MAIL_PASSWORD": "a mail password"}
        office.serves(world, MAIL_SECURITY="starttls", **signed_in)
        queue(world)

        assert send(world) == 1


def test_nothing_is_sent_to_a_server_that_cannot_prove_who_it_is(world, tls, caplog):
    with PostOffice(tls_context=tls) as office:
        office.serves(world, MAIL_SECURITY="starttls")
        queue(world)

        assert send(world) == 0

        assert (office.letters, counts(world)) == ([], (1, 0))
        ours = [each.message for each in caplog.records if each.name == "forum.app"]
        assert ours == ["mail: the server was lost with SSLCertVerificationError"]
