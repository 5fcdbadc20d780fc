import pytest

from forum.rounds.catalogue import shipped
from forum.rounds.templates import newest, template

# key -> name, then field keys; a star where something must be said, a colon before a choice
WAYS = {
    "free": "Just tell it: story*",
    "kettle": "Over the kettle: on_my_mind* one_question",
    "what_so_what_now_what": "What? So what? Now what?: what* so_what now_what",
    "relationship": "Between patient and doctor: story_from_memory* what_stays between_us puzzle",
    "narrative": "A conversation inviting change: story_so_far* why_now who_is_in_it other_tellings"
    " stuck_point hoped_for",
    "gibbs": "Six steps: description* feelings evaluation analysis conclusion action_plan",
    "learning_event": "Learning from an event: what_happened* why_it_happened impact"
    " what_went_well what_was_learned what_changed reported_elsewhere*",
    "dilemma": "Torn between: dilemma* values who_is_affected room_to_move could_live_with",
    "challenge": "Working on something: challenge* why_it_matters tried_so_far"
    " question_for_the_circle",
    "theme_story": "Stories on a theme: my_story* what_it_left",
    "scenario": "Teaching scenario: scenario* source who_else_is_involved question",
    "practice_matter": "Running the practice: change* where_we_are want_to_know worth_passing_on",
    "quick_question": "Quick question: situation* background my_thinking ask*",
    "look_back": "Looking back: since_then what_helped changed_in_me still_open",
}
PROMPTS = {
    ("free", "story"): "Tell it in your own way",
    ("relationship", "between_us"): "What was it like to be in the room, for you and, you imagine,"
    " for them?",
    ("gibbs", "analysis"): "What helps make sense of it?",
    ("learning_event", "reported_elsewhere"): "A reflection is not an incident report or an apology"
    " to the patient. Has that been seen to?",
    ("practice_matter", "want_to_know"): "What would you ask someone who has done it?",
    ("look_back", "changed_in_me"): "Has anything shifted or grown?",
}


def test_fourteen_ways_to_tell_have_their_fields_in_order():
    told = {
        each.key: f"{each.name}: "
        + " ".join(field.key + "*" * field.required for field in each.fields)
        for each in shipped().newest_templates()
    }

    assert told == WAYS


@pytest.mark.parametrize(("key", "field"), PROMPTS)
def test_a_prompt_says_what_it_asks(key, field):
    prompts = {each.key: each.prompt for each in newest(key).fields}

    assert prompts[field] == PROMPTS[key, field]


def test_every_way_says_in_a_line_when_it_fits():
    assert all(each.line for each in shipped().newest_templates())


def test_a_title_is_optional_where_one_just_talks():
    optional = {each.key for each in shipped().newest_templates() if not each.title_required}

    assert optional == {"free", "kettle"}


def test_a_thread_finds_the_version_it_was_written_with():
    assert template("kettle", 1).fields[0].key == "on_my_mind"
    with pytest.raises(LookupError):
        template("kettle", 99)


def test_an_unknown_template_is_the_plainest():
    assert newest("no such").key == "free"


@pytest.mark.parametrize(
    ("key", "texts", "composed"),
    [
        ("free", {"story": "A hard morning."}, "A hard morning."),
        (
            "kettle",
            {"on_my_mind": "Much", "one_question": ""},
            "## What is on your mind, in a few lines?\n\nMuch",
        ),
        (
            "learning_event",
            {"reported_elsewhere": "not_needed"},
            f"## {PROMPTS['learning_event', 'reported_elsewhere']}\n\nNot needed",
        ),
        ("free", {}, ""),
    ],
)
def test_what_was_told_becomes_one_text(key, texts, composed):
    assert newest(key).composed(texts) == composed
