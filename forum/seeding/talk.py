"""Threads between invented members, spread over months."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from itertools import chain, count, islice, repeat
from random import Random
from uuid import UUID

from forum.circles.queries import enter
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import post_queries, posts, thread_queries
from forum.discussions.composer import Quoted, Reflection, ReplyWords
from forum.discussions.models import Reply, Thread
from forum.discussions.reply_preferences import Wish
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, ReplyKind
from forum.seeding.people import Company, Person, at
from forum.seeding.stories import Answer, Stock, Story, answers, by_hand

HIDDEN = 0.25  # share of masked posts, where masks are open
BACK = 0.12  # share of replies by the presenter
WITH_YOU = 0.5  # share of reflections acknowledged
THANKS_EACH = 3  # replies, of which one is thanked for
QUIET = 3.0  # hours between two replies, at least; up to four days
SLOT = timedelta(days=1)  # until a masked post appears, at most


@dataclass(slots=True)
class Talk:
    """A thread in progress."""

    company: Company
    stock: Stock  # of the circle
    story: Story
    left: int  # replies still to come
    presenter: Person
    until: datetime  # no post after this
    thread_id: UUID | None = None
    last: UUID | None = None  # the reply before
    modes: dict[UUID, AuthorMode] = field(default_factory=dict)  # by member, in this thread
    said: set[str] = field(default_factory=set)  # replies used in this thread


def hold(
    companies: list[Company],
    threads: int,
    replies: int,
    span: timedelta,
    chance: Random,
    progress: Callable[[], object],
) -> None:
    """Post threads and replies within `span` until now. progress: called after each post."""
    end = now()
    told = _talks(companies, threads, end, chance)
    for talk in chance.choices(told, [_room(talk) for talk in told], k=replies):
        talk.left += 1
    number, begun = count(), end - span
    moments = sorted(begun + (span - SLOT) * chance.random() ** 0.5 for _ in told)
    coming: list[tuple[datetime, int, Talk]] = []
    for moment, talk in zip(moments, told, strict=True):
        coming.append((moment, next(number), talk))
    heapify(coming)
    while coming:
        moment, _, talk = heappop(coming)
        with at(moment):
            visible = _say(talk, chance)
        progress()
        if talk.left:
            talk.left -= 1
            heappush(coming, (_later(visible, end, talk.left, chance), next(number), talk))


def _talks(companies: list[Company], threads: int, end: datetime, chance: Random) -> list[Talk]:
    """Hand-written reflections for random circles, composed ones for each circle in turn."""
    stocks = [Stock(chance) for _ in companies]
    talks = []
    for number, story in enumerate(islice(chain(by_hand(chance), repeat(None)), threads)):
        place = chance.randrange(len(companies)) if story else number % len(companies)
        presenter = chance.choice(companies[place].people)
        told = story or stocks[place].story()
        talks.append(Talk(companies[place], stocks[place], told, 0, presenter, end))
    return talks


def _room(talk: Talk) -> float:
    """Weight of a reply falling into this thread."""
    if talk.story.wish is Wish.NO_REPLY:
        return 0.0
    narrow = talk.story.wish in (Wish.ASK_ME, Wish.BEEN_THERE)  # answers of one kind alone
    return (0.5 if narrow else 1.5) + len(talk.story.answers)


def _later(visible: datetime, end: datetime, left: int, chance: Random) -> datetime:
    """A moment after `visible` which leaves room for `left` further replies before `end`."""
    gap = timedelta(hours=QUIET * 2 ** (chance.random() * 5))
    return visible + min(gap, max(end - visible, timedelta()) / (left + 2))


def _say(talk: Talk, chance: Random) -> datetime:
    """Present or reply; returns when the post becomes visible."""
    if talk.thread_id is None:
        return _present(talk, chance)
    return _reply(talk, talk.thread_id, chance)


def _present(talk: Talk, chance: Random) -> datetime:
    person, story = talk.presenter, talk.story
    standing = enter(person.id, talk.company.circle_id)
    mode = _mode(may.present_modes(standing), talk, person, chance)
    words = Reflection(
        story.title,
        story.fields,
        story.template,
        mode,
        story.wish,
        story.notes,
        topics=story.topics,
    )
    with unit_of_work():
        thread = posts.present(standing, new_id(), words)
        talk.thread_id, visible = thread.id, thread.appears_at
    talk.modes[person.id] = mode
    return max(visible, now())


def _reply(talk: Talk, thread_id: UUID, chance: Random) -> datetime:
    person = _who(talk, chance)
    standing = enter(person.id, talk.company.circle_id)
    thread = thread_queries.thread(standing, thread_id)
    if person is not talk.presenter and chance.random() < WITH_YOU / (talk.left + 1):
        with unit_of_work():
            posts.acknowledge(standing, thread_queries.thread(standing, thread_id))
    if talk.left % THANKS_EACH == 0 and (
        before := talk.last and post_queries.find(standing, talk.last)
    ):
        assert isinstance(before, Reply)  # noqa: S101  # for the type checker
        if post_queries.is_visible(before):
            with unit_of_work():
                posts.thank(standing, before)
    opened = may.reply_modes(standing, thread, post_queries.authors(thread))
    mode = talk.modes.get(person.id) or _mode(opened, talk, person, chance)
    words = _words(standing, thread, talk, mode)
    with unit_of_work():
        answer = posts.reply(standing, thread_queries.thread(standing, thread_id), new_id(), words)
        visible, talk.last = answer.appears_at, answer.id
    talk.modes[person.id] = mode
    return max(visible, now())


def _who(talk: Talk, chance: Random) -> Person:
    may_wait = _may_wait(talk)
    free = [each for each in talk.company.people if may_wait or not _is_hidden(talk, each)]
    others = [person for person in free if person is not talk.presenter]
    comes_back = len(talk.modes) > 1 and talk.presenter in free and chance.random() < BACK
    return talk.presenter if comes_back else chance.choice(others)


def _may_wait(talk: Talk) -> bool:
    """Whether a masked post still fits: its slot leaves time for the remaining replies."""
    return not talk.left or talk.until - now() > 2 * SLOT


def _is_hidden(talk: Talk, person: Person) -> bool:
    return talk.modes.get(person.id, person.mode).masked


def _mode(opened: frozenset[AuthorMode], talk: Talk, person: Person, chance: Random) -> AuthorMode:
    hides = AuthorMode.THREAD_PSEUDONYM in opened and _may_wait(talk) and chance.random() < HIDDEN
    return AuthorMode.THREAD_PSEUDONYM if hides else person.mode


def _words(standing: Standing, thread: Thread, talk: Talk, mode: AuthorMode) -> ReplyWords:
    if standing.hand.holds(thread.author):
        return ReplyWords(talk.stock.thanks(), mode)
    answer = _next(talk, may.reply_kinds(standing, thread))
    quoted = Quoted(thread.id, answer.quote) if answer.quote else None
    return ReplyWords(answer.text, mode, answer.kind, quoted)


def _next(talk: Talk, opened: frozenset[ReplyKind]) -> Answer:
    """A reply of an open kind: written for this reflection, else unused in this thread, else
    repeated."""
    own, general = (
        [each for each in all_ if each.kind in opened] for all_ in (talk.story.answers, answers())
    )
    fresh = [each for each in general if each.text not in talk.said]
    meant = next((each for each in own if each.text not in talk.said), None)
    answer = meant or talk.stock.answer(fresh or general)
    talk.said.add(answer.text)
    return answer
