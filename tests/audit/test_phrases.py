"""Sentences of the log: whole, whatever a line holds."""

import pytest
from flask_babel import force_locale

from forum.audit.actions import Actor, Deed
from forum.audit.phrases import sentence
from forum.audit.queries import LoggedAction


@pytest.mark.parametrize("deed", Deed)
@pytest.mark.parametrize("actor", Actor)
def test_a_sentence_is_whole(world, deed, actor):
    with world.app.test_request_context():
        said = sentence(LoggedAction(deed, actor, "Calm Moor", "2026-03-02"))
        bare = sentence(LoggedAction(deed, actor)) if deed in WITHOUT_REASON else ""

    assert said.endswith(".")
    assert "%(" not in said + bare
    assert ": ." not in bare


def test_a_name_that_sounds_like_a_setting_stays_a_name(world):
    with world.app.test_request_context():
        said = sentence(LoggedAction(Deed.THREAD_PINNED, Actor.MODERATOR, "topics"))
        role = sentence(LoggedAction(Deed.ROLE_GIVEN, Actor.MODERATOR, "facilitator"))
        with force_locale("fr_CA"):
            french = sentence(LoggedAction(Deed.THREAD_PINNED, Actor.MODERATOR, "rules"))

    assert said == "A moderator pinned a thread started by topics."
    assert role == "A moderator made someone a facilitator."
    assert "rules" in french


WITHOUT_REASON = (Deed.KEYS_ROTATED, Deed.RESTORED, Deed.BACKED_UP, Deed.SET_UP)
