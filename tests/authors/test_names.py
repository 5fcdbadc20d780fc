from random import Random
from unicodedata import normalize

import pytest
from confusable_homoglyphs.confusables import confusables_data

from forum.authors import mask_names, pseudonyms
from forum.authors.confusables import folded
from forum.authors.services import rename
from forum.core.db import unit_of_work
from forum.core.errors import InvalidInput
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from tests.rows import row_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Quiet Heron", "quiet  heron"),
        ("Wren", "Wr\u00e9n"),
        ("Bill", "BI11"),
        ("Finch", "\ufb01nch"),
        ("Moor", "M00r"),
        ("Calm Moor", "\u0421alm Moor"),  # a Cyrillic letter
        ("Martin", "Rnartin".replace("Rn", "rn")),
        ("Wagtail", "VVagtail"),
        ("Jay", "\uff2aay"),
        ("Dr Fay", "Dr Fay\u3164"),  # invisible
        ("Dr Fay", "Dr\u115f Fay\u17b4"),
    ],
)
def test_look_alike_names_fold_alike(one, other):
    assert folded(one) == folded(other)


def test_distinct_names_fold_apart():
    names = [*pseudonyms.BIRD_NAMES, *mask_names.LABELS, "Anna Patel", "Anne Patel"]

    assert len({folded(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Jo", "Use "),
        ("J" * 25, "Use "),
        ("12 geese", "Start with a letter"),
        ("Wren\u202e", "Start with a letter"),
        ("Wren <b>", "Start with a letter"),
        ("Wren\U0001f426", "Start with a letter"),
        ("W\u0440en", "one alphabet"),
        ("\u0420\u0430\u0443", "another alphabet"),  # Cyrillic throughout, and looks like "Pay"
        ("Still Weir", "taken"),
        ("ca1m moor", "taken"),
        ("A  Former Member", "taken"),
        ("Moderator", "taken"),
        ("Calm Moor 2", "taken"),
        ("A member of our circle", "taken"),
        ("\u3164\u3164\u3164", "Start with a letter"),  # invisible
        ("Wren\u3164", "Start with a letter"),
    ],
)
def test_a_bad_pseudonym_is_refused_with_reason(world, name, said):
    with world.app.app_context(), pytest.raises(InvalidInput, match=said):
        pseudonyms.well_formed(name)


MAHNAZ = "\u0645\u0647\u200c\u0646\u0627\u0632"  # Persian, with ZWNJ
SRI = "\u0dc1\u0dca\u200d\u0dbb\u0dd3"  # Sinhala, with ZWJ after a virama


@pytest.mark.parametrize("name", [MAHNAZ, SRI])
def test_names_that_differ_in_joiners_fold_alike(name):
    assert folded(name) == folded(name.replace("\u200c", "").replace("\u200d", ""))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("  Quiet   Heron ", "Quiet Heron"),
        ("O'Wren-Smythe 2", "O'Wren-Smythe 2"),
        ("Zaunk\u00f6nig", "Zaunk\u00f6nig"),
        (
            "\u0416\u0443\u0440\u0430\u0432\u043b\u044c",
            "\u0416\u0443\u0440\u0430\u0432\u043b\u044c",
        ),
        (MAHNAZ, MAHNAZ),
        (SRI, SRI),
    ],
)
def test_a_good_pseudonym_is_normalised(world, name, kept):
    with world.app.app_context():
        assert pseudonyms.well_formed(name) == kept


def test_a_hostile_name_is_refused_quickly(world):
    with world.app.app_context(), pytest.raises(InvalidInput, match="Use "):
        pseudonyms.well_formed("W" + "\u0300\u0316" * 60_000)  # sorting these takes minutes


def test_suggestions_are_free_bird_names(world):
    taken = {folded(name) for name in pseudonyms.BIRD_NAMES if not name.endswith("Heron")}

    with world.app.app_context():
        first, second = pseudonyms.suggested(2, taken)
        left = pseudonyms.suggested(2, taken | {folded(name) for name in pseudonyms.BIRD_NAMES})
        for name in (first, second):
            assert pseudonyms.well_formed(name) == name

    assert first != second
    assert {first.split()[-1], second.split()[-1]} == {"Heron"}
    assert left == []


def test_there_are_over_4000_labels():
    assert len(set(mask_names.LABELS)) == len(mask_names.LABELS) > 4000


def test_labels_do_not_run_out(world):
    world.app.extensions["chance"] = Random(3)
    with world.app.app_context():
        more = [mask_names.draw((), set(mask_names.LABELS).__contains__) for _ in range(20)]
        all_ = {*mask_names.LABELS, *(f"{label} 2" for label in mask_names.LABELS)}
        most = mask_names.draw((), all_.__contains__)

    assert {label.removesuffix(" 2") for label in more} <= set(mask_names.LABELS)
    assert not set(mask_names.LABELS) & set(more)
    assert most.removesuffix(" 3") in mask_names.LABELS


@pytest.mark.parametrize("near", [mask_names.LABELS[:3], ["Calm Moor 2"], mask_names.LABELS])
def test_a_label_shares_no_word_with_its_thread(world, near):
    used = {word for label in near for word in label.split()}
    with world.app.app_context():
        drawn = [mask_names.draw(near, set(near).__contains__) for _ in range(20)]

    shared = [used.intersection(label.split()) for label in drawn]
    assert all(shared) if near is mask_names.LABELS else not any(shared)


def test_first_and_second_words_are_disjoint():
    assert set(mask_names.FIRST.split()).isdisjoint(mask_names.SECOND.split())


def test_a_changed_name_shows_on_earlier_posts(world):
    reply_id = world.reply("ray", "Signed", AuthorMode.OWN_NAME)

    with world.app.app_context():
        standing = world.standing("ray")
        with unit_of_work():
            rename(standing, "Dr Raymond")

        assert row_of(Reply, reply_id).author.name == "Dr Raymond"


@pytest.mark.parametrize("pair", [("\u2c71", "\u2c71"), ("\u0430", "a"), ("\u03bf", "\u043e")])
def test_letters_that_resemble_each_other_fold_alike(pair):
    """Fails when of two letters, each the other's only look-alike, either becomes the other."""
    assert folded(pair[0]) == folded(pair[1])


def test_letters_that_alone_resemble_each_other_fold_alike():
    """Fails when of two letters, each the other's only look-alike, each becomes the other."""
    single = {a: found[0]["c"] for a, found in confusables_data.items() if len(found) == 1}
    plain = {a: b for a, b in single.items() if all(map(is_plain, (a, b)))}
    mutual = [(a, b) for a, b in plain.items() if single.get(b) == a]

    assert len(mutual) > 300
    assert [pair for pair in mutual if folded(pair[0]) != folded(pair[1])] == []


def is_plain(text):
    """Whether a text is one letter that no normal form changes."""
    return len(text) == 1 and text.isalpha() and normalize("NFKD", text) == text
