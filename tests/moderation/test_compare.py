"""A changed hidden post beside the text that was hidden, with the words marked that differ."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.moderation.comparisons import WORDS_MAX, compared
from tests.moderation.test_flag import ask, edit, flag
from tests.page import Page

BEFORE = "The farm lies above Sampleton, the one with the red barn. He had waited."
NOW = "The farm lies a long way up. He had waited."


def desk(world, client=None):
    return Page((client or world.client("mo")).get(f"/circles/{world.ids['rose']}/desk"))


@pytest.fixture
def changed(world):
    """World with a post that Ray changed after it was hidden; gives its id."""
    post = world.reply("ray", BEFORE)
    flag(world, "joe", post)
    ask(world, post, "The barn, please.")
    edit(world, "ray", post, NOW)
    return post


def test_the_desk_shows_both_texts_side_by_side(world, changed):
    article = desk(world).one("article", cls="changed")
    before, now = article.all("div", cls="both-words")

    assert (before.text, now.text) == (BEFORE, NOW)
    assert [each.text for each in before.all("del")] == [
        "above Sampleton, the one with the red barn."
    ]
    assert [each.text for each in now.all("ins")] == ["a long way up."]
    assert article.one("q").text == "The barn, please."


def test_the_desk_shows_a_changed_post_again(world, changed):
    mo = world.client("mo")
    form = desk(world, mo).one("article", cls="changed").form("/care")

    mo.post(form["action"], data={each["name"]: each.value for each in form.all("input")})

    assert NOW in world.client("joe").get(world.thread).text
    assert desk(world).all("article", cls="changed") == []


def test_only_the_first_changed_post_has_the_main_button(world, changed):
    other = world.reply("ivy", BEFORE)
    flag(world, "pru", other)
    edit(world, "ivy", other, NOW)

    buttons = [each.button("Show post again") for each in desk(world).all("article", cls="changed")]

    assert [each.get("class") for each in buttons] == [None, "quiet-button"]


@given(st.text(max_size=60), st.text(max_size=60))
def test_pieces_are_the_texts_whole(before, now):
    found = compared(before, now)

    assert "".join(text for text, _ in found.before) == before
    assert "".join(text for text, _ in found.now) == now
    if before == now:
        assert not any(marked for _, marked in [*found.before, *found.now])


def test_long_texts_are_compared_within_a_second():
    words = [f"word{number}" for number in range(WORDS_MAX)]
    began = time.perf_counter()

    compared(" ".join(words), " ".join(reversed(words)))
    compared("a " * (WORDS_MAX - 1), "a " * (WORDS_MAX - 2))
    compared("a " * WORDS_MAX, "a b " * (WORDS_MAX // 2))  # on which difflib takes a minute
    longer = compared("x " * WORDS_MAX * 8, "y " * WORDS_MAX * 8)

    assert time.perf_counter() - began < 5  # of a busy machine
    assert not longer.is_marked
