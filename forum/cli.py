"""Operator commands: `flask forum …`.

`python -m forum.cli` runs them too; there `root-key` works before the application can start.
"""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from tqdm import tqdm

from config import HERE, from_environment
from forum import worker
from forum.accounts import account_recovery, links
from forum.accounts import services as accounts
from forum.accounts.models import Member, Purpose
from forum.accounts.queries import member_by_address
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.checker import LABELS, Kind, check
from forum.core import last_runs
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.instance_lock import NotNow
from forum.core.keys import BadKeys, root_keys
from forum.core.planner_statistics import create_tables
from forum.operations import commands as care
from forum.operations import failures, key_commands, people_commands, schema, service_commands
from forum.operations.findings import number_of
from forum.operations.readiness import require_fitting_keys
from forum.policy.terms import Role
from forum.search import services as search
from forum.search import vector_jobs
from forum.search.sentence_encoder import encoder
from forum.seeding import copies, imports, notes, pairs, people, rounds, talk, themes
from forum.seeding import drill as guardian_drill
from forum.web.urls import full_url

SET_UP_LIFE = timedelta(hours=24)
SET_UP_FILE = "set-up-link"  # in the instance folder, for its owner alone
A_YEAR, TEN_YEARS = 365, 3_650  # days
NOT_IN_DRILLS = frozenset(  # settings that would lead a drill to the real service
    (
        *("DATABASE_URL", "KEYS_URL", "REDIS_URL", "MAIL_SERVER", "ROOT_KEY_FILE", "SITE_URL"),
        "CREDENTIALS_DIRECTORY",
    )
)


class Commands(AppGroup):
    """Group whose commands answer a failure with a sentence."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        with failures.explained():
            return super().invoke(ctx)


commands = Commands("forum", help="Look after this forum.")
for each in (
    *(care.check, care.backup, care.restore, care.upgrade, key_commands.keys),
    *(people_commands.unfinished, people_commands.sign_out_everyone),
    *(people_commands.copy_link, people_commands.lead, people_commands.address),
    *(service_commands.rest, service_commands.read_only),
):
    commands.add_command(each)


@commands.command("root-key", with_appcontext=False)
def root_key() -> None:
    """Create the root key, if there is none."""
    path = from_environment().ROOT_KEY_FILE
    if path.exists():
        raise click.ClickException(f"{path} already exists. Nothing was changed.")
    root_keys(path, may_make=True)
    click.echo(f"Made {path}.")
    click.echo(
        "Keep a copy away from this machine and its backups. If you lose it, nothing "
        "can be read again."
    )


@commands.command("setup-link")
@click.option("--quiet", is_flag=True, help="Print nothing if the forum is already set up.")
@click.option("--file", "to_file", is_flag=True, help="Write it to a file, also on a terminal.")
@click.option("--show", is_flag=True, help="Print it, also where output may be collected.")
def setup_link(*, quiet: bool, to_file: bool, show: bool) -> None:
    """Print the link that makes the first account, while there is none.

    In production, where nobody sits at a terminal, it goes into a file instead of a log.
    """
    path = Path(current_app.config["INSTANCE"]) / SET_UP_FILE
    path.unlink(missing_ok=True)
    if db.session.scalar(select(Member.id).limit(1)):
        if not quiet:
            raise click.ClickException(
                "This forum is already set up. To add people, sign in "
                "as programme lead and invite them."
            )
        return
    with unit_of_work():
        links.end_all(Purpose.SET_UP)  # only the newest is good
        secret = links.issue(Purpose.SET_UP, SET_UP_LIFE)
    link, on_terminal = full_url("/set-up/" + secret), sys.stdout.isatty()
    if to_file or (current_app.config["PRODUCTION"] and not (show or on_terminal)):
        path.touch(mode=0o600)
        path.write_text(f"{link}\n")
        click.echo(f"The link to set up the forum is in {path}, and works for a day.")
    else:
        click.echo(f"Open this once, within a day, to set up the forum:\n{link}")


@commands.command("ready")
def ready() -> None:
    """Check that keys, tables and database match before starting."""
    tables = schema.revision()
    if tables is not None and tables not in schema.revisions():
        raise click.ClickException("The tables are of a later release. Start that one.")
    if tables not in (None, schema.head()):
        raise click.ClickException(
            "The tables are of another release. Stop the forum, then run: scripts/forum upgrade"
        )
    try:
        require_fitting_keys()
    except BadKeys as error:
        raise click.ClickException(str(error)) from None


@commands.command("purge")
def purge() -> None:
    """Run the worker's jobs once, now: send email, delete what is due, update search."""
    done = worker.run_due_jobs(by_hand=True)
    for name, count in done.items():
        click.echo(f"{name}: {count}")
    if not done:
        click.echo("Nothing was due.")


@commands.command("worker")
def work() -> None:
    """Run the worker until it is told to stop."""
    try:
        worker.run(current_app._get_current_object())  # type: ignore[attr-defined]  # a proxy has it
    except NotNow as error:
        raise click.ClickException(str(error)) from None


@commands.command("reset-link")
@click.argument("address")
def reset_link(address: str) -> None:
    """Print a link under which the holder of ADDRESS can choose a new password."""
    with unit_of_work():
        if member_by_address(address) is None:
            raise click.ClickException("No account uses that address. Check the spelling.")
        note_service(Deed.RESET_LINK_MADE, Actor.OPERATOR)
        link = accounts.reset_link(address)
    click.echo(f"This link works once and lasts an hour:\n{link}")


@commands.command("drill")
def drill() -> None:
    """Run a request to guardians on invented people, in a folder of its own."""
    with TemporaryDirectory() as folder:
        here = {"FORUM_INSTANCE": f"{folder}/instance", "FORUM_ENV": "development"}
        clean = {name: value for name, value in os.environ.items() if name not in NOT_IN_DRILLS}
        line = (sys.executable, "-m", "flask", "forum", "drill-here")
        done = subprocess.run(line, env=clean | here, cwd=HERE, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException("The drill failed. See above.")
    last_runs.note_drill()


@commands.command("drill-here", hidden=True)
def drill_here() -> None:
    """Run the drill in this empty instance."""
    create_tables()
    try:
        for step, seconds in guardian_drill.run():
            click.echo(f"{seconds:6.2f} s  {step}.")
    except guardian_drill.DrillFailed as error:
        raise click.ClickException(str(error)) from None


@commands.group("second-factor")
def second_factor() -> None:
    """Help for someone who lost phone and recovery codes."""


@second_factor.command("reset")
@click.argument("address")
def reset_second_factor(address: str) -> None:
    """Take the second factors of ADDRESS off; the password is still needed."""
    with unit_of_work():
        member = member_by_address(address)
        if member is None:
            raise click.ClickException("No account uses that address. Check the spelling.")
        note_service(Deed.FACTOR_RESET, Actor.OPERATOR)
        if not account_recovery.reset(member.id):
            raise click.ClickException("That account has no second factor.")
    click.echo("The second factor is off, and all devices are signed out.")


@commands.command("reindex")
def reindex() -> None:
    """Build the search index of every circle, or of those that this host holds."""
    circles = search.held()
    for circle_id in tqdm(circles, desc="Circles", unit="circle", disable=None):
        search.build(circle_id)
    click.echo(f"Built the index of {number_of(len(circles), 'circle', 'circles')}.")
    if encoder():
        _compute_vectors()


def _compute_vectors() -> None:
    with tqdm(desc="Meaning", unit="post", disable=None) as bar:

        def tell(progress: vector_jobs.Progress) -> None:
            bar.total, bar.n = progress.posts, progress.done
            bar.refresh()

        vector_jobs.catch_up(lambda: False, tell)


@commands.command("check-text", with_appcontext=False)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--words", is_flag=True, help="Print what was found, too.")
@click.option("--rural", is_flag=True, help="As in a circle of few people: two details are enough.")
@click.option("--language", default="en", show_default=True, help="Code of the text's language.")
def check_text(file: Path, words: bool, rural: bool, language: str) -> None:
    """Check a text of your own for details by which somebody might be recognised."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not a text in UTF-8.") from None
    for each in check(text, rural=rural, language=language):
        line, start = text.count("\n", 0, each.start) + 1, text.rfind("\n", 0, each.start)
        together = " (" + ", ".join(sorted(each.facets)) + ")" if each.facets else ""
        found = f": {text[each.start : each.end]!r}" if words else ""
        click.echo(
            f"line {line}, column {each.start - start}: {each.severity.value},"
            f" {LABELS[each.kind.value]}{together}{found}"
        )


@commands.command("seed")
@click.option("--circles", default=3, show_default=True, type=click.IntRange(1))
@click.option(
    "--members", type=click.IntRange(2), help="Number of new accounts; 8 a circle by default."
)
@click.option("--threads", default=36, show_default=True, type=click.IntRange(0))
@click.option("--replies", default=150, show_default=True, type=click.IntRange(0))
@click.option("--rounds", "in_rounds", default=0, show_default=True, type=click.IntRange(0))
@click.option("--pairs", "with_pairs", is_flag=True, help="With a pair, and a request for another.")
@click.option("--days", default=A_YEAR, show_default=True, type=click.IntRange(7, TEN_YEARS))
@click.option(
    "--copies",
    "copied",
    default=0,
    show_default=True,
    type=click.IntRange(0),
    help="Copy each circle so many times in bulk, to try a size; run reindex afterwards.",
)
@click.option("--draw", type=int, help="Random seed: the same number gives the same forum.")
@click.option(
    "--from",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON lines with `title` and `text`, to be posted in place of invented threads.",
)
@click.option("--demo", is_flag=True, help="Print DEMO_SIGN_IN lines of a few of those invented.")
def seed(
    circles: int,
    members: int | None,
    threads: int,
    replies: int,
    in_rounds: int,
    with_pairs: bool,
    days: int,
    copied: int,
    draw: int | None,
    source: Path | None,
    demo: bool,
) -> None:
    """Fill the forum with invented people, and with their invented talk or the texts of a file."""
    if current_app.config["PRODUCTION"]:
        raise click.ClickException("seed is not allowed when FORUM_ENV is production.")
    chance = Random(draw)  # noqa: S311  # nothing drawn here is a secret
    if replies and not threads and not source:
        raise click.UsageError("Replies need a thread: leave --threads out, or add --replies 0.")
    password, span = token_urlsafe(12), timedelta(days=days)
    try:
        texts = imports.read(source) if source else []
        with people.at(now() - span - timedelta(days=30)):  # all have settled in before
            lead = people.lead(password)
            companies = people.gather(circles, members or 8 * circles, password, chance)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    with tqdm(total=len(texts) or threads + replies + in_rounds, unit="post", disable=None) as bar:
        if source:
            _show_marks(imports.post(texts, companies, span, chance, bar.update))
        else:
            talk.hold(companies, threads, replies, span, chance, bar.update)
            rounds.hold(companies, in_rounds, chance, bar.update)
            notes.keep(companies)
            themes.write(companies)
            if with_pairs:
                pairs.hold(companies)
    _multiply(companies, copied)
    if demo:
        _show_sign_ins(companies, lead, password)
    else:
        click.echo(f"All example accounts use the password {password}")


def _multiply(companies: list[people.Company], copied: int) -> None:
    """Copy circles in bulk."""
    with tqdm(total=len(companies) * copied, unit="circle", disable=None) as bar:
        for company in companies if copied else ():
            copies.multiply(company, copied, lambda _posts: bar.update())


def _show_marks(found: "Counter[Kind]") -> None:
    """Say what was marked in texts that nobody was asked about."""
    for kind, number in sorted(found.items()):
        click.echo(f"Marked {number} x {LABELS[kind]}.")


def _show_sign_ins(companies: list[people.Company], lead: str | None, password: str) -> None:
    here, *others = companies
    moderator, *rest = here.people
    plain = [person for person in rest if person.role is Role.MEMBER]
    shown = [(moderator.address, "moderator"), *((each.address, "member") for each in plain[:2])]
    shown += [(other.people[1].address, "member-of-another-circle") for other in others[:1]]
    shown += [(lead, "programme-lead")] if lead else []
    for address, role in shown:
        click.echo(f"DEMO_SIGN_IN email={address} password={password} role={role}")


if __name__ == "__main__":
    commands()
