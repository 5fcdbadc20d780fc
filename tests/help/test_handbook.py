"""The handbook of moderators: each way to talk with a picture, each way to tell, and sources."""

from itertools import pairwise

import pytest

from forum.help import pictures
from forum.rounds.catalogue import shipped
from tests.page import Page

ROUNDS = shipped().newest_rounds()


def test_every_way_to_talk_has_a_picture_with_words(world):
    page = Page(world.client("mo").get("/help/looking-after-a-circle"))

    drawn = [each.one("svg") for each in page.all("figure", cls="year")]
    assert len(drawn) == len(ROUNDS)
    for each, round_ in zip(drawn, ROUNDS.values(), strict=True):
        assert round_.name in each["aria-label"]
        assert len(each.all("text")) == len(round_.phases)
    stirs = next(each for each in drawn if "What it stirs" in each["aria-label"])
    assert "2. Colleagues write. 3. The person who tells writes." in " ".join(
        stirs["aria-label"].split()
    )


@pytest.mark.parametrize("key", ROUNDS)
def test_a_picture_fills_its_width_without_overlap(key):
    parts = pictures.way(ROUNDS[key]).stretches

    assert parts[0].x == 0
    assert abs(parts[-1].x + parts[-1].width - pictures.WIDTH) < 1
    for one, following in pairwise(parts):
        assert one.x + one.width < following.x


def test_ways_to_tell_and_sources_are_named(world):
    text = world.client("mo").get("/help/looking-after-a-circle").text

    for each in shipped().newest_templates():
        assert (f"<dt>{each.name}</dt>" in text) is (each.use == "composer")
    assert "Balint" in text
    assert "Launer" in text
    for page in ("/help", "/help/looking-after-a-circle"):
        assert 'class="sources"' in world.client().get(page).text
