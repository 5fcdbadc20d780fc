"""A2. What is absent, another circle's, or not theirs to see: the same bytes for the same work."""

import re
from uuid import UUID, uuid4

import pytest

from forum.circles import answering_rota, invitations
from forum.circles.queries import people
from forum.core.db import db, unit_of_work
from forum.core.randomness import new_id
from forum.discussions import drafts, name_notes, posts, thread_queries
from forum.discussions.composer import ReplyWords
from forum.moderation import queries as flags
from forum.moderation import services as moderation
from forum.policy.terms import AuthorMode
from tests.doors import MET
from tests.routes import DOORS, knock, parts_of, routes_of
from tests.world import TOKEN, transactions_of

COOKIE = re.compile("Set-Cookie: .*")
# Refused, or done with, before it is looked whether there is such a thing.
ANYHOW = {
    ("circles.change_turn", "POST"),
    ("circles.accept_pair", "POST"),
    ("circles.put_off_pair", "POST"),
}
BY_ROLE = {
    ("circles.remove", "GET"),
    ("moderation.care", "GET"),
    ("discussions.remove_themes", "POST"),
    *(
        (f"circles.{name}", "POST")
        for name in ("answer", "give_role", "remove", "send_again", "cancel_invitation")
    ),
    *(
        (f"moderation.{name}", "POST")
        for name in ("answer", "ask_change", "turn_off", "hold_back", "write_to", "do")
    ),
    ("safety.danger", "GET"),
    *((f"safety.{name}", "POST") for name in ("ask_guardians", "ask_advice", "show_help")),
}
EARLIER = {
    "ray": ANYHOW | BY_ROLE,
    "mo": ANYHOW
    | {
        ("circles.answer", "POST"),
        ("circles.give_role", "POST"),
        ("circles.cancel_invitation", "POST"),
        ("discussions.remove_themes", "POST"),
    },
}


@pytest.mark.parametrize("who", ["nan", "sol", "lee"])
def test_all_closed_doors_look_alike(world, routes, who):
    """Fails when a door answers 403 to whoever does not belong."""
    client = world.client(who)
    absent = client.get(f"/circles/{uuid4()}/")

    for endpoint, method, url in routes:
        if MET[DOORS[endpoint]][who] == "nothing":
            answer = knock(client, method, url)
            assert answer.status_code == 404, endpoint
            assert (answer.data, answer.headers) == (absent.data, absent.headers), endpoint


def drawn(parts, **others):
    """The same parts, their ids drawn: nothing has them."""
    return {k: uuid4() if isinstance(v, UUID) else v for k, v in parts.items()} | others


@pytest.mark.parametrize("who", ["ray", "mo"])
def test_uniform_404(world, who, figure):
    """Fails when a thread, a place in a circle or a post is asked for by its id alone, or when one
    statement more is run for what is there; for one's own posts and drafts, whose holder is asked
    for as well, only when that is forgotten too."""
    rose, oak, client = parts_of(world), next_door(world), world.client(who)
    absent = client.get(f"/circles/{uuid4()}/")
    here, there = world.ids["rose"], world.ids["oak"]
    tries = {
        "absent": (drawn(rose, circle_id=uuid4()), drawn(rose, circle_id=here)),
        "foreign": (rose | oak | {"circle_id": there}, rose | oak | {"circle_id": here}),
    }

    found = {
        what: [asked(world, client, who, parts) for parts in circle_then_thing]
        for what, circle_then_thing in tries.items()
    }

    for one, other in zip(found["absent"], found["foreign"], strict=True):
        for k in one:
            assert one[k] == other[k], k
    circles, things = found["absent"]
    for (status, body, headers, _), endpoint in zip(circles.values(), circles, strict=True):
        assert (status, body, headers) == (404, absent.text, str(absent.headers)), endpoint
    others = {endpoint for endpoint, (status, *_) in things.items() if status != 404}
    assert others == EARLIER[who]
    figure(f"{len(circles)} addresses, absent and foreign alike in bytes and in statements")


def asked(world, client, who, parts):
    """Every page of a circle with something in its address: what it answers, and for what work."""
    with world.app.app_context():
        engine = db.engine
    found = {}
    for endpoint, method, url in routes_of(world, parts, who):
        [names] = {frozenset(rule.arguments) for rule in world.app.url_map.iter_rules(endpoint)}
        tokens = client.tokens("/account") if method == "POST" else None
        things = [name for name in names if isinstance(parts[name], UUID)]
        is_named = len(things) > 1 or parts["circle_id"] != world.ids["rose"]
        if "circle_id" in names and is_named:
            with transactions_of(engine) as transactions:
                answer = client.open(url, method=method, data=tokens)
            text, headers = (TOKEN.sub("", answer.text), COOKIE.sub("", str(answer.headers)))
            work = sum(map(len, transactions))
            found[endpoint, method] = (answer.status_code, text, headers, work)
    return found


def next_door(world):
    """Things of the circle next door, by the part of an address that may name them."""
    thread_id = world.present("nan", "Next door", "Told", circle="oak")
    with world.app.test_request_context():
        nan, gus = (world.standing(who, "oak") for who in ("nan", "gus"))
        thread = thread_queries.thread(gus, thread_id)
        with unit_of_work():
            reply = posts.reply(gus, thread, new_id(), ReplyWords("Yes", AuthorMode.OWN_NAME))
            post_id = reply.id
        with unit_of_work():
            draft_id = drafts.save(gus, new_id(), ReplyWords("Half"), thread).id
        with unit_of_work():
            moderation.write(gus, "A word.", signed=False)
        with unit_of_work():
            name_notes.write(nan, reply.author, "We read it.")
        with unit_of_work():
            invitations.create_link(nan, "")
        with unit_of_work():
            answering_rota.put_on(gus)
        return {
            "thread_id": thread_id,
            "post_id": post_id,
            "draft_id": draft_id,
            "note_id": name_notes.own(gus, masks=False)[0].id,
            "flag_id": flags.own_messages(gus)[0].id,
            "invitation_id": invitations.pending(nan)[0].id,
            "place_id": people(nan)[0].membership_id,
            "turn_id": answering_rota.listed(nan)[0].id,
        }
