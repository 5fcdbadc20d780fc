import pytest

from forum.rounds.templates import newest, offered, template


def test_the_first_release_offers_three_templates_the_plainest_first():
    assert [each.key for each in offered()] == ["free", "kettle", "what_so_what_now_what"]
    assert all(any(field.required for field in each.fields) for each in offered())


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
        ("free", {}, ""),
    ],
)
def test_what_was_told_becomes_one_text(key, texts, composed):
    assert newest(key).composed(texts) == composed
