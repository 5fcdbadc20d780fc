"""Definition files are read strictly: what is wrong is refused with file, line and reason."""

from textwrap import dedent

import pytest

import forum.rounds
from forum.rounds.catalogue import ChosenRound, catalogue, shipped
from forum.rounds.definition_files import Refused, line_of

ROUND = """key = "slow_talk"
version = 1
order = 9
name = "Slow talk"
sentence = "Slowly."

[[phases]]
key = "asking"
days = 3
name = "Questions"

[phases.opens]
responder = ["question"]

[[phases]]
key = "closing"
days = 2
name = "Closing"

[phases.opens]
presenter = ["takeaway"]
"""
WAY = """key = "haiku"
version = 1
order = 9
name = "Three lines"

[[fields]]
key = "lines"
prompt = "Three lines."
"""


@pytest.fixture
def instance(tmp_path):
    (tmp_path / "rounds").mkdir()
    (tmp_path / "templates").mkdir()
    return tmp_path


def test_six_rounds_and_just_talk_have_their_phases_and_days():
    told = {
        each.key: " ".join(f"{phase.key}:{phase.days}" for phase in each.phases)
        for each in shipped().newest_rounds().values()
    }

    assert told == {
        "open": "",
        "questions_first": "asking:3 open_reply:7 closing:3",
        "balint_style": "clarifying:3 reflecting:5 returning:4 closing:3",
        "inviting_change": "asking:7 offering:4 closing:3",
        "action_learning": "asking:5 noticing:2 actions:2",
        "theme": "stories:5 resonance:7 closing:3",
    }


def test_only_four_phases_lengthen_themselves():
    lengthens = {
        phase.key
        for each in shipped().newest_rounds().values()
        for phase in each.phases
        if phase.lengthens
    }

    assert lengthens == {"reflecting", "noticing", "stories", "resonance"}


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ('name = "Slow talk"', 'name = "Slow talk"\nhue = 3', 5, "hue is no key of this table"),
        ("days = 3", "days = 0", 9, r"phases\[1\].days is 0; a phase lasts 1 to 60 days"),
        ("days = 2", "days = 61", 17, r"phases\[2\].days is 61; a phase lasts 1 to 60 days"),
        ("days = 3", "days = true", 9, "True, which is not a whole number"),
        ("days = 3", 'days = "3"', 9, "which is not a whole number"),
        ("days = 3\n", "", 7, "a phase without a length is never left"),
        ("days = 2", 'days = 2\nnext = "asking"', 18, "leads back to 'asking': a cycle"),
        ("days = 3", 'days = 3\nnext = "asking"', 10, "a cycle, which is never left"),
        ("days = 3", 'days = 3\nnext = "gone"', 10, "'gone', and the round has no such phase"),
        ('presenter = ["takeaway"]', "presenter = []", 20, "nobody may write"),
        ('presenter = ["takeaway"]', 'presenter = ["gossip"]', 21, "'gossip', which is no kind"),
        ('presenter = ["takeaway"]', 'patient = ["takeaway"]', 21, "patient is no key"),
        ('presenter = ["takeaway"]', "presenter = [3]", 21, "3, which is not a text"),
        ('key = "closing"', 'key = "asking"', 16, "'asking' stands twice"),
        ('key = "closing"', 'key = "The End"', 16, "'The End' is no key"),
        ("version = 1", "version = 0", 2, "begins at 1"),
        ("version = 1\n", "", None, "version is missing"),
        ('sentence = "Slowly."', 'sentence = " "', 5, "is blank"),
        ("days = 3", 'days = 3\nopens_on = "On %(day)s, %(hour)s"', 10, r"neither %\(day\)s"),
        ("days = 3", 'days = 3\nopenings = ["shout"]', None, "no openings 'shout'"),
        ("days = 3", "days = 3\nasked_for = true", 10, "in which a round begins"),
        ("days = 3", "days = 3\ncloses_empty = true", 10, "lengthens itself first"),
        ("order = 9", "order = 9\norder = 8", 4, "Cannot overwrite a value"),
        ("order = 9", "order =", 3, "Invalid value"),
    ],
)
def test_a_round_that_cannot_be_used_is_refused_with_line_and_reason(
    instance, old, new, line, reason
):
    file = instance / "rounds" / "slow_talk.1.toml"
    file.write_text(ROUND.replace(old, new, 1))

    with pytest.raises(Refused, match=reason) as refused:
        catalogue(instance)

    assert (f"{file}" in str(refused.value)) == (line is not None or "missing" in reason)
    if line:
        assert f"line {line}" in str(refused.value)


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ('kind = "idea"\nper_name = 1', "limits idea, which is not opened here"),
        ('kind = "question"\nper_name = 0', "per_name is 0, and must be 1 or more"),
    ],
)
def test_a_limit_that_limits_nothing_is_refused(instance, limit, reason):
    quota = f"\n[[phases.quotas]]\n{limit}\n\n[[phases]]\nkey"
    (instance / "rounds" / "a.toml").write_text(
        f"{quota}".join(ROUND.rsplit("\n[[phases]]\nkey", 1))
    )

    with pytest.raises(Refused, match=r"line \d+: .*" + reason):
        catalogue(instance)


def test_a_phase_that_no_other_leads_to_is_refused(instance):
    skipping = ROUND.replace("days = 3", 'days = 3\nnext = "end"')
    end = '\n[[phases]]\nkey = "end"\nname = "Sign out"\ndays = 1\nby_wish = true\n'
    (instance / "rounds" / "a.toml").write_text(skipping + end)

    with pytest.raises(Refused, match="'closing' follows no phase and is never entered"):
        catalogue(instance)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('prompt = "Three lines."', 'prompt = "Three lines."\nround = "gone"', "round is no key"),
        ("order = 9", 'order = 9\nround = "gone"', "no round 'gone'"),
        ("order = 9", 'order = 9\nuse = "never"', "neither composer, reply nor later"),
        ("[[fields]]", "[[boxes]]", "boxes is no key"),
        ('prompt = "Three lines."', "prompt = 3", "3, which is not a text"),
        (
            'prompt = "Three lines."',
            'prompt = "a"\n[[fields.choices]]\nkey="x"\nlabel="X"',
            "type in",
        ),
        (
            'prompt = "Three lines."',
            'prompt = "a"\n[[fields]]\nkey="lines"\nprompt="b"',
            "'lines' stands twice",
        ),
    ],
)
def test_a_way_to_tell_that_cannot_be_used_is_refused(instance, old, new, reason):
    (instance / "templates" / "haiku.toml").write_text(WAY.replace(old, new, 1))

    with pytest.raises(Refused, match=reason):
        catalogue(instance)


def test_one_key_and_version_in_two_files_is_refused(instance):
    for name in ("a.toml", "b.toml"):
        (instance / "rounds" / name).write_text(ROUND)

    with pytest.raises(Refused, match=r"b\.toml, line 1: key 'slow_talk' has its version 1"):
        catalogue(instance)


def test_bytes_that_are_no_text_are_refused(instance):
    (instance / "rounds" / "a.toml").write_bytes(b'key = "\xff"')

    with pytest.raises(Refused, match=r"a\.toml"):
        catalogue(instance)


def test_a_folder_named_like_a_file_is_refused(instance):
    (instance / "templates" / "a.toml").mkdir()

    with pytest.raises(Refused, match=r"a\.toml: Is a directory"):
        catalogue(instance)


def test_the_example_for_whoever_adds_a_round_can_be_read(instance):
    example = (forum.rounds.__doc__ or "").split("folder) after")[1].split("`lengthens`")[0]
    lines = [line for line in example.splitlines() if line.startswith("    ")]
    (instance / "rounds" / "slow_talk.1.toml").write_text(dedent("\n".join(lines)))

    assert catalogue(instance).newest_rounds()["slow_talk"].phase("asking").days == 3


def test_just_talk_keeps_having_no_phases(instance):
    (instance / "rounds" / "open.2.toml").write_text(
        ROUND.replace("slow_talk", "open").replace("version = 1", "version = 2")
    )

    with pytest.raises(Refused, match="'open' has phases"):
        catalogue(instance)


def test_an_operator_adds_a_round_and_a_way_to_tell(instance):
    (instance / "rounds" / "slow_talk.1.toml").write_text(ROUND)
    (instance / "templates" / "haiku.1.toml").write_text(WAY)

    found = catalogue(instance)

    assert found.newest_rounds()["slow_talk"].phase("closing").days == 2
    assert found.template("haiku", 1).fields[0].prompt == "Three lines."
    assert "Slowly." in found.sentences()


def test_an_operators_file_of_a_shipped_version_takes_its_place(instance):
    ours = ROUND.replace("slow_talk", "questions_first")
    (instance / "rounds" / "questions_first.1.toml").write_text(ours)

    assert catalogue(instance).newest_rounds()["questions_first"].name == "Slow talk"


def test_without_an_operators_folder_the_shipped_ones_hold(tmp_path):
    assert catalogue(tmp_path / "absent").newest_rounds().keys() == shipped().newest_rounds().keys()


def test_a_thread_keeps_its_version_when_a_newer_one_comes(instance):
    newer = ROUND.replace("slow_talk", "questions_first").replace("version = 1", "version = 2")
    (instance / "rounds" / "questions_first.2.toml").write_text(newer)

    found = catalogue(instance)

    assert found.newest_rounds()["questions_first"].version == 2
    assert found.round(ChosenRound("questions_first", 1, {})).name == "Questions first"


@pytest.mark.parametrize(
    ("key", "version", "found"),
    [("questions_first", 7, "questions_first"), ("slow_talk", 1, "open")],
)
def test_a_round_whose_file_is_gone_becomes_the_nearest(key, version, found):
    assert shipped().round(ChosenRound(key, version, {"asking": 4, "gone": 2})).key == found


def test_a_thread_keeps_the_lengths_it_began_with():
    longer = shipped().newest_rounds()["questions_first"].with_lengths({"asking": 5, "closing": 3})

    kept = ChosenRound.from_json(ChosenRound.of(longer).to_json())

    assert kept == ChosenRound("questions_first", 1, {"asking": 5})
    assert shipped().round(kept) == longer
    assert shipped().round(kept).phase("asking").days == 5


@pytest.mark.parametrize("lengths", [{"asking": 0}, {"asking": 61}, {"gone": 3}])
def test_a_length_that_no_phase_may_have_is_refused(lengths):
    with pytest.raises(ValueError, match=r"asking|gone"):
        shipped().newest_rounds()["questions_first"].with_lengths(lengths)


def test_a_sentence_that_counts_days_is_changed_with_them():
    first = shipped().newest_rounds()["questions_first"]

    assert first.with_lengths({"asking": 3}).sentence == "Three days of questions, then answers."
    assert first.with_lengths({"asking": 4}).sentence == "A few days of questions, then answers."


@pytest.mark.parametrize(
    ("at", "line"),
    [("key", 1), ("phases[2].days", 17), ("phases[2].next", 15), ("phases[1].opens.responder", 13)],
)
def test_the_line_of_a_setting_is_found(at, line):
    assert line_of(ROUND, at) == line
