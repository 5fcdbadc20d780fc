"""From an empty server to a thought found again, as people do it."""

import re

import pytest

from forum.accounts import passwords
from forum.accounts.services import register
from forum.authors.services import choose_own_name
from forum.circles import queries as circles
from forum.circles.models import Circle
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from tests.journeys.visitor import DESKTOP, PHONE
from tests.world import EVENING, PASSWORD

CIRCLE, FIRST, OPENLY, HIDDENLY = "Heronry", "Kettle lines", "Unopened letter", "Unsaid apology"
SET_UP = re.compile(r"http://\S+/set-up/\S+")
LINK = re.compile(r"http://\S+/(?:join|welcome)/\S+")
AS = re.compile(r"Saved\. It will appear .+ as (\w+ \w+)\.")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_circle_begins_talks_and_finds_again(empty_forum, visit, size, scripts):
    forum = empty_forum

    def come():
        names = (CIRCLE, FIRST, OPENLY, HIDDENLY)
        return visit(forum, size=size, scripts=scripts, untitled=names)

    way_in = set_up(forum, come())
    mo = come()
    opens_a_circle(mo, way_in)
    place, invitation = invites(mo)
    pru = come()
    bird = joins(pru, invitation)
    tells(pru, OPENLY, bird)
    five_more_join(forum, place)
    mask = hides(pru)
    ray = come()
    other_mask = answers_hidden(ray)
    assert HIDDENLY not in ray.words

    forum.turn_clock(EVENING)

    ray.open("/")
    ray.follow(HIDDENLY)
    thread = ray.page.url
    answers(ray)
    pru.sign_in("pru", own_device=True)
    pru.follow("Later")
    pru.open(thread)
    answers_as_presenter(pru, mask)
    mo.sign_in("mo", own_device=True)
    mo.add_app(forum.moment)  # a moderator has no Later
    finds(mo, mask)
    for who in (pru, ray, mo):
        who.open(thread)
    assert mask in mo.words
    as_mo = pru.words.replace("Flag", "Moderate")
    assert mo.words == as_mo  # not even to her does it say whose it is
    for page in (mo.page.content(), ray.page.content()):
        assert not re.search(rf"{bird}|{other_mask}|\bPru\b|pru@", page)


def set_up(forum, lee):
    """The programme lead begins, by the link on the console; gives the first invitation."""
    said = forum.app.test_cli_runner().invoke(args=["forum", "setup-link"]).output
    lee.open(SET_UP.search(said)[0])
    lee.write(address="lee@example.org", password=PASSWORD, name="Lee Lind")
    lee.press("Create account")
    lee.add_app(forum.moment)
    lee.press("Make an invitation link")
    link = LINK.search(lee.said(".copy"))[0]
    lee.follow("I have copied it")
    return link


def opens_a_circle(mo, link):
    """Who was asked to opens it, and tells the first few lines."""
    comes_in(mo, link, "mo", "Mo Okoro")
    mo.write(name=CIRCLE)
    mo.press("Start circle")
    mo.choose("Mo Okoro")
    mo.press("Use this name")
    mo.write(field_story="The tea went cold *again*. What keeps you at your desk?", title=FIRST)
    mo.choose("Mo Okoro")
    mo.press("Check before posting")
    mo.press("Post as Mo Okoro")


def invites(mo):
    """A moderator copies a link; gives the circle's address and that link."""
    assert "Now invite your colleagues." in mo.words
    place = mo.page.url.removesuffix("invite")
    mo.write(words="We meet when it suits you.")
    mo.press("Make links to send yourself")
    return place, LINK.search(mo.said(".copy"))[0]


def comes_in(person, link, who, name):
    """Somebody new opens an invitation and begins an account."""
    person.open(link)
    person.choose("I am a clinician.")
    person.press("Continue")
    person.write(email=f"{who}@example.org", password=PASSWORD, name=name)
    person.press("Join")


def joins(pru, link):
    """A colleague joins under an invented name, which this gives, and reads the first story."""
    comes_in(pru, link, "pru", "Pru Patel")
    bird = pru.said(".choice label")
    pru.choose(bird)
    pru.press("Use this name")
    assert "Two people belong here. Begin with this, by Mo Okoro." in pru.words
    pru.follow("Read it")
    assert "The tea went cold again." in pru.words
    return bird


def tells(pru, title, bird):
    """A reflection under the everyday name: four taps from home."""
    pru.open("/")
    pru.taps = 0
    pru.follow("Write")
    pru.write(field_story="A letter lies on my desk, dose<b and c>d, still shut.", title=title)
    pru.choose(bird)
    pru.press("Check before posting")
    assert "dose<b and c>d" in pru.words
    pru.press(f"Post as {bird}")
    assert pru.taps == 4
    assert title in pru.words


def five_more_join(forum, place):
    """Enough people for hiding one's name; they came on other evenings."""
    with forum.app.app_context():
        kept = passwords.hashed(PASSWORD)
        circle_id = db.session.scalars(db.select(Circle.id)).one()
        assert str(circle_id) in place
        for who in ("ray", "fay", "ivy", "joe", "kit"):
            with unit_of_work():
                member = register(f"{who}@example.org", f"{who.title()} Rowe", kept)
                join(db.session.get_one(Circle, circle_id), member.id, member.name)
                member_id = member.id
            with unit_of_work():
                choose_own_name(circles.enter(member_id, circle_id))


def hides(pru):
    """A reflection with the name hidden; gives the name that was drawn."""
    pru.open("/")
    pru.follow("Write")
    pru.write(field_story="I never said sorry to the registrar.", title=HIDDENLY)
    pru.choose("Hide my name")
    pru.press("Check before posting")
    pru.press("Post with my name hidden")
    assert HIDDENLY not in pru.said(".rows")
    return AS.search(pru.said(".flash"))[1]


def answers_hidden(ray):
    """A reply with the name hidden, to what was told openly; gives the name that was drawn."""
    ray.sign_in("ray", own_device=True)
    ray.follow(OPENLY)
    ray.follow("Reply")
    ray.write(body="Mine lay there for a year.")
    ray.press("Reply with my name hidden…")
    ray.press("Post with my name hidden")
    mask = AS.search(ray.said(".flash"))[1]
    assert "Mine lay there" not in ray.words
    ray.follow(CIRCLE)
    return mask


def answers(ray):
    """A reply in three taps: Answer, into the box, Reply."""
    ray.taps = 0
    ray.follow("Reply")
    ray.write(body="I have been there, on a Friday.")
    ray.press("Reply as Ray Rowe")
    assert ray.taps + 1 == 3
    assert "I have been there, on a Friday." in ray.words


def answers_as_presenter(pru, mask):
    """Who presents with a hidden name answers with it."""
    pru.follow("Reply")
    assert f"You reply here as {mask}." in pru.words
    pru.write(body="Thank you. It was a Friday too.")
    pru.press(f"Reply as {mask}")
    assert "It was a Friday too." not in pru.words


def finds(mo, mask):
    """A search leads back to what was told, and to nobody behind it."""
    mo.follow("Search")
    mo.write(words="sorry registrar")
    mo.press("Search")
    assert mask in mo.said(".hits")
    assert "Pru" not in mo.said(".hits")
    mo.follow(HIDDENLY)
    assert "I never said sorry" in mo.words
