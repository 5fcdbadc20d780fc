"""Sentences of the log: whole, whatever a line holds."""

import pytest

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


WITHOUT_REASON = (Deed.KEYS_ROTATED, Deed.RESTORED, Deed.BACKED_UP, Deed.SET_UP)
