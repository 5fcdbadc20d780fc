"""Every form that creates a row, sent twice as it stands: it creates one row."""

from html.parser import HTMLParser

import pytest
from sqlalchemy import func, select

from forum.audit.models import Entry
from forum.circles import answering_rota
from forum.core.db import Base, db, unit_of_work
from tests.page import Page
from tests.programme.test_invite import mail  # noqa: F401  # a fixture: mail is on

CARE = "/circles/{rose}/posts/{thread}/care"
WORDS = "Could we begin a little later?"
# endpoint: who sends it, from which page, with what typed.
CREATES = {
    "circles.open_circle": ("sol", "/circles/open", {"name": "Lantern"}),
    "circles.send": ("mo", "/circles/{rose}/invite", {"by": "link", "words": "Do join."}),
    "circles.turn_rota": ("ray", "/circles/{rose}/rota", {"do": "on"}),
    "learning.new": ("ray", "/learning/new", {"learned": WORDS}),
    "moderation.write": (
        "ray",
        "/circles/{rose}/moderators",
        {"words": WORDS, "signed": "unsigned"},
    ),
    "discussions.suggest_note": (
        "ray",
        "/circles/{rose}/threads/{thread}/content-note",
        {"note": "patient_death"},
    ),
    "moderation.send_concern": (
        "ray",
        "/circles/{rose}/threads/{thread}/concern",
        {"words": WORDS, "signed": "unsigned"},
    ),
    "moderation.write_to": ("mo", CARE, {"words": WORDS}),
    "programme.copy_link": ("lee", "/service/invite", {}),
    "programme.invite": ("lee", "/service/invite", {"address": "ana@example.org"}),
}
# Forms that create rows which are found again by something other than a key of the form.
FOUND_AGAIN = {
    "accounts.forgotten": "a member has at most four links of a kind, and each of them works",
    "accounts.change_address": "as above",
    "accounts.sign_in": "each signing in is a session of its own",
    "circles.join": "the link is used up",
    "circles.ask": "tests/circles/test_group_link.py: the form's key is the row's id",
    "circles.answer": "the request is used up",
    "circles.make_group_link": "a circle has one at most",
    "circles.sign_up": "tests/circles/test_join.py: the link is used up, or mailed once",
    "circles.confirm": "the link is used up",
    "circles.ask_to_close": "a mark of the member",
    "circles.keep_conversation": "a mark of the member",
    "circles.choose_name": "the name is theirs already",
    "circles.accept_pair": "the request's id is that of the circle",
    "discussions.acknowledge": "a mark of the member",
    "discussions.keep": "the draft's id stands in its address",
    "discussions.reply": "the reply's id stands in its address",
    "discussions.amend": "the post's id stands in its address",
    "discussions.publish": "the draft's id stands in its address",
    "discussions.act": "the reply's id is the row's",
    "discussions.answer_note": "a note takes one answer",
    "discussions.keep_post": "a mark of the member",
    "discussions.keep_thread": "a mark of the member",
    "moderation.send": "tests/moderation/test_flag.py: a mark of the post as it was",
    "moderation.contact": "tests/moderation/test_notes.py: an id made from the post's",
    "programme.set_up": "the link is used up",
    "programme.become_lead": "the link is used up",
    "offboarding.copy_by_link": "the link is used up",
    "safety.ask_advice": "the form's key is the row's id",
    "safety.ask_guardians": "the form's key is the row's id",
}
# Forms that change, end or send what is there; sent twice they change it to the same.
CHANGES = {
    "accounts": "add_app add_passkey confirm_by_passkey sign_in_with_passkey take_away_passkey"
    " confirm_factor give_code lock_done new_codes take_away_app"
    " change_password change_timezone confirm_address confirm_password"
    " emergency end_other_sessions end_session reset sign_out stop_recovery",
    "circles": "account agree ask_for_pair offer_room put_off_pair"
    " call_off change_days change_timezone change_turn end_group_link"
    " following give_role help_back_in"
    " cancel_invitation own_name prove"
    " remove retention send_again set_rhythm settings sign_in_first step_down switch_ways"
    " take_on",
    "discussions": "ask_no_more discard drop_message move_own_round move_round not_now read_all"
    " undo remove_themes rest_learning_offer reveal take_learning_offer unread_again withdraw"
    " write_themes",
    "learning": "delete download look note search",
    "moderation": "answer ask_change hold_back turn_off do seen",
    "notifications": "calendar_address settings stop",
    "offboarding": "copy_by_link delete_account go keep take_along take_away take_invented_away"
    " undo",
    "programme": "account decide_on_help forget_email send_again set_up_mail cancel_invitation"
    " test_mail",
    "safety": "accept answer_advice decide end_guardian guardians hold_back open_name review"
    " show_help step_down",
    "search": "find",
}


def endpoints(app):
    return {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}


def rows(world):
    with world.app.app_context():
        tables = Base.metadata.sorted_tables
        return {t.name: db.session.scalar(select(func.count()).select_from(t)) for t in tables}


class Forms(HTMLParser):
    """The hidden fields of each form of a page, by the address to which it is sent."""

    def __init__(self, url, page):
        super().__init__()
        self.sent_to, self._here, self._url = {}, None, url
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form":
            self._here = self.sent_to.setdefault(found.get("action") or self._url, {})
        if tag == "input" and found.get("type") == "hidden" and self._here is not None:
            self._here[found["name"]] = found.get("value") or ""


def test_every_form_says_what_it_does_when_sent_twice(world):
    known = CREATES.keys() | FOUND_AGAIN.keys() | {"speak"}
    known |= {f"{room}.{name}" for room, names in CHANGES.items() for name in names.split()}

    assert endpoints(world.app) == known


@pytest.mark.parametrize("endpoint", CREATES)
def test_a_form_sent_twice_creates_one_row(world, mail, endpoint):  # noqa: F811
    who, page, typed = CREATES[endpoint]
    with world.app.app_context():
        fay = world.standing("fay")
        with unit_of_work():
            answering_rota.set_rhythm(fay, 2)
    client, page = world.client(who), page.format(**world.ids)
    thread = world.ids["thread"]
    url = world.url(endpoint, who=who, post_id=thread, thread_id=thread)
    fields = Forms(page, client.get(page).text).sent_to[url] | typed
    before = rows(world)

    first = client.post(url, data=fields)
    once = rows(world)
    again = client.post(url, data=fields)

    assert first.status_code == again.status_code < 400
    assert before != once == rows(world)


def test_other_words_from_the_same_page_are_another_message(world):
    ray, page = world.client("ray"), f"/circles/{world.ids['rose']}/moderators"
    fields = Forms(page, ray.get(page).text).sent_to[page] | {"signed": "unsigned"}

    for words in (WORDS, "And with tea?", WORDS):
        assert ray.post(page, data=fields | {"words": words}).status_code == 303

    shown = ray.get(page).text
    assert shown.count(WORDS) == shown.count("And with tea?") == 1


def circle_log(world):
    """Number of lines in Rose's log."""
    with world.app.app_context():
        return db.session.scalar(select(func.count()).where(Entry.chain == world.ids["rose"]))


@pytest.mark.parametrize(
    ("who", "page", "ending"),
    [
        ("fay", "/circles/{rose}/people", "/step-down"),
        ("mo", "/circles/{rose}/people", "/remove"),
        ("ray", "/learning/0/delete", "/learning/0/delete"),
    ],
)
def test_what_is_over_is_not_refused_to_a_second_press(world, who, page, ending):
    """Fails when the second press meets an error for what the first has done."""
    client = world.client(who)
    client.submit("/learning/new", learned=WORDS, title="Owls")
    page = page.format(**world.ids)
    if ending == "/remove":
        links = [each["href"] for each in Page(client.get(page)).all("a")]
        page = next(each for each in links if each.endswith(ending))
    forms = Page(client.get(page)).all("form")
    form = next(each for each in forms if each.get("action", page).endswith(ending))
    fields = {each["name"]: each.get("value", "") for each in form.all("input")}
    before = circle_log(world)

    answers = [client.post(form.get("action", page), data=fields) for _ in range(2)]

    assert [each.status_code for each in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert circle_log(world) - before == (who != "ray")


@pytest.mark.parametrize("do", ["mute", "unmute", "ask"])
def test_the_log_says_once_what_is_pressed_twice(world, do):
    """Fails when a second press writes another line of what it does not change."""
    post, mo = world.reply("ray", WORDS), world.client("mo")
    care = f"/circles/{world.ids['rose']}/posts/{post}/care"
    if do == "unmute":
        mo.submit(care, do="mute")
    lines = [circle_log(world)]
    for _ in range(2):
        if do == "ask":
            sent = mo.submit(care.replace("/care", "/ask"), asked="Leave the village out.")
        else:
            sent = mo.submit(care, do=do)
        assert sent.status_code == 303
        lines.append(circle_log(world))

    assert lines[0] < lines[1] == lines[2]
