"""A circle gathered in one sitting: nine links copied and shared, or one link for a whole group."""

from time import monotonic

import pytest
from playwright.sync_api import expect

from tests.circles.test_invite import NINE
from tests.journeys.visitor import PHONE
from tests.world import PASSWORD

TWO_MINUTES = 120  # seconds
SHARES = """navigator.share = async given => {
  if (given.text.includes("refused")) throw new DOMException("no", "NotAllowedError")
  if (!window.shared) { window.shared = []; throw new DOMException("closed", "AbortError") }
  window.shared.push(given.text)
}"""


@pytest.fixture
def mo(forum, visit):
    mo = visit(forum, size=PHONE)
    mo.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mo.page.add_init_script(SHARES)
    mo.sign_in("mo")
    return mo


def test_nine_are_invited_in_under_two_minutes(forum, mo):
    began = monotonic()
    mo.open(f"/circles/{forum.world.ids['rose']}/invite")
    mo.write(for_whom="\n".join(NINE), words="Do join.")
    mo.press("Make links to send yourself")
    rows, copied = mo.page.locator(".link-rows > li"), []
    expect(rows).to_have_count(9)
    for row in rows.all():
        row.get_by_role("button", name="Copy").click()
        expect(row.get_by_role("status")).to_have_text("Copied")
        copied.append(mo.page.evaluate("navigator.clipboard.readText()"))
    took = monotonic() - began

    print(f"nine links made and copied in {took:.1f} s")
    assert took < TWO_MINUTES
    assert len({text.rsplit("/", 1)[1] for text in copied}) == 9
    assert all(text.startswith("Do join.") for text in copied)
    mo.follow("Done")
    assert "Nadia Petrova" in mo.words


def test_a_link_is_shared_and_says_so(forum, mo):
    mo.open(f"/circles/{forum.world.ids['rose']}/invite")
    mo.write(for_whom="Nadia")
    mo.press("Make links to send yourself")
    share, said = mo.page.get_by_role("button", name="Share"), mo.page.get_by_role("status")

    share.click()
    expect(said).to_have_text("")  # closed without choosing anybody
    share.click()
    expect(said).to_have_text("Shared")

    [text] = mo.page.evaluate("window.shared")
    assert text.endswith(mo.said(".way"))
    mo.page.get_by_text("QR code").click()
    expect(mo.page.locator("svg.qr-code")).to_be_visible()
    mo.look()


def test_without_script_a_link_is_selected_whole(forum, visit):
    mo = visit(forum, size=PHONE, scripts=False)
    mo.sign_in("mo")
    mo.open(f"/circles/{forum.world.ids['rose']}/invite")
    mo.press("Make links to send yourself")

    assert not mo.page.get_by_role("button", name="Copy").is_visible()
    mo.page.locator(".way").click()
    assert "/join/" in mo.said(".way")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts on", "scripts off"])
def test_a_group_link_leads_to_a_first_read_with_a_nod_between(forum, visit, scripts):
    circle, name = f"/circles/{forum.world.ids['oak']}", f"Ana {scripts}"
    thread_id = forum.world.present("nan", "At dusk", "A first story.", circle="oak")
    began = monotonic()
    nan, ana = (visit(forum, size=PHONE, scripts=scripts) for _ in range(2))
    nan.sign_in("nan")
    nan.open(f"{circle}/invite")
    nan.press("Make a group link")
    link = nan.said(".way")

    ana.open(link)
    ana.choose("I am a clinician.")
    ana.write(name=name, email=f"ana{scripts}@example.org")
    ana.press("Ask to join")
    assert "A moderator of this circle will say yes when they know you." in ana.words
    ana.follow("Look again")
    assert "say yes" in ana.words

    nan.open("/")
    nan.follow("1 item to look at")
    nan.follow("See who")
    nan.press(f"Yes, I know them {name}")
    assert "Yes. They can join now" in nan.words
    assert name not in nan.words

    ana.reload()
    ana.write(password=PASSWORD)
    ana.press("Join")
    ana.choose(name)
    ana.press("Use this name")
    ana.open(f"{circle}/threads/{thread_id}")
    assert "A first story." in ana.words
    print(f"from first press to first read in {monotonic() - began:.1f} s")
    nan.open(f"{circle}/invite")
    nan.press("End this link")
    ana.open(link)
    assert "This link no longer works" in ana.page.content()
