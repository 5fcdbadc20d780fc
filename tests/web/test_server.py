"""Responses and logs of the web server itself, before the application runs."""

import re
import socket

import pytest
from flask_migrate import upgrade

from tests.journeys.installation import Installation

HERE = "127.0.0.9"  # a loopback address found nowhere else
REFUSED = {
    "a line that is too long": (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\n\r\n", b"414"),
    "a header that is too long": (b"GET / HTTP/1.1\r\nX-A: " + b"x" * 70_000 + b"\r\n\r\n", b"431"),
    "no request at all": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n", b"400"),
    "two lengths": (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"400",
    ),
}


@pytest.mark.leaks
@pytest.mark.proof("M5")
def test_the_server_never_logs_an_ip_address(tmp_path):
    forum = Installation(tmp_path)
    with forum.app.app_context():
        upgrade()
    forum.serve()

    answers = {what: sent(forum.url, words) for what, (words, _) in REFUSED.items()}
    usual = sent(forum.url, b"GET /sign-in HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    said = forum.close()

    assert b"200 OK" in usual
    assert not re.search(rb"\nServer:[^\r]*\d", usual)  # of which version it is
    for what, (_, status) in REFUSED.items():
        assert status in answers[what].split(b"\r\n")[0], what
    assert HERE not in said
    assert "ip=" not in said


def sent(url, words):
    """Response to raw bytes."""
    host, port = url.removeprefix("http://").split(":")
    whole = b""
    with socket.create_connection((host, int(port)), 20, (HERE, 0)) as wire:
        try:
            wire.sendall(words)
            while part := wire.recv(65_536):
                whole += part
        except ConnectionResetError:
            pass  # the server closed before reading everything
    return whole
