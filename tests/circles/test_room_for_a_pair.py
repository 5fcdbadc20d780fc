"""Room for a pair: said on the list of people, asked for there, answered there and on home."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from forum.accounts.models import Member
from forum.authors.queries import everyday
from forum.circles.closing import close_due
from forum.circles.member_names import take_own_name
from forum.circles.models import Circle
from forum.circles.pair_requests import LIFE, Pairing, Request, current, drop_suspended, pairing
from forum.circles.pair_states import Act, PairState
from forum.circles.queries import left_places, people
from forum.circles.services import join
from forum.core.clock import now
from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden
from forum.core.randomness import new_id
from forum.offboarding.services import leave, undo
from forum.policy.terms import CircleKind, Role
from tests.circles.test_pairs import opened
from tests.page import Page

ROOM = "“I have room for one pair”"
ASKS = "Dr Ray asks whether you two would talk for a while."


def place(world, who):
    with world.app.test_request_context():
        found = {each.name: each.membership_id for each in people(world.standing("mo"))}
    return found[f"Dr {who.title()}"]


def listed(world, who):
    """The list of people; what is said once there belongs to the browser that pressed."""
    return Page(world.client(who).get(f"/circles/{world.ids['rose']}/people"))


def says_room(world, who="pru", **do):
    here = f"/circles/{world.ids['rose']}/room-for-a-pair"
    return world.client(who).submit(here, **do)


def asks(world, who="ray", whom="pru", **fields):
    """Press Ask, as the page that is open there would."""
    here = f"/circles/{world.ids['rose']}/people"
    client = world.client(who)
    answer = client.post(
        f"{here}/{place(world, whom)}/pair", data=client.tokens("/") | {"form_key": "k"} | fields
    )
    return Page(client.get(answer.location))


def pressed(world, words, who="pru"):
    """Press a button of the row on home; gives its address, the answer, and the next page."""
    client = world.client(who)
    home = Page(client.get("/"))
    url = next(
        form["action"]
        for row in home.all("div", cls="row-do")
        for form in row.all("form")
        if form.all("button")[0].text.startswith(words)
    )
    answer = client.submit(url)
    return url, answer.location, Page(client.get(answer.location))


def pair(world):
    says_room(world)
    asks(world)
    return pressed(world, "Yes")[1]


def test_room_is_said_and_removed_by_oneself(world):
    assert listed(world, "ray").text.count(ROOM) == 0

    says_room(world)
    shown = [ROOM in listed(world, who).text for who in ("pru", "ray", "mo")]
    says_room(world, do="end")

    assert shown == [True] * 3
    assert not any(ROOM in listed(world, who).text for who in ("pru", "ray", "mo"))


def test_nobody_is_asked_who_has_no_room(world):
    page = listed(world, "ray")

    assert "has no room for a pair now" in asks(world).text
    assert "Ask for a pair" not in page.text
    assert ASKS not in Page(world.client("pru").get("/")).text


def test_only_who_is_asked_reads_of_it(world):
    says_room(world)
    asks(world)

    homes = {who: Page(world.client(who).get("/")).text for who in ("pru", "ray", "mo", "ivy")}
    lists = {who: listed(world, who).text for who in ("pru", "ray", "mo", "ivy")}

    assert [who for who, page in homes.items() if ASKS in page] == ["pru"]
    assert [who for who, page in lists.items() if ASKS in page] == ["pru"]
    assert [who for who, page in lists.items() if "You have asked" in page] == ["ray"]


def test_yes_opens_a_circle_of_the_two(world):
    there = pair(world)

    world.ids["pair"] = UUID(there.split("/")[2])
    with world.app.app_context():
        both = [world.standing(who, "pair") for who in ("pru", "ray")]
        assert [each.kind for each in both] == [CircleKind.PAIR] * 2
        assert [each.role for each in both] == [Role.MODERATOR] * 2
    pages = [Page(world.client(who).get(there)).text for who in ("pru", "ray")]
    assert all("Dr Ray and Dr Pru" in page for page in pages)
    assert all("How often would you like to write" in page for page in pages)
    assert world.client("mo").get(there).status_code == 404
    assert ROOM not in listed(world, "ivy").text  # it was room for one
    assert ASKS not in Page(world.client("pru").get("/")).text


def test_both_can_write_in_the_pair_at_once(world):
    there = pair(world)

    for who in ("ray", "pru"):
        client = world.client(who)
        assert client.get(client.get(f"{there}write").location).status_code == 200


def test_yes_pressed_twice_opens_one_pair(world):
    says_room(world)
    asks(world)
    url, first, _ = pressed(world, "Yes")

    second = world.client("pru").submit(url)

    assert second.location == first


def test_not_now_is_told_to_nobody(world):
    says_room(world)
    asks(world)
    before = listed(world, "ray").text

    pressed(world, "Not now")

    assert listed(world, "ray").text == before
    assert ASKS not in Page(world.client("pru").get("/")).text


@pytest.mark.parametrize("answered", [True, False])
def test_a_withdrawn_request_comes_back_only_unanswered(world, answered):
    says_room(world)
    asks(world)
    if answered:
        pressed(world, "Not now")

    asks(world, do="withdraw")
    asks(world)

    assert "You have asked" in listed(world, "ray").text
    assert (ASKS in Page(world.client("pru").get("/")).text) is not answered


def test_a_request_lapses_after_a_fortnight(world):
    says_room(world)
    asks(world)

    world.moment += LIFE
    still = ASKS in Page(world.client("pru").get("/")).text
    world.moment += timedelta(days=1)

    assert still
    assert ASKS not in Page(world.client("pru").get("/")).text
    assert "You have asked" not in listed(world, "ray").text


def test_removing_the_room_hides_what_was_asked(world):
    says_room(world)
    asks(world)

    says_room(world, do="end")
    says_room(world)

    assert ASKS not in Page(world.client("pru").get("/")).text
    assert "You have asked" in listed(world, "ray").text


def test_asking_again_once_the_room_is_gone_says_nothing_new(world):
    """Fails when whoever presses again learns that what they asked has been put off."""
    says_room(world)
    first = asks(world).text
    says_room(world, do="end")

    again = asks(world).text

    assert "You have asked" in first
    assert "You have asked" in again
    assert "has no room for a pair now" not in again


@pytest.mark.parametrize("gone", ["ray", "pru"])
def test_who_leaves_takes_what_was_asked_along(world, gone):
    says_room(world)
    asks(world)
    with world.app.test_request_context(), unit_of_work():
        leave(world.ids[gone], world.ids["rose"], words_go=False)

    with world.app.app_context():
        left = [pairing(each) for each in current(world.ids["rose"]).values()]
    assert not any(each.requests for each in left)
    assert ROOM not in listed(world, "ivy").text or gone == "ray"


def test_a_suspended_asker_begins_no_pair(world):
    says_room(world)
    asks(world)
    suspend(world, "ray")

    _, there, page = pressed(world, "Yes")

    assert there.endswith("/people")
    assert "This request is over." in page.text
    assert ASKS not in Page(world.client("pru").get("/")).text


def test_what_a_suspended_member_asked_goes_like_a_withdrawn_request(world):
    for who in ("pru", "ivy"):
        says_room(world, who)
    asks(world)
    asks(world, "joe")
    suspend(world, "ray")

    with world.app.app_context():
        dropped = [drop_suspended() for _ in "ab"]

    home = Page(world.client("pru").get("/")).text
    assert dropped == [1, 0]
    assert ASKS not in home
    assert "Dr Joe asks whether" in home


def test_an_asker_without_a_pair_left_reads_of_it_alone(world):
    world.app.config["CIRCLES_EACH"] = 1
    says_room(world)
    asks(world)
    opened(world, "ray")

    answer = pressed(world, "Yes")[2].text
    refused = asks(world).text

    assert "This request is over." in answer
    assert "You are already in 1 pair, which is the most for one person." in refused


def test_yes_leads_into_no_circle_but_the_pair(world):
    with world.app.test_request_context(), unit_of_work():
        join(db.session.get(Circle, world.ids["rose"]), world.ids["sol"], "Dr Sol", Role.MEMBER)
    rose = world.ids["rose"]

    answer = world.client("ray").submit(f"/circles/{rose}/pairs/{rose}/yes")

    assert answer.location.endswith("/people")
    with world.app.test_request_context():
        assert everyday(world.standing("sol")) is None


def test_nobody_takes_an_own_name_for_others_in_a_group(world):
    with world.app.test_request_context(), pytest.raises(Forbidden):
        take_own_name(world.ids["ray"], world.ids["rose"])


def test_a_pair_begins_anew_after_one_is_gone(world):
    first = pair(world)
    world.client("ray").submit(f"{first}closing")
    world.moment += timedelta(days=32)
    ring(world)

    says_room(world)
    asks(world)  # from the page of then
    second = pressed(world, "Yes")[1]
    ring(world)

    assert second != first
    assert world.client("pru").get(first).status_code == 404
    assert world.client("pru").get(second).status_code == 200


def test_yes_works_after_one_that_failed(world):
    says_room(world)
    asks(world)
    url = accept_url(world)
    fail_next_commit()

    answers = [world.client("pru").submit(url) for _ in "ab"]

    assert [each.status_code for each in answers] == [503, 303]
    assert world.client("pru").get(answers[1].location).status_code == 200


@pytest.mark.leaks
@pytest.mark.parametrize("who", ["mo", "ivy"])
def test_yes_shows_a_third_member_no_more_than_remove(world, who):
    """Fails when what a third member reads after a yes names both of the pair."""
    for each in ("pru", "ray", "ivy"):
        says_room(world, each)
    asks(world)

    world.client("pru").submit(accept_url(world))
    said_yes = third(world, who)
    says_room(world)
    says_room(world, do="end")
    removed = third(world, who)

    assert said_yes == removed
    assert "Dr Ray “I have room for one pair”" in said_yes[0]
    assert "Dr Pru “I have room for one pair”" not in said_yes[0]


@pytest.mark.leaks
def test_all_members_rows_keep_one_length(world):
    """Fails when a newcomer, or who comes back, is told from others by a sealed row's size."""
    says_room(world)
    for who in ("ray", "ivy", "joe"):
        asks(world, who)
    with world.app.test_request_context(), unit_of_work():
        leave(world.ids["ivy"], world.ids["rose"], words_go=False)
        join(db.session.get(Circle, world.ids["rose"]), world.ids["sol"], "Dr Sol", Role.MEMBER)
    after_joining = lengths(world)
    for who in ("mo", "fay", "kit"):
        asks(world, who)
    with world.app.test_request_context(), unit_of_work():
        undo(left_places(world.ids["ivy"])[0])

    assert len(after_joining) == 1
    assert len(lengths(world)) == 1


@pytest.mark.leaks
def test_not_now_cannot_be_told_from_waiting(world):
    """Fails when a sequence of asking and withdrawing shows who asks that "Not now" was said.

    Every sequence over 40 days, with "Not now" on any day in one world and never in the other.
    """
    worlds = {(Pairing(room=True), Pairing(room=True))}
    with world.app.app_context():
        asker = new_id()
        for _ in range(40):
            worlds = {
                twins
                for waiting, answered in worlds
                for acts in ("", "a", "w", "aw", "wa", "waw", "awa")
                for before in (answered, *said_not_now(answered))
                for twins in [tuple(after_acts(each, acts, asker) for each in (waiting, before))]
            }
            worlds |= {(one, other) for one, two in worlds for other in (two, *said_not_now(two))}
            assert all(one.waits_for(asker) is two.waits_for(asker) for one, two in worlds)
            world.moment += timedelta(days=1)
            worlds = {(living(one), living(two)) for one, two in worlds}
            assert all(one.waits_for(asker) is two.waits_for(asker) for one, two in worlds)


def after_acts(known, acts, asker):
    """A pairing after asking ("a") and withdrawing ("w") in this order."""
    for act in acts:
        today = now().date().isoformat()
        request = Request(asker, asker, "Dr Ray", today, PairState.ASKED)
        known = known.with_asked(request) if act == "a" else known.with_withdrawn(asker)
    return known


def said_not_now(known):
    """The pairing after "Not now", where there is somebody to say it to."""
    return [known.put(each.asker, each.after(Act.NOT_NOW)) for each in known.waiting]


def living(known):
    return known.but([each for each in known.requests if each.has_lapsed])


def suspend(world, who):
    with world.app.app_context(), unit_of_work():
        db.session.get_one(Member, world.ids[who]).is_suspended = True


def ring(world):
    with world.app.app_context():
        close_due()


def fail_next_commit():
    """Let the next commit meet a locked database."""

    @event.listens_for(db.session, "before_commit", once=True)
    def _locked(_session):
        raise OperationalError("", {}, Exception("database is locked"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"rules": UUID(int=7)},
            "The ground rules have changed. Agree on the circle's page first.",
        ),
        ({"closes_on": date(2026, 4, 1)}, "This circle can only be read now."),
    ],
)
def test_a_request_that_cannot_be_answered_yet_says_why(world, changed, said):
    """Fails when "Yes", which home offers, leads to an error page."""
    says_room(world)
    asks(world)
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        for name, value in changed.items():
            setattr(home, name, value)

    _url, there, page = pressed(world, "Yes")

    assert there == f"/circles/{world.ids['rose']}/people"
    assert said in page.text
    assert ASKS in page.text


def third(world, who):
    """What a member reads who is neither of the two."""
    return [listed(world, who).text, Page(world.client(who).get("/")).text]


def accept_url(world):
    forms = listed(world, "pru").all("form")
    return next(each["action"] for each in forms if each["action"].endswith("/yes"))


def lengths(world):
    with world.app.app_context():
        rows = "SELECT length(pairing) FROM membership WHERE circle_id = :c AND left_on IS NULL"
        return {*db.session.scalars(text(rows), {"c": world.ids["rose"].hex})}


def test_a_changed_name_stands_in_the_request(world):
    says_room(world)
    asks(world)
    client = world.client("ray")
    client.submit("/account/name", name="Raymond Okoro")

    home = Page(world.client("pru").get("/")).text

    assert "Raymond Okoro asks whether you two would talk for a while." in home


def test_two_who_ask_each_other_begin_one_pair(world):
    says_room(world)
    says_room(world, "ray")
    asks(world)
    asks(world, "pru", "ray")

    there = pressed(world, "Yes")[1]

    assert world.client("ray").get(there).status_code == 200
    for who in ("pru", "ray"):
        assert "asks whether" not in Page(world.client(who).get("/")).text


def test_nothing_leads_from_a_thread_to_a_pair(world):
    says_room(world, "ray")
    world.reply("ray", "I have been there.")

    page = Page(world.client("pru").get(world.thread))

    assert "pair" not in page.text.casefold()
    assert not [each for each in page.all("form") if "pair" in each["action"]]


def test_a_pair_has_no_room_for_another(world):
    there = pair(world)

    answer = world.client("pru").submit(f"{there}room-for-a-pair")

    assert answer.status_code == 403
    assert "room for one pair" not in Page(world.client("pru").get(f"{there}people")).text


@pytest.mark.parametrize("changed", [{"rules": UUID(int=7)}, {"closes_on": date(2026, 4, 1)}])
def test_room_can_be_taken_back_where_none_can_be_offered(world, changed):
    says_room(world)
    with world.app.app_context(), unit_of_work():
        home = db.session.get_one(Circle, world.ids["rose"])
        for name, value in changed.items():
            setattr(home, name, value)

    assert Page(world.client("pru").get(f"/circles/{world.ids['rose']}/people")).button("Remove")
    says_room(world, do="end")

    assert "I have room for one pair" not in listed(world, "ray").text
