"""Doors: the terms in which each room declares who may open its routes, in tests/<room>/doors.py.

DOORS = {"circles.show": Door.CIRCLE, "circles.rename": Door.MODERATOR}

def arguments(world):  # values for the parts of the room's URLs, where the door is Rose's
    return {"circle_id": world.ids["rose"]}
"""

from enum import Enum


class Door(Enum):
    """People who may open a route; all others meet the sign-in page or 404."""

    PUBLIC = "anyone, signed in or not"
    ACCOUNT = "whoever is signed in, the programme lead included"
    MEMBER = "any account but the programme lead's"
    CIRCLE = "members of the circle"
    CIRCLE_NOT_NOW = "members of the circle, who are all refused as it stands; see its own tests"
    OWN = "whoever wrote it; the address is hidden for them, and opens nothing for anyone else"
    NOBODY = "whoever left; nobody of those who knock here did"
    GUARDIAN = "guardians; nobody of those who knock here is one"
    HIDDEN_ID = "the member for whom the address was hidden; it opens nothing for anyone else"
    MODERATOR = "moderators of the circle; its other members are refused"
    LEAD = "the programme lead"
    LINK = "whoever has a living link; with any other, nobody is told anything"
    WAY_IN = "whoever has a living link but the programme lead; any other says that it is gone"
    OWN_WAY_IN = "the same, for whoever is signed in"
    MAILED_LINK = "whoever has a living link, the programme lead included; any other says so too"
    OWN_MAILED_LINK = "whoever is signed in and has a living link; any other says that it is gone"


# What each of the cast meets at each kind of door: "in", "refused" (403), "nothing" (404), "gone"
# (410) or "sign in". Ray wrote what stands behind OWN doors, Pru did not; Mo moderates the
# circle of both; Nan moderates the one next door; Sol belongs nowhere; Lee leads the programme.
OUTSIDE = {"nan": "nothing", "sol": "nothing", "lee": "nothing", None: "sign in"}
MET = {
    Door.PUBLIC: dict.fromkeys(("ray", "pru", "mo", "nan", "sol", "lee", None), "in"),
    Door.ACCOUNT: dict.fromkeys(("ray", "pru", "mo", "nan", "sol", "lee"), "in")
    | {None: "sign in"},
    Door.MEMBER: dict.fromkeys(("ray", "pru", "mo", "nan", "sol"), "in")
    | {"lee": "nothing", None: "sign in"},
    Door.CIRCLE: dict.fromkeys(("ray", "pru", "mo"), "in") | OUTSIDE,
    Door.CIRCLE_NOT_NOW: dict.fromkeys(("ray", "pru", "mo"), "refused") | OUTSIDE,
    Door.OWN: {"ray": "in", "pru": "nothing", "mo": "nothing"} | OUTSIDE,
    Door.NOBODY: dict.fromkeys(("ray", "pru", "mo"), "nothing") | OUTSIDE,
    Door.GUARDIAN: dict.fromkeys(("ray", "pru", "mo"), "nothing") | OUTSIDE,
    Door.HIDDEN_ID: {"ray": "in", "pru": "nothing", "mo": "nothing"} | OUTSIDE,
    Door.MODERATOR: {"ray": "refused", "pru": "refused", "mo": "in"} | OUTSIDE,
    Door.LEAD: dict.fromkeys(("ray", "pru", "mo", "nan", "sol"), "nothing")
    | {"lee": "in", None: "sign in"},
    Door.LINK: dict.fromkeys(("ray", "pru", "mo", "nan", "sol", "lee", None), "nothing"),
    Door.WAY_IN: dict.fromkeys(("ray", "pru", "mo", "nan", "sol", None), "gone")
    | {"lee": "nothing"},
    Door.OWN_WAY_IN: dict.fromkeys(("ray", "pru", "mo", "nan", "sol"), "gone")
    | {"lee": "nothing", None: "sign in"},
    Door.MAILED_LINK: dict.fromkeys(("ray", "pru", "mo", "nan", "sol", "lee", None), "gone"),
    Door.OWN_MAILED_LINK: dict.fromkeys(("ray", "pru", "mo", "nan", "sol", "lee"), "gone")
    | {None: "sign in"},
}
