"""Rows of home about flags, hidden posts, messages, and what moderators have to look at."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from forum.circles.queries import Place
from forum.discussions.for_you import Rank, Slots, WaitingItem, under_a_mask
from forum.moderation import queries
from forum.moderation.phrases import outcome
from forum.moderation.queries import Notices
from forum.web.urls import address


def waiting_items(places: Sequence[Place], slots: Slots) -> list[WaitingItem]:
    """Rows of every circle, in one statement."""
    found = queries.notices_of([place.standing for place in places]) if places else {}
    rows = list[WaitingItem]()
    for place in places:
        said = found[place.circle.id]
        rows += [*_cannot_wait(place, said), *_own(place, said), *_asked(place, said)]
        rows += [*_told(place, said), *_to_look_at(place, said)]
        if _waits_under_a_mask(said, slots[place.circle.id]):
            rows.append(under_a_mask())
    return rows


def _own(place: Place, said: Notices) -> Iterator[WaitingItem]:
    for post_id in said.mine:
        yield WaitingItem(
            Rank.HIDDEN,
            _("A post of yours is hidden until you change it"),
            url_for("discussions.edit", circle_id=place.circle.id, post_id=post_id),
            about=place.name,
            line=_(
                "A colleague thought a patient might be recognised. This happens to most of us."
            ),
        )


def _asked(place: Place, said: Notices) -> Iterator[WaitingItem]:
    for post_id in said.asked:
        yield WaitingItem(
            Rank.HIDDEN,
            _("A post of yours is hidden until you change it"),
            url_for("discussions.edit", circle_id=place.circle.id, post_id=post_id),
            about=place.name,
            line=_("A moderator asks for a change."),
        )


def _cannot_wait(place: Place, said: Notices) -> Iterator[WaitingItem]:
    pages = {"discussions.messages": said.urgent_message, "moderation.desk": said.urgent}
    for page in (page for page, waits in pages.items() if waits):
        url, title = (
            address(page, circle_id=place.circle.id),
            _("Something cannot wait: read it now"),
        )
        yield WaitingItem(Rank.CANNOT_WAIT, title, url, about=place.name)


def _told(place: Place, said: Notices) -> Iterator[WaitingItem]:
    here = {"circle_id": place.circle.id}
    if said.message:
        url = address("discussions.messages", **here)
        yield WaitingItem(Rank.MESSAGE, _("A message is waiting for you"), url, about=place.name)
    for flag in said.told:
        title = _("You flagged a post") if flag.post_id else _("You wrote to the moderators")
        page = "discussions.index" if flag.post_id else "moderation.messages"
        yield WaitingItem(
            Rank.MESSAGE,
            title,
            address(page, **here),
            about=place.name,
            line=outcome(flag),
            act=(address("moderation.seen", flag_id=flag.id, **here), _("Dismiss")),
        )


def _to_look_at(place: Place, said: Notices) -> Iterator[WaitingItem]:
    here = {"circle_id": place.circle.id}
    if said.waiting:
        words = ngettext("1 item to look at", "%(num)s items to look at", said.waiting)
        about = _("Moderator page, %(circle)s", circle=place.name)
        yield WaitingItem(Rank.MODERATION, words, address("moderation.desk", **here), about=about)
    if said.answers:
        words = ngettext(
            "A note of the moderators was answered",
            "%(num)s notes of the moderators were answered",
            said.answers,
        )
        url = address("moderation.desk", **here)
        yield WaitingItem(Rank.MODERATION, words, url, about=place.name)
    if said.looks:
        words = ngettext(
            "A hidden post is waiting for a moderator",
            "%(num)s hidden posts are waiting for a moderator",
            said.looks,
        )
        url = address("moderation.looks", **here)
        yield WaitingItem(Rank.MODERATION, words, url, about=place.name)


def _waits_under_a_mask(said: Notices, slot: datetime) -> bool:
    """Whether something came on a day before that of the latest slot: days are all that is kept."""
    return any(day < slot.date() for day in said.under_masks)
