"""Threads in rounds, one in each phase of each round; closed ones with a look-back."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice
from random import Random
from uuid import UUID

from forum.circles import talk_settings
from forum.circles.queries import enter
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import courses, post_queries, posts, round_moves, thread_queries
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.models import Thread
from forum.discussions.reply_preferences import Wish
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Kind, Part, ReplyKind, Role, RoundKind
from forum.rounds.definitions import Round
from forum.rounds.moves import Move, MoveKind
from forum.rounds.permissions import kinds_now, moves_open
from forum.rounds.timeline import timeline
from forum.seeding.people import Company, Person, at
from forum.seeding.stories import Stock, answers
from forum.web.round_catalogue import catalogue

KEYS = ("questions_first", "balint_style", "inviting_change", "action_learning", "theme")
WISHES = {"action_learning": Wish.ADVICE}  # of all others: Hear me out
CLOSED = "closed"
LONG_AGO = timedelta(days=70)  # closed, and looked back on
HIDDEN = 0.3  # share of presenters who hide their name
LOOKED_BACK = "We spoke again. It was shorter than I had feared, and I slept that night."
THEME = "The last visit of the day"
TEXTS: dict[Kind, tuple[str, ...]] = {
    RoundKind.TAKEAWAY: (
        "I will ask one question more before I answer.",
        "That tired is allowed.",
        "I ring people back sooner now, and say less.",
    ),
    RoundKind.STORY: (
        "She had made tea for both of us, and I had five minutes. I drank it.",
        "He asked whether I had eaten. I had not, and I said so, and he laughed.",
        "Nobody opened. I sat in the car and was glad, and then I was ashamed.",
    ),
    RoundKind.ACTION: ("I ring her on Friday, and say that I do not know yet.",),
    ReplyKind.RETURN: ("I had not seen that I was angry. That helps more than an answer.",),
    ReplyKind.ANSWER: ("I think it was the silence afterwards.", "No, nobody had asked me that."),
    ReplyKind.IDEA: ("I wonder whether somebody could go with you next time.",),
}
OF_COLLEAGUES = (
    *(RoundKind.TAKEAWAY, ReplyKind.QUESTION, RoundKind.STORY, ReplyKind.REFLECTION),
    *(ReplyKind.IDEA, ReplyKind.OWN_EXPERIENCE),
)
OF_PRESENTER = (RoundKind.ACTION, ReplyKind.RETURN, RoundKind.TAKEAWAY, ReplyKind.ANSWER)


def hold(
    companies: list[Company], number: int, chance: Random, progress: Callable[[], object]
) -> None:
    """Tell stories in rounds, in circle after circle, and answer them day by day until now."""
    if not number:
        return
    for company in companies:
        _switch_on(company)
    stocks = {each.circle_id: Stock(chance) for each in companies}
    plan = zip(cycle(companies), cycle(_plan()), strict=False)
    for company, (key, phase) in islice(plan, number):
        _hold(company, key, phase, stocks[company.circle_id], chance)
        progress()


def _plan() -> list[tuple[str, str]]:
    """Each round with each of its phases, and closed."""
    known = catalogue().newest_rounds()
    of_round = [[(key, phase.key) for phase in known[key].phases] + [(key, CLOSED)] for key in KEYS]
    longest = max(map(len, of_round))
    return [each[place] for place in range(longest) for each in of_round if place < len(each)]


def _switch_on(company: Company) -> None:
    """Let the circle offer every round."""
    standing = enter(company.people[0].id, company.circle_id)
    wanted = [each.key for each in talk_settings.switchable()]
    with unit_of_work():
        talk_settings.change(standing, wanted, {}, talk_settings.version(standing))


def _hold(company: Company, key: str, phase: str, stock: Stock, chance: Random) -> None:
    round_, people = catalogue().newest_rounds()[key], list(company.people)
    leads = [each for each in people if each.role is Role.FACILITATOR]
    if round_.needs_facilitator and not leads:
        return
    presenter = leads[0] if round_.begun_by is Part.FACILITATOR else chance.choice(people)
    others = [each for each in people if each is not presenter]
    end = now()
    begins = _begins(enter(presenter.id, company.circle_id), round_, phase, end)
    asks = phase in (CLOSED, *(each.key for each in round_.phases if each.asked_for))
    with at(begins):
        thread_id = _present(company, presenter, round_, stock, chance)
    for moment in _days(begins, end, chance):
        with at(moment):
            _reply(company, chance.choice(others), thread_id, OF_COLLEAGUES, chance)
            _reply(company, presenter, thread_id, OF_PRESENTER, chance, asks=asks)
    if end - begins > LONG_AGO:
        with at(end - timedelta(days=2)):
            _look_back(company, presenter, thread_id)


def _begins(standing: Standing, round_: Round, phase: str, end: datetime) -> datetime:
    """A moment from which the round would be in a phase by now, if each of them finds words."""
    if phase == CLOSED:
        return end - LONG_AGO - timedelta(days=2, hours=1)
    days = talk_settings.counted_days(standing)
    asked = any(each.key == phase and each.asked_for for each in round_.phases)
    for hours in range(14, 24 * 60, 12):
        begins = end - timedelta(hours=hours)
        moves = [Move(MoveKind.OPEN_OFFERING, begins)] if asked else []
        if timeline(begins, round_, days, begins, moves).at(end).phase.key == phase:
            return begins
    raise LookupError(f"{round_.key} reaches no {phase}")


def _days(begins: datetime, end: datetime, chance: Random) -> Iterator[datetime]:
    moment = begins + timedelta(hours=13)  # after the slot at which a hidden opening appears
    while moment < min(end, begins + timedelta(days=40)):
        yield moment
        moment += timedelta(hours=chance.randrange(12, 24))


def _present(
    company: Company, presenter: Person, round_: Round, stock: Stock, chance: Random
) -> UUID:
    standing, story = enter(presenter.id, company.circle_id), stock.story()
    hides = chance.random() < HIDDEN and AuthorMode.THREAD_PSEUDONYM in may.present_modes(standing)
    led = round_.begun_by is Part.FACILITATOR
    mode = AuthorMode.THREAD_PSEUDONYM if hides and not led else presenter.mode
    title = THEME if led else story.title
    wish = WISHES.get(round_.key, Wish.HEAR_ME_OUT)
    words = Reflection(title, story.fields, story.template, mode, wish, talk=round_.key)
    with unit_of_work():
        return posts.present(standing, new_id(), words).id


def _reply(
    company: Company,
    person: Person,
    thread_id: UUID,
    order: tuple[Kind, ...],
    chance: Random,
    *,
    asks: bool = False,
) -> None:
    """A reply of a kind open today, if any."""
    standing = enter(person.id, company.circle_id)
    found = post_queries.find(standing, thread_id)
    if found is None or found.appears_at > now():
        return
    thread = thread_queries.thread(standing, thread_id)
    presents = standing.hand.holds(thread.author)
    mode = thread.author.mode if presents else person.mode
    if asks:
        _ask_for_ideas(standing, thread)
    kind = _open_kind(standing, thread, mode, order)
    texts = TEXTS.get(kind) if kind else None
    texts = texts or tuple(each.text for each in answers() if each.kind is kind)
    if kind and texts and not (presents and chance.random() < HIDDEN):
        with unit_of_work():
            posts.reply(standing, thread, new_id(), ReplyWords(chance.choice(texts), mode, kind))


def _ask_for_ideas(standing: Standing, thread: Thread) -> None:
    timeline = courses.timeline_now(standing, thread)
    if MoveKind.OPEN_OFFERING in moves_open(timeline, Part.PRESENTER):
        with unit_of_work():
            round_moves.move(standing, thread, MoveKind.OPEN_OFFERING, own=True)


def _open_kind(
    standing: Standing, thread: Thread, mode: AuthorMode, order: tuple[Kind, ...]
) -> Kind | None:
    who = courses.asker(standing, thread, mode)
    mine = courses.written(standing, thread, mode)
    opened = kinds_now(courses.timeline_now(standing, thread), who, mine)
    return next((each for each in order if each in opened), None)


def _look_back(company: Company, presenter: Person, thread_id: UUID) -> None:
    standing = enter(presenter.id, company.circle_id)
    thread = thread_queries.thread(standing, thread_id)
    words = ReplyWords(LOOKED_BACK, thread.author.mode, ReplyKind.LOOK_BACK)
    with unit_of_work():
        posts.reply(standing, thread, new_id(), words)
