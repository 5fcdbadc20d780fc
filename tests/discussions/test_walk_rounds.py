"""Each round walked over its pages, from first to last phase, with the clock turned."""

from datetime import timedelta

import pytest

from forum.core.db import db, unit_of_work
from forum.discussions import courses, thread_queries
from forum.discussions.models import Draft, Reply
from forum.policy.terms import AuthorMode, Part
from forum.rounds.definitions import CLOSED
from tests.page import Page
from tests.world import EVENING

HIDDEN, NAMED = AuthorMode.THREAD_PSEUDONYM, AuthorMode.OWN_NAME
TRIED = ("question", "reflection", "idea", "own_experience", "takeaway", "story", "answer")
PHASES = {  # without "offering", which opens only if the presenter asks for it
    "questions_first": ["asking", "open_reply", "closing"],
    "balint_style": ["clarifying", "reflecting", "returning", "closing"],
    "inviting_change": ["asking", "closing"],
    "action_learning": ["asking", "noticing", "actions"],
}
THEME = ["stories", "resonance", "closing"]


@pytest.mark.parametrize(
    ("key", "who", "mode"),
    [
        *((key, who, mode) for key in PHASES for who, mode in (("pru", NAMED), ("ray", HIDDEN))),
        ("theme", "fay", NAMED),  # begun by a facilitator, who cannot hide
    ],
)
def test_a_round_is_walked_to_its_end(world, key, who, mode):
    told = begun(world, key, who, mode)
    passed = []
    while (there := line(world)).now.phase is not CLOSED:
        phase, name = there.now.phase, there.now.phase.name
        passed.append(phase.key)
        page = Page(world.client("ivy").get(told))
        [today] = [
            each.text for each in page.one("ol", cls="phases").all("li") if "now" in each.text
        ]
        assert today.startswith(name)
        assert page.one("p", cls="round-now").text
        for kind in TRIED:
            tried(world, told, kind, is_open=kind in open_to_responders(phase))
        assert len(passed) < 10
        world.moment = there.phase_ends + timedelta(minutes=1)

    assert list(dict.fromkeys(passed)) == PHASES.get(key, THEME)
    closed = Page(world.client("ivy").get(told))
    assert closed.one("p", cls="round-now").text.startswith("Closed on")
    for kind in TRIED:
        tried(world, told, kind, is_open=False)


def begun(world, key, who, mode):
    """The address of a thread with a round, visible; every way to talk is on."""
    mo, page = world.client("mo"), f"/circles/{world.ids['rose']}/ways-to-talk"
    version = Page(mo.get(page)).one("input", name="version")["value"]
    mo.submit(page, rounds=[*PHASES, "theme"], version=version)
    wish = "hear_me_out" if key in ("balint_style", "inviting_change") else "advice"
    world.ids["told"] = world.present(who, "Told", "Words.", mode, talk=key, wish=wish)
    world.moment = EVENING + timedelta(minutes=1)
    return f"/circles/{world.ids['rose']}/threads/{world.ids['told']}"


def line(world):
    with world.app.app_context():
        standing = world.standing("ivy")
        return courses.timeline_now(standing, thread_queries.thread(standing, world.ids["told"]))


def open_to_responders(phase):
    """Kinds of a phase's file; by wish, those of "Advice welcome"."""
    wished = {"question", "reflection", "idea", "own_experience"} if phase.by_wish else set()
    return {kind.value for kind in phase.kinds(Part.RESPONDER)} | wished


def tried(world, told, kind, *, is_open):
    """Send a reply of a kind; what is not open comes back with its text."""
    body = f"{kind}, after {len(posted(world))} others?"
    sent = world.client("ivy").answer(told, body=body, kind=kind, do="own_name")
    assert sent.status_code == (303 if is_open else 422), (kind, is_open)
    if not is_open:
        assert Page(sent).field("body").value == body
        drop_draft(world)
    assert (body in posted(world)) is is_open


def drop_draft(world):
    with world.app.app_context(), unit_of_work():
        for each in db.session.query(Draft):
            db.session.delete(each)


def posted(world):
    with world.app.app_context():
        return {each.body for each in db.session.query(Reply)}
