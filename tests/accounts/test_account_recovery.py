"""Help back in, for somebody who lost phone and recovery codes."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from forum import worker
from forum.accounts import recoveries, services, totp
from forum.accounts.models import AccountRecovery, Member, Session
from forum.accounts.queries import account
from forum.accounts.recoveries import Recovery
from forum.accounts.recovery_states import RecoveryState
from forum.audit.actions import Deed
from forum.audit.models import SERVICE
from forum.audit.queries import page as log_page
from forum.circles.models import Membership
from forum.core.db import db, unit_of_work
from forum.mail.models import OutgoingMail
from forum.operations import backups
from forum.policy.terms import AuthorMode, Role
from tests.accounts.people import hidden, is_in, sign_in
from tests.accounts.second_factors import App, add_app, sign_in_with, with_app
from tests.page import Page
from tests.world import transactions_of

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
HELP = "/service/help-back-in"
TOLD = "Someone asks for your second lock to be taken off"
STOP = "This was not me"


@pytest.fixture
def ray(world):
    """(app, recovery codes) of Ray, who is still signed in on a device."""
    found = with_app(world)
    world.moment += 2 * MINUTE
    return found


def fresh(world, who):
    """A browser of somebody who gave a second factor just now, and added it if they had none."""
    client = world.client(who)
    with world.app.app_context():
        secret = account(world.ids[who]).totp_secret
    if not secret:
        add_app(world, client)
        return client
    world.moment += 2 * MINUTE
    typed = {"digits": App(world, totp.in_letters(secret)).digits()}
    client.post("/account/lock/confirm", data=hidden(client.get("/account/lock/confirm")) | typed)
    return client


def place_of(world, who, circle="rose"):
    with world.app.app_context():
        row = select(Membership.id).where(
            Membership.member_id == world.ids[who], Membership.circle_id == world.ids[circle]
        )
        return db.session.scalar(row)


def help_url(world, who):
    return f"/circles/{world.ids['rose']}/people/{place_of(world, who)}/help-back-in"


def vouch(world, voucher, whose="ray"):
    client = fresh(world, voucher)
    return client.submit(help_url(world, whose))


def state(world, who="ray"):
    with world.app.app_context():
        return recoveries.of(account(world.ids[who])).state


def rows(world):
    with world.app.app_context():
        return len(db.session.scalars(select(AccountRecovery)).all())


def has_app(world, who="ray"):
    with world.app.app_context():
        return bool(account(world.ids[who]).totp_secret)


@pytest.fixture
def mailing(world):
    world.app.config |= {"MAIL_SERVER": "mail.example.org", "SITE_URL": "https://example.org"}
    return world


def emails_to(world, who):
    with world.app.app_context():
        found = db.session.scalars(select(OutgoingMail)).all()
        return [each.subject for each in found if each.address == f"{who}@example.org"]


def confirm(world, act="confirm"):
    lee = fresh(world, "lee")
    page = Page(lee.get(HELP))
    [form] = [each for each in page.all("form") if each["action"].endswith(act)]
    return press(lee, form["action"]), form["action"]


def press(lee, url):
    return lee.post(url, data=lee.tokens("/service"))


def test_a_moderator_vouches_a_day_passes_and_the_lead_confirms(world, ray):
    answer = vouch(world, "mo")
    early = fresh(world, "lee").get(HELP).text
    world.moment += DAY + timedelta(hours=1)
    waiting = fresh(world, "lee").get(HELP).text
    confirm(world)
    client = world.client()
    signed_in = sign_in(client, "ray")

    assert answer.location.endswith("/people")
    assert "ray@example.org" not in early
    assert "ray@example.org" in waiting
    assert "vouched for" in waiting
    assert not has_app(world)
    assert signed_in.status_code == 303


def test_a_password_alone_opens_nothing_before_the_lead_confirms(world, ray):
    vouch(world, "mo")
    world.moment += 2 * DAY
    client = world.client()
    sign_in(client, "ray")

    assert not is_in(client)
    assert has_app(world)


def test_the_lead_cannot_confirm_before_a_day_is_over(world, ray):
    """Fails when the day in which its owner can stop it is cut short."""
    vouch(world, "mo")
    with world.app.app_context():
        row_id = db.session.scalar(select(AccountRecovery.id))
    world.moment += DAY - 5 * MINUTE
    answer = press(fresh(world, "lee"), f"{HELP}/{row_id}/confirm")

    assert answer.location == HELP
    assert has_app(world)
    assert state(world) is RecoveryState.WAITING


def test_the_lead_learns_no_circle_and_no_name(world, ray):
    """Fails when a page, an email or the log tells the lead by whom or where somebody was vouched
    for."""
    vouch(world, "mo")
    world.moment += DAY + timedelta(hours=1)
    lee = fresh(world, "lee")
    shown = [lee.get(each).text for each in (HELP, "/service", "/service/log")]

    for text in shown:
        for name in ("Dr Mo", "mo@example.org", "Rose", str(world.ids["rose"])):
            assert name not in text
    assert "was vouched for" in shown[2]


def test_its_owner_is_told_at_once_and_can_stop_it(mailing, world, ray):
    open_session = world.client("ray")
    vouch(world, "mo")
    told = open_session.get("/")
    other = world.client()
    sign_in_with(other, "ray", ray[0].digits())
    told_there = other.get("/account").text
    open_session.submit(Page(told).form("not-me")["action"])
    world.moment += DAY + timedelta(hours=1)

    assert STOP in told.text
    assert STOP in told_there
    assert emails_to(world, "ray").count(TOLD) == 1
    assert STOP not in other.get("/account").text
    assert "ray@example.org" not in fresh(world, "lee").get(HELP).text
    vouch(world, "mo")
    assert state(world) is RecoveryState.STOPPED


def test_pages_of_others_say_nothing_of_it(world, ray):
    pru = world.client("pru")
    before = Page(pru.get(f"/circles/{world.ids['rose']}/people")).text
    vouch(world, "mo")

    assert Page(pru.get(f"/circles/{world.ids['rose']}/people")).text == before
    assert STOP not in pru.get("/").text
    assert "vouch" not in pru.get(f"/circles/{world.ids['rose']}/log").text


def test_one_without_a_factor_and_one_with_look_alike_to_who_vouches(world, ray):
    """Fails when vouching tells a moderator who has a second lock."""
    mo = fresh(world, "mo")
    pages, answers = [], []
    for who in ("ray", "pru"):
        url = help_url(world, who)
        pages.append(Page(mo.get(url)).text.replace(who.title(), "X"))
        mo.submit(url)
        answers.append(Page(mo.get(f"/circles/{world.ids['rose']}/people")).text)

    assert pages[0] == pages[1]
    assert answers[0] == answers[1]
    assert rows(world) == 1


def without_moderator(world, *, stays=()):
    with world.app.app_context(), unit_of_work():
        for place in db.session.scalars(select(Membership)):
            if place.circle_id == world.ids["rose"] and place.role is Role.MODERATOR:
                place.role = Role.MEMBER
            if place.member_id in [world.ids[who] for who in stays]:
                place.role = Role.MODERATOR


def test_where_nobody_else_moderates_two_members_vouch(mailing, world):
    """Fails when one member is enough, or when the same one counts twice."""
    with_app(world, "mo")
    assert vouch(world, "pru", "mo").status_code == 303
    for _press in range(2):
        vouch(world, "pru", "mo")
        assert state(world, "mo") is RecoveryState.HALF
    vouch(world, "fay", "mo")

    assert state(world, "mo") is RecoveryState.WAITING
    assert emails_to(world, "mo").count(TOLD) == 2
    assert len(emails_to(world, "lee")) == 1


def test_taking_a_circle_on_makes_nobody_two(world, ray):
    """Fails when a member takes the circle on first, and then vouches alone."""
    without_moderator(world)
    url = f"/circles/{world.ids['rose']}/take-on"
    assert world.client("pru").submit(url).status_code == 303

    vouch(world, "pru")
    assert state(world) is RecoveryState.HALF
    world.moment += 8 * DAY
    vouch(world, "pru")
    assert state(world) is RecoveryState.WAITING


def test_who_vouched_is_not_kept_once_two_have(world):
    """Fails when the row tells a thief with the keys who vouched, after it was of use."""
    with_app(world, "mo")
    vouch(world, "pru", "mo")
    with world.app.app_context():
        first = db.session.scalar(select(AccountRecovery)).content
    vouch(world, "fay", "mo")
    with world.app.app_context():
        row = db.session.scalar(select(AccountRecovery))
        second = row.content
        assert recoveries.mark(world.ids["mo"], world.ids["pru"]) in first
        for who in ("pru", "fay"):
            assert recoveries.mark(world.ids["mo"], world.ids[who]) not in second
            assert str(world.ids[who]) not in first + second
        assert str(world.ids["rose"]) not in first + second


@pytest.mark.parametrize(("voucher", "whose"), [("pru", "ray"), ("fay", "ray"), ("mo", "mo")])
def test_members_cannot_vouch_beside_a_moderator_nor_anybody_for_oneself(world, voucher, whose):
    if whose != voucher:
        with_app(world, whose)

    assert vouch(world, voucher, whose).status_code == 403
    assert rows(world) == 0


def test_vouching_and_confirming_need_a_fresh_factor(world, ray):
    """Fails when a password given a moment ago is enough."""
    mo, lee = world.client("mo"), world.client("lee")

    for client, url in ((mo, help_url(world, "ray")), (lee, HELP)):
        assert client.get(url).location.partition("?")[0] == "/account/lock"
    mo = fresh(world, "mo")
    world.moment += 6 * MINUTE
    assert mo.get(help_url(world, "ray")).location.startswith("/account/lock/confirm")
    assert mo.submit(help_url(world, "ray")).status_code == 401
    assert rows(world) == 0


def test_a_lead_can_leave_it_on_and_a_second_press_does_nothing(world, ray):
    vouch(world, "mo")
    world.moment += DAY + timedelta(hours=1)
    answer, url = confirm(world, "refuse")
    again = press(fresh(world, "lee"), url.replace("refuse", "confirm"))

    assert answer.location == again.location == HELP
    assert has_app(world)
    assert state(world) is RecoveryState.STOPPED


def hide_a_post(world):
    mask = AuthorMode.THREAD_PSEUDONYM
    return world.present("ray", "A night", "I froze, godwit.", mode=mask)


def test_hidden_posts_and_drafts_stay_closed_for_seven_days(world, ray):
    """Fails when whoever comes in after a recovery can read what was written behind masks."""
    hide_a_post(world)
    rose = world.ids["rose"]
    pages = (
        *(f"/circles/{rose}/your-words", "/drafts/hidden", "/hidden-names", "/account/words"),
        f"{world.thread}/copy",
    )
    vouch(world, "mo")
    world.moment += DAY + timedelta(hours=1)
    confirm(world)
    closed, opened = [], []
    for found, days in ((closed, 6), (opened, 2)):
        world.moment += days * DAY
        client = world.client("ray")
        found.extend(client.get(page).status_code for page in pages)
        found.append("godwit" in client.get(pages[0]).text)

    assert closed == [403] * len(pages) + [False]
    assert opened == [200] * len(pages) + [True]


def test_a_text_that_meets_the_closed_page_stands_on_it(world, ray):
    """Fails when a changed text is lost because hidden posts are closed."""
    post_id = hide_a_post(world)
    url = world.url("discussions.amend", post_id=post_id)
    vouch(world, "mo")
    world.moment += DAY + timedelta(hours=1)
    confirm(world)

    answer = world.client("ray").submit(url, title="A night", body="I froze, and rang.")

    assert answer.status_code == 403
    assert "I froze, and rang." in answer.text


def test_an_operator_alone_takes_it_off_and_closes_hidden_posts_too(world, ray):
    run = world.app.test_cli_runner().invoke
    done = run(args=["forum", "second-factor", "reset", "ray@example.org"])
    client = world.client("ray")

    assert done.exit_code == 0
    assert not has_app(world)
    assert client.get(f"/circles/{world.ids['rose']}/your-words").status_code == 403
    with world.app.app_context():
        assert log_page(SERVICE, 1)[0][0].action.deed is Deed.FACTOR_RESET


def test_a_recovery_goes_with_its_time(world, ray):
    """Fails when a row outlives its days, or a page goes on to speak of it."""
    client = world.client("ray")
    vouch(world, "mo")
    for days, left in ((7, 1), (2, 0)):
        world.moment += days * DAY
        with world.app.app_context():
            worker.run_due_jobs()
        assert rows(world) == left
    assert STOP not in world.client("ray").get("/").text
    assert client


def test_a_restore_revives_no_recovery_and_opens_no_hidden_posts(world, ray):
    """Fails when a copy brings back what its owner has stopped since, or ends the closed days."""
    vouch(world, "mo")
    with world.app.app_context():
        backups.begin_again()
    assert state(world) is RecoveryState.NOTHING

    vouch(world, "mo")
    world.moment += DAY + timedelta(hours=1)
    confirm(world)
    with world.app.app_context():
        backups.begin_again()
    assert state(world) is RecoveryState.DONE


def test_a_recovery_goes_with_its_account(world, ray):
    vouch(world, "mo")
    with world.app.app_context(), unit_of_work():
        db.session.query(Membership).filter_by(member_id=world.ids["ray"]).delete()
        services.forget(world.ids["ray"])

    assert rows(world) == 0
    with world.app.app_context():
        assert db.session.get(Member, world.ids["ray"]) is None


def test_a_damaged_row_stops_neither_the_lead_nor_the_purge(world, ray, caplog):
    vouch(world, "mo")
    lee = fresh(world, "lee")
    with world.app.app_context(), unit_of_work():
        damaged = update(AccountRecovery.__table__).values(content=b"\x01\x01" + b"x" * 40)
        db.session.execute(damaged)
    assert (lee.get("/service").status_code, lee.get(HELP).status_code) == (200, 200)
    world.moment += 100 * DAY

    with world.app.app_context():
        worker.run_due_jobs()

        assert not db.session.scalars(select(Session)).all()
    assert "accounts.purged: a damaged row was left out: SealBroken" in caplog.messages


def test_accounts_that_wait_cost_the_lead_no_statements(world):
    lee, found = fresh(world, "lee"), []
    for waiting in (("pru", "ray"), ("fay", "mo", "ivy", "joe", "kit")):
        with world.app.app_context(), unit_of_work():
            for who in waiting:
                member = account(world.ids[who])
                ready = Recovery(member.id, RecoveryState.READY, world.moment + 3 * DAY)
                recoveries.store(member, ready)
        with world.app.app_context():
            engine = db.engine
        for page in ("/service", HELP):
            with transactions_of(engine) as done:
                assert lee.get(page).status_code == 200
            found.append(sum(map(len, done)))

    assert found[:2] == found[2:]
