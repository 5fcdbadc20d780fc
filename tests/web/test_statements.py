"""Pages: what they ask of the database does not grow with what they list."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import event

from forum.authors.services import choose_own_name
from forum.circles import invitations
from forum.circles.services import found, join
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import drafts, post_queries
from forum.discussions.composer import Quoted, Reflection
from forum.moderation import services as moderation
from forum.policy.terms import FlagReason, Role
from tests.routes import parts_of, routes_of
from tests.world import World

FEW, MANY = 3, 12
PEOPLE = {"mo": Role.MODERATOR, "ray": Role.MEMBER, "ivy": Role.MEMBER}
HOUR = timedelta(hours=1)


def test_no_page_asks_more_for_more_rows(tmp_path):
    """As a member and as a moderator. Fails when a page runs a statement for each row of a list."""
    few, many = costs(tmp_path / "few", FEW), costs(tmp_path / "many", MANY)

    assert few.keys() == many.keys()
    assert len(few) > 120
    assert {page: (few[page], many[page]) for page in few if many[page] > few[page]} == {}


def costs(folder, count):
    """Statements of each page's second showing: (who, endpoint) -> number of them."""
    world = World(folder)
    parts = parts_of(world)
    fill(world, count)
    found_costs = {}
    for who in ("ray", "mo"):
        pages = [route for route in routes_of(world, parts, who) if route[1] == "GET"]
        for endpoint, _method, url in pages:
            client = world.client(who)
            if client.get(url).status_code == 200:
                found_costs[who, endpoint] = statements(world, client, url)
    return found_costs


def statements(world, client, url):
    said = Counter()
    with world.app.app_context():
        engine = db.engine

    def note(_connection, _cursor, statement, *_rest):
        said[statement] += 1

    event.listen(engine, "before_cursor_execute", note)
    client.get(url)
    event.remove(engine, "before_cursor_execute", note)
    return said.total()


def fill(world, count):
    """So many threads, replies, quotes, drafts, messages, flags, invitations and circles."""
    told = [world.present("mo", f"Title {n}", f"Body {n}") for n in range(count)]
    for number in range(count):
        world.moment += HOUR
        reply_id = world.reply("mo", f"Reply words {number}")
        world.reply("ivy", "Quoting.", quoted=Quoted(reply_id, f"Reply words {number}"))
        world.reply("ray", "An answer.", thread_id=told[number])
        with world.app.test_request_context():
            member = world.standing("ivy")
            with unit_of_work():
                post = post_queries.post(member, reply_id)
                moderation.raise_flag(member, post, FlagReason.UNKIND, "Hm.")
    for who in ("ray", "mo"):
        with world.app.test_request_context():
            standing = world.standing(who)
            for number in range(count):
                draft = Reflection(f"Draft {number}", {"story": "x"})
                with unit_of_work():
                    drafts.save(standing, new_id(), draft, None)
                with unit_of_work():
                    moderation.write(standing, f"Message {number}", signed=False)
    with world.app.test_request_context():
        for number in range(count):
            with unit_of_work():
                invitations.create_link(world.standing("mo"), "", f"For {number}")
    for number in range(count):
        open_circle(world, f"Circle {number}")


def open_circle(world, name):
    with world.app.app_context(), unit_of_work():
        circle = found(name)
        for who, role in PEOPLE.items():
            join(circle, world.ids[who], f"Dr {who.title()}", role)
        world.ids[name] = circle.id
    for who in PEOPLE:
        with world.app.app_context():
            standing = world.standing(who, name)
            with unit_of_work():
                choose_own_name(standing)
    world.present("mo", "A day", "It rained.", circle=name)
