from uuid import UUID

from forum.circles import invitations
from forum.circles.queries import people
from forum.core.db import unit_of_work
from tests.doors import Door

DOORS = {
    "circles.open_circle": Door.MEMBER,
    "circles.own_name": Door.MEMBER,
    "circles.choose_name": Door.CIRCLE,
    "circles.people": Door.CIRCLE,
    "circles.offer_room": Door.CIRCLE,
    "circles.ask_for_pair": Door.CIRCLE,
    "circles.accept_pair": Door.CIRCLE,
    "circles.put_off_pair": Door.CIRCLE,
    "circles.following": Door.CIRCLE,
    "circles.show_rota": Door.CIRCLE,
    "circles.turn_rota": Door.CIRCLE,
    "circles.change_turn": Door.CIRCLE,
    "circles.set_rhythm": Door.MODERATOR,
    "circles.give_role": Door.MODERATOR,
    "circles.step_down": Door.MODERATOR,
    "circles.remove": Door.MODERATOR,
    "circles.rules": Door.CIRCLE,
    "circles.log": Door.CIRCLE,
    "circles.closing": Door.CIRCLE,
    "circles.ask_to_close": Door.CIRCLE,
    "circles.call_off": Door.CIRCLE_NOT_NOW,
    "circles.keep_conversation": Door.CIRCLE_NOT_NOW,
    "circles.take_on": Door.CIRCLE_NOT_NOW,
    "circles.agree": Door.CIRCLE,
    "circles.settings": Door.MODERATOR,
    "circles.change_timezone": Door.MODERATOR,
    "circles.retention": Door.MODERATOR,
    "circles.ways_to_talk": Door.MODERATOR,
    "circles.switch_ways": Door.MODERATOR,
    "circles.change_days": Door.MODERATOR,
    "circles.invite": Door.MODERATOR,
    "circles.send": Door.MODERATOR,
    "circles.send_again": Door.MODERATOR,
    "circles.take_back": Door.MODERATOR,
    "circles.invited": Door.WAY_IN,
    "circles.welcome": Door.WAY_IN,
    "circles.account": Door.WAY_IN,
    "circles.sign_up": Door.WAY_IN,
    "circles.sign_in_first": Door.WAY_IN,
    "circles.join": Door.OWN_WAY_IN,
    "circles.confirmation": Door.WAY_IN,
    "circles.confirm": Door.WAY_IN,
}


def arguments(world):
    with world.app.test_request_context():
        standing = world.standing("mo")
        with unit_of_work():
            invitations.copied(standing, "")
        [pending] = invitations.pending(standing)
        places = {person.name: person.membership_id for person in people(standing)}
    return {
        "circle_id": world.ids["rose"],
        "invitation_id": pending.id,
        "place_id": places["Dr Ivy"],
        "turn_id": UUID(int=1),
        "request_id": UUID(int=1),
        "secret": "none",
    }
