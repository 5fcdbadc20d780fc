from tests.doors import Door

DOORS = {"static": Door.PUBLIC, "healthz": Door.PUBLIC}


def arguments(world):
    return {"filename": "css/base.css"}
