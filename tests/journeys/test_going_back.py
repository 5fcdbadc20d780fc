"""The browser's own buttons, and a hand that presses twice."""

import re
from urllib.parse import unquote

import pytest

from forum.core.db import db
from forum.discussions.models import Reply, Thread
from tests.journeys.visitor import PHONE

A_THREAD = re.compile(r"/threads/[0-9a-f-]{36}(#.*)?$")


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def ray(forum, visit, request):
    ray = visit(forum, size=PHONE, scripts=request.param)
    ray.sign_in("ray")
    return ray


def how_many(forum, kind):
    with forum.app.app_context():
        return db.session.scalar(db.select(db.func.count()).select_from(kind))


def test_what_was_found_is_there_again_after_back_and_reload(forum, ray):
    ray.follow("Search")
    ray.write(words="hard morning")
    ray.press("Search")
    found = ray.words
    assert "Torn between two" in found

    ray.follow("Newest first")
    ray.follow("Torn between two")
    ray.go_back()
    ray.go_back()
    ray.reload()

    assert ray.words == found
    assert ray.typed("words") == "hard morning"
    assert "hard" not in unquote(ray.page.url)


def test_going_back_after_posting_neither_loses_nor_doubles(forum, ray):
    ray.follow("Write")
    ray.write(field_story="Once only.", title="Once")
    ray.choose("Dr Ray")
    ray.press("Check before posting")
    ray.press("Post as Dr Ray")
    thread, posted = ray.page.url, how_many(forum, Thread)

    ray.go_back()
    assert ray.page.url == thread  # where it was looked over, now leads to it
    ray.go_back()
    ray.write(field_story="Something else, begun on the old page.", title="Another")
    ray.choose("Dr Ray")
    ray.press("Check before posting")

    assert "Press again to save this text" in ray.words
    ray.press("Check before posting")
    assert how_many(forum, Thread) == posted
    ray.press("Post as Dr Ray")

    assert "Something else" in ray.words
    assert how_many(forum, Thread) == posted + 1


def test_a_double_press_posts_once(forum, ray):
    threads, replies = how_many(forum, Thread), how_many(forum, Reply)
    ray.follow("Write")
    ray.write(field_story="Told once.", title="Pressed twice")
    ray.choose("Dr Ray")
    ray.press("Check before posting")

    ray.press_twice("Post as Dr Ray", A_THREAD)
    ray.follow("Reply")
    ray.write(body="Answered once.")
    ray.press_twice("Reply as Dr Ray", A_THREAD)

    assert ray.words.count("Answered once.") == 1
    assert how_many(forum, Thread) == threads + 1
    assert how_many(forum, Reply) == replies + 1
