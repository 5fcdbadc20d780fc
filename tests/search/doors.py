from tests.doors import Door

DOORS = {
    "search.ask": Door.MEMBER,
    "search.find": Door.MEMBER,
    "search.results": Door.MEMBER,
    "search.like": Door.CIRCLE,
}


def arguments(world):
    return {"token": "none", "circle_id": world.ids["rose"], "thread_id": world.ids["thread"]}
