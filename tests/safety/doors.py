from uuid import UUID

from tests.doors import Door

DOORS = {
    "safety.guardians": Door.LEAD,
    "safety.end_guardian": Door.LEAD,
    "safety.guardian": Door.GUARDIAN,
    "safety.accept": Door.GUARDIAN,
    "safety.step_down": Door.GUARDIAN,
    "safety.danger": Door.MODERATOR,
    "safety.show_help": Door.MODERATOR,
}


def arguments(world):
    return {"guardian_id": UUID(int=1)}
