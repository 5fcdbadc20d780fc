from tests.doors import Door

DOORS = {
    "discussions.index": Door.CIRCLE,
    "discussions.show": Door.CIRCLE,
    "discussions.answer": Door.CIRCLE,
    "discussions.reply": Door.CIRCLE,
    "discussions.your_words": Door.CIRCLE,
    "discussions.withdraw": Door.AUTHOR,
    "discussions.take_back": Door.CIRCLE,
}


def arguments(world):
    written = world.reply("ray", "I have been there.")
    return {"thread_id": world.ids["thread"], "reply_id": written, "post_id": written}
