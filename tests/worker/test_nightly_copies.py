"""Copies of the database made night after night: what a thief learns from the rows that changed."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import event, text

from forum.accounts import services as accounts
from forum.accounts.factor_policy import FIRST
from forum.accounts.models import Member, Passkey, Session
from forum.circles import membership, queries
from forum.circles.ground_rules import in_force
from forum.circles.models import Circle, OwnRule
from forum.core import resealing
from forum.core.db import db, unit_of_work
from forum.core.maintenance import night_is_due
from forum.core.randomness import new_id
from forum.discussions import read_marks, thread_queries, unread
from forum.notifications.models import MailPlan
from forum.worker import JOBS, Job, run_due_jobs
from tests.accounts.authenticator import Device, asks, make
from tests.accounts.people import is_in, sign_in
from tests.accounts.second_factors import sign_in_with, with_app
from tests.world import MORNING, PASSWORD

DAY = timedelta(days=1)
NIGHT = MORNING.replace(day=3, hour=3, minute=31)  # within the window of the service


def stolen(world, table):
    """Rows of a table in a copy, by id."""
    with world.app.app_context(), db.engine.connect() as copy:
        rows = copy.execute(text(f"SELECT * FROM {table} ORDER BY id")).mappings()
        return {row["id"]: dict(row) for row in rows}


def unchanged(before, after, column):
    """Ids of rows in both copies with one value of a column."""
    return [key for key in after if key in before and after[key][column] == before[key][column]]


def ring(world, jobs=JOBS):
    """The worker's next run in the night's window."""
    world.app.config["TIMEZONE"] = "UTC"  # no summer time
    world.moment = world.moment.replace(hour=NIGHT.hour, minute=NIGHT.minute) + DAY
    with world.app.app_context():
        run_due_jobs(jobs)


def opens(client, device, *, counts):
    """Sign in with a passkey."""
    options, sent, action = asks(client)
    answer = device.sign(options, counts=counts)
    assert client.post(action, data=sent | {"answer": answer}).status_code == 303


def test_a_passkey_kept_in_a_cloud_is_not_written_by_signing_in(world):
    """Fails when a passkey that counts nothing is sealed anew by each signing in."""
    device = Device()
    device.counter = 0
    make(world.client("ray"), device)
    before = stolen(world, "passkey")
    for _ in range(2):
        opens(world.client(), device, counts=False)

    assert stolen(world, "passkey") == before


def test_every_night_seals_every_passkey_anew(world):
    """Fails when nightly copies tell whose passkey counted a signing in on a day."""
    devices = {who: make(world.client(who))[0] for who in ("ray", "fay", "kit")}
    ring(world)
    before = stolen(world, "passkey")
    opens(world.client(), devices["ray"], counts=True)
    ring(world)
    after = stolen(world, "passkey")

    assert [*after] == [*before]
    assert unchanged(before, after, "credential_digest") == [*before]
    assert not unchanged(before, after, "content")
    opens(world.client(), devices["fay"], counts=True)


@pytest.mark.parametrize(("device", "nights"), [("shared", 2), ("own", 31)])
def test_a_session_goes_the_night_after_its_last_day(world, device, nights):
    sign_in(world.client(), "ray", device=device)
    world.moment += (nights - 2) * DAY
    ring(world)
    assert len(stolen(world, "session")) == 1
    ring(world)
    assert not stolen(world, "session")


def test_every_night_seals_every_session_anew(world):
    """Fails when two nights' copies tell which sessions were changed together, as one account's."""
    for who in ("ray", "fay"):
        sign_in(world.client(), who, device="own")
    ring(world)
    before = stolen(world, "session")
    ring(world)
    after = stolen(world, "session")

    assert [*after] == [*before]
    assert not unchanged(before, after, "whose")


def test_every_night_seals_every_email_plan_anew(world):
    """Fails when two nights' copies tell who changed what they are emailed about."""
    ring(world)
    before = stolen(world, "mail_plan")
    ring(world)
    after = stolen(world, "mail_plan")

    assert [*after] == [*before]
    assert not unchanged(before, after, "wishes")
    assert not unchanged(before, after, "told")


@pytest.mark.leaks
def test_every_night_seals_every_account_anew(world):
    """Fails when two nights' copies tell whose second sign-in it was, who used a recovery code, or
    who left a telephone."""
    _app, codes = with_app(world, "kit")
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids["ray"]).factor_asked = FIRST
    ring(world)
    before = stolen(world, "member")
    sign_in(world.client(), "ray")
    assert sign_in_with(world.client(), "kit", codes[0]).status_code == 303
    with world.app.app_context(), unit_of_work():
        accounts.new_emergency_contact(world.ids["fay"], "01632 960000")
    ring(world)
    after = stolen(world, "member")

    assert [*after] == [*before]
    assert not changed_alone({"member": before}, {"member": after})
    assert sign_in_with(world.client(), "kit", codes[1]).status_code == 303
    with world.app.app_context():
        assert db.session.get_one(Member, world.ids["fay"]).emergency_contact == "01632 960000"


def test_a_night_locks_few_rows_at_once(world, monkeypatch):
    """Fails when all rows of a table are sealed anew in one transaction: where they are many, the
    worker's memory ends, and whoever writes meanwhile is turned away."""
    for who in ("ray", "fay", "kit"):
        make(world.client(who))
    ring(world)
    monkeypatch.setattr(resealing, "BATCH_SIZE", 2)
    most = Counter()

    def count(session, *_):
        for table, number in Counter(map(type, session.dirty)).items():
            most[table] = max(most[table], number)

    event.listen(db.session, "before_flush", count)
    try:
        ring(world)
    finally:
        event.remove(db.session, "before_flush", count)

    assert {most[table] for table in (Member, MailPlan, Passkey, Session)} == {2}


def test_a_night_that_takes_longer_than_its_window_is_done(world):
    """Fails when the work of a night is left off, or its end never noted, where much of it is."""
    make(world.client("ray"))
    ring(world)
    before = {table: stolen(world, table) for table in ("passkey", "member")}

    def take_long():
        world.moment += timedelta(minutes=20)

    ring(world, (Job("long", take_long), *JOBS))
    after = {table: stolen(world, table) for table in before}

    assert not unchanged(before["passkey"], after["passkey"], "content")
    assert not unchanged(before["member"], after["member"], "address")
    world.moment = world.moment.replace(hour=NIGHT.hour, minute=NIGHT.minute)
    with world.app.app_context():
        assert not night_is_due()


@pytest.mark.leaks
def test_every_night_seals_every_membership_anew(world):
    """Fails when nightly copies tell who has agreed to changed ground rules: whoever writes behind
    a mask then is one of them."""
    ring(world)
    before = stolen(world, "membership")
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        home.rules = new_id()
        rule = OwnRule(circle_id=home.id, place=1)
        rule.text = "Tea first."
        db.session.add(rule)
    with world.app.app_context(), unit_of_work():
        standing = world.standing("ray")
        rules = in_force(queries.circle(standing).rules)
        assert membership.agree(standing, world.ids["ray"], rules)
    ring(world)
    after = stolen(world, "membership")

    assert [*after] == [*before]
    assert not changed_alone({"membership": before}, {"membership": after})
    with world.app.app_context():
        assert world.standing("ray").agreed
        assert not world.standing("fay").agreed


def test_passkeys_are_sealed_anew_once_a_night(world):
    make(world.client("ray"))
    ring(world)
    before = stolen(world, "passkey")
    with world.app.app_context():
        run_due_jobs()

    assert stolen(world, "passkey") == before


def test_every_night_changes_every_read_mark_alike(world):
    """Fails when marks of several threads that changed on the same nights are one reader's."""
    other = world.present("mo", "Another", "A long day.")
    pages = (world.thread, f"/circles/{world.ids['rose']}/threads/{other}")
    for who in ("ray", "fay", "kit"):
        for page in pages:
            world.client(who).get(page)
    ring(world)
    before = stolen(world, "read_mark")
    for number in range(9):  # more than a block of ids
        world.reply("pru", f"Reply {number}.")
    for page in pages:
        world.client("ray").get(page)
    ring(world)
    after = stolen(world, "read_mark")

    assert [*after] == [*before]
    for column in ("seen", "stirred", "note"):
        assert not unchanged(before, after, column)
    for column in set(after[next(iter(after))]) - {"seen", "stirred", "note"}:
        assert unchanged(before, after, column) == [*before]
    sizes = {(row["thread_id"], len(row["seen"])) for row in after.values()}
    assert len(sizes) == len(pages)
    changes = {row["stirred"] for row in stolen(world, "thread").values()}
    assert not changes.intersection(row["stirred"] for row in after.values())


def test_a_night_leaves_read_what_was_read(world):
    """Fails when marks sealed anew fit no longer: home would compare all posts of all threads."""
    world.reply("pru", "One.")
    world.client("ray").get(world.thread)
    ring(world)

    with world.app.app_context():
        standing = world.standing("ray")
        thread = thread_queries.thread(standing, world.ids["thread"])
        marks, changes = read_marks.marks({thread.id.hex: standing}), thread.last_change_id.hex
        assert read_marks.current(marks, {thread.id.hex: changes}) == {thread.id.hex}
        assert read_marks.known(standing, thread).last_change_id == thread.last_change_id
    world.reply("pru", "Two.")
    ring(world)
    with world.app.app_context():
        [news] = unread.look([world.standing("ray")]).news
        assert len(news.fresh) == 1


ALONE = {  # columns in which one row may change between two nights, and why
    "circle.revision": "drawn anew by each change in a circle, whoever made it",
    "thread.stirred": "drawn anew by a reply, whoever wrote it",
    "thread.moved_at": "of the last reply, as its page shows",
}


def all_tables(world):
    """Rows of all tables with ids, in a copy."""
    with world.app.app_context():
        names = [each.name for each in db.metadata.sorted_tables if "id" in each.columns]
    return {name: stolen(world, name) for name in names}


def changed_alone(before, after):
    """Columns in which some rows under lasting ids changed, and others of their table did not."""
    found = set()
    for table, rows in after.items():
        lasting = [key for key in rows if key in before[table]]
        for column in rows[lasting[0]] if lasting else ():
            still = unchanged(before[table], {key: rows[key] for key in lasting}, column)
            if still and len(still) < len(lasting):
                found.add(f"{table}.{column}")
    return found


def test_no_row_changes_alone_because_its_account_signed_in_or_read(world):
    """Fails when a row under a lasting id changes between two nights only because its member signed
    in, read, or gave a password: in the copies of many nights it would be a diary.
    """
    members = ("ray", "fay", "kit", "ivy")
    other = world.present("mo", "Another", "A long day.")
    pages = ("/", world.thread, f"/circles/{world.ids['rose']}/threads/{other}")
    devices = {who: make(world.client(who))[0] for who in members[:2]}
    apps = {who: with_app(world, who)[0] for who in members[2:]}
    clients = {who: world.client() for who in members}
    found = set()

    def visit(who):
        client, pause = clients[who], timedelta(minutes=2)  # of an app's next digits
        world.moment += pause
        if who in devices:
            opens(client, devices[who], counts=True)
        elif not is_in(client):  # on their own device they stay
            assert sign_in_with(client, who, apps[who].digits(), device="own").status_code == 303
        for page in pages:
            assert client.get(page).status_code == 200
        confirm = "/account/confirm"
        world.moment += pause
        typed = {"digits": apps[who].digits()} if who in apps else {"password": PASSWORD}
        answer = client.post(confirm, data=client.tokens(confirm) | typed)
        assert answer.status_code == 303
        if who in devices:
            client.submit("/sign-out")

    for who in members:
        visit(who)
    ring(world)
    before = all_tables(world)
    for some in (("ray", "kit"), ("fay",), ("ivy", "kit")):
        world.moment += timedelta(hours=6)
        world.reply("pru", "News.")
        for who in some:
            visit(who)
        ring(world)
        after = all_tables(world)
        found |= changed_alone(before, after)
        before = after

    assert found <= {*ALONE}
