"""A circle's page: purpose, threads waiting for a reply, threads by filter, members."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from forum.circles import answering_rota, first_visit
from forum.circles import queries as circles
from forum.circles.access import in_circle
from forum.circles.models import Circle
from forum.core.clock import now
from forum.core.errors import NotFound
from forum.discussions import (
    drafts,
    listings,
    onboarding,
    phrases,
    retention,
    thread_filters,
    thread_queries,
    unread,
)
from forum.discussions.listings import Listing
from forum.discussions.thread_filters import THREADS_EACH, WAITING, Lines, Show, ThreadFilter
from forum.discussions.unread import News
from forum.discussions.views import bp
from forum.discussions.views.drafts import composer_url
from forum.discussions.views.rows import Row, thread_row, unread_row
from forum.policy.standing import Standing
from forum.web.paging import page_asked, pages_of
from forum.web.urls import address


@bp.get("/circles/<uuid:circle_id>/")
@in_circle
def index(standing: Standing) -> str:
    """A circle's home."""
    home, page = circles.circle(standing), page_asked()
    words = (request.args.get(name, "") for name in ("show", "year", "topic"))
    chosen = thread_filters.asked(home, *words)
    is_front = page == 1 and not chosen.is_set
    wanted = unread.look([standing], masks=False).news if chosen.show is Show.UNREAD else []
    found = thread_filters.lines(standing, chosen, page, [each.thread_id for each in wanted])
    last = pages_of(found.total, THREADS_EACH)
    if page > last:
        raise NotFound
    ids = [line.id for line in found.lines]
    waits = found.waiting if is_front else []
    pinned = home.pinned_thread_id if is_front else None
    wants_steps = is_front and not standing.settled
    listed, done = listings.listings_and(
        [standing],
        {*ids, *waits, *filter(None, [pinned])},
        onboarding.DONE if wants_steps else (),
        onboarding.known(standing, ids) if wants_steps else {},
    )
    news = wanted or unread.look([standing], ids, masks=False, answers=False).news
    to_read = sorted(_shown(listed, ids), key=lambda each: bool(each.notes))
    first_lines = [each for each in _shown(listed, waits) if each.asks][:WAITING]
    kept = next(iter(_shown(listed, {pinned} & listed.keys())), None) if pinned else None
    return render_template(
        "discussions/index.html",
        standing=standing,
        circle=home,
        story_goes_on=retention.next_days([home]).get(home.id),
        people=circles.people(standing),
        to_read=to_read,
        **_beginning(standing, to_read, done, is_front=is_front),
        waiting=[thread_row(each, "", each.appears_at, read=False) for each in first_lines],
        pinned=kept,
        rows=_rows(found, listed, news, but={each.id for each in (kept, *first_lines) if each}),
        filters=_filters(home, chosen, found.first_year),
        topics=_topics(home, chosen),
        is_filtered=chosen.is_set,
        rota=answering_rota.asked(home),
        quiet=is_front and not standing.kind.is_small and _is_quiet(found),
        page=page,
        last=last,
        list_url=_address(home, chosen),
        drafts=_drafts(standing) if is_front else [],
    )


def _beginning(
    standing: Standing, to_read: Sequence[Listing], done: Any, *, is_front: bool
) -> dict[str, Any]:
    """First story and first steps of whoever has come lately, as values of the template.

    done: of onboarding.DONE, as read with the list.
    """
    newcomer = first_visit.is_new_in(standing.circle_id)
    first = thread_queries.first_reading(standing) if newcomer else None
    steps = dict[onboarding.Step, bool]()
    if is_front and not first:
        steps = onboarding.first_steps(standing, [each.id for each in to_read], done)
    return {"newcomer": newcomer, "first": first, "steps": steps}


def _drafts(standing: Standing) -> list[tuple[str, str, str]]:
    """Title, words and address of the composer, of each draft that is shown here."""
    found = [(each, drafts.words(each)) for each in drafts.shown(standing)]
    return [
        (getattr(words, "title", ""), words.spoken, composer_url(each)) for each, words in found
    ]


def _shown(listed: Mapping[UUID, Listing], ids: Collection[UUID]) -> list[Listing]:
    """The threads open to the member, oldest first."""
    found = [listed[each] for each in ids if listed[each].is_shown]
    return sorted(found, key=lambda each: (each.appears_at, each.id))


def _rows(
    found: Lines, listed: Mapping[UUID, Listing], news: Sequence[News], but: Collection[UUID]
) -> list[Row]:
    """Rows of a page. but: threads shown above the list."""
    fresh, said = phrases.unread(news), dict[int, str]()
    rows = list[Row]()
    for line in found.lines:
        if line.id in but:
            continue
        if line.id in fresh:
            rows.append(unread_row(listed[line.id], fresh[line.id], line.last))
            continue
        if line.replies not in said:
            number = line.replies
            said[number] = ngettext("one reply", "%(num)s replies", number) if number else ""
        rows.append(thread_row(listed[line.id], said[line.replies], line.last, read=True))
    return rows


def _filters(home: Circle, chosen: ThreadFilter, first: int | None) -> list[tuple[str, str, bool]]:
    """Label, address and whether chosen, of each filter but topics."""
    found = [(str(_("All")), _address(home, ThreadFilter()), not chosen.is_set)]
    labels = (_("Unread"), _("No reply yet"), _("Mine"), _("Saved"))
    for show, label in zip(Show, labels, strict=True):
        found.append((str(label), _address(home, ThreadFilter(show)), chosen.show is show))
    years = range(now().year, (first or now().year) - 1, -1)
    for year in years if len(years) > 1 else ():
        found.append((str(year), _address(home, ThreadFilter(year=year)), chosen.year == year))
    return found


def _topics(home: Circle, chosen: ThreadFilter) -> list[tuple[str, str, bool]]:
    return [
        (topic, _address(home, ThreadFilter(topic=topic)), chosen.topic == topic)
        for topic in home.topics
    ]


def _address(home: Circle, chosen: ThreadFilter) -> str:
    base = address("discussions.index", circle_id=home.id)
    if chosen.show:
        return f"{base}?show={chosen.show}"
    if chosen.year:
        return f"{base}?year={chosen.year}"
    return f"{base}?topic={home.topics.index(chosen.topic)}" if chosen.topic else base


def _is_quiet(found: Lines) -> bool:
    """Whether a circle that spoke has been silent for unread.QUIET."""
    return bool(found.lines) and found.lines[0].last <= now() - unread.QUIET
