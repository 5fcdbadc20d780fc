"""A post hidden for a patient stays hidden until a permitted reviewer has looked."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from forum import worker
from forum.circles import membership
from forum.core.db import db, unit_of_work
from forum.discussions.models import Reply
from forum.moderation.models import Flag, Outcome
from forum.policy.terms import AuthorMode, FlagReason, Hidden, Role
from tests.blanking import blank
from tests.moderation.test_flag import SAID, ask, circle, desk, edit, flag, press, thread
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING

HIDDEN = AuthorMode.THREAD_PSEUDONYM
TEXT = "She was the mayor of Sampleton. I stoped the car."
MENDED = "She was the mayor of Sampleton. I stopped the car."
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def ring(world):
    with world.app.app_context():
        worker.run_due_jobs()


def hidden(world, post_id):
    with world.app.app_context():
        return row_of(Reply, post_id).hidden


def looks(world, who):
    return world.client(who).get(f"/circles/{world.ids['rose']}/looks")


@pytest.mark.parametrize("agreed", [False, True], ids=["nobody looked", "a moderator agreed"])
def test_pending_change_does_not_show_a_hidden_post(world, agreed):
    post = world.reply("ray", TEXT, HIDDEN)
    world.moment = EVENING + HOUR
    ring(world)
    edit(world, "ray", post, MENDED)  # waits for the morning's slot
    flag(world, "joe", post)
    if agreed:
        ask(world, post)

    world.moment = (EVENING + DAY).replace(hour=8)
    before_the_worker = thread(world)
    ring(world)

    assert hidden(world, post) is Hidden.PATIENT
    assert "mayor" not in before_the_worker + thread(world)
    assert "Changed: check it" in desk(world)


def test_earlier_or_tiny_change_shows_no_hidden_post(world):
    post = world.reply("ray", TEXT)
    ray, url = world.client("ray"), world.url("discussions.edit", post_id=post)
    begun = ray.tokens(url)
    flag(world, "joe", post)

    ray.post(url, data=begun | {"body": MENDED})
    edit(world, "ray", post, MENDED + ".")

    assert hidden(world, post) is Hidden.PATIENT
    assert SAID in thread(world)


@pytest.mark.parametrize("is_hidden", [True, False])
def test_a_flag_goes_ninety_days_after_it_was_settled_unless_its_post_is_hidden(world, is_hidden):
    """Fails when a moderator finds a hidden post, and nothing says why it was hidden."""
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    ask(world, post)
    if not is_hidden:
        press(world, post, "show")
    flags = select(Flag.id).where(Flag.post_id == post)

    kept = []
    for days in (90, 1):
        world.moment += days * DAY
        ring(world)
        with world.app.app_context():
            kept.append(len(db.session.scalars(flags).all()))

    assert kept == ([1, 1] if is_hidden else [1, 0])


def test_review_settles_all_flags_of_a_post(world):
    post = world.reply("ray", TEXT)
    flag(world, "ivy", post, reason="unkind")
    flag(world, "joe", post)
    ask(world, post)
    edit(world, "ray", post, "She held an office.")
    ring(world)
    assert "Changed: check it" in desk(world)

    press(world, post, "show")

    with world.app.app_context():
        assert {each.outcome for each in db.session.scalars(select(Flag))} == {Outcome.MENDED}
    assert "She held an office." in thread(world)
    assert "Nothing is waiting for you." in desk(world)
    for who in ("ivy", "joe"):
        assert "The post was changed and is visible again." in circle(world, who)


def test_showing_requires_review_of_the_present_text(world):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    mo, page = world.client("mo"), f"/circles/{world.ids['rose']}/posts/{post}/care"
    form = mo.get(page)
    seen = Page(form).field("version").value
    edit(world, "ray", post, "He was the mayor of Sampleton.")

    mo.post(page, data=mo.tokens_of(form) | {"do": "show", "version": seen})

    assert hidden(world, post) is Hidden.PATIENT
    assert "Please look again." in mo.get(page).text


def test_masked_change_reaches_review_at_its_slot(world):
    post = world.reply("ray", TEXT, HIDDEN)
    world.moment = EVENING
    flag(world, "joe", post)
    ask(world, post, "Leave out her office.")
    before = blank(desk(world) + circle(world, "ivy"))
    world.moment += HOUR
    edit(world, "ray", post, "She held an office.")
    waiting = blank(desk(world) + circle(world, "ivy"))
    own = world.client("ray").get(f"/circles/{world.ids['rose']}/your-words").text
    in_thread = thread(world, "ray")

    world.moment = (EVENING + DAY).replace(hour=8)
    ring(world)

    assert waiting == before
    assert "Leave out her office." in own
    assert "Leave out her office." not in in_thread
    assert "Changed: check it" in desk(world)
    log = world.client("ivy").get(f"/circles/{world.ids['rose']}/log").text
    assert "was changed by its author" in log


@pytest.mark.parametrize(
    ("days", "moderated", "may"),
    [(0, True, False), (1, True, False), (2, True, True), (0, False, True)],
    ids=["at once", "after a day", "after two", "without a moderator"],
)
def test_facilitators_review_when_no_moderator_does(world, days, moderated, may):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    if not moderated:
        lay_down(world, "mo")
    world.moment += days * DAY

    told = "A hidden post is waiting for a moderator." in circle(world, "fay")
    listed = "A post by Dr Ray" in looks(world, "fay").text
    care = world.client("fay").get(f"/circles/{world.ids['rose']}/posts/{post}/care")
    if care.status_code == 200:
        assert "Show post again" in care.text
        for other in ("Keep hidden", "in this thread", "Turn off replies", "Hide post"):
            assert other not in care.text
        world.client("fay").submit(care.request.path, do="show")

    assert (told, listed, care.status_code == 200) == (may, may, may)
    assert hidden(world, post) is (None if may else Hidden.PATIENT)
    assert "A hidden post is waiting" not in circle(world, "ivy")


@pytest.mark.parametrize("moderated", [True, False])
def test_a_facilitator_leaves_what_they_said_by_their_own_name(world, moderated):
    """Fails when a facilitator shows their own post again, in which a patient was seen."""
    post = world.reply("fay", TEXT)
    flag(world, "joe", post)
    if not moderated:
        lay_down(world, "mo")
    world.moment += 2 * DAY

    care = f"/circles/{world.ids['rose']}/posts/{post}/care"
    assert "A hidden post is waiting for a moderator." not in circle(world, "fay")
    assert "A post by Dr Fay" not in looks(world, "fay").text
    assert world.client("fay").get(care).status_code == 403
    world.client("fay").submit(care, do="show")
    assert hidden(world, post) is Hidden.PATIENT


def test_a_facilitator_reads_no_worry_about_a_writer(world):
    """Fails when what a colleague tells the moderators about another is read by somebody else."""
    post = world.reply("ray", TEXT)
    flag(world, "pru", post, FlagReason.WORRY, words="He wept on Monday.")
    flag(world, "joe", post, words="Everybody knows her.")
    world.moment += 2 * DAY

    care = f"/circles/{world.ids['rose']}/posts/{post}/care"
    fay, mo = (world.client(who).get(care).text for who in ("fay", "mo"))

    assert "Everybody knows her." in fay
    for words in ("He wept on Monday.", "worried about the person"):
        assert words not in fay
        assert words in mo


def lay_down(world, who):
    """Leave the circle without a moderator."""
    with world.app.app_context(), unit_of_work():
        place = membership.queries.own_place(world.standing(who), world.ids[who])
        place.role = Role.MEMBER


def test_a_facilitators_second_press_leads_to_the_list(world):
    """Fails when a browser shows a refusal for a post that was just shown again."""
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    world.moment += 2 * DAY
    fay, page = world.client("fay"), f"/circles/{world.ids['rose']}/posts/{post}/care"

    answers = [fay.submit(page, do="show"), fay.submit(page, do="show"), fay.get(page)]

    assert [each.status_code for each in answers] == [303] * 3
    assert "This post is visible: nothing is left to do." in fay.get(answers[1].location).text


@pytest.mark.parametrize("meanwhile", ["withdrawn", "asked"])
def test_a_facilitator_who_comes_after_another_meets_no_error_page(world, meanwhile):
    """Fails when Show post again, on a page from before, is an error page."""
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    world.moment += 2 * DAY
    care = f"/circles/{world.ids['rose']}/posts/{post}/care"
    fay = world.client("fay")
    sent = fay.tokens(care) | {"do": "show"}
    if meanwhile == "withdrawn":
        world.client("ray").submit(world.url("discussions.withdraw", who="ray", post_id=post))
    else:
        ask(world, post)

    answer = fay.post(care, data=sent, follow_redirects=True)

    assert answer.status_code == 200
    for words in (
        "This post has changed since you opened the page.",
        "Nothing is waiting for you.",
    ):
        assert words in answer.text
    assert "Sampleton" not in thread(world)


@pytest.mark.parametrize("act", ["hide", "mute", "lock", "take_away", "no_need"])
def test_facilitator_may_only_show_a_post(world, act):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    world.moment += 8 * DAY

    world.client("fay").submit(f"/circles/{world.ids['rose']}/posts/{post}/care", do=act)
    asked = world.client("fay").submit(f"/circles/{world.ids['rose']}/posts/{post}/ask", asked="x")

    assert asked.status_code == 403
    assert hidden(world, post) is Hidden.PATIENT
    assert "Sampleton" not in thread(world)


@pytest.mark.parametrize(("days", "number"), [(2, None), (3, "A post is hidden")])
def test_programme_lead_sees_count_after_three_days(world, days, number):
    flag(world, "joe", world.reply("ray", TEXT))
    world.moment += days * DAY

    page = world.client("lee").get("/service").text

    assert ("A post is hidden because a patient might be recognised" in page) is bool(number)
    assert "Sampleton" not in page


def test_closed_opening_refuses_replies_and_keeps_text(world):
    ray = world.client("ray")
    composer = ray.get(f"{world.thread}/answer").location
    begun = ray.tokens(composer)
    flag(world, "joe", world.ids["thread"])

    sent = ray.post(composer, data=begun | {"body": "Typed with care", "do": "own_name"})

    assert sent.status_code == 403
    assert "Typed with care" in sent.text
    assert "Typed with care" not in thread(world)
    assert ">Reply</a>" not in thread(world)
    world.client("pru").submit(
        world.url("discussions.withdraw", who="pru", post_id=world.ids["thread"])
    )
    again = world.client("ray").answer(world.thread, body="Once more", do="own_name")
    assert again.status_code == 403
    assert "Once more" in again.text
