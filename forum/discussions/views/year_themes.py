"""Page of a circle's themes of the year: for all members, written by those who look after it."""

from dataclasses import replace
from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forum import markup
from forum.circles.access import in_circle
from forum.circles.queries import circle
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.discussions import year_themes as themes_of
from forum.discussions.detail_pages import page_values
from forum.discussions.details import LookedOver, key_of, look_over_texts
from forum.discussions.forms import ThemesForm
from forum.discussions.views import bp
from forum.discussions.views.details import own_words
from forum.policy import may, require
from forum.policy.standing import Standing
from forum.web.flash import flash
from forum.web.forms import keeps_text
from forum.web.language import chosen_language

PATH = "/circles/<uuid:circle_id>/themes"


@bp.get(PATH)
@in_circle
def year_themes(standing: Standing) -> ResponseReturnValue:
    """A year's themes, and earlier versions; for facilitators the form too."""
    year = _year(standing, request.args.get("year", ""))
    found = themes_of.themes(standing, year)
    words = found.versions[0].words if found.versions else ""
    form = ThemesForm(formdata=None, year=str(year), version=found.version, words=words)
    return _page(standing, form, found)


@bp.post(PATH)
@keeps_text
@in_circle
def write_themes(standing: Standing) -> ResponseReturnValue:
    """Add a version, once every detail in it that asks is answered."""
    require(may.write_themes(standing))
    form = ThemesForm()
    year = form.asked_year or circle(standing).today.year
    found = themes_of.themes(standing, year)
    if not form.validate():
        return _page(standing, form, found), 422
    looked = _looked(standing, form).decided(request.form)
    if looked.open:
        return _page(standing, form, found, looked), 422
    try:
        with unit_of_work():
            themes_of.write(standing, year, form.words.data or "", form.version.data or "")
    except InvalidInput as error:
        form.refuse(error)
        found = themes_of.themes(standing, year)
        form.version.data = found.version  # sent again, it is meant
        return _page(standing, form, found), 422
    flash(_("Saved. Everyone in this circle can read it."))
    return redirect(url_for(".year_themes", circle_id=standing.circle_id, year=year), 303)


@bp.post(f"{PATH}/<uuid:version_id>/remove")
@in_circle
def remove_themes(standing: Standing, version_id: UUID) -> ResponseReturnValue:
    """Delete a version for good."""
    with unit_of_work():
        themes_of.remove(standing, version_id)
    flash(_("Version deleted."))
    year = _year(standing, request.form.get("year", ""))
    return redirect(url_for(".year_themes", circle_id=standing.circle_id, year=year), 303)


def _year(standing: Standing, asked: str) -> int:
    """A year from the address, or the circle's present one. Raises NotFound for a year without
    themes ever."""
    present = circle(standing).today.year
    if not asked:
        return present
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else 0
    if not themes_of.FIRST_YEAR <= year <= present:
        raise NotFound
    return year


def _looked(standing: Standing, form: ThemesForm) -> LookedOver:
    """Findings in the words sent; suggestions are left to whoever writes."""
    key, rural = key_of(standing, standing.circle_id), circle(standing).rural
    texts = {"words": form.words.data or ""}
    found = look_over_texts(texts, key, own_words(standing), chosen_language(), rural=rural)
    return replace(found, details=tuple(replace(each, instead="") for each in found.details))


def _page(
    standing: Standing, form: ThemesForm, found: themes_of.Themes, looked: LookedOver | None = None
) -> str:
    home = circle(standing)
    years = sorted({*themes_of.years(standing), home.today.year, found.year}, reverse=True)
    return render_template(
        "discussions/year_themes.html",
        standing=standing,
        circle=home,
        form=form,
        year=found.year,
        years=years,
        versions=[(each, markup.render(each.words)) for each in found.versions],
        **page_values(looked, refused=looked is not None),
    )
