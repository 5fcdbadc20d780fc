"""Somebody asks that a moderator writes to them: every moderator hears at once, and of nothing."""

import pytest

from forum.mail import outbox as mail
from forum.policy.terms import AuthorMode
from tests.moderation.test_notes import contact, heavy
from tests.notifications.post import arrived
from tests.postoffice import PostOffice

CANARIES = ("Rose", "Ray", "Torn between", "go on like this", "hidden", "circle")


@pytest.mark.leaks
@pytest.mark.parametrize("mode", [AuthorMode.OWN_NAME, AuthorMode.THREAD_PSEUDONYM])
def test_moderators_hear_at_once_without_a_name_or_a_word(world, mode):
    client, page = heavy(world, mode)
    url, token = contact(page)
    with PostOffice() as office:
        office.serves(world, SITE_URL="https://forum.example.org")
        client.submit(url, token=token)
        with world.app.app_context():
            mail.send_due()

        [email] = office.letters
        assert arrived(world, office) == ["mo"]
        assert "Something is waiting for you" in email["Subject"]
        assert not [word for word in CANARIES if word in str(email)]


def test_without_mail_the_desk_alone_says_so(world):
    client, page = heavy(world, AuthorMode.OWN_NAME)
    url, token = contact(page)

    assert client.submit(url, token=token).status_code == 303
