"""Joining again, and undoing one's leaving: what is refused, and what comes back."""

import pytest

from forum.circles import member_names, queries, services
from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.core.randomness import new_id


@pytest.fixture
def app(world):
    with world.app.app_context():
        yield world.app


def rose(world):
    return db.session.get_one(Circle, world.ids["rose"])


def leave(world, who, *, removed=False):
    with unit_of_work():
        services.leave(world.ids[who], world.ids["rose"], removed=removed)
    return queries.left_places(world.ids[who])[0]


def test_joining_again_brings_the_same_membership_back(world, app):
    left = leave(world, "ivy")
    with unit_of_work():
        place = services.join(rose(world), world.ids["ivy"], "Dr Ivy")

    assert place.id == left.id
    assert (place.left_on, place.removed, place.name_pending) == (None, False, True)
    assert queries.left_places(world.ids["ivy"]) == []


def test_who_comes_back_has_the_name_chosen_meanwhile(world, app):
    """Fails when an undone leaving brings an old name back, beside the new one elsewhere."""
    left = leave(world, "ivy")
    with unit_of_work():
        member_names.rename(world.ids["ivy"], "Ivy Quillon")

    with unit_of_work():
        services.rejoin(left)

    place = queries.own_place(world.standing("ivy"), world.ids["ivy"])
    assert (place.own_name, place.name_pending) == ("Ivy Quillon", True)


def test_a_name_like_another_is_refused(world, app):
    with pytest.raises(InvalidInput) as refused, unit_of_work():
        services.join(rose(world), world.ids["sol"], "Dr. \u0399vy")

    assert [*refused.value.fields] == ["name"]


def test_only_who_left_within_grace_may_undo(world, app):
    left = leave(world, "ivy")
    removed = leave(world, "joe", removed=True)
    here = queries.own_place(world.standing("kit"), world.ids["kit"])
    for place in (removed, here):
        with pytest.raises(NotFound), unit_of_work():
            services.rejoin(place)
    days = services._grace_over() - world.moment.date()
    world.moment -= days
    with pytest.raises(NotFound), unit_of_work():
        services.rejoin(left)


@pytest.mark.parametrize("why", ["full", "name"])
def test_undoing_is_refused_where_the_place_is_taken(world, app, why, monkeypatch):
    left = leave(world, "ivy")
    if why == "full":
        monkeypatch.setattr(services.may, "join", lambda count, kind: False)
    else:
        with unit_of_work():
            services.join(rose(world), world.ids["sol"], "Dr Ivy")

    with pytest.raises(InvalidInput) as refused, unit_of_work():
        services.rejoin(left)

    assert ("is now full" if why == "full" else "very similar name") in refused.value.fields[
        "place"
    ]


def test_a_form_sent_again_opens_no_second_circle(world, app):
    circle_id, opened = new_id(), []
    for _ in range(2):
        with unit_of_work():
            asked = (circle_id, world.ids["sol"], "Dr Sol", "Thursday", "Europe/London", 1)
            opened.append(services.open_circle(*asked).id)

    assert opened == [circle_id] * 2


def test_a_membership_elsewhere_is_not_found(world, app):
    standing = world.standing("mo")
    theirs = queries.own_place(world.standing("nan", "oak"), world.ids["nan"])
    mine = queries.own_place(standing, world.ids["mo"])

    assert queries.place(standing, mine.id) is mine
    with pytest.raises(NotFound):
        queries.place(standing, theirs.id)
    assert queries.own_names(world.ids["rose"]) == {
        f"Dr {who.title()}" for who in ("fay", "ivy", "joe", "kit", "mo", "pru", "ray")
    }
    assert [each.id for each in queries.moderator_accounts(world.ids["rose"])] == [world.ids["mo"]]


def test_the_days_of_grace_end_on_one_day_for_both_ways_back(world, app):
    """Fails when joining again restores a membership that undoing no longer does."""
    left = leave(world, "ivy")
    world.moment -= services._grace_over() - world.moment.date()  # the first day after
    with unit_of_work():
        place = services.join(rose(world), world.ids["ivy"], "Dr Ivy")

    assert place.id != left.id
