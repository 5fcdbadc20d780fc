from datetime import timedelta
from itertools import pairwise

import pytest

from forum.circles.ground_rules import TEN
from forum.circles.mask_schedule import APART, between
from forum.circles.models import Circle
from forum.circles.settings import settings, slots
from forum.circles.views.settings import CARRY_ON
from forum.circles.views.settings import carry_on as path_to_carry_on
from forum.core import tokens
from forum.core.db import db
from forum.core.errors import InvalidInput
from forum.policy.terms import AuthorMode
from tests.circles import ways
from tests.page import Page
from tests.world import EVENING

FINE = {
    "name": "Rose garden",
    "purpose": "For tired people.",
    "slots": "7:00 and 19.30",
    "modes": ["own_name", "thread_pseudonym"],
    "rules": "Nothing on Sundays.\n\nTea first.",
}


@pytest.fixture
def url(world):
    return f"/circles/{world.ids['rose']}/settings"


def change(client, url, page=None, **typed):
    return ways.send(client, url, page or client.get(url).text, **FINE | typed)


def kept(world):
    with world.app.app_context():
        return settings(world.standing("mo"))


def test_moderators_change_all_settings(world, url):
    client = world.client("mo")

    answer = change(client, url)

    now = kept(world)
    assert answer.status_code == 303
    assert (now.name, now.purpose) == (FINE["name"], FINE["purpose"])
    assert now.slots == "07:00 19:30"
    assert now.modes == (AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM)
    assert now.rules == ("Nothing on Sundays.", "Tea first.")
    assert "07:00, 19:30" in client.get(url).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Give it a name"),
        ({"purpose": "x" * 501}, "At most 500"),
        ({"slots": "noon"}, "“noon” is not understood. Write times like 07:00 or 7pm."),
        ({"slots": "07:00, 25:00"}, "“25:00” is not understood."),
        ({"slots": "7 and 19"}, "“7” is not understood."),
        ({"slots": "13pm"}, "“13pm” is not understood."),
        ({"slots": " "}, "One to four times"),
        ({"slots": "1:00 2:00 3:00 4:00 5:00"}, "One to four times"),
        ({"modes": ["thread_pseudonym", "circle_voice"]}, "Tick at least one of"),
        ({"modes": []}, "Tick at least one of"),
        ({"modes": ["shouting"]}, "Choose one of the options shown."),
        ({"rules": "a\nb\nc\nd"}, "At most three rules"),
        ({"rules": "x" * 301}, "At most three rules"),
    ],
)
def test_invalid_settings_return_with_the_text(world, url, typed, said):
    before = kept(world)

    answer = change(world.client("mo"), url, **typed)

    assert answer.status_code == 422
    assert said in answer.text
    assert "Tea first." in answer.text or "rules" in typed
    assert kept(world) == before


def test_all_setting_errors_show_at_once(world, url):
    wrong = {"name": "", "slots": "noon", "modes": [], "rules": "a\nb\nc\nd"}

    answer = change(world.client("mo"), url, **wrong).text

    for said in ("Give it a name", "“noon”", "Tick at least one of", "three rules"):
        assert said in answer


@pytest.mark.parametrize(
    ("typed", "times"),
    [
        ("07:00", "07:00"),
        ("19:00, 7:00", "07:00 19:00"),
        ("6.15 12:00 18:00 23:59", "06:15 12:00 18:00 23:59"),
        ("7:00 07:00", "07:00"),
        ("7am, 7pm", "07:00 19:00"),
        ("7 AM and 7.30 p.m.", "07:00 19:30"),
        ("12am 12pm", "00:00 12:00"),
    ],
)
def test_slots_accept_usual_time_formats(typed, times):
    assert slots(typed) == times


def test_slots_must_not_be_empty(world):
    with world.app.app_context(), pytest.raises(InvalidInput):
        slots("")


@pytest.mark.parametrize("typed", ["9" * 30 + ":00", "7:" + "9" * 30])
def test_invalid_times_show_beside_the_field(world, url, typed):
    answer = change(world.client("mo"), url, slots=typed)

    assert answer.status_code == 422
    assert "One to four times" in answer.text


@pytest.mark.parametrize(
    "typed", ["07:00 07:01", "6:00 8:59", "23:00, 1:30", "1:00 4:00 7:00 9:00"]
)
def test_slots_need_three_hours_between(world, url, typed):
    answer = change(world.client("mo"), url, slots=typed)

    assert answer.status_code == 422
    assert "Leave at least three hours" in answer.text


@pytest.mark.leaks
def test_new_slots_apply_after_a_day(world, url):
    """Fails when new slots apply at once."""
    mo, shown = world.client("mo"), []
    world.reply("ray", "From behind", AuthorMode.THREAD_PSEUDONYM)
    for minutes in range(3, 60, 8):
        world.moment += timedelta(minutes=8)
        soon = (world.moment + timedelta(minutes=1)).strftime("%H:%M")
        change(mo, url, slots=soon, rules="")
        world.reply("fay", f"Behind too {minutes}", AuthorMode.THREAD_PSEUDONYM)
        shown.append("ehind" in mo.get(world.thread).text)
    world.moment = EVENING
    in_the_evening = mo.get(world.thread).text

    assert not any(shown)
    assert in_the_evening.count("ehind") == 9


@pytest.mark.leaks
@pytest.mark.parametrize(
    ("changed_at", "found"),
    [("11:30", ["10:59", "11:00"]), ("10:59", ["10:59", "11:00"]), ("10:30", ["10:59", "11:00"])],
)
def test_old_and_new_slots_are_three_hours_apart(world, url, changed_at, found):
    """Fails when a moderator chooses a minute: a slot before it is the last of the old ones, and
    the first of the new ones follows it; or when writers of one minute were told a slot that
    writers of the next are not.
    """
    mo = world.client("mo")
    change(mo, url, slots="10:59", rules="")
    world.moment = at(changed_at) + timedelta(days=3, seconds=1)
    promised = appearing(world)[0]
    change(mo, url, slots="11:00", rules="")
    slots_now = appearing(world)

    assert slots_now[0] == promised
    assert {f"{each:%H:%M}" for each in slots_now} == set(found)
    assert all(later - each >= APART for each, later in pairwise(slots_now))


@pytest.mark.leaks
def test_new_slots_that_writers_are_told_stay(world, url):
    """Fails when changing them again parts who wrote a minute before from who writes after."""
    mo, zone = world.client("mo"), f"{url}/timezone"
    change(mo, url, slots="10:59", rules="")
    world.moment = at("11:30") + timedelta(days=3)
    change(mo, url, slots="15:00", rules="")
    again = change(mo, url, slots="15:30", rules="")
    world.moment = at("11:00") + timedelta(days=4)
    told = appearing(world)

    refused = change(mo, url, slots="16:00", rules="")
    moved = mo.post(zone, data=mo.tokens(zone) | {"timezone": "Asia/Tokyo"})
    world.moment = at("15:31") + timedelta(days=4)
    later = change(mo, url, slots="16:00", rules="")

    assert f"{told[0]:%H:%M}" == "15:30"
    for answer in (refused, moved):
        assert answer.status_code == 422
        assert "told the first of the new times." in answer.text
    assert (again.status_code, later.status_code) == (303, 303)


def at(moment):
    """The world's first day at a time of day."""
    return EVENING.replace(hour=int(moment[:2]), minute=int(moment[3:]))


def appearing(world):
    """Rose's next slots."""
    with world.app.app_context():
        schedule = db.session.get_one(Circle, world.ids["rose"]).mask_schedule
    return between(world.moment, world.moment + timedelta(days=4), *schedule)


def test_concurrent_setting_changes_are_shown(world, url):
    mo, other = world.client("mo"), world.client("mo")
    stale = other.get(url).text
    change(mo, url)
    stale = change(other, url, stale, slots="noon").text  # what is mended is still of before

    refused = change(other, url, stale, name="Rosy", slots="08:00", rules="")
    assert refused.status_code == 422
    assert "changed this to: Rose garden" in refused.text
    assert "changed this to: 07:00, 19:30" in refused.text
    assert 'value="Rosy"' in refused.text
    assert kept(world).name == "Rose garden"

    again = change(other, url, refused.text, name="Rosy")
    assert (again.status_code, kept(world).name) == (303, "Rosy")


def test_a_clash_says_names_and_rules_as_the_form_does(world, url):
    """Fails when it says "own name, thread pseudonym", which no page calls them."""
    mo, other = world.client("mo"), world.client("mo")
    stale = other.get(url).text
    change(mo, url, rules="", purpose="")

    refused = change(other, url, stale, modes=["pseudonym"], rules="Be kind.", purpose="Tea.")

    assert "changed this to: Their own name, A hidden name: two random words, for" in refused.text
    assert refused.text.count("changed this to: nothing.") >= 2
    assert "thread pseudonym" not in refused.text


def test_the_zone_is_chosen_by_region_and_place(world, url):
    mo, page = world.client("mo"), f"{url}/timezone"
    regions = Page(mo.get(page))
    places = Page(mo.get(f"{page}?region=Australia"))

    refused = mo.post(page, data=mo.tokens(page) | {"timezone": "Mars/Olympus"})
    answer = mo.post(page, data=mo.tokens(page) | {"timezone": "Australia/Perth"})

    assert [each["href"] for each in regions.all("a") if each.text == "Australia"] == [
        f"{page}?region=Australia"
    ]
    assert not regions.all("select")
    assert "Perth" in [each.text for each in places.all("option")]
    assert (refused.status_code, answer.location) == (422, url)
    assert "Choose a time zone from the list." in refused.text
    assert "Perth (Australia)" in mo.get(url).text
    assert "time zone" in mo.get(f"/circles/{world.ids['rose']}/log").text


def test_members_see_all_ground_rules(world, url):
    change(world.client("mo"), url)

    page = world.client("ray").get(f"/circles/{world.ids['rose']}/rules").text

    with world.app.app_context():
        assert len(TEN) == 10
        assert all(f"<strong>{rule.heading}</strong> {rule.sentence}" in page for rule in TEN)
    assert page.rindex("Nothing on Sundays.") > page.index("say so.")


def test_changed_rules_block_posting_until_agreed(world, url):
    rules = f"/circles/{world.ids['rose']}/rules"
    ray, mo = world.client("ray"), world.client("mo")
    change(mo, url, rules="")
    assert agreed(world, "ray")

    change(mo, url)
    page = ray.get(rules).text

    assert agreed(world, "mo")
    assert not agreed(world, "ray")
    assert ray.get(world.thread).status_code == 200
    assert "I agree" in page
    assert "I agree" not in mo.get(rules).text

    change(mo, url, rules="Coffee first.")
    stale = carry_on(ray, rules, page)
    assert not agreed(world, "ray")
    carry_on(ray, rules, ray.get(rules).text)

    assert stale.status_code == 303
    assert agreed(world, "ray")


def test_agreeing_shows_new_rules_and_returns(world, url):
    mo, ray, rules = world.client("mo"), world.client("ray"), url.replace("settings", "rules")
    change(mo, url, rules="Tea first.")
    carry_on(ray, rules, ray.get(rules).text)
    change(mo, url, rules="Nothing on Sundays.\nTea first.")

    looked = ray.answer(world.thread, body="A hard day", do="own_name").location
    page = ray.get(looked).text
    banner = page[page.index("changed-rules") :].partition("</div>")[0]
    back = ray.post(f"{rules}/agree", data=sent(banner))

    assert "Nothing on Sundays." in banner
    assert "Tea first." not in banner
    assert back.location == looked
    assert "Post as Dr Ray" in ray.get(looked).text

    change(mo, url, rules="Tea first.")
    assert "a rule has been removed" in ray.get(rules).text


def test_agreeing_leads_to_no_path_that_forms_alone_open(world, url):
    """Fails when it leads from the answer to a form to a page that is not there."""
    rota = url.replace("settings", "rota")
    back = {}
    for path in (rota, f"{rota}/rhythm"):
        with world.app.test_request_context(path, method="POST"):
            back[path] = tokens.opened(path_to_carry_on(), CARRY_ON)

    assert back == {rota: rota, f"{rota}/rhythm": ""}


def sent(banner):
    return Page(banner).fields()


def carry_on(client, rules, page):
    seen = Page(page).field("rules").value
    return client.post(f"{rules}/agree", data=client.tokens(rules) | {"rules": seen})


def agreed(world, who):
    with world.app.app_context():
        return world.standing(who).agreed


def test_a_disallowed_mode_leaves_another_choice(world, url):
    """A member whose mode is no longer allowed may choose a name of the remaining mode."""
    change(world.client("mo"), url, modes=["pseudonym"])
    client = world.client("ray")
    name = f"/circles/{world.ids['rose']}/name"

    page = client.get(name).text
    ways.send(client, name, page, choice="another", pseudonym="Quiet Heron")

    assert "Dr Ray" not in Page(page).one("main").text
    assert client.get(name).status_code == 303
    with world.app.app_context():
        assert not db.session.get(Circle, world.ids["rose"]).allows_own_name


def test_a_ground_rule_typed_twice_is_one_rule(world, url):
    mo = world.client("mo")
    for rules in ("Be kind.\nBe kind.", "Be kind.\nTea.\nBe kind."):
        assert change(mo, url, rules=rules).status_code == 303

    assert Page(mo.get(url)).field("rules").value.count("Be kind.") == 1


def test_a_setting_is_label_value_and_change_and_opens_where_it_was_refused(world, url):
    client = world.client("mo")
    change(client, url, topics="Nights")

    name, purpose, modes, *_ = Page(client.get(url)).all("details", cls="set")
    assert name.one("summary").text == "Name Rose garden Change"
    assert purpose.one("summary").text == "Purpose of the circle For tired people. Change"
    assert "Their own name, A hidden name" in modes.one("summary").text
    refused = Page(change(client, url, slots="noon"))
    opened = [each for each in refused.all("details", cls="set") if each.get("open") is not None]
    assert [each.one("summary").all("span")[0].text for each in opened] == [
        "Times when posts with a hidden name appear"
    ]
    assert len(refused.one("form", cls="settings").all("button")) == 1


def test_a_circle_says_that_it_is_rural_and_takes_it_back(world, url):
    client = world.client("mo")
    before = kept(world).rural

    change(client, url, rural="y")
    ticked, page = kept(world).rural, client.get(url).text
    change(client, url)

    assert (before, ticked, kept(world).rural) == (False, True, False)
    assert Page(page).one("input", name="rural").get("checked") is not None


def test_no_row_tells_whether_a_circle_is_rural(world, url):
    """Sealed, and of one length either way."""
    client, sealed = world.client("mo"), []
    for typed in ({"rural": "y"}, {}):
        change(client, url, **typed)
        with world.app.app_context():
            sealed.append(db.session.get_one(Circle, world.ids["rose"])._rural_sealed)

    assert len(sealed[0]) == len(sealed[1])
    assert sealed[0] != sealed[1]


def test_the_same_time_zone_again_changes_nothing(world, url):
    """Fails when a second press logs a change that nobody made, or puts the slots off."""
    log, before = f"/circles/{world.ids['rose']}/log", kept(world)
    was = world.client("ray").get(log).text.count("<li>")
    with world.app.app_context():
        same = db.session.get_one(Circle, world.ids["rose"]).timezone

    sent = world.client("mo").submit(f"{url}/timezone", timezone=same)

    assert (sent.status_code, kept(world)) == (303, before)
    assert world.client("ray").get(log).text.count("<li>") == was
