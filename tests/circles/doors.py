from tests.doors import Door

DOORS = {"circles.mine": Door.MEMBER}


def arguments(world):
    return {"circle_id": world.ids["rose"]}
