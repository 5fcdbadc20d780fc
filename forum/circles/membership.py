"""Who is in a circle and what they are in it: roles, following, removing someone."""

from uuid import UUID

from forum.audit import services as audit
from forum.audit.actions import Actor, Deed
from forum.circles import queries
from forum.circles.locks import lock_circle
from forum.circles.services import as_agreed, leave
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import Follows, Role


def give_role(standing: Standing, place_id: UUID, role: Role) -> None:
    """Make someone facilitator or moderator, or a facilitator a member again. Raises Forbidden."""
    lock_circle(standing.circle_id)
    place = queries.place(standing, place_id)
    require(may.give_role(standing, place.role, role))
    place.role = role
    audit.note(standing.circle_id, Deed.ROLE_GIVEN, Actor.MODERATOR, about=role)


def step_down(standing: Standing, member_id: UUID) -> None:
    """Lay down one's own role. Raises Forbidden for the last moderator."""
    lock_circle(standing.circle_id)
    require(may.step_down(standing, queries.moderators(standing.circle_id)))
    queries.own_place(standing, member_id).role = Role.MEMBER
    audit.note(standing.circle_id, Deed.ROLE_LAID_DOWN, Actor.MODERATOR, about=standing.role)


def follow(standing: Standing, member_id: UUID, follows: Follows) -> None:
    """Follow the circle as closely as that; nobody else is told."""
    queries.own_place(standing, member_id).follows = follows


def remove(standing: Standing, place_id: UUID) -> None:
    """Close the circle to someone at once; what they wrote stays.

    The tie to what they wrote under other names is destroyed later, with those of people who left.
    `naming.write_bylines` is to follow, in transactions of its own.
    """
    lock_circle(standing.circle_id)
    place = queries.place(standing, place_id)
    require(may.remove(standing, place.role))
    leave(place.member_id, place.circle_id, removed=True)
    audit.note(standing.circle_id, Deed.PERSON_REMOVED, Actor.MODERATOR)


def take_on(standing: Standing, member_id: UUID) -> None:
    """Look after a circle that nobody looks after. Raises Forbidden where somebody was quicker."""
    lock_circle(standing.circle_id)
    require(may.take_on(standing, queries.moderators(standing.circle_id)))
    for place in queries.moderating_places(standing.circle_id):
        place.role = Role.MEMBER  # of somebody suspended: it does not come back with the account
    queries.own_place(standing, member_id).role = Role.MODERATOR
    audit.note(standing.circle_id, Deed.TAKEN_ON, Actor.MEMBER)


def agree(standing: Standing, member_id: UUID, rules: UUID) -> bool:
    """Agree to the ground rules one has read; False where they have changed again since."""
    circle = queries.circle(standing)
    if rules != circle.rules:
        return False
    queries.own_place(standing, member_id).rules = as_agreed(circle, rules)
    return True
