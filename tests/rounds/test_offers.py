"""What a composer fills in and offers, by the answer to "What would help?"."""

import pytest

from forum.discussions.reply_preferences import Wish
from forum.rounds.catalogue import shipped
from forum.rounds.offers import CircleRounds, rounds_to_begin, ways_on, ways_to_talk, ways_to_tell
from forum.rounds.templates import newest

NEW = CircleRounds()
ALL = CircleRounds(rounds={key: True for key in shipped().newest_rounds()}, has_facilitator=True)
NONE = CircleRounds(rounds={key: False for key in shipped().newest_rounds()})


def offered(circle, wish, told_by=None):
    talk = ways_to_talk(shipped(), circle, wish, told_by and newest(told_by))
    return talk.filled.name, [each.name for each in talk.offers]


@pytest.mark.parametrize(
    ("wish", "filled", "offers"),
    [
        (Wish.HEAR_ME_OUT, "Just talk",
         ["Questions first", "One question at a time", "What it stirs"]),
        (Wish.ASK_ME, "One question at a time", ["What it stirs"]),
        (Wish.BEEN_THERE, "Just talk", []),
        (Wish.ADVICE, "Questions first", ["Just talk", "Working on something"]),
        (Wish.NO_REPLY, "Just talk", []),
    ],
)  # fmt: skip
def test_a_wish_fills_in_how_we_talk(wish, filled, offers):
    assert offered(ALL, wish) == (filled, offers)


def test_there_is_a_line_for_every_wish():
    assert set(shipped().composer) == set(Wish)


@pytest.mark.parametrize(
    ("wish", "filled", "offers"),
    [
        (Wish.HEAR_ME_OUT, "Just talk", ["Questions first", "One question at a time"]),
        (Wish.ASK_ME, "One question at a time", []),
        (Wish.ADVICE, "Questions first", ["Just talk"]),
    ],
)
def test_a_new_circle_offers_three_ways_to_talk(wish, filled, offers):
    assert offered(NEW, wish) == (filled, offers)


@pytest.mark.parametrize("wish", Wish)
def test_what_a_circle_has_switched_off_is_not_offered(wish):
    assert offered(NONE, wish) == ("Just talk", [])


def test_some_ways_stand_there_only_while_there_is_a_facilitator():
    without = CircleRounds(rounds=ALL.rounds, has_facilitator=False)

    assert "What it stirs" in offered(ALL, Wish.ASK_ME)[1]
    assert "What it stirs" not in offered(without, Wish.ASK_ME)[1]
    assert [each.key for each in rounds_to_begin(shipped(), ALL, facilitates=True)] == ["theme"]
    assert rounds_to_begin(shipped(), without, facilitates=True) == []
    assert rounds_to_begin(shipped(), ALL, facilitates=False) == []


@pytest.mark.parametrize(
    ("told_by", "wish", "filled"),
    [
        ("relationship", Wish.HEAR_ME_OUT, "What it stirs"),
        ("challenge", Wish.HEAR_ME_OUT, "Working on something"),
        ("practice_matter", Wish.ADVICE, "Just talk"),
        ("quick_question", Wish.ADVICE, "Just talk"),
        ("dilemma", Wish.ADVICE, "Questions first"),
        ("relationship", Wish.NO_REPLY, "Just talk"),
    ],
)
def test_a_way_to_tell_brings_its_way_to_talk(told_by, wish, filled):
    assert offered(ALL, wish, told_by)[0] == filled


def test_a_way_to_tell_leaves_what_its_wish_would_have_filled_in_within_reach():
    assert offered(ALL, Wish.ASK_ME, "relationship") == (
        "What it stirs", ["One question at a time"],
    )  # fmt: skip
    assert offered(NEW, Wish.ASK_ME, "relationship") == ("One question at a time", [])


def test_a_new_circle_offers_seven_ways_to_tell():
    assert [each.name for each in ways_to_tell(shipped(), NEW)] == [
        "Just tell it",
        "Over the kettle",
        "What? So what? Now what?",
        "Between patient and doctor",
        "Learning from an event",
        "Torn between",
        "Running the practice",
    ]


def test_a_circle_switches_ways_to_tell_on_and_off():
    circle = CircleRounds(templates={"gibbs": True, "kettle": False, "free": False})

    names = [each.key for each in ways_to_tell(shipped(), circle)]

    assert "gibbs" in names
    assert "kettle" not in names
    assert names[0] == "free"


def test_stories_and_look_backs_are_no_way_to_begin():
    circle = CircleRounds(templates={each.key: True for each in shipped().newest_templates()})

    names = {each.key for each in ways_to_tell(shipped(), circle)}

    assert len(names) == 12
    assert not names & {"theme_story", "look_back"}


def test_a_round_is_offered_with_the_lengths_of_the_circle():
    circle = CircleRounds(lengths={"questions_first": {"asking": 5}, "theme": {"stories": 9}})

    filled = ways_to_talk(shipped(), circle, Wish.ADVICE).filled

    assert filled.phase("asking").days == 5
    assert filled.sentence == "A few days of questions, then answers."


def test_talking_another_way_offers_the_others():
    now = shipped().newest_rounds()["questions_first"]

    assert [each.key for each in ways_on(shipped(), NEW, now)] == ["open", "inviting_change"]


@pytest.mark.parametrize(
    "circle",
    [
        CircleRounds(rounds={"gone": True}),
        CircleRounds(templates={"gone": True}),
        CircleRounds(lengths={"gone": {"asking": 3}}),
        CircleRounds(lengths={"theme": {"gone": 3}}),
        CircleRounds(lengths={"theme": {"stories": 61}}),
    ],
)
def test_settings_that_fit_nothing_are_refused(circle):
    with pytest.raises(ValueError, match=r"gone|61 days"):
        circle.check(shipped())


def test_settings_of_a_definition_that_changed_do_no_harm():
    circle = CircleRounds(lengths={"questions_first": {"gone": 3, "asking": 4}})

    assert ways_to_talk(shipped(), circle, Wish.ADVICE).filled.lengths == {"asking": 4}
