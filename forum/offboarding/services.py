"""Leaving circles and deleting accounts. Masked posts are never touched: see "Your posts".

Call `circles.member_names.write_bylines` after each unit of work.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from flask_babel import format_date

from forum.accounts import emails, links
from forum.accounts import services as accounts
from forum.accounts.models import EventKind, Purpose
from forum.accounts.owner_keys import LINKS
from forum.accounts.queries import account
from forum.audit.actions import Actor, Deed
from forum.audit.services import note_service
from forum.authors.queries import everyday_rows
from forum.circles import queries as circles
from forum.circles import services as circle_services
from forum.circles.locks import lock_circle
from forum.circles.mask_schedule import between, next_slot
from forum.circles.models import Circle, Membership
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import NotFound
from forum.core.randomness import random_source
from forum.offboarding import queries
from forum.offboarding.models import Departure
from forum.offboarding.plans import LIFE, SPAN, Name, Plan, Withdrawal
from forum.policy.terms import AuthorMode
from forum.web.urls import full_url

COPY_LINK_LIFE = timedelta(days=3)


def leave(
    member_id: UUID, circle_id: UUID, *, words_go: bool, invented: Withdrawal = Withdrawal.NONE
) -> None:
    """Leave a circle; access ends at once.

    words_go: withdraw posts under the own name within the grace days. invented: withdrawal of posts
    under a pseudonym.
    """
    place = circles.own_place(circles.enter(member_id, circle_id), member_id)
    circle_services.leave(member_id, circle_id)
    _drop_plan(place)  # from an earlier leaving, undone by an invitation
    take_words_away(place, own=words_go, invented=invented)


def undo(place: Membership) -> None:
    """Restore a former membership; remaining posts stay. Raises NotFound and InvalidInput as
    `rejoin`.
    """
    circle_services.rejoin(place)
    accounts.cancel_deletion(place.member_id)
    _drop_plan(place)


def take_words_away(
    place: Membership, *, own: bool = False, invented: Withdrawal = Withdrawal.NONE
) -> None:
    """Schedule the withdrawal of a leaver's posts under everyday names.

    Idempotent: posts already scheduled keep their slots. Raises NotFound for a membership that was
    purged, or taken up again, meanwhile.
    """
    lock_circle(place.circle_id)
    key = place.circle_id, place.id  # read again, as `rejoin` does
    found = db.session.get(Membership, key, populate_existing=True)
    if found is None or found.left_on is None:
        raise NotFound
    row = departure(place)
    plan = Plan.from_json(row.plan)
    modes = {each.id: each.mode for each in everyday_rows(circles.former_standing(place))}
    wanted = {
        AuthorMode.OWN_NAME: Withdrawal.WITHIN_A_WEEK if own else Withdrawal.NONE,
        AuthorMode.PSEUDONYM: invented,
    }
    names = (_to_go(name, wanted[modes[name.author_id]], place) for name in plan.names)
    row.plan = replace(plan, names=tuple(names)).to_json()


def departure(place: Membership) -> Departure:
    """Departure row of a former membership, created if missing."""
    if row := queries.departure(place):
        return row
    standing = circles.former_standing(place)
    names = tuple(Name(row.id) for row in everyday_rows(standing))
    return keep(place.circle_id, _plan(place.circle_id, place.id, names))


def keep(circle_id: UUID, plan: Plan) -> Departure:
    """Add a departure row."""
    row = Departure(circle_id=circle_id)
    row.plan = plan.to_json()
    db.session.add(row)
    db.session.flush()
    return row


def delete_account(
    member_id: UUID, *, words_go: bool, invented: Withdrawal = Withdrawal.NONE
) -> None:
    """Leave every circle, and schedule the account's deletion for the end of the grace days."""
    for circle_id in sorted(each.circle.id for each in circles.places(member_id)):
        leave(
            member_id, circle_id, words_go=words_go, invented=invented
        )  # locks taken in one order
    on = (now() + queries.grace()).date()
    accounts.schedule_deletion(member_id, on)
    emails.account_goes(
        account(member_id).address, str(format_date(on, "EEEE d MMMM", rebase=False))
    )


def keep_account(member_id: UUID) -> None:
    """Cancel a scheduled deletion. Each circle is rejoined separately."""
    accounts.cancel_deletion(member_id)


def note_export(member_id: UUID) -> None:
    """Record an export among the account's events."""
    accounts.note(member_id, EventKind.WORDS_TAKEN_ALONG)


def copy_link(member_id: UUID) -> str:
    """URL with which a person takes a copy of their open posts, once; they are told by email.

    Earlier links of this kind end.
    """
    note_service(Deed.COPY_LINK_MADE, Actor.OPERATOR)
    cancel_copy_link(member_id)
    secret = links.issue(Purpose.TAKE_COPY, COPY_LINK_LIFE, member_id=member_id)
    emails.copy_link_made(account(member_id).address)
    return full_url(f"/account/copy/{secret}")


def cancel_copy_link(member_id: UUID) -> bool:
    """End a person's link to a copy; returns False if there was none."""
    gone = db.session.execute(LINKS[Purpose.TAKE_COPY].delete(account(member_id)))
    return bool(gone.rowcount)  # type: ignore[attr-defined]  # as in accounts.links


def copy_owner(secret: str) -> UUID:
    """Member of a valid link to a copy, unchanged by reading. Raises NotFound."""
    member_id = links.find(secret, Purpose.TAKE_COPY).member_id
    if member_id is None:
        raise NotFound
    return member_id


def take_copy(secret: str) -> None:
    """Use up a link to a copy. Raises NotFound."""
    member_id = copy_owner(secret)
    note_service(Deed.COPY_TAKEN, Actor.MEMBER)  # the log's lock comes first
    links.use(secret, Purpose.TAKE_COPY)
    note_export(member_id)


def forget(member_id: UUID) -> bool:
    """Delete an account due for deletion, unless a former membership can still be restored; True
    if it is gone. Its owner may have kept it while this unit of work waited for the lock."""
    if not accounts.is_due_for_deletion(member_id) or circles.has_any_place(member_id):
        return False
    accounts.forget(member_id)
    return True


def _drop_plan(place: Membership) -> None:
    if row := queries.departure(place):
        db.session.delete(row)
        db.session.flush()


def _plan(circle_id: UUID, place_id: UUID | None, names: tuple[Name, ...]) -> Plan:
    home = db.session.get_one(Circle, circle_id)
    look_at = next_slot(now(), *home.mask_schedule)
    return Plan(place_id, names, look_at, ends_on=(now() + LIFE).date())


def _to_go(name: Name, withdrawal: Withdrawal, place: Membership) -> Name:
    """Name with the slots of its withdrawal, drawn separately for each name."""
    rota = db.session.get_one(Circle, place.circle_id).mask_schedule
    soon = next_slot(now(), *rota)
    match withdrawal:
        case Withdrawal.NONE:
            return name
        case Withdrawal.NOW:
            return name.to_go(soon, soon)
        case Withdrawal.WITHIN_A_WEEK:
            end = datetime.combine((place.left_on or now().date()) + queries.grace(), time(), UTC)
            slot = random_source().choice(between(soon, end, *rota))
            return name.to_go(slot, slot)
        case Withdrawal.SLOWLY:
            span = between(soon, now() + SPAN, *rota)
            return name.to_go(random_source().choice(span), span[-1])
