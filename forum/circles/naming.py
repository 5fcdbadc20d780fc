"""What a member does with their names: the everyday one in a circle, and their own in all."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from forum.accounts import services as accounts
from forum.authors import services as authors
from forum.authors.models import Author
from forum.authors.pseudonyms import suggested, well_formed
from forum.circles import queries
from forum.circles.models import Circle, Invitation
from forum.circles.services import hold, take_revision
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.policy.terms import AuthorMode


def suggestions(count: int = 2) -> list[str]:
    """Invented names, drawn anew each time from all there are, and kept nowhere.

    Somebody may have one of them already: who asked often enough would see which never come, and
    so which name came to be taken when a newcomer chose theirs.
    """
    return suggested(count, ())


def choose(standing: Standing, mode: AuthorMode, name: str) -> Author:
    """Take an everyday name, once. To be done in a transaction of its own, which names no member.

    name: the invented one, where the mode is that. Raises InvalidInput (pseudonym).
    """
    require(mode in may.everyday_modes(standing))
    hold(standing.circle_id)
    if mode is AuthorMode.OWN_NAME:
        return authors.choose_own_name(standing)
    if not queries.name_is_free(standing.circle_id, name := well_formed(name)):
        raise InvalidInput(pseudonym=_("That name is taken here."))
    return authors.choose_pseudonym(standing, name)


def rename(member_id: UUID, name: str) -> None:
    """Change one's own name, in every circle and on all that was written under it there.

    Raises InvalidInput (name) where somebody in one of the circles has a name like it.
    """
    name = accounts.checked_name(name)
    for standing in queries.standings(member_id):
        hold(standing.circle_id)
        mine = queries.own_place(standing, member_id)
        if not queries.name_is_free(standing.circle_id, name, but_for=mine.id):
            circle = db.session.get_one(Circle, standing.circle_id).name
            said = _("Somebody in %(circle)s goes by a name like that.", circle=circle)
            raise InvalidInput(name=said)
        for each in db.session.scalars(select(Invitation).filter_by(circle_id=mine.circle_id)):
            if each.inviter == mine.own_name:
                each.inviter = name
        mine.own_name = name
        mine.name_digest = authors.name_digest(standing.circle_id, name)
        authors.rename(standing, name)
        take_revision(standing)
    accounts.rename(member_id, name)
