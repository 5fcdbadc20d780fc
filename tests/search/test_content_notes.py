from forum.core.db import db, unit_of_work
from forum.discussions.models import Thread
from forum.policy.terms import ContentNote


def test_a_content_note_keeps_the_passage_closed_until_it_is_asked_for(world):
    world.reply("ray", "A kestrel over the road")
    with world.app.app_context(), unit_of_work():
        thread = db.session.get(Thread, world.ids["thread"])
        thread.content_notes = [ContentNote.PATIENT_DEATH]

    page = world.client("mo").search("kestrel hard").text

    assert page.count("<details>") == 2
    assert "patient death" in page.lower()
    for passage in page.split("<details>")[1:]:
        closed, _, rest = passage.partition("</details>")
        assert "<mark>" in closed
        assert "<mark>" not in rest.partition("</li>")[0]
