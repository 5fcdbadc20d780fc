"""On a phone: a chart from a spreadsheet and a quoted mail are pasted, read, quoted and found."""

import pytest

from tests.journeys.visitor import PHONE

CHART = "Drug\tMorning\tNight\nAmlodipine besilate\t\t5 mg\nRamipril\t10 mg\t"
MAIL = "On Monday Fay wrote:\n> He had\n> 38.5 at noon and\n> 2 doses since.\n\nStill >38.5 now."
LONG_LIST = "\n".join(f"{number}. take" for number in (1, 99, 100, 1_234_567, 999_999_999))
ARABIC = "\u0627\u0644\u0645\u0631\u064a\u0636 \u0628\u062e\u064a\u0631 5/7."
WHERE = """words => {
    const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const range = document.createRange(), at = walker.currentNode.data.indexOf(words);
        if (at < 0 || walker.currentNode.parentElement.closest("textarea")) continue;
        range.setStart(walker.currentNode, at);
        range.setEnd(walker.currentNode, at + words.length);
        const {left, right} = range.getBoundingClientRect();
        return [left, right];
    }
}"""


@pytest.fixture(params=[True, False], ids=["scripts on", "scripts off"])
def ray(forum, visit, request):
    ray = visit(forum, size=PHONE, scripts=request.param)
    ray.sign_in("ray")
    return ray


def test_a_pasted_chart_is_read_quoted_and_found(forum, ray):
    """Fails when a dose stands under another hour on the page, or in the quotation."""
    ray.open(forum.world.thread)
    ray.follow("Reply")
    ray.write(body=f"{CHART}\n\n{MAIL}")
    ray.press("Reply as Dr Ray")
    ray.choose("I have looked at these.")  # Fay wrote the mail
    ray.press("Post as Dr Ray")

    left, right = ray.page.evaluate(WHERE, "5 mg")
    night = ray.page.evaluate(WHERE, "Night")
    assert left == night[0]
    assert right <= PHONE["width"]
    assert ray.page.locator("blockquote").last.inner_text().split("\n") == [
        "He had",
        "38.5 at noon and",
        "2 doses since.",
    ]
    assert "Still >38.5 now." in ray.words

    ray.page.locator("article", has_text="Amlodipine").last.get_by_role(
        "button", name="Quote"
    ).click()
    assert ray.typed("excerpt").startswith(CHART)
    ray.write(excerpt="\n".join(CHART.split("\n")[:2]), body="Every night?")
    ray.press("Reply as Dr Ray")
    cells = ray.page.locator(".excerpt td").all_inner_texts()
    assert cells[-6:] == ["Drug", "Morning", "Night", "Amlodipine besilate", "", "5 mg"]

    ray.open(f"/circles/{forum.world.ids['rose']}/")
    ray.write(words="amlodipine 5")
    ray.press("Search this circle")
    assert "Amlodipine besilate 5 mg" in ray.words


def test_long_numbers_and_other_scripts_stay_on_the_screen(forum, ray):
    """Fails when the number of a long list's item hangs out of the page's left side."""
    ray.open(forum.world.thread)
    ray.follow("Reply")
    ray.write(body=f"{LONG_LIST}\n\n{ARABIC}")
    ray.press("Reply as Dr Ray")

    items = ray.page.locator("ol > li")
    styles = items.evaluate_all("all => all.map(li => getComputedStyle(li).listStylePosition)")
    assert set(styles) == {"inside"}
    arabic = ray.page.locator("p", has_text=ARABIC).last
    assert arabic.evaluate("p => getComputedStyle(p).direction") == "rtl"
    assert ray.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
