"""Rows of home for guardians, for whoever asked them, and for whoever was named."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.queries import Place
from forum.discussions.for_you import Rank, Slots, WaitingItem, under_a_mask
from forum.safety import queries
from forum.safety.matters import Request
from forum.safety.request_states import State
from forum.web.access import own_posts_shown_on


def waiting_items(places: Sequence[Place], slots: Slots) -> list[WaitingItem]:
    """Rows for this account. Two statements, whether or not guardians are named or asked: one more
    would tell the lead who asks an address whether it has an account. A guardian's rows take more.
    """
    member_id: UUID = current_user.id
    known = queries.for_home(member_id, [place.standing for place in places])
    found = [] if known.accepted is None else [*_of_guardian(member_id, accepted=known.accepted)]
    found += _of_asker(places, member_id, known.requests)
    return [*found, *_of_named(places, slots, known.requests)]


def _of_guardian(member_id: UUID, *, accepted: bool) -> Iterator[WaitingItem]:
    page = url_for("safety.guardian")
    if not accepted:
        about = _("By the programme lead of this service")
        yield WaitingItem(Rank.MESSAGE, _("You are asked to be a guardian"), page, about=about)
    elif any(each.waits for each in queries.duties(member_id)) or any(
        not each.answer for _id, each in queries.questions(member_id)
    ):
        title, about = _("The guardians are asked"), _("Opens with your second lock.")
        yield WaitingItem(Rank.CANNOT_WAIT, title, page, about=about)


def _of_asker(
    places: Sequence[Place], member_id: UUID, known: Sequence[Request]
) -> Iterator[WaitingItem]:
    """Outcome of a moderator's request; an opening reads like a lapse."""
    titles = {
        State.NOT_OPENED: _("The guardians did not open the name"),
        State.LAPSED: _("Your request to the guardians has ended"),
    }
    names = {place.circle.id: place.name for place in places}
    for request in queries.lately_asked(member_id, known):
        title = titles.get(queries.state_for_asker(request))
        if title and request.circle_id in names:
            url = url_for("safety.danger", circle_id=request.circle_id, post_id=request.post_id)
            yield WaitingItem(Rank.MODERATION, title, url, about=names[request.circle_id])


def _of_named(
    places: Sequence[Place], slots: Slots, known: Sequence[Request]
) -> Iterator[WaitingItem]:
    """Note under Your posts, from the slot on at which all masks are told, until this session has
    shown it: no row keeps that a note was read."""
    for standing, request in queries.told_of([place.standing for place in places], known):
        day, shown_on = request.told_from, own_posts_shown_on(standing.circle_id)
        was_shown = day and shown_on and day <= shown_on
        if day and day <= slots[standing.circle_id].date() and not was_shown:
            yield under_a_mask()
