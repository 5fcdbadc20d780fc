"""Two moderators at once do not undo each other, and what cannot wait reaches them."""

import pytest
from sqlalchemy import delete, func, select

from forum.circles.models import Membership
from forum.core.db import db, unit_of_work
from forum.mail.models import OutgoingMail
from tests.circles.test_group_link import make_moderator
from tests.moderation.test_flag import flag, press
from tests.page import Page

TEXT = "A kestrel hung over the road."


@pytest.fixture
def care(world):
    """The page about a post of Ray's, hidden by a flag; Mo and Fay moderate."""
    make_moderator(world, "fay")
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    return f"/circles/{world.ids['rose']}/posts/{post}/care"


def shown(world, care):
    """Both moderators' browsers, and their pages, opened at once."""
    clients = [world.client(who) for who in ("mo", "fay")]
    return [(client, Page(client.get(care))) for client in clients]


def show_again(client, page, care):
    form = next(each for each in page.all("form") if "Show post again" in each.text)
    return client.post(care, data={each["name"]: each.value for each in form.all("input")})


def ask(client, page, words):
    form = page.form("/ask")
    return client.post(form["action"], data=form.fields() | {"asked": words})


def test_a_post_is_not_shown_over_another_moderators_request(world, care):
    mo, fay = shown(world, care)
    ask(*mo, "Please take out the street.")

    answer = show_again(*fay, care)

    told = fay[0].get(answer.location).text
    assert "another moderator has decided on it" in told
    assert "Please take out the street." in told
    assert TEXT not in world.client("ivy").get(world.thread).text


def test_a_second_request_is_not_put_over_the_first_unseen(world, care):
    mo, fay = shown(world, care)
    ask(*mo, "Please take out the street.")

    refused = ask(*fay, "And the name.")

    assert refused.status_code == 422
    assert "Another moderator has just asked: “Please take out the street.”" in refused.text
    assert Page(refused).field("asked").value == "And the name."
    assert ask(fay[0], Page(refused), "And the name.").status_code == 303
    assert "And the name." in world.client("mo").get(care).text


def test_worry_about_a_colleague_is_mailed_at_once_and_once(world):
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    post = world.reply("ray", "Everyone would be better off without me.")

    flag(world, "joe", post, "worry", words="Please write to them.")
    flag(world, "ivy", post, "worry", words="I am worried.")

    with world.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OutgoingMail)) == 1


def test_worry_that_comes_back_is_mailed_again(world):
    """Fails when a flag that opens again counts as one that waits already."""
    world.app.config["MAIL_SERVER"] = "mail.example.org"
    post = world.reply("ray", "Everyone would be better off without me.")
    flag(world, "joe", post, "worry")
    press(world, post, "seen_to")
    with world.app.app_context(), unit_of_work():
        db.session.execute(delete(OutgoingMail))

    flag(world, "joe", post, "worry")

    with world.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(OutgoingMail)) == 1


def test_pages_say_when_no_moderator_reads(world):
    with world.app.app_context(), unit_of_work():
        for place in db.session.scalars(
            select(Membership).where(Membership.circle_id == world.ids["rose"])
        ):
            if place.role == "moderator":
                place.role = "member"
    joe = world.client("joe")
    page = world.url("moderation.concern", thread_id=world.ids["thread"])
    sent = joe.post(page, data=joe.tokens(page) | {"words": "Her brother has a key."})
    assert "This circle has no moderator now" in joe.get(sent.location).text

    messages = f"/circles/{world.ids['rose']}/moderators"
    sent = joe.post(messages, data=joe.tokens(messages) | {"words": "Hello", "signed": "unsigned"})
    assert "Nobody reads it until a member becomes" in joe.get(sent.location).text


def test_a_message_stays_listed_after_a_reply(world):
    """Fails when a second moderator finds neither what came nor what was replied."""
    make_moderator(world, "fay")
    joe, page = world.client("joe"), world.url("moderation.concern", thread_id=world.ids["thread"])
    joe.post(page, data=joe.tokens(page) | {"words": "She has the tablets at home."})
    mo, desk = world.client("mo"), world.url("moderation.desk")
    form = next(each for each in Page(mo.get(desk)).all("form") if "/letters/" in each["action"])
    fields = {each["name"]: each.value for each in form.all("input")}
    mo.post(form["action"], data=fields | {"words": "I am finding out."})

    seen = Page(world.client("fay").get(desk)).one("main").text

    assert "Replied to" in seen
    assert "She has the tablets at home." in seen
    assert "I am finding out." in seen


def test_worry_about_a_colleague_is_answered_by_writing(world):
    post = world.reply("ray", "Everyone would be better off without me.")
    flag(world, "joe", post, "worry", words="Please write to them.")
    mo, care = world.client("mo"), f"/circles/{world.ids['rose']}/posts/{post}/care"
    page = Page(mo.get(care))

    assert "If someone may die or be badly hurt" in page.text
    assert page.text.index("Write to Dr Ray") < page.text.index("Ask for a change")
    form = next(each for each in page.all("form") if "We have seen to it" in each.text)
    mo.post(care, data={each["name"]: each.value for each in form.all("input")})
    assert "The moderators have seen to it." in world.client("joe").get("/").text
