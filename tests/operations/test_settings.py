"""Settings from the environment: understood, or refused by name, never read as a less safe one."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config import Settings
from scripts import settings_page

HERE = Path(__file__).parents[2]
SHOWN = (
    "from config import from_environment as read; c = read();"
    "print(c.PRODUCTION, c.SITE_URL, c.LANGUAGES, c.MAIL_SECURITY, c.TRUSTED_PROXIES)"
)
PAST = re.compile(r"os\.getenv|os\.environ(\.get\(|\[)\"[A-Z]")
REAL = {"FORUM_ENV": "production", "SITE_URL": "https://circles.example.org"}
AS_REAL = "True https://circles.example.org"


def read(tmp_path, **settings):
    """What a process of its own makes of these settings."""
    surroundings = {"PATH": os.environ["PATH"], "FORUM_INSTANCE": str(tmp_path / "instance")}
    return subprocess.run(  # noqa: S603  # words of our own
        [sys.executable, "-c", SHOWN],
        env=surroundings | settings,
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("settings", "shown"),
    [
        ({}, "False http://localhost:8000 ('en-GB',) starttls 0"),
        (REAL, AS_REAL),
        ({name: f"{value}\r" for name, value in REAL.items()}, AS_REAL),
        (REAL | {"FORUM_ENV": " Production "}, AS_REAL),
        (REAL | {"SITE_URL": "https://circles.example.org/"}, AS_REAL),
        (REAL | {"SITE_URL": "https://circles.example.org:8443"}, f"{AS_REAL}:8443"),
        (REAL | {"SITE_URL": "https://[::1]:8443"}, "True https://[::1]:8443"),
        ({"SITE_URL": "http://Xn--Caf-dma.Example"}, "False http://Xn--Caf-dma.Example"),
        ({"LANGUAGES": "en-GB, fr-CA\r"}, "('en-GB', 'fr-CA')"),
        ({"LANGUAGES": "EN-gb fr-ca zh-tw"}, "('en-GB', 'fr-CA', 'zh-TW')"),
        ({"LANGUAGES": ""}, "('en-GB',)"),
        (
            {"OPERATOR": "The Education Board of the Integrated Care System of a Long Name, South"},
            "False",
        ),
        ({"SITE_NAME": "", "DATABASE_URL": "", "REDIS_URL": ""}, "False http://localhost:8000"),
        ({"MAIL_SECURITY": "TLS", "MAIL_PORT": ""}, " tls "),
        ({"TRUSTED_PROXIES": "1\r"}, " 1"),
    ],
)
def test_settings_are_read_without_blanks(tmp_path, settings, shown):
    """Fails when a CRLF file makes a development forum of a real one."""
    told = read(tmp_path, **settings)

    assert told.returncode == 0, told.stderr
    assert shown in told.stdout


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"FORUM_ENV": "prod"}, "FORUM_ENV"),
        (REAL | {"SITE_URL": "http://circles.example.org"}, "SITE_URL"),
        (REAL | {"SITE_URL": "https://"}, "SITE_URL"),
        (REAL | {"SITE_URL": "https://example.org/circles"}, "SITE_URL"),
        ({"SITE_URL": "circles.example.org"}, "SITE_URL"),
        ({"SITE_URL": "https://circles.example.org:port"}, "SITE_URL"),
        ({"SITE_URL": "https://exa mple"}, "SITE_URL"),
        ({"SITE_URL": "https://circles..example.org"}, "SITE_URL"),
        ({"SITE_URL": "https://circles.example.org,example.com"}, "SITE_URL"),
        ({"SITE_URL": "https://lee:word@circles.example.org"}, "SITE_URL"),
        ({"TRUSTED_PROXIES": "yes"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES"),
        ({"SHARED_DEVICE_IDLE": "abc"}, "SHARED_DEVICE_IDLE"),
        ({"OWN_DEVICE_ALLOWED": "maybe"}, "OWN_DEVICE_ALLOWED"),
        ({"MAIL_SECURITY": "ssl3"}, "MAIL_SECURITY"),
        ({"MAIL_PORT": "70000"}, "MAIL_PORT"),
        ({"LANGUAGES": "en-GB, xx"}, "LANGUAGES"),
        ({"LANGUAGES": "en_GB;fr"}, "LANGUAGES"),
        ({"LANGUAGES": ","}, "LANGUAGES"),
        ({"TIMEZONE": "Europe"}, "TIMEZONE"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL"),
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgres://forum:secret@db/forum"}, "DATABASE_URL"),
        ({"SITE_NAME": "A" * 300}, "SITE_NAME"),
        ({"OPERATOR": "Two\nlines"}, "OPERATOR"),
        ({"CONTACT": "A" * 201}, "CONTACT"),
        ({"MAINTENANCE_AT": "half past three"}, "MAINTENANCE_AT"),
        ({"TIMEZONE": "Europe/Camelot"}, "TIMEZONE"),
        ({"TIMEZONE": "../../etc/passwd"}, "TIMEZONE"),
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "http"}, "PORT"),
        ({"WEB_WORKERS": "two"}, "WEB_WORKERS"),
        ({"WEB_WORKERS": "0"}, "WEB_WORKERS"),
    ],
)
def test_a_setting_that_is_not_understood_is_refused_by_name(tmp_path, settings, name):
    told = read(tmp_path, **settings)

    assert told.returncode == 1
    assert name in told.stderr
    assert "Traceback" not in told.stderr
    assert "secret" not in told.stderr


def test_the_page_of_settings_is_as_the_table_says():
    """Fails when a setting is added without `make settings`."""
    assert settings_page.page() == settings_page.PAGE.read_text()


def test_each_variable_that_is_read_stands_in_the_table():
    """Fails when code reads a setting past the table, where nothing checks it."""
    sources = [HERE / "config.py", HERE / "wsgi.py", HERE / "scripts" / "gunicorn.py"]
    sources += (HERE / "forum").rglob("*.py")

    read_past = [str(each) for each in sources if PAST.search(each.read_text())]

    assert read_past == []


def test_each_setting_of_the_table_is_read():
    """Fails when a line of the table is documented and does nothing."""
    sources = [HERE / "config.py", HERE / "wsgi.py", HERE / "scripts" / "gunicorn.py"]
    used = {
        name
        for each in sources
        for name in re.findall(r"\b(?:SET|chosen|_set)\.(\w+)", each.read_text())
    }

    assert {*Settings.__annotations__} - used == set()


ODD = {
    "OPERATOR": "the Rose practice in Leeds",
    "SITE_NAME": "GP Circles # 2",
    "MAIL_PASSWORD": "Tr0ub$4dor&3 `id` $(id)\\",
    "CONTACT": "'anna'@example.org",
}


def test_a_line_of_the_file_is_taken_as_it_stands(tmp_path):
    """Fails when a blank, a dollar or a backtick in a password is carried out by a shell."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "flask").touch(0o700)
    lines = [f"{name}={value}" for name, value in ODD.items()]
    text = "# A comment\n\n" + "\n".join(lines) + '\nTIMEZONE="Europe/London"\r\nPORT=81'
    (tmp_path / ".env").write_text(text)
    asked = f". {HERE}/scripts/settings && env"

    done = subprocess.run(  # noqa: S603  # words of our own
        ["/bin/bash", "-euc", asked], cwd=tmp_path, env={}, capture_output=True, text=True
    )

    known = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert ODD.items() <= known.items(), done.stderr
    assert (known["TIMEZONE"], known["PORT"]) == ("Europe/London", "81")


def test_a_line_that_is_no_setting_is_refused_by_its_number(tmp_path):
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "flask").touch(0o700)
    (tmp_path / ".env").write_text("PORT=81\nMAIL_PASSWORD a secret\n")

    done = subprocess.run(  # noqa: S603  # words of our own
        ["/bin/bash", "-euc", f". {HERE}/scripts/settings"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (1, ".env, line 2: write it as NAME=value.\n")


def test_a_command_by_another_user_is_refused(tmp_path):
    """Fails when root makes keys or indexes that the service cannot read afterwards."""
    folder = tmp_path / "instance"
    folder.mkdir()
    try:
        os.chown(folder, os.geteuid() + 1234, -1)
    except PermissionError:
        pytest.skip("not run: only root gives a folder to another user")

    refused = read(tmp_path)
    os.chown(folder, os.geteuid(), -1)

    assert refused.returncode == 1
    assert "belongs to another user (number" in refused.stderr
    assert read(tmp_path).returncode == 0
