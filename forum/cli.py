"""Commands for whoever runs the server: `flask forum …`.

`python -m forum.cli` runs the same ones; there `root-key` works before anything else can start.
"""

from datetime import timedelta

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import delete, select

from config import from_environment
from forum import worker
from forum.accounts import links
from forum.accounts.models import Member, OneTimeLink, Purpose
from forum.core.db import db, unit_of_work
from forum.core.keys import root_keys

SET_UP_LIFE = timedelta(hours=24)

commands = AppGroup("forum", help="Look after this forum.")


@commands.command("root-key", with_appcontext=False)
def root_key() -> None:
    """Make the key that opens everything here, where there is none."""
    path = from_environment().ROOT_KEY_FILE
    if path.exists():
        raise click.ClickException(f"{path} is there already. It is left as it is.")
    root_keys(path, may_make=True)
    click.echo(f"Made {path}.")
    click.echo("Keep a copy away from this machine and its backups: without it all is lost.")


@commands.command("setup-link")
@click.option("--quiet", is_flag=True, help="Say nothing where the forum is set up already.")
def setup_link(quiet: bool) -> None:
    """Print the link that makes the first account, while there is none."""
    if db.session.scalar(select(Member.id).limit(1)):
        if not quiet:
            raise click.ClickException("This forum is set up already.")
        return
    with unit_of_work():
        db.session.execute(delete(OneTimeLink).filter_by(purpose=Purpose.SET_UP))
        secret = links.issue(Purpose.SET_UP, SET_UP_LIFE)
    click.echo(f"Open this once, within a day, to set up the forum:\n{_url('set-up', secret)}")


@commands.command("purge")
def purge() -> None:
    """Do now what the worker does each minute: send, purge, build."""
    done = worker.ring()
    for name, count in done.items():
        click.echo(f"{name}: {count}")
    if not done:
        click.echo("Nothing was due.")


@commands.command("worker")
def work() -> None:
    """Run the worker until it is told to stop."""
    worker.run(current_app._get_current_object())  # type: ignore[attr-defined]  # a proxy has it


def _url(*parts: str) -> str:
    return "/".join((current_app.config["SITE_URL"].rstrip("/"), *parts))


if __name__ == "__main__":
    commands()
