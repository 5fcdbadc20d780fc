"""What a first visit costs: bytes, requests, and words that jump while one reads."""

import pytest

from tests.journeys.visitor import PHONE
from tests.web.test_look import ROOT

HTML_MOST, VISIT_MOST, SCRIPTS_MOST = 60_000, 100_000, 15_000  # bytes; of a visit, as sent
SENTENCE = "I went back over it on the way home, and again on Sunday, and it was still there. "
JUMPED = """() => new Promise(done => {
  let whole = 0
  new PerformanceObserver(seen => seen.getEntries().forEach(each => { whole += each.value }))
    .observe({ type: "layout-shift", buffered: true })
  setTimeout(() => done(whole), 300)
})"""


@pytest.fixture(scope="module")
def thread(forum):
    """The address of a thread of 50 posts, each of some 70 words."""
    world = forum.world
    thread_id = world.present("pru", "A long evening", SENTENCE * 8)
    for place in range(49):
        world.reply(("ray", "mo", "fay", "ivy")[place % 4], SENTENCE * 4, thread_id=thread_id)
    return f"/circles/{world.ids['rose']}/threads/{thread_id}"


def visited(person, url):
    """What was sent on a first visit: kind of file -> bytes on the line.

    Each file once: its cache switched off, a browser may ask again for its icon.
    """
    session = person.page.context.new_cdp_session(person.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    files, sent = {}, {}
    session.on(
        "Network.responseReceived",
        lambda e: files.setdefault(e["requestId"], (e["response"]["url"], e["type"])),
    )
    session.on(
        "Network.loadingFinished",
        lambda e: sent.__setitem__(e["requestId"], e["encodedDataLength"]),
    )
    person.page.goto(url, wait_until="networkidle")
    sizes = {files.get(request, (request, "Other")): size for request, size in sent.items()}
    whole = {}
    for (_, kind), size in sizes.items():
        whole[kind] = whole.get(kind, 0) + size
    return whole


@pytest.mark.parametrize("place", ["home", "circle", "thread", "composer", "search"])
def test_a_first_visit_is_light_and_nothing_jumps(forum, visit, thread, place):
    circle = f"/circles/{forum.world.ids['rose']}"
    url = {
        "home": "/",
        "circle": f"{circle}/",
        "thread": thread,
        "composer": f"{circle}/write",
        "search": "/search",
    }[place]
    person = visit(forum, size=PHONE)
    person.sign_in("ray")

    sent = visited(person, url)

    print(place, sent)
    assert sent["Document"] <= HTML_MOST, sent
    assert sent.get("Script", 0) <= SCRIPTS_MOST, sent
    assert sum(sent.values()) <= VISIT_MOST, sent
    assert sent["Font"] < 40_000
    assert person.page.evaluate(JUMPED) == 0
    person.look()


def test_all_scripts_together_are_small_and_put_no_html_into_a_page():
    scripts = {file.name: file.read_text() for file in (ROOT / "static/js").glob("*.js")}

    assert sum(len(words.encode()) for words in scripts.values()) < SCRIPTS_MOST
    for name, words in scripts.items():
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert way not in words, name
