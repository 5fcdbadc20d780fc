"""A flag for a patient: the post is hidden at once, reviewed and changed, and nobody is named."""

import re
from datetime import timedelta
from time import time

import pytest
from sqlalchemy import select

from forum.audit import queries
from forum.audit.actions import Actor
from forum.core.db import db, unit_of_work
from forum.core.tokens import short_id
from forum.discussions import post_queries, posts
from forum.discussions.composer import Quoted
from forum.discussions.jobs import settle as take_on
from forum.discussions.models import Hiding, MarkedPassages, Quote, Reply, Thread
from forum.moderation import jobs
from forum.moderation.models import Flag, Outcome
from forum.policy.terms import AuthorMode
from forum.web import limits
from tests.page import Page
from tests.rows import dump, row_of
from tests.search.searching import indexed_terms
from tests.world import EVENING, World

HIDDEN = AuthorMode.THREAD_PSEUDONYM
SAID = "Hidden for now: a colleague thought a patient might be recognised."
TEXT = "A kestrel hung over the road.\n\nShe was the mayor of Sampleton.\n\nI stopped the car."


def flag(world, who, post_id, reason="patient", **fields):
    """Flag a post through its form; returns the response."""
    client = world.client(who)
    page = client.submit(
        f"/circles/{world.ids['rose']}/threads/{world.ids['thread']}/posts", flag=short_id(post_id)
    ).location
    return client.post(page, data=client.tokens(page) | {"reason": reason} | fields)


def press(world, post_id, do, who="mo"):
    client, page = world.client(who), f"/circles/{world.ids['rose']}/posts/{post_id}/care"
    return client.post(page, data=client.tokens(page) | {"do": do})


def turn_off(world, post_id, reason, who="mo"):
    """Turn off replies in a post's thread."""
    client, care = world.client(who), f"/circles/{world.ids['rose']}/posts/{post_id}"
    fields = client.tokens(f"{care}/care") | {"reason": reason}
    return client.post(f"{care}/replies-off", data=fields)


def ask(world, post_id, asked="", who="mo"):
    """Keep a post hidden with a request to its author."""
    client, page = world.client(who), f"/circles/{world.ids['rose']}/posts/{post_id}/care"
    data = client.tokens(page) | {"asked": asked}
    return client.post(page.replace("/care", "/ask"), data=data)


def thread(world, who="ivy"):
    return world.client(who).get(world.thread).text


def circle(world, who):
    return world.client(who).get(f"/circles/{world.ids['rose']}/").text


def desk(world, who="mo"):
    return world.client(who).get(f"/circles/{world.ids['rose']}/desk").text


def found(world, words, who="ivy"):
    return "hit-title" in world.client(who).search(words).text


def edit(world, who, post_id, body):
    client, url = world.client(who), world.url("discussions.edit", who=who, post_id=post_id)
    return client.post(url, data=client.tokens(url) | {"body": body, "looked": "1"})


def test_flag_for_a_patient_hides_at_once(world):
    post = world.reply("ray", TEXT)
    world.reply("fay", "You stopped.", quoted=Quoted(post, "I stopped the car."))
    assert found(world, "kestrel")

    joe, url = world.client("joe"), world.url("moderation.send", who="joe", post_id=post)
    answer = joe.submit(url, reason="patient", places="1")

    assert answer.location == world.thread
    said = joe.get(answer.location).text
    assert "The post is hidden until a moderator has looked." in said
    for who in ("ivy", "ray", "mo", "joe"):
        page = thread(world, who)
        assert SAID in page
        assert "kestrel" not in page
        assert "I stopped the car." not in page  # nor in quotations
    assert not found(world, "kestrel")
    assert "kestrel" not in indexed_terms(world)


def test_home_leads_each_writer_to_their_hidden_post(world):
    """Fails when the path of one member's page, which hides an id, is kept for another."""
    for who, colleague in (("ray", "joe"), ("ivy", "fay")):
        assert flag(world, colleague, world.reply(who, TEXT)).status_code == 303

    for who in ("ray", "ivy"):
        home = Page(world.client(who).get("/"))
        row = home.link("A post of yours is hidden until you change it")
        page = world.client(who).get(row["href"])

        assert page.status_code == 200
        assert TEXT in page.text


def test_hidden_posts_are_in_no_list_or_count(world):
    opening = world.present("ray", "Sampleton's mayor", TEXT)
    flag(world, "joe", opening)

    home, here = world.client("ivy").get("/").text, circle(world, "ivy")

    assert "Sampleton" not in home + here
    assert "Hidden reflection" in here
    assert "Hidden reflection" not in home


def test_flagged_post_is_changed_and_shown_again(world):
    post = world.reply("ray", TEXT)
    world.reply("fay", "You stopped.", quoted=Quoted(post, "I stopped the car."))
    flag(world, "joe", post, places="1", words="Everybody there knows her.")

    assert "1 item is waiting on the moderator page." in circle(world, "mo")
    assert "1 item is waiting" not in circle(world, "ivy")
    care = world.client("mo").get(f"/circles/{world.ids['rose']}/posts/{post}/care").text
    assert "Everybody there knows her." in care
    assert "<blockquote" in care
    assert ask(world, post, "Leave out her office.").status_code == 303
    assert "A moderator agreed." in circle(world, "joe")
    assert "This happens to most of us." in circle(world, "ray")
    assert "Leave out her office." in thread(world, "ray")
    assert "Leave out her office." not in thread(world, "fay") + thread(world, "joe")
    page = Page(world.client("ray").get(world.url("discussions.edit", post_id=post)))
    assert "Leave out her office." in page.text
    assert "She was the mayor of Sampleton." in page.one("blockquote").text

    edit(world, "ray", post, "A kestrel hung over the road.")

    assert SAID in thread(world)  # until reviewed
    assert "Changed. A moderator will check it before it is visible again." in circle(world, "ray")
    assert "Changed: check it" in desk(world)
    care = Page(world.client("mo").get(f"/circles/{world.ids['rose']}/posts/{post}/care"))
    before, now = care.all("div", cls="both-words")
    assert "She was the mayor of Sampleton." in before.text
    assert "Sampleton" not in now.text + care.one("div", cls="post-body").text
    press(world, post, "show")

    shown = thread(world)
    assert "A kestrel hung over the road." in shown
    assert "Sampleton" not in shown
    assert "The post was changed and is visible again." in circle(world, "joe")
    assert "A moderator looks at it" not in circle(world, "ray")
    with world.app.app_context():
        assert db.session.scalars(select(Quote)).all() == []  # its source text is gone
        assert db.session.scalars(select(Hiding)).all() == []
        assert db.session.scalars(select(MarkedPassages)).all() == []
    log = world.client("ivy").get(f"/circles/{world.ids['rose']}/log").text
    for line in ("It was hidden.", "until its author changes it", "changed by its author"):
        assert line in log
    assert "made a post by Dr Ray visible again" in log
    assert "Dr Joe" not in log.partition('class="log"')[2]


@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, HIDDEN])
def test_the_same_words_again_are_no_change_that_waits_for_a_look(world, mode):
    """Fails when its author waits for moderators, and they for its author."""
    post = world.reply("ray", TEXT, mode)
    world.moment = EVENING
    flag(world, "joe", post)
    ask(world, post, "Leave out her office.")
    ray, url = world.client("ray"), world.url("discussions.edit", post_id=post)

    said = [
        ray.post(url, data=ray.tokens(url) | fields, follow_redirects=True).text
        for fields in ({"body": TEXT, "looked": "1"}, {"body": "A kestrel hung over the road."})
    ]

    assert ["A moderator looks at it" in each for each in said] == [False, True]
    assert "It is as it was, so it stays hidden." in said[0]


def test_masked_author_changes_at_a_slot_unnoticed(world):
    post = world.reply("ray", TEXT, HIDDEN)
    world.moment = EVENING
    flag(world, "joe", post)
    pages = {who: circle(world, who) for who in ("ray", "ivy", "fay")}
    said = "A post was hidden because a patient might be recognised."
    assert all(said in page for page in pages.values())
    assert "This happens to most of us." not in pages["ray"]
    own = world.client("ray").get(f"/circles/{world.ids['rose']}/your-words").text
    assert "This happens to most of us." in own

    edit(world, "ray", post, "A kestrel, and nobody else.")

    assert "Changed: check it" not in desk(world)
    world.moment += timedelta(hours=13)
    with world.app.app_context():
        take_on()
        jobs.settle()
    assert SAID in thread(world)
    assert "Changed: check it" in desk(world)
    press(world, post, "show")
    assert "A kestrel, and nobody else." in thread(world)
    assert found(world, "kestrel")
    assert "The post was changed and is visible again." in circle(world, "joe")
    log = world.client("ivy").get(f"/circles/{world.ids['rose']}/log").text
    assert "changed by its author" in log
    with world.app.app_context():
        assert row_of(Reply, post).hidden is None


def test_member_hides_only_one_post_weekly(world):
    one, two = world.reply("ray", "One post"), world.reply("fay", "Two posts")
    flag(world, "joe", one)
    flag(world, "joe", two)
    early = thread(world)
    world.moment += timedelta(days=7)
    three = world.reply("fay", "Three posts")
    flag(world, "joe", three)

    assert "One post" not in early
    assert "Two posts" in early
    assert "Three posts" not in thread(world)
    assert desk(world).count("A post by Dr Fay") == 2


def test_a_flag_raised_again_hides_no_second_post_that_week(world):
    """Fails when raising a flag again, once a moderator has looked, gives another to hide with."""
    one, two = world.reply("ray", "One post"), world.reply("fay", "Two posts")
    flag(world, "joe", one)
    press(world, one, "show")

    flag(world, "joe", one)
    flag(world, "joe", two)

    page = thread(world)
    assert "One post" in page
    assert "Two posts" in page


def test_the_week_counts_from_the_day_of_the_hiding(world):
    """Fails when a flag raised again, which hides nothing, puts off the day on which its member's
    flags hide once more: a post with a patient would stay to be read.
    """
    one, two = world.reply("ray", "One post"), world.reply("fay", "Two posts")
    flag(world, "joe", one)
    world.moment += timedelta(days=2)
    press(world, one, "show")
    world.moment += timedelta(days=3)
    flag(world, "joe", one)
    seen = thread(world)
    world.moment += timedelta(days=3)
    flag(world, "joe", two)

    assert "One post" in seen
    assert "Two posts" not in thread(world)


def test_a_flag_of_long_ago_takes_no_place_in_a_later_week(world):
    """Fails when a flag that hid a post once, and is raised again, counts for what it did not
    hide."""
    one, two = world.reply("ray", "One post"), world.reply("fay", "Two posts")
    flag(world, "joe", one)
    press(world, one, "show")
    world.moment += timedelta(days=10)
    flag(world, "joe", two)
    world.moment += timedelta(days=2)
    flag(world, "joe", one)
    assert "One post" in thread(world)
    world.moment += timedelta(days=5)
    flag(world, "joe", world.reply("fay", "Three posts"))

    assert "Three posts" not in thread(world)


def test_flags_that_wait_for_a_week_hide_one_post(world):
    """Fails when a week counts from the day of a flag that hid nothing then."""
    posts = [world.reply("ray", f"Post {number}") for number in ("one", "two", "three")]
    for post in posts:
        flag(world, "joe", post)
    world.moment += timedelta(days=8)
    for post in posts[1:]:
        flag(world, "joe", post)

    page = thread(world)
    assert "Post two" not in page
    assert "Post three" in page


def test_hidden_post_stays_hidden_without_review(world):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    for days in (1, 3, 120):
        world.moment += timedelta(days=days)
        with world.app.app_context():
            jobs.settle()
            assert len(db.session.scalars(select(Flag)).all()) == 1  # the desk finds the post by it
        assert "kestrel" not in thread(world)

    assert "A post by Dr Ray" in desk(world)
    press(world, post, "show")
    assert "kestrel" in thread(world)


def test_moderator_may_withdraw_after_a_week_hidden(world):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post)
    early = press(world, post, "take_away")
    world.moment += timedelta(days=6)
    ask(world, post)
    late = press(world, post, "take_away")
    world.moment += timedelta(days=1)

    press(world, post, "take_away")

    assert early.location.endswith("/care")  # refused, and back to the post
    assert late.location.endswith("/care")
    assert "This post has been withdrawn." in thread(world)
    with world.app.app_context():
        assert row_of(Reply, post).body == ""
        assert {each.outcome for each in db.session.scalars(select(Flag))} == {Outcome.GONE}


@pytest.mark.parametrize("reason", ["unkind", "care", "worry", "other", "colleague"])
def test_other_reasons_only_reach_the_desk(world, reason):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post, reason, words="Please look.")

    assert "kestrel" in thread(world)
    assert "still visible" in desk(world)
    press(world, post, "seen_to" if reason == "worry" else "no_need")
    assert "Nothing is waiting for you." in desk(world)
    said = "seen to it" if reason == "worry" else "leave the post as it is"
    assert said in circle(world, "joe")


def test_a_second_flag_after_left_as_it_is_reaches_the_desk(world):
    """Fails when somebody is thanked for a flag that nobody will see."""
    post = world.reply("ray", TEXT)
    flag(world, "joe", post, "unkind")
    press(world, post, "no_need")
    assert "Nothing is waiting for you." in desk(world)

    answer = flag(world, "joe", post)

    assert answer.status_code == 303
    assert "hidden until you decide" in desk(world)
    assert "kestrel" not in thread(world)


def test_an_outcome_is_seen_on_a_page_from_before_the_flag_was_raised_again(world):
    """Fails when "Seen", in another window, is an error page, or hides the next outcome."""
    post = world.reply("ray", TEXT)
    flag(world, "joe", post, "unkind")
    press(world, post, "no_need")
    flag(world, "joe", post, "unkind")
    with world.app.app_context():
        flag_id = db.session.scalar(select(Flag.id))

    url = f"/circles/{world.ids['rose']}/flags/{flag_id}/seen"
    assert world.client("joe").submit(url).status_code == 303

    press(world, post, "no_need")
    assert "leave the post as it is" in circle(world, "joe")


def test_a_post_left_as_it_is_is_logged_nowhere(world):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post, "unkind")
    client, page = world.client("mo"), f"/circles/{world.ids['rose']}/posts/{post}/care"

    said = {}
    for do in ("no_need", "hide"):
        client.post(page, data=client.tokens(page) | {"do": do})
        there = client.get(f"/circles/{world.ids['rose']}/desk").text
        said[do] = "It is in the activity log." in there

    assert said == {"no_need": False, "hide": True}


def test_only_a_moderator_shows_their_hidden_post(world):
    post = world.reply("ray", TEXT)
    press(world, post, "hide")
    assert "Hidden by a moderator." in thread(world)
    edit(world, "ray", post, "A merlin")
    assert "A merlin" not in thread(world)

    press(world, post, "show")

    assert "A merlin" in thread(world)


def test_locked_thread_refuses_replies_and_says_so(world):
    turn_off(world, world.ids["thread"], "It went in circles.")

    page = thread(world)
    sent = world.client("ray").answer(world.thread, body="Too late", do="own_name")

    assert "turned off replies in this thread" in page
    assert ">Reply</a>" not in page
    assert sent.status_code == 403
    assert "Too late" in sent.text
    press(world, world.ids["thread"], "unlock")
    assert (
        world.client("ray").answer(world.thread, body="In time", do="own_name").status_code == 303
    )


@pytest.mark.leaks
def test_muted_member_is_muted_under_every_name(world):
    """Fails when only the muted name is refused, or when a page shows the pause to others."""
    post = world.reply("ray", "From behind", HIDDEN)
    world.moment = EVENING
    before = {who: thread(world, who) for who in ("ivy", "fay", "ray")}
    press(world, post, "mute")

    composers = {}
    for who in ("ray", "fay"):
        client = world.client(who)
        composers[who] = client.get(client.get(f"{world.thread}/answer").location).text
    openly = world.client("ray").answer(world.thread, body="Openly", do="own_name")
    other = world.present("fay", "Another", "Told")
    elsewhere = world.thread.replace(str(world.ids["thread"]), str(other))

    assert "has paused you" in composers["ray"]
    assert "has paused you" not in composers["fay"]
    assert openly.status_code == 403
    assert "Openly" in openly.text
    strip = re.compile(r'<input[^>]*csrf_token[^>]*>| <span class="new">.*?</span>')
    for who, page in before.items():
        assert strip.sub("", thread(world, who)) == strip.sub("", page)
    assert world.client("ray").answer(elsewhere, body="Here", do="own_name").status_code == 303
    press(world, post, "unmute")
    assert world.client("ray").answer(world.thread, body="Back", do="own_name").status_code == 303


@pytest.mark.leaks
def test_no_page_row_or_log_names_the_flagger(tmp_path, world):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post, words="Everybody knows her.")

    with world.app.app_context():
        kept = dump()
        member = world.ids["joe"].hex
    lines = [line for line in kept.splitlines() if 'INTO "flag"' in line]
    assert len(lines) == 1
    assert member not in lines[0].lower()
    for who in ("mo", "ray", "ivy", "fay"):
        pages = desk(world) + circle(world, who) + thread(world, who)
        assert not re.search(r"(flagged|raised)[^<]*Joe", pages)
    told = [who for who in ("mo", "ray", "ivy", "fay") if "You flagged" in circle(world, who)]
    assert told == []


def test_a_flag_is_logged_by_its_day_alone(world):
    """Fails when the log tells the hour of a flag: with who was about then, it names a member."""
    flag(world, "joe", world.reply("ray", TEXT))
    press(world, world.ids["thread"], "lock")

    with world.app.app_context():
        lines, _pages = queries.page(world.ids["rose"], 1)
    hours = {each.action.actor: each.at.hour for each in lines[:2]}
    assert hours == {Actor.MEMBER: 0, Actor.MODERATOR: world.moment.hour}


def test_invalid_flag_returns_as_typed(world):
    post = world.reply("ray", TEXT)

    empty = flag(world, "joe", post, reason="", words="Typed with care")
    odd = flag(world, "joe", post, reason="nonsense", places=["x", "-1"], words="Typed with care")
    long = flag(world, "joe", post, words="x" * 2001)

    for answer in (empty, odd, long):
        assert answer.status_code == 422
    assert "Typed with care" in empty.text
    assert "Typed with care" in odd.text
    assert "kestrel" in thread(world)


def test_repeated_request_stores_one_flag(world):
    post = world.reply("ray", TEXT)
    flag(world, "joe", post, "unkind")
    flag(world, "joe", post, "unkind")

    with world.app.app_context():
        assert len(db.session.scalars(select(Flag)).all()) == 1


@pytest.mark.parametrize("closed", ["hidden", "withdrawn"])
def test_words_of_a_flag_that_comes_too_late_come_back(world, closed):
    """Fails when a worry about a colleague is lost because somebody was quicker."""
    post, late = world.reply("ray", TEXT), world.client("ivy")
    url = world.url("moderation.send", who="ivy", post_id=post)
    fields = late.tokens(url) | {"reason": "worry", "words": "She says goodbye in it."}
    if closed == "hidden":
        flag(world, "joe", post)
    else:
        with world.app.test_request_context(), unit_of_work():
            ray = world.standing("ray")
            posts.withdraw(ray, post_queries.any_post(ray, post))

    answer = late.post(url, data=fields)

    assert answer.status_code == 409
    assert "She says goodbye in it." in answer.text
    assert Page(answer).link("Message the moderators")


def test_a_flag_that_hides_is_not_given_back_where_it_is_pressed_twice(world):
    post, joe = world.reply("ray", TEXT), world.client("joe")
    url = world.url("moderation.send", who="joe", post_id=post)
    fields = joe.tokens(url) | {"reason": "patient", "words": "The mayor."}

    assert [joe.post(url, data=fields).status_code for _ in range(2)] == [303, 303]
    assert joe.post(url, data=fields | {"words": "mayor."}).status_code == 409  # a guess


@pytest.mark.parametrize(("reason", "hides"), [("worry", False), ("patient", True)])
def test_a_graver_flag_after_a_lesser_one_reaches_the_desk(world, reason, hides):
    """Fails when a member is thanked for words that nobody reads."""
    post = world.reply("ray", TEXT)
    flag(world, "joe", post, "unkind")

    flag(world, "joe", post, reason, words="She says goodbye in it.")

    care = world.client("mo").get(f"/circles/{world.ids['rose']}/posts/{post}/care").text
    assert "She says goodbye in it." in care
    assert ("kestrel" not in thread(world)) is hides


def test_more_words_of_one_flag_are_added_while_it_waits(world):
    post = world.reply("ray", TEXT)
    for words in ("It was harsh.", "It was harsh.", "He wrote it twice."):
        flag(world, "joe", post, "unkind", words=words)

    with world.app.app_context():
        [row] = db.session.scalars(select(Flag))
        assert row.words == "It was harsh.\n\nHe wrote it twice."


def test_another_reason_for_turning_replies_off_is_not_dropped_unsaid(world):
    turn_off(world, world.ids["thread"], "It went in circles.")

    assert turn_off(world, world.ids["thread"], "It went in circles.").status_code == 303
    mo, url = world.client("mo"), f"/circles/{world.ids['rose']}/posts/{world.ids['thread']}"
    second = mo.submit(f"{url}/replies-off", reason="A patient is named in it.")

    said = mo.get(second.location).text
    assert "Replies were off already, for this reason: “It went in circles.”" in said


def test_withdrawn_and_hidden_read_alike_everywhere(world):
    opening = world.ids["thread"]
    world.reply("ray", "Beside it")
    flag(world, "joe", opening)

    page = thread(world)

    assert "Hidden reflection" in page
    assert "Torn between two" not in page + circle(world, "ivy")
    with world.app.app_context():
        assert row_of(Thread, opening).title == "Torn between two"  # no text is lost


def test_details_in_a_flag_never_stop_it(world):
    flag = world.url("moderation.send", post_id=world.ids["thread"])
    ray = world.client("ray")

    sent = ray.submit(flag, reason="other", words="Ring me on 07700 900123.")

    assert sent.status_code == 303
    assert "a detail that could identify someone" in ray.get(sent.location).text


def test_a_flag_waits_through_a_withdrawal_that_is_undone(world):
    """Fails when whoever withdraws a post and brings it back is rid of what colleagues flagged."""
    post_id = world.reply("ray", TEXT)
    flag(world, "joe", post_id, reason="unkind")

    listed = []
    for act in (posts.withdraw, posts.undo_withdrawal):
        with world.app.app_context():
            ray = world.standing("ray")
            with unit_of_work():
                act(ray, post_queries.any_post(ray, post_id))
            jobs.settle()
        listed.append("A post by Dr Ray" in desk(world))

    assert "A post by Dr Ray" in desk(world).partition("To check")[2]
    assert listed == [False, True]


def test_flags_that_are_refused_count_for_nothing(tmp_path):
    """Fails when whoever sits at an open screen flags a hidden post in vain until the day's limit,
    and so learns whether the member flagged something."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    post_id = world.reply("pru", TEXT)
    pages = {who: world.url("moderation.send", who=who, post_id=post_id) for who in ("kit", "joe")}
    flag(world, "kit", post_id)

    met = {
        who: [world.client(who).submit(page, reason="unkind").status_code for _ in range(11)]
        for who, page in pages.items()
    }

    assert met["kit"] == met["joe"]


def test_a_flag_sent_again_counts_once_and_is_one_flag(tmp_path):
    """Fails when the same flag, pressed until the day's limit, tells of others before it; or when
    words of two paragraphs pressed twice are stored twice.
    """
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    flag(world, "kit", world.reply("pru", TEXT))
    post_id, words = world.reply("pru", TEXT), "It sounds hard.\n\nPlease look."
    url = {who: world.url("moderation.send", who=who, post_id=post_id) for who in ("kit", "joe")}

    met = {
        who: [
            world.client(who).submit(page, reason="unkind", words=words).status_code
            for _ in range(11)
        ]
        for who, page in url.items()
    }

    assert met["kit"] == met["joe"] == [303] * 11
    with world.app.app_context():
        stored = [row.words for row in db.session.scalars(select(Flag).filter_by(post_id=post_id))]
    assert stored == [words] * 2


@pytest.mark.parametrize("before", [0, 9])
def test_no_answer_to_a_flag_tells_of_one_before(tmp_path, before):
    """Fails when a flag that waits already is thanked for, or its words are too long together,
    where a new one is answered otherwise: at an open screen, with the day's limit reached or not,
    one press a post would list all that its member flagged.
    """
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    flagged, fresh, other = (world.reply("pru", TEXT) for _ in range(3))
    flag(world, "kit", flagged, reason="unkind", words="It sounds hard.")
    for number in range(before):
        flag(world, "kit", other, reason="unkind", words=f"Word {number}")

    met = [
        [flag(world, "kit", each, reason="unkind", words=words).status_code for words in pressed]
        for each in (flagged, fresh)
        for pressed in [("", "a" * 2000)]
    ]

    assert met[0] == met[1] == [429 if before else 303] * 2


def test_a_flag_sent_again_without_words_counts_for_nothing(tmp_path):
    """Fails when presses at an open screen tell, once the day's limit is reached, of a flag before
    them."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    post = world.reply("pru", TEXT)
    flag(world, "kit", post, reason="unkind", words="It sounds hard.")

    met = {flag(world, "kit", post, reason="unkind").status_code for _ in range(11)}

    assert met == {303}


def test_a_flag_past_the_days_limit_says_that_it_takes_a_day(tmp_path, monkeypatch):
    """Fails when who is to wait a day reads that minutes are enough; or the rest of the day, and so
    when they flagged first."""
    world = World(tmp_path, RATELIMIT_ENABLED=True)
    posts = [world.reply("pru", f"{TEXT} {number}") for number in range(11)]
    for each in posts[:10]:
        flag(world, "joe", each, reason="unkind")
    monkeypatch.setattr(limits, "time", lambda: time() + 3600)

    met = flag(world, "joe", posts[10], reason="unkind", words="Oh dear.")

    assert (met.status_code, met.headers["Retry-After"]) == (429, "86400")
    assert "try again tomorrow" in met.text
    assert "Oh dear." in met.text


def test_words_of_a_flag_that_hides_a_week_later_are_stored_once(world):
    first, second = world.reply("ray", TEXT), world.reply("ray", f"{TEXT} Two.")
    flag(world, "joe", first)
    for _ in range(2):
        flag(world, "joe", second, words="The mayor.")
        world.moment += timedelta(days=8)

    with world.app.app_context():
        rows = db.session.scalars(select(Flag).filter_by(post_id=second))
        assert [(each.words, each.hides) for each in rows] == [("The mayor.", True)]
