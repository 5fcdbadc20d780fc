"""Each round walked in a browser from its first phase to its last, by all who have a part in it."""

import json
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date

from forum.policy.terms import AuthorMode
from tests.journeys.conftest import served
from tests.journeys.installation import Installation
from tests.journeys.visitor import PHONE
from tests.journeys.walked_phases import WALKS
from tests.page import Page
from tests.world import World

LONDON, HOUR, MINUTE = ZoneInfo("Europe/London"), timedelta(hours=1), timedelta(minutes=1)
SATURDAY, MORE = 5, 3  # day of the week; days that "More time" gives
MORNING_SLOT, EVENING_SLOT = time(7), time(19)
NAMED, HIDDEN = AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM
ELSEWHERE, OVER = "This round asks for something else now.", "This round is closed."
LOOK_BACK = "Would you like to look back?"
SAVED = "We save this as a draft"


BY_SCRIPT = [
    *((key, NAMED, place % 2 == 0) for place, key in enumerate(WALKS)),
    *((key, HIDDEN, place % 2 == 1) for place, key in enumerate(WALKS) if key != "theme"),
    ("theme", NAMED, False),  # a facilitator, who begins it, cannot hide
]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A forum in which every way to talk is on, and posts are not counted."""
    folder = tmp_path_factory.mktemp("walks")
    (folder / "settings.json").write_text(json.dumps({"RATELIMIT_ENABLED": False}))
    world = World(folder)
    forum = Installation(folder)
    forum.world = world
    page, mo = f"/circles/{world.ids['rose']}/ways-to-talk", world.client("mo")
    version = Page(mo.get(page)).one("input", name="version")["value"]
    mo.submit(page, rounds=[*WALKS], version=version)
    with served(forum):
        yield forum


@pytest.mark.parametrize(
    ("key", "mode", "scripts"),
    [
        pytest.param(*each, id="-".join((each[0], each[1].value, "script" if each[2] else "plain")))
        for each in BY_SCRIPT
    ],
)
def test_all_walk_a_round_together(house, visit, key, mode, scripts):
    walk = Walk(house, visit, key, mode, scripts=scripts)
    for place in range(len(WALKS[key])):
        walk.enter(place)
        walk.colleagues()
        walk.presenter()
        walk.facilitator()
    walk.close()


@pytest.mark.parametrize(
    ("mode", "scripts"), [(NAMED, True), (HIDDEN, False)], ids=["own_name", "hidden"]
)
def test_just_talk_has_no_phases(house, visit, mode, scripts):
    walk = Walk(house, visit, "open", mode, scripts=scripts)
    walk.turn(walk.begins + MINUTE)
    ray, ivy, pru = (walk.people[who] for who in ("ray", "ivy", "pru"))

    ray.open(walk.thread)
    assert ray.page.locator(".round, .moves").count() == 0
    ray.follow("Reply")
    ray.write(body="It was like this for me too.")
    ray.press("Reply as Dr Ray")
    send = Sender(ivy, walk.thread, NAMED)
    for kind in ("idea", "takeaway", "story", "summary"):
        status, page = send(kind, f"A text as {kind}.")
        assert (status, page.field("body").value) == (422, f"A text as {kind}.")
    walk.be_with_them()

    walk.turn(first_morning(walk.begins, 20) + MINUTE)  # four weeks after its last word
    for person in (ray, ivy, pru):
        person.open(walk.thread)
        assert (LOOK_BACK in person.words) is (person is pru and not walk.masked)
        assert has_link(person, "Reply")
    pru.open(f"{walk.rose}/your-words")
    assert LOOK_BACK in pru.page.locator("article", has_text=walk.title).inner_text()


class Walk:
    """A round, those who walk it, and when its present phase ends."""

    def __init__(self, house, visit, key, mode, *, scripts):
        self.house, self.steps, self.mode = house, WALKS.get(key, ()), mode
        self.who = "fay" if key == "theme" else "pru"  # the presenter
        title = f"Two letters, {key}, {mode.value}"
        self.people = {
            who: visit(house, size=PHONE, scripts=scripts, untitled=(title,))
            for who in ("ray", "ivy", "fay", "pru")
        }
        began = self.tell(key, title)
        self.begins, self.days, self.stepped, self.kept = began, 0, None, ""
        self.place, self.waits_to_be_asked = 0, key == "inviting_change"

    @property
    def masked(self):
        """Whether the presenter hides."""
        return self.mode is HIDDEN

    @property
    def announced(self):
        """When the present phase ends, as long as its moves still wait for their slot."""
        return first_morning(self.begins, self.days)

    @property
    def ends(self):
        """When it ends in truth."""
        return self.stepped or self.announced

    @property
    def coming(self):
        """Phases yet to come; nobody is told of ideas before the presenter has asked for them."""
        unasked = self.waits_to_be_asked and self.place == 0
        return [
            each for each in self.steps[self.place + 1 :] if each.name != "Ideas" or not unasked
        ]

    def tell(self, key, title):
        """Tell it on the next Monday; gives the evening on which all can read it."""
        today = self.house.moment.astimezone(LONDON).date()
        monday = today + timedelta(days=7 - today.weekday())
        self.turn(datetime.combine(monday, time(10, 20), LONDON))
        world = self.house.world
        wish = "advice" if key in ("questions_first", "action_learning") else "hear_me_out"
        self.told = world.present(self.who, title, "Words.", self.mode, talk=key, wish=wish)
        self.rose = f"/circles/{world.ids['rose']}"
        self.thread, self.title = f"{self.rose}/threads/{self.told}", title
        return datetime.combine(monday, EVENING_SLOT, LONDON)

    def turn(self, moment, *still_here):
        """Turn the clock; all but those still here come back with their password just given."""
        self.house.world.moment = moment
        self.house.turn_clock(moment)
        for who, person in self.people.items():
            if who in still_here:
                continue
            held = self.house.world.client(who).get_cookie("s").value
            person.hold_session(held)

    # The clock

    def enter(self, place):
        """Come to a phase as it begins; what was typed just before is refused, and kept."""
        self.place, self.step = place, self.steps[place]
        last = self.begins
        if place:
            last = self.ends
            self.leave_open(self.steps[place - 1])
        self.begins, self.days, self.stepped = last, self.step.days, None
        self.turn(last + MINUTE, *(["ray"] if place else []))
        if place:
            self.too_late(self.steps[place - 1], self.step.kinds, ELSEWHERE)

    def leave_open(self, step):
        """A minute before a phase ends, write and do not press."""
        self.turn(self.ends - MINUTE)
        ray = self.people["ray"]
        ray.open(self.thread)
        assert step.now in plain(ray.words)
        if step.button:
            ray.follow(step.button)
            self.kept = f"Thought of late, after {step.name.lower()}?"
            ray.write(body=self.kept)

    def too_late(self, step, opened, why):
        """Press once the phase is over; what the next one opens would be taken."""
        ray = self.people["ray"]
        if not step.button or step.kinds[0] in opened:
            return
        ray.press("Reply as Dr Ray")
        assert ray.typed("body") == self.kept
        assert why in ray.words
        assert SAVED in ray.words

    # Those who take part

    def colleagues(self):
        """Two of them: what today asks for is posted, all else refused."""
        ray, step = self.people["ray"], self.step
        ray.open(self.thread)
        assert rows(ray) == self.row()
        assert step.now in plain(ray.said(".round"))
        assert has_link(ray, step.button) if step.button else not has_reply(ray)
        for other in {each.button for each in self.steps} - {step.button, ""}:
            assert not has_link(ray, other)
        if step.button:
            ray.follow(step.button)
            assert ray.said("h1") == step.button
            body = f"Said in {step.name.lower()}{mark(step.kinds[0])}"
            ray.write(body=body)
            ray.press("Reply as Dr Ray")
            assert body in ray.words
        self.try_all("ivy", step.kinds, {kind for each in self.steps for kind in each.kinds})
        self.write_enough()
        self.be_with_them()

    def presenter(self):
        """By name in the thread, else on "Your posts" alone."""
        pru, step = self.people[self.who], self.step
        pru.open(self.thread)
        if self.masked:
            assert plain(pru.said(".round")) == plain(self.seen_by_ivy())
            assert has_link(pru, step.button) if step.button else not has_reply(pru)
        else:
            assert step.told in plain(pru.said(".round"))
            assert has_link(pru, step.answer) if step.answer else not has_reply(pru)
        theirs = {kind for each in self.steps for kind in (*each.own, *each.kinds)}
        self.try_all(self.who, step.own, theirs)
        if step.move:
            self.move()

    def facilitator(self):
        """Say what only a facilitator may say, and give more time."""
        if self.who == "fay":
            return
        fay, step = self.people["fay"], self.step
        fay.open(self.thread)
        assert has_link(fay, step.led) if step.led else not has_reply(fay)
        opened = (*step.kinds, *step.lead)
        self.try_all("fay", opened, {kind for each in self.steps for kind in each.lead})
        if step.given:
            fay.press("More time")
            assert "More time: from" in plain(fay.words)
            self.days += MORE

    def close(self):
        """The round ends by its clock: it says so, and takes no more."""
        self.place = len(self.steps)
        self.leave_open(self.step)
        self.turn(self.ends + MINUTE, "ray")
        self.too_late(self.step, (), OVER)
        for who in ("ray", "fay", self.who):
            person = self.people[who]
            person.open(self.thread)
            assert f"Closed on {day(self.ends)}." in plain(person.said(".round"))
            looks_back = who == self.who and not self.masked
            link = "Write" if "action" in self.steps[-1].own else "Look back"  # none is late
            assert has_link(person, link) if looks_back else not has_reply(person)
        every = {kind for each in self.steps for kind in (*each.kinds, *each.own, *each.lead)}
        for who in ("ivy", "fay", self.who):
            late = {"action"} if who == self.who else set()  # nobody is late with one
            self.try_all(who, late, every)
        self.be_with_them()

    # What they do

    def move(self):
        """The presenter presses the move of this phase."""
        pru, step = self.people[self.who], self.step
        if self.masked:
            assert pru.page.get_by_role("button", name=step.move).count() == 0
            pru.open(f"{self.rose}/your-words")
            mine = pru.page.locator("article", has_text=self.title)
            pru.tap(mine.get_by_role("link", name="How we talk about it"))
        pru.press(step.move)
        morning = first_morning(self.begins + HOUR, 0)
        if step.move == "More time":
            self.days += MORE
        elif step.move != "Ask for ideas":
            self.stepped = morning
            assert f"{step.move}: from {day(morning)}." in plain(pru.words)

    def try_all(self, who, opened, known):
        """Send every kind that this round knows and this phase does not open to somebody."""
        send = Sender(self.people[who], self.thread, self.mode_of(who))
        for kind in sorted(known - {*opened}):
            body = f"Tried: {kind.replace('_', ' ')}, in {self.place}{mark(kind)}"
            status, page = send(kind, body)
            assert (status, page.field("body").value) == (422, body)
            assert SAVED in page.error("body")
            assert self.why(who, kind) in plain(page.error("body"))

    def why(self, who, kind):
        """Said of a kind that is closed: its day, or that today asks for something else."""
        if self.place == len(self.steps):
            return OVER
        begins = self.announced
        for each in self.coming:
            opened = each.own if who == self.who else each.kinds + each.lead * (who == "fay")
            if kind in opened:
                return day(begins)
            begins = first_morning(begins, each.days)
        return ELSEWHERE

    def write_enough(self):
        """As much as a name may write in this phase, and once more."""
        if not self.step.most:
            return
        kind, send = self.step.kinds[0], Sender(self.people["ivy"], self.thread, NAMED)
        for number in range(self.step.most):
            status, _page = send(kind, f"The other said, {number}{mark(kind)}")
            assert status == 303
        body = f"And once more{mark(kind)}"
        status, page = send(kind, body)
        assert (status, page.field("body").value) == (422, body)
        assert self.step.too_many in page.error("body")

    def be_with_them(self):
        """Company is refused by no phase."""
        ivy = self.people["ivy"]
        page = Page(ivy.page.request.get(self.thread).text())
        form = page.form("/acknowledge")
        sent = ivy.page.request.post(form["action"], form=form.fields(), max_redirects=0)
        assert sent.status == 303

    def mode_of(self, who):
        """The name somebody writes under here."""
        return self.mode if who == self.who else NAMED

    def seen_by_ivy(self):
        """The round as it stands in a colleague's thread."""
        ivy = self.people["ivy"]
        ivy.open(self.thread)
        return ivy.said(".round")

    def row(self):
        """The row of phases that a thread shows."""
        over = [f"{each.name}, over" for each in self.steps[: self.place]]
        here = f"{self.step.name}, until {day(self.announced)}, now"
        names = [each.name for each in self.coming]
        return [*over, here, *(f"{each}, from then" for each in names[:1]), *names[1:]]


class Sender:
    """Sends replies from a composer, of any kind, as a form that was kept open would."""

    def __init__(self, person, thread, mode):
        self.ask, self.mode = person.page.request, mode
        self.thread, self.page = thread, None

    def __call__(self, kind, body):
        """Gives the status, and the page that came back."""
        if self.page is None:
            self.page = Page(self.ask.get(f"{self.thread}/answer").text())
        form = self.page.one("form", id="typed")
        fields = form.fields() | {"kind": kind, "body": body, "do": self.mode.value}
        sent = self.ask.post(form["action"], form=fields, max_redirects=0)
        self.page = Page(sent.text()) if sent.status == 422 else None
        return sent.status, self.page


def first_morning(moment, days):
    """The first morning slot that is so many full days or more after a moment, without weekends."""
    local, left = moment.astimezone(LONDON).replace(tzinfo=None), days * 24
    while left or local.time() != MORNING_SLOT:
        left -= bool(left and local.weekday() < SATURDAY)
        local += HOUR
    return local.replace(tzinfo=LONDON)


def day(moment):
    """A day as pages write it."""
    return format_date(moment.astimezone(LONDON).date(), "EEE d MMM", locale="en_GB")


def mark(kind):
    return "?" if kind == "question" else "."


def rows(person):
    return [plain(each) for each in person.page.locator(".phases li").all_inner_texts()]


def has_link(person, words):
    return person.page.get_by_role("link", name=words, exact=True).count() > 0


def has_reply(person):
    """Whether any button leads to a composer."""
    return person.page.locator("a[href$='/answer']").count() > 0


def plain(words):
    return words.replace("\u00a0", " ")
