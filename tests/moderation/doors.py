from forum.core.db import unit_of_work
from forum.discussions import post_queries
from forum.moderation import queries, services
from forum.policy.terms import FlagReason
from tests.doors import Door

DOORS = {
    "moderation.flag": Door.HIDDEN_ID,
    "moderation.send": Door.HIDDEN_ID,
    "moderation.seen": Door.OWN,
    "moderation.contact": Door.CIRCLE,
    "moderation.write_to": Door.MODERATOR,
    "moderation.messages": Door.CIRCLE,
    "moderation.concern": Door.CIRCLE,
    "moderation.send_concern": Door.CIRCLE,
    "moderation.write": Door.CIRCLE,
    "moderation.desk": Door.MODERATOR,
    "moderation.answer": Door.MODERATOR,
    "moderation.care": Door.MODERATOR,
    "moderation.looks": Door.MODERATOR,
    "moderation.ask_change": Door.MODERATOR,
    "moderation.turn_off": Door.MODERATOR,
    "moderation.hold_back": Door.MODERATOR,
    "moderation.year": Door.MODERATOR,
    "moderation.do": Door.MODERATOR,
}


def arguments(world):
    post_id = world.reply("ray", "To be looked at.")
    with world.app.test_request_context():
        standing = world.standing("ray")
        with unit_of_work():
            services.write(standing, "A word.", signed=False)
        [message_id] = [each.id for each in queries.own_messages(standing)]
        with unit_of_work():
            services.answer(
                world.standing("mo"), queries.flag(standing, message_id), "Password confirmed"
            )
        with unit_of_work():
            post = post_queries.post(standing, post_id)
            services.raise_flag(standing, post, FlagReason.UNKIND, "")
    return {"flag_id": message_id, "post_id": post_id}
