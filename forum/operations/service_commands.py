"""Commands on the service as a whole: notice of a rest, read-only mode."""

from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.core import service_state
from forum.core.clock import zone
from forum.core.db import unit_of_work
from forum.core.service_state import Rest
from forum.mail.queries import is_on
from forum.operations import rests
from forum.operations.rests import BadRest

MINUTE = click.DateTime(formats=["%Y-%m-%d %H:%M"])

rest = AppGroup("rest", help="Notice to members that the service will be away.")


@rest.command("announce")
@click.argument("begins", type=MINUTE)
@click.argument("ends", type=MINUTE)
@click.option("--email", "by_email", is_flag=True, help="Tell every member by email, too.")
def announce(begins: datetime, ends: datetime, *, by_email: bool) -> None:
    """Tell members of a rest: "2026-12-05 22:00" "2026-12-06 02:00", in TIMEZONE."""
    here = zone(current_app.config["TIMEZONE"])
    try:
        utc = [each.replace(tzinfo=here).astimezone(UTC) for each in (begins, ends)]
    except OverflowError:  # before year 1, or after 9999, in UTC
        raise click.ClickException("That year cannot be right.") from None
    if by_email and not is_on():
        raise click.ClickException("This forum sends no email: leave --email out.")
    try:
        rests.announce(Rest(*utc), by_email=by_email)
    except BadRest as error:
        raise click.ClickException(str(error)) from None
    click.echo("The notice is up" + (", and emails are on their way." if by_email else "."))


@rest.command("end")
def end() -> None:
    """Take the notice down before its time."""
    try:
        rests.end()
    except BadRest as error:
        raise click.ClickException(str(error)) from None
    click.echo("The notice is down.")


@click.command("read-only")
@click.argument("state", type=click.Choice(["on", "off"]))
@with_appcontext
def read_only(state: str) -> None:
    """Begin or end read-only mode: pages open, and forms are refused with their text.

    Signing in goes on, and so does the worker: stop it where no row may change.
    """
    on = state == "on"
    with unit_of_work():
        if not service_state.change_read_only(on=on):
            raise click.ClickException(f"Read-only mode is {state} already.")
        note_service(Deed.READ_ONLY_BEGUN if on else Deed.READ_ONLY_ENDED, Actor.OPERATOR)
    click.echo("Nothing can be changed now." if on else "Everything can be changed again.")
