"""Time zones on offer: regions, and the places of one region."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from flask import Flask, request
from flask_babel import lazy_gettext as _
from wtforms import SelectField

from forum.core.clock import is_zone, now
from forum.web.forms import Form

# First parts of the names in the IANA time zone database; its other names are older spellings.
REGIONS = {
    "Europe": _("Europe"),
    "America": _("North and South America"),
    "Africa": _("Africa"),
    "Asia": _("Asia"),
    "Australia": _("Australia"),
    "Pacific": _("Pacific Ocean"),
    "Indian": _("Indian Ocean"),
    "Atlantic": _("Atlantic Ocean"),
}
ZONES = frozenset(name for name in available_timezones() if name.partition("/")[0] in REGIONS)


def init_app(app: Flask) -> None:
    """Give templates `zone_label`, `time_in` and `zone_regions`."""
    app.jinja_env.globals |= {"zone_label": zone_label, "time_in": time_in, "zone_regions": REGIONS}


class ZoneForm(Form):
    """A place, by its time zone."""

    # Checked by the service, since a browser may name a zone that no list shows.
    timezone = SelectField(_("Nearest place"), validate_choice=False)

    def offer(self, region: str, chosen: str) -> None:
        """Set the places of a region; none without one."""
        known = places(region)
        blank = {} if chosen in known else {"": _("Choose a place")}
        self.timezone.choices = list((blank | known).items())
        if not self.is_submitted():
            self.timezone.data = chosen


def region_asked() -> str:
    """Region named in the request's address; "" if unknown."""
    region = request.args.get("region", "")
    return region if region in REGIONS else ""


def places(region: str) -> dict[str, str]:
    """Places of a region, zone name -> label, in the order of their labels."""
    labels = ((name, _place(name)) for name in ZONES if name.partition("/")[0] == region)
    return dict(sorted(labels, key=lambda each: each[1]))


def zone_label(name: str) -> str:
    """Time zone as shown: "London (Europe)", "Buenos Aires (America, Argentina)"."""
    region, _sep, place = name.replace("_", " ").rpartition("/")
    return f"{place} ({region.replace('/', ', ')})" if region else place


def time_in(name: str) -> str:
    """Time of day in a zone, HH:MM; UTC's for an unknown one."""
    there: datetime = now().astimezone(ZoneInfo(name if is_zone(name) else "UTC"))
    return f"{there:%H:%M}"


def _place(name: str) -> str:
    return name.partition("/")[2].replace("_", " ").replace("/", ", ")
