"""Commands `flask forum check`, `backup`, `restore` and `upgrade`."""

from collections.abc import Iterable
from pathlib import Path

import click
from flask import current_app
from flask.cli import ScriptInfo, with_appcontext

from config import from_environment
from forum.core.host_locks import alone
from forum.core.instance_lock import NotNow
from forum.core.keys import BadKeys
from forum.core.version import VERSION
from forum.operations import backups, checks, upgrades
from forum.operations.copy_files import KINDS, BadCopy
from forum.operations.findings import Finding, number_of

COPIES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("check")
@with_appcontext
def check() -> None:
    """Check keys, database, logs, files, headers and email, and list problems."""
    _tell(checks.of_installation())


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--only",
    type=click.Choice([*backups.PARTS]),
    help="The database, the circle keys or the root keys alone, encrypted to BACKUP_RECIPIENT.",
)
@with_appcontext
def backup(folder: Path, only: str | None) -> None:
    """Copy database, circle keys and root keys into FOLDER, while the forum runs."""
    recipient = current_app.config["BACKUP_RECIPIENT"]
    if only and not recipient:
        raise click.ClickException(
            "Copies that lie apart are encrypted: make a key with `age-keygen` on another machine,"
            " and put its public half into .env as BACKUP_RECIPIENT."
        )
    try:
        paths = backups.back_up(folder, backups.PARTS[only] if only else KINDS, recipient)
        past = backups.prune(folder)
        past += backups.prune(Path(current_app.config["INSTANCE"]) / upgrades.FOLDER)
    except BadCopy as error:
        raise click.ClickException(str(error)) from None
    for path in paths:
        click.echo(path)
    for path in past:
        click.echo(f"Deleted {path}, which was too old to keep.")
    if not only:
        click.echo(
            "Keep these three apart: whoever has all of them can read everything, and learn who"
            " wrote it.\nThe root keys belong on paper or in a safe, never beside the others. Each"
            " backup deletes copies of\nthe circle keys in FOLDER after 14 days and of the database"
            " after 30. Do so too wherever you moved\nthem: pages promise that what was deleted"
            " here is gone by then."
        )


@click.command("restore")
@click.option("--verify", is_flag=True, help="Only check that the backup can be restored.")
@click.option("--identity", type=COPIES, help="File with your private key, for encrypted copies.")
@click.option(
    "--closings",
    type=click.Choice(["begin-again", "call-off"]),
    help="For circles that were being closed: give the notice anew, or let none of them close.",
)
@click.argument("files", nargs=-1, required=True, type=COPIES)
def restore(
    files: tuple[Path, ...], verify: bool, identity: Path | None, closings: str | None
) -> None:
    """Restore the three FILES of a backup. There must be no database here yet."""
    config = from_environment()
    try:
        if verify:
            address = config.SQLALCHEMY_DATABASE_URI
            return _tell(backups.verify([*files], identity, address))
        with alone(config.INSTANCE, config.LOCKS_URL):
            backups.restore([*files], backups.Installation.of(config), identity)
            with click.get_current_context().ensure_object(ScriptInfo).load_app().app_context():
                backups.begin_again(call_off=_calls_off(closings))
    except (BadCopy, BadKeys, NotNow) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        "Restored. Everyone must sign in again. Old links and unsent emails no longer work.\n"
        "All else is as it was when the backup was made: anyone removed or suspended since is back,"
        " passwords\nand second locks changed since are the old ones, and posts withdrawn since"
        " stand there again. Tell the\nprogramme lead and the moderators as soon as the forum runs."
    )


def _calls_off(closings: str | None) -> bool:
    """Whether closings of the backup are called off: as the option says, else as is answered."""
    number = backups.closing_circles()
    if number and not closings:
        circles = number_of(number, "circle was", "circles were")
        click.echo(
            f"When this backup was made, {circles} being closed. If their members have"
            " called that off since,\nthey must not close now. Otherwise their notice of 30 days"
            " begins again, and members can call it off."
        )
        asked = "Call off the closing of all of them?"
        closings = "call-off" if _answers_yes(asked) else "begin-again"
    return closings == "call-off"


def _answers_yes(question: str) -> bool:
    """Answer on the terminal; no, where nobody is there to answer."""
    try:
        return click.confirm(question, default=False)
    except click.Abort:
        click.echo("Nobody answered: no.")
        return False


@click.command("upgrade")
@click.option("--back", is_flag=True, help="Undo the last upgrade; what was written since stays.")
@click.option("--to", default="", help="With --back: the revision of the program that comes back.")
@click.option("--quiet", is_flag=True, help="Print nothing where there is nothing to do.")
@with_appcontext
def upgrade(*, back: bool, to: str, quiet: bool) -> None:
    """Bring the tables to this release. Stop the forum first.

    A copy is made before, and put back if anything fails.
    """
    if to and not back:
        raise click.UsageError("--to goes with --back.")
    try:
        if back:
            revision = upgrades.back(click.echo, to)
            click.echo(f"The tables are those of revision {revision}. Start the release before.")
        elif upgrades.upgrade(click.echo):
            click.echo(f"The tables are those of release {VERSION}. Start the forum.")
        elif not quiet:
            click.echo(f"The tables are those of release {VERSION} already.")
    except (upgrades.UpgradeFailed, NotNow, BadCopy) as error:
        raise click.ClickException(str(error)) from None


def _mark(finding: Finding) -> str:
    if not finding.is_well:
        return "BAD"
    return "SEE" if finding.warns else "ok "


def _tell(findings: Iterable[Finding]) -> None:
    """Print findings as they come; exit status 1 unless all are well."""
    bad = 0
    for finding in findings:
        click.echo(f"{_mark(finding)} {finding.said}")
        bad += not finding.is_well
    if bad:
        failed = number_of(bad, "check failed. See the line", "checks failed. See the lines")
        raise click.ClickException(f"{failed} marked BAD above.")
    click.echo("All checks passed.")
