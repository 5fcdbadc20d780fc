"""Has anyone been through this? Asked in other words than it was told."""

from importlib.util import find_spec

import pytest

from config import Config
from forum.search import vector_jobs
from forum.search.services import build_due
from tests.journeys.visitor import DESKTOP, PHONE

HERE = Config.MEANING.exists() and find_spec("onnxruntime") is not None
pytestmark = pytest.mark.skipif(
    not HERE, reason="not run: the optional part is not here; make install MEANING=1 installs it"
)
LETTER = (
    "I saw from the crest that it was a complaint. For three days the envelope lay on my desk,"
    " and I could not bring myself to read the letter."
)


def test_a_fear_finds_who_had_it_too(forum, visit):
    forum.world.present("ray", "The brown envelope", LETTER)
    forum.world.present("fay", "Methotrexate", "We changed how repeat prescriptions are signed.")
    with forum.app.app_context():
        build_due()
        vector_jobs.catch_up(lambda: False)
    pru = visit(forum, size=PHONE)
    pru.sign_in("pru")

    pru.follow("Search")
    pru.write(words="afraid of opening the post")
    pru.press("Search")

    assert "Near to it" in pru.words
    pru.follow("The brown envelope")
    assert "could not bring myself" in pru.words


@pytest.mark.parametrize(
    ("size", "scheme"),
    [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "light"), (DESKTOP, "dark")],
    ids=["phone", "phone by night", "desktop", "desktop by night"],
)
def test_before_posting_three_older_threads_stand_below_the_button(
    told_before, visit, size, scheme
):
    pru = visit(told_before, size=size, scheme=scheme)
    pru.sign_in("pru")
    pru.open(f"/circles/{told_before.world.ids['rose']}/write")
    pru.write(field_story="A letter of complaint came, and I was too afraid to open it for days.")
    pru.choose("Dr Pru")
    pru.press("Check before posting")

    near = pru.page.get_by_role("region", name="Others told of something near")
    post = pru.page.get_by_role("button", name="Post as Dr Pru")
    assert near.get_by_role("link").count() == 3
    assert near.bounding_box()["y"] > post.bounding_box()["y"]
    assert "Methotrexate" not in near.inner_text()
    near.get_by_role("link", name="In my pigeonhole").click()
    pru.page.wait_for_load_state()
    pru.look()
    assert "could not bring myself" in pru.words


@pytest.fixture(scope="module")
def told_before(forum):
    """The forum with four threads about complaints, and their vectors."""
    for who, title, told in (
        ("ray", "In my pigeonhole", LETTER),
        ("fay", "From the board", "A complaint reached me in writing. I was afraid to read it."),
        ("mo", "Her solicitor", "The letter was from a solicitor. I hid it in a drawer for days."),
        ("joe", "Dread of mail", "Since that complaint I dread each letter, and leave them shut."),
        ("ivy", "Methotrexate", "We changed how repeat prescriptions are signed."),
    ):
        forum.world.present(who, title, told)
    with forum.app.app_context():
        build_due()
        vector_jobs.catch_up(lambda: False)
    return forum
