from html import unescape

from forum.policy.terms import ContentNote


def test_a_content_note_keeps_the_passage_closed_until_it_is_asked_for(world):
    noted = {"notes": (ContentNote.PATIENT_DEATH,)}
    thread_id = world.present("pru", "Another day", "Hard, as that was.", **noted)
    world.reply("ray", "A kestrel over the road", thread_id=thread_id)

    page = world.client("mo").search("kestrel hard").text

    assert (page.count('<li class="hit">'), page.count("<details>")) == (3, 2)
    assert unescape(page).count("a patient's death") == 2
    for passage in page.split("<details>")[1:]:
        closed, _, rest = passage.partition("</details>")
        assert "<mark>" in closed
        assert "<mark>" not in rest.partition("</li>")[0]
