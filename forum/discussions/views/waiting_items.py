"""Rows of home that this room knows itself: the account, replies, turns, votes and rules."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import pair_requests
from forum.circles.queries import Place
from forum.circles.retention_settings import CAUTION
from forum.discussions import awaited_slots, for_you, phrases, retention, round_pages
from forum.discussions.awaited_slots import DueDraft
from forum.discussions.for_you import Rank, WaitingItem
from forum.discussions.forms import KINDS, ROUND_KINDS
from forum.discussions.listings import Answer, Listing
from forum.discussions.look_backs import OnHome
from forum.discussions.unread import News
from forum.discussions.views.drafts import composer_of_reply
from forum.discussions.views.rows import note_of
from forum.policy import may
from forum.policy.terms import CircleKind, ReplyKind
from forum.web.dates import day, due, last_day, on_day
from forum.web.urls import address

PLAIN = (ReplyKind.REFLECTION, ReplyKind.ANSWER)  # kinds that go without saying


def of_account() -> Iterator[WaitingItem]:
    """The account that is about to be deleted."""
    if current_user.goes_on:
        yield WaitingItem(
            Rank.ACCOUNT,
            _(
                "Your account will be deleted %(when)s",
                when=due(current_user.goes_on, current_user.zone),
            ),
            url_for("accounts.overview"),
            about=_("You asked for it. Until then one press undoes it."),
            act=(url_for("offboarding.keep"), _("Keep my account")),
        )


def of_answers(
    news: Sequence[News],
    listed: Mapping[UUID, Listing],
    replies: Mapping[str, Answer],
    places: Sequence[Place],
) -> Iterator[WaitingItem]:
    """Threads with replies to what the member wrote by name: one row each."""
    names = {place.circle.id: place.name for place in places} if len(places) > 1 else {}
    for each in news:
        thread = listed.get(each.thread_id)
        said = [replies[post] for post in each.answers if post in replies]
        if thread is None or not said:
            continue
        first = said[0]
        kind = "" if first.kind in PLAIN else str((KINDS | ROUND_KINDS).get(first.kind, ""))
        yield WaitingItem(
            Rank.ANSWER,
            phrases.heading(thread),
            address("discussions.unread", circle_id=each.circle_id, thread_id=each.thread_id),
            who=phrases.names([*dict.fromkeys(one.author for one in said)]),
            about=" · ".join(filter(None, (kind, names.get(each.circle_id)))),
            line="" if thread.notes else first.gist,
            note=note_of(thread),
            end=day(said[-1].appears_at),
            typed=True,
            languages=(thread.language, first.language),
        )


def of_turns(places: Sequence[Place], waiting: Sequence[Listing]) -> Iterator[WaitingItem]:
    """Threads that wait for the member's first reply; a turn on the rota without any, too."""
    by_circle = {place.circle.id: place for place in places}
    asked = [each for each in waiting if each.asks]
    for each in asked:
        place = by_circle[each.circle_id]
        if not place.standing.writable:
            continue
        yield WaitingItem(
            Rank.TURN,
            phrases.heading(each),
            address("discussions.show", circle_id=each.circle_id, thread_id=each.id),
            who=each.author,
            about=_("waiting for a first reply in %(circle)s", circle=place.name),
            line="" if each.notes else each.gist,
            note=note_of(each),
            end=day(each.appears_at),
            typed=True,
            languages=(each.language, each.language),
        )
    for place in places:
        if place.standing.on_turn and place.circle.turn_ends_on and place.standing.writable:
            yield WaitingItem(
                Rank.TURN,
                _("Your turn to reply first"),
                address("discussions.index", circle_id=place.circle.id),
                about=_(
                    "%(circle)s, until %(day)s",
                    circle=place.name,
                    day=on_day(place.circle.turn_ends_on),
                ),
            )


def of_circles(places: Sequence[Place]) -> Iterator[WaitingItem]:
    """Votes that the member may take part in, threads that go, and ground rules to agree to."""
    going = retention.next_days(place.circle for place in places)
    for place in places:
        closing = place.circle.closes_on is not None
        if may.hear_of_vote(place.standing, closing=closing):
            said = (
                _("Someone asks to keep %(circle)s open", circle=place.name)
                if closing
                else _("Someone asks to close %(circle)s", circle=place.name)
            )
            page = address("circles.closing", circle_id=place.circle.id)
            yield WaitingItem(Rank.VOTE, said, page)
        ends = place.circle.closes_on
        if ends and place.standing.kind is not CircleKind.ONE_OFF:
            when = due(ends, place.circle.zone)
            yield WaitingItem(
                Rank.CLOSING,
                _("%(circle)s closes %(when)s", circle=place.name, when=when),
                url_for("offboarding.words"),
                about=_("Until then you can read it and download your posts. Then it is deleted."),
            )
        if ends and may.keep_conversation(place.standing, resting=closing):
            page = address("discussions.index", circle_id=place.circle.id)
            day_of = {"circle": place.name, "day": last_day(ends, place.circle.zone)}
            said = _("%(circle)s can be read until %(day)s. Keep it?", **day_of)
            yield WaitingItem(Rank.VOTE, said, page)
        if goes_on := going.get(place.circle.id):
            yield WaitingItem(
                Rank.ERASURE,
                _("A story goes %(when)s", when=due(goes_on)),
                address("discussions.index", circle_id=place.circle.id),
                about=_("%(circle)s. Copy what you wrote before then.", circle=place.name),
                note=str(CAUTION),
            )
        if not place.standing.agreed:
            yield WaitingItem(
                Rank.RULES,
                _("The ground rules have changed"),
                address("discussions.index", circle_id=place.circle.id),
                about=_("%(circle)s. Read on; agree before you next post.", circle=place.name),
            )


def of_pairs(places: Sequence[Place]) -> Iterator[WaitingItem]:
    """Requests for a pair, which stand in the member's own row: no statement is run for them."""
    for place in places:
        for each in pair_requests.waiting(place):
            there = {"circle_id": place.circle.id, "request_id": each.id}
            yield WaitingItem(
                Rank.PAIR,
                _("%(name)s asks whether you two would talk for a while.", name=each.name),
                address("circles.people", circle_id=place.circle.id),
                about=place.name,
                act=(address("circles.accept_pair", **there), _("Yes")),
                second=(address("circles.put_off_pair", **there), _("Not now")),
            )


def of_look_backs(found: Sequence[OnHome], places: Sequence[Place]) -> Iterator[WaitingItem]:
    """Offers to look back, or to keep what was learned, without a title: not every story is for a
    glance."""
    names = {place.circle.id: place.name for place in places} if len(places) > 1 else {}
    for each in found:
        there = {"circle_id": each.circle_id, "thread_id": each.thread_id}
        if each.offer.learning:
            told = round_pages.in_month(each.told_at)
            take = address("discussions.take_learning_offer", **there)
            rest = address("discussions.rest_learning_offer", **there)
            yield WaitingItem(
                Rank.LOOK_BACK,
                _("You told something in %(month)s. It has been talked about.", month=told),
                address("discussions.show", **there),
                about=names.get(each.circle_id, ""),
                act=(take, _("Keep what you learned")),
                second=(rest, _("No, thank you")),
            )
            continue
        if day := each.offer.report_on:
            title = _("You meant to try something by %(day)s. How did it go?", day=on_day(day))
        else:
            told = round_pages.in_month(each.told_at)
            title = _("You told something in %(month)s. Look back?", month=told)
        yield WaitingItem(
            Rank.LOOK_BACK,
            title,
            address("discussions.show", **there),
            about=names.get(each.circle_id, ""),
            act=(address("discussions.not_now", **there), _("Not now")),
            second=(address("discussions.ask_no_more", **there), _("Don't ask again")),
        )


def of_drafts(found: Sequence[DueDraft], places: Sequence[Place]) -> Iterator[WaitingItem]:
    """Drafts by an everyday name whose day has come, the first of each thread, without their words,
    like look-backs."""
    names = {place.circle.id: place.name for place in places} if len(places) > 1 else {}
    first = {each.thread_id: each for each in reversed(found) if not awaited_slots.hides(each)}
    for each in reversed(first.values()):
        there = {"circle_id": each.circle_id, "thread_id": each.thread_id}
        yield WaitingItem(
            Rank.DRAFT,
            _("A reply you saved as a draft can be posted now."),
            composer_of_reply(each.circle_id, each.thread_id, each.id),
            about=names.get(each.circle_id, ""),
            act=(address("discussions.not_now", **there), _("Not now")),
        )


def under_masks(
    threads: Sequence[tuple[UUID, UUID]], found: Sequence[DueDraft]
) -> Iterator[WaitingItem]:
    """A row for replies to the member's masks and for hidden drafts whose day has come."""
    if threads or any(map(awaited_slots.hides, found)):
        yield for_you.under_a_mask()
