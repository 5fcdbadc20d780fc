"""States of a post: every state with every act."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden
from forum.discussions import visibility
from forum.discussions.composer import Quoted
from forum.discussions.models import Hiding, Quote, Reply
from forum.discussions.visibility import Act, PostState
from forum.policy.terms import Hidden
from tests.rows import row_of

SHOWN, HIDDEN, CHANGED, GONE = PostState
TABLE = {  # state: the state after each act; "-" without a transition
    #          HIDE    ASK     CHANGE   SHOW   WITHDRAW  UNDO
    SHOWN: (HIDDEN, "-", SHOWN, "-", GONE, "-"),
    HIDDEN: ("-", HIDDEN, CHANGED, SHOWN, GONE, "-"),
    CHANGED: ("-", HIDDEN, CHANGED, SHOWN, GONE, "-"),
    GONE: ("-", "-", "-", "-", "-", SHOWN),
}


def act_on(post, act):
    match act:
        case Act.HIDE:
            visibility.hide(post, Hidden.PATIENT, [0])
        case Act.ASK:
            visibility.ask(post, "Leave out her office.")
        case Act.CHANGE:
            visibility.note_change(post, post.appears_at.date())
        case Act.SHOW:
            visibility.show(post)
        case Act.WITHDRAW:
            visibility.set_aside(post)
        case Act.UNDO:
            visibility.bring_back(post)


def brought_to(post, state):
    ways = {SHOWN: (), HIDDEN: (Act.HIDE,), CHANGED: (Act.HIDE, Act.CHANGE), GONE: (Act.WITHDRAW,)}
    for act in ways[state]:
        act_on(post, act)
        db.session.flush()


@pytest.mark.parametrize(("state", "act"), [*product(PostState, Act)], ids=str)
def test_every_act_has_a_transition_or_refusal(world, state, act):
    expected = TABLE[state][[*Act].index(act)]
    reply_id = world.reply("ray", "The mayor.")
    with world.app.app_context():
        with unit_of_work():
            post = row_of(Reply, reply_id)
            brought_to(post, state)
            assert visibility.state(post, visibility.hiding(post)) is state
            if expected == "-":
                with pytest.raises(Forbidden):
                    act_on(post, act)
            else:
                act_on(post, act)
        post = row_of(Reply, reply_id)
        row = visibility.hiding(post)

        assert visibility.state(post, row) is (state if expected == "-" else expected)
        assert (post.hidden is None) is (row is None)


def test_review_waits_from_flag_until_look(world):
    reply_id = world.reply("ray", "The mayor.")
    seen = []
    with world.app.app_context():
        for act in (Act.HIDE, Act.CHANGE, Act.ASK, Act.CHANGE):
            world.moment += timedelta(days=1)
            with unit_of_work():
                post = row_of(Reply, reply_id)
                if act is Act.CHANGE:
                    visibility.note_change(post, world.moment.date())
                else:
                    act_on(post, act)
            row = db.session.scalars(select(Hiding)).one()
            seen.append((row.since.day, row.waits_since and row.waits_since.day, row.changed))

    assert seen == [(3, 3, False), (3, 3, True), (3, None, False), (3, 6, True)]


@pytest.mark.parametrize("changes", [False, True])
def test_showing_tells_whether_the_text_was_changed(world, changes):
    reply_id = world.reply("ray", "The mayor.")
    with world.app.app_context(), unit_of_work():
        post = row_of(Reply, reply_id)
        brought_to(post, CHANGED if changes else HIDDEN)
        assert visibility.show(post) is changes


def test_quotations_hide_and_return_with_source(world):
    reply_id = world.reply("ray", "She was the mayor.")
    world.reply("fay", "Yes", quoted=Quoted(reply_id, "the mayor"))
    withheld = []
    for act in (Act.HIDE, Act.SHOW):
        with world.app.app_context():
            with unit_of_work():
                act_on(row_of(Reply, reply_id), act)
            withheld.append(db.session.scalars(select(Quote)).one().withheld)

    assert withheld == [True, False]


def test_what_is_asked_of_a_post_stands_until_its_author_changed_it(world):
    reply_id = world.reply("ray", "The mayor.")
    said = []
    with world.app.app_context():
        post = row_of(Reply, reply_id)
        for act in (Act.HIDE, Act.ASK, Act.CHANGE):
            with unit_of_work():
                act_on(post, act)
            said.append(visibility.asked(world.standing("mo"), [reply_id]))

    assert said == [{}, {reply_id: "Leave out her office."}, {reply_id: ""}]
