"""Help back in, in browsers without scripts: a moderator, whoever lost their phone, the lead."""

from datetime import timedelta

from tests.journeys.visitor import DESKTOP, PHONE

MINUTES, DAY = timedelta(minutes=2), timedelta(hours=25)


def with_app(forum, person, who, **ways):
    """Somebody signs in and adds an app."""
    person.sign_in(who, **ways)
    person.open("/account/lock")
    app = person.add_app(forum.moment)
    forum.turn_clock(forum.moment + MINUTES)
    return app


def test_a_moderator_helps_a_colleague_back_in(forum, visit):
    ray, mo = visit(forum, size=PHONE, scripts=False), visit(forum, size=PHONE, scripts=False)
    with_app(forum, ray, "ray", own_device=True)
    with_app(forum, mo, "mo")
    mo.open(f"/circles/{forum.world.ids['rose']}/people")
    row = mo.page.get_by_role("listitem").filter(has_text="Dr Ray")
    row.get_by_text("Change role or remove").click()
    mo.tap(row.get_by_role("link", name="Help back in"))
    mo.press("Vouch for Dr Ray")
    assert "If they have a second lock, they are told now." in mo.words
    ray.open("/")
    assert ray.page.get_by_role("button", name="This was not me").is_visible()

    forum.turn_clock(forum.moment + DAY)
    lee = visit(forum, size=DESKTOP, scripts=False)
    with_app(forum, lee, "lee")
    lee.open("/service")
    lee.follow("Help back in")
    assert "ray@example.org" in lee.words
    lee.press("Take off the second lock ray@example.org")
    assert "The second lock is off." in lee.words

    back = visit(forum, size=PHONE, scripts=False)
    back.sign_in("ray")
    assert "Your circles" in back.words
    back.open(f"/circles/{forum.world.ids['rose']}/people")
    answer = back.page.goto(f"/circles/{forum.world.ids['rose']}/your-words")
    assert answer.status == 403
    assert "They open" in back.words
