from tests.doors import Door

DOORS = {"search.ask": Door.MEMBER, "search.find": Door.MEMBER, "search.results": Door.MEMBER}


def arguments(world):
    return {"token": "none"}
