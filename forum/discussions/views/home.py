"""Home: news of all the member's circles, and navigation through them."""

from hashlib import sha256
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import queries as circles
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import name_notes, phrases, queries
from forum.discussions import unread as unread_posts
from forum.discussions.views import bp
from forum.discussions.views.drafts import composer_of_reflection
from forum.discussions.views.threads import place_of
from forum.policy.standing import Standing
from forum.web.access import any_account, fresh_password, is_fresh
from forum.web.flash import flash
from forum.web.paging import page_asked, slice_of

EACH = 20  # threads on one page of what is new
ALL_READ = "all_read"  # in the session: what was taken as read at once, and can be undone


@bp.get("/")
@any_account
def home() -> ResponseReturnValue:
    """News, longest waiting first; redirects the programme lead to the lead's own page."""
    if current_user.is_programme_lead:
        return redirect(url_for("programme.overview"), 303)
    places = circles.places(current_user.id)
    standings = [place.standing for place in places]
    found = unread_posts.look(standings, masks=is_fresh())
    notes = name_notes.of_circles(standings)
    page = page_asked()
    shown, last = slice_of(found.news, page, EACH)
    heads = queries.heads(standings, [*found.unanswered, *(each.thread_id for each in shown)])
    return render_template(
        "discussions/home.html",
        places=places,
        names={place.circle.id: place.name for place in places},
        messages=[
            place for place in places if name_notes.waits(place.standing, notes[place.circle.id])
        ],
        hidden_messages=[place for place in places if name_notes.for_masks(notes[place.circle.id])],
        news=shown,
        titles={each.thread_id: phrases.heading(heads.get(each.thread_id)) for each in shown},
        unanswered=[heads[each] for each in found.unanswered if heads[each].asks],
        seen=_seen(found.news),
        is_all=found.is_all,
        quiet=[
            (place, composer_of_reflection(place.circle.id, new_id()))
            for place in places
            if place.circle.id in found.quiet and place.standing.writable
        ],
        tells_of_masks=is_fresh(),
        can_undo=ALL_READ in session,
        page=page,
        last=last,
    )


@bp.get("/hidden-names")
@fresh_password
def with_masks() -> ResponseReturnValue:
    """Home with answers to the member's masks marked: after the password."""
    return redirect(url_for(".home"), 303)


@bp.get("/next")
def next_unread() -> ResponseReturnValue:
    """Redirect to the news waiting longest; home once everything is read."""
    found = unread_posts.look(_standings(), masks=is_fresh()).news
    if not found:
        flash(_("Nothing else is unread."))
        return redirect(url_for(".home"), 303)
    first = found[0]
    return redirect(_place(circles.enter(current_user.id, first.circle_id), first.thread_id), 303)


@bp.get("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/new")
def unread(circle_id: UUID, thread_id: UUID) -> ResponseReturnValue:
    """Redirect to a thread's first new post."""
    return redirect(_place(circles.enter(current_user.id, circle_id), thread_id), 303)


@bp.post("/read")
def read_all() -> ResponseReturnValue:
    """Mark all news as read, unless more arrived since the page was displayed."""
    standings = _standings()
    found = unread_posts.look(standings, masks=is_fresh()).news
    if request.form.get("seen") != _seen(found):
        flash(_("Something new has arrived. Look at the list, then try again."))
        return redirect(url_for(".home"), 303)
    with unit_of_work():
        session[ALL_READ] = unread_posts.mark_all_read(standings, found)
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


def _place(standing: Standing, thread_id: UUID) -> str:
    """Address of a thread's first new post; of its top if the opening is new."""
    thread = queries.thread(standing, thread_id)
    found = unread_posts.look([standing], [thread_id], masks=is_fresh()).news
    fresh = found[0].fresh if found else {}
    order = queries.order(standing, thread)
    first = next((reply_id for reply_id in order.ids if reply_id.hex in fresh), None)
    if first is None or thread_id.hex in fresh:
        return url_for(".show", circle_id=standing.circle_id, thread_id=thread_id)
    return place_of(thread, order, first)


def _seen(found: list[unread_posts.News]) -> str:
    """A digest of the news: home sends it back to show which news it displayed."""
    return sha256(
        "".join(sorted(post for each in found for post in each.fresh)).encode()
    ).hexdigest()
