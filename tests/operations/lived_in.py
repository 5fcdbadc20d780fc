"""A world with a value in every key-dependent column, and its pages as members see them."""

import json
import re
from datetime import timedelta
from shutil import copytree

from flask_migrate import stamp
from sqlalchemy import LargeBinary, func, select

from forum.accounts import account_recovery, links, passkeys, recovery_codes, totp
from forum.accounts.models import Purpose
from forum.accounts.queries import account
from forum.audit import checkpoints
from forum.audit import queries as queries_of_log
from forum.audit.hash_chain import NO_LINES
from forum.audit.models import SERVICE
from forum.authors.services import choose_pseudonym
from forum.circles import (
    answering_rota,
    applicants,
    closing,
    group_links,
    invitations,
    pairs,
    talk_settings,
)
from forum.circles.models import Circle, OwnRule
from forum.circles.services import join
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import drafts, post_queries, posts, thread_queries, year_themes
from forum.discussions.composer import Quoted, ReplyWords
from forum.discussions.models import NameNote, Reply, Thread
from forum.learning import services as learning
from forum.learning.note_content import NoteContent
from forum.mail.outbox import queue
from forum.moderation import services as moderation
from forum.notifications import digests
from forum.offboarding import services as leaving
from forum.policy.terms import AuthorMode, FlagReason
from forum.safety.matters import Advice, Content
from forum.safety.models import Matter
from forum.search.services import build
from tests.accounts.people import sign_in
from tests.notifications.post import save_preferences
from tests.postoffice import send_mail_to
from tests.proofs.test_m1_swap import blank
from tests.rows import row_of
from tests.world import EVENING, MORNING, World

MASK = AuthorMode.THREAD_PSEUDONYM
TAB = re.compile(r'name="tab"[^>]*>')  # random in each page
SOON = timedelta(minutes=5)


def lived_in(folder):
    """Read, write behind masks, flag, draft, invite and leave; an email stays queued."""
    world = World(folder)
    world.settings |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": 9}  # on, but unreachable
    send_mail_to(world, 9)
    world.ids["masked"] = world.reply("ray", "From behind a mask, merganser", MASK)
    world.ids["open"] = world.reply("fay", "In the open, redshank")
    world.ids["voice"] = world.reply("joe", "As one of us", AuthorMode.CIRCLE_VOICE)
    world.ids["round"] = world.present("pru", "In days", "In days, dunlin", talk="questions_first")
    world.ids["gone"] = world.reply("ivy", "From somebody who left", MASK)
    world.moment = EVENING + SOON
    world.ids["quoting"] = world.reply(
        "mo", "As you say", quoted=Quoted(world.ids["open"], "In the open")
    )
    sign_in(world.client(), "ray", device="own")
    for who in ("ray", "mo"):
        world.client(who).get(world.thread)
        save_preferences(world, who)
    with world.app.app_context():
        stamp()  # tables match the migrations
        _a_day_passes(world)
        for name in ("rose", "oak"):
            build(world.ids[name])
        checkpoints.keep()
    return world


def _a_day_passes(world):
    rose, ray, mo = world.ids["rose"], world.standing("ray"), world.standing("mo")
    with unit_of_work():
        thread = thread_queries.thread(ray, world.ids["thread"])
        posts.acknowledge(ray, thread)
        posts.thank(ray, post_queries.any_post(ray, world.ids["open"]))
        draft = world.ids["draft"] = new_id()
        drafts.save(ray, draft, ReplyWords("Half a thought, whinchat"), thread, tab="a tab")
    with unit_of_work():
        moderation.lock(
            mo, post_queries.any_post(mo, world.ids["round"]), "It went round, dotterel"
        )
    with unit_of_work():
        moderation.write(ray, "A word to you", signed=True)
        flagged = post_queries.any_post(ray, world.ids["quoting"])
        moderation.raise_flag(ray, flagged, FlagReason.PATIENT, "Too close", [0])
        masked = post_queries.any_post(ray, world.ids["masked"])
        world.ids["note"] = new_id()
        moderation.write_to(mo, masked, "We read it.", world.ids["note"])
    with unit_of_work():
        db.session.get_one(Circle, rose).topics = ["Nights, curlew"]
        row_of(Reply, world.ids["open"]).report_on = "2026-04-01"
        shown = {"author": new_id().hex, "from": "2026-03-03T07:00:00+00:00"}
        row_of(Thread, world.ids["thread"]).revealed = json.dumps(shown)
        row_of(Thread, world.ids["round"]).hold_reason = "A claim, sanderling"
        talk_settings.change(mo, ["balint_style"], {}, talk_settings.version(mo))
    with unit_of_work():
        year_themes.write(mo, 2026, "We waited, plover", "0")
        closing.ask(mo)
        answering_rota.set_rhythm(mo, 2)
    with unit_of_work():
        pairs.offer_room(ray, world.ids["ray"])
    for who in (ray, mo):
        with unit_of_work():
            answering_rota.put_on(who)
    _two_ask_to_join(world, mo)
    with unit_of_work():
        account(world.ids["gus"]).totp_secret = totp.new_secret()
    with unit_of_work():
        account_recovery.vouch(world.ids["gus"], world.ids["nan"], alone=False)
    with unit_of_work():
        world.ids["invitation"] = invitations.create_link(mo, "Do come", "for Ann")
        answer = {"words": "I am here, siskin", "from": MORNING.isoformat()}
        row_of(NameNote, world.ids["note"]).answer = json.dumps(answer)
        row_of(Thread, world.ids["thread"]).help_until = "2026-03-09"
        account(world.ids["ray"]).emergency_contact = "07700 900123"
        question = Matter()
        question.content = Content(advice=Advice(rose, MORNING.date(), "Would you ring, whimbrel?"))
        db.session.add(question)
        links.issue(Purpose.RESET_PASSWORD, timedelta(days=1), member_id=world.ids["ray"])
        links.issue(Purpose.OPEN_CIRCLE, timedelta(days=1))
        gus = account(world.ids["gus"])
        passkeys.add(gus, passkeys.NewPasskey(b"id", b"key", 0, "challenge", b"handle", "Phone"))
        gus.recovery_digests = recovery_codes.digests(recovery_codes.new())
        db.session.add(OwnRule(circle_id=rose, place=1, text="No jargon"))
        queue("sol@example.org", "A letter", "Of words", html="<p>Of</p>", unsubscribe="x")
        leaving.note_export(world.ids["ray"])
    with unit_of_work():
        join(db.session.get_one(Circle, rose), world.ids["sol"], "Dr Sol")
    sol = world.standing("sol")
    with unit_of_work():
        choose_pseudonym(sol, "Quiet Wren")
    with unit_of_work():
        leaving.leave(world.ids["ivy"], rose, words_go=False)
    with unit_of_work():
        note = NoteContent(learned="To wait, bittern", day=MORNING.date())
        learning.write(world.ids["ray"], note, thread_id=world.ids["thread"])
    digests.begin_all()


def _two_ask_to_join(world, mo):
    """By a group link: one is let in, the other waits."""
    with world.app.test_request_context(), unit_of_work():
        group_links.make(mo, 3)
        secret = group_links.shown(mo).url.rsplit("/", 1)[1]
        for name in ("Ann Ash", "Bo Birch"):
            asked = applicants.Request(name, f"{name[:2]}@example.org", proved=True)
            world.ids[name] = new_id()
            applicants.ask(secret, asked, world.ids[name])
        applicants.let_in(mo, world.ids["Ann Ash"])


def empty_columns():
    """Byte columns empty in this world: a rotation could skip them unnoticed."""
    return [
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
        and not db.session.scalar(select(func.count()).where(column.is_not(None)))
    ]


def as_people_see_it(world, urls, people=("ray", "mo", "nan")):
    """Every page by member, without parts drawn at random."""
    return {
        (who, url): [str(answer.status_code), *TAB.sub("", blank(answer.text)).splitlines()]
        for who in people
        for url in urls
        for answer in [world.client(who).get(url)]
    }


def pages_of(world):
    """Addresses of all pages with content, with today's hidden ids."""
    known = {name: world.ids[name.removesuffix("_id")] for name in ("thread_id", "draft_id")}
    known |= {"circle_id": world.ids["rose"], "post_id": world.ids["masked"]}
    return [
        world.url(rule.endpoint, **known)
        for rule in world.app.url_map.iter_rules()
        if "GET" in rule.methods and rule.arguments <= set(known) and rule.endpoint != "healthz"
    ]


def check(world, people=("ray", "fay")):
    """Minimal checks: each member signs in, finds only their own posts, and searches."""
    words = f"/circles/{world.ids['rose']}/your-words"
    for who in people:
        browser = world.client()
        assert sign_in(browser, who).status_code == 303
        assert "redshank" in browser.get(world.thread).text
        own = browser.get(words).text
        assert ("redshank" in own, "merganser" in own) == (who == "fay", who == "ray")
        assert ("whinchat" in browser.get("/drafts").text) == (who == "ray")
        assert "hit-title" in browser.search("merganser").text
    with world.app.app_context():
        for chain in (world.ids["rose"], world.ids["oak"], SERVICE):
            assert queries_of_log.fault(chain, checkpoints.known().get(chain, NO_LINES)) is None


def copy_of(world, folder):
    """A copy of the world in another folder, with a new application."""
    twin = object.__new__(World)
    vars(twin).update(vars(world), folder=folder, cookies={}, ids=dict(world.ids))
    with world.app.app_context():
        db.engine.dispose()
    copytree(world.folder, folder)
    twin.restart()
    return twin
