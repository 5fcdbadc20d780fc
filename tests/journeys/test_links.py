"""Every reply has its link: pressed, it is copied where scripts run, and leads there where not."""

import pytest

from forum.core.tokens import short_id
from tests.journeys.visitor import PHONE


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_the_link_of_a_reply_is_copied_and_leads_there(forum, visit, scripts):
    for words in ("One", "Two", "Three"):
        post_id = forum.world.reply("fay", words)
    post_id = short_id(post_id)
    ray = visit(forum, size=PHONE, scripts=scripts)
    ray.sign_in("ray")
    ray.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ray.open(forum.world.thread)
    day = ray.page.locator(f"#post-{post_id} > p > a").first

    day.click()

    assert ray.page.url.endswith(f"{forum.world.thread}#post-{post_id}")
    headings = ray.page.get_by_role("heading", name="Reply by Dr Fay", level=2)
    assert headings.count() >= 3
    if scripts:
        ray.page.get_by_text("Link copied").wait_for()
        copied = ray.page.evaluate("navigator.clipboard.readText()")
        ray.open(copied)
        assert ray.page.url.endswith(f"#post-{post_id}")
