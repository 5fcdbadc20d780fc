"""Roles, notification levels and removal of members."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from forum.accounts import account_recovery
from forum.audit import queries as audit_queries
from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.ground_rules import in_force
from forum.circles.locks import lock_circle
from forum.circles.models import Membership
from forum.circles.services import as_agreed, leave
from forum.core import resealing
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.fences import fence
from forum.core.keys import key_ring
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Follows, Role

TAKEN_ON_LATELY = timedelta(days=7)
SEALED = "memberships.sealed"  # job


def give_role(standing: Standing, place_id: UUID, role: Role) -> None:
    """Make someone facilitator or moderator, or a facilitator a member again. Raises Forbidden."""
    lock_circle(standing.circle_id)
    place = queries.place(standing, place_id)
    require(may.give_role(standing, place.role, role))
    place.role = role
    audit.note(standing.circle_id, Deed.ROLE_GIVEN, Actor.MODERATOR, about=role)


def step_down(standing: Standing, member_id: UUID) -> None:
    """Lay down the member's role. Raises Forbidden for the last moderator."""
    lock_circle(standing.circle_id)
    require(may.step_down(standing, queries.moderators(standing.circle_id)))
    place = queries.own_place(standing, member_id)
    if place.role is Role.MEMBER:
        return  # by a press that came first
    place.role = Role.MEMBER
    audit.note(standing.circle_id, Deed.ROLE_LAID_DOWN, Actor.MODERATOR, about=standing.role)


def follow(standing: Standing, member_id: UUID, follows: Follows) -> None:
    """Set the member's notification level for the circle."""
    queries.own_place(standing, member_id).follows = follows


def remove(standing: Standing, place_id: UUID) -> None:
    """End someone's membership at once; their posts stay.

    The tie to their author rows is destroyed later, as for leavers. Call
    `member_names.write_bylines` afterwards, in transactions of its own.
    """
    lock_circle(standing.circle_id)
    place = queries.place(standing, place_id)
    require(may.remove(standing, place.role))
    leave(place.member_id, place.circle_id, removed=True)
    audit.note(standing.circle_id, Deed.PERSON_REMOVED, Actor.MODERATOR)


def vouch(standing: Standing, place_id: UUID, member_id: UUID) -> None:
    """Vouch for somebody who lost every second factor. Raises Forbidden; not for oneself.

    The circle's log, which all members read, tells nothing of it.
    """
    place = queries.place(standing, place_id)
    require(may.vouch(standing, place.role, queries.moderators(standing.circle_id)))
    require(place.member_id != member_id)
    account_recovery.vouch(place.member_id, member_id, alone=vouches_alone(standing))


def vouches_alone(standing: Standing) -> bool:
    """Whether this member's word is enough: a moderator's, unless somebody took the circle on a
    few days ago, which any one member can do where two have to vouch.
    """
    since, until = now() - TAKEN_ON_LATELY, now() + timedelta(hours=1)
    lately = audit_queries.number_of(standing.circle_id, {Deed.TAKEN_ON}, since, until)
    return may.vouches_alone(standing) and not lately


def take_on(standing: Standing, member_id: UUID) -> None:
    """Become moderator of a circle without one. Raises Forbidden if another member was first."""
    lock_circle(standing.circle_id)
    require(may.take_on(standing, queries.moderators(standing.circle_id)))
    for place in queries.moderating_places(standing.circle_id):
        place.role = Role.MEMBER  # a suspended moderator, or a leaver, does not regain the role
    queries.own_place(standing, member_id).role = Role.MODERATOR
    audit.note(standing.circle_id, Deed.TAKEN_ON, Actor.MEMBER)


def agree(standing: Standing, member_id: UUID, rules: UUID) -> bool:
    """Agree to the ground rules shown; returns False if changed meanwhile."""
    circle = queries.circle(standing)
    if rules != in_force(circle.rules):
        return False
    queries.own_place(standing, member_id).rules = as_agreed(circle, rules)
    return True


def seal_all_anew() -> None:
    """Seal the memberships of every circle again, each circle in a transaction of its own.

    Once rules change, only who has agreed may post: nightly copies would narrow down a masked post.
    """
    circles = db.session.scalars(select(Membership.circle_id).distinct()).all()
    db.session.rollback()
    for circle_id in sorted(circles):
        if key_ring().keeps(circle_id):
            with fence(SEALED), unit_of_work():
                lock_circle(circle_id)
                here = Membership.circle_id == circle_id
                for place in resealing.to_seal_anew(Membership, here):
                    resealing.seal_anew(place)
