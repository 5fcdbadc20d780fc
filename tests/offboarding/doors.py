from forum.circles.queries import left_places
from forum.core.db import unit_of_work
from forum.offboarding import services
from tests.doors import Door

DOORS = {
    "offboarding.words": Door.MEMBER,
    "offboarding.copy_by_link": Door.MAILED_LINK,
    "offboarding.take_along": Door.MEMBER,
    "offboarding.leave": Door.CIRCLE,
    "offboarding.go": Door.CIRCLE,
    "offboarding.undo": Door.NOBODY,
    "offboarding.take_away": Door.NOBODY,
    "offboarding.take_invented_away": Door.NOBODY,
    "offboarding.delete": Door.MEMBER,
    "offboarding.delete_account": Door.MEMBER,
    "offboarding.keep": Door.MEMBER,
}
LAST = ["offboarding.go", "offboarding.delete_account"]


def arguments(world):
    """Former membership of Joe's: no visitor to these routes may restore it."""
    with world.app.app_context():
        with unit_of_work():
            services.leave(world.ids["joe"], world.ids["rose"], words_go=False)
        [place] = left_places(world.ids["joe"])
        return {"left_id": place.id, "pace": "now", "secret": "none"}
