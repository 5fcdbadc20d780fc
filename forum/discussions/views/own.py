"""One's own words: to find, change and take back, those behind a hidden name included."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum.circles.queries import circle, enter
from forum.core.db import unit_of_work
from forum.core.errors import Busy, Forbidden, InvalidInput, NotFound
from forum.discussions import drafts, queries, services
from forum.discussions.forms import ReflectionForm, ReplyForm, reflection_form
from forum.discussions.models import Post, Thread
from forum.discussions.views import bp
from forum.discussions.views.drafting import composer_url
from forum.discussions.wishes import wish
from forum.discussions.words import Reflection, ReplyWords
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.access import ask_password, fresh_password, is_fresh
from forum.web.forms import keeps_text
from forum.web.notices import say
from forum.web.paging import page_asked, slice_of

OWN_EACH = 50  # posts on one page of "Your words"
PATH = "/circles/<uuid:circle_id>/posts/<hidden:post_id>"


@bp.get("/circles/<uuid:circle_id>/your-words")
@fresh_password
def your_words(circle_id: UUID) -> ResponseReturnValue:
    """What the reader wrote here under every name: the one page that may say so."""
    standing = enter(current_user.id, circle_id)
    page = page_asked()
    posts, last = slice_of(list(queries.own(standing).values()), page, OWN_EACH)
    return render_template(
        "discussions/your_words.html",
        circle=circle(standing),
        posts=posts,
        drafts=[(each, drafts.words(each), composer_url(each)) for each in drafts.own(standing)],
        in_words=lambda slot: queries.slot_in_words(standing, slot),
        waits=lambda post: not queries.is_visible(post),
        page=page,
        last=last,
    )


@bp.get(f"{PATH}/edit")
def edit(circle_id: UUID, post_id: UUID) -> ResponseReturnValue:
    """The composer of a post that is there already."""
    standing = enter(current_user.id, circle_id)
    post = queries.any_post(standing, post_id)
    if post.author.mode.masked and not is_fresh():
        return ask_password()
    _require_own(standing, post)
    form = _form(post)
    form.began.data = services.stand(post)
    _fill(form, queries.as_it_will_be(post))
    return _page(standing, post, form)


@bp.post(f"{PATH}/edit")
@keeps_text
def amend(circle_id: UUID, post_id: UUID) -> ResponseReturnValue:
    """Change one's own words; what cannot be kept comes back as it was typed."""
    standing = enter(current_user.id, circle_id)
    post = queries.any_post(standing, post_id)
    if post.author.mode.masked and not is_fresh():
        return ask_password()  # which carries the words
    _require_holder(standing, post)
    form = _form(post)
    if not form.validate() or request.form.get("do") == "change":
        return _page(standing, post, form), 422 if form.errors else 200
    if not _is_complete(form):
        return _page(standing, post, form), 422
    if post.withdrawn:
        say(_("These words were taken back meanwhile. What you typed is below, to be copied."))
        return _page(standing, post, form), 409
    words = form.words() if isinstance(form, ReflectionForm) else form.words(None)
    waits = post.author.mode.masked and queries.is_visible(post)
    try:
        with unit_of_work():
            services.amend(standing, post, words, form.began.data)
    except InvalidInput as error:
        form.refuse(error)
        form.began.data = services.stand(post)  # pressed again, it is meant
        return _page(standing, post, form), 409
    except Forbidden:
        say(_("This circle can only be read now. What you typed is below, to be copied."))
        return _page(standing, post, form), 403
    except Busy:
        say(_("The server is busy just now. Your words are below; please try again."))
        return _page(standing, post, form), 503
    if waits and post.later:
        say(_("Changed. It shows %(when)s.", when=queries.slot_in_words(standing)))
    return _back(standing, post_id)


@bp.post(f"{PATH}/withdraw")
def withdraw(circle_id: UUID, post_id: UUID) -> ResponseReturnValue:
    """Take one's own words back for good."""
    standing = enter(current_user.id, circle_id)
    post = queries.any_post(standing, post_id)
    if post.author.mode.masked and not is_fresh():
        return ask_password()
    _require_own(standing, post)
    masked = post.author.mode.masked
    thread_id = post.id if isinstance(post, Thread) else getattr(post, "thread_id", None)
    with unit_of_work():
        services.withdraw(standing, post)
    say(_("Your words are taken back."))
    if masked:
        return redirect(url_for(".your_words", circle_id=circle_id), 303)
    return redirect(url_for(".show", circle_id=circle_id, thread_id=thread_id), 303)


def _require_holder(standing: Standing, post: Post) -> None:
    """Nobody else comes so far: the address is hidden for one person. See web.urls."""
    if not standing.hand.holds(post.author):
        raise NotFound


def _require_own(standing: Standing, post: Post) -> None:
    _require_holder(standing, post)
    require(may.edit(standing, post))


def _form(post: Post) -> ReflectionForm | ReplyForm:
    if isinstance(post, Thread):
        told = reflection_form(post.template)
        told.offer({})
        return told
    form = ReplyForm()
    form.offer(frozenset())
    return form


def _fill(form: ReflectionForm | ReplyForm, post: Post) -> None:
    if isinstance(form, ReplyForm):
        form.fill(ReplyWords(post.body))
    elif isinstance(post, Thread):
        asked = wish(post.support_wanted, post.reply_manner)
        notes = tuple(post.content_notes)
        form.fill(Reflection(post.title, post.fields, post.template, None, asked, notes))


def _is_complete(form: ReflectionForm | ReplyForm) -> bool:
    if isinstance(form, ReflectionForm):
        return form.is_complete(needs_mode=False)
    return form.is_complete()


def _page(standing: Standing, post: Post, form: ReflectionForm | ReplyForm) -> str:
    return render_template(
        "discussions/edit.html",
        standing=standing,
        circle=circle(standing),
        post=post,
        form=form,
        is_reflection=isinstance(post, Thread),
        marked=queries.marked(post),
        waits=post.author.mode.masked and queries.is_visible(post),
        slot=queries.slot_in_words(standing),
    )


def _back(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    post = queries.any_post(standing, post_id)
    if post.author.mode.masked:
        return redirect(url_for(".your_words", circle_id=standing.circle_id), 303)
    return redirect(url_for(".post", circle_id=standing.circle_id, post_id=post_id), 303)
