"""Digests: at most daily, in equal words, for members with news alone."""

import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select, text

from forum.accounts.models import Member
from forum.audit import queries as audit
from forum.audit.actions import Actor, Deed
from forum.audit.models import SERVICE
from forum.audit.services import note_service
from forum.authors.services import choose_pseudonym
from forum.circles import answering_rota
from forum.circles.queries import circle
from forum.circles.services import join, leave
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.mail import outbox as mail
from forum.mail.models import OutgoingMail
from forum.notifications import digests
from forum.notifications.email_preferences import DigestTime, Protected
from forum.notifications.models import MailPlan
from forum.policy.terms import AuthorMode, FlagReason, Follows
from tests.moderation.test_flag import flag, press
from tests.notifications.post import arrived, make_ready, ring, save_preferences
from tests.page import Page
from tests.postoffice import PostOffice
from tests.world import EVENING, MORNING

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
QUARTER_PAST_SEVEN = MORNING.replace(hour=7, minute=15) + DAY
EVERYONE = ["fay", "gus", "ivy", "joe", "kit", "mo", "nan", "pru", "ray"]
ROSE = ["fay", "ivy", "joe", "kit", "mo", "pru", "ray"]


@pytest.fixture
def office(world):
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://circles.example.org")
        ring(world)
        for who in ROSE:
            world.client(who).get(world.thread)
        yield office


def next_morning(world, days=1):
    world.moment = (world.moment + days * DAY).replace(hour=7, minute=15)


def test_digest_reaches_only_members_with_news(world, office):
    world.reply("ray", "One")
    world.client("fay").get(world.thread)
    next_morning(world)

    ring(world)

    assert arrived(world, office) == ["ivy", "joe", "kit", "mo", "pru", "ray"]


def test_unread_news_sends_a_single_digest(world, office):
    world.reply("ray", "One")
    said = []
    for _ in range(4):
        next_morning(world)
        ring(world)
        said.append(arrived(world, office))

    assert said[0] == ["fay", "ivy", "joe", "kit", "mo", "pru", "ray"]
    assert said[1:] == [[]] * 3


@pytest.mark.parametrize("reason", [FlagReason.WORRY, FlagReason.UNKIND])
def test_a_worry_is_told_each_day_until_a_moderator_has_seen_to_it(world, office, reason):
    """Fails when the email of its first hour is all that a worry brings: read at night, it is
    forgotten.
    """
    post = world.reply("ray", "I cannot go on.")
    for who in ROSE:
        world.client(who).get(world.thread)
    flag(world, "pru", post, reason)
    with world.app.app_context():
        mail.send_due()  # that of its first hour
    arrived(world, office)

    days = []
    for seen_to in (False, False, True):
        next_morning(world)
        ring(world)
        days.append(arrived(world, office))
        if seen_to:
            press(world, post, "seen_to" if reason is FlagReason.WORRY else "no_need")
    next_morning(world)
    ring(world)

    assert days == [["mo"] if reason is FlagReason.WORRY else []] * 3
    assert arrived(world, office) == []


def test_a_damaged_flag_keeps_no_worry_from_being_told(world, office):
    """Fails when one row that does not open leaves moderators without an email."""
    for who, said in (("pru", "I cannot go on."), ("joe", "Nor can I.")):
        flag(world, who, world.reply("ray", said), FlagReason.WORRY)
    for who in ROSE:
        world.client(who).get(world.thread)
    with world.app.app_context():
        mail.send_due()
        damage = (
            "UPDATE flag SET reason = :bad WHERE id = (SELECT id FROM flag ORDER BY id LIMIT 1)"
        )
        db.session.execute(text(damage), {"bad": b"damaged"})
        db.session.commit()
    arrived(world, office)
    next_morning(world)
    ring(world)

    assert arrived(world, office) == ["mo"]


def test_further_news_sends_another_digest(world, office):
    for days in range(3):
        world.reply("ray", f"Number {days}")
        next_morning(world)
        ring(world)
        assert "mo" in arrived(world, office)


def test_news_in_the_digest_hour_waits_a_day(world, office):
    """Posts store only their hour: 07:40 and 07:05 look alike."""
    next_morning(world)
    world.moment -= 10 * MINUTE
    world.reply("ray", "At five past seven")
    world.moment += 10 * MINUTE
    ring(world)
    assert "mo" in arrived(world, office)
    world.moment += 25 * MINUTE
    world.reply("ray", "At twenty to eight")

    next_morning(world)
    ring(world)

    assert "mo" in arrived(world, office)
    next_morning(world)
    ring(world)
    assert arrived(world, office) == []


def test_digests_differ_only_in_recipient_and_token(world, office):
    world.reply("ray", "Canary of the meadow", AuthorMode.OWN_NAME)
    world.present("nan", "Another canary", "Far away.", circle="oak")
    next_morning(world)
    ring(world)

    def plain(email):
        body, html = email.iter_parts()
        both = body.get_content() + html.get_content()
        return re.sub(r"/letters/stop/[\w-]{43}", "/letters/stop/…", both)

    letters = office.letters
    told = sorted(email["To"].split("@")[0] for email in letters)
    assert told == EVERYONE
    assert len({plain(email) for email in letters}) == 1
    for header in ("From", "Subject", "X-Log-Mark", "List-Unsubscribe-Post", "Auto-Submitted"):
        assert len({email[header] for email in letters}) == 1
    told = "".join(map(str, letters)) + "".join(map(plain, letters))
    for word in ("anary", "Rose", "Oak", "Dr ", "threads", "circles/", "meadow"):
        assert word not in told.replace("circles.example.org", "")
    assert letters[0]["Subject"] == "Something is new"


@pytest.mark.leaks
def test_letters_tell_of_no_line_of_their_week(world, office):
    """Fails when letters carry a number or a code that moves with the service's log: it would tick
    on the day on which guardians open a name, for every member, and for the moderator who asked
    before the request could have lapsed."""
    marks = []
    for day in range(8):
        world.reply("ray", f"Day {day}")
        with world.app.app_context(), unit_of_work():
            note_service(Deed.NAME_OPENED, Actor.GUARDIAN)
        next_morning(world)
        ring(world)
        [mark] = {each["X-Log-Mark"] for each in office.letters[-len(ROSE) + 1 :]}
        marks.append(mark)

    with world.app.app_context():
        known = [audit.digest_at(SERVICE, seq) or b"" for seq in range(1, 9)]
    assert len(set(marks[:6])) == 1  # to Sunday
    assert len(set(marks[6:])) == 1
    assert marks[6] != marks[5]
    assert [each.hex()[:16] for each in known].index(marks[6].replace(" ", "")) == 6


def test_no_missing_digest_tells_whose_an_invented_name_is(world, office):
    with world.app.app_context():
        with unit_of_work():
            join(circle(world.standing("mo")), world.ids["sol"], "Dr Sol")
        standing = world.standing("sol")
        with unit_of_work():
            choose_pseudonym(standing, "Quiet Heron")
    world.client("sol").get(world.thread)
    world.present("sol", "A canary", "Far away.", AuthorMode.PSEUDONYM)
    next_morning(world)

    ring(world)

    assert arrived(world, office) == sorted([*ROSE, "sol"])


@pytest.mark.proof("M4")
def test_the_length_of_a_plan_tells_nothing_of_reading(world, office):
    """Fails when a plan holds as many bytes as its member had left unread."""
    world.moment = MORNING.replace(hour=22)
    for who in ("ray", "kit", "fay", "ivy", "joe"):
        world.reply(who, "Hidden", AuthorMode.THREAD_PSEUDONYM)
    next_morning(world)
    ring(world)
    world.moment = world.moment.replace(hour=18)
    world.reply("mo", "By name")
    world.moment = world.moment.replace(hour=20)
    for who in ("ray", "fay", "ivy"):
        world.client(who).get(world.thread)
    next_morning(world)
    ring(world)

    with world.app.app_context():
        lengths = db.session.scalars(db.text("SELECT length(told) FROM mail_plan")).all()
    assert len({*lengths}) == 1


@pytest.mark.proof("M4")
def test_plans_of_an_earlier_release_are_padded_in_the_night(world, office):
    """Fails when whoever has no news keeps the length of before."""
    with world.app.app_context():
        with unit_of_work():
            plan = db.session.get_one(MailPlan, world.ids["ray"])
            plan.told = digests.Told(since="2026-03-02 07:00").to_json().rstrip()
        digests.seal_all_anew()
        told = db.session.get_one(MailPlan, world.ids["ray"]).told

    assert len(told) == digests.PADDED
    assert digests.Told.from_json(told).since == "2026-03-02 07:00"


def test_digest_loads_no_image_or_remote_content(world, office):
    world.reply("ray", "One")
    next_morning(world)
    ring(world)

    _, html = office.letters[0].iter_parts()
    elements = list(Page(html.get_content()).walk())
    urls = [each[name] for each in elements for name in ("src", "href") if each.get(name)]
    assert "<img" not in html.get_content()
    assert urls
    assert all(url.startswith("https://circles.example.org/") for url in urls)


def test_digest_is_cancelled_after_leaving_or_suspension(world, office):
    """Prepared first, then the member changes before it is sent."""
    world.reply("ray", "One")
    next_morning(world)
    with world.app.app_context():
        digests.run()
    with world.app.app_context(), unit_of_work():
        leave(world.ids["mo"], world.ids["rose"])
        world_member(world, "fay").is_suspended = True
        world_member(world, "ivy").goes_on = date(2026, 3, 20)

    ring(world)

    assert arrived(world, office) == ["joe", "kit", "pru", "ray"]
    with world.app.app_context():
        assert db.session.query(OutgoingMail).count() == 0


def world_member(world, who):
    return db.session.get_one(digests.Member, world.ids[who])


def test_digest_is_cancelled_once_news_is_read(world, office):
    world.reply("ray", "One")
    next_morning(world)
    with world.app.app_context():
        digests.run()
    world.client("mo").get(world.thread)

    ring(world)

    assert "mo" not in arrived(world, office)


def test_excluded_circle_sends_no_digest(world, office):
    save_preferences(world, "mo", without=frozenset({world.ids["rose"]}))
    world.reply("ray", "One")
    next_morning(world)

    ring(world)

    assert "mo" not in arrived(world, office)


def test_unfollowed_circle_sends_no_digest(world, office):
    with world.app.app_context(), unit_of_work():
        place = answering_rota.queries.own_place(world.standing("mo"), world.ids["mo"])
        place.follows = Follows.NOTHING
    world.reply("ray", "One")
    next_morning(world)

    ring(world)

    assert "mo" not in arrived(world, office)


def test_single_digest_follows_an_absence(world, office):
    save_preferences(world, "mo", away_until=(MORNING + 5 * DAY).date())
    said = []
    for days in range(7):
        world.reply("ray", f"Number {days}")
        next_morning(world)
        ring(world)
        said.append("mo" in arrived(world, office))

    assert said == [False] * 5 + [True, True]


def test_no_plan_tells_who_is_away(world, office):
    """Fails when the next email of somebody on leave is planned for their return, in clear."""
    plans = []
    save_preferences(world, "mo", away_until=(MORNING + 20 * DAY).date())
    for _ in range(2):
        with world.app.app_context():
            at = {who: db.session.get_one(MailPlan, world.ids[who]).digest_at for who in ROSE}
        plans.append(at["mo"] == at["pru"])
        next_morning(world)
        ring(world)

    assert plans == [True, True]


def test_idle_worker_loses_no_news(world, office):
    world.reply("ray", "One")
    world.moment = QUARTER_PAST_SEVEN + 12 * HOUR
    ring(world)
    assert arrived(world, office) == []

    next_morning(world)
    ring(world)

    assert arrived(world, office) == ROSE


def test_mail_outage_leaves_a_single_digest(world, office):
    world.reply("ray", "One")
    next_morning(world)
    world.app.config["MAIL_PORT"] = 1
    ring(world)
    world.reply("ray", "Two")
    world.moment += 5 * HOUR
    office.serves(world)
    ring(world)
    assert arrived(world, office) == []  # past LATE

    for _ in range(3):
        next_morning(world)
        ring(world)
        world.moment += 20 * MINUTE
        ring(world)
        if letters := arrived(world, office):
            assert letters == ROSE
            break
    next_morning(world)
    ring(world)
    assert arrived(world, office) == []


def test_digest_in_quiet_hours_waits_for_next(world, office):
    save_preferences(world, "mo", at=time(20, 30))
    world.reply("ray", "One")
    world.app.config["MAIL_PORT"] = 1
    world.moment = world.moment.replace(hour=20, minute=30)
    ring(world)
    office.serves(world)
    world.moment += HOUR
    ring(world)
    assert "mo" not in arrived(world, office)

    said = []
    for minutes in (-1, 0, 20):
        world.moment = MORNING.replace(hour=20, minute=30) + DAY + minutes * MINUTE
        ring(world)
        said.append(arrived(world, office))

    assert said == [[], ["mo"], []]


def test_protected_hour_brings_the_digest(world, office):
    save_preferences(world, "mo", days=frozenset(), protected=Protected(1, time(21), 30))
    world.reply("ray", "One")
    world.moment = MORNING.replace(hour=21, minute=0) + DAY  # a Tuesday

    ring(world)

    assert arrived(world, office) == ["mo"]


def test_unanswered_thread_is_news_to_first_responders(world, office):
    with world.app.app_context():
        for who, act in (
            ("fay", lambda s: answering_rota.set_rhythm(s, 2)),
            ("ivy", answering_rota.put_on),
        ):
            with unit_of_work():
                act(world.standing(who))
    told = []
    for _ in range(6):
        next_morning(world)
        ring(world)
        told.append(arrived(world, office))

    assert told == [[], ["ivy"], ["fay"], ["mo"], [], []]


@pytest.mark.parametrize("is_paused", [False, True])
def test_nobody_is_asked_to_answer_a_round_that_is_paused(world, office, is_paused):
    """Fails when an email leads to a thread that takes no reply today."""
    told = world.present("pru", "Told", "Her words.", talk="questions_first")
    for who in ROSE:
        world.client(who).get(f"/circles/{world.ids['rose']}/threads/{told}")
        world.client(who).get(world.thread)
    world.reply("ivy", "So nobody waits for an answer.")
    if is_paused:
        world.client("pru").submit(
            f"/circles/{world.ids['rose']}/threads/{told}/round", move="pause"
        )
    next_morning(world)
    ring(world)
    office.envelopes.clear()
    asked = []
    for _ in range(4):
        for who in ROSE:
            world.client(who).get(f"/circles/{world.ids['rose']}/threads/{told}")
            world.client(who).get(world.thread)
        next_morning(world)
        ring(world)
        asked += arrived(world, office)

    assert asked == ([] if is_paused else ["fay", "mo"])


def test_masked_post_is_news_like_any_other(world, office):
    world.reply("ray", "Behind", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + HOUR
    next_morning(world)

    ring(world)

    assert arrived(world, office) == ROSE


def test_digests_are_off_without_a_mail_server(world):
    ring(world)
    world.reply("ray", "One")
    next_morning(world)
    ring(world)

    with world.app.app_context():
        assert db.session.query(OutgoingMail).count() == 0
    assert "cannot send email yet" in world.client("ray").get("/account/mail").text


def test_programme_lead_gets_no_digest(world, office):
    with world.app.app_context():
        assert db.session.get(MailPlan, world.ids["lee"]) is None
        assert db.session.query(MailPlan).count() == len(EVERYONE) + 1  # and Sol, without a circle


def test_two_workers_prepare_a_single_email(world, office, monkeypatch):
    """The second worker runs entirely between the first's lookup and its write."""
    world.reply("ray", "One")
    next_morning(world)
    make_ready, made = digests._make_ready, []

    def meanwhile(looked):
        if not made:
            made.append(None)
            with world.app.app_context():
                made.append(digests.run())
        return make_ready(looked)

    monkeypatch.setattr(digests, "_make_ready", meanwhile)
    with world.app.app_context():
        first = digests.run()

    assert (first, made[1]) == (0, len(ROSE))
    with world.app.app_context():
        assert mail.send_due(digests.leaves_at) == len(ROSE)
    assert arrived(world, office) == ROSE


def test_plan_stores_only_an_hour_in_clear(world, office):
    world.reply("ray", "One")
    next_morning(world)
    ring(world)

    with world.app.app_context():
        columns = {column.name: str(column.type) for column in MailPlan.__table__.columns}
    assert columns == {"id": "CHAR(32)", "digest_at": "DATETIME", "wishes": "BLOB", "told": "BLOB"}


def test_a_digest_that_is_not_needed_seals_a_plan_anew_too(world, office):
    """Fails when two copies of the database tell who had read everything before their digest."""

    def plans():
        with world.app.app_context():
            found = db.session.execute(select(MailPlan.__table__)).mappings()
            return {row["id"]: (row["told"], row["wishes"]) for row in found}

    next_morning(world)
    ring(world)
    world.moment += 12 * HOUR
    world.reply("ray", "One")
    world.client("fay").get(world.thread)
    before = plans()
    next_morning(world)
    ring(world)
    after = plans()

    arrivals = arrived(world, office)
    assert "fay" not in arrivals
    assert "kit" in arrivals
    members = {world.ids[who] for who in ROSE}
    assert not [each for each in members for n in (0, 1) if before[each][n] == after[each][n]]


def test_after_a_restore_due_digests_are_skipped_once(world, office):
    """One member's damaged row keeps nobody else's from being planned."""
    world.reply("ray", "One")
    next_morning(world)
    with world.app.app_context(), unit_of_work():
        db.session.get_one(MailPlan, world.ids["joe"]).wishes = "[]"
        before = {plan.id: plan.digest_at for plan in db.session.query(MailPlan) if plan.digest_at}
        digests.put_off_all()
    ring(world)
    skipped = arrived(world, office)
    with world.app.app_context():
        after = {plan.id: plan.digest_at for plan in db.session.query(MailPlan) if plan.digest_at}
    next_morning(world)
    ring(world)

    assert skipped == []
    assert after.keys() == before.keys()
    assert all(at > world.moment - DAY for at in after.values())
    assert arrived(world, office) == ["fay", "ivy", "kit", "mo", "pru", "ray"]


def test_a_plan_that_lies_too_far_ahead_is_made_anew(world, office):
    """Fails when a clock that ran ahead for an hour silences emails for months."""
    far = world.moment + timedelta(days=200)
    with world.app.app_context(), unit_of_work():
        db.session.get_one(MailPlan, world.ids["ray"]).digest_at = far
    world.moment = world.moment.replace(minute=0)
    with world.app.app_context():
        digests.run()
        again = db.session.get_one(MailPlan, world.ids["ray"]).digest_at

    assert again <= world.moment + digests.FURTHEST


def test_a_plan_that_cannot_be_read_waits_a_day(world, office):
    with world.app.app_context():
        with unit_of_work():
            plan = db.session.get_one(MailPlan, world.ids["ray"])
            plan.digest_at = world.moment
            db.session.flush()
            db.session.execute(
                db.text("UPDATE mail_plan SET wishes = :bad WHERE id = :id"),
                {"bad": b"damaged", "id": plan.id.hex},
            )
        db.session.expire_all()
        with unit_of_work():
            digests.put_off_all()
        assert db.session.get_one(MailPlan, world.ids["ray"]).digest_at == world.moment + DAY


def test_a_plan_done_by_another_worker_is_left_alone(world, office):
    """Fails when two workers that looked at the same plan send two emails."""
    with world.app.app_context():
        with unit_of_work():
            plan = db.session.get_one(MailPlan, world.ids["ray"])
            plan.digest_at = None
        assert digests._written({world.ids["ray"]: None, new_id(): None}) == 0
        assert db.session.get_one(MailPlan, world.ids["ray"]).digest_at is None


@pytest.mark.parametrize("why", ["suspended", "lead", "leaving", ""])
def test_who_is_suspended_leads_or_leaves_gets_no_digest(world, why):
    with world.app.app_context():
        member = db.session.get_one(Member, world.ids["lee" if why == "lead" else "ray"])
        member.is_suspended = why == "suspended"
        member.goes_on = MORNING.date() if why == "leaving" else None

        assert digests._may_get_mail(member) is (why == "")
        db.session.rollback()


def test_planning_anew_without_a_plan_does_nothing(world):
    with world.app.app_context(), unit_of_work():
        db.session.execute(db.delete(MailPlan))
        digests.plan_anew(world.ids["ray"])

    with world.app.app_context():
        assert db.session.scalars(select(MailPlan)).all() == []


def test_posts_of_the_hour_of_a_digest_are_remembered(world):
    """Fails when a post of the very hour is told again, or one of before is remembered for ever."""
    with world.app.app_context():
        found = digests.Found({"a" * 32: "2026-03-02 10:00", "b" * 32: "2026-03-02 09:00"}, ())
        told = found.as_told(DigestTime(MORNING.date(), MORNING), new_id())

    assert told.posts == ("a" * 32,)


def test_a_time_zone_changed_in_an_absence_plans_no_return(world, office):
    """Fails when a plan, in clear, tells a thief of the database who is away."""
    save_preferences(world, "mo", away_until=(world.moment + 20 * DAY).date())

    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids["mo"]).timezone = "Asia/Kolkata"
        digests.plan_anew(world.ids["mo"])

    with world.app.app_context():
        plan = db.session.get_one(MailPlan, world.ids["mo"])
        assert plan.digest_at - world.moment < 2 * DAY


def test_an_email_that_waits_into_an_absence_goes_and_is_told_afterwards(world, office):
    """Fails when its row, put off each day, tells a thief who is away; or when its news is lost."""
    at = time(7, 20)
    save_preferences(world, "mo", at=at)
    world.reply("ray", "One")
    world.moment = (world.moment + DAY).replace(hour=7, minute=20)
    make_ready(world)  # no mail server answers till noon
    away = world.moment.date(), (world.moment + 3 * DAY).date()
    save_preferences(world, "mo", at=at, away_from=away[0], away_until=away[1])
    world.moment = world.moment.replace(hour=12)
    ring(world)
    arrived(world, office)

    met = []
    for _ in range(5):
        with world.app.app_context():
            waiting = db.session.scalars(select(OutgoingMail)).all()
            assert str(world.ids["mo"]) not in {each.whose for each in waiting}
        world.moment = (world.moment + DAY).replace(hour=7, minute=20)
        ring(world)
        met.append("mo" in arrived(world, office))

    assert met == [False, False, False, True, False]
