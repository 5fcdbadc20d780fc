"""Ten weeks of a circle in four time zones: emails received against emails expected.

Expected emails are computed independently, from who wrote and read when.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from forum.accounts.services import new_timezone
from forum.core.db import db, unit_of_work
from forum.discussions import unread
from forum.mail.models import OutgoingMail, State
from forum.notifications import email_preferences
from forum.notifications.email_preferences import Protected
from forum.policy.terms import AuthorMode
from tests.killing import killed
from tests.notifications.post import arrived, ring, save_preferences
from tests.postoffice import PostOffice
from tests.world import MORNING

WEEK, DAY, HOUR, MINUTE = (timedelta(**{n: 1}) for n in ("weeks", "days", "hours", "minutes"))
START, END = MORNING, MORNING + 10 * WEEK
NO_WORKER = (START + 52 * DAY, START + 53 * DAY)
EVERY_DAY = frozenset(range(7))


@dataclass
class Person:
    """A member's preferences and their history."""

    zone: str
    days: frozenset[int] = EVERY_DAY
    at: time = time(7, 15)
    away: tuple[date, date] | None = None
    quiet: tuple[time, time] = (time(21), time(7))
    protected: Protected | None = None
    stops: datetime | None = None
    read: list[datetime] = field(default_factory=list)

    def preferences(self):
        (first, last), (begins, ends) = self.away or (None, None), self.quiet
        said = {"days": self.days, "at": self.at, "protected": self.protected}
        said |= {"quiet_from": begins, "quiet_until": ends}
        return said | {"away_from": first, "away_until": last}

    def turns(self):
        """Moments at which an email may come, in the person's time zone."""
        zone, day = ZoneInfo(self.zone), START.date() - DAY
        while day < END.date():
            day += DAY
            is_protected = self.protected and self.protected.day == day.weekday()
            at = self.protected.at if is_protected else self.at
            away = self.away and self.away[0] <= day <= self.away[1]
            if away or not (is_protected or day.weekday() in self.days):
                continue
            moment = datetime.combine(day, at, zone).astimezone(UTC)
            if START < moment < min(END, self.stops or END):
                yield moment


PEOPLE = {
    "mo": Person("Europe/London"),
    "ray": Person("Europe/London", days=frozenset({0, 3}), at=time(18, 30)),
    "pru": Person("Asia/Kathmandu", away=(date(2026, 3, 16), date(2026, 3, 29))),
    "fay": Person("America/St_Johns", protected=Protected(2, time(21, 30), 30)),
    "ivy": Person(
        "Pacific/Auckland", at=time(6, 45), quiet=(time(0), time(6)), stops=START + 40 * DAY
    ),
    "joe": Person("Pacific/Auckland", days=frozenset({5, 6}), at=time(9)),
    "kit": Person("America/Vancouver", at=time(12)),
}


def said(chance):
    """Posts as (moment, who, whether masked): from several a day to none a week."""
    moment = START + HOUR
    while moment < END - DAY:
        moment += timedelta(
            hours=chance.choice((1, 5, 9, 20, 40, 90)), minutes=chance.randrange(60)
        )
        who = chance.choice(list(PEOPLE))
        yield moment, who, who != "pru" and chance.random() < 0.3  # her threads are under her name


def reads(chance):
    """Moments at which a member reads everything."""
    for who in PEOPLE:
        moment = START + 2 * HOUR
        while moment < END:
            yield moment, who
            moment += timedelta(hours=chance.choice((6, 20, 50, 120)), minutes=chance.randrange(60))


def slot_after(moment):
    """The slot of a masked post: 7 or 19 in London."""
    zone = ZoneInfo("Europe/London")
    slots = [
        datetime.combine(moment.astimezone(zone).date() + days * DAY, time(hour), zone)
        for days in (0, 1)
        for hour in (7, 19)
    ]
    return min(slot for slot in slots if slot > moment).astimezone(UTC)


def asked_for(posts, people):
    """Expected emails as (moment, who). posts: moments at which posts appear.

    A member's own posts are new to them until read, like all posts.
    """
    wanted = []
    for who, person in people.items():
        told = START
        for moment in person.turns():
            if NO_WORKER[0] <= moment < NO_WORKER[1] - email_preferences.LATE:
                continue  # the next digest covers it
            if NO_WORKER[0] <= moment < NO_WORKER[1]:
                moment = NO_WORKER[1]
            last_read = max((read for read in person.read if read < moment), default=START)
            if any(max(told, last_read) < post <= moment for post in posts):
                wanted.append((moment, who))
                told = moment
    return sorted(wanted)


def read_all(world, who):
    with world.app.app_context():
        standings = [world.standing(who)]
        found = unread.look(standings, own=True).news
        with unit_of_work():
            unread.mark_all_read(standings, found)


def flagged(world):
    with world.app.app_context():
        return [row.id for row in db.session.query(OutgoingMail).filter_by(state=State.UNSURE)]


def test_ten_weeks_of_digests_match_preferences(world):
    chance = Random(10)
    posts, came, unsure = [], [], 0
    for who, person in PEOPLE.items():
        with world.app.app_context(), unit_of_work():
            new_timezone(world.ids[who], person.zone)
    world.reply("mo", "The first answer")
    with PostOffice() as office:
        office.serves(world)
        ring(world)
        for who, person in PEOPLE.items():
            save_preferences(world, who, **person.preferences())
            read_all(world, who)
            person.read.append(world.moment)
        happens = defaultdict(list)
        for moment, who, hides in said(chance):
            happens[moment].append(("says", who, hides))
        for moment, who in reads(chance):
            happens[moment].append(("reads", who, None))
        turns = {moment for person in PEOPLE.values() for moment in person.turns()}
        late = {moment + minutes * MINUTE for moment in turns for minutes in (1, 12)}
        for moment in turns | late | {NO_WORKER[1]}:
            if not NO_WORKER[0] <= moment < NO_WORKER[1]:
                happens[moment].append(("rings", None, None))
        happens[START + 40 * DAY - MINUTE].append(("stops", "ivy", None))
        crashes = set(chance.sample(sorted(turns), 60))

        for moment in sorted(happens):
            world.moment = moment
            for what, who, hides in happens[moment]:
                if what == "says":
                    mode = AuthorMode.THREAD_PSEUDONYM if hides else AuthorMode.OWN_NAME
                    world.reply(who, f"Said at {moment}", mode)
                    posts.append(slot_after(moment) if hides else moment)
                elif what == "reads":
                    read_all(world, who)
                    PEOPLE[who].read.append(moment)
                elif what == "stops":
                    save_preferences(world, who, digest=False)
                else:
                    if moment in crashes:
                        killed(world, lambda: ring(world), chance.randrange(1, 160))
                    ring(world)
                    came += [(moment, to) for to in arrived(world, office)]
        world.moment += HOUR
        ring(world)
        unsure = len(flagged(world))

    wanted = asked_for(posts, PEOPLE)
    assert len(wanted) > 120
    assert {who for _, who in wanted} == set(PEOPLE)
    on_time = [(moment, who) for moment, who in came if moment in turns | {NO_WORKER[1]}]
    assert sorted(came) == sorted(on_time)  # no email left later than due
    missing = sorted(set(wanted) - set(came))
    assert sorted(set(came) - set(wanted)) == []
    assert len(came) == len(set(came))
    assert len(missing) <= unsure  # each flagged, none lost silently
    assert unsure > 0
