"""Digests: that something is new, to those to whom it is, once a day, in the same words for all."""

import re
from datetime import date, time, timedelta

import pytest

from forum.circles import answering_rota
from forum.circles.services import leave
from forum.core.db import db, unit_of_work
from forum.mail import outbox as mail
from forum.mail.models import OutgoingMail
from forum.notifications import digests
from forum.notifications.email_preferences import Protected
from forum.notifications.models import MailPlan
from forum.policy.terms import AuthorMode, Follows
from tests.notifications.post import arrived, ring, wish
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


def test_it_comes_to_those_to_whom_something_is_new_and_to_nobody_else(world, office):
    world.reply("ray", "One")
    world.client("fay").get(world.thread)
    next_morning(world)

    ring(world)

    assert arrived(world, office) == ["ivy", "joe", "kit", "mo", "pru", "ray"]


def test_it_comes_once_for_what_is_new_however_long_that_stays_unread(world, office):
    world.reply("ray", "One")
    said = []
    for _ in range(4):
        next_morning(world)
        ring(world)
        said.append(arrived(world, office))

    assert said[0] == ["fay", "ivy", "joe", "kit", "mo", "pru", "ray"]
    assert said[1:] == [[]] * 3


def test_it_comes_again_once_something_more_is_new(world, office):
    for days in range(3):
        world.reply("ray", f"Number {days}")
        next_morning(world)
        ring(world)
        assert "mo" in arrived(world, office)


def test_what_is_said_within_the_hour_of_a_digest_is_told_the_day_after(world, office):
    """Posts know their hour alone: one of 07:40 and one of 07:05 look alike."""
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


def test_two_letters_differ_in_nothing_but_whom_they_go_to_and_how_they_are_stopped(world, office):
    world.reply("ray", "Canary of the meadow", AuthorMode.OWN_NAME)
    world.present("nan", "Another canary", "Far away.", circle="oak")
    next_morning(world)
    ring(world)

    def plain(letter):
        body, html = letter.iter_parts()
        both = body.get_content() + html.get_content()
        return re.sub(r"/letters/stop/[\w-]{43}", "/letters/stop/…", both)

    letters = office.letters
    assert sorted(letter["To"].split("@")[0] for letter in letters) == EVERYONE
    assert len({plain(letter) for letter in letters}) == 1
    for header in ("From", "Subject", "X-Log-Mark", "List-Unsubscribe-Post", "Auto-Submitted"):
        assert len({letter[header] for letter in letters}) == 1
    told = "".join(map(str, letters)) + "".join(map(plain, letters))
    for word in ("anary", "Rose", "Oak", "Dr ", "threads", "circles/", "meadow"):
        assert word not in told.replace("circles.example.org", "")
    assert letters[0]["Subject"] == "Something is new"


def test_it_has_no_picture_and_asks_nothing_of_another_place(world, office):
    world.reply("ray", "One")
    next_morning(world)
    ring(world)

    _, html = office.letters[0].iter_parts()
    urls = re.findall(r'(?:src|href)="([^"]+)"', html.get_content())
    assert "<img" not in html.get_content()
    assert urls
    assert all(url.startswith("https://circles.example.org/") for url in urls)


def test_it_is_not_sent_to_whoever_left_or_was_suspended_meanwhile(world, office):
    """Made ready, and changed before it leaves."""
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


def test_it_is_not_sent_where_everything_was_read_meanwhile(world, office):
    world.reply("ray", "One")
    next_morning(world)
    with world.app.app_context():
        digests.run()
    world.client("mo").get(world.thread)

    ring(world)

    assert "mo" not in arrived(world, office)


def test_a_circle_that_was_left_out_tells_nothing(world, office):
    wish(world, "mo", without=frozenset({world.ids["rose"]}))
    world.reply("ray", "One")
    next_morning(world)

    ring(world)

    assert "mo" not in arrived(world, office)


def test_a_circle_that_is_not_followed_tells_nothing(world, office):
    with world.app.app_context(), unit_of_work():
        place = answering_rota.queries.own_place(world.standing("mo"), world.ids["mo"])
        place.follows = Follows.NOTHING
    world.reply("ray", "One")
    next_morning(world)

    ring(world)

    assert "mo" not in arrived(world, office)


def test_after_leave_one_letter_tells_of_all_of_it(world, office):
    wish(world, "mo", away_until=(MORNING + 5 * DAY).date())
    said = []
    for days in range(7):
        world.reply("ray", f"Number {days}")
        next_morning(world)
        ring(world)
        said.append("mo" in arrived(world, office))

    assert said == [False] * 5 + [True, True]


def test_a_day_without_a_worker_forgets_nothing_and_sends_nothing_late(world, office):
    world.reply("ray", "One")
    world.moment = QUARTER_PAST_SEVEN + 12 * HOUR
    ring(world)
    assert arrived(world, office) == []

    next_morning(world)
    ring(world)

    assert arrived(world, office) == ROSE


def test_a_mail_server_that_is_away_for_a_day_leaves_one_letter_not_two(world, office):
    world.reply("ray", "One")
    next_morning(world)
    world.app.config["MAIL_PORT"] = 1
    ring(world)
    world.reply("ray", "Two")
    world.moment += 5 * HOUR
    office.serves(world)
    ring(world)
    assert arrived(world, office) == []  # its hour is over

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


def test_what_would_come_within_quiet_hours_comes_with_the_next(world, office):
    wish(world, "mo", at=time(20, 30))
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


def test_the_protected_hour_brings_it(world, office):
    wish(world, "mo", days=frozenset(), protected=Protected(1, time(21), 30))
    world.reply("ray", "One")
    world.moment = MORNING.replace(hour=21, minute=0) + DAY  # a Tuesday

    ring(world)

    assert arrived(world, office) == ["mo"]


def test_what_waits_for_a_first_answer_is_told_to_those_who_are_asked_though_they_read_it(
    world, office
):
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


def test_a_mask_is_told_like_everyone_else(world, office):
    world.reply("ray", "Behind", AuthorMode.THREAD_PSEUDONYM)
    world.moment = EVENING + HOUR
    next_morning(world)

    ring(world)

    assert arrived(world, office) == ROSE


def test_without_mail_nothing_is_kept_and_the_settings_say_so(world):
    ring(world)
    world.reply("ray", "One")
    next_morning(world)
    ring(world)

    with world.app.app_context():
        assert db.session.query(OutgoingMail).count() == 0
    assert "cannot send mail yet" in world.client("ray").get("/account/mail").text


def test_the_programme_lead_gets_none(world, office):
    with world.app.app_context():
        assert db.session.get(MailPlan, world.ids["lee"]) is None
        assert db.session.query(MailPlan).count() == len(EVERYONE) + 1  # and Sol, who is nowhere


def test_two_workers_make_one_letter_ready(world, office, monkeypatch):
    """The other one runs to its end between this one's look and its writing."""
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


def test_a_plan_says_nothing_in_clear_but_an_hour(world, office):
    world.reply("ray", "One")
    next_morning(world)
    ring(world)

    with world.app.app_context():
        columns = {column.name: str(column.type) for column in MailPlan.__table__.columns}
    assert columns == {"id": "CHAR(32)", "digest_at": "DATETIME", "wishes": "BLOB", "told": "BLOB"}
