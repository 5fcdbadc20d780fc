import pytest

from forum.circles.queries import circle
from forum.circles.services import join
from forum.core.db import unit_of_work
from forum.policy.terms import AuthorMode
from tests.search.searching import found, results, withdraw
from tests.world import EVENING

TOLD = "Metformin for palpitations, and a kestrel with polymyalgia in Diarrhoea Lane"


@pytest.mark.parametrize(
    ("typed", "corrected"),
    [
        ("metforminn", "metformin"),
        ("metfromin", "metformin"),
        ("metfomin", "metformin"),
        ("palpitatoins", "palpitations"),
        ("kestral", "kestrel"),
        ("polymyagia", "polymyalgia"),
        ("diarrohea", "diarrhoea"),
        ("Metforminn", "metformin"),
    ],
)
def test_a_slip_is_mended_from_the_circles_words_and_said(world, typed, corrected):
    world.reply("ray", TOLD)

    page = results(world, "mo", typed)

    assert found(world, "mo", typed) == [TOLD]
    assert page.corrections == {typed: corrected}


@pytest.mark.parametrize(
    "typed", ["nowhere", "zzzz", "6mg", "T3DM", "38.6", "kes", '"metforminn"', "from:mettformin"]
)
def test_what_is_no_slip_is_left_as_it_is(world, typed):
    world.reply("ray", f"{TOLD}, 5mg, T2DM, 38.5")

    assert results(world, "mo", typed).corrections == {}


def test_a_query_of_unknown_words_alone_needs_another_kind_of_help(world):
    world.reply("ray", TOLD)

    typed = "metforminn kestral polymyagia palpitatoins diarrohea"

    assert len(results(world, "mo", typed).corrections) == 5
    assert results(world, "mo", f"{typed} metfomin").corrections == {}


def test_of_two_that_are_as_near_the_one_that_more_posts_have_is_meant(world):
    world.reply("ray", "A kestrex, whatever that is")
    world.reply("fay", "A kestrel")
    world.reply("mo", "A kestrel again")

    assert results(world, "mo", "kestres").corrections == {"kestres": "kestrel"}


def test_a_word_that_is_known_is_never_changed(world):
    world.reply("ray", "A kestral, as somebody wrote")
    world.reply("fay", "A kestrel, a kestrel, a kestrel")

    assert results(world, "mo", "kestral").corrections == {}


def test_the_page_says_so_and_leads_back(world):
    world.reply("ray", TOLD)
    mo = world.client("mo")
    location = mo.submit("/search", words="metforminn").location

    page = mo.get(location).text
    typed = mo.get(mo.get(f"{location}?as=typed").location).text

    assert "Nothing for “metforminn”; showing “metformin”." in page
    assert "<mark>Metformin</mark>" in page
    assert "Nothing found." in typed
    assert "showing" not in typed


@pytest.mark.leaks
def test_help_never_comes_from_another_circle(world):
    world.present("nan", "Ours", TOLD, circle="oak")

    assert results(world, "nan", "metforminn", "oak").corrections == {"metforminn": "metformin"}
    assert results(world, "mo", "metforminn").corrections == {}


@pytest.mark.leaks
def test_help_never_comes_from_words_that_went_or_are_not_due(world):
    reply_id = world.reply("ray", "Metformin")
    world.reply("ray", "Kestrels", AuthorMode.CIRCLE_VOICE)
    assert results(world, "mo", "metforminn").corrections
    assert not results(world, "mo", "kestrals").corrections

    withdraw(world, "ray", reply_id)
    world.moment = EVENING

    assert not results(world, "mo", "metforminn").corrections
    assert results(world, "mo", "kestrals").corrections == {"kestrals": "kestrels"}


def test_a_word_that_one_of_my_circles_knows_is_no_slip(world):
    with world.app.app_context(), unit_of_work():
        join(circle(world.standing("nan", "oak")), world.ids["ray"], "Dr Ray")
    world.present("nan", "Ours", "A kestral, misspelled", circle="oak")
    world.reply("ray", "A kestrel over the road")

    assert found(world, "ray", "kestral", "rose", "oak") == ["A kestral, misspelled"]
    assert found(world, "ray", "kestral", "rose") == ["A kestrel over the road"]
