"""A drill of guardians: a request from asking to the note to the person, on invented people.

Runs in an empty instance of its own, never beside real accounts.
"""

from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from uuid import UUID

from sqlalchemy import select

from forum.accounts import services as accounts
from forum.accounts import totp
from forum.accounts.models import Member
from forum.authors.services import choose_own_name
from forum.circles.mask_schedule import next_slot
from forum.circles.models import Circle
from forum.circles.queries import enter
from forum.circles.services import found, join
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import post_queries, posts
from forum.discussions.composer import Reflection
from forum.policy.terms import AuthorMode, Need, OpeningReason, Role
from forum.safety import queries, services
from forum.safety.models import Guardian
from forum.safety.request_states import Act
from forum.safety.services import Asked
from forum.seeding.people import at

MEMBERS = 8  # of the invented circle; the first moderates, the last writes behind a hidden name
HASH = "no password opens this account"


class DrillFailed(Exception):
    """A step of a drill failed."""


def run() -> Iterator[tuple[str, float]]:
    """Steps of the drill, each with its seconds. Raises DrillFailed."""
    if db.session.scalar(select(Member.id).limit(1)):
        raise DrillFailed("There are accounts here: a drill runs in an empty instance alone.")
    circle_id, people, guardians = _cast()
    started = perf_counter()
    moderator, person = people[0], people[-1]
    with at(now()):
        post_id = _post(person, circle_id)
        due = next_slot(now(), *db.session.get_one(Circle, circle_id).mask_schedule)
    with at(due + timedelta(minutes=1)):
        matter_id = _ask(moderator, circle_id, post_id)
        yield "A moderator asked", perf_counter() - started
        for guardian in guardians:
            with unit_of_work():
                services.decide(matter_id, guardian, Act.YES, "This is a drill.")
        yield "Two guardians said yes", perf_counter() - started
        with unit_of_work():
            released = services.show(matter_id, guardians[0], new_id())
        if released.name != "Drill 8":
            raise DrillFailed("The name that was opened is not that of the writer.")
        yield "The right name was shown", perf_counter() - started
    with at(due + timedelta(days=2)):
        told = [len(queries.told([enter(each, circle_id)])) for each in people]
        if told != [0] * (MEMBERS - 1) + [1]:
            raise DrillFailed("The note was not found by the writer alone.")
    yield "The writer alone finds the note", perf_counter() - started


def _cast() -> tuple[UUID, list[UUID], list[UUID]]:
    """An invented circle, its members in order, and two guardians outside it."""
    with unit_of_work():
        members = [_account(n) for n in range(1, MEMBERS + 3)]
        circle = found("Drill")
        for place, member in enumerate(members[:MEMBERS]):
            join(circle, member.id, member.name, Role.MEMBER if place else Role.MODERATOR)
        for member in members[MEMBERS:]:
            member.totp_secret = totp.new_secret()
            db.session.add(Guardian(member_id=member.id, accepted=True))
        ids = [member.id for member in members]
        circle_id = circle.id
    return circle_id, ids[:MEMBERS], ids[MEMBERS:]


def _account(number: int) -> Member:
    return accounts.register(f"drill-{number}@example.org", f"Drill {number}", HASH)


def _post(member_id: UUID, circle_id: UUID) -> UUID:
    standing = enter(member_id, circle_id)
    with unit_of_work():
        choose_own_name(standing)
    words = Reflection("A drill", {"story": "Drill."}, mode=AuthorMode.THREAD_PSEUDONYM)
    standing = enter(member_id, circle_id)
    with unit_of_work():
        return posts.present(standing, new_id(), words).id


def _ask(member_id: UUID, circle_id: UUID, post_id: UUID) -> UUID:
    standing, matter_id = enter(member_id, circle_id), new_id()
    asked = Asked(OpeningReason.IMMEDIATE_RISK_TO_LIFE, "A drill.", "A drill.", [Need.NAME])
    post = post_queries.post(standing, post_id)
    with unit_of_work():
        services.ask(standing, member_id, post, asked, matter_id)
    return matter_id
