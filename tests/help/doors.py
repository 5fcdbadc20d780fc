from tests.doors import Door

DOORS = {
    "help.index": Door.PUBLIC,
    "help.example": Door.PUBLIC,
    "help.handbook": Door.PUBLIC,
    "help.hiding": Door.PUBLIC,
    "help.yourself": Door.PUBLIC,
    "help.accessibility": Door.PUBLIC,
    "help.privacy": Door.PUBLIC,
    "help.safety": Door.PUBLIC,
    "help.complaints": Door.PUBLIC,
    "help.about": Door.PUBLIC,
    "help.terms": Door.PUBLIC,
}
