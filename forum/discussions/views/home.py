"""Home: what waits for the member, then news of all their circles, and navigation through them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import queries as circles
from forum.circles.access import in_circle
from forum.circles.queries import Place
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import (
    for_you,
    listings,
    look_backs,
    phrases,
    post_queries,
    read_marks,
    round_pages,
    thread_queries,
)
from forum.discussions import unread as unread_posts
from forum.discussions.awaited_slots import DueDraft
from forum.discussions.for_you import WaitingItem
from forum.discussions.listings import Answer, Listing
from forum.discussions.look_backs import OnHome
from forum.discussions.models import Thread
from forum.discussions.unread import News
from forum.discussions.views import bp, waiting_items
from forum.discussions.views.drafts import composer_of_reflection
from forum.discussions.views.rows import Row, unread_row
from forum.discussions.views.threads import place_of
from forum.policy.standing import Standing
from forum.web.access import (
    any_account,
    hidden_is_closed,
    hidden_posts,
    is_own_device,
    shows_hidden,
)
from forum.web.flash import flash
from forum.web.language import spoken_on
from forum.web.urls import address

IN_ALL = 20  # threads in the list of what is new, over all circles
OF_A_CIRCLE = 5  # of these, where there are several
FOR_YOU = 7  # rows before the rest is folded
NOT_NOW, NOT_NOW_MAX = "not_now", 10  # in the session: threads whose offers were put off
Offered = TypeVar("Offered", OnHome, DueDraft)
ALL_READ = "all_read"  # in the session: what was taken as read at once, and can be undone


@dataclass(frozen=True, slots=True)
class Section:
    """A circle's unread threads. threads, more: numbers of all, and of the others, in words."""

    name: str = field(repr=False)
    url: str
    rows: list[Row] = field(repr=False)
    threads: str
    more: str


@bp.get("/")
@any_account
def home() -> ResponseReturnValue:
    """Rows for the member, and news; redirects the programme lead to the lead's own page."""
    if current_user.is_programme_lead:
        return redirect(url_for("programme.overview"), 303)
    places = circles.places(current_user.id)
    standings = [place.standing for place in places]
    latest = for_you.slots(places)
    found = unread_posts.look(standings, masks=False, slots=latest)
    newest = request.args.get("order") != "oldest"
    answered, replies = _answered(standings, found.news)
    rounds = look_backs.on_home(standings)
    unanswered = [each for each in found.unanswered if each not in rounds.still]
    above = {*unanswered, *(each.thread_id for each in answered)}
    by_circle = _by_circle(found.news, places, above, newest=newest)
    listed = listings.listings(
        standings, {*above, *(each.thread_id for _, some, _ in by_circle for each in some)}
    )
    shown = _for_you(
        [
            *waiting_items.of_account(),
            *waiting_items.of_answers(answered, listed, replies, places),
            *waiting_items.of_turns(
                places, [listed[each] for each in unanswered if each in listed]
            ),
            *waiting_items.of_circles(places),
            *waiting_items.of_pairs(places),
            *waiting_items.under_masks(found.to_masks, rounds.drafts),
            *waiting_items.of_drafts(_not_put_off(rounds.drafts), places),
            *waiting_items.of_look_backs(_not_put_off(rounds.offers), places),
            *for_you.of_rooms(places, latest),
        ]
    )
    new = {each.circle_id for each in found.news}
    return render_template(
        "discussions/home.html",
        places=places,
        circles=[_link_to(each, is_new=each.circle.id in new) for each in places],
        first=shown[:FOR_YOU],
        further=shown[FOR_YOU:],
        heading=_heading(shown, _writers(answered, replies), places, found),
        sections=_sections(by_circle, listed),
        minutes=sum(each.minutes for each in found.news),
        seen=_seen(found.news),
        has_news=bool(new),
        is_all=found.is_all,
        newest=newest,
        phases=round_pages.phases_on_home(rounds.phases),
        quiet=_quiet(places, found.quiet),
        can_undo=ALL_READ in session,
    )


def _for_you(rows: Sequence[WaitingItem]) -> list[WaitingItem]:
    """Rows in order; what waits under masks shows on one's own device, or after the password."""
    may_tell = shows_hidden() or (is_own_device() and not hidden_is_closed())
    return for_you.in_order(
        [each for each in rows if may_tell or each.rank is not for_you.Rank.UNDER_A_MASK]
    )


def _link_to(place: Place, *, is_new: bool) -> tuple[str, str, bool]:
    """A circle's name and address, and whether something is new there."""
    return place.name, address("discussions.index", circle_id=place.circle.id), is_new


@bp.post("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/not-now")
@in_circle
def not_now(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Take a thread's offer to look back, and the drafts in it, off home until signing out; nothing
    is stored."""
    thread = thread_queries.thread(standing, thread_id)
    session[NOT_NOW] = [*session.get(NOT_NOW, ())[1 - NOT_NOW_MAX :], _of_offer(thread.id)]
    return redirect(url_for(".home"), 303)


@bp.post("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/ask-no-more")
@in_circle
def ask_no_more(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Offer no look-back in a thread any more; returns to the page of the offer."""
    thread = thread_queries.thread(standing, thread_id)
    with unit_of_work():
        read_marks.add_answer(standing, thread.id, read_marks.ASKED_NO_MORE)
    with spoken_on(_endpoint_of_offer()):
        flash(_("We will not ask about this again."))
    return redirect(_page_of_offer(thread), 303)


@bp.post("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/learning-offer/take")
@in_circle
def take_learning_offer(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Lead to a new learning note, and make this offer no more."""
    thread = thread_queries.thread(standing, thread_id)
    with unit_of_work():
        read_marks.add_answer(standing, thread.id, read_marks.LEARNING_OFFERED)
    page = url_for("learning.keep", circle_id=standing.circle_id, thread_id=thread.id)
    return redirect(page, 303)


@bp.post("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/learning-offer/rest")
@in_circle
def rest_learning_offer(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Make this offer no more; returns to its page."""
    thread = thread_queries.thread(standing, thread_id)
    with unit_of_work():
        read_marks.add_answer(standing, thread.id, read_marks.LEARNING_OFFERED)
    with spoken_on(_endpoint_of_offer()):
        flash(_("“Keep what you learned” stays at the end of the thread."))
    return redirect(_page_of_offer(thread), 303)


def _endpoint_of_offer() -> str:
    """Endpoint of the page from which an offer to a presenter was answered."""
    match request.form.get("came_from"):
        case "thread":
            return "discussions.show"
        case "posts":
            return "discussions.own_posts"
        case _:
            return "discussions.home"


def _page_of_offer(thread: Thread) -> str:
    """URL of the page of an offer."""
    match _endpoint_of_offer():
        case "discussions.show" as endpoint:
            return url_for(endpoint, circle_id=thread.circle_id, thread_id=thread.id)
        case "discussions.own_posts" as endpoint:
            return url_for(endpoint, circle_id=thread.circle_id)
        case endpoint:
            return url_for(endpoint)


def _not_put_off(offers: Sequence[Offered]) -> list[Offered]:
    """Offers to look back, or drafts, in threads that were not put off."""
    put_off = session.get(NOT_NOW, ())
    return [each for each in offers if _of_offer(each.thread_id) not in put_off]


def _of_offer(thread_id: UUID) -> str:
    """Name of an offer in the session's cookie, which names no thread."""
    return tokens.keyed_id("look back", str(thread_id), str(current_user.id)).hex


@bp.get("/write")
def where() -> ResponseReturnValue:
    """The circles open for writing; with a single circle, the composer."""
    places = [each for each in circles.places(current_user.id) if each.standing.writable]
    if len(places) == 1:
        return redirect(url_for(".write", circle_id=places[0].circle.id), 303)
    return render_template("discussions/where.html", places=places)


@bp.get("/hidden-names")
@hidden_posts
def with_masks() -> ResponseReturnValue:
    """The way to the member's own posts in each circle; threads in which masks were answered."""
    places = circles.places(current_user.id)
    standings = [place.standing for place in places]
    found = unread_posts.look(standings, masks=False, slots=for_you.slots(places))
    listed = listings.listings(standings, [thread_id for _, thread_id in found.to_masks])
    rows = [
        unread_row(listed[thread_id], "", listed[thread_id].appears_at)
        for _, thread_id in found.to_masks
        if thread_id in listed
    ]
    return render_template("discussions/hidden_names.html", places=places, rows=rows)


@bp.get("/next")
def next_unread() -> ResponseReturnValue:
    """Redirect to the news waiting longest; home once everything is read."""
    found = unread_posts.look(_standings(), masks=False)
    if not found.news:
        flash(_("Nothing else is unread.") if found.is_all else phrases.older_threads())
        return redirect(url_for(".home"), 303)
    first = found.news[0]
    return redirect(_place(circles.enter(current_user.id, first.circle_id), first.thread_id), 303)


@bp.get("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/new")
def unread(circle_id: UUID, thread_id: UUID) -> ResponseReturnValue:
    """Redirect to a thread's first new post."""
    return redirect(_place(circles.enter(current_user.id, circle_id), thread_id), 303)


@bp.post("/read")
def read_all() -> ResponseReturnValue:
    """Mark all news as read, unless more arrived since the page was displayed."""
    standings = _standings()
    found = unread_posts.look(standings, masks=False).news
    if not found:  # pressed twice
        return redirect(url_for(".home"), 303)
    if request.form.get("seen") != _seen(found):
        flash(_("Something new has arrived. Look at the list, then try again."))
        return redirect(url_for(".home"), 303)
    everything = unread_posts.look(standings, masks=False, most=None).news
    with unit_of_work():
        session[ALL_READ] = unread_posts.mark_all_read(standings, everything)
    return redirect(url_for(".home"), 303)


@bp.post("/unread")
def unread_again() -> ResponseReturnValue:
    """Undo `read_all`."""
    standings, word = _standings(), session.pop(ALL_READ, "")
    with unit_of_work():
        unread_posts.undo(standings, word)
    return redirect(url_for(".home"), 303)


def _standings() -> list[Standing]:
    return [place.standing for place in circles.places(current_user.id)]


def _answered(
    standings: Sequence[Standing], news: Sequence[News]
) -> tuple[list[News], dict[str, Answer]]:
    """Threads with replies to the member by others, the latest first, FOR_YOU at most, and the
    replies by id."""
    found = sorted(news, key=lambda each: (each.last, each.thread_id), reverse=True)
    found = [each for each in found if each.answers][:FOR_YOU]
    replies = listings.answers(standings, [post for each in found for post in each.answers[:3]])
    return [each for each in found if not replies.keys().isdisjoint(each.answers)], replies


def _by_circle(
    news: Sequence[News], places: Sequence[Place], but: Collection[UUID], *, newest: bool
) -> list[tuple[Place, list[News], list[News]]]:
    """Each circle with news: threads to list, and all. but: listed above."""
    found = {place.circle.id: list[News]() for place in places}
    for each in news:
        if each.thread_id not in but:
            found[each.circle_id].append(each)
    with_news = [(place, found[place.circle.id]) for place in places if found[place.circle.id]]
    most = (
        IN_ALL if len(with_news) == 1 else min(OF_A_CIRCLE, max(1, IN_ALL // max(1, len(places))))
    )
    if newest:
        for _home, some in with_news:
            some.sort(key=lambda each: (each.last, each.thread_id), reverse=True)
    return [(place, some[:most], some) for place, some in with_news]


def _sections(
    by_circle: Sequence[tuple[Place, list[News], list[News]]], listed: Mapping[UUID, Listing]
) -> list[Section]:
    said = phrases.unread(one for _, some, _ in by_circle for one in some)
    words = phrases.Counted()
    return [
        Section(
            place.name,
            address("discussions.index", circle_id=place.circle.id),
            [unread_row(listed[one.thread_id], said[one.thread_id], one.when) for one in some],
            words.threads(len(every)),
            words.more(len(every) - len(some)),
        )
        for place, some, every in by_circle
    ]


def _heading(
    rows: Sequence[WaitingItem],
    writers: Sequence[str],
    places: Sequence[Place],
    found: unread_posts.Look,
) -> str:
    """The page's heading, which shows whether anything is there, and from whom."""
    if rows and rows[0].rank is for_you.Rank.ANSWER:
        return phrases.replied(writers)
    if rows:
        return phrases.things(len(rows))
    if not places:
        return str(_("Your circles"))
    if found.news:
        names = {place.circle.id: place.name for place in places}
        return phrases.unread_in([names[each] for each in {n.circle_id: None for n in found.news}])
    return str(_("You are up to date.")) if found.is_all else phrases.nothing_lately()


def _writers(news: Sequence[News], replies: Mapping[str, Answer]) -> list[str]:
    """Names of who replied to the member, in the order of the rows."""
    said = [replies[post] for each in news for post in each.answers if post in replies]
    return [*dict.fromkeys(each.author for each in said)]


def _quiet(places: Sequence[Place], quiet: Collection[UUID]) -> tuple[Place, str] | None:
    """The first quiet circle, and the composer for a line there."""
    for place in places:
        if place.circle.id in quiet and place.standing.writable:
            return place, composer_of_reflection(place.circle.id, new_id())
    return None


def _place(standing: Standing, thread_id: UUID) -> str:
    """Address of a thread's first new post; of its top if the opening is new."""
    thread = thread_queries.thread(standing, thread_id)
    found = unread_posts.look([standing], [thread_id], masks=shows_hidden()).news
    fresh = found[0].fresh if found else {}
    order = post_queries.order(standing, thread)
    first = next((reply_id for reply_id in order.ids if reply_id.hex in fresh), None)
    if first is None or thread_id.hex in fresh:
        return address("discussions.show", circle_id=standing.circle_id, thread_id=thread_id)
    return place_of(thread, order, first)


def _seen(found: list[News]) -> str:
    """A digest of the news: home sends it back to show which news it displayed."""
    return sha256(
        "".join(sorted(post for each in found for post in each.fresh)).encode()
    ).hexdigest()
