"""Words of despair or danger bring help to their writer alone, and content notes fold words."""

import pytest

from forum.discussions import thread_queries
from forum.discussions.composer import Quoted
from forum.policy.terms import AuthorMode, ContentNote
from tests.discussions.test_details import CLEAN, Desk
from tests.discussions.test_drafts import Window

DESPAIR = "I can't go on like this."
DANGER = "I think she is being beaten at home."
HEAVY, TODAY = "you need not carry it alone", "Does anything need doing today?"


@pytest.fixture
def ray(world):
    return Desk(world)


def arrived(desk, answer):
    """The page on which somebody ends up after pressing."""
    return desk.client.get(answer.location, follow_redirects=True)


@pytest.mark.parametrize(
    ("body", "heavy", "today"),
    [(CLEAN, 0, 0), (DESPAIR, 1, 0), (DANGER, 0, 1), (f"{DESPAIR} {DANGER}", 1, 1)],
)
def test_help_stands_on_the_next_page_once(world, ray, body, heavy, today):
    page = arrived(ray, ray.client.answer(world.thread, body=body, do="own_name"))
    again = ray.client.get(world.thread)

    assert (page.text.count(HEAVY), page.text.count(TODAY)) == (heavy, today)
    assert HEAVY not in again.text
    assert TODAY not in again.text


def test_it_stands_on_look_it_over_too(world, ray):
    _url, page = ray.tell(f"A quiet visit. {DESPAIR}")

    assert HEAVY in page.text


@pytest.mark.parametrize(
    ("body", "more", "said"),
    [
        (f"A quiet visit. {DESPAIR}", {}, True),
        (f"A quiet visit. {DESPAIR}", {"notes": ["suicide_or_self_harm"]}, False),
        ("A quiet visit.", {}, False),
    ],
    ids=["despair", "with a note", "neither"],
)
def test_a_content_note_is_suggested_after_words_of_despair(ray, body, more, said):
    _url, page = ray.tell(body, **more)

    assert ("lets readers choose when to open this" in page.text) is said


def test_a_first_reading_has_no_content_note_where_one_has_none(world):
    noted = {"notes": [ContentNote.PATIENT_DEATH]}
    with world.app.app_context():
        standing = world.standing("nan", "oak")
    first = world.present("nan", "The first", "Heavy.", circle="oak", **noted)
    with world.app.app_context():
        assert thread_queries.first_reading(standing).id == first
    second = world.present("nan", "The second", "Light.", circle="oak")
    with world.app.app_context():
        assert thread_queries.first_reading(standing).id == second


def test_the_page_after_posting_begins_with_it(world, ray):
    """Fails when the browser goes on to the post, past the panel."""
    plain = ray.client.answer(world.thread, body=CLEAN, do="own_name")
    beside = ray.client.get(plain.location)
    heavy = ray.client.answer(world.thread, body=DESPAIR, do="own_name")

    assert "#post-" in beside.location
    assert "#" not in ray.client.get(heavy.location).location


@pytest.mark.leaks
def test_nobody_else_meets_it_and_nothing_is_kept(world, ray):
    ray.client.answer(world.thread, body=DESPAIR, do="own_name")
    page = world.client("mo").get(world.thread).text

    assert DESPAIR.replace("'", "&#39;") in page or DESPAIR in page
    assert HEAVY not in page


def test_a_change_brings_help_only_for_words_that_are_new(world, ray):
    edit = world.url("discussions.edit", post_id=world.reply("ray", DESPAIR))

    same = arrived(ray, Window(ray.client, edit).press("keep", body=f"{DESPAIR} I sleep badly."))
    other = arrived(ray, Window(ray.client, edit).press("keep", body=f"{DESPAIR} {DANGER}"))

    assert (HEAVY in same.text, HEAVY in other.text, TODAY in other.text) == (False, False, True)


def test_a_content_note_folds_what_is_quoted_of_the_opening(world):
    told = world.present("pru", "A hard one", "He hit her.", notes=(ContentNote.OTHER,))
    quoted = Quoted(told, "He hit her.")
    world.reply("ray", "I wonder.", AuthorMode.OWN_NAME, quoted=quoted, thread_id=told)

    page = world.client("mo").get(f"/circles/{world.ids['rose']}/threads/{told}").text

    assert page.count('<summary class="content-note">') == 2
