"""Every route there is, as it stands for the Rose circle, and what somebody meets who tries it."""

from importlib import import_module
from pathlib import Path

ROOMS = [
    import_module(f"tests.{path.parent.name}.doors")
    for path in sorted(Path(__file__).parent.glob("*/doors.py"))
]
DOORS = {endpoint: door for room in ROOMS for endpoint, door in room.DOORS.items()}
LAST = {endpoint for room in ROOMS for endpoint in getattr(room, "LAST", ())}
REFUSED = {403: "refused", 404: "nothing", 410: "gone"}


def parts_of(world):
    """A value for each part of an address; what has to be there for it is made."""
    known = {}
    for room in ROOMS:
        known |= getattr(room, "arguments", lambda world: {})(world)
    return known


def routes_of(world, parts=None, who="ray"):
    """(endpoint, method, url) of every route, those that end something last.

    parts: as `parts_of` gives them, or others. who: for whom ids are hidden in an address.
    """
    parts = parts or parts_of(world)
    found = [
        (rule.endpoint, method, world.url(rule.endpoint, who=who, **parts))
        for rule in world.app.url_map.iter_rules()
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
    ]
    return sorted(found, key=lambda route: route[0] in LAST)


def knock(client, method, url):
    return client.submit(url) if method == "POST" else client.open(url, method=method)


def met(answer):
    """Outcome of a request: "in" where the door opened, whatever stood behind it."""
    if answer.status_code == 303 and answer.location.partition("?")[0] == "/sign-in":
        return "sign in"
    assert answer.status_code < 500
    return REFUSED.get(answer.status_code, "in")
