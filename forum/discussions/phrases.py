"""Phrases shown on several pages of threads."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup

from forum.authors.models import Author
from forum.discussions.forms import WISHES
from forum.discussions.listings import Listing
from forum.discussions.models import Post, Thread
from forum.discussions.reply_preferences import wish
from forum.discussions.thread_queries import Head
from forum.discussions.unread import News
from forum.markup.languages import isolated
from forum.policy import may
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode, Hidden
from forum.web.number_words import spelt

HIDDEN = {
    Hidden.PATIENT: _l("Hidden for now: a colleague thought a patient might be recognised."),
    Hidden.MODERATOR: _l("Hidden by a moderator."),
}


def hidden(post: Post, pair: Iterable[Author] = ()) -> str:
    """Sentence in place of a hidden post. pair: both names of a pair, where the one who did not
    write the post is known to have hidden it; none elsewhere."""
    other = next((name for name in pair if name.id != post.author_id), None)
    if other and post.hidden is Hidden.MODERATOR:
        return str(_("Hidden by %(name)s.", name=other.name))
    return str(HIDDEN[post.hidden]) if post.hidden else ""


WITHDRAWN = _l("This post has been withdrawn.")
GONE = _l("The story has gone")


def reply_by(name: str) -> str:
    """Heading of a reply."""
    return str(_("Reply by %(name)s", name=name))


def heading(thread: Thread | Head | Listing | None) -> str:
    """A thread's title, or a placeholder while its opening is gone, withdrawn or hidden."""
    if thread is not None and thread.is_gone:
        return str(GONE)
    if thread is None or thread.withdrawn:
        return str(_("Withdrawn reflection"))
    return thread.title if thread.hidden is None else str(_("Hidden reflection"))


def heading_language(thread: Thread | Head | Listing | None) -> str:
    """RFC 5646 tag of a heading; "" for a placeholder, which is in the page's language."""
    if thread is None or thread.withdrawn or thread.hidden:
        return ""
    return thread.language


def titled(thread: Thread | Head | Listing | None) -> Markup:
    """A thread's heading inside a link or sentence, marked with its language."""
    return isolated(heading(thread), heading_language(thread))


def wish_of(thread: Thread) -> str:
    """The presenter's wish as a label: "Hear me out"."""
    return str(WISHES[wish(thread.support_wanted, thread.reply_manner)])


def not_yet(standing: Standing, *, reply: bool) -> str:
    """A sentence on how many members hidden names still need; "" once enough have joined."""
    if may.crowd_suffices(standing.members, reply=reply):
        return ""
    counts = {"needed": spelt(may.members_needed(reply=reply)), "number": spelt(standing.members)}
    said = (
        ngettext(
            "You can hide your name in a reply once %(needed)s people have joined; there is one"
            " now. Write today: we save it as a draft until then.",
            "You can hide your name in a reply once %(needed)s people have joined; there are"
            " %(number)s now. Write today: we save it as a draft until then.",
            standing.members,
            **counts,
        )
        if reply
        else ngettext(
            "You can hide your name in a reflection once %(needed)s people have joined; there is"
            " one now. Write today: we save it as a draft until then.",
            "You can hide your name in a reflection once %(needed)s people have joined; there are"
            " %(number)s now. Write today: we save it as a draft until then.",
            standing.members,
            **counts,
        )
    )
    return str(said)


def hidden_hint(standing: Standing, slot: str, *, reply: bool) -> str:
    """Hint beside a hidden name in the composer. slot: as a phrase."""
    if not may.crowd_suffices(standing.members, reply=reply):
        needed = spelt(may.members_needed(reply=reply))
        return str(_("Saved as a draft until %(needed)s people have joined.", needed=needed))
    number = spelt(may.crowd(standing.members, reply=reply))
    return str(
        _(
            "You are one of %(number)s who could have written it. Appears %(when)s.",
            number=number,
            when=slot,
        )
    )


def readers(standing: Standing) -> str:
    """Line below the composer: who will read the post."""
    if standing.complete:
        return str(_("Only the two of you can read it."))
    return str(
        ngettext(
            "Only you can read it now. People who join later can too.",
            "All %(number)s members can read it, and so can people who join later.",
            standing.members,
            number=spelt(standing.members),
        )
    )


def appears(mode: AuthorMode | None, standing: Standing, slot: str, *, reply: bool) -> str:
    """Line on "Check before posting": the name used, and when the post appears."""
    if mode is not None and mode.masked:
        return str(
            _(
                "Your name will be hidden: you are one of %(number)s who could have written this."
                " It will appear %(when)s.",
                number=spelt(may.crowd(standing.members, reply=reply)),
                when=slot,
            )
        )
    return str(_("It will appear straight away, under the name below."))


def post_as(mode: AuthorMode | None, name: str) -> str:
    """Label of the button which posts, with the name."""
    if mode is AuthorMode.CIRCLE_VOICE:
        return str(_("Post as a member of this circle"))
    if mode is AuthorMode.THREAD_PSEUDONYM and not name:
        return str(_("Post with my name hidden"))
    return str(_("Post as %(name)s", name=name))


def own_name(author: Author, *, shows_masks: bool) -> str:
    """Name of one's own post in a sentence to its writer; "" for a mask's, where the page must not
    show whose it is."""
    is_secret = author.mode is AuthorMode.THREAD_PSEUDONYM and not shows_masks
    return "" if is_secret else author.name


def unread(news: Iterable[News]) -> dict[UUID, str]:
    """Number of unread posts by thread; "new" for a thread not opened yet. Each number is put into
    words once, since a list repeats the few."""
    said, found = dict[int, str](), dict[UUID, str]()
    for each in news:
        number = 0 if each.thread_id.hex in each.fresh else len(each.fresh)
        if number not in said:
            said[number] = (
                ngettext("%(num)s unread", "%(num)s unread", number) if number else _("new")
            )
        found[each.thread_id] = said[number]
    return found


class Counted:
    """Numbers of threads in words, each put into words once: a page repeats the few."""

    def __init__(self) -> None:
        self._threads, self._more = dict[int, str](), dict[int, str]({0: ""})

    def threads(self, number: int) -> str:
        """All of a circle's unread threads."""
        if number not in self._threads:
            self._threads[number] = ngettext("1 thread", "%(num)s threads", number)
        return self._threads[number]

    def more(self, number: int) -> str:
        """Threads not listed; "" without any."""
        if number not in self._more:
            words = {"number": spelt(number)}
            said = ngettext("one more thread", "%(number)s more threads", number, **words)
            self._more[number] = said[:1].upper() + said[1:]
        return self._more[number]


def names(people: Sequence[str]) -> str:
    """Up to two names joined; of more, the first two and "others"."""
    if len(people) > 2:
        return str(_("%(one)s, %(other)s and others", one=people[0], other=people[1]))
    if len(people) == 2:
        return str(_("%(one)s and %(other)s", one=people[0], other=people[1]))
    return people[0]


def replied(people: Sequence[str]) -> str:
    """Heading of home where somebody replied to the reader."""
    return str(_("%(names)s replied to you", names=names(people)))


def things(number: int) -> str:
    """Heading of home where something else waits."""
    said = ngettext("One thing for you", "%(number)s things for you", number, number=spelt(number))
    return str(said)[:1].upper() + str(said)[1:]


def unread_in(circles: Sequence[str]) -> str:
    """Heading of home where nothing waits but news."""
    if len(circles) == 1:
        return str(_("Unread in %(circle)s", circle=circles[0]))
    return str(_("Unread in %(number)s of your circles", number=spelt(len(circles))))


def nothing_lately() -> str:
    """Heading of home where only the threads that were compared are known to be read."""
    return str(_("Nothing unread in the latest threads"))


def older_threads() -> str:
    """Line where older threads were not compared."""
    return str(_("Older threads are on each circle's page."))
