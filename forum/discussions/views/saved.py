"""A member's private lists: saved threads, how closely each is followed, drafts."""

from collections.abc import Callable
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles import queries as circles
from forum.circles.access import in_circle
from forum.core.db import unit_of_work
from forum.discussions import drafts, phrases, read_marks, round_pages, thread_queries
from forum.discussions.forms import KeepForm
from forum.discussions.models import Draft
from forum.discussions.views import bp
from forum.discussions.views.drafts import composer_url
from forum.policy.standing import Standing
from forum.web.access import hidden_posts
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import spoken_on


@bp.get("/saved")
def saved() -> str:
    """Threads saved by the member, over all their circles."""
    places = circles.places(current_user.id)
    standings = [place.standing for place in places]
    marks = read_marks.saved(standings)
    heads = thread_queries.heads(standings, [mark.thread_id for mark in marks])
    names = {place.circle.id: place.circle.name for place in places}
    kept = [
        (heads[mark.thread_id], names[mark.circle_id], mark.note.strip())
        for mark in marks
        if mark.thread_id in heads
    ]
    kept.sort(key=lambda each: (each[1].casefold(), phrases.heading(each[0]).casefold()))
    return render_template("discussions/saved.html", kept=kept)


@bp.get("/drafts")
def my_drafts() -> str:
    """The member's drafts over all their circles, without drafts under hidden names."""
    return _drafts(drafts.shown, hiding=False)


@bp.get("/drafts/hidden")
@hidden_posts
def hidden_drafts() -> ResponseReturnValue:
    """All drafts of the member, hidden names included."""
    return _drafts(drafts.own, hiding=True)


def _drafts(listed: Callable[..., list[Draft]], *, hiding: bool) -> str:
    places = {place.circle.id: place for place in circles.places(current_user.id)}
    standings = [place.standing for place in places.values()]
    found = listed(*standings)
    opens = round_pages.of_drafts(standings, found)
    kept = [
        (
            *(places[each.circle_id].circle.name, drafts.words(each), composer_url(each)),
            opens.get(each.id, ""),
        )
        for each in found
    ]
    return render_template("discussions/drafts.html", kept=kept, hiding=hiding)


@bp.route("/circles/<uuid:circle_id>/threads/<uuid:thread_id>/keep", methods=["GET", "POST"])
@keeps_text
@in_circle
def keep_thread(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Save a thread for later with a private note, and set how closely to follow it."""
    thread = thread_queries.thread(standing, thread_id)
    known = read_marks.known(standing, thread)
    form = KeepForm(saved=known.saved, note=known.note, follows=known.follows or "")
    if not form.validate_on_submit():
        return render_template(
            "discussions/keep.html", thread=thread, standing=standing, form=form
        ), 422 if form.errors else 200
    with unit_of_work():
        read_marks.save_settings(standing, thread_id, **form.kept())
    with spoken_on("discussions.show"):
        flash(_("Changes saved."))
    return redirect(url_for(".show", circle_id=standing.circle_id, thread_id=thread_id), 303)
