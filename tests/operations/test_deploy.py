"""Units, nginx in front and container files of deploy/, tried where a tool for it is there."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPSConnection
from pathlib import Path

import brotli
import pytest
import yaml
from flask_migrate import upgrade

from config import Settings
from tests.journeys.installation import Installation

HERE = Path(__file__).parents[2]
DEPLOY = HERE / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
MOST_EXPOSED = 20  # tenths, of what `systemd-analyze security` says
SLOW = 200
NAME = "circles.example.org"


def needs(*programs):
    for each in programs:
        if not shutil.which(each):
            pytest.skip(f"not run: {each} is not here")


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def units(tmp_path):
    """The units as they would be installed, but for the folder of the forum."""
    for path in (DEPLOY / "systemd").iterdir():
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/forum", str(HERE)))
    return tmp_path


def test_systemd_understands_each_unit(units):
    """Fails for a misspelt line, an absent program or an absent unit."""
    needs("systemd-analyze")

    status, said = run("systemd-analyze", "verify", *map(str, sorted(units.iterdir())))

    assert (status, said) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_each_unit_is_shut_in(unit):
    needs("systemd-analyze")

    status, said = run(
        *("systemd-analyze", "security", "--offline=yes", "--no-pager"),
        *(f"--threshold={MOST_EXPOSED}", str(unit)),
    )

    assert status == 0, said
    print(said.strip().splitlines()[-1])


@pytest.mark.parametrize("unit", ["forum-web", "forum-worker"])
def test_web_and_worker_are_started_again_for_ever(unit):
    lines = (DEPLOY / "systemd" / f"{unit}.service").read_text().splitlines()

    assert {"Restart=always", "StartLimitIntervalSec=0"} <= set(lines)
    assert {"LoadCredential=keys:/etc/forum/keys", "InaccessiblePaths=-/etc/forum/keys"} <= set(
        lines
    )


def trickle(stack, address, number):
    """A sender of a form that goes on for ever, a byte at a time; one of 50 addresses."""
    plain = ssl.create_default_context()
    plain.check_hostname, plain.verify_mode = False, ssl.CERT_NONE
    wire = socket.create_connection(address, 10, (f"127.0.1.{number % 50 + 1}", 0))
    wire = stack.enter_context(plain.wrap_socket(wire, server_hostname=NAME))
    head = f"POST /sign-in HTTP/1.1\r\nHost: {NAME}\r\nContent-Length: 100000\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\nx"
    wire.sendall(head.encode())
    return wire


@contextmanager
def nginx_before(forum, folder):
    """Port of an nginx with the example's configuration in front of a forum."""
    needs("nginx", "openssl")
    if not (module := sorted(Path("/usr/share/nginx/modules").glob("*brotli_filter*"))):
        pytest.skip("not run: nginx has no brotli here")
    status, said = run(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}"),
        *("-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"),
    )
    assert status == 0, said
    with socket.create_server(("127.0.0.1", 0)) as free, socket.create_server(("", 0)) as other:
        ports = free.getsockname()[1], other.getsockname()[1]
    (folder / "nginx.conf").write_text(
        f"load_module {module[0]};\n" + configuration(forum.url[7:], folder, ports)
    )
    words = ("nginx", "-p", str(folder), "-e", f"{folder}/start.log", "-c", f"{folder}/nginx.conf")
    assert run(*words, "-t")[0] == 0, run(*words, "-t")[1]
    server = subprocess.Popen([*words, "-g", "daemon off;"])  # noqa: S603  # words of our own
    try:
        until_open(ports[0])
        yield ports[0]
    finally:
        server.terminate()
        server.wait(10)


def configuration(forum, folder, ports):
    """The example, whole, with paths and ports of the test."""
    text = (DEPLOY / "nginx" / "forum.conf").read_text()
    changes = {f"/etc/letsencrypt/live/{NAME}": folder, "/var/log/nginx": folder}
    changes |= {"127.0.0.1:8000": forum, "listen 443": f"listen {ports[0]}"}
    changes |= {"listen 80": f"listen {ports[1]}"}
    for said, meant in changes.items():
        assert said in text
        text = text.replace(said, str(meant))
    text = re.sub(r"\n *listen \[::\].*", "", text)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    kept = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"pid {folder}/pid;\nworker_processes 1;\nevents {{}}\n"
        f"http {{\n{kept}\ninclude /etc/nginx/mime.types;\n{text}\n}}\n"
    )


def until_open(port):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


def get(port, path, **headers):
    """Answer to a request through nginx, and how long it took."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    line = HTTPSConnection("127.0.0.1", port, timeout=20, context=context)
    begun = time.monotonic()
    line.request("GET", path, headers={"Host": NAME} | headers)
    answer = line.getresponse()
    content = answer.read()
    line.close()
    return answer, content, time.monotonic() - begun


@pytest.fixture
def served(tmp_path):
    forum = Installation(tmp_path)
    with forum.app.app_context():
        upgrade()
    forum.serve()
    folder = tmp_path / "nginx"
    folder.mkdir()
    try:
        with nginx_before(forum, folder) as port:
            yield port, folder
    finally:
        forum.close()


def test_slow_senders_hold_nobody_up(served):
    """Fails when nginx hands a request on before it has all of it."""
    port, _ = served
    with ExitStack() as stack:
        senders = [trickle(stack, ("127.0.0.1", port), number) for number in range(SLOW)]
        for each in senders[::7]:
            with suppress(OSError):  # it took too long for nginx already
                each.sendall(b"x")

        took = [get(port, "/sign-in")[2] for _ in range(5)]

    print(f"{SLOW} slow senders: a page took {max(took):.2f} s at most")
    assert max(took) < 2


def test_the_proxy_packs_pages_and_writes_no_address(served):
    port, folder = served

    answer, content, _ = get(port, "/help", **{"Accept-Encoding": "br"})
    for path in ("/sign-in?next=secret-word", "/join/secret-word", "/circles/secret-word/write"):
        get(port, path, **{"User-Agent": "secret-browser"})
    logged = (folder / "circles.log").read_text()

    assert answer.getheader("Content-Encoding") == "br"
    assert b"<h1" in brotli.decompress(content)
    assert "nginx/" not in str(answer.headers)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d page 200\n", logged)


def compose():
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]


def test_containers_write_nowhere_but_to_volumes():
    for name in ("web", "worker", "tools"):
        service = compose()[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
    assert "USER 10001:10001" in (DEPLOY / "Containerfile").read_text()
    assert "database" not in str(compose()["database"].get("ports"))
    assert compose()["web"]["volumes"][1].endswith(":ro")


def test_containers_name_only_settings_of_the_table():
    """Fails when a setting is renamed and the files of containers keep the old name."""
    known = {each.name.upper() for each in Settings.__attrs_attrs__}
    # What follows ARG or # is for the build alone.
    text = re.sub(r"(?m)^(ARG|#) .*", "", (DEPLOY / "Containerfile").read_text())
    written = re.findall(r"(?:ENV )?\b([A-Z_]+)=", text)

    assert set(compose()["web"]["environment"]) <= known
    assert set(written) <= known


def test_an_image_can_be_built():
    for builder in ("podman", "buildah", "docker"):
        if shutil.which(builder) and run(builder, "info")[0] == 0:
            break
    else:
        pytest.skip("not run: no builder of images is here")

    status, said = run(builder, "build", "-q", "-f", str(DEPLOY / "Containerfile"), str(HERE))

    assert status == 0, said


@pytest.mark.parametrize("words", [[], ["--help"], [".."], ["a.example", "b.example"]], ids=str)
def test_the_installer_needs_a_name(tmp_path, words):
    """Fails when whoever asks for help gets a forum stopped, or a host that nobody can have."""
    nobody = tmp_path / "id"  # so that no fault of ours installs anything here
    nobody.write_text("#!/bin/sh\necho 1000\n")
    nobody.chmod(0o700)
    path = f"PATH={tmp_path}:{os.environ['PATH']}"
    status, said = run("env", path, "bash", str(DEPLOY / "install"), *words)

    assert status == 2
    assert "Name the host" in said
    assert run("bash", "-n", str(DEPLOY / "install")) == (0, "")


def test_the_way_back_is_taken_by_no_odd_word():
    """Fails when whoever asks for help gets the program of before."""
    assert run("bash", str(DEPLOY / "back"), "--help")[0] == 2
    assert run("bash", str(DEPLOY / "back"), "--program-only", "now")[0] == 2
    assert run("bash", "-n", str(DEPLOY / "back")) == (0, "")


def test_a_container_is_healthy_once_the_forum_answers(tmp_path, monkeypatch):
    forum = Installation(tmp_path)
    with forum.app.app_context():
        upgrade()
    monkeypatch.setenv("PORT", forum.url.rpartition(":")[2])
    forum.serve()
    answers = run(sys.executable, str(HERE / "scripts" / "healthy.py"))
    forum.close()

    assert answers == (0, "")
    assert run(sys.executable, str(HERE / "scripts" / "healthy.py"))[0] == 1
