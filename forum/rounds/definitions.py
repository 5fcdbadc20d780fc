"""Rounds and their phases as data: read from `data/rounds`, checked, never changed by a thread.

A round file holds `key`, `version`, `order`, `name`, `sentence` and a `[[phases]]` table for each
phase, in order; `open` (Just talk) has none. `presenting` is the composer and has no phase here: a
round begins in its first phase for colleagues, as the opening appears.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from forum.policy.terms import Kind, Part, ReplyKind, RoundKind, kind_of
from forum.rounds.definition_files import Table, opened

DATA = Path(__file__).parent / "data" / "rounds"
DAYS_MIN, DAYS_MAX = 1, 60  # of a phase
REOPENED_DAYS = 7  # of answers, once a closed round is opened again


@dataclass(frozen=True, slots=True)
class Quota:
    """Limits on a kind of reply within a phase.

    per_name: replies of a name in the thread. in_all: visible replies of all names, withdrawn ones
    aside. open_days: days until a name may ask again despite an unanswered question.
    """

    kind: Kind
    per_name: int | None = None
    in_all: int | None = None
    open_days: int | None = None
    sentence: str = ""  # shown beside a draft over a name's limit
    full_sentence: str = ""  # beside a draft over the limit of all names


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of a round.

    days: its length; None only without an automatic end. opens: kinds of reply by part. by_wish:
    responders may also write the kinds opened by the wish. asked_for: entered only at the
    presenter's request. early: a reading presenter may come back before its end. lengthens: once,
    by its own length, if nobody wrote. closes_empty: the round closes if still nobody wrote. now:
    sentence by part. openings: groups of opening lines. follows: key of the next phase.
    """

    key: str
    name: str = ""
    days: int | None = None
    opens: Mapping[Part, frozenset[Kind]] = field(default_factory=dict)
    by_wish: bool = False
    asked_for: bool = False
    early: bool = False
    lengthens: bool = False
    closes_empty: bool = False
    quotas: tuple[Quota, ...] = ()
    now: Mapping[Part, str] = field(default_factory=dict)
    opens_on: str = ""  # "Answers open on %(day)s."
    kept_for: str = ""  # "Kept for the answers, from %(day)s"
    button: str = ""
    card: str = ""
    openings: tuple[str, ...] = ()
    follows: str | None = None

    def kinds(self, part: Part) -> frozenset[Kind]:
        """Kinds opened by the phase to a part, regardless of the wish."""
        return self.opens.get(part, frozenset())

    @property
    def words(self) -> frozenset[Kind]:
        """Kinds of which a single reply makes the phase non-empty."""
        return ANY_WORDS if self.by_wish else self.kinds(Part.RESPONDER)

    @property
    def asks(self) -> bool:
        """True in phases of questions, with a single question at a time."""
        return ReplyKind.QUESTION in self.kinds(Part.RESPONDER) and not self.by_wish

    def quota(self, kind: Kind) -> Quota | None:
        """The limits on a kind."""
        return next((each for each in self.quotas if each.kind == kind), None)


ANY_WORDS: frozenset[Kind] = frozenset(ReplyKind) - {ReplyKind.ACKNOWLEDGEMENT, ReplyKind.ANSWER}
_ANSWER: frozenset[Kind] = frozenset({ReplyKind.ANSWER})
_LATER: frozenset[Kind] = frozenset({ReplyKind.LOOK_BACK})
OPEN = Phase("open", by_wish=True, opens={Part.PRESENTER: _ANSWER | _LATER})
REOPENED = Phase("reopened", "Answers", REOPENED_DAYS, {Part.PRESENTER: _ANSWER}, by_wish=True)
CLOSED = Phase("closed", opens={Part.PRESENTER: _LATER})


@dataclass(frozen=True, slots=True)
class Round:
    """A way to talk. order: its position in the list.

    on: in a new circle. needs_facilitator: offered only while the circle has a facilitator.
    begun_by: the part allowed to choose it. look_backs: weeks after closing. reports: ends with a
    day for the presenter's report. other_sentence: replaces `sentence` once a circle sets lengths.
    """

    key: str
    version: int
    order: int
    name: str
    sentence: str
    other_sentence: str = ""
    on: bool = False
    needs_facilitator: bool = False
    begun_by: Part = Part.PRESENTER
    look_backs: tuple[int, ...] = ()
    reports: bool = False
    phases: tuple[Phase, ...] = ()
    lengths: Mapping[str, int] = field(default_factory=dict)

    @property
    def first(self) -> Phase:
        """The phase at the start of a round."""
        return self.phases[0] if self.phases else OPEN

    def phase(self, key: str) -> Phase:
        """The phase by key. Raises LookupError."""
        for each in self.phases:
            if each.key == key:
                return each
        raise LookupError(f"round {self.key} has no phase {key}")

    def after(self, phase: Phase, *, asked: bool = False) -> Phase | None:
        """The following phase. asked: enter phases requested by the presenter too."""
        while phase.follows:
            phase = self.phase(phase.follows)
            if asked or not phase.asked_for:
                return phase
        return None

    def waits_to_be_asked(self, phase: Phase) -> bool:
        """True if the following phase is entered only at the presenter's request."""
        return bool(phase.follows) and self.phase(phase.follows or "").asked_for

    def with_lengths(self, lengths: Mapping[str, int]) -> "Round":
        """The round with a circle's lengths. lengths: phase key -> days. Raises ValueError."""
        for key, days in lengths.items():
            if not DAYS_MIN <= days <= DAYS_MAX:
                raise ValueError(f"{key}: {days} days; a phase lasts {DAYS_MIN} to {DAYS_MAX}")
        unknown = set(lengths) - {each.key for each in self.phases}
        if unknown:
            raise ValueError(f"round {self.key} has no phase {', '.join(sorted(unknown))}")
        phases = tuple(replace(each, days=lengths.get(each.key, each.days)) for each in self.phases)
        changed = {key: days for key, days in lengths.items() if self.phase(key).days != days}
        sentence = self.other_sentence if changed and self.other_sentence else self.sentence
        return replace(self, phases=phases, lengths=changed, sentence=sentence)

    @property
    def sentences(self) -> tuple[str, ...]:
        """Every sentence shown on pages, for translators."""
        words = [self.name, self.sentence, self.other_sentence]
        for each in self.phases:
            words += [each.name, each.opens_on, each.kept_for, each.button, each.card]
            words += each.now.values()
            words += [
                text for quota in each.quotas for text in (quota.sentence, quota.full_sentence)
            ]
        return tuple(dict.fromkeys(filter(None, words)))


def read_rounds(folder: Path) -> dict[tuple[str, int], Round]:
    """The rounds of a folder, by key and version. Raises Refused."""
    found: dict[tuple[str, int], Round] = {}
    for file in sorted(folder.glob("*.toml")):
        table = opened(file)
        each = _read(table)
        if (each.key, each.version) in found:
            table.refuse("key", f"{each.key!r} has its version {each.version} in another file too")
        found[each.key, each.version] = each
    return found


def _read(table: Table) -> Round:
    table.close(
        *("key", "version", "order", "name", "sentence", "other_sentence", "on"),
        *("needs_facilitator", "begun_by", "look_backs", "reports", "phases"),
    )
    phases = list(table.tables("phases"))
    read = Round(
        key=table.name("key"),
        version=table.number("version"),
        order=table.number("order"),
        name=table.text("name"),
        sentence=table.text("sentence"),
        other_sentence=table.text("other_sentence", ""),
        on=table.flag("on"),
        needs_facilitator=table.flag("needs_facilitator"),
        begun_by=_part(table, "begun_by", table.text("begun_by", "presenter")),
        look_backs=table.items("look_backs", int),
        reports=table.flag("reports"),
        phases=tuple(
            _phase(each, _following(phases, number)) for number, each in enumerate(phases)
        ),
    )
    if read.version < 1:
        table.refuse("version", "begins at 1")
    if any(weeks < 1 for weeks in read.look_backs):
        table.refuse("look_backs", "holds weeks, from 1 on")
    _check_order(phases, read)
    return read


def _following(phases: list[Table], number: int) -> str | None:
    """The key of the next phase: from `next`, else the next in the file."""
    if "next" in phases[number].values:
        return phases[number].name("next")
    return phases[number + 1].name("key") if number + 1 < len(phases) else None


def _phase(table: Table, follows: str | None) -> Phase:
    table.close(
        *("key", "name", "days", "next", "by_wish", "asked_for", "early", "lengthens"),
        *("closes_empty", "quotas", "opens", "now", "opens_on", "kept_for", "button", "card"),
        "openings",
    )
    if "days" not in table.values:
        table.refuse("days", "is missing: a phase without a length is never left")
    opens = table.table("opens")
    opens.close(*Part)
    now = table.table("now")
    now.close(Part.RESPONDER, Part.PRESENTER)
    read = Phase(
        key=table.name("key"),
        name=table.text("name"),
        days=table.number("days"),
        opens={Part(part): _kinds(opens, part) for part in opens.values},
        by_wish=table.flag("by_wish"),
        asked_for=table.flag("asked_for"),
        early=table.flag("early"),
        lengthens=table.flag("lengthens"),
        closes_empty=table.flag("closes_empty"),
        quotas=tuple(_quota(each) for each in table.tables("quotas")),
        now={Part(part): _dated(now, part) for part in now.values},
        opens_on=_dated(table, "opens_on", ""),
        kept_for=_dated(table, "kept_for", ""),
        button=table.text("button", ""),
        card=table.text("card", ""),
        openings=table.items("openings", str),
        follows=follows,
    )
    _check_phase(table, read)
    return read


def _quota(table: Table) -> Quota:
    table.close("kind", "per_name", "in_all", "open_days", "sentence", "full_sentence")
    limits = {
        key: table.number(key) for key in ("per_name", "in_all", "open_days") if key in table.values
    }
    for key, most in limits.items():
        if most < 1:
            table.refuse(key, f"is {most}, and must be 1 or more")
    kind = _kind(table, "kind", table.text("kind"))
    words = table.text("sentence", ""), table.text("full_sentence", "")
    return Quota(kind, **limits, sentence=words[0], full_sentence=words[1])


def _kinds(table: Table, part: str) -> frozenset[Kind]:
    return frozenset(_kind(table, part, each) for each in table.items(part, str))


def _kind(table: Table, key: str, word: str) -> Kind:
    try:
        return kind_of(word)
    except ValueError:
        known = ", ".join((*ReplyKind, *RoundKind))
        table.refuse(key, f"holds {word!r}, which is no kind of reply; known are {known}")


def _part(table: Table, key: str, word: str) -> Part:
    try:
        return Part(word)
    except ValueError:
        table.refuse(key, f"is {word!r}, which is none of {', '.join(Part)}")


def _dated(table: Table, key: str, default: str | None = None) -> str:
    """A sentence whose only placeholder may be %(day)s, the day a phase ends or begins."""
    text = table.text(key, default)
    try:
        _ = text % {"day": ""}
    except (KeyError, TypeError, ValueError):
        table.refuse(key, "holds a % that is neither %(day)s nor %%")
    return text


def _check_phase(table: Table, read: Phase) -> None:
    if not DAYS_MIN <= (read.days or 0) <= DAYS_MAX:
        table.refuse("days", f"is {read.days}; a phase lasts {DAYS_MIN} to {DAYS_MAX} days")
    if not read.by_wish and not any(read.opens.values()):
        table.refuse("opens", "opens nothing: in this phase nobody may write")
    for number, quota in enumerate(read.quotas, 1):
        if not any(quota.kind in kinds for kinds in read.opens.values()):
            table.refuse(f"quotas[{number}].kind", f"limits {quota.kind}, which is not opened here")
    if read.closes_empty and not read.lengthens:
        table.refuse("closes_empty", "belongs to a phase that lengthens itself first")


def _check_order(tables: list[Table], read: Round) -> None:
    """Refuse phases entered twice or never, and paths without end."""
    by_key = {}
    for table, phase in zip(tables, read.phases, strict=True):
        if phase.key in by_key:
            table.refuse("key", f"{phase.key!r} stands twice")
        by_key[phase.key] = table, phase
    entered: list[str] = []
    at = read.phases[0].key if read.phases else None
    while at:
        table, phase = by_key[at]
        entered.append(at)
        at = phase.follows
        if at in entered:
            table.refuse("next", f"leads back to {at!r}: a cycle, which is never left")
        if at and at not in by_key:
            table.refuse("next", f"is {at!r}, and the round has no such phase")
    for key, (table, _) in by_key.items():
        if key not in entered:
            table.refuse("key", f"{key!r} follows no phase and is never entered")
    if read.phases and read.phases[0].asked_for:
        tables[0].refuse("asked_for", "is of the first phase, in which a round begins")
