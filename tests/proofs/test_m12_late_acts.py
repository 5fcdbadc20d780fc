"""M12. Long after a story was told its hidden presenter moves it on, looks back and lets it go: the
thread, its circle's page, home and the page of the round take the same work for them as for all.
"""

import re
from datetime import timedelta

from forum.core.db import db
from forum.policy.terms import AuthorMode
from tests.discussions.test_actions import (
    HIDDEN,
    at_actions,
    on_the_day,
    phase,
    try_something,
    worker_runs,
)
from tests.world import transactions_of

DAY, WEEK, MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(minutes=1)
PRESENTER, OTHERS = "ray", ("joe", "kit")
LISTS = re.compile(r"IN \([?, ]+\)")


class Late:
    """A hidden presenter's round, and what each of its pages costs whom."""

    def __init__(self, world):
        self.world, self.told = world, at_actions(world, PRESENTER, HIDDEN)
        self.pages = (self.told, f"{self.told}/round", f"/circles/{world.ids['rose']}/", "/")
        with world.app.app_context():
            self.engine = db.engine

    def statements(self, who):
        """Statements of a second visit: the first has left its read mark."""
        client = self.world.client(who)
        for page in self.pages:
            client.get(page)
        with transactions_of(self.engine) as transactions:
            for page in self.pages:
                client.get(page)
        return [LISTS.sub("IN (…)", one) for each in transactions for one in each]

    def are_alike(self):
        mine = self.statements(PRESENTER)
        return all(mine == self.statements(who) for who in OTHERS)

    def own(self, endpoint, **what):
        """Press on a page which the presenter alone can open."""
        url = self.world.url(endpoint, who=PRESENTER, post_id=self.world.ids["told"])
        assert self.world.client(PRESENTER).submit(url, **what).status_code == 303

    def move(self, kind, **more):
        self.own("discussions.own_round", move=kind, **more)

    def says(self, body, kind):
        sent = self.world.client(PRESENTER).answer(
            self.told, body=body, kind=kind, do=AuthorMode.THREAD_PSEUDONYM.value
        )
        return sent.status_code

    def slot(self, days=1):
        """The next slots, at which what waits takes effect."""
        self.world.moment += days * DAY
        worker_runs(self.world)


def test_late_acts_take_equal_work_for_all(world):
    """Fails when a page runs another statement for the presenter whose act waits, shows or is asked
    for: a draft that waits for its day, an action with its day, a pause, an end, two look-backs and
    a story that goes."""
    late = Late(world)
    assert late.says("I went back.", "look_back") == 422  # kept as a draft for its day
    assert late.are_alike()
    assert try_something(world, late.told, PRESENTER, HIDDEN).status_code == 303
    for move in ("more_time", "pause"):
        late.move(move)
        assert late.are_alike(), move
    late.slot()
    assert late.are_alike(), "paused"
    late.move("resume")
    late.slot()
    late.move("end", sure="1")
    assert late.are_alike(), "an end that waits"
    late.slot()
    assert phase(world).phase.key == "closed"
    assert late.are_alike(), "a draft whose day has come"
    on_the_day(world)
    assert late.are_alike(), "asked about an action"
    assert late.says("It went well.", "look_back") == 303
    assert late.are_alike(), "a look-back that waits"
    late.slot()
    assert late.are_alike(), "a look-back"
    late.slot(12 * 7)
    assert late.are_alike(), "asked after twelve weeks"
    assert late.says("It is long ago.", "look_back") == 303
    late.slot()
    assert late.are_alike(), "looked back"
    late.own("discussions.withdraw")
    assert late.are_alike(), "a story that will go"
    late.slot()
    assert late.are_alike(), "a story that has gone"
