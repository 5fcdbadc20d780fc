from forum.circles.queries import left_places
from forum.core.db import unit_of_work
from forum.leaving import services
from tests.doors import Door

DOORS = {
    "leaving.words": Door.MEMBER,
    "leaving.take_along": Door.MEMBER,
    "leaving.leave": Door.CIRCLE,
    "leaving.go": Door.CIRCLE,
    "leaving.undo": Door.NOBODY,
    "leaving.take_away": Door.NOBODY,
    "leaving.take_invented_away": Door.NOBODY,
    "leaving.delete": Door.MEMBER,
    "leaving.delete_account": Door.MEMBER,
    "leaving.keep": Door.MEMBER,
}
LAST = ["leaving.go", "leaving.delete_account"]


def arguments(world):
    """A place that Joe left: nobody who knocks here may undo it."""
    with world.app.app_context():
        with unit_of_work():
            services.leave(world.ids["joe"], world.ids["rose"], words_go=False)
        [place] = left_places(world.ids["joe"])
        return {"left_id": place.id, "pace": "now"}
