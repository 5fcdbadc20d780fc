"""Closing a circle: by vote, read-only for a month, then unreadable."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from forum import worker
from forum.accounts.models import Member
from forum.audit import queries as audit
from forum.audit.actions import Deed
from forum.circles import closing
from forum.circles.closing import close_due
from forum.circles.membership import give_role, step_down
from forum.circles.models import Circle, ClosingVoice, Membership
from forum.circles.queries import people, with_suspended_members
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.core.keys import key_ring
from forum.operations import backups
from forum.policy.terms import Role
from forum.search.services import sweep
from tests import engine
from tests.circles import ways
from tests.page import Page

DAY = timedelta(days=1)


@pytest.fixture
def url(world):
    return f"/circles/{world.ids['rose']}/closing"


def second_moderator(world, who="fay"):
    with world.app.app_context():
        standing = world.standing("mo")
        known = {each.name: each.membership_id for each in people(standing)}
        with unit_of_work():
            give_role(standing, known[f"Dr {who.title()}"], Role.MODERATOR)


def closes_on(world):
    with world.app.app_context():
        return db.session.get(Circle, world.ids["rose"]).closes_on


def test_two_moderators_close_without_members(world, url):
    second_moderator(world)

    assert world.client("ray").submit(url).status_code == 403
    world.client("mo").submit(url)
    assert closes_on(world) is None
    assert "Someone has asked to close this circle." in world.client("ray").get(url).text
    world.client("fay").submit(url)

    assert closes_on(world) == (world.moment + 30 * DAY).date()
    page = world.client("ray").get(f"/circles/{world.ids['rose']}/").text
    assert "closes on 1\u00a0April" in page


def test_the_last_day_of_a_circle_is_today(world, url):
    """Fails when its pages say "closes on today"."""
    second_moderator(world)
    for who in ("mo", "fay"):
        world.client(who).submit(url)
    world.moment += 30 * DAY

    ray = world.client("ray")

    assert "The circle closes today. Until then" in ray.get(url).text
    assert "Rose closes today" in ray.get("/").text


def test_a_moderator_counts_once(world, url):
    second_moderator(world)
    for do in ("close", "take_back", "close", "close"):
        world.client("mo").submit(url, do=do)

    assert closes_on(world) is None


def test_a_vote_pressed_twice_is_one_vote(world, url):
    """Fails when the second press takes the vote back, or votes against what it decided."""
    mo = world.client("mo")
    form = Page(mo.get(url)).form("/closing")
    vote = form.one("input", name="do")["value"]
    for _ in range(2):
        assert mo.submit(url, do=vote).status_code == 303
    assert Page(mo.get(url)).button("Withdraw my request")

    for who in ("ray", "pru", "joe", "joe"):  # the last of them a second time
        world.client(who).submit(url, do=vote)
    assert closes_on(world) is not None


def test_with_one_moderator_a_majority_closes(world, url):
    stands = []
    for who in ("mo", "ray", "pru", "joe"):
        world.client(who).submit(url)
        stands.append(closes_on(world) is not None)

    assert stands == [False, False, False, True]  # of seven


def test_votes_on_closing_are_secret(world, url):
    pages = {}
    for asker in ("ray", "pru"):
        world.client(asker).submit(url)
        pages[asker] = world.client("ivy").get(url).text.partition("<main")[2].split("csrf")[0]

    assert pages["ray"] == pages["pru"]


def test_a_closing_circle_is_read_and_called_off(world, url):
    for who in ("mo", "ray", "pru", "joe"):
        world.client(who).submit(url)
    here = f"/circles/{world.ids['rose']}/"

    refused = world.client("ray").answer(world.thread, body="Too late", do="own_name")
    assert world.client("ray").get(world.thread).status_code == 200
    assert "Post as Dr Ray" not in world.client("ray").get(refused.location).text
    assert world.client("ray").submit(f"{url}/call-off").status_code == 403
    world.client("mo").submit(f"{url}/call-off")

    assert closes_on(world) is None
    assert "Post as Dr Ray" in world.client("ray").get(refused.location).text
    assert "stopped the closing" in world.client("ivy").get(f"{here}log").text


@pytest.mark.leaks
@pytest.mark.proof("D3")
@pytest.mark.skipif(engine.IS_POSTGRESQL, reason="copies the file of SQLite")
def test_closing_destroys_the_key_before_rows(world, url):
    """D3. Fails when rows are deleted and the key is left."""
    world.reply("ray", "A kestrel over the road")
    assert "kestrel" in world.client("ivy").search("kestrel").text
    copy = world.folder / "old"
    shutil.copytree(world.folder / "instance", copy)
    for who in ("mo", "ray", "pru", "joe"):
        world.client(who).submit(url)

    index = world.folder / "search_index" / str(world.ids["rose"])
    assert index.exists()
    kept = []
    for days in (30, 1):
        world.moment += days * DAY
        with world.app.app_context():
            close_due()
            kept.append(key_ring().keeps(world.ids["rose"]))
            sweep()
    assert kept == [True, False]
    assert not index.exists()
    with world.app.app_context():
        tables = [t for t in db.metadata.sorted_tables if "circle_id" in t.columns]
        here = [
            table.name
            for table in tables
            if db.session.execute(select(table).where(table.c.circle_id == world.ids["rose"])).all()
        ]
        assert here == []
        assert key_ring().destroyed() == {world.ids["rose"]}
    assert world.client("ray").get(world.thread).status_code == 404
    assert "Rose" not in world.client("ray").get("/").text
    assert "Oak" in world.client("nan").get("/").text

    # the database as it was, with today's keys
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    for name in ("forum.db", "forum.db-wal", "forum.db-shm"):
        (world.folder / "instance" / name).unlink(missing_ok=True)
        if (copy / name).exists():
            shutil.copy(copy / name, world.folder / "instance" / name)
    world.restart()
    assert world.client("ray").get(world.thread).status_code == 404
    with world.app.app_context():
        assert close_due() == 1  # and what it brought back goes once more
        assert db.session.get(Circle, world.ids["rose"]) is None


def test_the_service_log_notes_closing_without_names(world, url):
    for who in ("mo", "ray", "pru", "joe"):
        world.client(who).submit(url)
    world.moment += 31 * DAY
    with world.app.app_context():
        close_due()

    page = world.client("lee").get("/service/log").text
    assert "A circle was deleted for good." in page
    assert str(world.ids["rose"]) not in page


def leaves(world, *people_who_go):
    with world.app.app_context():
        for who in people_who_go:
            with unit_of_work():
                leave(world.ids[who], world.ids["rose"])


def suspends(world, who, *, suspended=True):
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids[who]).is_suspended = suspended


def begin_closing(world, url):
    for who in ("pru", "ray", "ivy", "mo"):
        world.client(who).submit(url)
    assert closes_on(world)


def test_votes_of_leavers_do_not_count(world, url):
    for who in ("pru", "ray", "joe"):
        world.client(who).submit(url)
    leaves(world, "pru", "ray")
    suspends(world, "joe")

    world.client("ivy").submit(url)  # one of five, and more than half are three

    assert closes_on(world) is None


@pytest.mark.leaks
@pytest.mark.parametrize("gone", [leaves, suspends])
def test_an_open_vote_stays_open_when_its_voter_is_gone(world, url, gone):
    """Fails when home says that somebody asks to close, and the page of closing that nobody does,
    or when the next to ask is logged as the first: the vote was that of whoever has just left, or a
    member is suspended."""
    world.client("joe").submit(url)
    gone(world, "joe")

    assert "Someone asks to close Rose" in world.client("ivy").get("/").text
    assert "Someone has asked to close this circle." in world.client("ivy").get(url).text
    world.client("kit").submit(url)
    with world.app.app_context():
        since, until = world.moment - DAY, world.moment + DAY
        assert audit.number_of(world.ids["rose"], {Deed.CLOSING_ASKED}, since, until) == 1


def test_a_vote_counts_by_todays_role(world, url):
    """Fails when a vote counts by the role at the time of voting."""
    second_moderator(world)
    world.client("fay").submit(url)
    with world.app.app_context(), unit_of_work():
        step_down(world.standing("fay"), world.ids["fay"])
    second_moderator(world, "ray")

    world.client("mo").submit(url)  # one moderator of two asks, and one member

    assert closes_on(world) is None
    world.client("ray").submit(url)
    assert closes_on(world)


@pytest.mark.parametrize(("moderators", "hears"), [(1, True), (2, False)])
def test_voters_see_an_open_vote(world, url, moderators, hears):
    if moderators == 2:
        second_moderator(world)
    world.client("mo").submit(url)

    home = world.client("ivy").get("/").text
    here = world.client("ivy").get(f"/circles/{world.ids['rose']}/").text

    assert ("Someone asks to close Rose" in home) is hears
    assert ("Someone asks to close this circle." in here) is hears
    assert "Someone asks to close Rose" in world.client("mo").get("/").text
    assert "Someone asks" not in world.client("nan").get("/").text


def test_a_closing_circle_can_be_taken_on(world, url):
    begin_closing(world, url)
    leaves(world, "mo")

    taken = world.client("fay").submit(f"/circles/{world.ids['rose']}/take-on")
    world.client("fay").submit(f"{url}/call-off")

    assert taken.status_code == 303
    assert closes_on(world) is None


def test_a_majority_calls_off_without_moderator(world, url):
    begin_closing(world, url)
    assert world.client("ray").submit(url).status_code == 403  # while a moderator may alone
    leaves(world, "mo")

    stands = []
    for who in ("ray", "pru", "joe", "kit"):
        world.client(who).submit(url)
        stands.append(closes_on(world) is None)

    assert stands == [False, False, False, True]  # of six
    log = world.client("ivy").get(f"/circles/{world.ids['rose']}/log").text
    assert "More than half of all members stopped the closing of the circle." in log


def test_a_restored_closing_restarts_its_notice(world, url):
    """Closing may have been called off after the backup was made."""
    with world.app.app_context():
        with unit_of_work():
            db.session.get(Circle, world.ids["rose"]).closes_on = (world.moment - DAY).date()
        backups.begin_again()
        close_due()
        assert key_ring().keeps(world.ids["rose"])

    assert closes_on(world) == (world.moment + 30 * DAY).date()
    log = world.client("ivy").get(f"/circles/{world.ids['rose']}/log").text
    assert "The time to stop it starts again" in log


def test_a_suspended_moderator_does_not_count(world):
    page, here = f"/circles/{world.ids['rose']}/take-on", f"/circles/{world.ids['rose']}/"
    suspends(world, "mo")
    read_only = world.client("ivy").get(here).text
    suspends(world, "mo", suspended=False)
    again = world.client("ivy").get(here).text

    assert "This circle has no moderator" in read_only
    assert "This circle has no moderator" not in again
    assert world.client("ivy").submit(page).status_code == 403
    suspends(world, "mo")
    assert world.client("ivy").submit(page).status_code == 303
    suspends(world, "mo", suspended=False)
    with world.app.app_context():
        assert world.standing("mo").role is Role.MEMBER  # somebody took the circle on since
        assert world.standing("ivy").role is Role.MODERATOR


def test_invitations_of_suspended_moderators_end(world):
    second_moderator(world)
    links = {who: ways.link(world, who) for who in ("mo", "fay")}
    suspends(world, "mo")
    at_once = world.client().get(links["mo"]).status_code
    with world.app.app_context():
        assert with_suspended_members() == [world.ids["rose"]]
        worker.run_due_jobs()
    suspends(world, "mo", suspended=False)

    assert at_once == 410
    assert world.client().get(links["mo"]).status_code == 410
    assert world.client().get(links["fay"]).status_code == 200


@pytest.mark.parametrize("why", ["nobody looks after it", "it closes"])
def test_a_read_only_circle_admits_nobody(world, url, why):
    link = ways.link(world)
    if why == "it closes":
        begin_closing(world, url)
    else:
        leaves(world, "mo")

    assert world.client().get(link).status_code == 410
    invited = world.client("mo").submit(f"/circles/{world.ids['rose']}/invite", by="link")
    assert invited.status_code in (404, 422)


def test_the_page_offers_each_what_they_may_press(world, url):
    def offers(who):
        page = Page(world.client(who).get(url))
        return {each.text for each in page.one("main").all("button")}

    second_moderator(world)
    open_to = {who: offers(who) for who in ("mo", "ray")}
    for who in ("mo", "fay"):
        world.client(who).submit(url)
    closing = {who: offers(who) for who in ("mo", "ray")}

    assert "Keep the circle open" not in open_to["mo"] | open_to["ray"] | closing["ray"]
    assert "Keep the circle open" in closing["mo"]
    assert open_to["mo"]
    assert not open_to["ray"]


def test_a_vote_lives_for_its_days_and_no_longer(world, url):
    """Fails when a voice counts on a day on which it is over."""
    second_moderator(world)
    world.client("mo").submit(url)
    asked, begun = [], world.moment
    for age in (closing.VOICE_LIFE - DAY, closing.VOICE_LIFE):
        world.moment = begun + age
        with world.app.app_context():
            asked.append(closing.closing_state(world.standing("mo")).asked)

    assert asked == [True, False]


def test_a_vote_that_is_over_can_be_given_again(world, url):
    """Fails when whoever asked once, and was not followed, can ask no more."""
    second_moderator(world)
    world.client("mo").submit(url)
    world.moment += closing.VOICE_LIFE

    assert world.client("mo").submit(url).status_code == 303

    with world.app.app_context():
        assert closing.closing_state(world.standing("mo")).mine


@pytest.mark.parametrize("moderators", [1, 2])
def test_two_moderators_are_enough_to_decide(world, moderators):
    if moderators == 2:
        second_moderator(world)
    with world.app.app_context():
        assert closing.closing_state(world.standing("ray")).by_moderators is (moderators == 2)


def test_an_empty_circle_begins_to_close_once(world):
    """Fails when a circle with people closes by itself, or one that closes begins anew."""
    rose = world.ids["rose"]
    with world.app.app_context(), unit_of_work():
        assert not closing.begin_empty(rose)
        db.session.execute(delete(Membership).where(Membership.circle_id == rose))
        assert closing.begin_empty(rose)
    first = closes_on(world)
    world.moment += DAY
    with world.app.app_context(), unit_of_work():
        assert not closing.begin_empty(rose)

    assert closes_on(world) == first == (world.moment + 29 * DAY).date()


@pytest.mark.parametrize("ends", ["again", "off"])
def test_after_a_restore_closings_of_circles_with_a_key_are_seen_to(world, ends):
    rose, oak = world.ids["rose"], world.ids["oak"]
    with world.app.app_context():
        with unit_of_work():
            for each in (rose, oak):
                db.session.get_one(Circle, each).closes_on = (world.moment + DAY).date()
        key_ring().destroy_circle(oak)
        with unit_of_work():
            closing.begin_again() if ends == "again" else closing.call_off_all()
        found = {each: db.session.get_one(Circle, each).closes_on for each in (rose, oak)}

    assert found[rose] == ((world.moment + 30 * DAY).date() if ends == "again" else None)
    assert found[oak] == (world.moment + DAY).date()


def test_rounds_go_on_once_a_restored_closing_is_called_off(world, url):
    """Fails when the clocks of a circle stand still for good, though nobody closes it."""
    begin_closing(world, url)
    world.moment += 2 * DAY
    with world.app.app_context():
        circle = db.session.get_one(Circle, world.ids["rose"])
        [(_since, until)] = circle.talk_choices["stops"]
        assert until is None
        with unit_of_work():
            closing.call_off_all()

        [(_since, until)] = circle.talk_choices["stops"]

    assert until == world.moment.replace(minute=0).isoformat()


@pytest.mark.leaks
def test_the_vote_of_somebody_who_left_stands_as_long_as_any(world, url):
    """Fails when a vote goes within days of its voter's leaving: it was theirs."""
    world.client("joe").submit(url)
    leaves(world, "joe")
    standing = []
    for _ in range(15):
        with world.app.app_context():
            worker.run_due_jobs()
        page = world.client("ivy").get(url).text
        standing.append("Someone has asked to close this circle." in page)
        world.moment += DAY

    assert standing == [True] * 14 + [False]
    world.client("kit").submit(url)
    with world.app.app_context():
        assert len(db.session.scalars(select(ClosingVoice)).all()) == 1


def test_votes_to_call_off_are_no_votes_to_close_after_a_restore(world, url):
    """Fails when who asked to keep a circle counts, after a restore, among those to close it."""
    begin_closing(world, url)
    leaves(world, "mo")
    for who in ("ray", "pru", "joe"):
        world.client(who).submit(url)
    with world.app.app_context(), unit_of_work():
        closing.call_off_all()

    world.client("kit").submit(url, do="close")

    assert closes_on(world) is None


def test_the_first_vote_alone_is_logged_and_decides_nothing(world, url):
    second_moderator(world)
    with world.app.app_context(), unit_of_work():
        assert not closing.ask(world.standing("mo"))
    with world.app.app_context():
        with unit_of_work():
            assert not closing.ask(world.standing("mo"), closes=True)
            assert closing.ask(world.standing("fay"))
        since, until = world.moment - DAY, world.moment + DAY
        number = {
            deed: audit.number_of(world.ids["rose"], {deed}, since, until)
            for deed in (Deed.CLOSING_ASKED, Deed.CLOSING_BEGUN)
        }

    assert set(number.values()) == {1}


def test_circles_that_close_are_counted(world):
    with world.app.app_context():
        with unit_of_work():
            db.session.get_one(Circle, world.ids["rose"]).closes_on = world.moment.date()
        assert close_due() == 0  # its last day
    world.moment += DAY
    with world.app.app_context():
        assert close_due() == 1
        assert close_due() == 0
        assert db.session.get(Circle, world.ids["oak"]) is not None


def test_a_page_that_offered_closing_changes_nothing_once_it_closes(world):
    """Fails when a press from before is refused, or counts as a vote against closing."""
    second_moderator(world)
    with world.app.app_context():
        for who in ("mo", "fay"):
            with unit_of_work():
                closing.ask(world.standing(who), closes=True)
        before = closes_on(world)
        with unit_of_work():
            assert not closing.ask(world.standing("mo"), closes=True)

    assert before
    assert closes_on(world) == before
