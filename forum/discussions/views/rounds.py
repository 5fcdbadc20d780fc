"""A thread's round: its phases, its moves, and another way to talk."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.core.errors import Forbidden, InvalidInput, NotFound
from forum.core.tokens import short_id
from forum.discussions import (
    courses,
    facilitation,
    post_queries,
    reveals,
    round_moves,
    round_pages,
    thread_queries,
)
from forum.discussions.models import Thread
from forum.discussions.views import bp
from forum.discussions.views.rows import Row
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.rounds.moves import MoveKind
from forum.rounds.timeline import Timeline
from forum.web.access import ask_for_hidden, shows_hidden
from forum.web.flash import flash
from forum.web.language import spoken_on
from forum.web.urls import address

IN_THREAD = "/circles/<uuid:circle_id>/threads/<uuid:thread_id>/round"
OWN = "/circles/<uuid:circle_id>/posts/<hidden:post_id>/round"
REVEAL = "/circles/<uuid:circle_id>/posts/<hidden:post_id>/reveal"
END, SURE = MoveKind.END.value, "sure"


@bp.get(IN_THREAD)
@in_circle
def round_of(standing: Standing, thread_id: UUID) -> str:
    """A thread's phases and moves, alike for all but those who may move it by name."""
    return _page(standing, thread_queries.thread(standing, thread_id), own=False)


@bp.post(IN_THREAD)
@in_circle
def move_round(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Move a round, as its presenter by name or as a facilitator."""
    thread = thread_queries.thread(standing, thread_id)
    if _asks_once():
        return _page(standing, thread, own=False, ending=True)
    with spoken_on("discussions.show"):
        _move(standing, thread, own=False)
    return redirect(url_for(".show", circle_id=standing.circle_id, thread_id=thread_id), 303)


@bp.get("/circles/<uuid:circle_id>/rounds")
@in_circle
def rounds(standing: Standing) -> str:
    """Rounds that wait for a facilitator, for facilitators and moderators."""
    require(may.look_after_rounds(standing))
    found = facilitation.waiting(standing)
    return render_template(
        "discussions/rounds.html",
        standing=standing,
        circle=circle(standing),
        silent=[_row(*each) for each in found.silent],
        to_sum_up=[_row(*each) for each in found.to_sum_up],
    )


def _row(thread: Thread, timeline: Timeline) -> Row:
    """A thread with its phase, and the last day of the phase."""
    phase, ends = _(timeline.now.phase.name), timeline.phase_ends
    until = _("until %(day)s", day=round_pages.in_days(ends)) if ends else ""
    where = {"circle_id": thread.circle_id, "thread_id": thread.id}
    return Row(
        title=thread.title,
        url=address("discussions.show", **where),
        who=thread.author.name,
        about=phase,
        end=until,
        language=thread.language,
    )


@bp.get(OWN)
@in_circle
def own_round(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """The page of a round for its presenter alone, who may be hidden."""
    thread = _presented(standing, post_id)
    if not isinstance(thread, Thread):
        return thread
    return _page(standing, thread, own=True)


@bp.post(OWN)
@in_circle
def move_own_round(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Move a round as its presenter; a hidden presenter's move takes effect at a slot."""
    thread = _presented(standing, post_id)
    if not isinstance(thread, Thread):
        return thread
    if _asks_once():
        return _page(standing, thread, own=True, ending=True)
    _move(standing, thread, own=True)
    return redirect(url_for(".own_round", circle_id=standing.circle_id, post_id=post_id), 303)


@bp.get(REVEAL)
@in_circle
def revealing(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Ask the first time whether to show one's everyday name in a thread."""
    thread = _presented(standing, post_id)
    if not isinstance(thread, Thread):
        return thread
    return _reveal_page(standing, thread, asked=1)


@bp.post(REVEAL)
@in_circle
def reveal(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Ask the second time, then show it from the next slot on."""
    thread = _presented(standing, post_id)
    if not isinstance(thread, Thread):
        return thread
    if SURE not in request.form or reveals.name_to_reveal(standing, thread) is None:
        return _reveal_page(standing, thread, asked=2)
    with unit_of_work():
        shows_at = reveals.reveal(standing, thread)
    when = post_queries.slot_in_words(standing, shows_at)
    flash(_("Your everyday name will show in that thread %(when)s.", when=when))
    return redirect(url_for(".own_posts", circle_id=standing.circle_id), 303)


def _reveal_page(standing: Standing, thread: Thread, *, asked: int) -> ResponseReturnValue:
    """Ask; back to Your posts where there is nothing to show, or it is shown already."""
    name = reveals.name_to_reveal(standing, thread)
    if name is None:
        return redirect(url_for(".own_posts", circle_id=standing.circle_id), 303)
    return render_template(
        "discussions/reveal.html",
        circle=circle(standing),
        thread=thread,
        name=name.name,
        asked=asked,
        slot=post_queries.slot_in_words(standing),
    )


def _presented(standing: Standing, post_id: UUID) -> Thread | ResponseReturnValue:
    """The member's own opening; else where they are sent: to give their password where the post's
    author is hidden, to their words for a reply of theirs or before its slot.

    Raises NotFound for a post of somebody else.
    """
    post = post_queries.any_post(standing, post_id)
    if post.author.mode.masked and not shows_hidden():
        return ask_for_hidden()  # whosever it is
    if not standing.hand.holds(post.author):
        raise NotFound
    if isinstance(post, Thread) and post_queries.is_visible(post) and not post.withdrawn:
        return post
    return redirect(url_for(".own_posts", circle_id=standing.circle_id), 303)


def _asks_once() -> bool:
    """Whether a press on End waits to be asked once more."""
    return request.form.get("move") == END and SURE not in request.form


def _move(standing: Standing, thread: Thread, *, own: bool) -> None:
    """Make the pressed move, and flash when it takes effect."""
    if "keep" in request.form or "sit" in request.form:
        _tap(standing, thread, own=own)
        return
    try:
        kind = MoveKind(request.form.get("move", ""))
        with unit_of_work():
            acts_at = round_moves.move(standing, thread, kind, request.form.get("to", ""), own=own)
    except ValueError:
        flash(_("Choose what should happen."))
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
    except Forbidden:
        flash(_why_not(standing))
    else:
        when, label = round_pages.when(standing, acts_at), round_pages.label(kind)
        flash(_("%(move)s: %(when)s.", move=label, when=when) if when else _("Done."))


def _tap(standing: Standing, thread: Thread, *, own: bool) -> None:
    """Keep a reply for later, or sit with a question."""
    name, act, done = (
        ("sit", round_moves.sit_with, _("The thread says that you are sitting with this question."))
        if "sit" in request.form
        else ("keep", round_moves.keep_for_later, _("Kept for later. Its writer reads why."))
    )
    try:
        with unit_of_work():
            act(standing, thread, UUID(request.form[name]), own=own)
    except ValueError:
        flash(_("Choose what should happen."))
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
    except Forbidden:
        flash(_why_not(standing))
    else:
        flash(done)


def _why_not(standing: Standing) -> str:
    """Sentence for a move refused in a circle that closes, or whose ground rules changed."""
    if standing.writable:
        return str(_("The ground rules have changed. Agree on the circle's page first."))
    return str(_("This circle can only be read now."))


def _page(standing: Standing, thread: Thread, *, own: bool, ending: bool = False) -> str:
    timeline = courses.timeline_now(standing, thread)
    page = round_pages.on_own_page(standing, thread, own=own)
    others = round_moves.rounds_to_change_to(standing, timeline) if page.changes else []
    questions = round_pages.open_questions(standing, thread) if own and page.sits else []
    return render_template(
        "discussions/round.html",
        standing=standing,
        circle=circle(standing),
        thread=thread,
        round=page,
        others=[(each.key, *round_pages.described(each)) for each in others],
        own=own,
        early=round_pages.early_replies(standing, thread) if own and page.keeps else [],
        questions=questions,
        short_ids={each.id: short_id(each.id) for each in questions},
        ending=ending and page.ends,
        hidden=thread.author.name if own and thread.author.mode.masked else "",
    )
