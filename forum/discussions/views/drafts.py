"""Drafts of reflections and replies: review, posting, deletion."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from forum import markup
from forum.authors.pseudonyms import VOICE
from forum.authors.queries import own_names
from forum.checker import HelpTopic, help_topics
from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core import tokens
from forum.core.clock import now
from forum.core.db import unit_of_work
from forum.core.errors import Busy, InvalidInput, NotFound, TooMany
from forum.core.randomness import new_id
from forum.discussions import (
    decisions,
    drafts,
    phrases,
    post_queries,
    posts,
    round_pages,
    thread_queries,
)
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.courses import NotOpenNow
from forum.discussions.detail_pages import page_values
from forum.discussions.details import LookedOver, loosen
from forum.discussions.forms import WISHES, ReflectionForm, ReplyForm, is_too_long
from forum.discussions.models import Draft, Post, Reply, Thread
from forum.discussions.near_threads import near_threads
from forum.discussions.titles import NOTES, title_of
from forum.discussions.views import bp
from forum.discussions.views.details import USE, contact_of, count_words, looked_over
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, RoundKind
from forum.web import limits
from forum.web.access import ask_for_hidden, is_recent, shows_hidden
from forum.web.errors import STATUS, again_after
from forum.web.flash import flash
from forum.web.help_panels import offer_help
from forum.web.language import spoken_on

POSTS_MOST, MASKED_MOST = "30 per hour", "10 per day"
AUTO = "auto"  # sent by the autosave script in place of a button
WRITING = "writing"  # session key: the draft last written in this browser, and when


@bp.get("/circles/<uuid:circle_id>/drafts/<hidden:draft_id>")
@in_circle
def look(standing: Standing, draft_id: UUID) -> ResponseReturnValue:
    """ "Look it over": the text as readers will see it, the name, and when it appears."""
    try:
        kept = drafts.draft(standing, draft_id)
    except NotFound:  # posted meanwhile, or another member's
        return _posted(standing, draft_id)
    if kept.amends:
        return redirect(composer_url(kept), 303)
    return _page(standing, kept) if may_show(kept) else ask_for_hidden()


def _page(standing: Standing, kept: Draft, found: LookedOver | None = None) -> str:
    """found: details that wait for an answer which was not sent."""
    words = drafts.words(kept)
    looked = found or looked_over(standing, kept.id, words, kept.decisions)
    thread = thread_queries.thread(standing, kept.thread_id) if kept.thread_id else None
    slot = post_queries.slot_in_words(standing)
    is_open, is_reply = words.mode in _open(standing, thread), thread is not None
    name = _name(standing, words.mode, kept.thread_id or kept.id)
    reflection = words if isinstance(words, Reflection) else None
    return render_template(
        "discussions/look.html",
        standing=standing,
        circle=circle(standing),
        draft=kept,
        version=drafts.version(kept),
        words=words,
        thread=thread,
        quoted=(quoted := _quoted(standing, words)),
        quoted_notes=[NOTES[note] for note in getattr(quoted, "content_notes", ())],
        html=markup.render(words.body),
        report_on=_report_on(words),
        name=name,
        title=title_of(reflection) if reflection else "",
        talk=_talk(standing, reflection),
        wish=WISHES[reflection.wish] if reflection else "",
        note_words=[NOTES[note] for note in reflection.notes] if reflection else [],
        appears=phrases.appears(words.mode, standing, slot, reply=is_reply) if is_open else "",
        not_yet=phrases.not_yet(standing, reply=is_reply),
        crowd=may.crowd(standing.members, reply=is_reply),
        post_as=phrases.post_as(words.mode, name),
        change=composer_url(kept),
        is_open=is_open,
        help_topics=sorted(voiced := help_topics(looked.whole)),
        suggests_note=bool(reflection and not reflection.notes and HelpTopic.DESPAIR in voiced),
        **page_values(looked, refused=found is not None),
        near=_near(standing, reflection) if reflection else [],
        wrote_lately=bool(words.mode and words.mode.masked) and post_queries.wrote_lately(standing),
    )


def _near(standing: Standing, words: Reflection) -> list[Thread]:
    """Older threads near a draft; a hidden name changes nothing, since nothing is kept."""
    return near_threads(standing, words.title, markup.visible(markup.render(words.body)))


def _report_on(words: Reflection | ReplyWords) -> date | None:
    """Day of an action, in the wording of the post."""
    if isinstance(words, Reflection) or words.kind not in (None, RoundKind.ACTION):
        return None
    return date.fromisoformat(words.report_on) if words.report_on else None


@bp.post("/circles/<uuid:circle_id>/drafts/<hidden:draft_id>")
@in_circle
def publish(standing: Standing, draft_id: UUID) -> ResponseReturnValue:
    """Post a draft as reviewed; a repeated request shows the first post."""
    try:
        kept = drafts.draft(standing, draft_id)
    except NotFound:
        return _posted(standing, draft_id)
    words, version = drafts.words(kept), request.form.get("version")
    thread = thread_queries.thread(standing, kept.thread_id) if kept.thread_id else None
    if kept.amends or (words.mode is None and USE not in request.form):
        return redirect(composer_url(kept), 303)
    if not may_show(kept) and version != drafts.version(
        kept
    ):  # the response would reveal its hidden name
        return ask_for_hidden()
    if version not in (None, drafts.version(kept)):  # the button belongs to an older version
        flash(_("This draft was changed in another window. Please check it again."))
        return redirect(url_for(".look", circle_id=standing.circle_id, draft_id=draft_id), 303)
    found = looked_over(standing, draft_id, words, kept.decisions, answers=request.form)
    try:
        if words.mode is None or USE in request.form:
            return _loosened(standing, kept, words, found)
        if found.open:
            _decide(standing, kept, found)
            return _page(standing, kept, found), 422
        kind = Thread if isinstance(words, Reflection) else Reply
        with unit_of_work():
            is_again = post_queries.is_posted(standing, kind, draft_id)
            if isinstance(words, Reflection):
                post: Post = posts.present(standing, draft_id, words, found.decisions)
            else:
                assert thread is not None  # noqa: S101  # a reply's draft names its thread
                post = posts.reply(standing, thread, draft_id, words, found.decisions)
            if not is_again:
                take_limits(words.mode)
    except NotOpenNow as error:
        with unit_of_work():
            kept = drafts.save(standing, draft_id, words, thread, awaited=error.awaited)
            url = composer_url(kept)
        flash(round_pages.refused(error))
        return redirect(url, 303)
    except InvalidInput as error:
        flash(" ".join(error.fields.values()))
        return redirect(composer_url(_under_new_id(standing, draft_id, words, thread)), 303)
    except (TooMany, Busy) as error:
        if not may_show(kept):
            raise  # to an error page without the draft
        flash(_not_now(error))
        return _page(standing, kept), STATUS[type(error)], again_after(error)
    session.pop(WRITING, None)
    offer_help(help_topics(found.whole), contact_of(post))
    return shown(standing, post)


def _talk(standing: Standing, words: Reflection | None) -> tuple[str, str] | None:
    """Name and sentence of the way to talk; None for Just talk."""
    if words is None or not (words := posts.with_talk(standing, words)).talk:
        return None
    offered = {each.key: each for each in posts.rounds_offered(standing, words)}
    return round_pages.described(offered[words.talk]) if words.talk in offered else None


def _decide(standing: Standing, kept: Draft, found: LookedOver) -> None:
    """Keep what was answered, until the rest is."""
    if found.decisions != decisions.from_json(kept.decisions):
        with unit_of_work():
            drafts.decide(standing, kept.id, found.decisions)


def _loosened(
    standing: Standing, kept: Draft, words: Reflection | ReplyWords, found: LookedOver
) -> ResponseReturnValue:
    """Put the suggestion that was pressed in the place of its detail, and look again."""
    looser = loosen(words, found, request.form.get(USE, ""))
    thread = thread_queries.thread(standing, kept.thread_id) if kept.thread_id else None
    draft_id, tab = kept.id, kept.tab
    if is_too_long(looser):
        flash(_("There is no room for it. Change it in the box."))
        return redirect(composer_url(kept), 303)
    with unit_of_work():
        drafts.save(standing, draft_id, looser, thread, tab=tab)
        drafts.decide(standing, draft_id, found.decisions)
    url = url_for(".look", circle_id=standing.circle_id, draft_id=draft_id)
    return redirect(f"{url}#details", 303)


@bp.get("/circles/<uuid:circle_id>/drafts/<hidden:draft_id>/discard")
@in_circle
def discarding(standing: Standing, draft_id: UUID) -> ResponseReturnValue:
    """Ask for confirmation before deleting a draft."""
    kept = drafts.draft(standing, draft_id)
    if not may_show(kept):
        return ask_for_hidden()
    words = drafts.words(kept)
    title = getattr(words, "title", "")
    return render_template(
        "discussions/discard.html",
        draft=kept,
        title=title,
        language=words.spoken,
        token=tokens.sealed("discard", _place_of_draft(draft_id)),
    )


@bp.post("/circles/<uuid:circle_id>/drafts/<hidden:draft_id>/discard")
@in_circle
def discard(standing: Standing, draft_id: UUID) -> ResponseReturnValue:
    """Delete a draft; a second press changes nothing."""
    try:
        if not may_show(drafts.draft(standing, draft_id)):
            return ask_for_hidden()
        with unit_of_work():
            drafts.discard(standing, draft_id)
        flash(_("Draft deleted."))
    except NotFound:
        if tokens.opened(request.form.get("token", ""), _place_of_draft(draft_id)) is None:
            raise
        flash(_("This draft is gone: it was deleted, or posted."))
    return redirect(url_for(".index", circle_id=standing.circle_id), 303)


def _place_of_draft(draft_id: UUID) -> str:
    """Place of a token by which a page that showed this draft to its writer is known."""
    return f"draft|{draft_id}|{current_user.id}"


def keep_quietly(
    standing: Standing,
    post_id: UUID,
    form: ReflectionForm | ReplyForm,
    words: Callable[[], Reflection | ReplyWords],
    thread: Thread | None,
    *,
    amends: bool = False,
    before: str = "",
) -> ResponseReturnValue:
    """Keep the draft while somebody types; answers the script with what its page sends along
    next and the number of details found, or with the reason for a refusal. before: decisions of the
    amended post."""
    if not form.validate():
        return {"said": " ".join(str(each) for said in form.errors.values() for each in said)}, 422
    try:
        with unit_of_work():
            if not amends:
                drafts.check_there(standing, post_id, form.began.data)
            drafts.check_began(standing, post_id, words(), form.began.data, form.tab.data)
            kept = drafts.save(
                standing, post_id, words(), thread, tab=form.tab.data or "", amends=amends
            )
            began, decided = drafts.version(kept), kept.decisions
    except InvalidInput as error:
        return {"said": " ".join(error.fields.values())}, 409
    remember_writing(post_id)
    found = looked_over(standing, post_id, words(), decided, before)
    return {"began": began, "found": count_words(found)}


def remember_writing(draft_id: UUID) -> None:
    """Let this browser continue a draft for FRESH, hidden name or not.

    The cookie holds id and time sealed, since a draft's id becomes its post's.
    """
    session[WRITING] = tokens.sealed(f"{draft_id} {int(now().timestamp())}", WRITING)


def is_in_hand(draft_id: UUID) -> bool:
    """Whether this browser sent the password, or wrote in this draft, within FRESH."""
    written, _, moment = (tokens.opened(session.get(WRITING), WRITING) or "").partition(" ")
    return shows_hidden() or (written == str(draft_id) and is_recent(int(moment or 0)))


def id_to_write(standing: Standing, post_id: UUID) -> UUID:
    """Id of the draft on a composer's page: the next free one after a masked post not in hand.

    The composer of a masked post must look unused: at an open screen its address in the history
    would else reveal that the member posted behind a mask.
    """
    while (post := post_queries.find(standing, post_id)) is not None:
        if not post.author.mode.masked or is_in_hand(post_id):
            break
        post_id = tokens.keyed_id("after a masked post", str(post_id))
    return post_id


def may_show(draft: Draft) -> bool:
    """Whether a draft may be shown: under a hidden name only if it is in hand."""
    mode = drafts.words(draft).mode
    return mode is None or not mode.masked or is_in_hand(draft.id)


def may_write(draft: Draft | None, form: ReflectionForm | ReplyForm) -> bool:
    """Whether a sent text may replace a draft: if the draft may be shown, or its page displays this
    version already, however long ago."""
    if draft is None or may_show(draft):
        return True
    return drafts.is_of_page(draft, form.began.data, form.tab.data)


def mode_before(standing: Standing, post_id: UUID, draft: Draft | None) -> AuthorMode | None:
    """Name chosen for a draft, or mask of the member's post with this id, in hand by then: see
    id_to_write."""
    if draft is not None:
        return drafts.words(draft).mode
    post = post_queries.find(standing, post_id)
    is_own = post is not None and standing.hand.holds(post.author)
    return post.author.mode if post and is_own and post.author.mode.masked else None


def take_limits(mode: AuthorMode) -> None:
    """Count a post against the hourly and daily limits, in the unit of work that stores it. Raises
    TooMany.

    Pressed in vain, or sent again, it counts for nothing: else whoever sits at an open screen could
    press until a limit is reached, and learn how many hidden posts came before.
    """
    if mode.masked:  # asked first: what is refused for the day takes no room of the hour
        limits.require_room("masked posts", MASKED_MOST, current_user.id)
    limits.take("posts", POSTS_MOST, current_user.id)
    if mode.masked:
        limits.take("masked posts", MASKED_MOST, current_user.id)


def composer_url(draft: Draft) -> str:
    """Address of a draft's composer."""
    if draft.amends:
        return url_for(".edit", circle_id=draft.circle_id, post_id=draft.id)
    if draft.thread_id is None:
        return composer_of_reflection(draft.circle_id, draft.id)
    return composer_of_reply(draft.circle_id, draft.thread_id, draft.id)


def composer_of_reflection(circle_id: UUID, post_id: UUID) -> str:
    """Address of the composer for the reflection with this id."""
    token = tokens.hidden_id(post_id, place_of_reflection(circle_id))
    return url_for(".compose", circle_id=circle_id, token=token)


def composer_of_reply(circle_id: UUID, thread_id: UUID, post_id: UUID) -> str:
    """Address of the composer for the reply with this id."""
    token = tokens.hidden_id(post_id, place_of_reply(thread_id))
    return url_for(".answer_on", circle_id=circle_id, thread_id=thread_id, token=token)


def place_of_reflection(circle_id: UUID) -> str:
    """Context for hiding the id of an unposted reflection: its circle and writer."""
    return f"write|{circle_id}|{current_user.id}"


def place_of_reply(thread_id: UUID) -> str:
    """Context for hiding the id of an unposted reply: its thread and writer."""
    return f"answer|{thread_id}|{current_user.id}"


def shown(standing: Standing, post: Post) -> ResponseReturnValue:
    """Redirect after posting: to the post, or to inviting after a new circle's first thread.

    A masked post's address would stay in the history: redirect to its thread or circle, with a
    message on when the post appears.
    """
    if not post.author.mode.masked:
        return redirect(_next(standing, post), 303)
    if post.appears_at > now():
        when = post_queries.slot_in_words(standing, post.appears_at)
        as_whom = _(
            "Saved. It will appear %(when)s as %(name)s. You can edit or withdraw it under "
            "Your posts.",
            when=when,
            name=post.author.name,
        )
        only_when = _(
            "Saved. It will appear %(when)s. You can edit or withdraw it under Your posts.",
            when=when,
        )
        flash(as_whom if shows_hidden() else only_when)
    if isinstance(post, Reply):
        return redirect(url_for(".show", circle_id=post.circle_id, thread_id=post.thread_id), 303)
    return redirect(url_for(".index", circle_id=post.circle_id), 303)


def _next(standing: Standing, post: Post) -> str:
    if not _opens_circle(standing, post):
        return url_for(".post", circle_id=post.circle_id, post_id=post.id)
    with spoken_on("circles.invite"):
        flash(
            _(
                "Your first reflection is posted, so nobody will arrive in an empty room. Now "
                "invite your "
                "colleagues."
            )
        )
    return url_for("circles.invite", circle_id=post.circle_id)


def _name(standing: Standing, mode: AuthorMode | None, thread_id: UUID) -> str:
    """The name readers will see; "" if not yet drawn or chosen.

    A hidden name is given only after a fresh password: onlookers at an open screen could learn it
    by starting a reply.
    """
    if mode is AuthorMode.CIRCLE_VOICE:
        return VOICE
    if mode is None or (mode.masked and not shows_hidden()):
        return ""
    return own_names(standing, thread_id).get(mode, "")


def _opens_circle(standing: Standing, post: Post) -> bool:
    """Whether the post is the first thread in a circle whose founder is still alone."""
    alone = standing.members == 1 and may.see_invitations(standing)
    return alone and isinstance(post, Thread) and thread_queries.is_only_story(standing, post)


def _not_now(error: TooMany | Busy) -> str:
    if isinstance(error, TooMany):
        return str(
            _("You have reached the posting limit for now. Your draft is saved: post it later.")
        )
    return str(_("The service is busy. Your draft is saved: please try again in a moment."))


def _under_new_id(
    standing: Standing, draft_id: UUID, words: Reflection | ReplyWords, thread: Thread | None
) -> Draft:
    """Move a draft to a new id, so that it can be posted beside the post with its old id."""
    with unit_of_work():
        drafts.discard(standing, draft_id)
        kept = drafts.save(standing, new_id(), words, thread)
    remember_writing(kept.id)
    return kept


def _posted(standing: Standing, post_id: UUID) -> ResponseReturnValue:
    """Redirect from a posted draft's id.

    Asks for a fresh password for any id: an answer would show onlookers which masks are the
    member's.
    """
    if not is_in_hand(post_id):
        return ask_for_hidden()
    return shown(standing, posts.posted(standing, post_id))


def _open(standing: Standing, thread: Thread | None) -> frozenset[AuthorMode]:
    """Author modes open to a draft; a mask in use opens none to an onlooker at an open screen."""
    if thread is None:
        return may.present_modes(standing)
    return posts.reply_modes(standing, thread, shows_masks=shows_hidden())


def _quoted(standing: Standing, words: object) -> Post | None:
    quoted = getattr(words, "quoted", None)
    return post_queries.posts(standing, [quoted.post_id]).get(quoted.post_id) if quoted else None
