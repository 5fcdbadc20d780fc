from uuid import UUID

from tests.doors import Door

DOORS = {
    "safety.guardians": Door.LEAD,
    "safety.end_guardian": Door.LEAD,
    "safety.guardian": Door.GUARDIAN,
    "safety.accept": Door.GUARDIAN,
    "safety.step_down": Door.MEMBER,
    "safety.case": Door.GUARDIAN,
    "safety.decide": Door.GUARDIAN,
    "safety.open_name": Door.GUARDIAN,
    "safety.hold_back": Door.GUARDIAN,
    "safety.review": Door.GUARDIAN,
    "safety.answer_advice": Door.GUARDIAN,
    "safety.ask_advice": Door.MODERATOR,
    "safety.ask_guardians": Door.MODERATOR,
    "safety.danger": Door.MODERATOR,
    "safety.show_help": Door.MODERATOR,
}


def arguments(world):
    ids = ("guardian_id", "request_id", "question_id")
    return dict.fromkeys(ids, UUID(int=1))
