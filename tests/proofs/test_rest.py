"""A3, M7, M13. Who was removed, what stays masked, and what letters and files are called."""

import pytest
from sqlalchemy import select

from forum.circles.queries import people
from forum.core.db import db
from forum.discussions.models import Reply
from forum.policy.terms import MASKS, AuthorMode
from tests.doors import Door
from tests.notifications.post import arrived, ring
from tests.postoffice import PostOffice
from tests.routes import DOORS, LAST, routes_of
from tests.world import EVENING, MORNING

INSIDE = {Door.CIRCLE, Door.OWN, Door.CIRCLE_NOT_NOW, Door.MODERATOR}


@pytest.mark.proof("A3")
def test_revocation_immediate(world):
    """Fails when a door asks what somebody was when they signed in, or a letter what they were when
    it was planned."""
    routes = routes_of(world)
    tab, other_tab = world.client("ivy"), world.client("ivy")
    composer = tab.get(f"{world.thread}/answer").location
    typed = tab.tokens(composer) | {"body": "Too late", "do": "own_name"}
    found = tab.search("hard").location or "/search"
    assert "Rose" in other_tab.get("/").text
    with PostOffice() as office:
        office.serves(world)
        ring(world)
        world.reply("ray", "New to ivy")
        with world.app.app_context():
            [place] = [each for each in people(world.standing("mo")) if each.name == "Dr Ivy"]
        gone = world.client("mo").submit(
            world.url("circles.remove", place_id=place.membership_id), do="remove"
        )
        assert gone.status_code == 303

        for name, method, url in routes:
            if DOORS[name] in INSIDE and name not in LAST:
                answer = tab.submit(url) if method == "POST" else tab.get(url)
                assert answer.status_code == 404, name
        assert tab.post(composer, data=typed).status_code == 404
        for client in (tab, other_tab):
            for page in ("/", "/next", "/saved", "/drafts", "/search", "/account/mail", found):
                text = client.get(page, follow_redirects=True).text
                assert "Rose" not in text
                assert "Torn between two" not in text
        assert "morning" not in tab.search("hard").text
        world.moment = MORNING.replace(day=3, hour=7, minute=15)
        ring(world)
        assert "ivy" not in arrived(world, office)


@pytest.mark.proof("M7")
@pytest.mark.parametrize("mode", sorted(MASKS))
def test_mask_immutable(world, mode):
    """Fails when a form that changes a post takes the name to write under from what is sent."""
    named = world.reply("ray", "In the open")
    masked = world.reply("ray", "From behind", mode)
    with world.app.app_context():
        before = db.session.get(Reply, masked).author_id
        plain = str(db.session.get(Reply, named).author_id)
    routes, ways = routes_of(world), ("mode", "author_mode", "do", "modes")
    other_name = dict.fromkeys(ways, "own_name") | {"name": "Dr Ray", "body": "Changed"}
    for who in ("ray", "mo"):
        client = world.client(who)
        mine = world.url("discussions.amend", who=who, post_id=masked)
        for name, method, url in [*routes, ("discussions.amend", "POST", mine)]:
            ends = name in LAST or name in ("accounts.sign_out", "leaving.leave", "leaving.delete")
            if method == "POST" and not ends:
                client.submit(url, **other_name, author=plain, author_id=plain, post_id=str(masked))
    world.moment = EVENING

    with world.app.app_context():
        row = db.session.scalar(select(Reply).filter_by(id=masked))
        assert row.author_id == before
        assert row.author.mode is AuthorMode(mode)


@pytest.mark.proof("M13")
def test_neutral_labels(world):
    """Fails when a subject names a circle, or a file whoever wrote what is in it."""
    world.reply("ray", "From behind", AuthorMode.THREAD_PSEUDONYM)
    routes = routes_of(world)
    with PostOffice() as office:
        office.serves(world)
        ring(world)
        mo = world.client("mo")
        invite = f"/circles/{world.ids['rose']}/invite"
        mo.submit(invite, by="mail", addresses="new@example.org", words="Come to Rose")
        client = world.client()
        client.post(
            "/password/forgotten",
            data=client.tokens("/password/forgotten") | {"email": "ray@example.org"},
        )
        world.reply("fay", "New")
        world.moment = MORNING.replace(day=3, hour=7, minute=15)
        ring(world)
        told = "\n".join(
            f"{name}: {value}" for letter in office.letters for name, value in letter.items()
        )
        assert len(office.letters) >= 3

    files = [
        answer.headers["Content-Disposition"]
        for name, method, url in routes
        if method == "GET"
        for answer in [world.client("ray").get(url)]
        if "Content-Disposition" in answer.headers and name != "static"
    ]
    export = world.client("ray").submit("/account/words")
    files.append(export.headers["Content-Disposition"])
    assert sorted(files) == [
        "attachment; filename=protected-time.ics",
        "attachment; filename=words.zip",
    ]
    for word in ("Rose", "Torn", "Dr Ray", "Dr Mo", "Dr Fay", str(world.ids["rose"])):
        assert word not in told
