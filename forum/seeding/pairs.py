"""A pair of two invented members, and a request for another, so that both can be looked at."""

from datetime import datetime, timedelta
from uuid import UUID

from forum.circles import member_names, pairs, queries
from forum.circles.models import Membership
from forum.circles.queries import enter
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts, thread_queries
from forum.discussions.composer import Reflection, ReplyWords
from forum.policy.terms import AuthorMode
from forum.seeding.people import Company, Person, at

PEOPLE = 5  # of the first circle, at least
TITLE = "How often, and for how long"
ASKED = "Once a fortnight, a few lines each, until the summer? We can look then whether it helps."
ANSWERED = "That suits me. Sunday evenings are when I have the words."
BEGAN = timedelta(days=20)


def hold(companies: list[Company]) -> None:
    """Let the second and third member of the first circle be a pair, and the fourth ask the second
    for another: the second is the first member whose sign-in a demo prints."""
    people = companies[0].people
    if len(people) < PEOPLE:
        return
    one, two, asker = people[1], people[2], people[3]
    _talk(_begin(companies[0], one, two), one, two, now() - BEGAN)
    _have_room(companies[0], people[4])
    _ask(companies[0], asker, one)


def _begin(company: Company, one: Person, two: Person) -> UUID:
    request_id = _ask(company, one, two)
    with unit_of_work():
        circle_id = pairs.accept(enter(two.id, company.circle_id), two.id, request_id, each=1)
    if circle_id is None:
        raise LookupError("the request of a seeded pair is over")
    for person in (one, two):
        member_names.take_own_name(person.id, circle_id)
    return circle_id


def _talk(circle_id: UUID, one: Person, two: Person, began: datetime) -> None:
    with at(began):
        words = Reflection(TITLE, {"story": ASKED}, mode=AuthorMode.OWN_NAME)
        with unit_of_work():
            thread_id = posts.present(enter(one.id, circle_id), new_id(), words).id
    with at(began + timedelta(days=1)):
        standing = enter(two.id, circle_id)
        thread = thread_queries.thread(standing, thread_id)
        with unit_of_work():
            posts.reply(standing, thread, new_id(), ReplyWords(ANSWERED, AuthorMode.OWN_NAME))


def _have_room(company: Company, person: Person) -> None:
    with unit_of_work():
        pairs.offer_room(enter(person.id, company.circle_id), person.id)


def _ask(company: Company, asker: Person, asked: Person) -> UUID:
    """Have one ask the other, who has room; returns the request's id."""
    _have_room(company, asked)
    request_id, place = new_id(), _place(company, asked)
    with unit_of_work():
        standing = enter(asker.id, company.circle_id)
        pairs.ask(standing, asker.id, place.id, request_id, each=1)
    return request_id


def _place(company: Company, person: Person) -> Membership:
    return queries.own_place(enter(person.id, company.circle_id), person.id)
