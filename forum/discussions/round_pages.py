"""Pages of a round: row of phases, sentences and moves, in the reader's language and days."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from forum.core.clock import now
from forum.core.tokens import keyed_id
from forum.discussions import (
    actions,
    awaited_slots,
    courses,
    look_backs,
    post_queries,
    round_moves,
    thread_queries,
)
from forum.discussions.composer import ReplyWords
from forum.discussions.courses import NotOpenNow, StoredMove
from forum.discussions.models import Draft, Thread
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Kind, Part, ReplyKind, RoundKind
from forum.rounds.advice import advice_in, questions_in
from forum.rounds.definitions import OPEN, Phase, Round
from forum.rounds.moves import MoveKind
from forum.rounds.openings import Openings, openings_for
from forum.rounds.permissions import Asker, kinds_at, moves_open
from forum.rounds.phase_rows import When, phase_row
from forum.rounds.sentences import (
    ADVICE,
    ADVICE_ELSEWHERE,
    ASKS_NOTHING,
    MOVES,
    RUNS_BESIDE,
    Sentence,
    kept_for,
    many_questions,
    may_act_still,
    place,
)
from forum.rounds.sentences import now as now_sentences
from forum.rounds.timeline import PostCounts, Timeline
from forum.web.number_words import spelt
from forum.web.round_catalogue import catalogue

NO_BREAK = "\u00a0"
FIRST_MOVES = (  # in sight; the rest stands under "More"
    *(MoveKind.MORE_TIME, MoveKind.NEXT_STEP, MoveKind.COME_BACK, MoveKind.OPEN_OFFERING),
    *(MoveKind.RESUME, MoveKind.REOPEN),
)
PHASES_MOST = 5  # sentences about phases on home
COMPANY = Phase("company", openings=("meet", "stand_beside"))  # words for a line of it
ASIDE = {MoveKind.CHANGE, MoveKind.END}  # with a page of their own


@dataclass(frozen=True, slots=True)
class Step:
    """A phase in the row."""

    text: str
    is_now: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class RoundPage:
    """A thread's round, as its page shows it to one reader.

    answer: label of the button for a reply; "" while none is open. moves: value and label of each
    move in sight, and of those under "More". changes: whether another way to talk is offered.
    """

    name: str
    row: list[Step]
    now: list[str]
    answer: str
    moves: list[tuple[str, str]] = field(default_factory=list)
    more: list[tuple[str, str]] = field(default_factory=list)
    changes: bool = False
    ends: bool = False
    notes: list[str] = field(default_factory=list)
    look_back: str = ""
    folded: frozenset[UUID] = frozenset()  # replies kept for later
    kept_for: str = ""  # the line above each of them
    keeps: bool = False  # whether the reader may keep a reply for later
    sat: frozenset[UUID] = frozenset()  # questions that the presenter sits with
    sits: bool = False  # whether the reader may say so of a question

    @property
    def has_moves(self) -> bool:
        """Whether the reader has a part in moving this round."""
        return bool(self.moves or self.more or self.changes or self.ends)


class OfferInWords(NamedTuple):
    """An offer to a presenter. learning: to keep what was learned, not to look back."""

    sentence: str
    learning: bool


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint to the writer alone. pieces: of the text, and whether each is to be marked."""

    sentence: str
    pieces: list[tuple[str, bool]] = field(repr=False)
    token: str = field(repr=False)


def on_thread_page(
    standing: Standing, thread: Thread, order: post_queries.Order
) -> RoundPage | None:
    """The round as a thread's page shows it; None for Just talk.

    In a masked thread alike for every reader of a role, its presenter included.
    """
    if not thread.course:
        return None
    counts = courses.counted((each, 1) for each in order.filed)
    gone = courses.counted((each, 1) for each in order.withdrawn)
    timeline = replace(courses.timeline_now(standing, thread, counts), withdrawn=gone)
    return _page(standing, thread, timeline, own=False)


def on_own_page(standing: Standing, thread: Thread, *, own: bool) -> RoundPage:
    """The round on a page of its own. own: opened by its presenter alone."""
    return _page(standing, thread, courses.timeline_now(standing, thread), own=own)


def _page(standing: Standing, thread: Thread, timeline: Timeline, *, own: bool) -> RoundPage:
    presents = standing.hand.holds(thread.author) and (own or not thread.author.mode.masked)
    part = Part.PRESENTER if presents else Part.RESPONDER
    mover = next(iter(round_moves.parts(standing, thread, own=own)), None)
    can_move = mover and may.post(standing) and not thread.withdrawn
    moves = moves_open(timeline, mover) if mover and can_move else ()
    labels = [(kind, _(MOVES[kind])) for kind in moves if kind not in ASIDE]
    asked = timeline.standing(ReplyKind.QUESTION)
    opens = courses.opens_for_advice(thread, timeline)
    return RoundPage(
        name=_(timeline.now.round.name),
        row=[
            Step(said(place(each)), each.when is When.NOW, each.when is When.OVER)
            for each in phase_row(timeline)
        ],
        now=[said(each) for each in now_sentences(timeline, part, asked)],
        answer=_answer(standing, thread, timeline, presents=presents),
        moves=[(kind.value, label) for kind, label in labels if kind in FIRST_MOVES],
        more=[(kind.value, label) for kind, label in labels if kind not in FIRST_MOVES],
        changes=MoveKind.CHANGE in moves,
        ends=MoveKind.END in moves,
        notes=_notes(thread, timeline, mover if can_move else None),
        look_back=due_look_back(standing, thread, timeline) if presents else "",
        folded=frozenset(courses.folded(thread, timeline)),
        kept_for=_kept_for(timeline, opens),
        keeps=bool(mover and can_move and opens),
        sat=frozenset(courses.sat_with(thread)),
        sits=bool(can_move and mover is Part.PRESENTER),
    )


def _kept_for(timeline: Timeline, opens: datetime | None) -> str:
    """Line above a reply kept for later."""
    sentence = kept_for(timeline, opens)
    return said(sentence) if sentence else str(_("Kept for later"))


def early_replies(standing: Standing, thread: Thread) -> list[post_queries.Shown]:
    """Replies that a presenter may keep for later, latest first: those of colleagues, unfolded."""
    timeline = courses.timeline_now(standing, thread)
    if courses.opens_for_advice(thread, timeline) is None:
        return []
    kept = {each for each, _since in courses.course(thread).kept}
    shown = post_queries.replies(
        standing, post_queries.order(standing, thread).ids[-thread_queries.POSTS_EACH :]
    )
    return [
        each
        for each in reversed(shown)
        if each.id not in kept and each.author.id != thread.author_id and may.is_open(each)
    ]


def open_questions(standing: Standing, thread: Thread) -> list[post_queries.Shown]:
    """Questions of colleagues that a presenter may sit with, latest first."""
    sat = {each for each, _since in courses.course(thread).sat}
    ids = post_queries.order(standing, thread).ids[-thread_queries.POSTS_EACH :]
    return [
        each
        for each in reversed(post_queries.replies(standing, ids))
        if each.kind is ReplyKind.QUESTION
        and each.author.id != thread.author_id
        and each.id not in sat
        and may.is_open(each)
    ]


def _answer(standing: Standing, thread: Thread, timeline: Timeline, *, presents: bool) -> str:
    """Label of the button for a reply; "" while no kind in words is open to the reader."""
    if thread.locked or not may.is_open(thread) or not standing.writable:
        return ""
    parts = {Part.PRESENTER} if presents else {Part.RESPONDER}
    if courses.leads(standing) and not presents:
        parts.add(Part.FACILITATOR)
    opened = kinds_at(timeline.now, Asker(frozenset(parts), courses.wished(thread))) - courses.TAPS
    if not opened:
        return ""
    if opened == {ReplyKind.LOOK_BACK}:
        return str(_("Look back"))
    if opened == {ReplyKind.LOOK_BACK, RoundKind.ACTION}:  # once the days for actions are over
        return str(_("Write") if may_act_still(timeline) else _("Look back"))
    if opened == {ReplyKind.SUMMARY}:
        return str(_("Sum up"))
    named = _label(timeline.now.phase, opened, presents=presents)
    return str(_(named) if named else _("Answer"))


def _label(phase: Phase, opened: frozenset[Kind], *, presents: bool) -> str:
    thanks = RoundKind.THANKS in phase.kinds(Part.FACILITATOR)
    if presents and (thanks or not phase.kinds(Part.RESPONDER) <= opened or phase.by_wish):
        return ""
    return phase.button


def _notes(thread: Thread, timeline: Timeline, mover: Part | None) -> list[str]:
    """Lines below the row: time given to this phase; the reader's own moves to come."""
    moves = courses.course(thread).moves_at(timeline.moment)
    since = min(span.begins for span in timeline.spans if span.visit == timeline.now.visit)
    given = (
        each.kind is MoveKind.MORE_TIME and since <= each.acts_at <= timeline.moment
        for each in moves
    )
    found = [_("This phase was given more time.")] if any(given) and timeline.phase_ends else []
    coming = [each for each in moves if each.acts_at > timeline.moment and each.by is mover]
    return found + [_coming(each) for each in coming]


def _coming(move: StoredMove) -> str:
    return str(_("%(move)s: from %(day)s.", move=_(MOVES[move.kind]), day=in_days(move.acts_at)))


def look_back_by_name(standing: Standing, thread: Thread) -> str:
    """The offer in Just talk, on the thread's page, to a presenter by an everyday name; else ""."""
    presents = standing.hand.holds(thread.author) and not thread.author.mode.masked
    return due_look_back(standing, thread) if presents else ""


def due_look_back(standing: Standing, thread: Thread, timeline: Timeline | None = None) -> str:
    """The offer to look back, each time that it is due, until the presenter has; else ""."""
    if thread.locked or not may.is_open(thread):
        return ""
    found = look_backs.offer(standing, thread, timeline)
    return offer_to_look_back(thread, found) if found else ""


def due_look_backs(standing: Standing, threads: Sequence[Thread]) -> dict[UUID, OfferInWords]:
    """Wanted offers, of all these threads of their presenter."""
    there = [each for each in threads if not each.locked and may.is_open(each)]
    found = look_backs.offers(standing, there)
    return {
        each.id: OfferInWords(offer_to_look_back(each, found[each.id]), found[each.id].learning)
        for each in there
        if each.id in found
    }


def offer_to_look_back(thread: Thread, found: look_backs.Offer) -> str:
    """An offer to look back, or to keep what was learned, in words."""
    if found.learning:
        return str(_("Your story has been talked about. What would you like to keep of it?"))
    if found.report_on:
        then = str(format_date(found.report_on, "EEE d MMM", rebase=False)).replace(" ", NO_BREAK)
        return str(_("You meant to try something by %(day)s. How did it go?", day=then))
    month = in_month(thread.appears_at)
    return str(_("You told this in %(month)s. Would you like to look back?", month=month))


def phases_on_home(found: Sequence[look_backs.RunningPhase]) -> list[str]:
    """Sentences on the phases in which threads are, PHASES_MOST at most."""
    counted, zone = dict[tuple[str, date], tuple[Phase, int]](), current_user.zone
    for phase, ends in found:
        key = phase.name, ends.astimezone(zone).date()
        _phase, number = counted.get(key, (phase, 0))
        counted[key] = phase, number + 1
    latest = [*counted.items()][:PHASES_MOST]
    return [_on_home(phase, _in_words(day), number) for (_name, day), (phase, number) in latest]


def _on_home(phase: Phase, day: str, number: int) -> str:
    values = {"number": spelt(number), "day": day}
    if phase.asks:
        said = ngettext(
            "One thread takes questions until %(day)s.",
            "%(number)s threads take questions until %(day)s.",
            number, **values,
        )  # fmt: skip
    elif phase.by_wish:
        said = ngettext(
            "One thread takes answers until %(day)s.",
            "%(number)s threads take answers until %(day)s.",
            number, **values,
        )  # fmt: skip
    else:
        said = ngettext(
            "“%(phase)s” until %(day)s: one thread.",
            "“%(phase)s” until %(day)s: %(number)s threads.",
            number, phase=_(phase.name), **values,
        )  # fmt: skip
    return str(said[:1].upper() + said[1:])


def in_month(moment: datetime) -> str:
    """A month of the reader, by name."""
    return str(format_date(moment.astimezone(current_user.zone), "MMMM"))


# In a composer


@dataclass(frozen=True, slots=True)
class ReplyPage:
    """A thread's round in the composer of a reply.

    kind: the only kind open, or "". heading: the words of a colleague's button, or "". full: why an
    everyday name can write no more of it. usual: of several kinds, that of a reply for which none
    is chosen. acts: whether an action is open. meant: a presenter's actions, where they look back.
    prompts: of a story.
    """

    now: list[str]
    card: str
    openings: list[Openings]
    kind: str
    is_open: bool
    heading: str = ""
    full: str = ""
    usual: str = ""
    acts: bool = False
    meant: list[actions.Action] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)


def composer(standing: Standing, thread: Thread) -> ReplyPage | None:
    """The round in the composer of a reply; None for Just talk."""
    if not thread.course:
        return None
    timeline = courses.timeline_now(standing, thread)
    presents = standing.hand.holds(thread.author)
    mode = thread.author.mode if presents else AuthorMode.OWN_NAME
    opened = courses.kinds(standing, thread, mode, timeline) - courses.TAPS
    part, phase = (Part.PRESENTER if presents else Part.RESPONDER), timeline.now.phase
    full = None if presents else courses.full(standing, thread, timeline, opened)
    return ReplyPage(
        now=[
            said(each)
            for each in now_sentences(timeline, part, timeline.standing(ReplyKind.QUESTION))
        ],
        card=_(phase.card) if phase.card and not presents else "",
        openings=[] if presents else openings(phase),
        kind=next(iter(opened)) if len(opened) == 1 else "",
        is_open=bool(opened),
        heading="" if presents else _answer(standing, thread, timeline, presents=False),
        full=said(full) if full else "",
        usual=courses.usual(opened) if len(opened) > 1 else "",
        acts=RoundKind.ACTION in opened,
        prompts=_prompts(timeline) if RoundKind.STORY in opened else [],
        meant=actions.of_presenter(thread) if ReplyKind.LOOK_BACK in opened else [],
    )


def _prompts(timeline: Timeline) -> list[str]:
    """Prompts of the template in which a round's stories are told."""
    told = (each for each in catalogue().newest_templates() if each.use == "reply")
    by_round = next((each for each in told if each.round == timeline.now.round.key), None)
    return [_(each.prompt) for each in by_round.fields] if by_round else []


def look_back_prompts() -> list[str]:
    """Prompts for a presenter who looks back, some weeks later."""
    later = next(each for each in catalogue().newest_templates() if each.use == "later")
    return [_(each.prompt) for each in later.fields]


def openings(phase: Phase = OPEN) -> list[Openings]:
    """Words to begin a reply with, translated."""
    return [
        Openings(each.key, _(each.name), tuple(_(word) for word in each.words))
        for each in openings_for(phase)
    ]


def hint(standing: Standing, thread: Thread, words: ReplyWords, seen: str | None) -> Hint | None:
    """A hint about advice that was not asked for, about several questions at once, or about a text
    that asks nothing where only questions are open.

    seen: token of the form; the same words bring a hint once. Nothing is stored.
    """
    token = keyed_id("hint", str(thread.id), words.body).hex
    if seen == token or standing.hand.holds(thread.author):
        return None
    phase = courses.timeline_now(standing, thread).now.phase if thread.course else OPEN
    is_company = words.kind is ReplyKind.ACKNOWLEDGEMENT
    number = 0 if is_company else questions_in(words.body)
    if phase.asks and number > 1:
        return Hint(said(many_questions(number)), [], token)
    opened = courses.wished(thread) if phase.by_wish else phase.kinds(Part.RESPONDER)
    spans = advice_in(words.body)
    if ReplyKind.IDEA in opened or not spans:
        asks = words.kind == ReplyKind.QUESTION and opened - may.ALWAYS == {ReplyKind.QUESTION}
        return Hint(_(ASKS_NOTHING), [], token) if asks and words.body and not number else None
    is_welcome = ReplyKind.IDEA in courses.wished(thread)
    return Hint(_(ADVICE_ELSEWHERE if is_welcome else ADVICE), _pieces(words.body, spans), token)


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[str, bool]]:
    """The text in pieces, and whether each is to be marked."""
    parts, done = list[tuple[str, bool]](), 0
    for start, end in spans:
        parts += [(text[done:start], False), (text[start:end], True)]
        done = end
    return [each for each in (*parts, (text[done:], False)) if each[0]]


# Sentences


def refused(error: NotOpenNow, *, instead: str = "") -> str:
    """Reason why a reply is not open now, and the fate of its text.

    instead: last sentence where no draft was saved.
    """
    sentences = [said(each) for each in error.sentences]
    return " ".join([*sentences[:-1], instead or sentences[-1]])


def of_drafts(standings: Collection[Standing], kept: Iterable[Draft]) -> dict[UUID, str]:
    """Sentence on the day of each draft that waits for one, by the draft's id; none for others.

    Two statements, without drafts too: a hidden draft adds no cost.
    """
    by_circle = {each.circle_id: each for each in standings}
    waiting = {each: awaited for each in kept if (awaited := awaited_slots.of_draft(each))}
    ids = [each.thread_id for each in waiting if each.thread_id]
    threads = thread_queries.threads_as_of_now(standings, ids)
    counts = courses.reply_counts_of(threads.values())
    found = dict[UUID, str]()
    for draft, awaited in waiting.items():
        thread = draft.thread_id and threads.get(draft.thread_id)
        if thread and _takes(by_circle[draft.circle_id], thread, awaited, counts[thread.id]):
            found[draft.id] = str(_("You can post it now."))
        elif awaited.at > now():
            found[draft.id] = str(_("Waits until %(day)s", day=in_days(awaited.at)))
    return found


def _takes(
    standing: Standing,
    thread: Thread,
    awaited: awaited_slots.AwaitedSlot,
    counts: tuple[PostCounts, PostCounts],
) -> bool:
    """Whether a thread's round takes a draft's reply today."""
    in_all, withdrawn = counts
    timeline = replace(courses.timeline_now(standing, thread, in_all), withdrawn=withdrawn)
    opened = courses.kinds(standing, thread, awaited.mode or AuthorMode.OWN_NAME, timeline)
    return awaited.kind in opened and not awaited.waits_in(timeline.now.phase)


def said(sentence: Sentence) -> str:
    """A sentence in the reader's language, its moments as days of the reader."""
    values = {
        key: in_days(value) if isinstance(value, datetime) else _(value) if isinstance(value, str)
        else value
        for key, value in sentence.values.items()
    }  # fmt: skip
    return str(_(sentence.text, **values))


def in_days(moment: datetime) -> str:
    """A day as rounds name it: "Thu 14 May"."""
    return _in_words(moment.astimezone(current_user.zone).date())


def _in_words(day: date) -> str:
    return _formatted(str(get_locale()), day)


@lru_cache(maxsize=1024)
def _formatted(_locale: str, day: date) -> str:
    """A day in words, once for each language."""
    return str(format_date(day, "EEE d MMM", rebase=False)).replace(" ", NO_BREAK)


def described(each: Round) -> tuple[str, str]:
    """Name and sentence of a way to talk."""
    return str(_(each.name)), str(_(each.sentence))


def runs_beside(ends: datetime) -> str:
    """Hint: a round of this kind runs in the circle already."""
    return said(Sentence(RUNS_BESIDE, {"day": ends}))


def talk_name(chosen: Round | None) -> str:
    """Name of the way to talk chosen in a composer."""
    return str(_(chosen.name)) if chosen else str(_("Just talk"))


def label(kind: MoveKind) -> str:
    """Label of a move's button."""
    return str(_(MOVES[kind]))


def when(standing: Standing, acts_at: datetime) -> str:
    """Moment at which a move takes effect, in words; "" where it did at once."""
    return post_queries.slot_in_words(standing, acts_at) if acts_at > now() else ""
