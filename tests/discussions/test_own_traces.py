"""The history of a shared computer reveals no masked post written there."""

import re
from base64 import urlsafe_b64decode
from uuid import UUID, uuid4

import pytest

from forum.core.tokens import id_of_short, short_id
from tests.page import Page
from tests.world import EVENING

ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
TOLD = {"template": "free", "field_story": "Words", "title": "A visit", "wish": "hear_me_out"}


def addresses(world):
    """Addresses visited while writing and changing a masked reflection and a masked reply."""
    ray, circle = world.client("ray"), f"/circles/{world.ids['rose']}"
    composer = ray.get(f"{circle}/write").location
    hidden = TOLD | {"mode": "thread_pseudonym", "do": "look"}
    looked = ray.post(composer, data=ray.tokens(composer) | hidden).location
    answering = ray.get(f"{world.thread}/answer").location
    answered = ray.answer(world.thread, body="From behind", do="thread_pseudonym").location
    way = [composer, looked, answering, answered]
    way += [ray.submit(url).location for url in (looked, answered)]
    links = [each.get("href", "") for each in Page(ray.get(f"{circle}/your-words")).all("a")]
    return [*way, *(link for link in links if link.endswith("/edit"))]


def decoded(url):
    """An address, followed by the ids decoded from its parts."""
    parts = [part for part in re.split("[/#?]", url) if re.fullmatch(r"[\w-]{43}", part)]
    return " ".join([url, *(str(UUID(bytes=urlsafe_b64decode(f"{p}=")[:16])) for p in parts)])


@pytest.mark.leaks
def test_no_address_reveals_a_masked_post_id(world):
    visited = addresses(world)
    world.moment = EVENING
    mo = world.client("mo")
    pages = [mo.get(world.thread).text, mo.get(f"/circles/{world.ids['rose']}/").text]

    posts = set(ID.findall("".join(pages))) | {
        str(id_of_short(each["id"].removeprefix("post-")))
        for each in Page(pages[0]).all("article", cls="reply")
    }
    posts -= {str(world.ids["rose"]), str(world.ids["thread"])}
    assert len(posts) >= 2
    assert len(visited) == 8
    forms = posts | {short_id(UUID(post)) for post in posts}
    assert not [url for url in visited if any(form in decoded(url) for form in forms)]
    assert not [url for url in visited if mo.get(url).status_code == 200 and "/edit" in url]


def test_forged_address_opens_nothing(world):
    ray = world.client("ray")
    reply_id = world.reply("ray", "A kestrel")
    edit = world.url("discussions.edit", post_id=reply_id)
    look = world.url("discussions.look", draft_id=uuid4())

    assert ray.get(edit).status_code == 200
    assert ray.get(edit.replace(edit.split("/")[4], str(reply_id))).status_code == 404
    assert ray.get(edit.replace("/posts/", "/posts/A", 1)).status_code == 404
    assert ray.get(look).status_code == 404
