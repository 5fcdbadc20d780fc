"""Values of the page of details: a sentence on each detail, and reasons to keep it."""

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from forum.checker import ADVICE, FACETS, LABELS, NAMES_CHECKED_IN, Kind
from forum.discussions.decisions import Choice
from forum.discussions.details import Detail, LookedOver
from forum.web.language import chosen_language

REASON_WORDS = {
    Choice.REFERENCE: _l("a reference, not a person's number"),
    Choice.HELPLINE: _l("a public helpline"),
    Choice.TEACHING: _l("a teaching example"),
    Choice.OWN: _l("my own, and I mean to share it"),
}


def label(detail: Detail) -> str:
    """Kind of a detail, as its line begins: "an exact age"."""
    return str(_(LABELS[detail.kind]))


def advice(detail: Detail) -> str:
    """Sentence on what to do about a detail; names the details that meet."""
    if detail.kind is not Kind.COMBINATION:
        return str(_(ADVICE[detail.kind]))
    met = [str(_(FACETS[facet])) for facet in sorted(detail.facets)]
    said = _("%(details)s: together these can point to one person.", details=", ".join(met))
    return str(said[:1].upper() + said[1:])


def page_values(found: LookedOver | None, *, refused: bool = False) -> dict[str, object]:
    """Values of discussions/_details.html. refused: whether answers are missing."""
    return {
        "looked": found,
        "refused": refused,
        "label": label,
        "advice": advice,
        "reasons": {each: REASON_WORDS[each] for each in (found.reasons if found else ())},
        "sent": request.form,
        "names_checked": chosen_language().split("-")[0] in NAMES_CHECKED_IN,
    }
