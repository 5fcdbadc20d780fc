"""Leaving a circle, undoing, and the leaver's posts."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text

from forum.accounts.models import Member, Session
from forum.accounts.services import register
from forum.authors.models import Author
from forum.circles import member_names
from forum.circles import queries as circles
from forum.circles.models import Circle, Invitation, Membership
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.discussions.models import Reply
from forum.offboarding import jobs, services, views
from forum.offboarding import queries as leaving
from forum.offboarding.models import Departure
from forum.policy.terms import AuthorMode, Role
from tests.circles import ways
from tests.offboarding.leavers import place
from tests.page import Page
from tests.rows import dump
from tests.world import EVENING, MORNING, TOKEN

HIDDEN = AuthorMode.THREAD_PSEUDONYM
DAY = timedelta(days=1)


def go(world, who, words="stay", circle="rose"):
    client, page = world.client(who), f"/circles/{world.ids[circle]}/leave"
    return client.post(page, data=client.tokens(page) | {"words": words})


def account(world, who):
    return world.client(who).get("/account").text


def press(world, who, words):
    """Press a button of the account page."""
    client = world.client(who)
    url = Page(client.get("/account")).form(f"/{words}")["action"]
    return client.post(url, data=client.tokens("/account"))


def thread(world, who="mo"):
    return world.client(who).get(world.thread).text


def writers(world):
    """Names on the thread's page, in order."""
    return [each.text for each in Page(thread(world)).all("bdi", cls="post-author")]


def ring(world):
    with world.app.app_context():
        jobs.settle()
        jobs.forget_accounts()


def test_leaving_ends_access_and_offers_undo(world):
    ray, here = world.client("ray"), f"/circles/{world.ids['rose']}/"
    pages = (here, world.thread, f"{here}people", f"{here}your-words", f"{here}write")
    assert {ray.get(page).status_code for page in pages} <= {200, 303}

    go(world, "ray")

    assert {ray.get(page).status_code for page in pages} == {404}
    assert "You left Rose." in ray.get("/").text
    assert "hit-title" not in ray.search("morning").text
    assert "You left Rose. You can undo this until Sunday" in account(world, "ray")
    assert "Dr Ray" not in world.client("mo").get(f"{here}people").text

    press(world, "ray", "undo")

    assert {ray.get(page).status_code for page in pages} <= {200, 303}
    assert "Undo" not in account(world, "ray")


def test_leaving_and_undoing_pressed_twice_say_the_same(world):
    """Fails when a browser shows a page not found for a circle that was just left."""
    ray, page = world.client("ray"), f"/circles/{world.ids['rose']}/leave"
    form = ray.tokens(page) | {"words": "stay"}

    left = [ray.post(page, data=form) for _ in range(2)]
    undo = Page(ray.get("/account")).form("/undo")
    back = [ray.post(undo["action"], data=undo.fields()) for _ in range(2)]

    assert [each.location for each in left] == ["/account"] * 2
    assert [each.location for each in back] == [f"/circles/{world.ids['rose']}/"] * 2
    assert "You are back." in ray.get(back[1].location).text
    assert world.client("nan").submit(page, words="stay").status_code == 404


@pytest.mark.parametrize(
    ("words", "meanwhile"),
    [
        ("undo", "DELETE FROM membership WHERE left_on IS NOT NULL"),
        ("words", "DELETE FROM membership WHERE left_on IS NOT NULL"),
        ("words", "UPDATE membership SET left_on = NULL"),
    ],
    ids=["undo, purged", "withdraw, purged", "withdraw, back"],
)
def test_a_press_after_leaving_finds_nothing_that_went_meanwhile(
    world, monkeypatch, words, meanwhile
):
    """Fails when the worker's purge, or an undo, while a press waits for the write lock, is an
    error of the server, or has posts of a member withdrawn."""
    world.reply("ray", "In the open")
    go(world, "ray")

    @contextmanager
    def late():
        with db.engine.begin() as worker:
            worker.execute(text(meanwhile))
        with unit_of_work():
            yield

    monkeypatch.setattr(views, "unit_of_work", late)
    assert press(world, "ray", words).status_code == 404


def test_home_offers_undo_to_whoever_left_their_only_circle(world):
    go(world, "ray")

    ray = world.client("ray")
    home = Page(ray.get("/"))

    assert "You left Rose. Undo until" in home.text
    assert "not in a circle yet" not in home.text
    assert home.button("Undo")
    press(world, "ray", "undo")
    assert "You left Rose" not in ray.get("/").text


def test_posts_of_leavers_name_a_former_member(world):
    world.reply("ray", "In the open")
    world.reply("ray", "From behind", HIDDEN)
    world.moment = EVENING
    [mask] = {name for name in writers(world) if name not in ("Dr Pru", "Dr Ray")}

    go(world, "ray")

    shown = thread(world)
    assert "a former member" in shown
    assert "Dr Ray" not in shown
    assert mask in shown
    press(world, "ray", "undo")
    assert "Dr Ray" in thread(world)
    assert "a former member" not in thread(world)


def test_leaving_is_final_after_the_grace_days(world):
    world.reply("ray", "In the open")
    go(world, "ray")
    offered = []
    for days in (6, 1):
        world.moment += days * DAY
        ring(world)
        offered.append("Undo" in account(world, "ray"))

    assert offered == [True, False]
    assert "a former member" in thread(world)
    with world.app.app_context():
        mine = Membership.member_id == world.ids["ray"]
        assert db.session.scalar(select(func.count()).select_from(Membership).where(mine)) == 0


@pytest.mark.parametrize(
    ("newcomers", "said"),
    [
        (
            [f"Dr Number {number}" for number in range(14)],
            "This circle is now full. Message a colleague there to ask about a place.",
        ),
        (
            ["Dr Ray"],
            "Someone with a very similar name has joined since. Ask a moderator to invite you "
            "again under another name.",
        ),
    ],
    ids=["full", "namesake"],
)
def test_a_refused_undo_gives_its_reason(world, newcomers, said):
    go(world, "ray")
    with world.app.app_context():
        for number, name in enumerate(newcomers):
            with unit_of_work():
                member = register(f"n{number}@example.org", name, "no password")
                join(db.session.get_one(Circle, world.ids["rose"]), member.id, name)

    answer = press(world, "ray", "undo")
    page = world.client("ray")
    page.set_cookie("s", cookie(answer))

    assert answer.location == "/account"
    assert said in page.get("/account").text
    with world.app.app_context():
        assert circles.left_places(world.ids["ray"])


def cookie(answer):
    return answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]


@pytest.mark.leaks
def test_withdrawn_names_go_at_separate_slots(world):
    """Fails when all names of a person go at one slot, or masks go along."""
    world.reply("ray", "In the open")
    world.reply("ray", "From behind", HIDDEN)
    thread_id = world.present("ray", "My own story", "Told in the open")
    world.moment = EVENING
    go(world, "ray", "go")
    assert "are being withdrawn, within a week" in account(world, "ray")
    shown = []
    for _ in range(15):
        shown.append("In the open" in thread(world))
        world.moment += DAY / 2
        ring(world)

    assert shown[0]
    assert not shown[-1]
    page = thread(world)
    assert "From behind" in page
    assert "This post has been withdrawn." in page
    own = world.thread.replace(str(world.ids["thread"]), str(thread_id))
    assert "My own story" not in world.client("mo").get(own).text
    with world.app.app_context():
        texts = {reply.body for reply in db.session.scalars(select(Reply))}
        assert texts == {"", "From behind"}


def test_undoing_keeps_all_posts(world):
    world.reply("ray", "In the open")
    go(world, "ray", "go")
    press(world, "ray", "undo")
    world.moment += 9 * DAY
    ring(world)

    assert "In the open" in thread(world, "ray")


def test_removed_members_withdraw_but_cannot_undo(world):
    world.reply("ray", "In the open")
    mo, people = world.client("mo"), f"/circles/{world.ids['rose']}/people"
    with world.app.app_context():
        known = {each.name: each.membership_id for each in circles.people(world.standing("mo"))}
    mo.submit(f"{people}/{known['Dr Ray']}/remove")

    page = account(world, "ray")
    assert "A moderator removed you from Rose." in page
    assert "/undo" not in page
    press(world, "ray", "words")
    world.moment += 8 * DAY
    ring(world)

    assert "In the open" not in thread(world)


def test_invitations_of_leavers_end(world):
    ways.link(world, who="mo")
    go(world, "mo")

    with world.app.app_context():
        assert db.session.scalars(select(Invitation)).all() == []


def test_a_circle_without_moderator_is_read_only(world):
    go(world, "mo")
    ray, here = world.client("ray"), f"/circles/{world.ids['rose']}"
    page = ray.get(f"{here}/").text
    sent = ray.answer(world.thread, body="Too late", do="own_name")
    looked = ray.get(sent.location).text

    assert "This circle has no moderator" in page
    assert "Too late" in looked
    assert "Post as Dr Ray" not in looked

    ray.submit(f"{here}/take-on")
    late = world.client("fay").submit(f"{here}/take-on")

    assert late.status_code == 403
    assert "Post as Dr Ray" in ray.get(sent.location).text
    assert ray.get(f"{here}/settings").status_code == 200
    assert "became moderator, as the circle had none" in ray.get(f"{here}/log").text


@pytest.mark.parametrize("is_taken_on", [True, False])
def test_a_moderator_who_comes_back_finds_the_circle_taken_on(world, is_taken_on):
    """Fails when whoever left a circle without a moderator rises again beside the member who took
    it on, by Undo, or by an invitation meant for a member.
    """
    go(world, "mo")
    if is_taken_on:
        world.client("ray").submit(f"/circles/{world.ids['rose']}/take-on")
    with world.app.app_context(), unit_of_work():
        services.undo(place(world, "mo"))

    with world.app.app_context():
        moderating = [who for who in ("mo", "ray") if world.standing(who).role is Role.MODERATOR]
    assert moderating == (["ray"] if is_taken_on else ["mo"])


@pytest.mark.leaks
def test_leaving_is_neither_logged_nor_announced(world):
    here = f"/circles/{world.ids['rose']}/"

    def seen(page):
        return TOKEN.sub("", world.client("ivy").get(f"{here}{page}").text)

    ways.joined(world.client("sol"), ways.link(world))  # so that seven are left
    before = seen("log"), seen("").replace("<bdi>Dr Ray</bdi>, ", "")
    go(world, "ray")

    assert (seen("log"), seen("")) == before


def delete(world, who="ray", **fields):
    client = world.client(who)
    sent = client.tokens("/account/delete") | {"words": "stay", "sure": "y"} | fields
    return client.post("/account/delete", data=sent)


def test_a_deletion_can_be_cancelled_for_a_week(world):
    world.reply("ray", "In the open")
    session = world.client("ray")
    assert delete(world, sure="").status_code == 422

    delete(world)

    assert session.get("/").location == "/sign-in"
    assert "Dr Ray" not in world.client("mo").get(f"/circles/{world.ids['rose']}/people").text
    page = account(world, "ray")
    assert "Your account is deleted on Monday 9 March." in page
    world.client("ray").submit("/account/keep")
    assert "is deleted on" not in account(world, "ray")
    press(world, "ray", "undo")
    assert "Dr Ray" in world.client("mo").get(f"/circles/{world.ids['rose']}/people").text


def test_a_deleted_account_leaves_no_rows(world):
    world.client("ray")
    delete(world)
    for _ in range(9):
        world.moment += DAY
        ring(world)

    with world.app.app_context():
        assert db.session.get(Member, world.ids["ray"]) is None
        assert not [
            each
            for each in db.session.scalars(select(Session))
            if str(world.ids["ray"]) in each.whose
        ]
        kept = dump()
    assert world.ids["ray"].hex not in kept.lower()


def test_an_account_is_counted_as_deleted_once(world):
    """Fails when one that waits for the slot of its membership is counted, and logged, before."""
    world.client("ray")
    delete(world)
    done = []
    for _ in range(9 * 4):
        world.moment += DAY / 4
        with world.app.app_context():
            jobs.settle()
            done.append(jobs.forget_accounts())

    assert sum(done) == 1


@pytest.mark.leaks
def test_leaving_changes_no_masked_post(world):
    """M9: neither leaving nor the purge changes a masked post or its name; afterwards no key
    reveals its author. Fails when a purge touches author rows.
    """
    world.reply("ray", "From behind", HIDDEN)
    world.moment = EVENING

    def masks():
        with world.app.app_context():
            rows = db.session.scalars(select(Author).where(Author.mode == HIDDEN))
            return [(row.id, row.holder_key, row.name) for row in rows]

    before, page = masks(), writers(world)
    go(world, "ray")
    world.moment += 8 * DAY
    ring(world)

    assert masks() == before
    assert writers(world)[-1] == page[-1]
    with world.app.app_context():
        [mask] = db.session.scalars(select(Author).where(Author.mode == HIDDEN))
        hands = [world.standing(who).hand for who in ("pru", "fay", "mo", "ivy", "joe", "kit")]
        assert not any(hand.holds(mask) for hand in hands)


@pytest.mark.parametrize("page", ["/", "/drafts", "/help"])
def test_a_scheduled_deletion_shows_on_every_page(world, page):
    client = world.client("ray")
    client.post(
        "/account/delete", data=client.tokens("/account/delete") | {"words": "stay", "sure": "y"}
    )
    back = world.client("ray")
    said = "Your account will be deleted on"

    assert said in back.get(page).text
    assert said not in world.client("ivy").get(page).text
    back.submit("/account/keep")
    assert said not in back.get(page).text


@pytest.mark.parametrize("act", ["undo", "join", "open a circle"])
def test_rejoining_cancels_the_accounts_deletion(world, act):
    client = world.client("ray")
    client.post(
        "/account/delete", data=client.tokens("/account/delete") | {"words": "stay", "sure": "y"}
    )
    back = world.client("ray")
    match act:
        case "undo":
            press(world, "ray", "undo")
        case "join":
            link = ways.link(world, "nan", "oak")
            page = ways.affirmed(back, link).text
            ways.send(back, "/join", page, affirmed="y")
        case "open a circle":
            ways.send(back, "/circles/open", back.get("/circles/open").text, name="Mine")

    with world.app.app_context():
        assert db.session.get(Member, world.ids["ray"]).goes_on is None
    assert "will be deleted on" not in back.get("/").text


def test_a_damaged_row_of_one_leaver_stops_no_other(world):
    """Fails when one damaged plan keeps leavers of all circles, or fails pages of who left."""
    with world.app.app_context():
        for who, circle in (("ray", "rose"), ("gus", "oak")):
            with unit_of_work():
                services.leave(world.ids[who], world.ids[circle], words_go=True)
        for row in db.session.scalars(select(Departure)).all():
            if row.circle_id == world.ids["rose"]:
                with unit_of_work():
                    known = {"bad": b"damaged", "id": row.id.hex}
                    db.session.execute(
                        text("UPDATE departure SET plan = :bad WHERE id = :id"), known
                    )
    assert world.client("ray").get("/account").status_code == 200
    assert world.client("ray").get("/").status_code == 200
    for _ in range(12):
        world.moment += timedelta(days=1)
        with world.app.app_context():
            member_names.write_bylines()
            jobs.settle()
    with world.app.app_context():
        left = select(Membership.circle_id).where(Membership.left_on.is_not(None))
        assert world.ids["oak"] not in db.session.scalars(left).all()


@pytest.mark.parametrize("zone", ["America/Vancouver", "Pacific/Auckland"])
def test_no_account_goes_before_its_day_has_begun_for_its_owner(world, zone):
    """Fails when the named day is one of UTC: in Vancouver it begins in the afternoon before."""
    with world.app.app_context(), unit_of_work():
        db.session.get(Member, world.ids["sol"]).timezone = zone
    with world.app.test_request_context(), unit_of_work():
        services.delete_account(world.ids["sol"], words_go=False)
        named = db.session.get(Member, world.ids["sol"]).goes_on
    seen = []
    while True:
        world.moment += timedelta(hours=1)
        with world.app.app_context():
            jobs.forget_accounts()
            if db.session.get(Member, world.ids["sol"]) is None:
                break
        seen.append("will be deleted today" in world.client("sol").get("/account").text)
        there = world.moment.astimezone(ZoneInfo(zone))
        assert seen[-1] is (there.date() == named)

    assert world.moment.astimezone(ZoneInfo(zone)).date() == named
    assert world.moment - MORNING >= timedelta(days=6)


@pytest.mark.parametrize(
    ("timezone", "hour", "last"),
    [
        ("Europe/London", 10, date(2026, 3, 8)),
        ("America/Vancouver", 6, date(2026, 3, 7)),  # the evening before, where the member is
        ("Pacific/Auckland", 10, date(2026, 3, 8)),
    ],
)
def test_the_last_day_for_undoing_is_whole_where_the_leaver_is(world, timezone, hour, last):
    """Fails when the named day is one of UTC, which west of Greenwich ends in the afternoon."""
    world.moment = MORNING.replace(hour=hour)
    with world.app.app_context():
        with unit_of_work():
            db.session.get(Member, world.ids["ray"]).timezone = timezone
        with unit_of_work():
            services.leave(world.ids["ray"], world.ids["rose"], words_go=False)
        [left] = leaving.left(world.ids["ray"])
        evening = datetime.combine(last, time(23, 59), ZoneInfo(timezone))
        world.moment = evening.astimezone(UTC)
        with unit_of_work():
            services.undo(leaving.left_place(world.ids["ray"], left.place_id))

    assert left.until == last
