"""Details in a composer's words by which somebody may be recognised, and which are still open."""

import hmac
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from uuid import UUID

from forum.checker import (
    NAMES_CHECKED_IN,
    Facet,
    Finding,
    Kind,
    Severity,
    check,
    compared,
    loosened,
)
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.decisions import REASONS, Choice, Decision
from forum.policy.standing import Standing
from forum.policy.terms import Mark

PostContent = Reflection | ReplyWords
BETWEEN = "\n\n"  # parts of a text, checked as one: an age in its title meets a place in its story
TITLE, BODY = "title", "body"  # keys of parts; all others are a template's


@dataclass(frozen=True, slots=True)
class Part:
    """A text of a composer. start: offset in the whole checked text."""

    key: str
    text: str = field(repr=False)
    start: int

    @property
    def end(self) -> int:
        """Offset in the whole, exclusive."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Detail:
    """Findings of one kind in equal words, wherever they stand. digest: see Decision."""

    digest: str
    kind: Kind
    severity: Severity
    words: str = field(repr=False)  # as first typed
    spans: tuple[tuple[int, int], ...]  # in the whole: start, end
    instead: str = ""
    facets: frozenset[Facet] = frozenset()
    choice: Choice | None = None  # none while it is open

    @property
    def asks(self) -> bool:
        """Whether it waits for an answer; a nudge never does."""
        return self.choice is None and self.severity is not Severity.NUDGE

    @property
    def stops(self) -> bool:
        """Whether it has to be changed, or kept for a reason."""
        return self.severity is Severity.STOP


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a part; digests: of the details that it belongs to, none for plain words."""

    text: str = field(repr=False)
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedOver:
    """Parts of a text as typed, and what was found in them, details that meet last.

    reasons: for which its writer may keep a detail that stops.
    """

    parts: tuple[Part, ...]
    details: tuple[Detail, ...]
    reasons: tuple[Choice, ...] = REASONS

    @property
    def whole(self) -> str:
        """All parts as one text."""
        return BETWEEN.join(part.text for part in self.parts)

    @property
    def open(self) -> list[Detail]:
        """Details that wait for an answer."""
        return [each for each in self.details if each.asks]

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """Decisions to store with a draft or a post, about details of the present text alone."""
        return tuple(
            Decision(each.kind, each.severity, each.choice, each.digest)
            for each in self.details
            if each.choice
        )

    def decided(self, sent: Mapping[str, str]) -> "LookedOver":
        """A copy with the answers of a form: a reason for each detail that stops, one tick for all
        others.
        """
        decided = (_decided(each, sent, self.reasons) for each in self.details)
        return replace(self, details=tuple(decided))

    def kept_for(self, choice: Choice) -> "LookedOver":
        """A copy with every open detail kept for a reason."""
        kept = (replace(each, choice=choice) if each.asks else each for each in self.details)
        return replace(self, details=tuple(kept))

    def offers(self, detail: Detail) -> bool:
        """Whether a suggestion stands beside a detail: of details that meet, not a second time."""
        if not detail.instead or detail.choice:
            return False
        others = (each for each in self.details if each is not detail and each.instead)
        return detail.kind is not Kind.COMBINATION or not any(
            each.spans[0] == detail.spans[0] for each in others
        )

    def pieces(self, part: Part) -> list[Piece]:
        """A part cut wherever a detail begins or ends."""
        inside = [
            (max(start, part.start), min(end, part.end), each.digest)
            for each in self.details
            for start, end in each.spans
            if start < part.end and part.start < end
        ]
        edges = sorted({part.start, part.end, *(at for s, e, _ in inside for at in (s, e))})
        return [
            Piece(
                part.text[start - part.start : end - part.start],
                tuple(digest for s, e, digest in inside if s <= start and end <= e),
            )
            for start, end in pairwise(edges)
        ]

    def marked_parts(self) -> list[Part]:
        """Parts in which something was found."""
        return [
            part
            for part in self.parts
            if any(s < part.end and part.start < e for d in self.details for s, e in d.spans)
        ]


REASON, LOOKED = "reason-", "looked"  # names of fields: a reason by digest, the tick


def key_of(standing: Standing, post_id: UUID) -> bytes:
    """Key of the digests of a draft and its later post: 32 bytes.

    Another for each post and writer, so that no two rows reveal that they hold the same detail.
    """
    return standing.hand.mark(Mark.DETAIL, post_id)


def look_over(
    content: PostContent,
    key: bytes,
    own: Collection[str],
    language: str,
    kept: Iterable[Decision] = (),
    *,
    rural: bool = False,
) -> LookedOver:
    """Check a composer's content. key: see `key_of`. own: names and addresses of their writer.

    rural: of their circle.
    kept: decisions from before; one holds for the same kind in the same words, not graver now.
    """
    return look_over_texts(_texts(content), key, own, language, kept, rural=rural)


def look_over_texts(
    texts: Mapping[str, str],
    key: bytes,
    own: Collection[str],
    language: str,
    kept: Iterable[Decision] = (),
    *,
    rural: bool = False,
) -> LookedOver:
    """Check texts by their keys, as one whole; otherwise as `look_over`."""
    parts = tuple(_parts(texts))
    whole = BETWEEN.join(part.text for part in parts)
    before = {each.digest: each for each in kept}
    suggests = language.split("-")[0] in NAMES_CHECKED_IN  # suggestions are English words
    found: dict[str, Detail] = {}
    for finding in check(whole, own=tuple(filter(None, own)), rural=rural, language=language):
        digest = _digest(key, finding, whole)
        span = (finding.start, finding.end)
        if known := found.get(digest):
            found[digest] = replace(known, spans=(*known.spans, span))
            continue
        found[digest] = Detail(
            digest=digest,
            kind=finding.kind,
            severity=finding.severity,
            words=whole[finding.start : finding.end],
            spans=(span,),
            instead=finding.instead if suggests else "",
            facets=finding.facets,
            choice=_choice(before.get(digest), finding),
        )
    meets_last = sorted(found.values(), key=lambda each: each.kind is Kind.COMBINATION)
    return LookedOver(parts, tuple(meets_last))


def loosen(content: PostContent, looked: LookedOver, digest: str) -> PostContent:
    """The content with a suggestion in the place of a detail, wherever that stands."""
    detail = next((each for each in looked.details if each.digest == digest), None)
    if detail is None or not detail.instead:
        return content
    texts = {part.key: part.text for part in looked.parts}
    for start, end in reversed(detail.spans):
        part = next((each for each in looked.parts if each.start <= start < each.end), None)
        if part is None or end > part.end:
            continue
        at, until = start - part.start, end - part.start
        change = loosened(part.text, detail.kind, at, until, detail.instead)
        text = texts[part.key]
        texts[part.key] = text[: change.start] + change.words + text[change.end :]
    return _with(content, texts)


def _parts(texts: Mapping[str, str]) -> Iterator[Part]:
    start = 0
    for key, text in texts.items():
        yield Part(key, text, start)
        start += len(text) + len(BETWEEN)


def _texts(content: PostContent) -> dict[str, str]:
    if isinstance(content, ReplyWords):
        return {BODY: content.body}
    fields = {each.key: content.fields.get(each.key, "") for each in content.shape.fields}
    return {TITLE: content.title} | {f"field_{key}": text for key, text in fields.items()}


def _with(content: PostContent, texts: Mapping[str, str]) -> PostContent:
    if isinstance(content, ReplyWords):
        return replace(content, body=texts[BODY])
    told = {key.removeprefix("field_"): text for key, text in texts.items() if key != TITLE}
    return replace(content, title=texts[TITLE], fields=content.fields | told)


def _digest(key: bytes, finding: Finding, whole: str) -> str:
    facets = ",".join(sorted(finding.facets))
    said = f"{finding.kind}|{facets}|{compared(whole[finding.start : finding.end])}"
    return hmac.digest(key, said.encode(errors="replace"), "sha256").hex()[:32]


def _choice(kept: Decision | None, finding: Finding) -> Choice | None:
    """A decision from before, unless the detail is graver now than it was then."""
    if kept is None or (finding.severity is Severity.STOP and kept.severity is not Severity.STOP):
        return None
    return kept.choice


def _decided(detail: Detail, sent: Mapping[str, str], reasons: Collection[Choice]) -> Detail:
    if not detail.asks:
        return detail
    if not detail.stops:
        return replace(detail, choice=Choice.LOOKED_AT) if sent.get(LOOKED) else detail
    reason = sent.get(f"{REASON}{detail.digest}", "")
    return replace(detail, choice=Choice(reason)) if reason in reasons else detail
