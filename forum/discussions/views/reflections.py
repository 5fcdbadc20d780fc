"""The composer of a reflection."""

from functools import partial
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum.authors.queries import everyday
from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.circles.talk_settings import circle_rounds
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.core.randomness import new_id
from forum.discussions import (
    drafts,
    facilitation,
    phrases,
    post_queries,
    posts,
    round_pages,
    thread_queries,
)
from forum.discussions.composer import SUITS, Reflection
from forum.discussions.forms import WISHES, ReflectionForm, reflection_form
from forum.discussions.views import bp
from forum.discussions.views.details import CHECK
from forum.discussions.views.drafts import (
    AUTO,
    composer_of_reflection,
    id_to_write,
    keep_quietly,
    may_show,
    may_write,
    mode_before,
    place_of_reflection,
    remember_writing,
)
from forum.discussions.views.refusals import REFUSALS, refused
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import MASKS, AuthorMode, CircleKind
from forum.rounds.catalogue import OPEN_KEY
from forum.rounds.offers import ways_to_talk, ways_to_tell
from forum.rounds.templates import Template
from forum.web.access import ask_for_hidden
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.request_guards import long_form
from forum.web.round_catalogue import catalogue


@bp.get("/circles/<uuid:circle_id>/write")
@in_circle
def write(standing: Standing) -> ResponseReturnValue:
    """Redirect to a new composer, with the id of the future post in its address."""
    if not everyday(standing):
        return redirect(url_for("circles.choose_name", circle_id=standing.circle_id), 303)
    return redirect(composer_of_reflection(standing.circle_id, new_id()), 303)


@bp.get("/circles/<uuid:circle_id>/write/<token>")
@in_circle
def compose(standing: Standing, token: str) -> ResponseReturnValue:
    """The composer of a reflection, filled from its draft."""
    post_id = tokens.id_of(token, place_of_reflection(standing.circle_id))
    if post_id is None or not everyday(standing):
        return redirect(url_for(".write", circle_id=standing.circle_id), 303)
    post_id = id_to_write(standing, post_id)
    words, began = Reflection(talk=SUITS), ""
    try:
        kept = drafts.draft(standing, post_id)
        began = drafts.version(kept)
        held = drafts.words(kept)
        if isinstance(held, Reflection):
            words = held
        if not may_show(kept):
            return ask_for_hidden()
    except NotFound:
        pass  # no draft yet: an empty page
    form = reflection_form(words.template)
    form.offer(_labels(standing))
    form.offer_topics(circle(standing).topics)
    form.fill(words)
    form.began.data, form.tab.data = began, new_id().hex
    return _composer(standing, form, post_id)


@bp.post("/circles/<uuid:circle_id>/write/<token>")
@long_form
@keeps_text
@in_circle
def keep(standing: Standing, token: str) -> ResponseReturnValue:
    """Store the draft and continue to the action sent; a refused text comes back as typed."""
    known = tokens.id_of(token, place_of_reflection(standing.circle_id))
    post_id = id_to_write(standing, known) if known else new_id()
    form = reflection_form(request.form.get("template", ""))
    form.offer(_labels(standing))
    form.offer_topics(circle(standing).topics)
    stored = drafts.find(standing, post_id)
    if not may_write(stored, form):
        return ask_for_hidden()  # its page carries the text
    before = mode_before(standing, post_id, stored)
    if request.form.get("do") == AUTO:
        return keep_quietly(standing, post_id, form, partial(_words, form, before), None)
    if not form.validate() or "change" in request.form.getlist("do"):
        return _composer(standing, form, post_id), 422 if form.errors else 200
    looks = request.form.get("do") in ("look", CHECK)
    if request.form.get("do") == "look" and not form.is_complete():
        return _composer(standing, form, post_id), 422
    words = _words(form, before)
    if looks and (fault := _fault_in_talk(standing, words)):
        form.talk.errors = [fault]
        return _composer(standing, form, post_id), 422
    to = next((each.key for each in _ways(standing) if each.key == request.form.get("to")), "")
    if to:
        words = words.told_by(to)
    try:
        with unit_of_work():
            drafts.check_began(standing, post_id, words, form.began.data, form.tab.data)
            kept = drafts.save(standing, post_id, words, None)
            draft_id = kept.id
    except REFUSALS as error:
        closed = _(
            "You cannot post this here any more. Your text is below: copy it if you need it."
        )
        return refused(error, form, partial(_composer, standing, form), post_id, closed=closed)
    remember_writing(draft_id)
    if looks:
        return redirect(url_for(".look", circle_id=standing.circle_id, draft_id=draft_id), 303)
    if not to:
        flash(
            _("Draft saved. Find it under Your posts or, unless it hides your name, under Drafts.")
        )
    return redirect(composer_of_reflection(standing.circle_id, post_id), 303)


def _words(form: ReflectionForm, before: AuthorMode | None) -> Reflection:
    """The reflection as sent. A hidden draft goes on hiding until another name is chosen: the page
    may be from before, or the mask be off here by now. before: name of the draft.
    """
    if not form.mode.data and before in MASKS:
        form.mode.data = before
    return form.words()


def _labels(standing: Standing) -> dict[AuthorMode, str]:
    """Author modes in the composer, with labels; too few members allow a masked draft, not a
    post."""
    own = everyday(standing)
    labels = {own.mode: own.name} if own else {}
    if AuthorMode.THREAD_PSEUDONYM in standing.modes:
        labels[AuthorMode.THREAD_PSEUDONYM] = _(
            "Hide my name: two random words, for this thread only"
        )
    if AuthorMode.CIRCLE_VOICE in standing.modes:
        labels[AuthorMode.CIRCLE_VOICE] = _("As a member of this circle")
    return labels


def _fault_in_talk(standing: Standing, words: Reflection) -> str:
    """Reason why the chosen way to talk does not fit the wish, or the name; "" where it does."""
    offered = {each.key: each for each in posts.rounds_offered(standing, words)}
    if words.talk not in ("", SUITS) and words.talk not in offered:
        return str(
            _(
                "With “%(wish)s” we talk another way. Choose one here, or another answer above.",
                wish=WISHES[words.wish],
            )
        )
    try:
        if words.talk in offered:
            posts.check_name(offered[words.talk], words)
    except InvalidInput as error:
        return error.fields["talk"]
    return ""


def _begins_pair(standing: Standing) -> bool:
    """Whether the text will be the first in a pair."""
    return standing.kind is CircleKind.PAIR and thread_queries.first_story(standing) is None


def _ways(standing: Standing) -> list[Template]:
    """Ways to tell that the circle has on."""
    return ways_to_tell(catalogue(), circle_rounds(standing))


def _what_suits(standing: Standing, shape: Template) -> str:
    """Ways to talk that suit each wish: "For “Advice welcome” we suggest Questions first."."""
    known, here = catalogue(), circle_rounds(standing)
    filled = {wish: ways_to_talk(known, here, wish, shape).filled for wish in WISHES}
    said = [
        _("For “%(wish)s” we suggest %(way)s.", wish=WISHES[wish], way=way)
        for wish, way in (
            (wish, round_pages.described(each)[0])
            for wish, each in filled.items()
            if each.key != OPEN_KEY
        )
    ]
    return " ".join([*said, _("For anything else: Just talk.")])


def _composer(standing: Standing, form: ReflectionForm, post_id: UUID) -> str:
    open_here = [*posts.rounds_in_circle(standing), *posts.rounds_to_lead(standing)]
    ways = {each.key: each for each in open_here}
    form.offer_talk({key: round_pages.described(each)[0] for key, each in ways.items()})
    hints = {key: round_pages.described(each)[1] for key, each in ways.items()}
    for key, ends in facilitation.running_until(standing).items() if ways else ():
        hints[key] = f"{hints.get(key, '')} {round_pages.runs_beside(ends)}".strip()
    hints[SUITS] = _what_suits(standing, form.shape)
    chosen = form.talk.data or ""
    return render_template(
        "discussions/compose.html",
        talk_hints={"": _("Anyone answers when they like.")} | hints,
        talk_name="" if chosen == SUITS else round_pages.talk_name(ways.get(chosen)),
        standing=standing,
        circle=circle(standing),
        form=form,
        action=composer_of_reflection(standing.circle_id, post_id),
        templates=_ways(standing),
        hidden_hint=phrases.hidden_hint(
            standing, post_queries.slot_in_words(standing), reply=False
        ),
        not_yet=phrases.not_yet(standing, reply=False),
        crowd=may.crowd(standing.members, reply=False),
        readers=phrases.readers(standing),
        begins_pair=_begins_pair(standing),
        masks=MASKS & standing.modes,
    )
