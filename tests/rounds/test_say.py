"""The sentences of a thread's row, of what can be done now, and of what is not open."""

from string import Formatter

import pytest

from forum.policy.terms import Part, ReplyKind, RoundKind
from forum.rounds import sentences
from forum.rounds.catalogue import shipped
from forum.rounds.moves import Move, MoveKind
from forum.rounds.permissions import verdict
from forum.rounds.phase_rows import phase_row
from forum.rounds.timeline import Hold
from scripts.translations import messages
from tests.rounds.circles import LONDON, may, talk
from tests.rounds.test_write_in_phases import PRU, RAY, asked


def spoken(*said):
    """Sentences as an English page shows them."""
    return " ".join(
        each.text % {key: shown(value) for key, value in each.values.items()} for each in said
    )


def shown(value):
    return f"{value.astimezone(LONDON):%a %-d %b}" if hasattr(value, "astimezone") else value


def test_the_row_reads_well_aloud():
    row = phase_row(talk(at=may(11)))

    assert ". ".join(spoken(sentences.place(each)) for each in row) == (
        "Questions, until Thu 14 May, now. Answers, from then. Closing"
    )


def test_the_row_of_a_round_that_is_well_on():
    row = phase_row(talk(at=may(22)))

    assert [spoken(sentences.place(each)) for each in row] == [
        "Questions, over", "Answers, over", "Closing, until Sun 24 May, now",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "day", "part", "questions", "said"),
    [
        ("questions_first", 11, "responder", 0,
         "Now: ask one thing you would like to know. Answers open on Thu 14 May."),
        ("questions_first", 11, "presenter", 4,
         "Four questions. Answer those you like; leave any."),
        ("questions_first", 11, "presenter", 1, "One question. Answer those you like; leave any."),
        ("questions_first", 11, "presenter", 14,
         "14 questions. Answer those you like; leave any."),
        ("balint_style", 15, "presenter", 0,
         "You only read now, until Tue 19 May. Nothing asks for an answer."),
        ("questions_first", 22, "responder", 0,
         "Now: one line, if you like: what do you take with you?"),
        ("inviting_change", 18, "presenter", 0,
         "One line, if you like: what is different in the telling now?"),
        ("open", 11, "responder", 0, "Anyone answers when they like."),
        ("questions_first", 25, "responder", 0, "Closed on Sun 24 May."),
    ],
)  # fmt: skip
def test_a_sentence_says_what_can_be_done_now(key, day, part, questions, said):
    line = talk(key, at=may(day), words=[(1, ReplyKind.REFLECTION)])

    assert spoken(*sentences.now(line, Part(part), questions)) == said


def test_reflecting_is_asked_for_word_for_word():
    (said,) = sentences.now(talk("balint_style", at=may(15)), Part.RESPONDER)

    assert said.text == (
        "Now: what does the story stir in you? Imagine both people, the patient and the doctor, "
        "and what passes between them. You need not be right. Speak of them, not to the "
        "presenter. No questions, no advice."
    )


@pytest.mark.parametrize(
    ("line", "asker", "kind", "of_name", "said"),
    [
        (talk(at=may(11)), RAY, ReplyKind.IDEA, (),
         "Answers open on Thu 14 May. We save this as a draft until then."),
        (talk(at=may(11)), RAY, ReplyKind.QUESTION, asked(2),
         "Two each, so that nobody feels examined. We save this as a draft."),
        (talk("theme", at=may(11), words=[(0, RoundKind.STORY)] * 3), RAY, RoundKind.STORY, (),
         "Three are enough for one round; yours could begin the next. We save this as a draft."),
        (talk("balint_style", at=may(15)), RAY, ReplyKind.IDEA, (),
         "This round asks for something else now. We save this as a draft."),
        (talk(at=may(12), holds=[Hold(may(11))]), PRU, ReplyKind.ANSWER, (),
         "Replies are turned off here for now. We save this as a draft."),
    ],
)  # fmt: skip
def test_what_is_not_open_is_told_its_day_and_kept(line, asker, kind, of_name, said):
    found = verdict(line, asker, kind, of_name)

    assert spoken(*sentences.refusal(line, found)) == said


def test_what_is_put_by_says_until_when():
    line = talk(at=may(11))

    assert spoken(sentences.kept_for(line, may(14))) == "Kept for the answers, from Thu 14 May"
    assert sentences.kept_for(line, None) is None


def test_who_asks_much_is_asked_what_matters():
    assert spoken(sentences.many_questions(3)) == "You ask three things. Which one matters most?"
    assert spoken(sentences.many_questions(40)) == "You ask 40 things. Which one matters most?"


@pytest.mark.parametrize("part", Part)
@pytest.mark.parametrize("key", shipped().newest_rounds())
def test_there_is_something_to_say_on_every_day_of_every_round(key, part):
    pause = [Move(MoveKind.PAUSE, may(12)), Move(MoveKind.RESUME, may(15))]
    again = [Move(MoveKind.END, may(12)), Move(MoveKind.REOPEN, may(15))]
    for moves in ([], pause, again):
        for day in range(11, 45):
            line = talk(key, at=may(day), moves=moves)
            assert spoken(*sentences.now(line, part, questions=2))
            assert all(spoken(sentences.place(each)) for each in phase_row(line))


def test_every_sentence_is_handed_to_translators():
    known = {each.id for each in messages()}
    ours = {*sentences.MOVES.values(), *sentences.NUMBERS, sentences.MANY_QUESTIONS}

    assert ours <= known
    assert set(shipped().sentences()) <= known
    assert "What was it like to be in the room, for you and, you imagine, for them?" in known


def test_no_sentence_asks_for_a_value_that_no_page_has():
    for text in shipped().sentences():
        assert text % {"day": "Thursday"}
        assert "{" not in {part for part, *_ in Formatter().parse(text)}


@pytest.mark.parametrize("part", [Part.PRESENTER, Part.RESPONDER])
def test_a_round_without_a_word_asks_nobody_what_they_take_along(part):
    """Fails when a story that nobody answered is asked what it leaves with."""
    silent, spoken_in = talk(at=may(22)), talk(at=may(22), words=[(1, ReplyKind.ANSWER)])

    said = [spoken(*sentences.now(each, part)) for each in (silent, spoken_in)]

    assert said[0].startswith("Nobody has written yet.")
    assert ("says nothing about your story" in said[0]) is (part is Part.PRESENTER)
    assert "what do you take with you?" in said[1]
