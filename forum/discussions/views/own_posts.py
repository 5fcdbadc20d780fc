"""Posts of the reader, to find and to change, those behind a hidden name included."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import groupby
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm.exc import ObjectDeletedError

from forum.authors.queries import names_of_pair
from forum.checker import help_topics
from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import db, unit_of_work
from forum.core.errors import Busy, Forbidden, InvalidInput, NotFound
from forum.core.randomness import new_id
from forum.discussions import (
    drafts,
    name_notes,
    phrases,
    post_queries,
    posts,
    reveals,
    round_pages,
    visibility,
)
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.detail_pages import page_values
from forum.discussions.details import LookedOver, loosen
from forum.discussions.forms import WISHES, ReflectionForm, ReplyForm, reflection_form
from forum.discussions.models import Post, Reply, Thread
from forum.discussions.posts import thread_of
from forum.discussions.reply_preferences import wish
from forum.discussions.round_pages import OfferInWords
from forum.discussions.titles import NOTES, typed_title
from forum.discussions.views import bp
from forum.discussions.views.details import CHECK, USE, contact_of, looked_over
from forum.discussions.views.drafts import (
    AUTO,
    composer_url,
    is_in_hand,
    keep_quietly,
    may_write,
    remember_writing,
)
from forum.discussions.views.refusals import refused
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode
from forum.web.access import ask_for_hidden, hidden_posts, note_own_posts
from forum.web.dates import on_day
from forum.web.flash import flash
from forum.web.forms import keeps_text, trimmed
from forum.web.help_panels import offer_help
from forum.web.language import spoken_on
from forum.web.paging import page_asked, slice_of
from forum.web.request_guards import long_form

OWN_EACH = 50  # posts on one page of "Your posts"
TYPED = ("title", "body")  # fields with words of the writer; those of a template come besides
HEADS = (_l("Waiting"), _l("Hidden"), _l("Posted"))
PATH = "/circles/<uuid:circle_id>/posts/<hidden:post_id>"


@bp.get("/circles/<uuid:circle_id>/your-words")
@hidden_posts
@in_circle
def own_posts(standing: Standing) -> ResponseReturnValue:
    """All posts of the reader here, under every name: the only page which may list them."""
    page = page_asked()
    note_own_posts(standing.circle_id)
    posts, last = slice_of(sorted(post_queries.own(standing).values(), key=_rank), page, OWN_EACH)
    return render_template(
        "discussions/own_posts.html",
        standing=standing,
        circle=circle(standing),
        groups=[(HEADS[rank], list(found)) for rank, found in groupby(posts, key=_rank)],
        drafts=_drafts(standing),
        hidden_words=partial(phrases.hidden, pair=names_of_pair(standing)),
        in_words=lambda slot: post_queries.slot_in_words(standing, slot),
        thread_of=thread_of,
        waits=lambda post: not post_queries.is_visible(post),
        asked=visibility.asked(standing, [post.id for post in posts if post.hidden]),
        notes=name_notes.own(standing, masks=True),
        is_answerable=name_notes.is_answerable,
        told=_look_backs(standing, [post for post in posts if isinstance(post, Thread)]),
        reveals={
            post.id: reveals.awaited(post)
            for post in posts
            if isinstance(post, Thread) and post_queries.is_visible(post)
        },
        may_reveal={
            post.id
            for post in posts
            if isinstance(post, Thread)
            and post_queries.is_visible(post)
            and may.reveal(standing, post)
            and not post.revealed
        },
        page=page,
        last=last,
    )


def _drafts(standing: Standing) -> list[tuple[Reflection | ReplyWords, str, str]]:
    """Words, address of the composer, and when it can be posted, of each draft of the reader."""
    found = drafts.own(standing)
    opens = round_pages.of_drafts([standing], found)
    return [(drafts.words(each), composer_url(each), opens.get(each.id, "")) for each in found]


def _look_backs(standing: Standing, threads: Sequence[Thread]) -> dict[UUID, OfferInWords | None]:
    """Offers to look back, or to keep what was learned, by thread; None where none is due, or none
    is wanted."""
    found = round_pages.due_look_backs(standing, threads)
    return {each.id: found.get(each.id) for each in threads}


def _rank(post: Post) -> int:
    """Place in HEADS: what waits for a slot comes first, then what is hidden, then the rest."""
    changes_later = post.change_at is not None and not post.changes
    if not post_queries.is_visible(post) or changes_later:
        return 0
    return 1 if post.hidden else 2


@bp.get(f"{PATH}/edit")
@in_circle
def edit(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """The composer of an existing post."""
    post = post_queries.any_post(standing, post_id)
    if post.author.mode.masked and not is_in_hand(post_id):
        return ask_for_hidden()
    require_own(standing, post)
    form = _form(standing, post)
    form.version.data, form.tab.data = posts.version(post), new_id().hex
    try:
        kept = drafts.draft(standing, post_id)
        form.began.data = drafts.version(kept)
        _fill(form, drafts.words(kept))
    except NotFound:  # no draft of a change
        form.began.data = ""
        _fill(form, _words(post_queries.as_it_will_be(post)))
    return _page(standing, post, form)


@bp.post(f"{PATH}/edit")
@long_form
@keeps_text
@in_circle
def amend(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Change the member's own post; a refused text comes back as typed."""
    try:
        return _amend(standing, post_id)
    except (NotFound, ObjectDeletedError):  # its thread has gone, or it is nobody's one may know
        db.session.rollback()
        names = [name for name in request.form if name in TYPED or name.startswith("field_")]
        typed = [trimmed(request.form[name]) for name in names if request.form[name]]
        return render_template("discussions/gone.html", typed=typed), 404


def _amend(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    post = post_queries.any_post(standing, post_id)
    form, do, mode = _form(standing, post), request.form.get("do"), post.author.mode
    kept = drafts.find(standing, post_id)
    if mode.masked and not (is_in_hand(post_id) or (kept and may_write(kept, form))):
        return ask_for_hidden()  # its page carries the text
    require_holder(standing, post)
    if do == AUTO:
        about = _thread(post)
        return keep_quietly(
            standing, post_id, form, lambda: _typed(form, mode), about,
            amends=True, before=post.decisions,
        )  # fmt: skip
    if not form.validate() or do == "change":
        return _page(standing, post, form), 422 if form.errors else 200
    words = _typed(form, mode)
    before = post.decisions, kept.decisions if kept else ""
    found = looked_over(standing, post_id, words, *before, answers=request.form)
    if digest := request.form.get(USE):
        _fill(form, loosen(words, found, digest))
        again = looked_over(standing, post_id, _typed(form, mode), *before, answers=request.form)
        return _page(standing, post, form, again)
    if do == CHECK:
        return _page(standing, post, form, found)
    if do == "save":
        return _save(standing, post, form)
    if not _is_complete(form):
        return _page(standing, post, form), 422
    if post.withdrawn:
        flash(
            _(
                "This post has been withdrawn, so it cannot be changed. Your text is below: "
                "copy it if "
                "you need it."
            )
        )
        return _page(standing, post, form), 409
    if found.open:
        return _page(standing, post, form, found, refused=True), 422
    return _change(standing, post, form, words, found)


def _change(
    standing: Standing,
    post: Post,
    form: ReflectionForm | ReplyForm,
    words: Reflection | ReplyWords,
    found: LookedOver,
) -> ResponseReturnValue:
    """Store changed words that were looked over; a refusal gives the text back."""
    mode, waits = post.author.mode, post.author.mode.masked and post_queries.is_visible(post)
    voiced = help_topics(found.whole) - help_topics(post_queries.as_it_will_be(post).body)
    try:
        with unit_of_work():
            posts.amend(standing, post, words, form.version.data, found.decisions)
    except InvalidInput as error:
        form.refuse(error)
        if "version" not in error.fields:
            return _page(standing, post, form), 422
        form.version.data = posts.version(post)  # a second press confirms
        return _page(standing, post, form, other=True), 409
    except (Forbidden, Busy) as error:
        closed = _(
            "Nobody can post in this circle at the moment. Your text is below: copy it if you "
            "need it."
        )
        return refused(error, form, lambda _id: _page(standing, post, form), post.id, closed=closed)
    offer_help(voiced, contact_of(post))
    with spoken_on("discussions.own_posts" if mode.masked else "discussions.show"):
        if said := _said_of_change(standing, post, waits=waits):
            flash(said)
    return _back(standing, post.id)


def _said_of_change(standing: Standing, post: Post, *, waits: bool) -> str:
    """The message after a change; "" if the change is plain to see."""
    when = post_queries.slot_in_words(standing)
    if post.hidden:
        if waits and post.pending_change:
            return str(_("Changed. A moderator looks at it from %(when)s on.", when=when))
        if visibility.state(post, visibility.hiding(post)) is visibility.PostState.CHANGED:
            return str(_("Changed. A moderator looks at it before it shows again."))
        return str(_("It is as it was, so it stays hidden."))
    return (
        str(_("Saved. Your change will appear %(when)s.", when=when))
        if waits and post.pending_change
        else ""
    )


def require_holder(standing: Standing, post: Post) -> None:
    """Raise NotFound for anyone but the holder. The address is hidden as well: see web.urls."""
    if not standing.hand.holds(post.author):
        raise NotFound


def require_own(standing: Standing, post: Post) -> None:
    """Raise NotFound for anyone but the holder, and Forbidden where the post cannot be changed."""
    require_holder(standing, post)
    require(may.edit(standing, post))


def _form(standing: Standing, post: Post) -> ReflectionForm | ReplyForm:
    if isinstance(post, Thread):
        told = reflection_form(post.template)
        told.offer({})
        told.offer_topics(dict.fromkeys([*circle(standing).topics, *post.topics]))
        return told
    form = ReplyForm()
    form.offer(frozenset())
    return form


def _words(post: Post) -> Reflection | ReplyWords:
    if not isinstance(post, Thread):
        day = post.report_on if isinstance(post, Reply) else ""
        return ReplyWords(post.body, language=post.language, report_on=day)
    asked = wish(post.support_wanted, post.reply_manner)
    words = Reflection(
        *(post.title, post.fields, post.template, None, asked, tuple(post.content_notes)),
        language=post.language,
        topics=tuple(post.topics),
    )
    return replace(words, title=typed_title(words))


def _fill(form: ReflectionForm | ReplyForm, words: Reflection | ReplyWords) -> None:
    match form, words:
        case ReplyForm(), ReplyWords():
            form.fill(words)
        case ReflectionForm(), Reflection():
            form.fill(words)


def _typed(form: ReflectionForm | ReplyForm, mode: AuthorMode) -> Reflection | ReplyWords:
    if isinstance(form, ReflectionForm):
        return replace(form.words(), mode=mode)
    return form.words(mode)


def _thread(post: Post) -> Thread | None:
    """A reply's thread; None for an opening."""
    if not isinstance(post, Reply):
        return None
    return db.session.get(Thread, (post.circle_id, post.thread_id))


def _save(standing: Standing, post: Post, form: ReflectionForm | ReplyForm) -> ResponseReturnValue:
    """Store a change as a draft, without changing the post."""
    words = _typed(form, post.author.mode)
    try:
        with unit_of_work():
            drafts.check_began(standing, post.id, words, form.began.data, form.tab.data)
            drafts.save(standing, post.id, words, _thread(post), amends=True)
        remember_writing(post.id)
    except InvalidInput as error:
        form.refuse(error)
        kept = drafts.find(standing, post.id)
        form.began.data = drafts.version(kept) if kept else ""  # a second press confirms
        return _page(standing, post, form), 409
    flash(_("Draft saved. You can find it under Drafts."))
    return redirect(url_for(".edit", circle_id=post.circle_id, post_id=post.id), 303)


def _is_complete(form: ReflectionForm | ReplyForm) -> bool:
    if isinstance(form, ReflectionForm):
        return form.is_complete(needs_mode=False)
    return form.is_complete()


def _page(
    standing: Standing,
    post: Post,
    form: ReflectionForm | ReplyForm,
    found: LookedOver | None = None,
    *,
    refused: bool = False,
    other: bool = False,
) -> str:
    """found: details to be shown. refused: whether answers about them are missing. other: whether
    the words of another window are shown above those typed."""
    return render_template(
        "discussions/edit.html",
        standing=standing,
        circle=circle(standing),
        post=post,
        form=form,
        is_reflection=isinstance(post, Thread),
        marked=post_queries.marked(post),
        asked=visibility.asked(standing, [post.id]).get(post.id, "") if post.hidden else "",
        waits=post.author.mode.masked and post_queries.is_visible(post),
        slot=post_queries.slot_in_words(standing),
        stored=_stored(post) if other else None,
        **page_values(found, refused=refused),
    )


def _stored(post: Post) -> tuple[list[str], list[str]]:
    """Texts of a post as they will be, and its wish, topics, content notes and day in words."""
    words = _words(post_queries.as_it_will_be(post))
    if isinstance(words, ReplyWords):
        day = [on_day(date.fromisoformat(words.report_on))] if words.report_on else []
        return [words.body], day
    notes = (str(NOTES[each]) for each in words.notes)
    return [words.title, words.body], [str(WISHES[words.wish]), *words.topics, *notes]


def _back(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    post = post_queries.any_post(standing, post_id)
    if post.author.mode.masked:
        return redirect(url_for(".own_posts", circle_id=standing.circle_id), 303)
    return redirect(url_for(".post", circle_id=standing.circle_id, post_id=post_id), 303)
