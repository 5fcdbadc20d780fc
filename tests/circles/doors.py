from uuid import UUID

from sqlalchemy import select

from forum.circles import applicants, group_links, invitations
from forum.circles.models import GroupLink, Invitation
from forum.circles.queries import people
from forum.core.db import db, unit_of_work
from forum.core.tokens import digest
from tests.doors import Door

APPLICANT, DRAWN = UUID(int=22), "d" * 43
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
    "circles.help_back_in": Door.MODERATOR,
    "circles.rules": Door.CIRCLE,
    "circles.log": Door.CIRCLE,
    "circles.closing": Door.CIRCLE,
    "circles.ask_to_close": Door.CIRCLE,
    "circles.call_off": Door.MODERATOR,
    "circles.keep_conversation": Door.CIRCLE_NOT_NOW,
    "circles.take_on": Door.MODERATOR,
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
    "circles.cancel_invitation": Door.MODERATOR,
    "circles.make_group_link": Door.MODERATOR,
    "circles.end_group_link": Door.MODERATOR,
    "circles.answer": Door.MODERATOR,
    "circles.group_link": Door.WAY_IN,
    "circles.ask": Door.WAY_IN,
    "circles.waiting": Door.WAY_IN,
    "circles.prove": Door.WAY_IN,
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
            invitations.create_link(standing, "")
            group_links.make(standing, 3)
            link = db.session.scalar(select(GroupLink))
            link.secret, link.digest = DRAWN, digest(DRAWN)  # alike in every world
            db.session.scalar(select(Invitation)).digest = digest("i" * 43)
            db.session.flush()
            asked = applicants.Request("Ann Ash", "ann.ash@example.org")
            applicants.ask(DRAWN, asked, APPLICANT)
        [pending] = invitations.pending(standing)
        places = {person.name: person.membership_id for person in people(standing)}
    return {
        "circle_id": world.ids["rose"],
        "invitation_id": pending.id,
        "place_id": places["Dr Ivy"],
        "turn_id": UUID(int=1),
        "request_id": UUID(int=1),
        "applicant_id": APPLICANT,
        "secret": "none",
    }
