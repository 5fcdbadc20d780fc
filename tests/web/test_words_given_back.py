"""Words sent to what is not there stand on the error page, for their sender to copy."""

from uuid import UUID, uuid4

import pytest

from tests.page import Page
from tests.routes import parts_of, routes_of

TYPED = "The kettle was on.\n\n<b>She laughed.</b>"


def absent(part):
    """A part of an address that leads nowhere."""
    return uuid4() if isinstance(part, UUID) else 99 if isinstance(part, int) else part


def refused(world, token=None, *, takes_words):
    """Answers to words sent to each form whose address has parts that are not there.

    token: against forgery, the session's own unless given. takes_words: of forms for words, or of
    buttons.
    """
    parts = {name: absent(part) for name, part in parts_of(world).items()}
    views, found = world.app.view_functions, []
    for endpoint, method, url in routes_of(world, parts, "mo"):
        if method == "POST" and hasattr(views[endpoint], "keeps_text") == takes_words:
            client = world.client("mo")  # some buttons end a session
            own = client.tokens("/")["csrf_token"] if token is None else token
            sent = {"body": TYPED, "words": TYPED, "learned": TYPED, "version": "0" * 64}
            found.append(client.post(url, data={"csrf_token": own} | sent))
    return [answer for answer in found if answer.status_code in (403, 404)]


def test_words_sent_to_what_is_not_there_are_given_back(world):
    """Fails when a form whose target went takes what was typed along with it."""
    answers = refused(world, takes_words=True)

    assert len(answers) > 20
    for answer in answers:
        assert [each.text for each in Page(answer).all("pre")] == [" ".join(TYPED.split())] * 3
        assert "<b>" not in answer.text


@pytest.mark.parametrize("token", ["", "old"])
def test_another_site_puts_no_words_on_an_error_page(world, token):
    answers = refused(world, token, takes_words=True)

    assert len(answers) > 20
    assert not any("kettle" in answer.text for answer in answers)


def test_a_press_is_answered_by_the_status_alone(world):
    answers = refused(world, takes_words=False)

    assert len(answers) > 20
    assert not any("kettle" in answer.text for answer in answers)


@pytest.mark.parametrize("url", ["/learning/99", "/circles/{absent}/moderators"])
def test_a_form_too_long_for_what_is_not_there_is_not_found(world, url):
    """Fails when an error page reads a form that nothing before it had to read."""
    client = world.client("ray")
    sent = client.tokens("/") | {"words": "word " * 500_000}

    answer = client.post(url.format(absent=uuid4()), data=sent)

    assert answer.status_code == 404
    assert "<pre" not in answer.text


@pytest.mark.parametrize("typed", ["她昨晚走了。我一直在想。", "Vergänglichkeit"])
def test_words_without_a_blank_are_given_back_too(world, typed):
    """Fails when a text is taken for a token since its language has no blanks."""
    ray = world.client("ray")
    sent = ray.tokens("/") | {"body": typed, "do": "own_name", "form_key": "f" * 32}

    answer = ray.post(f"/circles/{world.ids['rose']}/threads/{uuid4()}/answer/x", data=sent)

    assert answer.status_code == 404
    assert [each.text for each in Page(answer).all("pre")] == [typed]
