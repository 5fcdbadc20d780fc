"""Two members become a pair on a phone: asked on the list of people, answered on home."""

import pytest

from tests.journeys.visitor import PHONE

FIRST_LINE = "How often would you like to write, and for how long?"


@pytest.mark.parametrize(
    ("asker", "asked", "scripts"), [("ray", "pru", True), ("joe", "ivy", False)]
)
def test_two_become_a_pair_and_write(forum, visit, asker, asked, scripts):
    names = {who: f"Dr {who.title()}" for who in (asker, asked)}
    people = f"/circles/{forum.world.ids['rose']}/people"
    one, two = (
        visit(forum, size=PHONE, scripts=scripts, untitled=(*names.values(),)) for _ in names
    )
    one.sign_in(asker)
    two.sign_in(asked)

    two.open(people)
    two.press("I have room for one pair")
    one.open(people)
    one.press(f"Ask for a pair {names[asked]}")
    assert "You have asked for a pair." in one.words
    two.open("/")
    two.press(f"Yes : {names[asker]} asks whether you two would talk for a while.")

    assert FIRST_LINE in two.words
    two.follow("Write")
    two.write(field_story="Once a fortnight, a few lines, until the summer?", title="How often")
    two.press("Check before posting")
    two.press(f"Post as {names[asked]}")
    assert "Once a fortnight" in two.words
    one.open("/")
    assert f"{names[asker]} and {names[asked]}" in one.words
    one.follow("How often")
    assert "Once a fortnight" in one.words


def test_one_conversation_is_opened_in_a_few_taps(forum, visit):
    kit = visit(forum, size=PHONE, scripts=False)
    kit.sign_in("kit")

    kit.open("/circles/open")
    kit.choose("One conversation")
    kit.write(name="The inquest")
    kit.press("Start circle")

    assert "Write a reflection" in kit.words
    assert "Which name should it appear under?" not in kit.words
