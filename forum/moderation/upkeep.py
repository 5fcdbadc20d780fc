"""What the clock does about flags: read from the database, whenever the bell rings."""

from datetime import timedelta

from sqlalchemy import delete, select

from forum.audit import services as audit
from forum.audit.deeds import Actor, Deed
from forum.circles import queries as circles
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.discussions import queries as discussions
from forum.discussions import services
from forum.moderation.models import Flag, Outcome
from forum.moderation.services import LIVE
from forum.policy.standing import Standing
from forum.policy.terms import Hidden

KEPT = timedelta(days=90)  # after it was settled


def settle() -> int:
    """Let posts show again that no moderator looked at in time, and forget old flags.

    Also puts right what a lost announcement left open: flags on posts that were changed or taken
    back since. Gives how many flags were settled.
    """
    done = 0
    for standing in circles.every():
        with unit_of_work():
            done += _settle(standing)
        with unit_of_work():
            old = Flag.circle_id == standing.circle_id, Flag.settled_on < (now() - KEPT).date()
            db.session.execute(delete(Flag).where(*old))
    return done


def _settle(standing: Standing) -> int:
    here = Flag.circle_id == standing.circle_id, Flag.post_id.is_not(None)
    flags = [each for each in db.session.scalars(select(Flag).where(*here)) if each.outcome in LIVE]
    ids = [each.post_id for each in flags if each.post_id]
    posts = discussions.posts(standing, ids, closed=True) if ids else {}
    done = 0
    for flag in flags:
        post = posts.get(flag.post_id) if flag.post_id else None
        if post and post.changes:
            continue  # its words are about to be put in their place
        if post is None or post.withdrawn:
            outcome: Outcome | None = Outcome.GONE
        elif flag.hides and post.hidden is not Hidden.PATIENT:
            outcome = Outcome.MENDED if post.revision != flag.about else Outcome.SHOWN
        elif flag.outcome is None and flag.lapses_at and flag.lapses_at <= now():
            services.show_again(standing, post)
            about = post.author.name
            audit.note(standing.circle_id, Deed.FLAG_LAPSED, Actor.CLOCK, about=about)
            outcome = Outcome.LAPSED
        else:
            continue
        flag.outcome, flag.settled_on, flag.lapses_at = outcome, now().date(), None
        flag.told = False
        done += 1
    return done
