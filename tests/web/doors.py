from tests.doors import Door

DOORS = {
    "static": Door.PUBLIC,
    "sheet": Door.PUBLIC,
    "manifest": Door.PUBLIC,
    "speak": Door.PUBLIC,
    "styleguide": Door.PUBLIC,
    "healthz": Door.PUBLIC,
}


def arguments(world):
    return {"filename": "css/base.css", "digest": "0123456789abcdef"}
