"""Time zones on offer: where English-speaking clinicians live, and a few beyond."""

from collections.abc import Iterable
from zoneinfo import available_timezones

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # not yet in stubs

# Home first, then from west to east. Source of the names: IANA time zone database.
ZONES = """
Europe/London Europe/Dublin
Pacific/Honolulu America/Anchorage America/Vancouver America/Los_Angeles America/Edmonton
America/Denver America/Regina America/Winnipeg America/Chicago America/Toronto America/New_York
America/Halifax America/St_Johns America/Sao_Paulo
UTC Atlantic/Reykjavik Africa/Lagos Europe/Lisbon Europe/Madrid Europe/Paris Europe/Berlin
Europe/Rome Europe/Stockholm Europe/Warsaw Europe/Athens Europe/Helsinki Africa/Cairo
Africa/Johannesburg Africa/Nairobi Asia/Riyadh Asia/Dubai Asia/Karachi Asia/Colombo Asia/Kolkata
Asia/Dhaka Asia/Bangkok Asia/Singapore Asia/Hong_Kong Asia/Manila Asia/Tokyo
Australia/Perth Australia/Darwin Australia/Adelaide Australia/Brisbane Australia/Hobart
Australia/Melbourne Australia/Sydney Pacific/Auckland Pacific/Fiji
"""


def zone_labels(*also: str) -> dict[str, str]:
    """Options of a time zone field, name -> label. also: names already chosen."""
    known = available_timezones()
    return {name: _label(name) for name in (*ZONES.split(), *also) if name in known}


def by_region(names: Iterable[str]) -> list[SelectChoice]:
    """Options of a time zone field in groups, for a list too long to read through."""
    parts = ((name, *name.replace("_", " ").partition("/")) for name in names)
    return [SelectChoice(name, place, optgroup=region) for name, region, _, place in parts]


def _label(name: str) -> str:
    region, _, place = name.replace("_", " ").rpartition("/")
    return f"{place} ({region})" if region else place
