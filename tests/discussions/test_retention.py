"""Keep the learning, lose the case: a thread from its closing to "The story has gone"."""

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from threading import Thread as Process

import pytest
from sqlalchemy import LargeBinary, select

from forum import worker
from forum.accounts.models import Member
from forum.audit import queries as log
from forum.circles import retention_settings
from forum.circles.models import Circle
from forum.core.db import db, unit_of_work
from forum.core.errors import Forbidden, InvalidInput
from forum.core.randomness import new_id
from forum.discussions import (
    drafts,
    pinning,
    post_queries,
    posts,
    read_marks,
    restrictions,
    retention,
    thread_queries,
)
from forum.discussions.composer import Quoted, ReplyWords
from forum.discussions.models import (
    Draft,
    Hiding,
    MarkedPassages,
    NameNote,
    Quote,
    ReadMark,
    Reply,
    ThankYou,
    Thread,
)
from forum.discussions.retention import PATHS, Act
from forum.learning import services as learning
from forum.learning.note_content import NoteContent
from forum.moderation import services as moderation
from forum.moderation.models import Flag
from forum.offboarding.export import words_of
from forum.operations import backups
from forum.policy.terms import AuthorMode, Ending, FlagReason
from forum.search.engine import index
from tests.copies import opened
from tests.discussions.retained import DAY, choose, ending, pass_days, run
from tests.discussions.test_walk_rounds import begun, line
from tests.engine import of_sqlite
from tests.killing import killed
from tests.page import Page
from tests.rows import row_of
from tests.world import EVENING, MORNING

HIDDEN = AuthorMode.THREAD_PSEUDONYM
TOLD, HELD, GOING, GONE = Ending
TABLE = {  # state: the state after each act; "-" without a transition
    #       TELL  SPARE HOLD  RELEASE ERASE FINISH
    None: (TOLD, "-", HELD, "-", "-", "-"),
    TOLD: ("-", None, HELD, "-", GOING, "-"),
    HELD: ("-", "-", HELD, None, "-", "-"),
    GOING: ("-", "-", "-", "-", "-", GONE),
    GONE: ("-", "-", "-", "-", "-", "-"),
}
GOES = "This story goes on"
CAUTION = "Not where a complaint, claim, inquest or investigation may need it."


@pytest.mark.parametrize(("state", "act"), [*product(TABLE, Act)], ids=str)
def test_every_act_has_a_transition_or_refusal(world, state, act):
    expected = TABLE[state][[*Act].index(act)]
    with world.app.app_context():
        thread = row_of(Thread, world.ids["thread"])
        thread.ending = state
        if expected == "-":
            with pytest.raises(Forbidden):
                retention._go(thread, act)
        else:
            retention._go(thread, act)
            assert thread.ending is expected


def test_the_table_names_every_path():
    assert {
        (state, act): after
        for state, row in TABLE.items()
        for act, after in zip(Act, row, strict=True)
        if after != "-"
    } == PATHS


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 3, 2), 12, date(2027, 3, 2)),
        (date(2026, 12, 15), 24, date(2028, 12, 15)),
    ],
)
def test_months_end_with_the_month(day, months, later):
    assert retention.months_after(day, months) == later


def told(world, months=3):
    """The first thread, told that it goes."""
    choose(world, months)
    pass_days(world, 62)
    assert ending(world)[0] is TOLD


def page(world, who="ray", url=None):
    return world.client(who).get(url or world.thread).text.replace("\u00a0", " ")


def told_in_lists(world):
    """Where a reader is told that a thread goes, its own page aside."""
    home, circle = page(world, url="/"), page(world, url=f"/circles/{world.ids['rose']}/")
    said = {"home": "A story goes" in home, "circle": "story of this circle goes on" in circle}
    return {place for place, is_told in (said | {"row": "· goes on" in circle}).items() if is_told}


def test_nothing_goes_until_it_is_chosen(world):
    pass_days(world, 800)

    assert ending(world) == (None, None)
    assert "A hard morning." in page(world)


def test_everyone_is_told_thirty_days_before(world):
    choose(world, 3)
    pass_days(world, 55)
    assert ending(world) == (None, None)

    pass_days(world, 10)

    state, day = ending(world)
    assert (state, day) == (TOLD, date(2026, 6, 2))  # told on 3 May
    circle = f"/circles/{world.ids['rose']}/"
    for who in ("pru", "ray", "mo"):
        for url in (None, circle, "/"):
            text = page(world, who, url)
            assert "2 June" in text
            assert CAUTION in text
        assert "Copy what you wrote" in page(world, who)
    assert "2 June" not in page(world, "nan", "/")
    pass_days(world, 25)
    assert "A hard morning." in page(world)


def test_pages_say_today_while_a_readers_last_day_lasts(world):
    """Fails when "goes on today" tells members east of UTC that the story continues."""
    told(world)
    east(world, "mo", "ray")
    world.moment = datetime.combine(ending(world)[1], time(), UTC) - timedelta(hours=4)
    circle = f"/circles/{world.ids['rose']}/"

    thread, listed, copy = (page(world, url=url) for url in (None, circle, f"{world.thread}/copy"))

    assert "This story goes today: everything" in thread
    assert "next story of this circle goes today. The list" in listed
    assert "· goes today" in listed
    assert "A story goes today" in page(world, url="/")
    assert "The thread goes today." in copy
    care = world.url("moderation.care", post_id=world.ids["thread"])
    assert "It goes today." in page(world, "mo", care)


def east(world, *names):
    with world.app.app_context(), unit_of_work():
        for who in names:
            db.session.get(Member, world.ids[who]).timezone = "Pacific/Auckland"


def test_the_day_is_three_months_after_the_last_word(world):
    choose(world, 3)
    pass_days(world, 60)
    while ending(world)[0] is not GONE:
        pass_days(world, 1)

    assert world.moment.date() == date(2026, 6, 2)


def test_a_story_that_has_gone_is_no_welcome(world):
    """Fails when a circle shows a thread first of which nothing is left."""
    with world.app.app_context(), unit_of_work():
        pinning.pin(world.standing("mo"), world.ids["thread"])
    told(world)
    while ending(world)[0] is not GONE:
        pass_days(world, 1)

    with world.app.app_context():
        assert db.session.get_one(Circle, world.ids["rose"]).pinned_thread_id is None


def test_a_round_that_was_locked_goes_from_its_last_word(world):
    """Fails when a story stays for good as the clock of its round stands still."""
    begun(world, "questions_first", "pru", AuthorMode.OWN_NAME)
    choose(world, 3)
    with world.app.app_context():
        mo = world.standing("mo")
        thread = thread_queries.thread(mo, world.ids["told"])
        runs = retention._due_on(mo, thread)
        with unit_of_work():
            restrictions.lock(mo, thread, locked=True)

        assert runs is None
        assert retention._due_on(mo, thread) == date(2026, 6, 2)


def test_a_new_word_spares_the_thread(world):
    told(world)
    world.reply("ray", "I still think of it.")

    assert GOES not in page(world)
    assert not told_in_lists(world)
    pass_days(world, 2)
    assert ending(world) == (None, None)
    pass_days(world, 31)
    assert "A hard morning." in page(world)


def test_turning_it_off_ends_notices_at_once(world):
    told(world)

    choose(world, None)

    assert GOES not in page(world)
    assert not told_in_lists(world)
    pass_days(world, 40)
    assert ending(world) == (None, None)
    assert "A hard morning." in page(world)


def test_another_setting_ends_and_begins_notices_at_once(world):
    """Fails when lists tell until the slot what the thread's own page tells no more, or not yet."""
    told(world)
    said = []
    for months in (24, None, 3):
        choose(world, months)
        said.append((GOES in page(world), told_in_lists(world)))

    assert said == [(False, set()), (False, set()), (True, {"home", "circle", "row"})]


def test_a_running_round_does_not_go(world):
    told_here = begun(world, "questions_first", "pru", AuthorMode.OWN_NAME)
    choose(world, 3)
    while line(world).now.phase.key != "closed":
        world.moment = line(world).phase_ends + timedelta(minutes=1)
    closed_on = world.moment.date()
    thread_id = world.ids["told"]
    run(world)

    pass_days(world, 50)
    assert ending(world, thread_id) == (None, None)
    pass_days(world, 50)

    day = retention.months_after(closed_on, 3)
    assert ending(world, thread_id)[0] in (TOLD, GONE)
    assert world.moment.date() >= day - 30 * DAY
    assert told_here


# What goes, and what stays


def everything(world):
    """Posts of each kind in the first thread, and what stays long beside them."""
    world.ids["open"] = world.reply("fay", "The redshank on the pier")
    world.ids["masked"] = world.reply("ray", "A merganser behind a mask", HIDDEN)
    world.moment = EVENING + timedelta(minutes=5)
    run(world)
    quoted = Quoted(world.ids["open"], "redshank on the pier")
    world.ids["quoting"] = world.reply("mo", "As you say", quoted=quoted)
    with world.app.app_context():
        ray = world.standing("ray")
        thread = thread_queries.thread(ray, world.ids["thread"])
        with unit_of_work():
            posts.thank(ray, post_queries.any_post(ray, world.ids["open"]))
            posts.acknowledge(ray, thread)
            note = "Think of the bittern"
            read_marks.save_settings(ray, world.ids["thread"], saved=True, note=note, follows=None)
        with unit_of_work():
            note = NoteContent(learned="To wait, snipe", day=MORNING.date(), title="Peer")
            learning.write(world.ids["ray"], note, thread_id=world.ids["thread"])


def late_words(world):
    """What is kept for days alone, on the last of them."""
    with world.app.app_context():
        ray, mo = world.standing("ray"), world.standing("mo")
        thread = thread_queries.thread(ray, world.ids["thread"])
        flagged = post_queries.any_post(ray, world.ids["open"])
        with unit_of_work():
            drafts.save(ray, new_id(), ReplyWords("Half a whinchat"), thread)
            change = ReplyWords("A changed merganser", HIDDEN)
            drafts.save(ray, world.ids["masked"], change, thread, amends=True)
        with unit_of_work():
            moderation.raise_flag(ray, flagged, FlagReason.PATIENT, "The dunlin was her", [0])
            moderation.raise_concern(ray, thread, "The curlew is in danger", signed=False)
            moderation.write(ray, "About no thread: a wren", signed=False)
        with unit_of_work():
            masked = post_queries.any_post(mo, world.ids["masked"])
            moderation.write_to(mo, masked, "We saw the teal", new_id())


def sealed_words(world):
    """Ciphertext of all that was written in or about the first thread, by what it is."""
    with world.app.app_context():
        return _sealed_words(world)


def _sealed_words(world):
    thread = row_of(Thread, world.ids["thread"])
    rows = [("opening", thread)]
    rows += [("reply", each) for each in db.session.scalars(select(Reply))]
    rows += [("quote", each) for each in db.session.scalars(select(Quote))]
    rows += [("draft", each) for each in db.session.scalars(select(Draft))]
    rows += [("note", each) for each in db.session.scalars(select(NameNote))]
    rows += [("hiding", each) for each in db.session.scalars(select(Hiding))]
    rows += [("mark", each) for each in db.session.scalars(select(ReadMark))]
    flags = db.session.scalars(select(Flag)).all()
    rows += [("flag", each) for each in flags if each.words != "About no thread: a wren"]
    long = ("body", "html", "gist", "title", "fields", "excerpt", "words", "before", "note")
    return {
        (what, name, row.id): getattr(row, f"_{name}")
        for what, row in rows
        for name in long
        if isinstance(getattr(row, f"_{name}", None), bytes)
    }


def found_in_files(world, sealed):
    with world.app.app_context():
        db.engine.dispose()
    files = {path: path.read_bytes() for path in world.files()}
    return {
        what: path.name
        for what, words in sealed.items()
        for path, content in files.items()
        if any(words[at : at + 32] in content for at in range(0, len(words), 32))
    }


def to_the_day(world):
    """To the morning on which the first thread goes, before the worker's run."""
    choose(world, 3)
    pass_days(world, 60)
    while ending(world)[0] is not TOLD:
        pass_days(world, 1)
    pass_days(world, (ending(world)[1] - world.moment.date()).days - 1)
    world.moment += DAY


def go(world):
    """Until the first thread has gone, with the drafts."""
    to_the_day(world)
    run(world)
    assert ending(world)[0] is GONE
    pass_days(world, 2)


@of_sqlite
def test_all_words_leave_every_file_and_the_index(world):
    everything(world)
    assert "merganser" in world.client("mo").search("merganser").text
    to_the_day(world)
    late_words(world)
    sealed = sealed_words(world)
    kinds = {"opening", "reply", "quote", "draft", "note", "flag", "hiding", "mark"}
    assert kinds == {what for what, *_ in sealed}
    assert found_in_files(world, sealed).keys() == sealed.keys()

    run(world)
    assert ending(world)[0] is GONE
    left = {what for what, *_ in found_in_files(world, sealed)}
    assert left == {"draft"}  # until tomorrow
    pass_days(world, 2)

    assert not found_in_files(world, sealed)
    mo = world.client("mo")
    for word in ("redshank", "merganser", "hard", "torn"):
        assert "hit-title" not in mo.search(word).text
    with world.app.app_context():
        assert index.agrees(world.ids["rose"])
        assert [each.words for each in db.session.scalars(select(Flag))] == [
            "About no thread: a wren"
        ]
        for table in (Reply, Quote, Draft):
            assert db.session.scalars(select(table)).all() == []


def test_nothing_is_in_an_export_but_the_note_stays(world):
    everything(world)
    go(world)
    ray = world.client("ray")

    assert "To wait, snipe" in ray.get("/learning").text
    with world.app.test_request_context():
        content = words_of(world.ids["ray"], "en").content
    text = "".join(opened(content).values())
    for word in ("redshank", "merganser", "whinchat", "bittern", "Torn between", "hard morning"):
        assert word not in text


def test_the_place_says_that_the_story_has_gone(world):
    everything(world)
    go(world)

    for who, url in (("ray", None), ("ray", f"/circles/{world.ids['rose']}/")):
        text = page(world, who, url)
        assert "The story has gone" in text
        for word in ("Torn between", "hard morning", "redshank", "withdrawn"):
            assert word not in text
    assert not Page(page(world)).all("article", cls="reply")
    assert "Keep what you learned" in page(world)
    assert page(world, "ray", "/").count("Torn between") == 0


def test_every_table_about_a_thread_is_emptied(world):
    """Fails when a new table with a thread's or a post's id is left out of the erasure."""
    everything(world)
    to_the_day(world)
    late_words(world)
    run(world)
    pass_days(world, 2)

    with world.app.app_context():
        left = {}
        for table in db.metadata.sorted_tables:
            names = {"thread_id", "post_id", "reply_id"} & {each.name for each in table.columns}
            for name in names - ({"post_id"} if table.name == "flag" else set()):
                known = table.columns[name].is_not(None)
                if rows := db.session.execute(select(table).where(known)).all():
                    left[table.name] = len(rows)
        thread = row_of(Thread, world.ids["thread"])
        sizes = {
            column.name: len(getattr(thread, f"_{column.name}", b"") or b"")
            for column in Thread.__table__.columns
            if isinstance(column.type, LargeBinary)
        }
        about_posts = (Hiding, MarkedPassages, ThankYou)
        assert not any(db.session.scalars(select(table)).all() for table in about_posts)
    assert left == {}
    assert len({*sizes.values()} - {0}) == 1, sizes  # of nothing


def test_a_hidden_opening_and_a_withdrawn_one_go_too(world):
    other = world.present("fay", "Withdrawn by me", "It rained.")
    with world.app.app_context():
        fay, mo = world.standing("fay"), world.standing("mo")
        with unit_of_work():
            posts.withdraw(fay, post_queries.any_post(fay, other))
        with unit_of_work():
            moderation.hide(mo, post_queries.any_post(mo, world.ids["thread"]))
    go(world)

    assert {ending(world, other)[0], ending(world)[0]} == {GONE}


# Held back


def test_a_moderator_holds_a_thread_back_for_ninety_days(world):
    told(world)
    mo = world.client("mo")
    care = world.url("moderation.care", post_id=world.ids["thread"])
    shown = Page(mo.get(care))
    assert "Hold the story back" in page(world, "mo", care)

    answer = mo.post(
        f"{care.removesuffix('/care')}/hold",
        data=shown.form("/hold").fields() | {"hold_reason": "An inquest was opened"},
    )

    assert answer.status_code == 303
    assert ending(world) == (HELD, world.moment.date() + 90 * DAY)
    assert "An inquest was opened" in mo.get(care).text
    for who in ("ray", "mo"):
        text = page(world, who)
        assert "A moderator holds this story back until" in text
        assert "inquest was opened" not in text
    assert "inquest was opened" not in page(world, "ray", f"/circles/{world.ids['rose']}/log")
    assert "A story goes" not in page(world, url="/")
    pass_days(world, 85)
    assert "A hard morning." in page(world)


def test_the_moderator_page_lists_what_is_held_back(world):
    told(world)
    desk = world.url("moderation.desk")
    assert "Held back" not in page(world, "mo", desk)
    hold(world, "An inquest was opened")

    shown = Page(world.client("mo").get(desk))

    row = next(each for each in shown.all("li") if "An inquest was opened" in each.text)
    assert "until " in row.text
    assert row.all("a")[0]["href"].endswith(f"{world.ids['thread']}/care#hold")
    with world.app.app_context():
        standing = world.standing("mo")
        with unit_of_work():
            retention.release(standing, thread_queries.thread(standing, world.ids["thread"]))
    assert "Held back" not in page(world, "mo", desk)


def test_after_a_hold_all_are_told_anew(world):
    told(world)
    hold(world)
    held_until = ending(world)[1]
    pass_days(world, 92)

    state, day = ending(world)
    assert state is TOLD
    assert day >= held_until + 29 * DAY


def hold(world, reason="A claim"):
    with world.app.app_context():
        standing = world.standing("mo")
        with unit_of_work():
            retention.hold(standing, thread_queries.thread(standing, world.ids["thread"]), reason)


def test_another_reason_for_holding_back_is_asked_about(world):
    """Fails when a second moderator's reason replaces the first unsaid."""
    told(world)
    hold(world, "The coroner asks for it")

    with pytest.raises(InvalidInput) as refused:
        hold(world, "A nice story")

    assert "The coroner asks for it" in refused.value.fields["hold_reason"]


def test_a_hold_can_be_renewed_and_ended(world):
    told(world)
    hold(world)
    pass_days(world, 30)
    hold(world, "Still a claim")
    assert ending(world) == (HELD, world.moment.date() + 90 * DAY)
    with world.app.app_context():
        standing = world.standing("mo")
        with unit_of_work():
            retention.release(standing, thread_queries.thread(standing, world.ids["thread"]))
    assert ending(world) == (None, None)
    pass_days(world, 1)
    assert ending(world)[0] is TOLD


@pytest.mark.parametrize("reason", ["", "x" * 301])
def test_a_hold_wants_a_short_reason(world, reason):
    told(world)
    with pytest.raises(InvalidInput):
        hold(world, reason)


def test_members_hold_nothing_back(world):
    told(world)
    with world.app.app_context():
        for who in ("ray", "pru", "fay"):
            standing = world.standing(who)
            thread = thread_queries.thread(standing, world.ids["thread"])
            with pytest.raises(Forbidden), unit_of_work():
                retention.hold(standing, thread, "A claim")


# While somebody answers


@pytest.mark.parametrize("do", ["own_name", "save", "look"])
def test_a_text_being_written_comes_back(world, do):
    told(world)
    composer = world.client("ray").get(f"{world.thread}/answer").location
    pass_days(world, 32)
    assert ending(world)[0] is GONE
    ray = world.client("ray")

    answer = ray.post(composer, data=ray.tokens("/") | {"body": "I was still writing.", "do": do})

    assert answer.status_code in (403, 422)
    assert Page(answer).field("body").value == "I was still writing."
    assert "The story has gone" in answer.text
    with world.app.app_context():
        assert db.session.scalars(select(Reply)).all() == []


def test_a_saved_draft_can_be_read_until_the_next_day(world):
    told(world)
    composer = world.client("ray").get(f"{world.thread}/answer").location
    while ending(world)[0] is not GONE:
        ray = world.client("ray")
        saved = {"body": "I was still writing.", "do": "save", "began": "", "tab": ""}
        ray.post(composer, data=ray.tokens(composer) | saved)
        world.moment += DAY
        run(world)

    assert Page(world.client("ray").get(composer)).field("body").value == "I was still writing."
    pass_days(world, 2)
    with world.app.app_context():
        assert db.session.scalars(select(Draft)).all() == []


def test_a_change_being_written_comes_back(world):
    world.ids["reply"] = world.reply("ray", "As I wrote it")
    url = world.url("discussions.edit", post_id=world.ids["reply"])
    assert "As I wrote it" in world.client("ray").get(url).text
    go(world)
    ray = world.client("ray")

    answer = ray.post(url, data=ray.tokens("/") | {"body": "As I changed it"})

    assert answer.status_code == 404
    assert "As I changed it" in answer.text


def test_a_reply_that_waits_for_its_slot_keeps_the_thread(world):
    told(world)
    day = ending(world)[1]
    while world.moment.date() < day - DAY:
        world.moment += DAY
        run(world)
    world.moment = world.moment.replace(hour=20, minute=0)  # the next slot is on its day
    run(world)
    world.reply("ray", "At the last moment", HIDDEN)
    world.moment = (world.moment + DAY).replace(hour=0, minute=30)  # its day has begun
    run(world)
    assert ending(world)[0] is TOLD

    world.moment = world.moment.replace(hour=9)
    run(world)

    assert "At the last moment" in page(world)
    assert ending(world) == (None, None)


def test_a_thread_stays_until_the_slot_of_its_day_is_settled(world):
    """Fails when a worker that comes late erases a thread before the reply that keeps it shows."""
    told(world)
    day = ending(world)[1]
    while world.moment.date() < day - DAY:
        world.moment += DAY
        run(world)
    world.moment = world.moment.replace(hour=20, minute=0)
    run(world)
    world.reply("ray", "At the last moment", HIDDEN)
    world.moment = (world.moment + DAY).replace(hour=9)  # after the slot, and before the worker

    with world.app.app_context():
        assert row_of(Circle, world.ids["rose"]).is_behind
        assert retention.erase_due() == 0
    run(world)

    assert "At the last moment" in page(world)


def test_a_reply_sent_while_the_thread_goes_is_refused(world):
    told(world)
    with world.app.app_context():
        standing = world.standing("ray")
        thread = thread_queries.thread(standing, world.ids["thread"])
        assert thread.ending is TOLD
        words = ReplyWords("Too late", AuthorMode.OWN_NAME)
        with unit_of_work():
            assert not thread.withdrawn  # as the page read it
            gone = {"ending": "going", "withdrawn": True}
            db.session.execute(Thread.__table__.update().values(gone))  # by another process
            with pytest.raises(Forbidden):
                posts.reply(standing, thread, new_id(), words)


# In steps


def almost_gone(world):
    everything(world)
    to_the_day(world)
    late_words(world)
    return sealed_words(world)


def test_an_erasure_survives_kill_9_at_every_step(world):
    sealed = almost_gone(world)
    steps = 0

    def act():
        with world.app.app_context():
            worker.run_due_jobs()

    for step in range(1, 400, 7):
        was_killed = killed(world, act, step)
        state, _day = ending(world)
        with world.app.app_context():
            replies = len(db.session.scalars(select(Reply)).all())
            title = row_of(Thread, world.ids["thread"]).title
        assert (replies > 0, title != "") == ((True, True) if state is TOLD else (False, False))
        steps += 1
        if not was_killed:
            break

    assert not was_killed
    assert steps > 10
    run(world)
    pass_days(world, 3)
    assert ending(world)[0] is GONE
    assert not found_in_files(world, sealed)
    with world.app.app_context():
        assert index.agrees(world.ids["rose"])


def test_two_workers_erase_a_thread_once(world):
    almost_gone(world)
    world.moment = world.moment.replace(hour=10)
    done = []

    def act():
        with world.app.app_context():
            done.append(worker.run_due_jobs())
            db.session.remove()

    workers = [Process(target=act) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()

    assert len(done) == 2
    assert ending(world)[0] is GONE
    with world.app.app_context():
        said = [each.action.deed for each in log.page(world.ids["rose"], 1)[0]]
    assert said.count("thread_erased") == 1


def test_after_a_restore_notices_begin_anew(world):
    told(world)
    pass_days(world, 25)
    with world.app.app_context():
        backups.begin_again()

    assert ending(world) == (TOLD, world.moment.date() + 30 * DAY)
    run(world)
    assert "A hard morning." in page(world)


# Choosing it


def test_a_moderator_chooses_where_the_caution_stands(world):
    mo, url = world.client("mo"), f"/circles/{world.ids['rose']}/retention"
    shown = Page(mo.get(url))
    assert CAUTION in mo.get(url).text
    assert shown.field("months").value == "0"

    answer = mo.post(url, data=shown.all("form", method="post")[-1].fields() | {"months": "12"})

    assert answer.status_code == 303
    assert Page(mo.get(url)).field("months").value == "12"
    assert "how long stories stay" in page(world, "ray", f"/circles/{world.ids['rose']}/log")


@pytest.mark.parametrize("months", ["5", "", "-3", "word", "99999999999"])
def test_other_months_are_refused(world, months):
    mo, url = world.client("mo"), f"/circles/{world.ids['rose']}/retention"
    fields = Page(mo.get(url)).all("form", method="post")[-1].fields() | {"months": months}

    assert mo.post(url, data=fields).status_code == 422
    with world.app.app_context():
        assert retention_settings.months(world.standing("mo")) is None


def test_two_moderators_do_not_overwrite_each_other(world):
    mo, url = world.client("mo"), f"/circles/{world.ids['rose']}/retention"
    fields = Page(mo.get(url)).all("form", method="post")[-1].fields()
    choose(world, 24)

    answer = mo.post(url, data=fields | {"months": "3"})

    assert answer.status_code == 422
    assert "Another moderator changed this" in answer.text
    again = Page(answer).all("form", method="post")[-1].fields() | {"months": "3"}
    assert mo.post(url, data=again).status_code == 303


# What it tells


def test_pages_of_a_told_thread_are_alike_for_presenter_and_reader(world):
    """A hidden presenter's page of a thread that goes is everybody's."""
    hidden = world.present("pru", "Hidden one", "A hard night.", HIDDEN)
    world.moment = EVENING + timedelta(minutes=1)
    run(world)
    choose(world, 3)
    pass_days(world, 63)
    url = f"/circles/{world.ids['rose']}/threads/{hidden}"

    pages = {
        who: re.sub(r'value="[^"]*"|Dr \w+', "", page(world, who, url)) for who in ("pru", "ray")
    }

    assert GOES in pages["pru"]
    assert pages["pru"] == pages["ray"]


def test_copying_asks_for_the_password_and_shows_own_words_alone(world):
    everything(world)
    ray, url = world.client("ray"), f"{world.thread}/copy"
    text = ray.get(url).text
    assert "A merganser behind a mask" in text
    assert "redshank" not in text
    assert "hard morning" not in text
    world.moment += timedelta(hours=1)
    with ray.session_transaction() as session:
        session["given_at"] = 0
    assert "merganser" not in ray.get(url, follow_redirects=True).text
