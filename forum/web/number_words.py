"""Numbers in words."""

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

UP_TO_TWENTY: list[LazyString] = [
    _("no"), _("one"), _("two"), _("three"), _("four"), _("five"), _("six"), _("seven"),
    _("eight"), _("nine"), _("ten"), _("eleven"), _("twelve"), _("thirteen"), _("fourteen"),
    _("fifteen"), _("sixteen"), _("seventeen"), _("eighteen"), _("nineteen"), _("twenty"),
]  # fmt: skip


def init_app(app: Flask) -> None:
    """Add the template filter `spelt`."""
    app.jinja_env.filters["spelt"] = spelt


def spelt(number: int) -> str:
    """Number in words up to twenty, a circle's maximum; in digits beyond."""
    return str(UP_TO_TWENTY[number]) if 0 <= number < len(UP_TO_TWENTY) else str(number)
