"""What invented members say to each other, over months, each at their own moment."""

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
from forum.discussions import posts, queries
from forum.discussions.composer import Quoted, Reflection, ReplyWords
from forum.discussions.models import Thread
from forum.discussions.reply_preferences import Wish
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, ReplyKind
from forum.seeding.people import Company, Person, at
from forum.seeding.stories import Answer, Stock, Story, answers, by_hand

HIDDEN = 0.25  # of reflections and of replies, where hiding is open
BACK = 0.12  # of replies are the presenter's own
WITH_YOU = 0.5  # of reflections that somebody says they have read
QUIET = 3.0  # hours between two replies at the busiest; four days at the quietest
SLOT = timedelta(days=1)  # at most, until what is hidden appears


@dataclass(slots=True)
class Talk:
    """One thread as it goes on."""

    company: Company
    stock: Stock  # of that circle
    story: Story
    left: int  # replies still to come
    presenter: Person
    until: datetime  # nothing is said after this
    thread_id: UUID | None = None
    modes: dict[UUID, AuthorMode] = field(default_factory=dict)  # of each who answered here
    said: set[str] = field(default_factory=set)  # answers, in this thread


def hold(
    companies: list[Company],
    threads: int,
    replies: int,
    span: timedelta,
    chance: Random,
    said: Callable[[], object],
) -> None:
    """Have so many threads and replies said within `span` until now. said: called after each."""
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
        said()
        if talk.left:
            talk.left -= 1
            heappush(coming, (_later(visible, end, talk.left, chance), next(number), talk))


def _talks(companies: list[Company], threads: int, end: datetime, chance: Random) -> list[Talk]:
    """What is told by hand goes anywhere; what is put together, to each circle in its turn."""
    stocks = [Stock(chance) for _ in companies]
    talks = []
    for number, story in enumerate(islice(chain(by_hand(chance), repeat(None)), threads)):
        place = chance.randrange(len(companies)) if story else number % len(companies)
        presenter = chance.choice(companies[place].people)
        told = story or stocks[place].story()
        talks.append(Talk(companies[place], stocks[place], told, 0, presenter, end))
    return talks


def _room(talk: Talk) -> float:
    """How likely a reply falls into this thread."""
    if talk.story.wish is Wish.NO_REPLY:
        return 0.0
    narrow = talk.story.wish in (Wish.ASK_ME, Wish.BEEN_THERE)  # answers of one kind alone
    return (0.5 if narrow else 1.5) + len(talk.story.answers)


def _later(visible: datetime, end: datetime, left: int, chance: Random) -> datetime:
    """A moment after `visible`, such that as many more replies still fit before `end`."""
    gap = timedelta(hours=QUIET * 2 ** (chance.random() * 5))
    return visible + min(gap, max(end - visible, timedelta()) / (left + 2))


def _say(talk: Talk, chance: Random) -> datetime:
    """Present, or answer; gives the moment from which others can see it."""
    if talk.thread_id is None:
        return _present(talk, chance)
    return _reply(talk, talk.thread_id, chance)


def _present(talk: Talk, chance: Random) -> datetime:
    person, story = talk.presenter, talk.story
    standing = enter(person.id, talk.company.circle_id)
    mode = _mode(may.present_modes(standing), talk, person, chance)
    words = Reflection(story.title, story.fields, story.template, mode, story.wish, story.notes)
    with unit_of_work():
        thread = posts.present(standing, new_id(), words)
        talk.thread_id, visible = thread.id, thread.appears_at
    talk.modes[person.id] = mode
    return max(visible, now())


def _reply(talk: Talk, thread_id: UUID, chance: Random) -> datetime:
    person = _who(talk, chance)
    standing = enter(person.id, talk.company.circle_id)
    thread = queries.thread(standing, thread_id)
    if person is not talk.presenter and chance.random() < WITH_YOU / (talk.left + 1):
        with unit_of_work():
            posts.acknowledge(standing, queries.thread(standing, thread_id))
    opened = may.reply_modes(standing, thread, queries.authors(thread))
    mode = talk.modes.get(person.id) or _mode(opened, talk, person, chance)
    words = _words(standing, thread, talk, mode)
    with unit_of_work():
        answer = posts.reply(standing, queries.thread(standing, thread_id), new_id(), words)
        visible = answer.appears_at
    talk.modes[person.id] = mode
    return max(visible, now())


def _who(talk: Talk, chance: Random) -> Person:
    may_wait = _may_wait(talk)
    free = [each for each in talk.company.people if may_wait or not _is_hidden(talk, each)]
    others = [person for person in free if person is not talk.presenter]
    comes_back = len(talk.modes) > 1 and talk.presenter in free and chance.random() < BACK
    return talk.presenter if comes_back else chance.choice(others)


def _may_wait(talk: Talk) -> bool:
    """Whether what is said now may appear at a slot, and there is still time for the rest."""
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
    """Of a kind that is open: what was written for this reflection, then what nobody said in this
    thread yet; else something once more."""
    own, general = (
        [each for each in all_ if each.kind in opened] for all_ in (talk.story.answers, answers())
    )
    fresh = [each for each in general if each.text not in talk.said]
    meant = next((each for each in own if each.text not in talk.said), None)
    answer = meant or talk.stock.answer(fresh or general)
    talk.said.add(answer.text)
    return answer
