"""Pages of one host while the worker of another has read rows, and has not written them yet."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from forum.accounts import services as accounts
from forum.accounts.models import Member
from forum.circles import answering_rota, invitations, joining
from forum.circles import queries as circles
from forum.circles.locks import lock_circle
from forum.circles.models import Turn
from forum.core.db import db, unit_of_work
from forum.core.errors import InvalidInput
from forum.discussions import drafts, jobs, post_queries, posts, read_marks, visibility
from forum.discussions.composer import Reflection, ReplyWords
from forum.discussions.models import Draft, ReadMark, Reply
from forum.moderation import jobs as moderation_jobs
from forum.moderation import services as moderation
from forum.offboarding import jobs as offboarding_jobs
from forum.offboarding import services as offboarding
from forum.policy.terms import AuthorMode, FlagReason
from tests.hosts import Meanwhile

MINE = AuthorMode.OWN_NAME


def by(host, who, act, circle="rose"):
    """Let a member act in a request and a unit of work of a host."""
    with host.app.test_request_context():
        standing = host.standing(who, circle)
        with unit_of_work():
            return act(standing)


def at_worker(host, act):
    with host.app.app_context():
        return act()


@pytest.fixture
def within(monkeypatch):
    """Function that begins an act when another function has been called for the first time."""

    def within(place, name, act):
        asked, begun = getattr(place, name), []

        def first(*values):
            result = asked(*values)
            if not begun:
                begun.append(None)
                begun[:] = [Meanwhile(act)]
            return result

        monkeypatch.setattr(place, name, first)
        return begun

    return within


def done(begun):
    [other] = begun
    assert other.ended().failure is None


def old_reply(here):
    reply_id = here.reply("ray", "Mrs Miller of Elm Street")
    with here.app.app_context(), unit_of_work():
        db.session.execute(update(Reply).values(renderer=0))
    return reply_id


def amended(there, reply_id):
    words = ReplyWords("A patient", MINE)
    by(there, "ray", lambda mine: posts.amend(mine, posts.posted(mine, reply_id), words))


def withdrawn(there, reply_id, *, at_once=True):
    def withdraw(mine):
        posts.withdraw(mine, posts.posted(mine, reply_id), at_once=at_once)

    by(there, "ray", withdraw)


@pytest.mark.parametrize("act", [amended, withdrawn])
def test_a_text_that_goes_while_it_is_rendered_anew_is_gone(hosts, within, act):
    """Fails when the worker writes what it rendered of a text that it read before the lock."""
    here, there = hosts
    reply_id = old_reply(here)
    begun = within(jobs.markup, "render", lambda: act(there, reply_id))
    at_worker(here, jobs.settle)

    done(begun)
    with here.app.app_context():
        assert "Miller" not in db.session.scalars(select(Reply)).one().html


def test_a_draft_saved_while_old_ones_go_stays(hosts, within):
    """Fails when the worker deletes drafts by ids that it read before the lock."""
    here, there = hosts
    draft_id = uuid4()

    def saved(words):
        kept = Reflection(words, {"story": words}, mode=MINE)
        by(there, "ray", lambda mine: drafts.save(mine, draft_id, kept, None))

    saved("old")
    here.moment = there.moment = here.moment + timedelta(days=15)
    begun = within(drafts, "_waits", lambda: saved("the work of an evening"))
    at_worker(here, jobs.settle)

    done(begun)
    with here.app.app_context():
        assert "evening" in db.session.scalars(select(Draft)).one().words


def test_a_skip_while_the_rota_turns_leaves_three_places(hosts, within):
    """Fails when the worker turns the rota without the circle's lock."""
    here, there = hosts
    by(here, "mo", lambda standing: answering_rota.set_rhythm(standing, 1))
    for who in ("ray", "pru", "ivy"):
        by(here, who, answering_rota.put_on)
    here.moment = there.moment = here.moment + timedelta(days=8)
    begun = within(
        answering_rota, "_store_current_turn", lambda: by(there, "joe", answering_rota.skip)
    )
    at_worker(here, answering_rota.turn_due)

    done(begun)
    with here.app.app_context():
        assert sorted(db.session.scalars(select(Turn.place))) == [1, 2, 3]


def test_an_account_kept_at_the_last_moment_stays(hosts):
    """Fails when the worker does not ask again under the lock whether an account is due."""
    here, there = hosts
    with here.app.test_request_context(), unit_of_work():
        offboarding.delete_account(here.ids["sol"], words_go=False)
    here.moment = there.moment = here.moment + timedelta(days=7)
    with here.app.test_request_context(), unit_of_work():
        offboarding.keep_account(here.ids["sol"])
        db.session.flush()
        other = Meanwhile(lambda: at_worker(there, offboarding_jobs.forget_accounts))

    assert other.ended().result == 0
    with here.app.app_context():
        assert db.session.get(Member, here.ids["sol"]) is not None


def test_two_links_and_one_address(hosts):
    """Fails when two sign up with one address, and the second meets the constraint: a 500."""
    here, there = hosts
    new = joining.Newcomer("new@example.org", "Dr New", "as hashed")
    mine, theirs = (
        by(here, who, lambda standing: invitations.create_link(standing, "", "x"), circle)
        for who, circle in (("mo", "rose"), ("nan", "oak"))
    )

    def signed_up(host, secret):
        with host.app.test_request_context(), unit_of_work():
            joining.sign_up(joining.way_in(secret), new)
            db.session.flush()
            return host is here and Meanwhile(lambda: signed_up(there, theirs))

    other = signed_up(here, mine)
    assert isinstance(other.ended().failure, InvalidInput)


def a_flag(here):
    post_id = here.reply("ray", "Rounds are a delight")

    def flagged(mine):
        post = post_queries.post(mine, post_id)
        moderation.raise_flag(mine, post, FlagReason.UNKIND, "")

    by(here, "pru", flagged)


def a_read_mark(here):
    here.client("ray").get(here.thread)
    assert at_worker(here, lambda: db.session.query(ReadMark).count())


def a_suspension(here):
    with here.app.test_request_context(), unit_of_work():
        accounts.suspend("ray@example.org")


SHARED = {
    "flags": (a_flag, moderation_jobs.settle),
    "read marks": (a_read_mark, lambda: read_marks.seal_all_anew(lambda _circle: ())),
    "invitations": (a_suspension, invitations.end_unvouched),
}


@pytest.mark.parametrize("name", SHARED)
def test_the_worker_waits_for_a_circle_before_it_reads(hosts, name):
    """Fails when a job reads rows of a circle before it has the lock: what a page writes meanwhile
    would be overwritten.
    """
    here, there = hosts
    prepare, job = SHARED[name]
    prepare(here)
    there.moment = here.moment
    with here.app.app_context(), unit_of_work():
        lock_circle(here.ids["rose"])
        other = Meanwhile(lambda: at_worker(there, job))
        assert other.is_alive()

    assert other.ended().failure is None


def test_the_words_of_somebody_who_comes_back_stay(hosts, within):
    """Fails when the worker withdraws what it found due before the circle's lock."""
    here, there = hosts
    reply_id = here.reply("ray", "All of this is mine")
    ray, rose = here.ids["ray"], here.ids["rose"]
    with here.app.test_request_context(), unit_of_work():
        offboarding.leave(ray, rose, words_go=True)
    with here.app.app_context():
        [name] = offboarding_jobs._going(rose)
    here.moment = there.moment = name.first

    def come_back():
        with there.app.test_request_context():
            [place] = circles.left_places(ray)
            with unit_of_work():
                offboarding.undo(place)

    begun = within(offboarding_jobs, "_going", come_back)
    at_worker(here, offboarding_jobs.settle)

    done(begun)
    with here.app.app_context():
        assert not db.session.get_one(Reply, (rose, reply_id)).withdrawn


def test_a_text_brought_back_at_the_last_moment_stays(hosts):
    """Fails when the worker erases texts that it found due before the circle's lock."""
    here, there = hosts
    reply_id, rose = here.reply("ray", "Rounds are a bore"), here.ids["rose"]
    withdrawn(here, reply_id, at_once=False)
    here.moment = there.moment = here.moment + timedelta(minutes=41)
    with here.app.app_context(), unit_of_work():
        lock_circle(rose)
        visibility.bring_back(db.session.get_one(Reply, (rose, reply_id)))
        db.session.flush()
        other = Meanwhile(lambda: at_worker(there, jobs.erase))

    assert other.ended().result == 0
    with here.app.app_context():
        assert "bore" in db.session.get_one(Reply, (rose, reply_id)).body
