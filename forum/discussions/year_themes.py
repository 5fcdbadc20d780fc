"""A circle's themes of a year: a text by its facilitators for all members, written by hand.

Nothing is computed, of threads or of persons, and no version names its writer.
"""

from dataclasses import dataclass, field
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select

from forum.circles.locks import lock_circle
from forum.circles.queries import circle
from forum.core.clock import now
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.discussions.models import YearThemes
from forum.policy import may, require
from forum.policy.standing import Standing

WORDS_MAX = 5_000  # characters
VERSIONS_MAX = 10  # of a year; the oldest goes
FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True)
class Themes:
    """A year's themes. versions: the newest first; none for a year without."""

    year: int
    versions: list[YearThemes] = field(repr=False)

    @property
    def version(self) -> str:
        """Token for the form, so that two facilitators do not overwrite each other unknowingly.

        A number comes again once its version is deleted; an id does not.
        """
        return self.versions[0].id.hex if self.versions else "0"


def years(standing: Standing) -> list[int]:
    """Years with themes, latest first."""
    found = select(YearThemes.year).where(YearThemes.circle_id == standing.circle_id).distinct()
    return sorted(db.session.scalars(found), reverse=True)


def themes(standing: Standing, year: int) -> Themes:
    """The themes of a year."""
    here = select(YearThemes).where(YearThemes.circle_id == standing.circle_id)
    rows = here.where(YearThemes.year == year).order_by(YearThemes.number.desc())
    return Themes(year, list(db.session.scalars(rows)))


def write(standing: Standing, year: int, words: str, seen: str) -> None:
    """Add a version of a year's themes; the same words again add none.

    seen: `Themes.version` of the form's starting point. Raises InvalidInput (words): without words,
    for a year to come, and where somebody wrote a version meanwhile.
    """
    require(may.write_themes(standing))
    lock_circle(standing.circle_id)
    if not FIRST_YEAR <= year <= circle(standing).today.year:
        raise InvalidInput(words=_("Themes are of this year, or of a year that is over."))
    if not words:
        raise InvalidInput(words=_("Write something first."))
    if len(words) > WORDS_MAX:
        raise InvalidInput(words=_("At most %(most)s characters, please.", most=WORDS_MAX))
    known = themes(standing, year)
    if known.versions and known.versions[0].words == words:
        return
    if seen != known.version:
        said = _(
            "Someone has just written a new version. You see it above. Press again to add yours."
        )
        raise InvalidInput(words=said)
    number = known.versions[0].number + 1 if known.versions else 1
    new = YearThemes(circle_id=standing.circle_id, year=year, number=number)
    new.words, new.written_on = words, now().date()
    db.session.add(new)
    for old in known.versions[VERSIONS_MAX - 1 :]:
        db.session.delete(old)


def remove(standing: Standing, version_id: UUID) -> None:
    """Delete a version for good; of the newest, the version before takes the place."""
    require(may.write_themes(standing))
    here = YearThemes.circle_id == standing.circle_id, YearThemes.id == version_id
    db.session.execute(delete(YearThemes).where(*here))
