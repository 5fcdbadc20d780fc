"""The composer of a reply: apart, so that a glance at a thread never shows whose it would be."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum import markup
from forum.authors.queries import own_names
from forum.checker import help_topics
from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core import tokens
from forum.core.db import unit_of_work
from forum.core.errors import Busy, InvalidInput, NotFound
from forum.core.randomness import new_id
from forum.discussions import (
    courses,
    drafts,
    phrases,
    post_queries,
    posts,
    read_marks,
    round_pages,
    thread_queries,
)
from forum.discussions.composer import Quoted, ReplyWords
from forum.discussions.courses import NotOpenNow
from forum.discussions.details import LookedOver
from forum.discussions.forms import ReplyForm
from forum.discussions.models import EXCERPT_MAX, Draft, Post, Reply, Thread
from forum.discussions.round_pages import Hint, ReplyPage
from forum.discussions.titles import NOTES
from forum.discussions.views import bp
from forum.discussions.views.details import CHECK, contact_of, looked_over
from forum.discussions.views.drafts import (
    AUTO,
    composer_of_reply,
    id_to_write,
    keep_quietly,
    may_show,
    may_write,
    mode_before,
    place_of_reply,
    remember_writing,
    shown,
    take_limits,
)
from forum.discussions.views.refusals import REFUSALS, refused
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import MASKS, AuthorMode, ReplyKind
from forum.rounds.openings import Openings
from forum.web.access import ask_for_hidden, hidden_is_closed, shows_hidden
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.help_panels import offer_help
from forum.web.request_guards import long_form

BEGINNING = 240  # characters of a folded text that stay in sight
PATH = "/circles/<uuid:circle_id>/threads/<uuid:thread_id>/answer"
QUOTE = "quote"  # query parameter: the hidden id of the post to quote
COMPANY = "company"  # query parameter: a line of company is asked for
SAVE, CHANGE = "save", "change"  # button values; the rest are author modes


@dataclass(frozen=True, slots=True)
class Answered:
    """A text replied to, as its composer shows it. language: of the heading. about: what would
    help. notes: fold it."""

    post: Post
    heading: str = field(repr=False)
    language: str = ""
    about: str = ""
    notes: Sequence[str] = ()

    @property
    def gone(self) -> str:
        """Reason why there is no text; "" where there is one."""
        if isinstance(self.post, Thread) and self.post.is_gone:
            return str(_("What it taught stays with those who kept it."))
        if self.post.withdrawn:
            return str(phrases.WITHDRAWN)
        return str(phrases.HIDDEN[self.post.hidden]) if self.post.hidden else ""

    @property
    def beginning(self) -> str:
        """First words of the text."""
        return markup.beginning(self.post.shown, BEGINNING)


@bp.get(PATH)
@in_circle
def answer(standing: Standing, thread_id: UUID) -> ResponseReturnValue:
    """Redirect to the composer of the member's draft here, or to a new composer."""
    thread = thread_queries.thread(standing, thread_id)
    if _is_closed(thread):
        return ask_for_hidden()
    if not _is_named(standing, thread):
        return redirect(url_for("circles.choose_name", circle_id=standing.circle_id), 303)
    company = COMPANY in request.args and may.keep_company(standing, thread)
    composer = _composer_for(standing, thread, company=company)
    return redirect(f"{composer}?{COMPANY}=1" if company else composer, 303)


def quoting(standing: Standing, thread: Thread, post_id: UUID) -> str:
    """Address of the composer with a post to quote, whose id is hidden in it."""
    if not _is_named(standing, thread):
        return url_for("circles.choose_name", circle_id=standing.circle_id)
    hidden = tokens.hidden_id(post_id, _place_of_quote(thread.id))
    return f"{_composer_for(standing, thread)}?{QUOTE}={hidden}"


@bp.get(f"{PATH}/<token>")
@in_circle
def answer_on(standing: Standing, thread_id: UUID, token: str) -> ResponseReturnValue:
    """The composer of a reply, filled from its draft."""
    thread = thread_queries.thread(standing, thread_id)
    if _is_closed(thread):
        return ask_for_hidden()
    post_id = _id_to_write(standing, thread, token)
    if post_id is None or not _is_named(standing, thread):
        return redirect(url_for(".answer", circle_id=standing.circle_id, thread_id=thread_id), 303)
    words, began = ReplyWords(quoted=_asked_quote(standing, thread)), ""
    try:
        kept = drafts.draft(standing, post_id)
        if not may_show(kept):
            return ask_for_hidden()
        began = drafts.version(kept)
        held = drafts.words(kept)
        if isinstance(held, ReplyWords):
            words = replace(held, quoted=words.quoted or held.quoted)
    except NotFound:
        pass  # no draft yet: an empty page
    form = _form(standing, thread)
    if words == ReplyWords() and COMPANY in request.args and may.keep_company(standing, thread):
        words = replace(words, kind=ReplyKind.ACKNOWLEDGEMENT)
    if words == ReplyWords() and form.may_look_back:
        words = replace(words, kind=ReplyKind.LOOK_BACK)
    form.fill(words)
    form.began.data, form.tab.data = began, new_id().hex
    form.hides.data = words.mode if words.mode in MASKS else ""
    return _composer(standing, thread, form, post_id)


@bp.post(f"{PATH}/<token>")
@long_form
@keeps_text
@in_circle
def reply(standing: Standing, thread_id: UUID, token: str) -> ResponseReturnValue:
    """Post a reply or store its draft; a refused text comes back as typed."""
    thread, do = thread_queries.thread(standing, thread_id), request.form.get("do", SAVE)
    if _is_closed(thread):  # before a form that offers its presenter other kinds
        return _not_kept() if do == AUTO else ask_for_hidden()
    post_id = _id_to_write(standing, thread, token) or new_id()
    form = _form(standing, thread)
    kept = drafts.find(standing, post_id)
    if not may_write(kept, form):
        return ask_for_hidden()  # which carries the words
    before = _mode_before(standing, thread, post_id, kept, form)
    if before in MASKS:
        form.hides.data = before  # the page may be from before another window hid its draft
    if do == AUTO:
        return keep_quietly(standing, post_id, form, lambda: form.words(before), thread)
    if not form.validate() or do == CHANGE:
        return _composer(standing, thread, form, post_id), 422 if form.errors else 200
    try:
        mode = _mode_of(do, standing, thread)
        if mode in MASKS:
            form.hides.data = mode
        if mode is not None and not form.is_complete():
            return _composer(standing, thread, form, post_id), 422
        words = form.words(mode or before)
        if kept:
            drafts.check_began(standing, post_id, words, form.began.data, form.tab.data)
        if _is_plain(mode, standing, thread) and may.post(standing):
            found = looked_over(standing, post_id, words, kept.decisions if kept else "")
            if not found.open:
                if hint := round_pages.hint(standing, thread, words, form.hinted.data):
                    form.hinted.data = hint.token
                    return _composer(standing, thread, form, post_id, hint=hint, sent_as=do)
                return _post(standing, thread, post_id, words, found)
        looks = mode is not None or do == CHECK
        if mode is not None and (
            hint := round_pages.hint(standing, thread, words, form.hinted.data)
        ):
            form.hinted.data = hint.token
            return _composer(standing, thread, form, post_id, hint=hint, sent_as=do)
        return _keep(standing, thread, post_id, words, looks=looks)
    except NotOpenNow as error:
        return _kept_for_then(standing, thread, form, post_id, words, error)
    except REFUSALS as error:
        closed = _(
            "You cannot post this here any more. Your text is below: you can save it as a draft."
        )
        if thread.is_gone:
            closed = drafts.story_gone()
        composer = partial(_composer, standing, thread, form)
        return refused(error, form, composer, post_id, closed=closed)


def _id_to_write(standing: Standing, thread: Thread, token: str) -> UUID | None:
    """Id of the draft on this page, see `id_to_write`; None for a token of no page of ours.

    A hidden presenter's posts keep their ids: the composer names the presenter, and a button
    pressed twice posts once.
    """
    known = tokens.id_of(token, place_of_reply(thread.id))
    if known is None or standing.hand.holds(thread.author):
        return known
    return id_to_write(standing, known)


def _not_kept() -> ResponseReturnValue:
    """Refusal for the autosave script in closed days: the list of drafts would reveal the thread's
    presenter."""
    said = _(
        "Not saved: hidden posts and drafts are closed for now. Copy your text if you need it."
    )
    return {"said": said}, 403


def _composer_for(standing: Standing, thread: Thread, *, company: bool = False) -> str:
    """Address of the member's draft in a thread, or of a new composer. company: of a line of
    company, which is a draft of its own.

    Skips a draft under a hidden name unless it is in hand: asking for the password would reveal the
    draft.
    """
    there = filter(may_show, drafts.of_thread(standing, thread))
    kept = next((each for each in there if _is_company(each) is company), None)
    return composer_of_reply(standing.circle_id, thread.id, kept.id if kept else new_id())


def _is_company(kept: Draft) -> bool:
    words = drafts.words(kept)
    return isinstance(words, ReplyWords) and words.kind is ReplyKind.ACKNOWLEDGEMENT


def _post(
    standing: Standing, thread: Thread, post_id: UUID, words: ReplyWords, found: LookedOver
) -> ResponseReturnValue:
    assert words.mode is not None  # noqa: S101  # for the type checker: the view saw to it
    with unit_of_work():
        is_again = post_queries.is_posted(standing, Reply, post_id)
        kept: Post = posts.reply(standing, thread, post_id, words, found.decisions)
        if not is_again:
            take_limits(words.mode)
    offer_help(help_topics(found.whole), contact_of(kept))
    return shown(standing, kept)


def _kept_for_then(
    standing: Standing,
    thread: Thread,
    form: ReplyForm,
    post_id: UUID,
    words: ReplyWords,
    error: NotOpenNow,
) -> ResponseReturnValue:
    """Keep as a draft what the round does not ask for today, and flash when it opens.

    Where no draft can be kept, the text stays in the form.
    """
    instead = ""
    try:
        with unit_of_work():
            kept = drafts.save(standing, post_id, words, thread, awaited=error.awaited)
            form.began.data = drafts.version(kept)
            remember_writing(post_id)
    except InvalidInput as not_kept:
        instead = " ".join(not_kept.fields.values())
    except Busy:
        instead = _("Not sent. Your text is still here: try again in a few minutes.")
    form.body.errors = [round_pages.refused(error, instead=instead)]
    return _composer(standing, thread, form, post_id), 422


def _keep(
    standing: Standing, thread: Thread, post_id: UUID, words: ReplyWords, *, looks: bool
) -> ResponseReturnValue:
    circle_id, thread_id = standing.circle_id, thread.id
    with unit_of_work():
        drafts.save(standing, post_id, words, thread)
    remember_writing(post_id)
    if looks:
        return redirect(url_for(".look", circle_id=circle_id, draft_id=post_id), 303)
    flash(_("Draft saved. Find it under Your posts or, unless it hides your name, under Drafts."))
    return redirect(composer_of_reply(circle_id, thread_id, post_id), 303)


def _mode_of(do: str, standing: Standing, thread: Thread) -> AuthorMode | None:
    """The name that the pressed button stood for, and no other that has become open since; none
    for a draft. Raises Forbidden where that name is no longer open."""
    if do in (SAVE, CHECK):
        return None
    require(do in _modes(standing, thread))
    return AuthorMode(do)


def _mode_before(
    standing: Standing, thread: Thread, post_id: UUID, kept: Draft | None, form: ReplyForm
) -> AuthorMode | None:
    """Name of a draft while no button names one: a presenter has no other, so a hidden
    presenter's draft is hidden from its first save. A text from a page of a hidden draft is hidden
    under another id too.
    """
    if standing.hand.holds(thread.author):
        return thread.author.mode
    return form.mask() or mode_before(standing, post_id, kept)


def _is_plain(mode: AuthorMode | None, standing: Standing, thread: Thread) -> bool:
    """Whether the button named the author, so that no review is needed."""
    return mode is not None and (not mode.masked or standing.hand.holds(thread.author))


def _modes(standing: Standing, thread: Thread) -> dict[AuthorMode, str]:
    """Author modes for a reply here, with their names; "" for a name not yet drawn.

    With too few members a draft may choose a mask, and waits.
    """
    if _is_paused(standing, thread):
        return {}
    if standing.hand.holds(thread.author):
        return {thread.author.mode: thread.author.name}
    names = own_names(standing, thread.id)
    open_now = posts.reply_modes(standing, thread, shows_masks=shows_hidden())
    everyday = {mode: name for mode, name in names.items() if mode in open_now - MASKS}
    hidden = (mode for mode in sorted(MASKS) if mode in standing.modes or mode in open_now)
    return everyday | {mode: names.get(mode, "") for mode in hidden}


def _is_closed(thread: Thread) -> bool:
    """Whether nobody may answer here while their hidden posts are closed: the composer of a thread
    that a mask began names its presenter.
    """
    return thread.author.mode.masked and hidden_is_closed()


def _is_named(standing: Standing, thread: Thread) -> bool:
    """Whether the member has a name to answer under, as presenter or by choice."""
    if standing.hand.holds(thread.author) or _is_paused(standing, thread):
        return True
    return not MASKS.issuperset(_modes(standing, thread))


def _is_paused(standing: Standing, thread: Thread) -> bool:
    """Whether a moderator muted a name of the member in this thread; of a mask, whose name stands
    in the log, an open screen shows nothing.
    """
    muted = thread_queries.muted(thread)
    known = [name for name in muted if shows_hidden() or not name.mode.masked]
    return any(standing.hand.holds(name) for name in known)


def _form(standing: Standing, thread: Thread) -> ReplyForm:
    form = ReplyForm()
    if form.is_company:
        form.offer(frozenset(), by_round=True)
        return form
    presents = standing.hand.holds(thread.author)
    mode = thread.author.mode if presents else AuthorMode.OWN_NAME
    opened = courses.kinds(standing, thread, mode)
    if thread.course:
        opened = opened - courses.TAPS
    if ReplyKind.ANSWER in opened and not _looks_back(standing, thread):
        opened = opened - {ReplyKind.LOOK_BACK}  # open, but nobody is asked to choose
    form.offer(opened, by_round=presents or bool(thread.course))
    return form


def _looks_back(standing: Standing, thread: Thread) -> bool:
    """Whether a look-back is offered to the presenter today."""
    if read_marks.ASKED_NO_MORE in read_marks.answers({thread.id: standing})[thread.id]:
        return False
    return bool(round_pages.due_look_back(standing, thread))


def _asked_quote(standing: Standing, thread: Thread) -> Quoted | None:
    """The beginning of the post to be quoted, as displayed; None without a readable post."""
    post_id = tokens.id_of(request.args.get(QUOTE, ""), _place_of_quote(thread.id))
    source = post_queries.posts(standing, [post_id]).get(post_id) if post_id else None
    if (
        post_id is None
        or source is None
        or thread.id not in (source.id, getattr(source, "thread_id", None))
    ):
        return None
    return Quoted(post_id, markup.beginning(source.shown, EXCERPT_MAX))


def _place_of_quote(thread_id: UUID) -> str:
    return f"quote|{thread_id}|{current_user.id}"


def _answered(standing: Standing, thread: Thread, form: ReplyForm) -> list[Answered]:
    """Texts that the reply answers: a quoted reply first, then the opening."""
    wish = _("What would help: %(wish)s", wish=phrases.wish_of(thread))
    notes = [NOTES[note] for note in thread.content_notes]
    language = phrases.heading_language(thread)
    found = [Answered(thread, phrases.heading(thread), language, wish, notes)]
    with suppress(ValueError):
        post_id = UUID(form.quoted.data or "")
        source = post_queries.posts(standing, [post_id]).get(post_id)
        if isinstance(source, Reply) and source.thread_id == thread.id:
            found.insert(0, Answered(source, phrases.reply_by(source.author.name)))
    return found


def _composer(
    standing: Standing,
    thread: Thread,
    form: ReplyForm,
    post_id: UUID,
    *,
    hint: Hint | None = None,
    sent_as: str = "",
) -> str:
    modes, round_ = _modes(standing, thread), round_pages.composer(standing, thread)
    is_company = form.is_company and may.keep_company(standing, thread)
    if not may.is_open(thread) or (round_ and not round_.is_open and not is_company):
        modes = {}
    presents = standing.hand.holds(thread.author)
    hidden = thread.author.name if presents and thread.author.mode.masked else ""
    reply_as = next((m for m, name in modes.items() if name and (hidden or not m.masked)), None)
    return render_template(
        "discussions/answer.html",
        standing=standing,
        circle=circle(standing),
        thread=thread,
        answered=_answered(standing, thread, form),
        form=form,
        action=composer_of_reply(standing.circle_id, thread.id, post_id),
        round=None if is_company else round_,
        is_company=is_company,
        look_back_prompts=_look_back_prompts(form, round_),
        openings=_openings(round_, is_company=is_company),
        hint=hint,
        sent_as=sent_as,
        reply_as=reply_as,
        reply_name=modes[reply_as] if reply_as else "",
        hidden_presenter=hidden,
        is_paused=_is_paused(standing, thread),
        masks=[] if hidden else [mode for mode in modes if mode.masked],
        hidden_hint=phrases.hidden_hint(standing, post_queries.slot_in_words(standing), reply=True),
        not_yet=phrases.not_yet(standing, reply=True),
        crowd=may.crowd(standing.members, reply=True),
    )


def _openings(round_: ReplyPage | None, *, is_company: bool) -> list[Openings]:
    if is_company:
        return round_pages.openings(round_pages.COMPANY)
    return round_.openings if round_ else round_pages.openings()


def _look_back_prompts(form: ReplyForm, round_: ReplyPage | None) -> list[str]:
    """Prompts for a look-back, where the reply is one or can be chosen to be."""
    kinds = {value for value, *_more in form.kind.iter_choices()} if form.kind.choices else set()
    looks_back = ReplyKind.LOOK_BACK in kinds or (round_ and round_.kind == ReplyKind.LOOK_BACK)
    return round_pages.look_back_prompts() if looks_back and not form.is_company else []
