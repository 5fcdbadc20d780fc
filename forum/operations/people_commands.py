"""Commands on accounts: unfinished ones, signing everyone out."""

import click
from flask.cli import AppGroup, with_appcontext

from forum.accounts import sessions
from forum.accounts.models import Purpose
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.mail.queries import is_on
from forum.operations import people
from forum.operations.findings import number_of
from forum.operations.people import NotDone
from forum.programme import services as programme

unfinished = AppGroup("unfinished", help="Accounts that belong to no circle.")


@unfinished.command("list")
@click.option("--addresses", is_flag=True, help="Print their email addresses, too.")
def list_unfinished(*, addresses: bool) -> None:
    """Count accounts that never joined a circle, or have left every circle for good."""
    with unit_of_work():
        there = people.unfinished()
        sign_ups, invited = (
            people.waiting(each) for each in (Purpose.SIGN_UP, Purpose.OPEN_CIRCLE)
        )
        note_service(Deed.UNFINISHED_LISTED, Actor.OPERATOR)
    click.echo(f"{number_of(len(there), 'account belongs', 'accounts belong')} to no circle.")
    for each in there if addresses else ():
        goes = f" (goes on {each.goes_on:%d %B %Y})" if each.goes_on else ""
        click.echo(f"  {each.address}{goes}")
    click.echo(
        f"{number_of(sign_ups, 'sign-up waits', 'sign-ups wait')} for a click in an email. Unused"
        f" invitations to start a circle: {invited}. All of these end by themselves."
    )


@unfinished.command("end")
@click.argument("address")
def end_unfinished(address: str) -> None:
    """Delete the account of ADDRESS in some days; its owner hears of it, and can cancel."""
    try:
        with unit_of_work():
            day = people.end_unfinished(address)
    except NotDone as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"It goes on {day:%d %B %Y}, unless its owner signs in before and keeps it.")
    click.echo(_told("Its owner is", "its owner"))


@click.command("copy-link")
@click.argument("address")
@click.option("--cancel", is_flag=True, help="End such a link instead.")
@with_appcontext
def copy_link(address: str, *, cancel: bool) -> None:
    """Print a link under which the holder of ADDRESS, who cannot sign in, takes their posts.

    Hand it over in person: it works once, for whoever opens it, and asks for the file's
    password. Posts under hidden and invented names are left out.
    """
    try:
        with unit_of_work():
            if cancel:
                people.cancel_copy_link(address)
            link = "" if cancel else people.copy_link(address)
    except NotDone as error:
        raise click.ClickException(str(error)) from None
    if cancel:
        click.echo("The link no longer works.")
    else:
        told = _told("They are", "them")
        click.echo(f"This link works once, within three days. {told}\n{link}")


address = AppGroup("address", help="Another mail address for somebody who lost theirs.")


@address.command("correct")
@click.argument("old")
@click.argument("new")
def correct_address(old: str, new: str) -> None:
    """Let the account of OLD use the address NEW, after 24 hours for its owner to refuse."""
    try:
        with unit_of_work():
            people.correct_address(old, new)
    except NotDone as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        "Every open session of its owner shows it at once, and can stop it. In 24 hours the worker"
        " changes\nthe address; posts under hidden names stay closed for seven days after."
    )
    click.echo(_told("Its owner is", "its owner"))


@address.command("cancel")
@click.argument("old")
def cancel_correction(old: str) -> None:
    """Cancel such a change while the account still has the address OLD."""
    try:
        with unit_of_work():
            people.cancel_correction(old)
    except NotDone as error:
        raise click.ClickException(str(error)) from None
    click.echo("The address stays as it is.")


lead = AppGroup("lead", help="Programme leads: hand over, add another, end.")


@lead.command("add")
def add_lead() -> None:
    """Print a link for a further programme lead, good for a day."""
    _print_lead_link("")


@lead.command("hand-over")
@click.argument("address")
def hand_over(address: str) -> None:
    """Print a link whose holder becomes programme lead in place of ADDRESS, within a day."""
    if not address.strip():  # of a variable that is not set: it would add a lead
        raise click.ClickException("No account uses that address. Check the spelling.")
    _print_lead_link(address)


def _print_lead_link(hands_over: str) -> None:
    try:
        with unit_of_work():
            link = programme.lead_link(hands_over)
    except InvalidInput as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"This link works once, within a day; an earlier one no longer works:\n{link}")


@lead.command("end")
@click.argument("address")
def end_lead(address: str) -> None:
    """Let the account of ADDRESS be programme lead no more. One always stays."""
    try:
        with unit_of_work():
            programme.end_lead(address)
    except InvalidInput as error:
        raise click.ClickException(str(error)) from None
    click.echo("That account is programme lead no more, and is signed out.")
    click.echo(_told("All leads are", "the leads"))


@click.command("sign-out-everyone")
@with_appcontext
def sign_out_everyone() -> None:
    """End every session. Text being typed comes back after signing in."""
    with unit_of_work():
        if not sessions.end_everyones():
            raise click.ClickException("Nobody was signed in.")
        note_service(Deed.EVERYONE_SIGNED_OUT, Actor.OPERATOR)
    click.echo("Everyone is signed out.")


def _told(who: str, whom: str) -> str:
    """Sentence on an email to them; while mail is off, on the operator's own part."""
    return (
        f"{who} told by email." if is_on() else f"This forum sends no email: tell {whom} yourself."
    )
