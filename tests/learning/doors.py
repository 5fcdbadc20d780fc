from forum.core.db import unit_of_work
from forum.learning import services
from forum.learning.note_content import NoteContent
from tests.doors import Door
from tests.world import MORNING

DOORS = {
    "learning.index": Door.MEMBER,
    "learning.search": Door.MEMBER,
    "learning.found": Door.MEMBER,
    "learning.keep": Door.CIRCLE,
    "learning.new": Door.MEMBER,
    "learning.note": Door.OWN,
    "learning.delete": Door.OWN,
    "learning.appraisal": Door.MEMBER,
    "learning.look": Door.MEMBER,
    "learning.download": Door.MEMBER,
}
LAST = ["learning.delete"]


def arguments(world):
    """A note of Ray's."""
    with world.app.app_context(), unit_of_work():
        content = NoteContent(
            learned="To wait", title="Peer", day=MORNING.date(), scheme="uk_appraisal"
        )
        number = services.write(world.ids["ray"], content)
    return {"note_number": number}
