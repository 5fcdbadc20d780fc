"""M4. Whoever copies the database after the late acts of hidden presenters guesses hardly better
whose a story is than whoever draws a name from the list.

Each of a circle of eight tells two stories in rounds behind a mask. Weeks later, in sittings in
which everybody writes by name too, they act on them: a pause, more time, an action with its day, an
end, how it went, a look-back after twelve weeks, and at last half of the stories go.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from random import Random

from sqlalchemy import select

from forum import worker
from forum.authors.models import Author
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput
from forum.core.maintenance import rebuild_file, truncate_write_ahead_log
from forum.core.randomness import new_id
from forum.discussions import courses, post_queries, posts, round_moves, thread_queries
from forum.discussions.composer import ReplyWords
from forum.policy.terms import AuthorMode, ReplyKind, RoundKind
from forum.rounds.moves import MoveKind
from tests.page import Page
from tests.proofs.months import LONG, circle_of
from tests.proofs.order_join import Thief, wilson
from tests.proofs.stolen import stolen
from tests.world import MORNING, World

PEOPLE, STORIES, SLACK = 8, 2, 0.1
TALK, HIDDEN = "action_learning", AuthorMode.THREAD_PSEUDONYM
SAID = ("action", "how it went", "look back")
DAY = timedelta(days=1)
# days after telling -> act, with two stories each on days that differ by one
ACTS = {
    2: "pause", 4: "resume", 6: "more_time", 8: "next_step", 12: "next_step", 14: "action",
    15: "end", 30: "how it went", 120: "look back", 121: "let go",
}  # fmt: skip


class Circle:
    """Eight people, their hidden stories, and who is behind each masked post."""

    def __init__(self, folder):
        self.world, self.chance = World(folder, seed=3), Random(3)
        self.people, self.truth, self.stories = circle_of(self.world, PEOPLE), {}, []
        self.done = Counter()
        page, mo = f"/circles/{self.world.ids['rose']}/ways-to-talk", self.world.client("mo")
        version = Page(mo.get(page)).one("input", name="version")["value"]
        mo.submit(page, rounds=[TALK], version=version)

    def pass_by(self):
        """All days on which anybody acts, in two sittings each: the copy, and its names."""
        start = MORNING.replace(hour=0, minute=0) + DAY
        self._day(start, {who: self._tell for who in self.people})
        self._day(start + DAY, {who: self._tell for who in self.people})
        for after, act in ACTS.items():
            for number in range(STORIES):
                mine = {who: known for who, place, known in self.stories if place == number}
                acts = {who: self._act(act, known, number) for who, known in mine.items()}
                self._day(start + (after + number) * DAY, acts)
        with self.world.app.app_context():
            assert truncate_write_ahead_log()
            return stolen(self.world), self._names()

    def _day(self, midnight, acts):
        """Half of the people act in the morning's sitting, the others in the evening's."""
        for hour, lasts in ((7, 11), (19, 5)):  # so that hours have few people in them
            here = [each for place, each in enumerate(self.people) if (place % 2) == (hour > 12)]
            minutes = sorted(self.chance.sample(range(lasts * 60 - 5), PEOPLE))
            order = self.chance.sample(self.people, PEOPLE)
            for who, minute in zip(order, minutes, strict=True):
                self.world.moment = midnight + timedelta(hours=hour, minutes=minute)
                visit = [self._speak] + [acts[who]] * (who in acts and who in here)
                for each in self.chance.sample(visit, len(visit)):
                    each(who)
        self.world.moment = midnight + timedelta(days=1, hours=3, minutes=35)
        with self.world.app.app_context():
            worker.run_due_jobs()
            assert rebuild_file(forced=True)
            assert truncate_write_ahead_log()

    def _speak(self, who):
        self.world.reply(who, LONG)

    def _tell(self, who):
        place = sum(each[0] == who for each in self.stories)
        known = self.world.present(who, "Told", LONG, HIDDEN, talk=TALK, wish="advice")
        self.stories.append((who, place, known))
        self.truth[known.hex] = who

    def _act(self, act, known, number):
        def acts(who):
            with self.world.app.app_context():
                standing = self.world.standing(who)
                thread = thread_queries.thread(standing, known)
                with unit_of_work():
                    if act == "let go":
                        if number:
                            posts.withdraw(standing, post_queries.any_post(standing, known))
                    elif act in SAID:
                        self._say(standing, thread, act, who)
                    else:
                        self._move(standing, thread, MoveKind(act))

        return acts

    def _move(self, standing, thread, kind):
        with suppress(InvalidInput):  # the round is elsewhere already
            round_moves.move(standing, thread, kind, own=True)
            self.done["moves"] += 1

    def _say(self, standing, thread, act, who):
        action = act == "action"
        kind = RoundKind.ACTION if action else ReplyKind.LOOK_BACK
        if kind not in courses.kinds(standing, thread, HIDDEN):
            return
        day = f"{self.world.moment + timedelta(days=12):%Y-%m-%d}" if action else ""
        self.done[act] += 1
        words = ReplyWords(LONG, HIDDEN, kind, report_on=day)
        self.truth[posts.reply(standing, thread, new_id(), words).id.hex] = who

    def _names(self):
        with self.world.app.app_context():
            hands = {who: self.world.standing(who).hand for who in self.people}
            rows = db.session.scalars(select(Author).filter_by(mode=AuthorMode.OWN_NAME)).all()
            return {row.id.hex: who for row in rows for who in self.people if hands[who].holds(row)}


def test_late_acts_of_hidden_presenters(tmp_path, figure):
    """Fails when an action, a look-back, a move or a withdrawal of a hidden presenter keeps an hour
    or a mark of who was there."""
    circle = Circle(tmp_path)
    path, names = circle.pass_by()

    thief, right = Thief(path, names), Counter()
    for way, guessed in thief.guesses().items():
        right[way] += sum(who == circle.truth[post] for post, who in guessed.items())
    way, most = right.most_common(1)[0]
    masks = len(circle.truth)

    assert {post.id for post in thief.masks} == set(circle.truth)
    assert all(circle.done[each] == STORIES * PEOPLE for each in SAID)
    assert circle.done["moves"] >= 6 * PEOPLE
    chance = 1 / PEOPLE
    figure(f"{most / masks:.2f} of {masks} late posts by “{way}”; chance {chance:.2f}")
    assert wilson(most, masks, z=3.29)[0] <= chance + SLACK
