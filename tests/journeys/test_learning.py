"""What it gives back: from a thread to the PDF for an appraisal, on a phone, with scripts and
without, in fewer than six presses."""

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.journeys.visitor import PHONE

LEARNED = "I am late when I cannot end a conversation that frightens me."


@pytest.fixture(params=["scripts on", "scripts off", "by night"])
def ray(forum, visit, request):
    dark = {"scheme": "dark"} if request.param == "by night" else {}
    ray = visit(forum, size=PHONE, scripts=request.param != "scripts off", **dark)
    ray.sign_in("ray")
    return ray


def test_a_thread_becomes_a_pdf_in_under_six_presses(forum, ray):
    thread = forum.world.present("pru", "A day of visits", "It was long.")
    ray.open(f"/circles/{forum.world.ids['rose']}/threads/{thread}")
    ray.taps = 0

    ray.follow("Keep what you learned")
    ray.write(learned=LEARNED, will_change="Say at the door that I am late.")
    ray.press("Save note")
    ray.follow("For my appraisal")
    ray.press("Check before downloading")
    with ray.page.expect_download() as coming:
        ray.page.get_by_role("button", name="Download PDF").click()

    file = coming.value
    assert ray.taps + 1 < 6
    assert file.suggested_filename.startswith("peer-reflection-")
    text = " ".join(
        page.extract_text() for page in PdfReader(BytesIO(file.path().read_bytes())).pages
    )
    assert LEARNED in " ".join(text.split())


def test_a_note_is_changed_and_deleted(forum, ray):
    ray.open("/learning/new")
    ray.write(learned="A fever is a number.")
    ray.press("Save note")
    ray.follow("Edit")
    ray.write(learned="A fever is a number, and a mother is not.")
    ray.press("Save changes")
    assert "a mother is not" in ray.words

    ray.page.locator("article", has_text="a mother is not").get_by_role(
        "link", name="Delete"
    ).click()
    ray.page.wait_for_load_state()
    ray.look()
    ray.press("Delete note")

    assert "a mother is not" not in ray.words
