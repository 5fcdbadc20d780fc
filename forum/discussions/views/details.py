"""Details found in what is written, and answers that a page sends about them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from uuid import UUID

from flask import url_for
from flask_babel import ngettext
from flask_login import current_user

from forum.authors import queries as names
from forum.circles.queries import circle
from forum.core import tokens
from forum.discussions import decisions, phrases
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.decisions import Decision
from forum.discussions.details import Detail, LookedOver, key_of, look_over
from forum.discussions.models import Post
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode
from forum.web.access import shows_hidden
from forum.web.help_panels import Contact, contact_place
from forum.web.language import chosen_language
from forum.web.number_words import spelt

CHECK = "check"  # of a composer's buttons: show me what was found
USE = "use"  # of buttons beside a detail: put the suggestion in its place


def looked_over(
    standing: Standing,
    post_id: UUID,
    words: Reflection | ReplyWords,
    *kept: str,
    answers: Mapping[str, str] | None = None,
) -> LookedOver:
    """Check words that are to be a post of this id. kept: decisions of their draft and their post.

    answers: of the form that was sent, where it may hold some.
    """
    before: list[Decision] = [one for text in kept for one in decisions.from_json(text)]
    own, language = own_words(standing), chosen_language()
    rural = circle(standing).rural
    found = look_over(words, key_of(standing, post_id), own, language, before, rural=rural)
    found = replace(found, reasons=decisions.reasons_for(standing))
    return found if answers is None else found.decided(answers)


def own_words(standing: Standing) -> list[str]:
    """Names and the address of whoever is signed in, by which a text could reveal who wrote it.

    Hidden names are among them after a fresh password alone: who sits before an open session could
    else learn them by trying names in a composer.
    """
    rows = names.own_rows(standing) if shows_hidden() else names.everyday_rows(standing)
    shown = [row.name for row in rows if row.mode is not AuthorMode.CIRCLE_VOICE]
    return [standing.own_name, current_user.address, *shown]


def count_words(found: LookedOver) -> str:
    """Number of open details, in words, shown under the box as somebody types; "" for none."""
    number = len({each.spans[0] for each in found.details if each.choice is None})
    if not number:
        return ""
    said = ngettext(
        "One detail that could identify someone.",
        "%(number)s details that could identify someone.",
        number,
        number=spelt(number),
    )
    return str(said[:1].upper() + said[1:])


def contact_of(post: Post) -> Contact:
    """Way to ask that a moderator writes to the name of one's own post."""
    place = contact_place(post.circle_id, current_user.id)
    url = url_for("moderation.contact", circle_id=post.circle_id)
    name = phrases.own_name(post.author, shows_masks=shows_hidden())
    return Contact(url, tokens.sealed(str(post.id), place), name)


def stops(found: Iterable[Detail]) -> bool:
    """Whether any detail has to be changed or explained."""
    return any(each.stops for each in found)
