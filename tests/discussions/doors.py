from forum.authors.queries import everyday
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import drafts, name_notes, year_themes
from forum.discussions.composer import ReplyWords
from forum.discussions.models import Thread
from tests.doors import Door
from tests.rows import row_of

DOORS = {
    "discussions.home": Door.ACCOUNT,
    "discussions.with_masks": Door.MEMBER,
    "discussions.where": Door.MEMBER,
    "discussions.next_unread": Door.MEMBER,
    "discussions.read_all": Door.MEMBER,
    "discussions.unread_again": Door.MEMBER,
    "discussions.saved": Door.MEMBER,
    "discussions.my_drafts": Door.MEMBER,
    "discussions.hidden_drafts": Door.MEMBER,
    "discussions.unread": Door.CIRCLE,
    "discussions.keep_thread": Door.CIRCLE,
    "discussions.content_note": Door.CIRCLE,
    "discussions.suggest_note": Door.CIRCLE,
    "discussions.index": Door.CIRCLE,
    "discussions.show": Door.CIRCLE,
    "discussions.post": Door.CIRCLE,
    "discussions.copy_own": Door.CIRCLE,
    "discussions.year_themes": Door.CIRCLE,
    "discussions.write_themes": Door.MODERATOR,
    "discussions.remove_themes": Door.MODERATOR,
    "discussions.acknowledge": Door.CIRCLE,
    "discussions.write": Door.CIRCLE,
    "discussions.compose": Door.CIRCLE,
    "discussions.keep": Door.CIRCLE,
    "discussions.answer": Door.CIRCLE,
    "discussions.answer_on": Door.CIRCLE,
    "discussions.reply": Door.CIRCLE,
    "discussions.act": Door.CIRCLE,
    "discussions.look": Door.OWN,
    "discussions.publish": Door.OWN,
    "discussions.discarding": Door.OWN,
    "discussions.discard": Door.OWN,
    "discussions.round_of": Door.CIRCLE,
    "discussions.rounds": Door.MODERATOR,
    "discussions.move_round": Door.CIRCLE,
    "discussions.not_now": Door.CIRCLE,
    "discussions.ask_no_more": Door.CIRCLE,
    "discussions.take_learning_offer": Door.CIRCLE,
    "discussions.rest_learning_offer": Door.CIRCLE,
    "discussions.own_round": Door.OWN,
    "discussions.revealing": Door.OWN,
    "discussions.reveal": Door.OWN,
    "discussions.move_own_round": Door.OWN,
    "discussions.own_posts": Door.CIRCLE,
    "discussions.edit": Door.OWN,
    "discussions.amend": Door.OWN,
    "discussions.withdraw": Door.OWN,
    "discussions.withdrawing": Door.OWN,
    "discussions.withdrawn": Door.OWN,
    "discussions.undo": Door.OWN,
    "discussions.keep_post": Door.OWN,
    "discussions.messages": Door.CIRCLE,
    "discussions.drop_message": Door.OWN,
    "discussions.answer_note": Door.HIDDEN_ID,
}
LAST = ["discussions.discard", "discussions.drop_message", "discussions.withdraw"]


def arguments(world):
    draft_id = new_draft(world)
    with world.app.app_context():
        name = everyday(world.standing("ray"))
        with unit_of_work():
            name_notes.write(world.standing("mo"), name, "We read it.")
        [note] = name_notes.own(world.standing("ray"), masks=False)
        note_id = note.id
        with unit_of_work():
            fay = world.standing("fay")
            year_themes.write(fay, world.moment.year, "We waited more.", "0")
        [version] = year_themes.themes(fay, world.moment.year).versions
        version_id = version.id
    return {
        "version_id": version_id,
        "note_id": note_id,
        "thread_id": world.ids["thread"],
        "post_id": world.reply("ray", "I have been there."),
        "draft_id": draft_id,
    }


def new_draft(world):
    """Create a draft of Ray's reply to the thread."""
    with world.app.app_context():
        standing, draft_id = world.standing("ray"), new_id()
        with unit_of_work():
            drafts.save(
                standing,
                draft_id,
                ReplyWords("Half a thought"),
                row_of(Thread, world.ids["thread"]),
            )
        return draft_id
