"""Another process on the same folder: it writes, searches or withdraws for a while."""

from time import monotonic
from traceback import format_exc

from config import TestConfig
from forum import create_app
from forum.circles.queries import enter
from forum.core.db import unit_of_work
from forum.core.randomness import new_id
from forum.discussions import posts, thread_queries
from forum.discussions.composer import ReplyWords
from forum.discussions.models import Reply
from forum.policy.terms import AuthorMode
from forum.search.queries import search
from tests.rows import row_of
from tests.world import MORNING


def work(folder, name, ids, seconds, tell):
    """Do one's part, then tell (name, how often, the error or none)."""
    app = create_app(TestConfig(folder / "instance"), clock=lambda: MORNING)
    done, error, stop = 0, None, monotonic() + seconds
    try:
        while monotonic() < stop:
            with app.app_context():
                _once(name, ids, done)
            done += 1
    except Exception:
        error = format_exc()
    tell.put((name, done, error))


def word_of(name, number):
    """A word of letters alone, with an ending that no stemmer takes off."""
    return f"{name}{''.join(chr(ord('a') + int(digit)) for digit in str(number))}x"


def _once(name, ids, done):
    standing = enter(ids["ray"], ids["rose"])
    word = word_of(name, done)
    if "reader" in name:
        search([standing], "kestrel")
        return
    reply_id = _reply(standing, ids["thread"], f"A kestrel and {word}")
    assert _found(standing, word) == [reply_id], f"{word} was not found by the next search"
    if name.startswith("taker"):
        with unit_of_work():
            posts.withdraw(standing, row_of(Reply, reply_id))
        assert _found(standing, word) == [], f"{word} was found after it was withdrawn"


def _reply(standing, thread_id, body):
    thread = thread_queries.thread(standing, thread_id)
    reply_id = new_id()
    with unit_of_work():
        posts.reply(standing, thread, reply_id, ReplyWords(body, AuthorMode.OWN_NAME))
    return reply_id


def _found(standing, word):
    results = search([standing], word)
    while results.behind:  # others were writing for a whole second
        results = search([standing], word)
    return [hit.post.id for hit in results.hits]
