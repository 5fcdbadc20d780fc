"""Commands `flask forum keys`: rotation, root keys on paper, exposure by a lost key."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from tqdm import tqdm

from config import from_environment
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.host_locks import alone
from forum.core.instance_lock import NotNow
from forum.core.key_stores import PostgresKeyStore, SqliteKeyStore
from forum.core.keys import BadKeys, key_ring, root_keys, write_roots
from forum.operations import exposure, key_sheets, rotation
from forum.operations.findings import number_of
from forum.operations.key_sheets import BadSheet, Row

PAGE_BREAK = "\f"
TYPED = click.Path(exists=True, dir_okay=False, path_type=Path, allow_dash=True)

keys = AppGroup("keys", help="Look after the keys.")


@keys.command("rotate")
def rotate() -> None:
    """Create new keys and re-encrypt everything.

    Stop the forum first. If it is interrupted, run it again.
    """
    shown: dict[str, tqdm[None]] = {}
    try:
        version = rotation.rotate(partial(_show, shown))
    except (NotNow, BadKeys) as error:
        raise click.ClickException(str(error)) from None
    finally:
        for bar in shown.values():
            bar.close()
    click.echo(
        f"Everything is now encrypted with root key {version}. Make a backup now, and keep the new "
        "root key away\nfrom this machine. The older root keys stay where they are: names that "
        "were in use are found by them."
    )


@keys.command("share")
def share() -> None:
    """Copy the circle keys of this host's file into the database of KEYS_URL.

    Stop the forum first. The file stays, and is used no more.
    """
    config, store = current_app.config, key_ring().store
    if not isinstance(store, PostgresKeyStore):
        raise click.ClickException("Name a database of its own in KEYS_URL first.")
    path, heads = Path(config["CIRCLE_KEYS_FILE"]), Path(config["LOG_HEADS_FILE"])
    if not path.exists():
        raise click.ClickException(f"{path} is not here, so there is nothing to copy.")
    try:
        with alone(Path(config["INSTANCE"]), config["LOCKS_URL"]):
            if store.circles() or store.destroyed():
                raise click.ClickException("KEYS_URL holds keys already. Nothing was changed.")
            own = SqliteKeyStore(path, heads)
            store.replace_all(own.rows(), own.destroyed())
            store.write_log_heads(own.log_heads())
            key_ring().open_first()
    except (NotNow, BadKeys) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        "All hosts that name this KEYS_URL now share"
        f" {number_of(len(store.circles()), 'circle', 'circles')}. Copy the root keys to each host."
        f"\n{path} is used no more: delete it once a backup has been made."
    )


def _show(shown: dict[str, "tqdm[Any]"], what: str, done: int, there: int) -> None:
    if what not in shown:
        shown[what] = tqdm(total=there, desc=what, disable=None)
    shown[what].update(done - shown[what].n)


@keys.command("print")
def print_sheet() -> None:
    """Print all root keys as one sheet of paper: `keys print | lp`.

    Whoever has the sheet and a copy of the rest can read everything.
    """
    rows = key_sheets.whole(_roots())
    with unit_of_work():
        note_service(Deed.KEYS_PRINTED, Actor.OPERATOR)
    _sheet("One sheet. Keep it in a safe, away from all copies.", rows)


@keys.command("shares")
def print_shares() -> None:
    """Print the root keys as three sheets, any two of which give the keys back.

    Each call draws new shares: sheets of two drawings do not fit together.
    """
    sheets = key_sheets.shares(_roots())
    with unit_of_work():
        note_service(Deed.KEY_SHARES_PRINTED, Actor.OPERATOR)
    for number, rows in enumerate(sheets, 1):
        if number > 1:
            click.echo(PAGE_BREAK, nl=False)
        _sheet(
            f"Share {number} of {key_sheets.SHARES}. Any {key_sheets.NEEDED} of this drawing give"
            " the keys back; one alone tells nothing.\nGive each to another person.",
            rows,
        )


def _sheet(said: str, rows: Sequence[Row]) -> None:
    site, day = current_app.config["SITE_NAME"], now().date().isoformat()
    click.echo(f"Root keys of {site}, printed on {day}\n{said}\n")
    for row in rows:
        click.echo(str(row))
    click.echo(
        "\nAfter a loss, type the numbered rows into a file, each with its check behind the stroke,"
        "\nand run: scripts/forum keys from-paper FILE (two files, for two shares)."
    )


@keys.command("from-paper", with_appcontext=False)
@click.option(
    "--check", "only_check", is_flag=True, help="Compare with the root keys that are here."
)
@click.argument("files", nargs=-1, required=True, type=TYPED)
def from_paper(files: tuple[Path, ...], *, only_check: bool) -> None:
    """Make the root keys of FILES: a whole sheet, or two shares, typed in.

    Existing keys are never overwritten.
    """
    path = from_environment().ROOT_KEY_FILE
    try:
        typed = key_sheets.roots_of([_typed(file) for file in files])
        if only_check:
            same = typed == root_keys(path, may_make=False)
        elif path.exists():
            raise click.ClickException(f"{path} already exists. Nothing was changed.")
        else:
            write_roots(path, typed)
    except (BadSheet, BadKeys) as error:
        raise click.ClickException(str(error)) from None
    if only_check and not same:
        raise click.ClickException("The paper is sound, but these are other keys than those here.")
    click.echo("The paper gives the root keys that are here." if only_check else f"Made {path}.")


def _typed(file: Path) -> str:
    try:
        with click.open_file(str(file), encoding="utf-8") as text:
            return str(text.read())
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not a text in UTF-8.") from None


@keys.command("exposed")
@click.argument("version", type=click.IntRange(1))
def exposed(version: int) -> None:
    """Count the sealed values that root key VERSION opens, after its loss.

    No value is opened.
    """
    try:
        found = exposure.of(version)
    except LookupError:
        raise click.ClickException(
            f"There never was a root key {version} here. The newest has number {len(_roots())}."
        ) from None
    with unit_of_work():
        note_service(Deed.EXPOSURE_ASKED, Actor.OPERATOR)
    since = _hour(found.since) if found.since else "the beginning"
    until = _hour(found.until) if found.until else "now"
    click.echo(f"Root key {version} sealed from {since} until {until}.")
    click.echo("Of what is here now it opens, together with a copy of database and circle keys:")
    for each in found.values:
        click.echo(f"  {each.name}: {each.under_it} of {each.all}")
    if found.is_in_use:
        click.echo(
            "It seals now: whoever has it and copies of both reads everything that stands here."
            " Change the keys:\nscripts/forum keys rotate"
        )
        return
    for name, moment in found.gone_by.items():
        click.echo(f"Copies of the {name} from that time are to be gone by {_hour(moment)}.")
    click.echo(
        "Copies of then that went astray show whoever has the key all that stood in them, names"
        " behind masks\nincluded. What was withdrawn or closed before is in none."
    )


def _hour(moment: datetime) -> str:
    return moment.strftime("%d %B %Y, %H:00 UTC").lstrip("0")


def _roots() -> dict[int, bytes]:
    return root_keys(Path(current_app.config["ROOT_KEY_FILE"]), may_make=False)
