"""Answering rota, by everyday names."""

import re
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import select

from forum.accounts.models import Member
from forum.authors.models import Author
from forum.authors.services import choose_pseudonym
from forum.circles import answering_rota
from forum.circles.models import Circle, Turn
from forum.circles.queries import own_place
from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden
from forum.core.randomness import new_id
from forum.core.tokens import version_token
from forum.discussions import post_queries, restrictions, thread_queries
from forum.discussions.reply_preferences import Wish
from forum.notifications import digests
from forum.notifications.email_preferences import EmailPreferences
from forum.policy.terms import AuthorMode, Hidden, ReplyKind
from tests.page import Page
from tests.world import EVENING

ASKED = r"One of us is asked to reply first, until [^.]+\."
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def act(world, who, verb, *args):
    with world.app.app_context():
        standing = world.standing(who)
        with unit_of_work():
            verb(standing, *args)


def names(world):
    """Names in the order of their turns, which no page shows."""
    in_order = select(Author).join(Turn, Turn.author_id == Author.id).order_by(Turn.place)
    with world.app.app_context():
        return [each.name for each in db.session.scalars(in_order)]


def turn_of(world, name):
    with world.app.app_context():
        return next(
            each.id for each in answering_rota.listed(world.standing("mo")) if each.name == name
        )


def on_turn(world, *among):
    """Members whose turn it is; among: those who are asked, everyone by default."""
    with world.app.app_context():
        everyone = among or ("pru", "ray", "fay", "mo", "ivy", "joe")
        return [who for who in everyone if world.standing(who).on_turn]


def log(world):
    page = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/log"))
    return [item.text.removeprefix(item.all("span")[0].text) for item in page.one("main").all("li")]


def ring(world):
    with world.app.app_context():
        return answering_rota.turn_due()


@pytest.fixture
def turning(world):
    """World with turns of two weeks, for Ray, Fay and Ivy in this order."""
    act(world, "fay", answering_rota.set_rhythm, 2)
    for who in ("ray", "fay", "ivy"):
        act(world, who, answering_rota.put_on)
    return world


def test_turns_follow_in_order(turning):
    said = [(on_turn(turning), names(turning)[0])]
    for _ in range(3):
        turning.moment += 2 * WEEK
        assert ring(turning) == 1
        said.append((on_turn(turning), names(turning)[0]))

    assert said == [
        *((["ray"], "Dr Ray"), (["fay"], "Dr Fay"), (["ivy"], "Dr Ivy"), (["ray"], "Dr Ray"))
    ]
    assert ring(turning) == 0


def test_missed_turns_are_caught_up(turning):
    turning.moment += 11 * WEEK  # five turns, and half of the sixth

    assert (ring(turning), on_turn(turning)) == (1, ["ivy"])
    turning.moment += WEEK
    assert (ring(turning), on_turn(turning)) == (1, ["ray"])


def test_a_turn_ends_on_the_circles_day(turning):
    with turning.app.app_context():
        home = answering_rota.queries.circle(turning.standing("mo"))
        home.timezone = "Pacific/Auckland"
        db.session.commit()
    turning.moment = turning.moment.replace(hour=10, minute=59) + 2 * WEEK - DAY
    assert ring(turning) == 0  # 23:59 there
    turning.moment = turning.moment.replace(hour=11, minute=1)
    assert ring(turning) == 1


def test_rota_changes_leave_no_trace(turning):
    before = log(turning)

    act(turning, "joe", answering_rota.skip)
    assert names(turning) == ["Dr Fay", "Dr Ray", "Dr Ivy"]
    act(turning, "ivy", answering_rota.take_turn)
    assert names(turning) == ["Dr Ivy", "Dr Ray", "Dr Fay"]
    act(turning, "ray", answering_rota.extend)
    turning.moment += 2 * WEEK
    assert ring(turning) == 0
    turning.moment += WEEK
    assert (ring(turning), on_turn(turning)) == (1, ["ray"])

    assert log(turning) == before


def test_a_turn_is_extended_within_limits(turning):
    for _ in range(50):
        act(turning, "ray", answering_rota.extend)

    turning.moment += (answering_rota.WEEKS_MAX + 1) * WEEK
    assert ring(turning) == 1


def test_holders_and_moderators_take_names_off(turning):
    with pytest.raises(Forbidden):
        act(turning, "joe", answering_rota.take_off, turn_of(turning, "Dr Ray"))
    act(turning, "ray", answering_rota.take_off)
    act(turning, "mo", answering_rota.take_off, turn_of(turning, "Dr Ivy"))

    assert (names(turning), on_turn(turning)) == (["Dr Fay"], ["fay"])


def test_only_facilitators_and_moderators_set_turns(world):
    for who in ("ray", "pru"):
        with pytest.raises(Forbidden):
            act(world, who, answering_rota.set_rhythm, 2)
    act(world, "fay", answering_rota.set_rhythm, 1)
    act(world, "ray", answering_rota.put_on)
    act(world, "mo", answering_rota.set_rhythm, 0)

    assert on_turn(world) == []


def rota_page(world, who):
    """The page without its tokens: of the session, and of the rota as it stands."""
    text = world.client(who).get(f"/circles/{world.ids['rose']}/rota").text
    return re.sub(r'value="([^"]*\.[^"]*\.[^"]*|[0-9a-f]{64})"', "", text)


@pytest.mark.leaks
def test_the_rota_page_is_alike_whosever_turn_it_is(turning):
    """Fails when its list is in the order of turns, or names who is asked: beside a reflection that
    waits it tells who is silent."""
    told = {who: set() for who in ("pru", "ray", "fay", "mo", "ivy")}
    for _turn in range(3):
        for who, pages in told.items():
            pages.add(rota_page(turning, who))
        act(turning, "joe", answering_rota.skip)
        act(turning, "ivy", answering_rota.take_turn)

    assert {who: len(pages) for who, pages in told.items()} == dict.fromkeys(told, 1)
    assert told["pru"] == {rota_page(turning, "joe")}
    assert told["ray"] == {rota_page(turning, "ivy")}


def test_the_rota_lists_who_takes_part_by_the_alphabet(turning):
    page = Page(turning.client("pru").get(f"/circles/{turning.ids['rose']}/rota"))

    assert names(turning) == ["Dr Ray", "Dr Fay", "Dr Ivy"]
    assert [each.text for each in page.one("ul", cls="people").all("li")] == [
        *("Dr Fay", "Dr Ivy", "Dr Ray")
    ]
    assert page.one("p", cls="notice").text == "One of us is asked to reply first, until 16 March."


@pytest.mark.leaks
def test_the_rotas_version_is_made_of_nothing_a_page_shows(turning):
    """Fails when the token of the rota's order can be computed from ids that its page carries: with
    three names six tries tell whose turn it is."""
    mo = Page(turning.client("mo").get(f"/circles/{turning.ids['rose']}/rota"))
    ids = {re.search(r"rota/([^/]+)", form["action"])[1] for form in mo.all("form")
           if re.search(r"rota/[0-9a-f-]{36}", form.get("action", ""))}  # fmt: skip
    until = (turning.moment + 2 * WEEK).date()

    tried = {version_token(*order, 2, until) for order in permutations(ids)}

    assert len(ids) == 3
    assert mo.field("version").value not in tried


def test_a_member_takes_the_turn_for_themselves_alone(turning):
    ivy, page = turning.client("ivy"), f"/circles/{turning.ids['rose']}/rota"
    version = Page(ivy.get(page)).field("version").value

    ivy.submit(page, do="take", version=version)
    assert on_turn(turning) == ["ivy"]

    turning.client("joe").submit(page, do="take", version=version)  # who is not on the rota
    assert on_turn(turning) == ["ivy"]
    mo = turning.client("mo")
    other = mo.submit(f"{page}/{turn_of(turning, 'Dr Ray')}", do="swap", version=version)
    assert other.status_code == 422
    assert on_turn(turning) == ["ivy"]


def test_few_names_on_a_rota_are_a_warning(turning):
    def warns():
        return "others can work out whose turn it is" in rota_page(turning, "pru")

    assert not warns()
    act(turning, "ivy", answering_rota.take_off)
    assert warns()


def test_a_pseudonym_stays_when_its_holder_leaves(world):
    with world.app.app_context():
        with unit_of_work():
            home = answering_rota.queries.circle(world.standing("mo"))
            home.allows_own_name = False
        with unit_of_work():
            choose_pseudonym(world.standing("ray"), "Quiet Heron")
    act(world, "fay", answering_rota.set_rhythm, 2)
    act(world, "ray", answering_rota.put_on)
    assert (names(world), on_turn(world)) == (["Quiet Heron"], ["ray"])

    with world.app.app_context(), unit_of_work():
        answering_rota.leave(world.standing("ray"))

    assert names(world) == ["Quiet Heron"]


def be_gone(world, who, how):
    """Let a member of Rose leave, or their account be suspended; "here" changes nothing."""
    with world.app.app_context(), unit_of_work():
        if how == "left":
            own_place(world.standing(who), world.ids[who]).left_on = world.moment.date()
        if how == "suspended":
            db.session.get_one(Member, world.ids[who]).is_suspended = True


@pytest.mark.leaks
@pytest.mark.parametrize("ivy_is", ["here", "suspended", "left"])
@pytest.mark.parametrize(
    ("names_on_it", "turns"),
    [
        (["Dr Ray", "Quiet Heron"], [False, True, False, True]),
        (["Dr Ray", "Quiet Heron", "Early Wren"], [False, False, True, False]),
    ],
)
def test_a_turn_falls_to_the_name_of_somebody_gone_too(turning, names_on_it, turns, ivy_is):
    """Fails when a turn passes a name whose holder has left or is suspended: whoever shares a rota
    with an invented name sees their own turn come sooner, and learns whose it was, or that a
    colleague is suspended. So does a thief of two copies, by the places."""
    for who in ("fay", "ivy"):
        act(turning, who, answering_rota.take_off)
    with turning.app.app_context(), unit_of_work():
        answering_rota.queries.circle(turning.standing("mo")).allows_own_name = False
    for who, name in zip(("ivy", "joe"), names_on_it[1:], strict=False):
        act(turning, who, choose_pseudonym, name)
        act(turning, who, answering_rota.put_on)
    be_gone(turning, "ivy", ivy_is)

    pressed, come = [], []
    for _ in range(4):
        act(turning, "mo", answering_rota.skip)
        pressed.append(bool(on_turn(turning, "ray")))
    assert names(turning) == names_on_it
    for _ in range(4):
        turning.moment += 2 * WEEK
        ring(turning)
        come.append(bool(on_turn(turning, "ray")))

    assert pressed == [False, True, False, True]
    assert come == turns


def test_an_own_name_leaves_with_its_holder(turning):
    with turning.app.app_context():
        place = own_place(turning.standing("ray"), turning.ids["ray"]).id
    gone = turning.client("mo").submit(f"/circles/{turning.ids['rose']}/people/{place}/remove")

    assert gone.status_code == 303
    assert names(turning) == ["Dr Fay", "Dr Ivy"]
    with turning.app.app_context():
        assert turning.standing("fay").on_turn


def waits(world, who):
    rows = Page(world.client(who).get("/")).all("li")
    asked = [row for row in rows if "waiting for a first reply" in row.text]
    return [row.all("a")[0].text for row in asked]


def test_unanswered_reflections_escalate_by_role(turning):
    told = {}
    for hours in (23, 24, 48, 72):
        turning.moment = EVENING.replace(hour=10) + timedelta(hours=hours)
        told[hours] = [
            who
            for who in ("ray", "fay", "mo", "ivy")
            if waits(turning, who) == ["Torn between two"]
        ]

    assert told == {23: [], 24: ["ray"], 48: ["ray", "fay"], 72: ["ray", "fay", "mo"]}


def test_answered_reflections_escalate_to_nobody(turning):
    turning.reply("joe", "I know this.")
    turning.present("joe", "Just so", "No more than this.", wish=Wish.NO_REPLY)
    turning.moment += 4 * DAY

    assert waits(turning, "mo") == []


@pytest.mark.parametrize("kind", [ReplyKind.QUESTION, ReplyKind.ACKNOWLEDGEMENT])
def test_a_question_and_a_line_of_company_count_as_answers(turning, kind):
    turning.reply("joe", "How are you now?", kind=kind)
    turning.moment += 4 * DAY

    assert waits(turning, "mo") == []


def test_words_of_the_presenter_are_no_answer(turning):
    turning.reply("pru", "And one thing more.")
    turning.moment += 4 * DAY

    assert waits(turning, "mo") == ["Torn between two"]
    circle = turning.client("mo").get(f"/circles/{turning.ids['rose']}/?show=unanswered")
    assert "Torn between two" in circle.text


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def test_a_paused_thread_asks_nobody(turning, mode):
    turning.reply("joe", "I know this.")
    told = {"talk": "questions_first", "wish": Wish.ADVICE}
    thread = turning.present("pru", "Paused", "Words.", mode, **told)
    turning.moment = EVENING + timedelta(minutes=1)
    own = turning.url("discussions.own_round", who="pru", post_id=thread)
    turning.client("pru").submit(own, move="pause")
    turning.moment += 4 * DAY
    asked, emailed = waits(turning, "mo"), asked_by_email(turning, "mo")

    turning.client("pru").submit(own, move="resume")
    turning.moment += DAY

    assert asked == []
    assert emailed == ()
    assert waits(turning, "mo") == ["Paused"]
    assert asked_by_email(turning, "mo") == (thread.hex,)


def asked_by_email(world, who):
    """Threads of which a digest would tell that they wait."""
    with world.app.app_context():
        return digests._found(world.ids[who], EmailPreferences()).threads


@pytest.mark.parametrize("is_hidden", [True, False])
def test_a_hidden_reply_is_no_answer_anywhere(turning, is_hidden):
    """Fails when home asks for a reply that the circle's page or the desk counts as given."""
    reply = turning.reply("joe", "Too much said.")
    if is_hidden:
        with turning.app.app_context(), unit_of_work():
            standing = turning.standing("mo")
            restrictions.hide(standing, post_queries.post(standing, reply), Hidden.PATIENT)
    turning.moment += 4 * DAY
    circle, mo = f"/circles/{turning.ids['rose']}", turning.client("mo")
    with turning.app.app_context():
        desk = thread_queries.unanswered(turning.standing("mo"), DAY)

    assert (waits(turning, "mo") == ["Torn between two"]) is is_hidden
    assert (len(asked_by_email(turning, "mo")) == 1) is is_hidden
    assert ("Torn between two" in mo.get(f"{circle}/?show=unanswered").text) is is_hidden
    assert (len(desk) == 1) is is_hidden
    assert ("Torn between two" in mo.search("is:unanswered").text) is is_hidden


def test_a_resting_circle_asks_nobody(turning):
    days = f"/circles/{turning.ids['rose']}/days"
    first, last = (f"{(turning.moment + each * DAY):%Y-%m-%d}" for each in (1, 10))
    assert turning.client("mo").submit(days, do="add", first=first, last=last).status_code == 303
    turning.moment += 4 * DAY
    assert waits(turning, "mo") == []

    turning.moment += 8 * DAY

    assert waits(turning, "mo") == ["Torn between two"]


def test_a_waiting_masked_answer_does_not_count(turning):
    turning.moment = EVENING.replace(hour=10) + 2 * DAY
    turning.reply("joe", "Behind", AuthorMode.THREAD_PSEUDONYM)
    assert waits(turning, "fay") == ["Torn between two"]
    turning.moment = EVENING + 2 * DAY

    assert waits(turning, "fay") == []


def test_presenters_on_turn_are_notified_too(turning):
    """Leaving a presenter's turn out would let a log that counts emails reveal the mask's
    holder.
    """
    turning.present("ray", "Behind", "Something.", AuthorMode.THREAD_PSEUDONYM)
    turning.moment = EVENING + DAY

    assert "Behind" in waits(turning, "ray")


@pytest.mark.parametrize("do", ["skip", "extend"])
def test_a_move_sent_twice_moves_the_rota_once(turning, do):
    ray, page = turning.client("ray"), f"/circles/{turning.ids['rose']}/rota"
    fields = {"do": do, "version": Page(ray.get(page)).field("version").value}
    begun = names(turning)

    ray.submit(page, **fields)
    moved = names(turning), ray.get(page).text
    said = ray.get(ray.submit(page, **fields).location).text

    assert names(turning) == moved[0]
    assert (do == "extend") == (moved[0] == begun)
    assert "This was changed while you were here" in said
    assert re.search(ASKED, said)[0] == re.search(ASKED, moved[1])[0]


def test_a_turn_moved_on_an_old_page_stays_where_it_is(turning):
    mo, page = turning.client("mo"), f"/circles/{turning.ids['rose']}/rota"
    old = Page(mo.get(page)).field("version").value
    act(turning, "fay", answering_rota.skip)
    ivy, stood = turn_of(turning, "Dr Ivy"), names(turning)

    assert mo.submit(f"{page}/{ivy}", do="off", version=old).status_code == 303
    refused = mo.submit(f"{page}/rhythm", weeks="4", version=old)

    assert names(turning) == stood
    assert refused.status_code == 409
    assert "This was changed while you were here" in refused.text


@pytest.mark.parametrize("why", ["it closes", "its rules changed"])
def test_the_rota_offers_nothing_that_it_refuses(turning, why):
    """Fails when a button leads to a refusal where nobody, or not this member, may post."""
    with turning.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, turning.ids["rose"])
        if why == "it closes":
            home.closes_on = home.today + 30 * DAY
        else:
            home.rules = new_id()

    def offered(who):
        page = Page(turning.client(who).get(f"/circles/{turning.ids['rose']}/rota")).one("main")
        return {each["value"] for each in page.all("button", name="do")}

    assert offered("joe") == set()
    assert offered("ray") == {"off"}
    said = turning.client("joe").get(f"/circles/{turning.ids['rose']}/rota").text
    assert ("This circle closes" if why == "it closes" else "ground rules") in said
