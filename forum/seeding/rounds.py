"""Threads in rounds, in one phase each: asked about, answered, closing, closed, looked back on."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice
from random import Random
from uuid import UUID

from forum.circles.queries import enter
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import courses, post_queries, posts, thread_queries
from forum.discussions.composer import Reflection, ReplyWords
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Kind, ReplyKind, RoundKind
from forum.rounds.permissions import kinds_now
from forum.seeding.people import Company, Person, at
from forum.seeding.stories import Stock, answers

AGES = (1, 6, 14, 30, 70)  # days since a thread began: in each phase of Questions first
ROUNDS = ("questions_first", "inviting_change")  # on in a new circle
HIDDEN = 0.3  # share of presenters who hide their name
REPLIES = 0.6  # of days on which somebody answers
TAKEN = (
    "I will ask one question more before I answer.",
    "That tired is allowed.",
    "I ring people back sooner now, and say less.",
)
LOOKED_BACK = "We spoke again. It was shorter than I had feared, and I slept that night."


def hold(
    companies: list[Company], number: int, chance: Random, progress: Callable[[], object]
) -> None:
    """Tell stories in rounds, in circle after circle, and answer them day by day until now."""
    end, stocks = now(), {each.circle_id: Stock(chance) for each in companies}
    plan = zip(cycle(companies), cycle(ROUNDS), cycle(AGES), strict=False)
    for company, key, age in islice(plan, number):
        begins = end - timedelta(days=age, hours=1)
        presenter, *others = chance.sample(company.people, len(company.people))
        with at(begins):
            thread_id = _present(company, presenter, key, stocks[company.circle_id], chance)
        for moment in _days(begins, end, chance):
            with at(moment):
                _reply(company, chance.choice(others), thread_id, chance)
        if end - begins > timedelta(days=AGES[-1]):
            with at(end - timedelta(days=2)):
                _look_back(company, presenter, thread_id)
        progress()


def _days(begins: datetime, end: datetime, chance: Random) -> Iterator[datetime]:
    moment = begins + timedelta(days=1)
    while moment < end:
        if chance.random() < REPLIES:
            yield moment
        moment += timedelta(hours=chance.randrange(9, 30))


def _present(company: Company, presenter: Person, key: str, stock: Stock, chance: Random) -> UUID:
    standing, story = enter(presenter.id, company.circle_id), stock.story()
    hides = chance.random() < HIDDEN and AuthorMode.THREAD_PSEUDONYM in may.present_modes(standing)
    mode = AuthorMode.THREAD_PSEUDONYM if hides else presenter.mode
    words = Reflection(story.title, story.fields, story.template, mode, talk=key)
    with unit_of_work():
        return posts.present(standing, new_id(), words).id


def _reply(company: Company, person: Person, thread_id: UUID, chance: Random) -> None:
    """A reply of a kind that is open today, if there is one."""
    standing = enter(person.id, company.circle_id)
    found = post_queries.find(standing, thread_id)
    if found is None or found.appears_at > now():
        return
    thread = thread_queries.thread(standing, thread_id)
    kind = _open_kind(standing, person, thread_id)
    texts = [each.text for each in answers() if each.kind is kind]
    text = chance.choice(TAKEN if kind is RoundKind.TAKEAWAY else texts or [""])
    if kind and text:
        with unit_of_work():
            posts.reply(standing, thread, new_id(), ReplyWords(text, person.mode, kind))


def _open_kind(standing: Standing, person: Person, thread_id: UUID) -> Kind | None:
    thread = thread_queries.thread(standing, thread_id)
    who = courses.asker(standing, thread, person.mode)
    mine = courses.written(standing, thread, person.mode)
    opened = kinds_now(courses.timeline_now(standing, thread), who, mine)
    order = (ReplyKind.QUESTION, ReplyKind.REFLECTION, ReplyKind.OWN_EXPERIENCE)
    return next((each for each in (RoundKind.TAKEAWAY, *order) if each in opened), None)


def _look_back(company: Company, presenter: Person, thread_id: UUID) -> None:
    standing = enter(presenter.id, company.circle_id)
    thread = thread_queries.thread(standing, thread_id)
    words = ReplyWords(LOOKED_BACK, thread.author.mode, ReplyKind.LOOK_BACK)
    with unit_of_work():
        posts.reply(standing, thread, new_id(), words)
