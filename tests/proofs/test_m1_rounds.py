"""M1 for rounds: weeks in which a hidden presenter does all that a round lets them do.

Two worlds differ in who that is. What all others see, are sent and could copy is the same, and so
is the number of statements that each of their pages takes.
"""

from datetime import timedelta
from difflib import unified_diff

import pytest

from forum import worker
from forum.core.db import db
from forum.discussions import courses, thread_queries
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode, ReplyKind
from tests.notifications.post import ring
from tests.page import Page
from tests.postoffice import PostOffice
from tests.proofs.test_m1_swap import dump, letters, told
from tests.world import World, transactions_of

HIDDEN, NAMED = AuthorMode.THREAD_PSEUDONYM, AuthorMode.OWN_NAME
AUTHORS = ("ray", "fay")
ONLOOKERS = ("mo", "ivy", "pru")
ROUNDS = ["questions_first", "balint_style", "inviting_change", "action_learning"]
WISHES = {"action_learning": "advice", "inviting_change": "hear_me_out"}
SEEN = (
    *("sits with this question", "Kept for", "A message is waiting", "With you", "Looking back"),
    *("Walk on Fridays.", "To tell how it went", "I walked."),
)
MINUTE, WEEK = timedelta(minutes=1), timedelta(weeks=1)


class Weeks:
    """A world, the hidden presenter in it, and what the others saw of it."""

    def __init__(self, folder, author):
        self.world, self.author = World(folder), author
        self.pages, self.sent, self.rows = {}, [], []
        mo, page = self.world.client("mo"), f"{self.circle}ways-to-talk"
        version = Page(mo.get(page)).one("input", name="version")["value"]
        mo.submit(page, rounds=ROUNDS, version=version)
        self.acts = {
            key: self.world.present(author, key, "Words.", HIDDEN, talk=key, wish=wish)
            for key, wish in WISHES.items()
        }

    @property
    def circle(self):
        return f"/circles/{self.world.ids['rose']}/"

    def thread(self, key):
        return f"{self.circle}threads/{self.acts[key]}"

    def own_round(self, key):
        return self.world.url("discussions.own_round", who=self.author, post_id=self.acts[key])

    @property
    def hides(self):
        return self.world.client(self.author)

    def move(self, key, **what):
        assert self.hides.submit(self.own_round(key), **what).status_code == 303

    def says(self, key, body, **more):
        sent = self.hides.answer(self.thread(key), body=body, do=HIDDEN.value, **more)
        assert sent.status_code == 303, sent.text

    def asks(self, key, who, body, kind=ReplyKind.QUESTION):
        return self.world.reply(who, body, NAMED, kind, thread_id=self.acts[key])

    def phase(self, key):
        with self.world.app.app_context():
            standing = self.world.standing("ivy")
            thread = thread_queries.thread(standing, self.acts[key])
            return courses.timeline_now(standing, thread).now

    def look(self, office, name):
        """Let the worker run, and everybody else look."""
        world = self.world
        with world.app.app_context():
            worker.run_due_jobs()
        ring(world)
        for who in ONLOOKERS:
            client = world.client(who)
            for url in self.addresses(who):
                seen = told(client.get(url))
                self.pages[name, who, url.replace("-", "")[-40:]] = seen
                self.pages[name, who, f"statements of {url}"] = [str(self.cost(client, url))]
        self.sent.append(letters(office))
        self.rows.append(dump(world))

    def addresses(self, who):
        desk = [f"{self.circle}moderation", f"{self.circle}rounds", f"{self.circle}log"]
        threads = [self.thread(key) for key in self.acts]
        rounds = [f"{each}/round" for each in threads]
        return ["/", self.circle, *threads, *rounds, *(desk if who == "mo" else ())]

    def cost(self, client, url):
        with self.world.app.app_context():
            engine = db.engine
        with transactions_of(engine) as done:
            client.get(url)
        return sum(map(len, done))


def pass_weeks(folder, author):
    """All acts of a hidden presenter, phase after phase, and of those who answer."""
    told = Weeks(folder, author)
    world = told.world
    with PostOffice() as office:
        office.serves(world)
        told.look(office, "before its slot")
        world.moment += timedelta(days=1)
        told.look(office, "asking")

        first = told.asks("action_learning", "ivy", "What would be enough?")
        early = told.asks("action_learning", "joe", "Have you tried a walk? You should.")
        refused = world.client("ivy").answer(
            told.thread("action_learning"), body="A second?", kind="question", do="own_name"
        )
        assert refused.status_code == 422
        told.asks("action_learning", "pru", "I am with you.", ReplyKind.ACKNOWLEDGEMENT)
        world.client("ivy").submit(f"{told.thread('action_learning')}/acknowledge")
        told.hides.get(told.thread("action_learning"))
        draft = {"body": "Not yet.", "kind": "action", "do": HIDDEN.value}
        too_early = told.hides.answer(told.thread("action_learning"), **draft)
        assert too_early.status_code == 422  # kept as a draft for its day
        told.move("action_learning", sit=str(first))
        told.move("action_learning", keep=str(early))
        told.move("inviting_change", move="open_offering")
        told.look(office, "waiting")
        world.moment += timedelta(days=1)
        told.look(office, "sat with, and kept for later")

        opened = f"{told.circle}posts/{told.acts['action_learning']}/note"
        assert world.client("mo").submit(opened, words="How are you?").status_code == 303
        told.look(office, "a message")
        told.hides.get(f"{told.circle}your-words")
        told.look(office, "a message that was read")
        nudged(told)
        company(told)
        told.look(office, "a nudge, and company")

        while told.phase("action_learning").phase.key != "actions":
            world.moment = told.phase("action_learning").ends + MINUTE
            told.look(office, f"phase {told.phase('action_learning').phase.key}")
        day = f"{(world.moment + timedelta(days=20)):%Y-%m-%d}"
        told.says("action_learning", "Walk on Fridays.", kind="action", report_on=day)
        told.look(office, "an action that waits")
        world.moment += timedelta(days=1)
        told.move("inviting_change", move="end", sure="1")
        told.look(office, "an action")
        world.moment += timedelta(days=21)
        told.look(office, "the action's day")
        told.says("action_learning", "I walked.", kind="look_back")
        told.look(office, "looking back, in wait")
        world.moment += 12 * WEEK
        told.look(office, "after twelve weeks")
        told.says("inviting_change", "It is long ago.", kind="look_back")
        world.moment += timedelta(days=1)
        told.look(office, "looked back")
        taken = world.url("discussions.withdraw", who=author, post_id=told.acts["inviting_change"])
        assert told.hides.submit(taken).status_code == 303
        told.look(office, "a story that will go")
        world.moment += timedelta(days=1)
        told.look(office, "a story that has gone")
    return told


def nudged(told):
    """The presenter answers Pru behind a mask, is asked about advice once, and sends it."""
    client = told.hides
    composer = client.get(f"{told.world.thread}/answer").location
    typed = Page(client.get(composer)).one("form", id="typed").fields()
    typed |= {"body": "You should sleep.", "do": HIDDEN.value}
    asked = client.post(composer, data=typed)
    assert "This may sound like advice" in asked.text
    again = Page(asked).one("form", id="typed").fields() | {"do": HIDDEN.value}
    looked = client.post(composer, data=typed | again)
    assert client.submit(looked.location).status_code == 303


def company(told):
    """The presenter keeps Pru company behind the same mask."""
    client = told.hides
    composer = client.get(f"{told.world.thread}/answer?company=1").location
    typed = Page(client.get(composer)).one("form", id="typed").fields()
    typed |= {"body": "I am with you.", "do": HIDDEN.value}
    looked = client.post(composer.partition("?")[0], data=typed)
    assert client.submit(looked.location).status_code == 303


@pytest.mark.proof("M1")
def test_weeks_of_a_round_are_alike_whoever_hides(tmp_path):
    """Fails when an act of a hidden presenter shows, is dated or is counted by who they are."""
    one, other = (pass_weeks(tmp_path / author, author) for author in AUTHORS)

    for place, lines in one.pages.items():
        differs = [*unified_diff(lines, other.pages[place], lineterm="", n=0)]
        assert not differs, place
    assert one.sent == other.sent
    for before, after in zip(one.rows, other.rows, strict=True):
        for table in before:
            assert before[table] == after[table], table
    seen = str(one.pages)
    for words in SEEN:
        assert words in seen, words
    with one.world.app.app_context():
        assert db.session.query(Reply).filter_by(kind=ReplyKind.LOOK_BACK).count() == 2
