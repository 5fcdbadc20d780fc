"""Sentences of rounds, in English, with their days and numbers.

This room does not translate: a page passes each text through gettext and formats datetimes as days
of its reader. `N_` marks a sentence for `make translations`; sentences of definition files are
collected by `Catalogue.sentences`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from forum.policy.terms import Part, RoundKind
from forum.rounds.definitions import OPEN, REOPENED, Phase, Round
from forum.rounds.moves import PAUSED_FOR, MoveKind
from forum.rounds.permissions import Reason, Verdict
from forum.rounds.phase_rows import Place, When
from forum.rounds.timeline import ClockState, Span, Timeline


def N_(text: str) -> str:
    """Mark a sentence for translators, and return it unchanged."""
    return text


Values = Mapping[str, datetime | int | str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text for gettext, and its values: datetimes shown as days, numbers, phase names (also
    passed through gettext)."""

    text: str
    values: Values = field(default_factory=dict)


MOVES = {
    MoveKind.MORE_TIME: N_("More time"),
    MoveKind.NEXT_STEP: N_("Next step"),
    MoveKind.PAUSE: N_("Pause"),
    MoveKind.CHANGE: N_("Talk another way"),
    MoveKind.END: N_("End here"),
    MoveKind.COME_BACK: N_("Come back early"),
    MoveKind.OPEN_OFFERING: N_("Ask for ideas"),
    MoveKind.RESUME: N_("Go on"),
    MoveKind.REOPEN: N_("Open it again"),
}
END_ASKED_ONCE = N_("End this round? All stays readable; you can open it again.")
GIVEN_MORE_TIME = N_("given more time")
SIT_WITH = N_("I'll sit with this")
KEEP_FOR_LATER = N_("Keep this for later")
STUCK = N_("Stuck for words?")
CONCERN = N_("Something cannot wait")
CONCERN_HINT = N_(
    "If a patient or someone else may be harmed, say it here now. The presenter and the moderators "
    "read it. Nobody else."
)
ADVICE = N_("This may sound like advice; only listening was asked for.")
ADVICE_ELSEWHERE = N_("This may sound like advice, which is welcome here, but not in this step.")
ASKS_NOTHING = N_("There is no question in this. Send it as it is?")
CHANGE_IT, SEND_AS_IT_IS = N_("Change it"), N_("Send as it is")
MANY_QUESTIONS = N_("You ask %(number)s things. Which one matters most?")
RUNS_BESIDE = N_("Another of this kind runs until %(day)s; yours runs beside it.")
KEPT_FOR_THEN = N_("We save this as a draft until then.")
ASK_AGAIN = N_("That is on %(day)s at the latest.")
ACT_STILL = N_("You can still write a next step of your own, if you like.")
KEPT = N_("We save this as a draft.")
NOBODY_YET = N_("Nobody has written yet. A line is welcome, today too.")
NOBODY_YET_TO_YOU = N_(
    "Nobody has written yet. That is mostly a busy week, and says nothing about your story. You "
    "can give it more time, or talk another way."
)

ONE_QUESTION = N_("One question.")
QUESTIONS = N_("%(number)s questions.")
NUMBERS = (
    *(N_("two"), N_("three"), N_("four"), N_("five"), N_("six"), N_("seven"), N_("eight")),
    *(N_("nine"), N_("ten"), N_("eleven"), N_("twelve")),
)
CAPITAL_NUMBERS = (
    *(N_("Two"), N_("Three"), N_("Four"), N_("Five"), N_("Six"), N_("Seven"), N_("Eight")),
    *(N_("Nine"), N_("Ten"), N_("Eleven"), N_("Twelve")),
)

PAUSED_BY_YOU = N_(
    "Paused. The days stand still until you go on. After %(days)s days it closes, and you can open "
    "it again."
)
_STANDING = {
    ClockState.PAUSED: N_(
        "Paused. The days stand still. “I've read this and I'm with you” is enough."
    ),
    ClockState.HELD: N_(
        "The days of this round stand still. They go on once people can reply again."
    ),
    ClockState.CLOSED: N_("Closed on %(day)s."),
}
_NOW_ANSWER = N_("Now: answer, until %(day)s.")
_COLLEAGUES_ANSWER = N_("Colleagues answer, until %(day)s. Reply where you like.")
_REASONS = {
    Reason.PHASE: N_("This round asks for something else now."),
    Reason.PAUSED: N_("This round is paused."),
    Reason.HELD: N_("Replies are turned off here for now."),
    Reason.CLOSED: N_("This round is closed."),
    Reason.WITHDRAWN: N_("This reflection was withdrawn."),
}
_PLACES = {
    (When.OVER, False): N_("%(phase)s, over"),
    (When.NOW, True): N_("%(phase)s, until %(day)s, now"),
    (When.NOW, False): N_("%(phase)s, now"),
    (When.NEXT, True): N_("%(phase)s, from then"),
}


def now(line: Timeline, part: Part, questions: int = 0) -> list[Sentence]:
    """The part's present options: a sentence or two below the row of phases.

    part: PRESENTER for a named presenter alone; a hidden presenter reads the responders' text.
    questions: open questions, for a presenter in a phase of questions.
    """
    span = line.now
    if span.state is ClockState.PAUSED and part is Part.PRESENTER:
        return [Sentence(PAUSED_BY_YOU, {"days": PAUSED_FOR.days})]
    if span.state in _STANDING:
        standing = Sentence(_STANDING[span.state], {"day": span.begins})
        acts = part is Part.PRESENTER and may_act_still(line)
        return [standing, Sentence(ACT_STILL)] if acts else [standing]
    if span.phase is OPEN:
        return [Sentence(span.round.sentence)]
    if _is_silent(line):
        return [Sentence(NOBODY_YET_TO_YOU if part is Part.PRESENTER else NOBODY_YET)]
    text = _now_text(span.phase, part)
    said = [Sentence(text, {"day": span.ends} if span.ends else {})] if text else []
    return [*_asked(span, part, questions), *said]


def _is_silent(line: Timeline) -> bool:
    """Whether a round ended without a word to take along."""
    at_its_end = any(RoundKind.TAKEAWAY in line.now.phase.kinds(part) for part in Part)
    return at_its_end and not any(line.counts.values())


def place(of: Place) -> Sentence:
    """A phase of the row, worded for screen readers."""
    dated = bool(of.begins and of.ends)
    text = _PLACES.get((of.when, dated if of.when is not When.OVER else False), "%(phase)s")
    return Sentence(text, {"phase": of.phase.name} | ({"day": of.ends} if of.ends else {}))


def refusal(line: Timeline, verdict: Verdict) -> list[Sentence]:
    """The reason a reply cannot be posted now, its opening time, and the fate of its text."""
    if verdict.quota:
        full = verdict.reason is Reason.IN_ALL
        text = verdict.quota.full_sentence if full else verdict.quota.sentence
        said = [Sentence(text)] if text else []
        if verdict.opens_at:
            again = Sentence(ASK_AGAIN, {"day": verdict.opens_at})
            return [*said, again, Sentence(KEPT_FOR_THEN)]
        return [*said, Sentence(KEPT)]
    if verdict.opens_at and (text := line.at(verdict.opens_at).phase.opens_on):
        return [Sentence(text, {"day": verdict.opens_at}), Sentence(KEPT_FOR_THEN)]
    return [Sentence(_REASONS[verdict.reason or Reason.PHASE]), Sentence(KEPT)]


def kept_for(line: Timeline, opens: datetime | None) -> Sentence | None:
    """Line above a postponed reply: "Kept for the answers, from Thu 14 May"."""
    text = line.at(opens).phase.kept_for if opens else ""
    return Sentence(text, {"day": opens}) if text and opens else None


def many_questions(number: int) -> Sentence:
    """Hint to the writer of several questions at once."""
    return Sentence(MANY_QUESTIONS, {"number": in_words(number, NUMBERS)})


def in_words(number: int, words: tuple[str, ...]) -> str | int:
    """A number from two to twelve in words, further numbers in digits."""
    return words[number - 2] if 2 <= number <= len(words) + 1 else number


def described(each: Round) -> tuple[Sentence, Sentence]:
    """The name of a way to talk and its sentence, for the composer."""
    return Sentence(each.name), Sentence(each.sentence)


def _now_text(phase: Phase, part: Part) -> str:
    if phase is REOPENED:
        return _COLLEAGUES_ANSWER if part is Part.PRESENTER else _NOW_ANSWER
    return phase.now.get(part) or phase.now.get(Part.RESPONDER, "")


def _asked(span: Span, part: Part, questions: int) -> list[Sentence]:
    if part is not Part.PRESENTER or not span.phase.asks or not questions:
        return []
    if questions == 1:
        return [Sentence(ONE_QUESTION)]
    return [Sentence(QUESTIONS, {"number": in_words(questions, CAPITAL_NUMBERS)})]


def may_act_still(line: Timeline) -> bool:
    """Whether a round of actions closed, and no action of its presenter stands."""
    now = line.now
    if not (now.round.reports and now.state is ClockState.CLOSED):
        return False
    kinds = {(span.step, RoundKind.ACTION) for span in line.spans if span.run == now.run}
    return all(line.counts.get(each, 0) == line.withdrawn.get(each, 0) for each in kinds)
