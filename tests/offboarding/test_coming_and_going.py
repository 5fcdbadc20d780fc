"""Sequences of leaving, rejoining, undoing, renaming, deleting and keeping the account, each
checked against a small model.
"""

import os
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import select

from forum.accounts.models import Member
from forum.authors.queries import everyday_names
from forum.circles import invitations, joining, member_names
from forum.circles.queries import has_any_place, left_places, people
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput, NotFound
from forum.offboarding import jobs
from forum.offboarding import services as leaving
from tests.world import World

SHARDS = 4  # so that several processes share the work
SEQUENCES = 250 if os.environ.get("PROOF") else 3  # in each
DAY, HALF, GRACE = timedelta(days=1), timedelta(hours=12), 7
NAMES = ("Dr Ray", "Dr Raymond Other", "Dr Rae")


class ComingAndGoing(RuleBasedStateMachine):
    """Ray, in Rose alone. Model: membership, day of leaving, day of deletion, and name; `own` is
    True while earlier posts are in Ray's hand.
    """

    def __init__(self):
        super().__init__()
        self.folder = Path(mkdtemp())
        self.world = World(self.folder)
        self.said = self.world.reply("ray", "Said under my own name")
        self.inside, self.left_on, self.goes_on, self.own = True, None, None, True
        self.name, self.alive = "Dr Ray", True

    def teardown(self):
        rmtree(self.folder)

    @property
    def today(self):
        return self.world.moment.date()

    @property
    def may_undo(self):
        return self.left_on is not None and self.today < self.left_on + GRACE * DAY

    @contextmanager
    def work(self):
        with self.world.app.app_context():
            yield self.world.ids["ray"]
            member_names.write_bylines()

    @precondition(lambda self: self.inside)
    @rule()
    def leave(self):
        with self.work() as ray, unit_of_work():
            leaving.leave(ray, self.world.ids["rose"], words_go=False)
        self.inside, self.left_on = False, self.today

    @precondition(lambda self: self.alive and not self.inside)
    @rule()
    def come_back_by_invitation(self):
        with self.work() as ray:
            with unit_of_work():
                secret = invitations.create_link(self.world.standing("mo"), "")
            with unit_of_work():
                joining.join(joining.way_in(secret), ray, self.name, None)
        self.own = self.own and self.may_undo
        self.inside, self.left_on, self.goes_on = True, None, None

    @precondition(lambda self: self.alive and not self.inside)
    @rule()
    def undo(self):
        done = True
        with self.work() as ray:
            try:
                places = left_places(ray)
                with unit_of_work():
                    leaving.undo(places[0])
            except (NotFound, IndexError, InvalidInput):
                done = False
        assert done is self.may_undo
        if done:
            self.inside, self.left_on, self.goes_on = True, None, None

    @precondition(lambda self: self.alive)
    @rule(name=st.sampled_from(NAMES))
    def rename(self, name):
        with self.work() as ray, unit_of_work():
            member_names.rename(ray, name)
        self.name = name

    @precondition(lambda self: self.alive)
    @rule()
    def delete_account(self):
        with self.work() as ray, unit_of_work():
            leaving.delete_account(ray, words_go=False)
        if self.inside:
            self.inside, self.left_on = False, self.today
        self.goes_on = self.today + GRACE * DAY

    @precondition(lambda self: self.alive)
    @rule()
    def keep_account(self):
        with self.work() as ray, unit_of_work():
            leaving.keep_account(ray)
        self.goes_on = None

    @rule(days=st.sampled_from((1, 3, 8)))
    def days_pass(self, days):
        for passed in (days * DAY - HALF, HALF):  # over two slots at least
            self.world.moment += passed
            with self.work():
                jobs.settle()
                jobs.forget_accounts()
        if self.left_on and not self.may_undo:
            self.own = False
        if self.goes_on and self.goes_on <= self.today and not self.inside:
            self.alive = False

    @invariant()
    def the_list_says_who_is_here(self):
        with self.work():
            listed = {each.name for each in people(self.world.standing("mo"))}
        assert (self.name in listed) is self.inside
        assert len(listed & {*NAMES}) == self.inside

    @invariant()
    def posts_say_whose_they_are_and_are_in_their_hand(self):
        with self.work():
            rows = everyday_names([self.world.standing("mo")])
            named = {row.id: row.name for row in rows}
            mine = [named[key] for key in named if named[key] in {*NAMES, "a former member"}]
            hand = self.world.standing("ray").hand if self.inside else None
            held = [row.name for row in rows if hand and hand.holds(row)]
        if self.own:
            assert (self.name if self.inside else "a former member") in mine
        if self.inside:
            assert bool(held) is self.own
            assert all(name == self.name for name in held)

    @invariant()
    def the_account_is_there_until_its_day(self):
        with self.work() as ray:
            member = db.session.scalar(select(Member).filter_by(id=ray))
            kept = has_any_place(ray)
        if not self.alive:
            assert member is None or kept
        else:
            assert member is not None
            assert member.goes_on == self.goes_on


def of_shard(number):
    """State machine test with its own seed."""
    case = type(f"Shard{number}", (ComingAndGoing,), {}).TestCase
    case.settings = settings(
        max_examples=SEQUENCES,
        stateful_step_count=8,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    return seed(number)(case)


TestFirst, TestSecond, TestThird, TestFourth = map(of_shard, range(SHARDS))
