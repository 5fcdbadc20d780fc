"""The check: rules in their order over one normalised text, findings with offsets as typed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from forum.checker.addresses import addresses
from forum.checker.ages import ages
from forum.checker.allusions import allusions
from forum.checker.codes import codes
from forum.checker.combination import meetings
from forum.checker.contacts import contacts
from forum.checker.dates import dates
from forum.checker.digits import Number, numbers
from forum.checker.findings import Finding, Kind, Severity
from forum.checker.health_numbers import health_number, is_chi
from forum.checker.labels import Labels
from forum.checker.normalised import Normalised, normalised
from forum.checker.people import is_name, people
from forum.checker.phones import is_hyphened_canadian, phone_number
from forum.checker.places import places
from forum.checker.record_numbers import labelled_number, lettered_records
from forum.checker.spots import Spot, without_overlaps
from forum.checker.tells import own_words, tells
from forum.checker.wording import NAMES_CHECKED_IN
from forum.checker.words import Reading, reading

REFERENCE_NEAR = 20  # characters between "ISBN" and the number that it names


def check(
    text: str, *, own: Sequence[str] = (), rural: bool = False, language: str = "en"
) -> list[Finding]:
    """Details of `text` by which a person might be recognised, in order of start.

    own: the writer's names and addresses. rural: two meeting details are enough. language: code
    (BCP 47); except in English only numbers, dates and shapes are checked.
    """
    source = normalised(text)
    english = language.split("-")[0].lower() in NAMES_CHECKED_IN
    words = reading(source, text)
    spots = without_overlaps(
        [*_shapes(words), *(_names(words, own) if english else own_words(words, own))]
    )
    findings = [_finding(source, spot) for spot in spots]
    if english:
        findings += _combinations(words, spots, rural=rural)
    return sorted(findings, key=lambda each: (each.start, each.end))


def _shapes(words: Reading) -> Iterator[Spot]:
    """Spots found from digits and signs alone, in any language."""
    text, small = words.text, words.small
    labels = Labels(small)
    days = list(dates(text, small))
    yield from days
    yield from contacts(small)
    yield from codes(text, small, labels)
    yield from lettered_records(text, labels)
    yield from _numbers(words, labels, days)


def _numbers(words: Reading, labels: Labels, days: list[Spot]) -> Iterator[Spot]:
    text = words.text
    dated = bytearray(len(text))
    for day in days:
        dated[day.start : day.end] = b"\1" * (day.end - day.start)
    for number in numbers(text, words.small):
        if any(dated[number.start : number.end]) and not is_chi(number.digits):
            continue  # a CHI number begins with a date: "01/01/01 1237"
        spot = _number(text, number, labels)
        if spot:
            yield spot


def _number(text: str, number: Number, labels: Labels) -> Spot | None:
    beside = labels.near(number.start, number.end)
    if beside and beside[0][0] == "reference" and beside[0][1] <= REFERENCE_NEAR:
        return None
    if is_hyphened_canadian(number):
        return phone_number(text, number, beside) or health_number(number, beside)
    return (
        health_number(number, beside)
        or labelled_number(number, beside)
        or phone_number(text, number, beside)
    )


def _names(words: Reading, own: Sequence[str]) -> Iterator[Spot]:
    """Spots found from English words: names, places, ages, addresses, hints at the writer."""
    alluded = bytearray(len(words.text) + 1)
    for start, end in allusions(words):
        alluded[start:end] = b"\1" * (end - start)
    yield from tells(words, own)
    yield from (spot for spot in chain(people(words), places(words)) if not alluded[spot.start])
    yield from addresses(words)
    yield from ages(words.text, words.small, lambda word: is_name(words, word))


def _finding(source: Normalised, spot: Spot) -> Finding:
    start, end = source.span(spot.start, spot.end)
    return Finding(spot.kind, spot.severity, start, end, spot.instead)


def _combinations(words: Reading, spots: Iterable[Spot], *, rural: bool) -> Iterator[Finding]:
    for meeting in meetings(words, spots, rural=rural):
        start, end = words.source.span(meeting.detail.start, meeting.detail.end)
        yield Finding(
            Kind.COMBINATION, Severity.CONFIRM, start, end, meeting.detail.instead, meeting.facets
        )
