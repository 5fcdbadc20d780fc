"""Months of a circle: people sign in when they like, read, write by name or behind a mask, and move
the rounds of what they told. All have an app, whose digits they give again before they hide."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select

from forum.accounts import passwords, totp, used_codes
from forum.accounts import services as accounts
from forum.accounts.queries import account
from forum.authors.models import Author
from forum.authors.services import choose_own_name
from forum.circles.models import Circle, Membership
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput
from forum.core.maintenance import rebuild_file, truncate_write_ahead_log
from forum.discussions import round_moves, thread_queries
from forum.discussions.courses import NotOpenNow
from forum.learning import services as learning
from forum.learning.note_content import NoteContent
from forum.policy.terms import AuthorMode
from forum.rounds.moves import MoveKind
from tests.accounts.people import hidden
from tests.accounts.second_factors import App, sign_in_with
from tests.proofs.stolen import stolen
from tests.world import MORNING, PASSWORD, World

MASKS = (AuthorMode.CIRCLE_VOICE, AuthorMode.THREAD_PSEUDONYM)
HOURS = (7.2, 12.5, 13, 18, 19.5, 20, 20.5, 21, 21.5, 22)  # at which people come
WRITE, HIDDEN_STORIES = 0.7, 0.25  # of visits, of reflections
TALKS = ("", "questions_first")  # "" is Just talk
MOVE = 0.3  # of a presenter's visits, for each of the last reflections they told
LEARN = 0.3  # of sittings, those that end with a learning note
EVERY = timedelta(days=3)  # a new reflection
SLOT = timedelta(hours=12)  # until one that hides is there to be read, at most
NIGHT = timedelta(hours=3, minutes=35)  # when the file is written anew, but for the last
LONG = "It was a long morning, and then there was this. " * 40  # more than a page of the file holds


@dataclass(frozen=True)
class Copied:
    """A copy of the database, and what its thief would give much to know.

    truth: masked post -> who wrote it. crowd: masked post -> how many, by the composer's word,
    could have written it. names: author row of an everyday name -> whose. visits: (who, when).
    moved: number of moves that presenters made in their rounds.
    """

    path: Path
    truth: dict
    crowd: dict
    names: dict
    visits: list
    moved: int


def circle_of(world, people):
    """So many members of Rose, by their names in `world.ids`: the cast, and as many more."""
    with world.app.app_context():
        here = set(
            db.session.scalars(
                select(Membership.member_id).filter_by(circle_id=world.ids["rose"], left_on=None)
            )
        )
        password = passwords.hashed(PASSWORD)
        for number in range(people - len(here)):
            who = f"x{number}"
            with unit_of_work():
                member = accounts.register(f"{who}@example.org", f"Dr {who.title()}", password)
                rose = db.session.get_one(Circle, world.ids["rose"])
                join(rose, member.id, f"Dr {who.title()}")
                world.ids[who] = member.id
                here.add(member.id)
            with unit_of_work():
                choose_own_name(world.standing(who))
    members = [who for who, known in world.ids.items() if known in here]
    assert len(members) == people
    return members


def with_secret(world, who):
    """The app of somebody, added on another day."""
    secret = totp.new_secret()
    with world.app.app_context(), unit_of_work():
        account(world.ids[who]).totp_secret = secret
    return App(world, totp.in_letters(secret))


def months(folder, seed, people, weeks, habits):
    """A circle of so many over some weeks, in which people come three to seven times a week."""
    return Months(World(folder, seed=seed), Random(seed), people, habits).pass_by(weeks)


@dataclass(frozen=True)
class Habits:
    """How people write: shares of the sittings in which anything is written.

    twice: of those with two posts, one by name and one masked. hide: of all others, those with one
    that is masked.
    """

    twice: float
    hide: float = 0.5


class Months:
    """A world in which time passes."""

    def __init__(self, world, chance, people, habits):
        self.world, self.chance, self.habits = world, chance, habits
        self.members = circle_of(world, people)
        self.began = {world.ids["thread"]: ("pru", MORNING)}
        self.truth, self.crowd, self.moved = {}, {}, 0
        self.apps = {who: with_secret(world, who) for who in self.members}
        self.learners = Random(people)  # their own chance: talk goes on as it did

    def pass_by(self, weeks):
        """All visits one after the other, and a copy just before the file is written anew."""
        start = MORNING.replace(hour=0, minute=0) + timedelta(days=1)
        visits = sorted(self._visits(start, weeks))
        night, told = start + NIGHT, start
        for moment, who in visits:
            while night <= moment:
                self._night(night)
                night += timedelta(days=1)
            self.world.moment = moment
            self._worker_ran()
            client = self.world.app.test_client()
            assert sign_in_with(client, who, self.apps[who].digits()).status_code == 303
            if moment - told >= EVERY:
                self._present(who)
                told = moment
            self._sit(client, who)
        with self.world.app.app_context():
            assert truncate_write_ahead_log()
        return self._copied([(who, moment) for moment, who in visits])

    def _worker_ran(self):
        """What the worker did since the last visit to marks of used codes, before this moment."""
        moment = self.world.moment
        for generation in (2, 1, 0):
            self.world.moment = moment - generation * timedelta(seconds=used_codes.GENERATION)
            with self.world.app.app_context(), unit_of_work():
                used_codes.purge()

    def _give_digits_again(self, client, who):
        page = client.get("/account/confirm")
        typed = {"digits": self.apps[who].digits()}
        assert client.post("/account/confirm", data=hidden(page) | typed).status_code == 303

    def _visits(self, start, weeks):
        for who in self.members:
            often = self.chance.uniform(3, 7)
            for _ in range(round(often * weeks)):
                hours = self.chance.choice(HOURS) + self.chance.random()
                yield start + timedelta(days=self.chance.randrange(7 * weeks), hours=hours), who

    def _night(self, moment):
        self.world.moment = moment
        with self.world.app.app_context():
            with unit_of_work():
                accounts.purge()
            accounts.sessions.purge()
            assert rebuild_file(forced=True)
            assert truncate_write_ahead_log()

    def _present(self, who):
        hides = self.chance.random() < HIDDEN_STORIES
        mode = self.chance.choice(MASKS) if hides else AuthorMode.OWN_NAME
        known = self.world.present(who, "Told", LONG, mode, talk=self.chance.choice(TALKS))
        self.began[known] = who, self.world.moment + SLOT * hides
        if hides:
            self._hid(known, who, len(self.members))

    def _sit(self, client, who):
        chance, world = self.chance, self.world
        there = []
        for known, (presenter, since) in list(self.began.items())[-4:]:
            if since > world.moment:
                continue
            if presenter != who:
                there.append(known)
            elif chance.random() < MOVE:
                self._move(who, known)
        if not there:
            return
        threads = chance.sample(there, len(there))
        world.moment += timedelta(minutes=chance.randrange(3, 15))
        client.get(f"/circles/{world.ids['rose']}/threads/{threads[0]}")
        for mode in self._modes():
            if mode.masked:
                self._give_digits_again(client, who)
            post = self._reply(who, mode, threads)
            if post and mode.masked:
                self._hid(post, who, len(self.members) - 1)
            world.moment += timedelta(minutes=chance.randrange(1, 8))
        if self.learners.random() < LEARN:
            self._learn(who, threads[0])

    def _reply(self, who, mode, threads):
        """A reply in the first of these threads whose round asks for one today, if any does.

        Whoever finds one closed writes in another, so that as much is written as without rounds.
        """
        for thread_id in threads:
            with suppress(NotOpenNow):
                return self.world.reply(who, LONG, mode, thread_id=thread_id)
        return None

    def _learn(self, who, thread_id):
        """A learning note at the end of a sitting."""
        content = NoteContent(learned="To wait", day=self.world.moment.date())
        with self.world.app.app_context(), unit_of_work():
            learning.write(self.world.ids[who], content, thread_id=thread_id)

    def _move(self, who, thread_id):
        """One move of a round by its presenter, on the page that they alone can open."""
        kinds = self.chance.sample(list(MoveKind), len(MoveKind))
        with self.world.app.app_context():
            standing = self.world.standing(who)
            for kind in kinds:
                with suppress(InvalidInput), unit_of_work():  # not open at present
                    thread = thread_queries.thread(standing, thread_id)
                    round_moves.move(standing, thread, kind, TALKS[1], own=True)
                    self.moved += 1
                    return

    def _modes(self):
        """The names under which somebody writes in one sitting."""
        draw, mask = self.chance.random, self.chance.choice(MASKS)
        if draw() >= WRITE:
            return []
        if draw() < self.habits.twice:
            return self.chance.sample([AuthorMode.OWN_NAME, mask], 2)
        return [mask if draw() < self.habits.hide else AuthorMode.OWN_NAME]

    def _hid(self, post, who, crowd):
        self.truth[post.hex], self.crowd[post.hex] = who, crowd

    def _copied(self, visits):
        with self.world.app.app_context():
            path = stolen(self.world)
            hands = {who: self.world.standing(who).hand for who in self.members}
            rows = db.session.scalars(select(Author).filter_by(mode=AuthorMode.OWN_NAME)).all()
            names = {row.id.hex: w for row in rows for w in self.members if hands[w].holds(row)}
        return Copied(Path(path), self.truth, self.crowd, names, visits, self.moved)
